using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;

namespace DataDefender.Domain.Monitoring;

/// <summary>What a matter of attention is about, so that a screen can lead there.</summary>
public enum AttentionTopic
{
    Router,
    Nas,
    Radius,
    Sessions,
    Drift,
}

/// <summary>Something that wants a person: what, since when, who is hurt, what next.</summary>
/// <param name="Sessions">How many open sessions hang on it; null when that is not the point.</param>
public sealed record AttentionItem(EventSeverity Severity, AttentionTopic Topic, Guid? Subject, string Title, string Detail, DateTime? Since, int? Sessions, string Next);

/// <summary>Finds what wants attention in what is known now. Missing knowledge is said to be missing; it is never an outage.</summary>
public static class Attention
{
    // A NAS with another secret sends nothing but these; one broken packet among thousands is noise.
    private const long BadSignatures = 3;

    /// <summary>The worst first, and among equals the one that hurts most.</summary>
    public static IReadOnlyList<AttentionItem> Find(NocFigures figures, IReadOnlyList<RouterSnapshot> live, RadiusFeed feed, IReadOnlyDictionary<Guid, NasPulse> nasPulses)
    {
        var snapshots = live.ToDictionary(s => s.RouterId);
        var items = figures.Routers.Where(r => r.IsEnabled).Select(r => Router(r, snapshots.GetValueOrDefault(r.Id))).OfType<AttentionItem>().ToList();
        if (feed.Problem is { } problem && figures.Nas.Count > 0)
        {
            items.Add(new AttentionItem(
                feed.Since is null ? EventSeverity.Warning : EventSeverity.Critical, AttentionTopic.Radius, null, "RADIUS is not heard", problem, feed.Since, null,
                "Sessions that are open stay open. See whether RadiusHost runs: without it nobody new comes online."));
        }
        else if (!feed.DatabaseReachable || !feed.JournalHealthy)
        {
            items.Add(new AttentionItem(
                EventSeverity.Warning, AttentionTopic.Radius, null, "RADIUS works from its own memory",
                !feed.DatabaseReachable ? "RadiusHost does not reach the database; it answers from what it knows." : "RadiusHost cannot write its journal as it should.",
                null, null, $"{feed.JournalDepth:#,##0} accounting records wait on its disk; changes made here do not reach lines until it reads again."));
        }

        if (feed.IsHeard && figures.Nas.Count > 0)
        {
            items.AddRange(feed.Hosts.Where(h => !h.IsHeard).Select(h => new AttentionItem(
                EventSeverity.Warning, AttentionTopic.Radius, null, $"RadiusHost {h.Name} is not heard", h.Problem!, h.HeardAt, null,
                "The others serve on, and NAS that ask it first wait for their time-out: see whether it runs.")));
        }

        foreach (var nas in figures.Nas)
        {
            if (nasPulses.TryGetValue(nas.Id, out var pulse) && pulse.BadAuthenticators >= BadSignatures && pulse.BadAuthenticators > pulse.Accepts + pulse.Rejects + pulse.Accounting)
            {
                items.Add(new AttentionItem(
                    EventSeverity.Warning, AttentionTopic.Nas, nas.Id, $"{nas.Name} uses another secret", $"{pulse.BadAuthenticators:#,##0} packets from {nas.Address} had a wrong signature.",
                    null, null, "Paste the secret into the router again, or set it here to what the router has."));
            }
        }

        if (figures.Sessions is { Silent: > 0 } sessions)
        {
            items.Add(new AttentionItem(
                EventSeverity.Warning, AttentionTopic.Sessions, null, $"{sessions.Silent:#,##0} {(sessions.Silent == 1 ? "session is" : "sessions are")} silent",
                "They have missed two interim reports: gone without a Stop, or their NAS cannot reach us.", null, sessions.Silent, "Look which NAS they are on."));
        }

        if (figures.Drift is var drift && drift.Settings + drift.Lines > 0)
        {
            items.Add(new AttentionItem(
                EventSeverity.Warning, AttentionTopic.Drift, null, "Routers differ from what is designed and sold",
                $"{drift.Settings:#,##0} {(drift.Settings == 1 ? "setting" : "settings")} and {drift.Lines:#,##0} {(drift.Lines == 1 ? "line" : "lines")}.", null, null, "Adopt or repair them one by one."));
        }

        return [.. items.OrderByDescending(i => i.Severity).ThenByDescending(i => i.Sessions ?? 0).ThenBy(i => i.Title, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>What is left when the incidents are told already: a router or RADIUS that has one is not told twice.</summary>
    public static IReadOnlyList<AttentionItem> Beside(IReadOnlyList<IncidentRow> incidents, IReadOnlyList<AttentionItem> items)
    {
        var routers = incidents.Select(i => i.RouterId).OfType<Guid>().ToHashSet();
        var sites = incidents.Count(i => i is { RouterId: null, Site: not null });
        var radius = incidents.Any(i => i is { RouterId: null, Site: null, Severity: EventSeverity.Critical });
        return incidents.Count == 0 ? items : [.. items.Where(i => i.Topic switch
        {
            AttentionTopic.Router => !routers.Contains(i.Subject ?? Guid.Empty) && (sites == 0 || i.Severity is not EventSeverity.Critical),
            AttentionTopic.Radius => !radius,
            _ => true,
        })];
    }

    private static AttentionItem? Router(NocRouter router, RouterSnapshot? live)
    {
        var state = live?.State ?? router.State;
        var reason = live?.Reason ?? router.StateReason;
        var since = state == router.State ? router.StateSince : live?.At;
        return state switch
        {
            RouterState.Down => new AttentionItem(
                EventSeverity.Critical, AttentionTopic.Router, router.Id, $"{router.Name} is down", reason ?? "It does not answer.", since, router.OpenSessions, "Check its power and its uplink; open it to see what was last seen."),
            RouterState.Degraded => new AttentionItem(
                EventSeverity.Warning, AttentionTopic.Router, router.Id, $"{router.Name} is degraded", reason ?? "It answers slowly or only in part.", since, router.OpenSessions, "Open it and look at its load."),
            RouterState.Unknown when live is not null && reason is not null && router.LastSeenAt is not null => new AttentionItem(
                EventSeverity.Warning, AttentionTopic.Router, router.Id, $"{router.Name} is unknown", reason, since, router.OpenSessions, "Subscribers may well be fine; test the connection."),
            _ => null,
        };
    }
}
