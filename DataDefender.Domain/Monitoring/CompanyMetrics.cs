using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace DataDefender.Domain.Monitoring;

/// <summary>
/// What is live of one company, and who watches it. What all of its screens show alike (the routers by name, their traffic together) is
/// worked out once, by whoever asks first after it has changed.
/// </summary>
internal sealed class CompanyMetrics
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Guid, RouterRing> _routers = new();
    private readonly ConcurrentDictionary<TimeSpan, TrafficSum> _traffic = new();
    private readonly Lock _making = new();
    private ImmutableArray<Subscription> _watchers = [];
    private PulseHistory? _pulses;
    private long _version;
    private long _told;
    private volatile ByName? _byName;

    public PulseHistory? Pulses => Volatile.Read(ref _pulses);

    public bool IsKnown => !_routers.IsEmpty || Pulses is not null;

    /// <summary>How often it was told of something other than readings.</summary>
    public long Told => Interlocked.Read(ref _told);

    /// <summary>The newest of each router, by name.</summary>
    public IReadOnlyList<RouterSnapshot> Latest
    {
        get
        {
            // The version is read first: a reading that comes while the list is made leaves it old, and the next to ask makes it anew.
            var version = Interlocked.Read(ref _version);
            if (_byName is { } known && known.Version == version)
            {
                return known.Routers;
            }

            var made = new ByName(version, [.. _routers.Values.Select(r => r.Latest).OfType<RouterSnapshot>().OrderBy(s => s.Name, StringComparer.OrdinalIgnoreCase)]);
            _byName = made;
            return made.Routers;
        }
    }

    public DateTime? OldestAt
    {
        get
        {
            DateTime? oldest = null;
            foreach (var (_, ring) in _routers)
            {
                oldest = ring.OldestAt is { } at && !(oldest <= at) ? at : oldest;
            }

            return oldest;
        }
    }

    public RouterRing? Of(Guid routerId) => _routers.GetValueOrDefault(routerId);

    /// <summary>The sums over the span that ends then; kept until somebody asks for a later one.</summary>
    public (IReadOnlyList<MetricPoint> Download, IReadOnlyList<MetricPoint> Upload) Traffic(TimeSpan span, DateTime until)
    {
        if (_traffic.TryGetValue(span, out var known) && known.Until == until)
        {
            return (known.Download, known.Upload);
        }

        lock (_making)
        {
            if (_traffic.TryGetValue(span, out known) && known.Until == until)
            {
                return (known.Download, known.Upload);
            }

            var (download, upload) = TrafficHistory.Sum([.. _routers.Values.Select(r => r.All())], until - span, until, Step);
            _traffic[span] = new TrafficSum(until, download, upload);
            return (download, upload);
        }
    }

    public void Add(RouterSnapshot snapshot)
    {
        _routers.GetOrAdd(snapshot.RouterId, static _ => new RouterRing()).Add(snapshot);
        Interlocked.Increment(ref _version);
    }

    public void Forget(Guid routerId)
    {
        _routers.TryRemove(routerId, out _);
        Interlocked.Increment(ref _version);
    }

    /// <summary>The pulses, which begin with the first that is counted.</summary>
    public PulseHistory Counted() => Pulses ?? Interlocked.CompareExchange(ref _pulses, new PulseHistory(), null) ?? _pulses!;

    /// <summary>Something is another in the database, or with RADIUS as a whole.</summary>
    public void Tell()
    {
        Interlocked.Increment(ref _told);
        foreach (var watcher in _watchers)
        {
            watcher.Changed();
        }
    }

    /// <summary>There is a new reading.</summary>
    /// <param name="ofRadius">It is RADIUS's pulse; otherwise a router's snapshot.</param>
    public void Announce(bool ofRadius)
    {
        foreach (var watcher in _watchers)
        {
            if (watcher.Wants(ofRadius))
            {
                watcher.Changed();
            }
        }
    }

    public IDisposable Watch(Readings readings, Action changed)
    {
        var subscription = new Subscription(this, readings, changed);
        ImmutableInterlocked.Update(ref _watchers, static (all, s) => all.Add(s), subscription);
        return subscription;
    }

    private sealed record ByName(long Version, IReadOnlyList<RouterSnapshot> Routers);

    private sealed record TrafficSum(DateTime Until, IReadOnlyList<MetricPoint> Download, IReadOnlyList<MetricPoint> Upload);

    private sealed class Subscription(CompanyMetrics owner, Readings readings, Action changed) : IDisposable
    {
        public bool Wants(bool ofRadius) => readings is Readings.All || (ofRadius && readings is Readings.Radius);

        public void Changed() => changed();

        public void Dispose() => ImmutableInterlocked.Update(ref owner._watchers, static (all, s) => all.Remove(s), this);
    }
}

/// <summary>Which new readings a watcher wants to hear of.</summary>
internal enum Readings
{
    All,
    Radius,
    None,
}

/// <summary>The readings of one router over the last hour.</summary>
internal sealed class RouterRing
{
    private readonly Lock _lock = new();
    private readonly Queue<RouterSnapshot> _items = new();

    public RouterSnapshot? Latest { get; private set; }

    public DateTime? OldestAt
    {
        get
        {
            lock (_lock)
            {
                return _items.TryPeek(out var oldest) ? oldest.At : null;
            }
        }
    }

    public void Add(RouterSnapshot item)
    {
        lock (_lock)
        {
            Latest = item;
            _items.Enqueue(item);
            if (_items.Count > LiveMetrics.HistoryPoints)
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
