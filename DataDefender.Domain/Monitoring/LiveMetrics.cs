using System.Collections.Concurrent;
using System.Collections.Immutable;
using DataDefender.Domain.Network;

namespace DataDefender.Domain.Monitoring;

/// <summary>One interface of a router at one poll. Rates are bits per second over the last interval, null until there are two readings.</summary>
public sealed record InterfaceReading(string Name, string Type, bool Running, bool Disabled, long RxBytes, long TxBytes, double? RxBitsPerSecond, double? TxBitsPerSecond, long Errors, long LinkDowns)
{
    /// <summary>Since the reading before; null for the first, after a reset, and for an interface that counts none.</summary>
    public double? ErrorsPerMinute { get; init; }
}

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

    /// <summary>RouterOS's own licence; null until it was read, or where the router says nothing of it.</summary>
    public RouterLicence? Licence { get; init; }
}

/// <summary>RouterOS's own licence, as <c>/system/license</c> shows it: a RouterBOARD's never ends, a CHR's has to be renewed.</summary>
/// <param name="Level">4, 5, 6 of a RouterBOARD; free, p1, p10 or p-unlimited of a CHR.</param>
/// <param name="EndsAt">Until when it holds without being renewed, by the router's own clock; null for one that does not end.</param>
/// <param name="RenewsAt">When the router will next ask for it to be renewed, by its own clock.</param>
public sealed record RouterLicence(string Level, DateTime? EndsAt, DateTime? RenewsAt);

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

    private readonly ConcurrentDictionary<Guid, CompanyMetrics> _companies = new();
    private volatile RadiusFeed _feed = RadiusFeed.NotYet;

    /// <summary>Whether RadiusHost is heard at all: without that the pulses are old and say nothing about now.</summary>
    public RadiusFeed Feed => _feed;

    /// <summary>By name; the same list for everybody who asks, until the next reading comes.</summary>
    public IReadOnlyList<RouterSnapshot> Latest(Guid tenantId) => _companies.GetValueOrDefault(tenantId)?.Latest ?? [];

    /// <summary>Those of which anything is known; for background work that goes on in each one's scope.</summary>
    public IReadOnlyCollection<Guid> Companies() => [.. _companies.Where(c => c.Value.IsKnown).Select(c => c.Key)];

    public RouterSnapshot? Latest(Guid tenantId, Guid routerId) => _companies.GetValueOrDefault(tenantId)?.Of(routerId)?.Latest;

    /// <summary>The snapshots of the last hour, oldest first; since the start of this process.</summary>
    public IReadOnlyList<RouterSnapshot> History(Guid tenantId, Guid routerId) => _companies.GetValueOrDefault(tenantId)?.Of(routerId)?.All() ?? [];

    /// <summary>When the oldest reading that is kept was taken, UTC; null without any.</summary>
    public DateTime? OldestAt(Guid tenantId) => _companies.GetValueOrDefault(tenantId)?.OldestAt;

    /// <summary>
    /// The traffic of all routers of the company together in steps of ten seconds that end at <paramref name="until"/>. Worked out once for
    /// all screens that show the same span.
    /// </summary>
    public (IReadOnlyList<MetricPoint> Download, IReadOnlyList<MetricPoint> Upload) Traffic(Guid tenantId, TimeSpan span, DateTime until) =>
        _companies.GetValueOrDefault(tenantId)?.Traffic(span, until) ?? ([], []);

    /// <summary>The newest second, or null when RadiusHost has never counted for this company.</summary>
    public RadiusPulse? Pulse(Guid tenantId) => _companies.GetValueOrDefault(tenantId)?.Pulses?.Latest;

    /// <summary>The last two minutes, second by second, oldest first.</summary>
    public IReadOnlyList<RadiusPulse> PulseSeconds(Guid tenantId) => _companies.GetValueOrDefault(tenantId)?.Pulses?.Seconds() ?? [];

    /// <summary>The last hour in steps of ten seconds, oldest first; each step is the mean of the seconds that were counted in it.</summary>
    public IReadOnlyList<RadiusPulse> PulseHistory(Guid tenantId) => _companies.GetValueOrDefault(tenantId)?.Pulses?.Hour() ?? [];

    /// <summary>What RadiusHost has heard of each NAS of the company, by the NAS's id.</summary>
    public IReadOnlyDictionary<Guid, NasPulse> NasPulses(Guid tenantId) => _companies.GetValueOrDefault(tenantId)?.Pulses?.Nas ?? ImmutableDictionary<Guid, NasPulse>.Empty;

    /// <summary>The same for the last minute alone; less while it was heard for less.</summary>
    public IReadOnlyDictionary<Guid, NasPulse> NasMinutes(Guid tenantId) => _companies.GetValueOrDefault(tenantId)?.Pulses?.NasMinute() ?? ImmutableDictionary<Guid, NasPulse>.Empty;

    public void Publish(RouterSnapshot snapshot)
    {
        var company = Company(snapshot.TenantId);
        company.Add(snapshot);
        company.Announce(ofRadius: false);
    }

    public void Publish(Guid tenantId, RadiusPulse pulse)
    {
        var company = Company(tenantId);
        company.Counted().Add(pulse);
        company.Announce(ofRadius: true);
    }

    /// <param name="at">When it was heard, UTC.</param>
    public void Publish(Guid tenantId, IEnumerable<NasPulse> nas, DateTime at) =>
        Company(tenantId).Counted().Add(at, nas.ToImmutableDictionary(n => n.NasId));

    /// <summary>Says whether RadiusHost is heard; everybody's screens change with it.</summary>
    public void Publish(RadiusFeed feed)
    {
        var before = _feed;
        _feed = feed;
        if (before.Problem != feed.Problem || !before.Hosts.Select(h => h.Problem).SequenceEqual(feed.Hosts.Select(h => h.Problem)))
        {
            foreach (var company in _companies.Values)
            {
                company.Tell();
            }
        }
    }

    public void Forget(Guid tenantId, Guid routerId)
    {
        var company = Company(tenantId);
        company.Forget(routerId);
        company.Tell();
    }

    /// <summary>Tells the watchers of a company that something they show has changed (a line command was carried out, an event came).</summary>
    public void Announce(Guid tenantId) => Company(tenantId).Tell();

    /// <summary>Goes up with each <see cref="Announce"/>: whoever keeps what the database said knows by it when to ask again.</summary>
    public long Told(Guid tenantId) => _companies.GetValueOrDefault(tenantId)?.Told ?? 0;

    /// <summary>Calls <paramref name="changed"/> on each news of the company, from any thread, until the returned subscription is disposed.</summary>
    public IDisposable Watch(Guid tenantId, Action changed) => Company(tenantId).Watch(Readings.All, changed);

    /// <summary>The same for RADIUS's pulse and what is announced.</summary>
    public IDisposable WatchRadius(Guid tenantId, Action changed) => Company(tenantId).Watch(Readings.Radius, changed);

    /// <summary>
    /// The same for what is announced alone: for screens that read the database when told, and would ask it with each of a large fleet's
    /// readings otherwise.
    /// </summary>
    public IDisposable WatchChanges(Guid tenantId, Action changed) => Company(tenantId).Watch(Readings.None, changed);

    private CompanyMetrics Company(Guid tenantId) => _companies.GetOrAdd(tenantId, static _ => new CompanyMetrics());
}
