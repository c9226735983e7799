using System.Net;
using System.Net.Sockets;

namespace DataDefender.RadiusHost.RadSec;

/// <summary>
/// The handshakes that are under way, of whoever connects. They take no place among the connections, so that strangers who connect and say
/// nothing keep no router out: a router is through in a moment, and when there are too many the one that has lasted the longest is given up.
/// </summary>
internal sealed class RadSecHandshakes(RadSecOptions options)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Handshake> _underWay = new();
    private readonly Dictionary<IPAddress, int> _bySource = [];

    /// <summary>Begins one; null when too many from there are under way.</summary>
    /// <param name="patience">Ended when the handshake has to be given up.</param>
    public Handshake? Begin(IPAddress address, CancellationTokenSource patience)
    {
        Handshake? oldest = null;
        var begun = new Handshake(this, SourceOf(address), patience);
        lock (_lock)
        {
            var fromThere = _bySource.GetValueOrDefault(begun.Source);
            if (fromThere >= options.RadSecConnectionsPerAddress)
            {
                return null;
            }

            if (_underWay.Count >= options.RadSecHandshakes)
            {
                oldest = _underWay.First!.Value;
                Remove(oldest);
            }

            _bySource[begun.Source] = _bySource.GetValueOrDefault(begun.Source) + 1;
            begun.Place = _underWay.AddLast(begun);
        }

        oldest?.GiveUp();
        return begun;
    }

    /// <summary>Whom an address belongs to: of IPv6 the first 64 bits, since everybody has at least so many addresses.</summary>
    public static IPAddress SourceOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily is not AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var octets = address.GetAddressBytes();
        Array.Clear(octets, 8, 8);
        return new IPAddress(octets);
    }

    private void Remove(Handshake handshake)
    {
        if (handshake.Place is not { } place)
        {
            return;
        }

        handshake.Place = null;
        _underWay.Remove(place);
        if (--_bySource[handshake.Source] == 0)
        {
            _bySource.Remove(handshake.Source);
        }
    }

    /// <summary>One that is under way until it is disposed of.</summary>
    internal sealed class Handshake(RadSecHandshakes all, IPAddress source, CancellationTokenSource patience) : IDisposable
    {
        public IPAddress Source { get; } = source;

        public LinkedListNode<Handshake>? Place { get; set; }

        public void GiveUp()
        {
            try
            {
                patience.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // it has just ended
            }
        }

        public void Dispose()
        {
            lock (all._lock)
            {
                all.Remove(this);
            }
        }
    }
}
