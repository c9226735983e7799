using DataDefender.RadiusHost.Access;
using DataDefender.RadiusHost.Accounting;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.RadSec;

namespace DataDefender.RadiusHost.Status;

/// <summary>Puts the pulse together from what every part counts.</summary>
internal sealed class Pulse(
    PulseSampler sampler, LineDirectory directory, HostCounters counters, Journal journal, ApplierStatus applier, DeadLetters deadLetters, RadSecPorts radSec, LoginLog logins, TimeProvider clock)
{
    /// <summary>Acknowledged records that are not in the database yet.</summary>
    public long Depth => Math.Max(0, journal.End.LastSequence - applier.Applied);

    /// <summary>Age of the oldest of them, null when there is none.</summary>
    public double? OldestSeconds => applier.OldestWaiting is > 0 and var ticks ? (clock.GetUtcNow().UtcTicks - ticks) / (double)TimeSpan.TicksPerSecond : null;

    public PulseReport Take(long since)
    {
        var content = directory.Content;
        var samples = sampler.After(since);
        var companies = content.Nas.All.GroupBy(n => n.Company.TenantId).Select(nas => new CompanyPulse(
            nas.Key,
            sampler.OpenSessions.GetValueOrDefault(nas.Key),
            [.. samples.Select(s => s.Companies.GetValueOrDefault(nas.Key)).OfType<SecondPulse>()],
            [.. nas.Select(Of)]));
        return new PulseReport(
            sampler.Instance,
            sampler.StartedAt,
            clock.GetUtcNow().UtcDateTime,
            sampler.Sequence,
            new JournalPulse(Depth, OldestSeconds, journal.Failure is null && applier.Unreadable is null, deadLetters.Count) { Alarm = applier.Unreadable ?? applier.Alarm },
            new DirectoryPulse(content.SubscriberCount, content.Nas.All.Count, directory.Source.ToString(), directory.DatabaseReachable, Time(directory.UpToDateAt)),
            Enum.GetValues<DropReason>().ToDictionary(r => r.ToString(), counters.Dropped),
            [.. counters.UnknownSources.Newest().Select(s => new UnknownSourcePulse(s.Source.ToAddress().ToString(), s.Count, new DateTime(s.LastSeen, DateTimeKind.Utc)))],
            [.. companies]) { TlsCertificateExpiresAt = radSec.CertificateExpiresAt, LoginsNotLogged = logins.Dropped };
    }

    private static NasPulse Of(NasEntry nas)
    {
        var (state, counted) = (nas.State, nas.State.Counters);
        var (median, worst) = counted.Latency.Percentiles();
        return new NasPulse(
            nas.Id, Time(state.LastSeen), counted.Accepts, counted.Rejects, counted.Accounting.Value, counted.BadAuthenticators,
            counted.LoginDuplicates.Value + counted.AccountingDuplicates.Value, state.MessageAuthenticatorSeen,
            counted.Logins.Refused().ToDictionary(r => r.Reason.ToString(), r => r.Count), median, worst);
    }

    private static DateTime? Time(long ticks) => ticks == 0 ? null : new DateTime(ticks, DateTimeKind.Utc);
}
