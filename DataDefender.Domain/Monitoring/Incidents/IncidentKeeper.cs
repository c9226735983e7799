using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Monitoring.Incidents;

/// <summary>A line that lost its service, as the detector of mass disconnects saw it.</summary>
public readonly record struct LostLine(Guid SubscriptionId, DateTime At);

/// <summary>
/// Brings a company's incidents into line with the alerts that are on: opens, follows, merges, resolves and reopens them, and says whom
/// they hurt. Done again with the same alerts it changes nothing, so that what could not be saved is simply done anew.
/// </summary>
/// <param name="lost">For alerts that bring their own list of lines, by subject.</param>
public sealed class IncidentKeeper(IDataDefenderDb db, StaffNotifier notifier, NetworkShape shape, IReadOnlyDictionary<string, IReadOnlyList<LostLine>> lost, DateTime now)
{
    public const string Watch = "the watch";
    private const string Numbers = "incidents";
    private const int MostLines = 20_000;

    /// <summary>The same cause within this time is the same incident again.</summary>
    private static readonly TimeSpan SameAgain = TimeSpan.FromMinutes(10);

    /// <summary>While routers of a whole network still come back, those that have not yet are no causes of their own.</summary>
    private static readonly TimeSpan ComingBack = TimeSpan.FromMinutes(3);
    private const double MostlyBack = 0.2;

    private readonly List<Incident> _opened = [];
    private readonly List<Incident> _worsened = [];

    /// <summary>Saves nothing: the caller does, when it is all done.</summary>
    public async Task KeepAsync(IReadOnlyCollection<ActiveAlert> active, CancellationToken ct)
    {
        var recently = now - SameAgain;
        var incidents = await db.Incidents.Where(i => i.ResolvedAt == null || (i.ResolvedAt >= recently && i.MergedIntoId == null)).OrderBy(i => i.OpenedAt).ToListAsync(ct);
        var alerts = (await db.IncidentAlerts.Where(a => a.ClearedAt == null).ToListAsync(ct)).GroupBy(a => a.Key).ToDictionary(g => g.Key, g => g.First());
        var groups = RootCause.Group(active, shape, await HeldAsync(incidents, alerts.Values, active, ct));
        var found = await MatchAsync(groups, incidents, alerts, ct);
        var moved = new Dictionary<Guid, Guid>(); // from an incident to the one that its alerts went to
        foreach (var (group, incident) in found)
        {
            await FollowAsync(group, incident, alerts, moved, ct);
        }

        var on = active.Select(a => a.Key).ToHashSet();
        foreach (var ended in alerts.Values.Where(a => !on.Contains(a.Key)))
        {
            ended.Clear(now);
        }

        foreach (var incident in incidents.Where(i => i.IsOpen && !found.ContainsValue(i)))
        {
            await EndAsync(incident, moved, found.Values, ct);
        }

        await TellAsync(found, ct);
    }

    /// <summary>The routers of an open incident of the whole network, until most are back and for a while none has come.</summary>
    private async Task<HashSet<Guid>> HeldAsync(List<Incident> incidents, IEnumerable<IncidentAlert> alerts, IReadOnlyCollection<ActiveAlert> active, CancellationToken ct)
    {
        if (incidents.Find(i => i.IsOpen && i.CauseKey == RootCause.NetworkKey) is not { Id: var network })
        {
            return [];
        }

        var on = active.Select(a => a.Key).ToHashSet();
        var held = alerts.Where(a => a.IncidentId == network && a is { Kind: AlertKind.RouterDown, RouterId: not null } && on.Contains(a.Key)).Select(a => a.RouterId!.Value).ToHashSet();
        return held.Count >= MostlyBack * shape.Routers.Count || await db.IncidentAlerts.Where(a => a.IncidentId == network).MaxAsync(a => a.ClearedAt, ct) is not { } last || now - last < ComingBack ? held : [];
    }

