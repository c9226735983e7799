using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;

namespace DataDefender.Domain.Monitoring.Alerts;

/// <summary>A router with what the database knows of it.</summary>
public sealed record WatchedRouter(Guid Id, string Name, string? Site, RouterState State, DateTime StateSince, string? Reason, bool IsEnabled);

/// <summary>A NAS with its open sessions of late, oldest first.</summary>
/// <param name="Sessions">One count each time the database was asked.</param>
public sealed record WatchedNas(Guid Id, string Name, Guid? RouterId, string? Site, IReadOnlyList<(DateTime At, int Open)> Sessions);

/// <summary>All that a company's alerts are judged from, at one moment.</summary>
/// <param name="Earlier">Snapshots of the last minutes, one a minute, oldest first.</param>
public sealed record WatchedNetwork(
    DateTime Now,
    IReadOnlyList<WatchedRouter> Routers,
    IReadOnlyList<WatchedNas> Nas,
    IReadOnlyDictionary<Guid, RouterSnapshot> Live,
    IReadOnlyDictionary<Guid, IReadOnlyCollection<RouterSnapshot>> Earlier,
    RadiusFeed Feed,
    IReadOnlyList<RadiusPulse> Pulses,
    int? LicenceDaysLeft);

/// <summary>Makes readings of what is known. What is too old to say anything about now is unknown.</summary>
public static class AlertReadings
{
    /// <summary>A snapshot says something about now for this long: two polls and a bit.</summary>
    /// <summary>What was read within this time is of now.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan ErrorWindow = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SessionWindow = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RejectWindow = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LatencyWindow = TimeSpan.FromMinutes(1);

    /// <summary>Fewer sessions than this come and go by chance.</summary>
    private const int FewSessions = 5;

    /// <param name="rules">What nobody asks for is not worked out.</param>
    public static IReadOnlyList<AlertReading> Of(WatchedNetwork network, IReadOnlyList<AlertRule> rules)
    {
        var readings = new List<AlertReading>();
        var links = rules.Where(r => r is { IsEnabled: true, Kind: AlertKind.Utilisation, Interface: not null }).Select(r => r.Interface!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var router in network.Routers.Where(r => r.IsEnabled))
        {
            OfRouter(network, router, links, readings);
        }

        readings.AddRange(network.Nas.Select(n => Dropped(network.Now, n)));
        if (network.Nas.Count > 0)
        {
            OfRadius(network, readings);
        }

        if (network.LicenceDaysLeft is { } days)
        {
            readings.Add(new AlertReading(AlertKind.LicenceExpiry, AlertSubject.Company, days, days < 0 ? "The licence has ended." : $"The licence ends in {days} days."));
        }

        return readings;
    }

    /// <summary>Whether a subject is part of a router that is watched and was not read of late, so that a reading that is missing says nothing.</summary>
    public static bool IsUnread(WatchedNetwork network, AlertSubject subject) =>
        subject.RouterId is { } id && network.Routers.Any(r => r.Id == id && r.IsEnabled)
        && (network.Live.GetValueOrDefault(id) is not { } live || network.Now - live.At > Fresh || live.Interfaces.IsDefaultOrEmpty);

    private static void OfRouter(WatchedNetwork network, WatchedRouter router, HashSet<string> links, List<AlertReading> readings)
    {
        var subject = AlertSubject.OfRouter(router.Id, router.Name, router.Site);
        var live = network.Live.GetValueOrDefault(router.Id);
        var state = live?.State ?? RouterState.Unknown;
        readings.Add(new AlertReading(
            AlertKind.RouterDown, subject, state switch { RouterState.Down => 1, RouterState.Unknown => null, _ => 0 }, live?.Reason ?? router.Reason ?? "It does not answer.")
        {
            Since = state is RouterState.Down && router.State is RouterState.Down ? router.StateSince : null,
        });
        var fresh = live is not null && network.Now - live.At <= Fresh ? live : null;
        readings.Add(new AlertReading(AlertKind.RouterCpu, subject, fresh?.CpuPercent, $"{fresh?.CpuPercent}% load"));
        var memory = fresh is { MemoryUsed: { } used, MemoryTotal: > 0 and var total } ? 100.0 * used / total : (double?)null;
        readings.Add(new AlertReading(AlertKind.RouterMemory, subject, memory, $"{memory:0}% of its memory is in use"));
        readings.Add(new AlertReading(AlertKind.RouterTemperature, subject, fresh?.Temperature, $"{fresh?.Temperature:0} °C"));
        readings.Add(new AlertReading(AlertKind.RouterVoltage, subject, fresh?.Voltage, $"{fresh?.Voltage:0.0} V"));
        readings.Add(new AlertReading(
            AlertKind.CertificateExpiry, subject, fresh?.CertificateExpiresAt is { } expires ? Math.Floor((expires - network.Now).TotalDays) : null, $"It expires on {fresh?.CertificateExpiresAt:d MMM yyyy}."));
        if (live?.Licence is { EndsAt: { } ends })
        {
            // Known as long as the router is not: a day that is written down comes whether it answers or not. Its clock may be hours off ours, which counts for little in days.
            var days = Math.Floor((ends - network.Now).TotalDays);
            readings.Add(new AlertReading(AlertKind.LicenceExpiry, subject, days, $"The RouterOS licence of level {live.Licence.Level} {(days < 0 ? "ended" : "ends")} on {ends:d MMM yyyy}."));
        }
        else if (fresh?.Licence is not null)
        {
            readings.Add(new AlertReading(AlertKind.LicenceExpiry, subject, AlertKindFacts.Of(AlertKind.LicenceExpiry).Most + 1, "Its RouterOS licence does not end."));
        }

        if (fresh is null)
        {
            return;
        }

        var uplink = fresh.RxBitsPerSecond is null && fresh.TxBitsPerSecond is null ? (double?)null : Math.Max(fresh.RxBitsPerSecond ?? 0, fresh.TxBitsPerSecond ?? 0);
        readings.Add(new AlertReading(AlertKind.Utilisation, subject, uplink, $"{uplink / 1e6:0} Mbps on the uplink") { IsUplink = true });
        foreach (var reading in fresh.Interfaces.Where(i => !i.Disabled))
        {
            var on = AlertSubject.OfInterface(router.Id, router.Name, router.Site, reading.Name);
            if (links.Contains(reading.Name))
            {
                readings.Add(Traffic(on, reading));
            }

            var errors = ErrorsPerMinute(network, router.Id, reading, fresh.At);
            readings.Add(new AlertReading(AlertKind.InterfaceErrors, on, errors, errors is > 0 ? $"{errors:0} errors a minute" : "no errors"));
        }
    }

