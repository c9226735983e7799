using System.Collections.Concurrent;
using System.Collections.Immutable;
using DataDefender.Domain.Network;

namespace DataDefender.Domain.Monitoring;

/// <summary>One interface of a router at one poll. Rates are bits per second over the last interval, null until there are two readings.</summary>
public sealed record InterfaceReading(string Name, string Type, bool Running, bool Disabled, long RxBytes, long TxBytes, double? RxBitsPerSecond, double? TxBitsPerSecond, long Errors, long LinkDowns);

/// <summary>
/// What one poll of a router said. Percentages are 0–100, memory in bytes, rates in bits per second. A value that was not read is null:
/// missing is unknown, never zero.
/// </summary>
public sealed record RouterSnapshot(
    Guid TenantId,
    Guid RouterId,
    string Name,
    DateTime At,
    RouterState State,
    string? Reason,
    DateTime? LastSeenAt,
    int? CpuPercent,
    long? MemoryUsed,
    long? MemoryTotal,
    TimeSpan? Uptime,
    int? ActiveSessions,
    double? RxBitsPerSecond,
    double? TxBitsPerSecond,
    double? AnswerMilliseconds,
    ImmutableArray<InterfaceReading> Interfaces)
{
    /// <summary>Degrees Celsius of the board, or of the processor where that is all it measures.</summary>
    public double? Temperature { get; init; }

    public double? Voltage { get; init; }

    /// <summary>When the certificate of its API ends; null without TLS.</summary>
    public DateTime? CertificateExpiresAt { get; init; }
}

/// <summary>One point of a chart.</summary>
public readonly record struct MetricPoint(DateTime At, double? Value);

/// <summary>
/// The newest of everything that the NOC sees live, in this process. Filled by the poller and the RADIUS pulse, read by dashboards.
/// Reading and watching are by tenant, so that a screen cannot subscribe to another company.
/// </summary>
public sealed class LiveMetrics
{
    /// <summary>How many points of history each series keeps: an hour at one in ten seconds.</summary>
    public const int HistoryPoints = 360;

    private readonly ConcurrentDictionary<(Guid Tenant, Guid Router), RouterRing> _routers = new();
    private readonly ConcurrentDictionary<Guid, PulseHistory> _pulses = new();
    private ImmutableArray<Subscription> _watchers = [];
    private volatile RadiusFeed _feed = RadiusFeed.NotYet;

    /// <summary>Whether RadiusHost is heard at all: without that the pulses are old and say nothing about now.</summary>
    public RadiusFeed Feed => _feed;

