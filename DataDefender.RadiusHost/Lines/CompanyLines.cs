using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using DataDefender.Domain.Network;
using DataDefender.Domain.Tenancy;
using DataDefender.RadiusHost.Status;

namespace DataDefender.RadiusHost.Lines;

/// <summary>
/// One company's lines in memory. Logins read it from their thread without a lock or an allocation; only the feed writes it.
/// </summary>
internal sealed class CompanyLines(Guid tenantId, CompanyCounters counters)
{
    private const int MaxUsername = 253;

    private readonly LineTable<ReadOnlySpan<byte>, ByUsername> _byName = new();
    private readonly LineTable<Guid, BySubscription> _byId = new();
    private readonly ConcurrentDictionary<Guid, PackageLines> _packages = new();
    private volatile MacIndex? _byMac;

    public Guid TenantId { get; } = tenantId;

    public CompanyCounters Counters { get; } = counters;

    public CompanyStatus Status { get; set; }

    public NetworkSettings Settings { get; set; } = new(tenantId);

    /// <summary>In which days, hours of the day and windows of usage are meant.</summary>
    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>Who may log in to the routers themselves.</summary>
    public StaffLogins Staff { get; set; } = StaffLogins.None;

    /// <summary>Whether equipment may log in by its MAC address.</summary>
    public bool TakesMacLogins => _byMac is not null;

    /// <summary>What NAS send as the password of such a login; null for the address itself or nothing.</summary>
    public byte[]? MacPassword { get; private set; }

    public int Count => _byId.Count;

    public IEnumerable<Subscriber> Subscribers => _byId.Lines;

    public IEnumerable<PackageLines> Packages => _packages.Select(p => p.Value);

    /// <summary>Three reports missed: the session is taken for lost.</summary>
    public TimeSpan StaleAfter => TimeSpan.FromSeconds(3 * Settings.InterimSeconds);

    /// <summary>User names are compared in lower case, as they are stored.</summary>
    public bool TryFind(ReadOnlySpan<byte> username, [NotNullWhen(true)] out Subscriber? subscriber)
    {
        subscriber = null;
        Span<byte> lower = stackalloc byte[MaxUsername];
        if (username.Length > lower.Length)
        {
            return false;
        }

        // Ascii lowers what it can up to the first octet that is not ASCII; such names are stored as they were typed, lowered.
        return Ascii.ToLower(username, lower, out var length) is System.Buffers.OperationStatus.Done
            ? _byName.TryFind(lower[..length], out subscriber)
            : _byName.TryFind(username, out subscriber);
    }

    /// <summary>The line of a session, which may have been let in by its user name or by its MAC address.</summary>
    public bool TryFindOnline(ReadOnlySpan<byte> username, [NotNullWhen(true)] out Subscriber? subscriber) =>
        TryFind(username, out subscriber) || (MacAddress.TryRead(username, out var mac) && TryFindByMac(mac, out subscriber, out _));

    /// <summary>The one line that is locked to the address. <paramref name="ambiguous"/>: there are several, so it is nobody's.</summary>
    public bool TryFindByMac(ulong mac, [NotNullWhen(true)] out Subscriber? subscriber, out bool ambiguous)
    {
        var found = _byMac is { } index ? index.Find(mac) : default;
        (subscriber, ambiguous) = (found.Length == 1 ? found[0] : null, found.Length > 1);
        return subscriber is not null;
    }

    /// <summary>Switches logins by MAC address on or off; a password is needed for the shared rule, without which nobody gets in so.</summary>
    public void UseMacLogins(MacLoginRule rule, string? password)
    {
        if (rule is MacLoginRule.Off || (rule is MacLoginRule.SharedPassword && string.IsNullOrEmpty(password)))
        {
            (_byMac, MacPassword) = (null, null);
            return;
        }

        MacPassword = rule is MacLoginRule.SharedPassword ? Encoding.UTF8.GetBytes(password!) : null;
        if (_byMac is null)
        {
            var index = new MacIndex();
            foreach (var subscriber in Subscribers)
            {
                index.Add(subscriber);
            }

            _byMac = index;
        }
    }

    public Subscriber? Find(Guid subscriptionId) => _byId.TryFind(subscriptionId, out var subscriber) ? subscriber : null;

    public PackageLines Package(Guid id) => _packages.GetOrAdd(id, static key => new PackageLines(key));

    public void Put(Subscriber subscriber)
    {
        var old = Find(subscriber.Line.SubscriptionId);
        if (old is not null && !old.Username.AsSpan().SequenceEqual(subscriber.Username))
        {
            _byName.Remove(old);
        }

        if (_byMac is { } index)
        {
            if (old is not null)
            {
                index.Remove(old);
            }

            index.Add(subscriber);
        }

        _byName.Put(subscriber);
        _byId.Put(subscriber);
    }

    public void Remove(Guid subscriptionId)
    {
        if (Find(subscriptionId) is { } old)
        {
            _byMac?.Remove(old);
            _byId.Remove(old);
            _byName.Remove(old);
        }
    }
}
