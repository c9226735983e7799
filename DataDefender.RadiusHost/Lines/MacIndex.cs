using System.Collections.Concurrent;
using DataDefender.Domain.Subscriptions;

namespace DataDefender.RadiusHost.Lines;

/// <summary>Lines by the MAC addresses that they are locked to. Kept only for a company that takes logins by MAC address. Read from any thread, written by the feed.</summary>
internal sealed class MacIndex
{
    private readonly ConcurrentDictionary<ulong, Subscriber[]> _lines = new();

    /// <summary>More than one when somebody gave several lines the same address.</summary>
    public ReadOnlySpan<Subscriber> Find(ulong mac) => _lines.TryGetValue(mac, out var lines) ? lines : default;

    public void Add(Subscriber line)
    {
        foreach (var mac in AddressesOf(line))
        {
            _lines.AddOrUpdate(mac, static (_, added) => [added], static (_, known, added) => [.. known.Where(l => l.Line != added.Line), added], line);
        }
    }

    public void Remove(Subscriber line)
    {
        foreach (var mac in AddressesOf(line))
        {
            if (_lines.TryGetValue(mac, out var known))
            {
                Subscriber[] left = [.. known.Where(l => l.Line != line.Line)];
                if (left.Length > 0)
                {
                    _lines[mac] = left;
                }
                else
                {
                    _lines.TryRemove(mac, out _);
                }
            }
        }
    }

    // A line that has ended leaves its equipment to another.
    private static HashSet<ulong> AddressesOf(Subscriber line)
    {
        var addresses = new HashSet<ulong>();
        if (line.State is SubscriptionState.Disconnected)
        {
            return addresses;
        }

        if (line.CallerLock != 0)
        {
            addresses.Add(line.CallerLock);
        }

        if (line.Binding is { MoreCallers: var more })
        {
            foreach (var text in more)
            {
                if (MacAddress.TryRead(text, out var mac))
                {
                    addresses.Add(mac);
                }
            }
        }

        return addresses;
    }
}