    public IReadOnlyList<RouterSnapshot> Latest(Guid tenantId) =>
        [.. _routers.Where(r => r.Key.Tenant == tenantId).Select(r => r.Value.Latest).OfType<RouterSnapshot>().OrderBy(s => s.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>Those of which anything is known; for background work that goes on in each one's scope.</summary>
    public IReadOnlyCollection<Guid> Companies() => [.. _routers.Keys.Select(k => k.Tenant).Concat(_pulses.Keys).Distinct()];

    public RouterSnapshot? Latest(Guid tenantId, Guid routerId) => _routers.GetValueOrDefault((tenantId, routerId))?.Latest;

    /// <summary>The snapshots of the last hour, oldest first; since the start of this process.</summary>
    public IReadOnlyList<RouterSnapshot> History(Guid tenantId, Guid routerId) =>
        _routers.GetValueOrDefault((tenantId, routerId))?.All() ?? [];

    /// <summary>The newest second, or null when RadiusHost has never counted for this company.</summary>
    public RadiusPulse? Pulse(Guid tenantId) => _pulses.GetValueOrDefault(tenantId)?.Latest;

    /// <summary>The last two minutes, second by second, oldest first.</summary>
    public IReadOnlyList<RadiusPulse> PulseSeconds(Guid tenantId) => _pulses.GetValueOrDefault(tenantId)?.Seconds() ?? [];

    /// <summary>The last hour in steps of ten seconds, oldest first; each step is the mean of the seconds that were counted in it.</summary>
    public IReadOnlyList<RadiusPulse> PulseHistory(Guid tenantId) => _pulses.GetValueOrDefault(tenantId)?.Hour() ?? [];

    /// <summary>What RadiusHost has heard of each NAS of the company, by the NAS's id.</summary>
    public IReadOnlyDictionary<Guid, NasPulse> NasPulses(Guid tenantId) => _pulses.GetValueOrDefault(tenantId)?.Nas ?? ImmutableDictionary<Guid, NasPulse>.Empty;

    /// <summary>The same for the last minute alone; less while it was heard for less.</summary>
    public IReadOnlyDictionary<Guid, NasPulse> NasMinutes(Guid tenantId) => _pulses.GetValueOrDefault(tenantId)?.NasMinute() ?? ImmutableDictionary<Guid, NasPulse>.Empty;

    public void Publish(RouterSnapshot snapshot)
    {
        _routers.GetOrAdd((snapshot.TenantId, snapshot.RouterId), static _ => new RouterRing()).Add(snapshot);
        Announce(snapshot.TenantId);
    }

    public void Publish(Guid tenantId, RadiusPulse pulse)
    {
        _pulses.GetOrAdd(tenantId, static _ => new PulseHistory()).Add(pulse);
        Announce(tenantId);
    }

    /// <param name="at">When it was heard, UTC.</param>
    public void Publish(Guid tenantId, IEnumerable<NasPulse> nas, DateTime at) =>
        _pulses.GetOrAdd(tenantId, static _ => new PulseHistory()).Add(at, nas.ToImmutableDictionary(n => n.NasId));

    /// <summary>Says whether RadiusHost is heard; everybody's screens change with it.</summary>
    public void Publish(RadiusFeed feed)
    {
        var before = _feed;
        _feed = feed;
        if (before.Problem != feed.Problem || !before.Hosts.Select(h => h.Problem).SequenceEqual(feed.Hosts.Select(h => h.Problem)))
        {
            foreach (var watcher in _watchers)
            {
                watcher.Changed();
            }
        }
    }

    public void Forget(Guid tenantId, Guid routerId)
    {
        _routers.TryRemove((tenantId, routerId), out _);
        Announce(tenantId);
    }

    /// <summary>Tells the watchers of a company that something they show has changed (a line command was carried out, an event came).</summary>
    public void Announce(Guid tenantId)
    {
        foreach (var watcher in _watchers)
        {
            if (watcher.TenantId == tenantId)
            {
                watcher.Changed();
            }
        }
    }

    /// <summary>Calls <paramref name="changed"/> on each news of the company, from any thread, until the returned subscription is disposed.</summary>
    public IDisposable Watch(Guid tenantId, Action changed)
    {
        var subscription = new Subscription(this, tenantId, changed);
        ImmutableInterlocked.Update(ref _watchers, static (all, s) => all.Add(s), subscription);
        return subscription;
    }

    private sealed class RouterRing
    {
        private readonly Lock _lock = new();
        private readonly Queue<RouterSnapshot> _items = new();

        public RouterSnapshot? Latest { get; private set; }

        public void Add(RouterSnapshot item)
        {
            lock (_lock)
            {
                Latest = item;
                _items.Enqueue(item);
                if (_items.Count > HistoryPoints)
                {
                    _items.Dequeue();
                }
            }
        }

        public IReadOnlyList<RouterSnapshot> All()
        {
            lock (_lock)
            {
                return [.. _items];
            }
        }
    }

    private sealed class Subscription(LiveMetrics owner, Guid tenantId, Action changed) : IDisposable
    {
        public Guid TenantId => tenantId;

        public void Changed() => changed();

        public void Dispose() => ImmutableInterlocked.Update(ref owner._watchers, static (all, s) => all.Remove(s), this);
    }
}