    /// <summary>The incident of each cause: the one that has it, the one that most of its alerts are in, one that has just ended, or a new one.</summary>
    private async Task<Dictionary<CauseGroup, Incident>> MatchAsync(
        IReadOnlyList<CauseGroup> groups, List<Incident> incidents, Dictionary<(Guid?, string), IncidentAlert> alerts, CancellationToken ct)
    {
        var keys = groups.Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        var found = new Dictionary<CauseGroup, Incident>();
        NumberSequence? numbers = null;
        foreach (var group in groups)
        {
            var incident = incidents.Find(i => i.IsOpen && i.CauseKey == group.Key && !found.ContainsValue(i))
                ?? group.Alerts.Select(a => alerts.GetValueOrDefault(a.Key)?.IncidentId).OfType<Guid>().GroupBy(id => id).OrderByDescending(g => g.Count())
                    .Select(g => incidents.Find(i => i.Id == g.Key)).FirstOrDefault(i => i is { IsOpen: true } && !keys.Contains(i.CauseKey) && !found.ContainsValue(i));
            if (incident is null && incidents.FindLast(i => !i.IsOpen && i.CauseKey == group.Key) is { } again)
            {
                again.Reopen();
                Note(again, IncidentAct.Reopened, "It came back.");
                incident = again;
            }

            if (incident is null)
            {
                numbers ??= await db.NumberSequences.SingleOrDefaultAsync(s => s.Name == Numbers, ct) ?? db.NumberSequences.Add(new NumberSequence(db.TenantId, Numbers, 1)).Entity;
                incident = db.Incidents.Add(new Incident(db.TenantId, numbers.Take(), group, now)).Entity;
                _opened.Add(incident);
                Note(incident, IncidentAct.Opened, group.Title);
                db.NetworkEvents.Add(new NetworkEvent
                {
                    TenantId = db.TenantId, At = now, Severity = group.Severity, Kind = "incident.opened", Message = $"Incident #{incident.Number}: {incident.Title}", RouterId = group.RouterId,
                });
            }

            found[group] = incident;
        }

        return found;
    }

    private async Task FollowAsync(CauseGroup group, Incident incident, Dictionary<(Guid?, string), IncidentAlert> alerts, Dictionary<Guid, Guid> moved, CancellationToken ct)
    {
        if (incident.CauseKey != group.Key)
        {
            Note(incident, IncidentAct.Changed, $"The cause is now seen as: {group.Title}.");
        }

        if (incident.Follow(group) && !_opened.Contains(incident))
        {
            _worsened.Add(incident);
            Note(incident, IncidentAct.Worsened, group.Title);
        }

        foreach (var alert in group.Alerts)
        {
            if (!alerts.TryGetValue(alert.Key, out var stored))
            {
                db.IncidentAlerts.Add(new IncidentAlert(db.TenantId, incident.Id, alert, now));
                if (!_opened.Contains(incident))
                {
                    Note(incident, IncidentAct.Changed, $"{AlertKindFacts.Of(alert.Kind).Title}, {alert.Subject.Name}: {alert.Detail}");
                }

                continue;
            }

            if (stored.IncidentId != incident.Id)
            {
                moved[stored.IncidentId] = incident.Id;
                stored.MoveTo(incident.Id);
            }

            stored.Follow(alert);
        }

        if (group.CutsClients)
        {
            await HurtAsync(group, incident, ct);
        }
    }

