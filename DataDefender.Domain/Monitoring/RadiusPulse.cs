using System.Collections.Immutable;

namespace DataDefender.Domain.Monitoring;

/// <summary>
/// RADIUS of one company over one second, as RadiusHost counted it. Latencies are of logins, from the packet's arrival to its answer; null
/// when none was answered.
/// </summary>
public sealed record RadiusPulse(
    DateTime At, double AcceptsPerSecond, double RejectsPerSecond, double AccountingPerSecond, double? MedianMicroseconds, double? P99Microseconds, int OpenSessions, long JournalDepth)
{
    /// <summary>How many of the accepts went into the walled garden.</summary>
    public double WalledGardenPerSecond { get; init; }

    /// <summary>Requests that came again, logins and accounting together.</summary>
    public double DuplicatesPerSecond { get; init; }

    /// <summary>The rejects by reason, as counts.</summary>
    public ImmutableArray<OutcomeCount> Rejects { get; init; } = [];
}

/// <summary>What RadiusHost has heard of one NAS since it started.</summary>
/// <param name="LastSeenAt">The last packet with a right signature; null when there was none.</param>
/// <param name="BadAuthenticators">Packets whose signature did not fit: most often another secret on the NAS.</param>
public sealed record NasPulse(
    Guid NasId, DateTime? LastSeenAt, long Accepts, long Rejects, long Accounting, long BadAuthenticators, long Duplicates, bool MessageAuthenticatorSeen)
{
    /// <summary>The rejects by reason.</summary>
    public ImmutableArray<OutcomeCount> Reasons { get; init; } = [];

    /// <summary>Of its logins of the last minute, from the packet's arrival to its answer; null when none was answered.</summary>
    public double? MedianMicroseconds { get; init; }

    public double? P99Microseconds { get; init; }

    internal NasPulse Since(NasPulse? before) => before is null || before.Accepts > Accepts || before.Accounting > Accounting || before.Rejects > Rejects
        ? this
        : this with
        {
            Accepts = Accepts - before.Accepts, Rejects = Rejects - before.Rejects, Accounting = Accounting - before.Accounting,
            BadAuthenticators = BadAuthenticators - before.BadAuthenticators, Duplicates = Duplicates - before.Duplicates,
            Reasons = [.. Reasons.Select(r => r with { Count = r.Count - before.Reasons.FirstOrDefault(b => b.Outcome == r.Outcome)?.Count ?? r.Count }).Where(r => r.Count > 0)],
        };
}

/// <summary>One RadiusHost of several that serve together.</summary>
/// <param name="Name">Where it tells its pulse: host and port.</param>
/// <param name="HeardAt">When it last answered; null for never.</param>
/// <param name="Problem">Why nothing is known of it now; null while it is heard.</param>
/// <param name="JournalDepth">As it last said, like what follows.</param>
public sealed record RadiusHostState(string Name, DateTime? HeardAt, string? Problem, long JournalDepth, bool JournalHealthy, bool DatabaseReachable)
{
    public bool IsHeard => Problem is null;
}

/// <summary>Whether RadiusHost is heard, and how it fares; where there are several, at least one of them, and their sums.</summary>
/// <param name="Since">Since when it is as it is: heard, or not.</param>
/// <param name="Problem">Why nothing is known, for people; null while it is heard.</param>
/// <param name="HeardAt">When it last answered.</param>
/// <param name="JournalDepth">Accounting records that were acknowledged and are not in the database yet.</param>
public sealed record RadiusFeed(DateTime? Since, string? Problem, DateTime? HeardAt, long JournalDepth, bool JournalHealthy, bool DatabaseReachable)
{
    public static RadiusFeed NotYet { get; } = new(null, "RADIUS has not been heard since this server started.", null, 0, true, true);

    public bool IsHeard => Problem is null;

    /// <summary>Each RadiusHost that is asked, in the order of the settings.</summary>
    public ImmutableArray<RadiusHostState> Hosts { get; init; } = [];

    /// <summary>How long the oldest of the waiting accounting records has waited; null when none waits.</summary>
    public TimeSpan? JournalOldest { get; init; }

    /// <summary>The last moment of RadSec's own certificate, UTC, the earliest where several serve; null while RadSec is off.</summary>
    public DateTime? TlsCertificateExpiresAt { get; init; }

