using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Subscriptions;

/// <summary>What is known of a line: its sessions, what it moved, who tried to log in, and what was done to it.</summary>
public sealed class LineHistoryService(IDataDefenderDbFactory dbFactory, LinesOnRouters routers, TenantContext tenant, CurrentUser user, TimeProvider clock)
{
    /// <summary>The open sessions, newest first.</summary>
    public async Task<IReadOnlyList<OpenSession>> OpenSessionsAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        await using var db = await OpenLineAsync(subscriptionId, Permissions.ViewClients, ct);
        var interim = await db.NetworkSettings.Select(s => (int?)s.InterimSeconds).SingleOrDefaultAsync(ct) ?? new NetworkSettings(db.TenantId).InterimSeconds;
        var fresh = clock.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds((2 * interim) + 30);
        return await (
            from session in db.LiveSessions.AsNoTracking()
            join nas in db.NasDevices on session.NasId equals nas.Id
            where session.SubscriptionId == subscriptionId
            orderby session.StartedAt descending, session.Id
            select new OpenSession(
                session.Id, session.AcctSessionId, nas.Name, nas.RouterId, session.FramedAddress, session.CallingStationId, session.NasPortId,
                session.StartedAt, session.UpdatedAt, session.UpdatedAt < fresh, session.UploadBytes, session.DownloadBytes)).ToListAsync(ct);
    }

    /// <summary>What the router says of a line that it has itself, without RADIUS; null for a line that logs in by RADIUS, and while its router has not been read.</summary>
    public async Task<LineOnRouter?> OnRouterAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        await using var db = await OpenLineAsync(subscriptionId, Permissions.ViewClients, ct);
        if (routers.Of(db.TenantId).Count == 0)
        {
            return null;
        }

        var line = await db.Subscriptions.AsNoTracking().Where(s => s.Id == subscriptionId).Select(s => new { s.Username, s.Binding }).SingleAsync(ct);
        var router = line.Binding.NasId is { } nas ? await db.NasDevices.Where(n => n.Id == nas).Select(n => n.RouterId).SingleOrDefaultAsync(ct) ?? Guid.Empty : (Guid?)null;
        return routers.Find(db.TenantId, subscriptionId, line.Username, router, clock.GetUtcNow().UtcDateTime);
    }

    /// <summary>The sessions that have ended, newest first.</summary>
    public async Task<PageOf<PastSession>> SessionsAsync(Guid subscriptionId, GridQuery query, CancellationToken ct = default)
    {
        await using var db = await OpenLineAsync(subscriptionId, Permissions.ViewClients, ct);
        var sessions = db.SessionRecords.AsNoTracking().Where(s => s.SubscriptionId == subscriptionId);
        var page = await (
            from session in sessions
            join nas in db.NasDevices on session.NasId equals nas.Id into known
            from nas in known.DefaultIfEmpty()
            orderby session.StartedAt descending, session.Id
            select new PastSession(
                session.Id, nas == null ? null : nas.Name, session.FramedAddress, session.CallingStationId, session.StartedAt, session.StoppedAt,
                session.UploadBytes, session.DownloadBytes, session.TerminateCause))
            .Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct);
        return new PageOf<PastSession>(page, await sessions.CountAsync(ct));
    }

    /// <summary>What the line moved on each of the last days, in the company's time zone, oldest first; a day without use is there with zeros.</summary>
    public async Task<IReadOnlyList<UsageDay>> UsageAsync(Guid subscriptionId, int days, CancellationToken ct = default)
    {
        await using var db = await OpenLineAsync(subscriptionId, Permissions.ViewClients, ct);
        var zoneName = await db.Companies.Where(c => c.Id == tenant.TenantId).Select(c => c.TimeZone).SingleAsync(ct);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneName);
        var today = DateOf(clock.GetUtcNow().UtcDateTime, zone);
        var first = today.AddDays(1 - days);
        var since = TimeZoneInfo.ConvertTimeToUtc(first.ToDateTime(TimeOnly.MinValue), zone);

        var hours = await db.UsageHours.AsNoTracking()
            .Where(u => u.SubscriptionId == subscriptionId && u.Hour >= since)
            .Select(u => new { u.Hour, u.UploadBytes, u.DownloadBytes })
            .ToListAsync(ct);
        var byDay = hours.ToLookup(u => DateOf(u.Hour, zone));
        return [.. Enumerable.Range(0, days).Select(first.AddDays).Select(day => new UsageDay(day, byDay[day].Sum(u => u.UploadBytes), byDay[day].Sum(u => u.DownloadBytes)))];
    }

    /// <summary>Who tried to log in with it, newest first, and why that was refused; tests of our own people are left out.</summary>
    public async Task<PageOf<LineLogin>> LoginsAsync(Guid subscriptionId, GridQuery query, CancellationToken ct = default)
    {
        await using var db = await OpenLineAsync(subscriptionId, Permissions.ViewLogins, ct);
        var logins = db.LoginAttempts.AsNoTracking().Where(a => a.SubscriptionId == subscriptionId && !a.IsTest);
        var page = await (
            from attempt in logins
            join nas in db.NasDevices on attempt.NasId equals nas.Id into known
            from nas in known.DefaultIfEmpty()
            orderby attempt.At descending, attempt.Id descending
            select new LineLogin(attempt.Id, attempt.At, nas == null ? null : nas.Name, attempt.CallingStationId, attempt.Method, attempt.Outcome, attempt.Detail))
            .Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct);
        return new PageOf<LineLogin>(page, await logins.CountAsync(ct));
    }

    /// <summary>What was done to its open sessions, newest first, by which path and with what outcome.</summary>
    public async Task<PageOf<CommandRow>> CommandsAsync(Guid subscriptionId, GridQuery query, CancellationToken ct = default)
    {
        await using var db = await OpenLineAsync(subscriptionId, Permissions.ViewClients, ct);
        var commands = db.LineCommands.AsNoTracking().Where(c => c.SubscriptionId == subscriptionId);
        var page = await commands
            .OrderByDescending(c => c.RequestedAt).ThenByDescending(c => c.Id)
            .Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(c => new CommandRow(c.Id, c.RequestedAt, c.RequestedBy, c.Action, c.Because, c.Status, c.Path, c.Attempts, c.CompletedAt, c.NextAttemptAt, c.Detail))
            .ToListAsync(ct);
        return new PageOf<CommandRow>(page, await commands.CountAsync(ct));
    }

    /// <summary>The audit trail of a client and its lines, newest first.</summary>
    public async Task<PageOf<ActRow>> ActsAsync(Guid clientId, GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewAudit);
        await using var db = await dbFactory.OpenAsync(ct);
        var lines = await db.Subscriptions.Where(s => s.ClientId == clientId).Select(s => s.Id).ToListAsync(ct);
        if (lines.Count == 0 && !await db.Clients.AnyAsync(c => c.Id == clientId, ct))
        {
            throw new NotFoundException("Client", clientId);
        }

        var (client, keys) = (clientId.ToString(), lines.ConvertAll(id => id.ToString()));
        var acts = db.AuditEntries.AsNoTracking().Where(a =>
            (a.Entity == nameof(Client) && a.EntityId == client) || (a.Entity == nameof(Subscription) && keys.Contains(a.EntityId)));
        var page = await acts
            .OrderByDescending(a => a.Sequence)
            .Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(a => new ActRow(a.Sequence, a.At, a.Actor, a.Action, a.Entity, a.Label, a.Before, a.After))
            .ToListAsync(ct);
        return new PageOf<ActRow>(page, await acts.CountAsync(ct));
    }

    private static DateOnly DateOf(DateTime utc, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(utc, zone));

    private async Task<IDataDefenderDb> OpenLineAsync(Guid subscriptionId, string permission, CancellationToken ct)
    {
        user.Demand(permission);
        var db = await dbFactory.OpenAsync(ct);
        if (await db.Subscriptions.AnyAsync(s => s.Id == subscriptionId, ct))
        {
            return db;
        }

        await db.DisposeAsync();
        throw new NotFoundException("Line", subscriptionId);
    }
}

