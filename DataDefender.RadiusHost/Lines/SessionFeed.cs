using System.Text;
using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Lines;

/// <summary>
/// Tells the session limits what is not from this process's own accounting: the sessions that were open before it started, those that another
/// RadiusHost was told of, and those that Web closed because the router has them no more.
/// </summary>
internal sealed class SessionFeed(IPlatformDbFactory databases, LineDirectory directory, TimeProvider clock)
{
    private const int Page = 500;

    /// <summary>A report takes no longer to the database, unless that is away: then a session limit is a little generous.</summary>
    private static readonly TimeSpan UntilStored = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Reports of a session that goes on leave no change, so all are read anew this often while another RadiusHost is at work: an
    /// interval and this are less than the three intervals after which a session counts as over.
    /// </summary>
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(1);

    /// <summary>A RadiusHost that applied nothing for this long is not at work.</summary>
    private static readonly TimeSpan AtWork = TimeSpan.FromHours(1);

    private long _last;
    private long? _readAt;

    /// <summary>Reads all open sessions, and takes the changes so far as known.</summary>
    public async Task StartAsync(DirectoryContent content, CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        _last = await db.SessionChanges.AcrossTenants().MaxAsync(c => (long?)c.Id, ct) ?? 0;
        await ReadAllAsync(db, content, ct);
    }

    /// <summary>Brings the lines up to date.</summary>
    public async Task ApplyAsync(CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        int read;
        do
        {
            var last = _last;
            var changes = await db.SessionChanges.AcrossTenants().AsNoTracking().Where(c => c.Id > last).OrderBy(c => c.Id).Take(Page).ToListAsync(ct);
            read = changes.Count;
            if (read > 0)
            {
                await ApplyAsync(db, changes, ct);
                _last = changes[^1].Id;
            }
        }
        while (read == Page);

        if (_readAt is not { } readAt || clock.GetElapsedTime(readAt) > RefreshInterval)
        {
            await RefreshAsync(db, ct);
        }
    }

    private async Task RefreshAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var since = clock.GetUtcNow().UtcDateTime - AtWork;
        if (await db.JournalPositions.CountAsync(p => p.AppliedAt > since, ct) > 1)
        {
            await ReadAllAsync(db, directory.Content, ct);
        }

        _readAt = clock.GetTimestamp();
    }

    private async Task ReadAllAsync(IDataDefenderDb db, DirectoryContent content, CancellationToken ct)
    {
        _readAt = clock.GetTimestamp();
        await foreach (var session in Rows(db.LiveSessions.AcrossTenants()).WithCancellation(ct))
        {
            if (content.Companies.GetValueOrDefault(session.TenantId)?.Find(session.Line) is { } line)
            {
                Learn(line.Line, session);
            }
        }
    }

    private async Task ApplyAsync(IDataDefenderDb db, List<SessionChange> changes, CancellationToken ct)
    {
        foreach (var restart in changes.Where(c => c.NasId is not null))
        {
            var nas = directory.NasState(restart.NasId!.Value);
            nas.RestartedAt = Math.Max(nas.RestartedAt, restart.At.Ticks);
        }

        var lines = changes.Where(c => c.SubscriptionId is not null)
            .GroupBy(c => (c.TenantId, Line: c.SubscriptionId!.Value))
            .Select(g => (g.Key.TenantId, g.Key.Line, At: g.Max(c => c.At), Known: directory.Content.Companies.GetValueOrDefault(g.Key.TenantId)?.Find(g.Key.Line)?.Line))
            .Where(l => l.Known is not null)
            .ToList();
        if (lines.Count == 0)
        {
            return;
        }

        var (tenants, ids) = (lines.Select(l => l.TenantId).Distinct().ToArray(), lines.Select(l => l.Line).ToArray());
        var rows = await Rows(db.LiveSessions.AcrossTenants().Where(s => tenants.Contains(s.TenantId) && s.SubscriptionId != null && ids.Contains(s.SubscriptionId.Value)))
            .ToListAsync(ct);
        var open = rows.ToLookup(s => s.Line);
        var missing = new List<(LineState Line, OpenSession Session, string Id, DateTime ChangedAt)>();
        foreach (var line in lines)
        {
            foreach (var session in open[line.Line])
            {
                Learn(line.Known!, session);
            }

            missing.AddRange(
                from session in line.Known!.Sessions
                let id = Encoding.UTF8.GetString(session.SessionId)
                where !open[line.Line].Any(s => s.NasId == session.Nas.Id && s.AcctSessionId == id)
                select (line.Known!, session, id, line.At));
        }

        await ForgetClosedAsync(db, tenants, missing, ct);
    }

    /// <summary>What the database has not as open was closed there, or is not there yet.</summary>
    private static async Task ForgetClosedAsync(
        IDataDefenderDb db, Guid[] tenants, List<(LineState Line, OpenSession Session, string Id, DateTime ChangedAt)> missing, CancellationToken ct)
    {
        if (missing.Count == 0)
        {
            return;
        }

        var (nas, ids) = (missing.Select(m => m.Session.Nas.Id).Distinct().ToArray(), missing.Select(m => m.Id).Distinct().ToArray());
        var records = await db.SessionRecords.AcrossTenants()
            .Where(s => tenants.Contains(s.TenantId) && nas.Contains(s.NasId) && ids.Contains(s.AcctSessionId))
            .Select(s => new { s.NasId, s.AcctSessionId, s.StoppedAt })
            .ToListAsync(ct);
        var stopped = records.GroupBy(r => (r.NasId, r.AcctSessionId)).ToDictionary(g => g.Key, g => g.Max(r => r.StoppedAt));
        foreach (var (line, session, id, changedAt) in missing)
        {
            var stoppedAt = stopped.GetValueOrDefault((session.Nas.Id, id), changedAt - UntilStored - UntilStored);
            line.Forget(session, (stoppedAt + UntilStored).Ticks);
        }
    }

    private void Learn(LineState line, StoredSession session)
    {
        _ = MacAddress.TryRead(session.CallingStationId ?? "", out var caller);
        line.Learn(directory.NasState(session.NasId), Encoding.UTF8.GetBytes(session.AcctSessionId), caller, session.UpdatedAt.Ticks);
    }

    private static IAsyncEnumerable<StoredSession> Rows(IQueryable<LiveSession> sessions) => sessions.AsNoTracking()
        .Where(s => s.SubscriptionId != null)
        .Select(s => new StoredSession(s.TenantId, s.NasId, s.AcctSessionId, s.SubscriptionId!.Value, s.CallingStationId, s.UpdatedAt))
        .AsAsyncEnumerable();

    private sealed record StoredSession(Guid TenantId, Guid NasId, string AcctSessionId, Guid Line, string? CallingStationId, DateTime UpdatedAt);
}