    /// <summary>Writes down the lines that have lost their service.</summary>
    private async Task HurtAsync(CauseGroup group, Incident incident, CancellationToken ct)
    {
        var hurt = new Dictionary<Guid, DateTime>();
        foreach (var alert in group.Alerts.Where(a => lost.ContainsKey(a.Subject.Key)))
        {
            foreach (var line in lost[alert.Subject.Key])
            {
                hurt.TryAdd(line.SubscriptionId, line.At);
            }
        }

        // A router that is dark sends no Stop: those that were on it are still open as far as accounting knows.
        var dark = group.Alerts.Where(a => a is { Kind: AlertKind.RouterDown, IsStale: false, Subject.RouterId: not null }).SelectMany(a => shape.DownFrom(a.Subject.RouterId!.Value)).Select(r => (Guid?)r.Id).Distinct().ToList();
        if (dark.Count > 0)
        {
            var lines = await (from session in db.LiveSessions
                               join nas in db.NasDevices on session.NasId equals nas.Id
                               where dark.Contains(nas.RouterId) && session.SubscriptionId != null
                               select session.SubscriptionId!.Value).Distinct().Take(MostLines).ToListAsync(ct);
            lines.ForEach(id => hurt.TryAdd(id, group.Since));
        }

        foreach (var alert in group.Alerts.Where(a => a is { Kind: AlertKind.SessionsDropped, Subject.NasId: not null }))
        {
            var (nas, since) = (alert.Subject.NasId!.Value, alert.Since.AddMinutes(-10));
            var lines = await db.SessionRecords
                .Where(s => s.NasId == nas && s.StoppedAt >= since && s.SubscriptionId != null && !db.LiveSessions.Any(l => l.SubscriptionId == s.SubscriptionId))
                .Select(s => new { Line = s.SubscriptionId!.Value, s.StoppedAt }).Take(MostLines).ToListAsync(ct);
            lines.ForEach(l => hurt.TryAdd(l.Line, l.StoppedAt));
        }

        if (hurt.Count == 0)
        {
            return;
        }

        var known = (await db.IncidentLines.Where(l => l.IncidentId == incident.Id).Select(l => l.SubscriptionId).ToListAsync(ct)).ToHashSet();
        var fresh = hurt.Where(h => !known.Contains(h.Key)).Take(MostLines - known.Count).ToList();
        db.IncidentLines.AddRange(fresh.Select(h => new IncidentLine(db.TenantId, incident.Id, h.Key, h.Value)));
        incident.Hurt(known.Count + fresh.Count);
    }

    private async Task EndAsync(Incident incident, Dictionary<Guid, Guid> moved, IEnumerable<Incident> open, CancellationToken ct)
    {
        if (moved.TryGetValue(incident.Id, out var into) && open.FirstOrDefault(i => i.Id == into) is { } other)
        {
            incident.MergeInto(into, now);
            Note(incident, IncidentAct.Merged, $"It is part of incident #{other.Number}: {other.Title}.");
            Note(other, IncidentAct.Changed, $"Incident #{incident.Number} is part of this one.");
            return;
        }

        incident.Resolve(now);
        Note(incident, IncidentAct.Resolved, "All of its alerts have ended.");
        await db.IncidentLines.Where(l => l.IncidentId == incident.Id && l.BackAt == null).ExecuteUpdateAsync(set => set.SetProperty(l => l.BackAt, now), ct);
        db.NetworkEvents.Add(new NetworkEvent
        {
            TenantId = db.TenantId, At = now, Severity = EventSeverity.Info, Kind = "incident.resolved", Message = $"Incident #{incident.Number} is over: {incident.Title}", RouterId = incident.RouterId,
        });
        if (incident.AssigneeId is { } assignee)
        {
            await notifier.AddAsync(db, new StaffAudience.Person(assignee), new StaffNotice("incident.resolved", EventSeverity.Info, $"Over: {incident.Title}", $"Incident #{incident.Number} has ended by itself.", Href(incident)), ct);
        }
    }

    private async Task TellAsync(Dictionary<CauseGroup, Incident> found, CancellationToken ct)
    {
        foreach (var (group, incident) in found)
        {
            if ((_opened.Contains(incident) || _worsened.Contains(incident)) && group.Severity is not EventSeverity.Info && group.Alerts.Any(a => a.Notifies) && !incident.IsMuted(now))
            {
                var hurt = incident.Affected == 0 ? "" : $"{incident.Affected:#,##0} {(incident.Affected == 1 ? "client is" : "clients are")} without service. ";
                await notifier.AddAsync(
                    db, new StaffAudience.Permitted(Permissions.ManageNetwork), new StaffNotice("incident.opened", group.Severity, incident.Title, $"{hurt}{incident.Next}", Href(incident)), ct);
            }
        }
    }

    private void Note(Incident incident, IncidentAct act, string text) => db.IncidentEntries.Add(new IncidentEntry
    {
        TenantId = db.TenantId, IncidentId = incident.Id, At = now, Act = act, By = Watch, Text = text.Length > 600 ? text[..600] : text,
    });

    private static string Href(Incident incident) => $"/incidents/{incident.Id}";
}