/// <summary>
/// A session that is open as far as accounting said at <see cref="UpdatedAt"/>. Octets since its start. <see cref="IsStale"/>: more than
/// two reports are overdue, so that nobody knows whether it is still there.
/// </summary>
public sealed record OpenSession(
    Guid Id,
    string AcctSessionId,
    string Nas,
    Guid? RouterId,
    string? Address,
    string? Mac,
    string? Port,
    DateTime StartedAt,
    DateTime UpdatedAt,
    bool IsStale,
    long UploadBytes,
    long DownloadBytes);

/// <summary>A session that has ended. <see cref="Nas"/> is null when the NAS is no longer known.</summary>
public sealed record PastSession(
    Guid Id, string? Nas, string? Address, string? Mac, DateTime StartedAt, DateTime StoppedAt, long UploadBytes, long DownloadBytes, string TerminateCause);

/// <summary>What a line moved in one day.</summary>
public sealed record UsageDay(DateOnly Day, long UploadBytes, long DownloadBytes);

/// <summary>One answered login.</summary>
public sealed record LineLogin(long Id, DateTime At, string? Nas, string? Mac, string Method, LoginOutcome Outcome, string Detail);

/// <summary>One thing that was to be done to a line's open session.</summary>
public sealed record CommandRow(
    Guid Id,
    DateTime RequestedAt,
    string RequestedBy,
    LineAction Action,
    string Because,
    LineCommandStatus Status,
    LinePath? Path,
    int Attempts,
    DateTime? CompletedAt,
    DateTime NextAttemptAt,
    string? Detail);

/// <summary>One line of the audit trail. Before and after are JSON objects of the changed values.</summary>
public sealed record ActRow(long Sequence, DateTime At, string Actor, string Action, string Entity, string Label, string? Before, string? After);
