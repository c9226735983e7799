using System.Text.Json;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Monitoring.Diagnosis;

/// <summary>What is wrong with a line, and when that was looked at.</summary>
public sealed record Diagnosis(Guid SubscriptionId, string Username, DateTime At, IReadOnlyList<Verdict> Verdicts);

/// <summary>"Why is this client offline?": joins what the database, the routers and RADIUS know of a line, and asks <see cref="LineDoctor"/>.</summary>
public sealed class DiagnosisService(IDataDefenderDbFactory dbFactory, LiveMetrics metrics, LinesOnRouters routers, CurrentUser user, TimeProvider clock)
{
    private const int LoginsRead = 10;
    private static readonly TimeSpan ChangesRead = TimeSpan.FromDays(3);
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(15);

    public async Task<Diagnosis> DiagnoseAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        var facts = await ReadAsync(subscriptionId, ct);
        return new Diagnosis(subscriptionId, facts.Username, facts.Now, LineDoctor.Diagnose(facts));
    }

    /// <summary>The snapshot alone: every fact with its age.</summary>
    public async Task<LineFacts> ReadAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        user.Demand(Permissions.ViewNetwork);
        var now = clock.GetUtcNow().UtcDateTime;
        await using var db = await dbFactory.OpenAsync(ct);
        var line = await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == subscriptionId, ct) ?? throw new NotFoundException("Line", subscriptionId);
        var company = await db.Companies.AsNoTracking().Where(c => c.Id == db.TenantId).Select(c => c.Status).SingleAsync(ct);
        var names = await db.NasDevices.AsNoTracking().Select(n => new { n.Id, n.Name }).ToDictionaryAsync(n => n.Id, n => n.Name, ct);
        string Name(Guid nas) => names.GetValueOrDefault(nas) ?? "a NAS that was removed";

        var interim = await db.NetworkSettings.Select(s => (int?)s.InterimSeconds).SingleOrDefaultAsync(ct) ?? new NetworkSettingsInput().InterimSeconds;
        var sessions = await db.LiveSessions.AsNoTracking().Where(s => s.SubscriptionId == subscriptionId).OrderByDescending(s => s.UpdatedAt).Take(8).ToListAsync(ct);
        var ends = await db.SessionRecords.AsNoTracking().Where(s => s.SubscriptionId == subscriptionId).OrderByDescending(s => s.StartedAt).Take(30).ToListAsync(ct);
        var end = ends.MaxBy(e => e.StoppedAt);
        var logins = await db.LoginAttempts.AsNoTracking().Where(a => a.SubscriptionId == subscriptionId && !a.IsTest).OrderByDescending(a => a.At).ThenByDescending(a => a.Id).Take(LoginsRead).ToListAsync(ct);
        var strangers = await StrangersAsync(db, line, sessions, end, logins, now, ct);

        var (nasId, port) = sessions is [var open, ..] ? (open.NasId, open.NasPortId) : logins is [var login, ..] && login.At > (end?.StoppedAt ?? DateTime.MinValue) ? (login.NasId, end?.NasId == login.NasId ? end.NasPortId : null)
            : end is not null ? (end.NasId, end.NasPortId) : strangers is [var stranger, ..] ? (stranger.NasId, null) : ((Guid?)line.Binding.NasId, line.Binding.PortId);
        var bound = line.Binding.NasId is { } device ? await db.NasDevices.Where(n => n.Id == device).Select(n => n.RouterId).SingleOrDefaultAsync(ct) ?? Guid.Empty : (Guid?)null;
        var onRouter = routers.Find(db.TenantId, subscriptionId, line.Username, bound, now);
        var (nas, router) = await PlaceAsync(db, subscriptionId, nasId, port, now, ct);
        return new LineFacts
        {
            Now = now, Username = line.Username, Company = company, State = line.State, StateSince = line.StateSince, SuspendReason = line.SuspendReason, StateNote = line.StateNote, ExpiresAt = line.ExpiresAt,
            Limit = line.Limit, LimitAction = line.LimitAction, LimitReason = line.LimitReason, LimitSince = line.LimitSince, LimitUntil = line.LimitUntil, CallerLock = line.CallerLock, Binding = line.Binding,
            Interim = TimeSpan.FromSeconds(interim),
            Sessions = [.. sessions.Select(s => new SessionFact(s.NasId, Name(s.NasId), s.CallingStationId, s.NasPortId, s.StartedAt, s.UpdatedAt))],
            LastEnd = end is null ? null : new EndFact(end.NasId, Name(end.NasId), end.CallingStationId, end.NasPortId, end.StartedAt, end.StoppedAt, end.TerminateCause),
            EndedLastHour = ends.Count(e => now - e.StoppedAt <= TimeSpan.FromHours(1)),
            Logins = [.. logins.Select(a => new LoginFact(a.At, a.Username, a.Outcome, a.Detail, a.CallingStationId, a.NasId, Name(a.NasId)))],
            Strangers = [.. strangers.Select(a => new LoginFact(a.At, a.Username, a.Outcome, a.Detail, a.CallingStationId, a.NasId, Name(a.NasId)))],
            OnRouter = onRouter,
            Nas = nas, Router = router ?? (onRouter is null ? null : await RouterAsync(db, onRouter.RouterId, null, ct)), Feed = metrics.Feed,
            Incident = await IncidentAsync(db, subscriptionId, router?.Id ?? onRouter?.RouterId, nas?.Id, ct),
            Work = await WorkAsync(db, router?.Id ?? onRouter?.RouterId, now, ct),
            Changes = await ChangesAsync(db, subscriptionId, now, ct),
            Command = await db.LineCommands.AsNoTracking().Where(c => c.SubscriptionId == subscriptionId).OrderByDescending(c => c.RequestedAt)
                .Select(c => new CommandFact(c.RequestedAt, c.RequestedBy, c.Action, c.Because, c.Status, c.Detail)).FirstOrDefaultAsync(ct),
        };
    }

    /// <summary>Logins with a user name that nobody has, from equipment that the line was seen with.</summary>
    private static async Task<List<LoginAttempt>> StrangersAsync(
        IDataDefenderDb db, Subscription line, List<LiveSession> sessions, SessionRecord? end, List<LoginAttempt> logins, DateTime now, CancellationToken ct)
    {
        string?[] macs = [line.CallerLock, sessions is [var open, ..] ? open.CallingStationId : null, end?.CallingStationId, logins is [var login, ..] ? login.CallingStationId : null];
        var known = macs.OfType<string>().Distinct().ToList();
        if (known.Count == 0)
        {
            return [];
        }

        var since = now.AddDays(-1);
        return await db.LoginAttempts.AsNoTracking()
            .Where(a => a.At >= since && a.SubscriptionId == null && a.Outcome == LoginOutcome.UnknownUser && !a.IsTest && a.CallingStationId != null && known.Contains(a.CallingStationId))
            .OrderByDescending(a => a.At).Take(3).ToListAsync(ct);
    }

    private async Task<(NasFact?, RouterFact?)> PlaceAsync(IDataDefenderDb db, Guid line, Guid? nasId, string? port, DateTime now, CancellationToken ct)
    {
        if (nasId is not { } id || await db.NasDevices.AsNoTracking().SingleOrDefaultAsync(n => n.Id == id, ct) is not { } nas)
        {
            return (null, null);
        }

        var since = now - Lately;
        var open = await db.LiveSessions.Where(s => s.NasId == id && s.SubscriptionId != line).GroupBy(s => s.NasPortId == port).Select(g => new { Here = g.Key, Count = g.Count() }).ToListAsync(ct);
        var accepted = await db.LoginAttempts.CountAsync(a => a.NasId == id && a.At >= since && (a.Outcome == LoginOutcome.Accepted || a.Outcome == LoginOutcome.AcceptedWalledGarden), ct);
        var wrong = await db.LoginAttempts.Where(a => a.NasId == id && a.At >= since && a.Outcome == LoginOutcome.WrongPassword && !a.IsTest).Select(a => a.Username).Distinct().CountAsync(ct);
        var pulse = metrics.NasPulses(db.TenantId).GetValueOrDefault(id);
        var minute = metrics.NasMinutes(db.TenantId).GetValueOrDefault(id);
        var fact = new NasFact(
            id, nas.Name, nas.IsEnabled, pulse?.LastSeenAt, minute?.BadAuthenticators ?? 0, (minute?.Accepts ?? 0) + (minute?.Rejects ?? 0) + (minute?.Accounting ?? 0),
            open.Sum(o => o.Count), port is null ? 0 : open.Where(o => o.Here).Sum(o => o.Count), accepted, wrong);
        return (fact, nas.RouterId is { } routerId ? await RouterAsync(db, routerId, port, ct) : null);
    }

    private async Task<RouterFact?> RouterAsync(IDataDefenderDb db, Guid routerId, string? port, CancellationToken ct)
    {
        if (await db.Routers.AsNoTracking().Where(r => r.Id == routerId).Select(r => new { r.Name, r.State, r.StateReason, r.LastSeenAt, r.StateSince }).SingleOrDefaultAsync(ct) is not { } router)
        {
            return null;
        }

        var live = metrics.Latest(db.TenantId, routerId);
        return new RouterFact(
            routerId, router.Name, live?.State ?? router.State, live is null ? router.StateReason : live.Reason, live?.At ?? router.LastSeenAt, live?.CpuPercent,
            live is null || live.Interfaces.IsDefault ? null : live.Interfaces.FirstOrDefault(i => string.Equals(i.Name, port, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>The open incident that names the line; else one of its router or NAS.</summary>
    private static async Task<IncidentFact?> IncidentAsync(IDataDefenderDb db, Guid line, Guid? router, Guid? nas, CancellationToken ct)
    {
        var open = await db.Incidents.AsNoTracking().Where(i => i.ResolvedAt == null)
            .Where(i => db.IncidentLines.Any(l => l.IncidentId == i.Id && l.SubscriptionId == line && l.BackAt == null) || (router != null && i.RouterId == router) || (nas != null && i.NasId == nas))
            .Select(i => new { i.Id, i.Number, i.Title, i.CauseKey, i.OpenedAt, i.RouterId, i.Affected, Names = db.IncidentLines.Any(l => l.IncidentId == i.Id && l.SubscriptionId == line && l.BackAt == null) })
            .ToListAsync(ct);
        return open.OrderByDescending(i => i.Names).ThenByDescending(i => i.Affected)
            .Select(i => new IncidentFact(i.Id, i.Number, i.Title, i.CauseKey, i.OpenedAt, i.Names, i.RouterId, i.Affected > 0)).FirstOrDefault();
    }

    private static async Task<WorkFact?> WorkAsync(IDataDefenderDb db, Guid? router, DateTime now, CancellationToken ct)
    {
        if (router is null)
        {
            return null;
        }

        return await db.MaintenanceWindows.AsNoTracking()
            .Where(w => w.From <= now && w.Until > now && (w.RouterId == router || (w.Site != null && db.Routers.Any(r => r.Id == router && db.Sites.Any(s => s.Id == r.SiteId && s.Name == w.Site)))))
            .Select(w => new WorkFact(w.From, w.Until, w.Reason)).FirstOrDefaultAsync(ct);
    }

    private static async Task<IReadOnlyList<ChangeFact>> ChangesAsync(IDataDefenderDb db, Guid line, DateTime now, CancellationToken ct)
    {
        var (since, id) = (now - ChangesRead, line.ToString());
        var entries = await db.AuditEntries.AsNoTracking().Where(e => e.Entity == nameof(Subscription) && e.EntityId == id && e.At >= since).OrderByDescending(e => e.At).Take(10)
            .Select(e => new { e.At, e.Actor, e.Action, e.After }).ToListAsync(ct);
        return [.. entries.Where(e => e.Action != "created").Select(e => new ChangeFact(e.At, e.Actor, e.Action, Fields(e.After)))];
    }

    private static IReadOnlyList<string> Fields(string? json)
    {
        if (json is null)
        {
            return [];
        }

        using var after = JsonDocument.Parse(json);
        return after.RootElement.ValueKind is JsonValueKind.Object ? [.. after.RootElement.EnumerateObject().Select(p => p.Name)] : [];
    }
}