    private static AlertReading Traffic(AlertSubject subject, InterfaceReading reading)
    {
        var rate = reading.RxBitsPerSecond is null && reading.TxBitsPerSecond is null ? (double?)null : Math.Max(reading.RxBitsPerSecond ?? 0, reading.TxBitsPerSecond ?? 0);
        return new AlertReading(AlertKind.Utilisation, subject, rate, $"{rate / 1e6:0} Mbps");
    }

    private static double? ErrorsPerMinute(WatchedNetwork network, Guid router, InterfaceReading now, DateTime at)
    {
        var before = (network.Earlier.GetValueOrDefault(router) ?? [])
            .FirstOrDefault(s => at - s.At <= ErrorWindow && s.At < at && s.Interfaces.Any(i => i.Name == now.Name));
        if (before is null)
        {
            return null;
        }

        var errors = now.Errors - before.Interfaces.First(i => i.Name == now.Name).Errors;
        return errors < 0 ? null : errors / Math.Max(1, (at - before.At).TotalMinutes); // a counter that went back was reset
    }

    private static AlertReading Dropped(DateTime now, WatchedNas nas)
    {
        var subject = AlertSubject.OfNas(nas.Id, nas.Name, nas.RouterId, nas.Site);
        var recent = nas.Sessions.Where(s => now - s.At <= SessionWindow).ToList();
        if (recent.Count < 2)
        {
            return new AlertReading(AlertKind.SessionsDropped, subject, null, "Its sessions were not counted lately.");
        }

        var (most, open) = (recent.Max(s => s.Open), recent[^1].Open);
        var gone = most - open;
        return new AlertReading(AlertKind.SessionsDropped, subject, gone < FewSessions ? 0 : 100.0 * gone / most, $"{gone} of {most} sessions are gone");
    }

    private static void OfRadius(WatchedNetwork network, List<AlertReading> readings)
    {
        var feed = network.Feed;
        var silent = feed.Problem is not null && feed.Since is not null;
        readings.Add(new AlertReading(AlertKind.RadiusSilent, AlertSubject.Radius, feed.Problem is null ? 0 : silent ? 1 : null, feed.Problem ?? "") { Since = silent ? feed.Since : null });
        var window = feed.IsHeard ? network.Pulses.Where(p => network.Now - p.At <= RejectWindow).ToList() : [];
        var minutes = RejectWindow.TotalMinutes;
        var all = window.Count == 0 ? (double?)null : window.Sum(p => p.Rejects.Sum(r => r.Count)) / minutes;
        readings.Add(new AlertReading(AlertKind.RadiusRejects, AlertSubject.Radius with { Name = "all reasons" }, all, $"{all:0} a minute"));
        foreach (var reason in Enum.GetValues<LoginOutcome>().Where(LoginExplanation.IsRefusal))
        {
            var count = window.Count == 0 ? (double?)null : window.Sum(p => p.Rejects.Where(r => r.Outcome == reason).Sum(r => r.Count)) / minutes;
            readings.Add(new AlertReading(AlertKind.RadiusRejects, AlertSubject.Radius with { Name = LoginExplanation.Of(reason).Title.ToLowerInvariant() }, count, $"{count:0} a minute") { Reason = reason });
        }

        var waits = feed.JournalHealthy ? feed.JournalOldest ?? TimeSpan.Zero : (TimeSpan?)null;
        readings.Add(new AlertReading(
            AlertKind.AccountingWaits, AlertSubject.Radius, feed.IsHeard ? waits?.TotalMinutes ?? AlertKindFacts.Of(AlertKind.AccountingWaits).Most : null,
            waits is { } age ? $"The oldest record waits for {age.TotalMinutes:0} minutes; {feed.JournalDepth:#,##0} wait." : "The journal cannot be written: no accounting is acknowledged."));
        if (feed.TlsCertificateExpiresAt is { } expires)
        {
            readings.Add(new AlertReading(
                AlertKind.CertificateExpiry, AlertSubject.Radius with { Name = "RADIUS over TLS" }, feed.IsHeard ? Math.Floor((expires - network.Now).TotalDays) : null, $"RadSec's own certificate expires on {expires:d MMM yyyy}: every router that comes over TLS stops then."));
        }

        var answered = feed.IsHeard ? network.Pulses.Where(p => network.Now - p.At <= LatencyWindow).Select(p => p.P99Microseconds).OfType<double>().ToList() : [];
        var latency = answered.Count == 0 ? (double?)null : answered.Average() / 1000;
        readings.Add(new AlertReading(AlertKind.RadiusLatency, AlertSubject.Radius, latency, $"99 of 100 logins within {latency:0} ms"));
    }
}