    /// <summary>Accounting records that the database refused and that were put aside.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Logins that were answered and are missing in the log since RadiusHost's start: more came than it stores, accepted ones are left out first.</summary>
    public long LoginsNotLogged { get; init; }
}

/// <summary>The pulses of one company: the newest second by second, older ones in steps.</summary>
internal sealed class PulseHistory
{
    private const int SecondsKept = 120;
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);
    private static readonly long Step = TimeSpan.FromSeconds(10).Ticks;

    private readonly Lock _lock = new();
    private readonly Queue<RadiusPulse> _seconds = new();
    private readonly Queue<RadiusPulse> _steps = new();
    private readonly List<RadiusPulse> _current = [];
    private readonly Queue<(DateTime At, IReadOnlyDictionary<Guid, NasPulse> Nas)> _nas = new();

    // What all screens ask for alike is made once after each change.
    private IReadOnlyList<RadiusPulse>? _secondsNow;
    private IReadOnlyList<RadiusPulse>? _hourNow;
    private IReadOnlyDictionary<Guid, NasPulse>? _minuteNow;

    public RadiusPulse? Latest { get; private set; }

    public IReadOnlyDictionary<Guid, NasPulse> Nas { get; private set; } = ImmutableDictionary<Guid, NasPulse>.Empty;

    public void Add(DateTime at, IReadOnlyDictionary<Guid, NasPulse> nas)
    {
        lock (_lock)
        {
            (Nas, _minuteNow) = (nas, null);
            _nas.Enqueue((at, nas));
            while (at - _nas.Peek().At > Minute)
            {
                _nas.Dequeue();
            }
        }
    }

    /// <summary>What came of each NAS since a minute ago. What counted down in between was restarted, and all of it is new.</summary>
    public IReadOnlyDictionary<Guid, NasPulse> NasMinute()
    {
        lock (_lock)
        {
            return _minuteNow ??= _nas.Count == 0 ? Nas : Nas.ToDictionary(n => n.Key, n => n.Value.Since(_nas.Peek().Nas.GetValueOrDefault(n.Key)));
        }
    }

    public void Add(RadiusPulse pulse)
    {
        lock (_lock)
        {
            (Latest, _secondsNow, _hourNow) = (pulse, null, null);
            Keep(_seconds, pulse, SecondsKept);
            if (_current.Count > 0 && _current[0].At.Ticks / Step != pulse.At.Ticks / Step)
            {
                Keep(_steps, Mean(_current), LiveMetrics.HistoryPoints);
                _current.Clear();
            }

            _current.Add(pulse);
        }
    }

    public IReadOnlyList<RadiusPulse> Seconds()
    {
        lock (_lock)
        {
            return _secondsNow ??= [.. _seconds];
        }
    }

    public IReadOnlyList<RadiusPulse> Hour()
    {
        lock (_lock)
        {
            return _hourNow ??= _current.Count == 0 ? [.. _steps] : [.. _steps, Mean(_current)];
        }
    }

    private static void Keep(Queue<RadiusPulse> queue, RadiusPulse pulse, int kept)
    {
        queue.Enqueue(pulse);
        if (queue.Count > kept)
        {
            queue.Dequeue();
        }
    }

    // The worst latency of the step stays visible; a mean of percentiles would hide it.
    private static RadiusPulse Mean(List<RadiusPulse> seconds) => new(
        new DateTime(seconds[0].At.Ticks / Step * Step, DateTimeKind.Utc),
        seconds.Average(s => s.AcceptsPerSecond),
        seconds.Average(s => s.RejectsPerSecond),
        seconds.Average(s => s.AccountingPerSecond),
        seconds.Average(s => s.MedianMicroseconds),
        seconds.Max(s => s.P99Microseconds),
        seconds[^1].OpenSessions,
        seconds[^1].JournalDepth)
    {
        WalledGardenPerSecond = seconds.Average(s => s.WalledGardenPerSecond),
        DuplicatesPerSecond = seconds.Average(s => s.DuplicatesPerSecond),
        Rejects = [.. seconds.SelectMany(s => s.Rejects).GroupBy(r => r.Outcome).Select(g => new OutcomeCount(g.Key, g.Sum(r => r.Count)))],
    };
}
