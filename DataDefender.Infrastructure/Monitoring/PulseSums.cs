using System.Collections.Immutable;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Radius;

namespace DataDefender.Infrastructure.Monitoring;

/// <summary>
/// Makes one pulse of those of several RadiusHosts. A second is told when all that are heard have told it, or when it is so old that the
/// missing ones would only hold it up.
/// </summary>
internal sealed class PulseSums
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly SortedDictionary<(DateTime At, Guid Tenant), List<(CompanyPulseDocument Company, SecondDocument Second)>> _waiting = [];

    /// <summary>What is complete now, oldest first.</summary>
    public IEnumerable<(Guid TenantId, RadiusPulse Pulse)> Add(IReadOnlyCollection<PulseSource> sources)
    {
        var heard = sources.Where(s => s.State.IsHeard).ToList();
        var journalDepth = heard.Sum(s => s.State.JournalDepth);
        if (sources.Count == 1)
        {
            return sources.SelectMany(s => s.News).Select(n => (n.TenantId, Sum([(n.Company, n.Second)], journalDepth))); // as it comes, whatever its clock says
        }

        foreach (var source in sources)
        {
            foreach (var (tenant, company, second) in source.News)
            {
                var at = Whole(second.At);
                if (!_waiting.TryGetValue((at, tenant), out var parts))
                {
                    _waiting[(at, tenant)] = parts = [];
                }

                parts.Add((company, second));
            }
        }

        if (_waiting.Count == 0)
        {
            return [];
        }

        var newest = _waiting.Keys.Max(k => k.At);
        var complete = heard.Count > 0 ? heard.Min(s => s.Reached) : newest;
        var until = complete > newest - Patience ? complete : newest - Patience;
        var told = _waiting.TakeWhile(w => w.Key.At <= until).ToList();
        told.ForEach(t => _waiting.Remove(t.Key));
        return told.Select(t => (t.Key.Tenant, Sum(t.Value, journalDepth)));
    }

    /// <summary>One NAS as several RadiusHosts have heard it.</summary>
    public static NasPulse Of(IEnumerable<NasPulse> parts) => parts.Aggregate((a, b) => new NasPulse(
        a.NasId, b.LastSeenAt is null || a.LastSeenAt > b.LastSeenAt ? a.LastSeenAt : b.LastSeenAt, a.Accepts + b.Accepts, a.Rejects + b.Rejects, a.Accounting + b.Accounting,
        a.BadAuthenticators + b.BadAuthenticators, a.Duplicates + b.Duplicates, a.MessageAuthenticatorSeen || b.MessageAuthenticatorSeen)
    {
        Reasons = [.. a.Reasons.Concat(b.Reasons).GroupBy(r => r.Outcome).Select(g => new OutcomeCount(g.Key, g.Sum(r => r.Count)))],
        MedianMicroseconds = Worse(a.MedianMicroseconds, b.MedianMicroseconds), // of two hosts the slower: what a router may meet
        P99Microseconds = Worse(a.P99Microseconds, b.P99Microseconds),
    });

    /// <summary>A reason that this build does not know is left out: the total has it.</summary>
    public static ImmutableArray<OutcomeCount> Counts(IEnumerable<(string Reason, int Count)> reasons) =>
        [.. reasons.Where(r => Enum.IsDefined(typeof(LoginOutcome), r.Reason)).Select(r => new OutcomeCount(Enum.Parse<LoginOutcome>(r.Reason), r.Count))];

    internal static DateTime Whole(DateTimeOffset at) => new(at.UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTimeKind.Utc);

    private static RadiusPulse Sum(List<(CompanyPulseDocument Company, SecondDocument Second)> parts, long journalDepth)
    {
        var seconds = parts.ConvertAll(p => p.Second);
        var rejects = seconds.SelectMany(s => s.Rejects ?? new Dictionary<string, int>()).GroupBy(r => r.Key).Select(g => (g.Key, Count: g.Sum(r => r.Value))).ToList();
        return new RadiusPulse(
            seconds[0].At.UtcDateTime,
            seconds.Sum(s => s.Accepts),
            rejects.Sum(r => r.Count), // a reason that this build does not know still counts among them
            seconds.Sum(s => s.Starts + s.Interims + s.Stops + s.Other),
            Median(seconds),
            seconds.Max(s => s.P99Microseconds), // the worst stays visible
            parts.Max(p => p.Company.OpenSessions), // each knows of the others' sessions
            journalDepth)
        {
            WalledGardenPerSecond = seconds.Sum(s => s.WalledGarden),
            DuplicatesPerSecond = seconds.Sum(s => s.Duplicates),
            Rejects = Counts(rejects),
        };
    }

    private static double? Worse(double? a, double? b) => a is null || b > a ? b : a;

    /// <summary>Of several: the mean of their medians, each counting by its logins.</summary>
    private static double? Median(List<SecondDocument> seconds)
    {
        var counted = seconds.Where(s => s.MedianMicroseconds is not null).Select(s => (Median: s.MedianMicroseconds!.Value, Logins: Math.Max(1, s.Accepts + (s.Rejects?.Values.Sum() ?? 0)))).ToList();
        return counted.Count == 0 ? null : counted.Sum(c => c.Median * c.Logins) / counted.Sum(c => c.Logins);
    }
}
