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
/// <param name="answering">Routers that answer.</param>
public sealed class IncidentKeeper(
    IDataDefenderDb db, StaffNotifier notifier, NetworkShape shape, IReadOnlyDictionary<string, IReadOnlyList<LostLine>> lost, IReadOnlyDictionary<Guid, RouterAnswer> answering, DateTime now)
{
    public const string Watch = "the watch";
    private const string Numbers = "incidents";
    private const int MostLines = 20_000;

    /// <summary>The same cause within this time is the same incident again.</summary>
    private static readonly TimeSpan SameAgain = TimeSpan.FromMinutes(10);

    /// <summary>While routers of a whole network still come back, those that have not yet are no causes of their own.</summary>
    private static readonly TimeSpan ComingBack = TimeSpan.FromMinutes(3);
    private const double MostlyBack = 0.2;

    /// <summary>So much may the clock of a NAS be behind ours.</summary>
    private static readonly TimeSpan SlowClock = TimeSpan.FromMinutes(5);

    private readonly List<Incident> _opened = [];
    private readonly List<Incident> _worsened = [];

    /// <summary>Saves nothing: the caller does, when it is all done.</summary>
    public async Task KeepAsync(IReadOnlyCollection<ActiveAlert> active, CancellationToken ct)
    {
        var recently = now - SameAgain;
        var incidents = await db.Incidents.Where(i => i.ResolvedAt == null || (i.ResolvedAt >= recently && i.MergedIntoId == null)).OrderBy(i => i.OpenedAt).ToListAsync(ct);
        var alerts = (await db.IncidentAlerts.Where(a => a.ClearedAt == null).ToListAsync(ct)).GroupBy(a => a.Key).ToDictionary(g => g.Key, g => g.First());
        var groups = RootCause.Group(active, shape, await HeldAsync(incidents, alerts.Values, active, ct), answering);
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
        var hurt = new Dictionary<Guid, Loss>();
        void Hurt(Guid line, DateTime first, DateTime latest, DateTime? heard)
        {
            if (!hurt.TryGetValue(line, out var known) || known.Latest < latest)
            {
                hurt[line] = new Loss(known.First == default || first < known.First ? first : known.First, latest, heard);
            }
        }

        foreach (var alert in group.Alerts.Where(a => lost.ContainsKey(a.Subject.Key)))
        {
            foreach (var line in lost[alert.Subject.Key])
            {
                Hurt(line.SubscriptionId, line.At, line.At, null);
            }
        }

        // A router that is dark sends no Stop: those that were on it are still open as far as accounting knows.
        var dark = new Dictionary<Guid, DateTime>();
        foreach (var alert in group.Alerts.Where(a => a is { Kind: AlertKind.RouterDown, IsStale: false, Subject.RouterId: not null }))
        {
            foreach (var router in shape.DownFrom(alert.Subject.RouterId!.Value).Where(r => IsSilent(r.Id, alert.Subject.RouterId.Value, alert.LatestSince)))
            {
                dark[router.Id] = dark.TryGetValue(router.Id, out var since) && since > alert.LatestSince ? since : alert.LatestSince;
            }
        }

        if (dark.Count > 0)
        {
            var routers = dark.Keys.Select(id => (Guid?)id).ToList();
            var lines = await (from session in db.LiveSessions
                               join nas in db.NasDevices on session.NasId equals nas.Id
                               where routers.Contains(nas.RouterId) && session.SubscriptionId != null
                               group session.UpdatedAt by new { Line = session.SubscriptionId!.Value, Router = nas.RouterId!.Value } into each
                               select new { each.Key.Line, each.Key.Router, Heard = each.Max() }).Take(MostLines).ToListAsync(ct);
            lines.ForEach(l => Hurt(l.Line, group.Since, dark[l.Router], l.Heard));
        }

        foreach (var alert in group.Alerts.Where(a => a is { Kind: AlertKind.SessionsDropped, Subject.NasId: not null }))
        {
            var (nas, since) = (alert.Subject.NasId!.Value, alert.Since.AddMinutes(-10));
            var lines = await db.SessionRecords
                .Where(s => s.NasId == nas && s.StoppedAt >= since && s.SubscriptionId != null && !db.LiveSessions.Any(l => l.SubscriptionId == s.SubscriptionId))
                .Select(s => new { Line = s.SubscriptionId!.Value, s.StoppedAt }).Take(MostLines).ToListAsync(ct);
            lines.ForEach(l => Hurt(l.Line, l.StoppedAt, l.StoppedAt, null));
        }

        if (hurt.Count == 0)
        {
            return;
        }

        var known = await db.IncidentLines.AsNoTracking().Where(l => l.IncidentId == incident.Id).ToDictionaryAsync(l => l.SubscriptionId, ct);
        var fresh = hurt.Where(h => !known.ContainsKey(h.Key)).Take(MostLines - known.Count).ToList();
        db.IncidentLines.AddRange(fresh.Select(h => new IncidentLine(db.TenantId, incident.Id, h.Key, h.Value.First)));
        incident.Hurt(known.Count + fresh.Count);
        if (known.Values.Any(l => hurt.TryGetValue(l.SubscriptionId, out var loss) && IsLostAgain(l, loss)))
        {
            await LoseAgainAsync(incident, hurt, ct);
        }
    }

    /// <summary>Lines that were back, or were heard of in between, and have gone anew.</summary>
    private async Task LoseAgainAsync(Incident incident, Dictionary<Guid, Loss> hurt, CancellationToken ct)
    {
        var online = (await db.LiveSessions.Where(s => s.SubscriptionId != null && db.IncidentLines.Any(l => l.IncidentId == incident.Id && l.SubscriptionId == s.SubscriptionId))
            .GroupBy(s => s.SubscriptionId!.Value).Select(g => new { g.Key, Heard = g.Max(s => s.UpdatedAt) }).ToListAsync(ct)).ToDictionary(s => s.Key, s => s.Heard);
        foreach (var line in await db.IncidentLines.Where(l => l.IncidentId == incident.Id).ToListAsync(ct))
        {
            if (hurt.TryGetValue(line.SubscriptionId, out var loss) && IsLostAgain(line, loss) && !(online.TryGetValue(line.SubscriptionId, out var heard) && heard > loss.Latest))
            {
                line.LoseAgain(loss.Latest);
            }
        }
    }

    /// <summary>A dark router's sessions stay open: what was last heard of them says whether they were back. Of others there is the Stop, by the clock of the NAS.</summary>
    private static bool IsLostAgain(IncidentLine line, Loss loss) => loss.Latest > line.LostAt && (loss.Heard is { } heard
        ? heard <= loss.Latest && (line.BackAt is not null || heard > line.LostAt)
        : loss.Latest > line.BackAt - SlowClock);

    /// <summary>Whether nothing was heard since then of a router, nor of any up to the one above it that is down.</summary>
    private bool IsSilent(Guid router, Guid above, DateTime since)
    {
        foreach (var up in shape.UpFrom(router))
        {
            if (answering.TryGetValue(up.Id, out var answer) && answer.At > since)
            {
                return false;
            }

            if (up.Id == above)
            {
                break;
            }
        }

        return true;
    }

    /// <summary>That a line has lost its service.</summary>
    /// <param name="First">When it first did, UTC.</param>
    /// <param name="Latest">When it last did.</param>
    /// <param name="Heard">The last report of its session, which is still open; null when it has ended.</param>
    private readonly record struct Loss(DateTime First, DateTime Latest, DateTime? Heard);

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
