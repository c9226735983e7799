using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Monitoring;

/// <summary>A router as the dashboard needs it beside its live snapshot.</summary>
public sealed record NocRouter(
    Guid Id, string Name, string? Site, string? Model, string? RouterOsVersion, bool IsEnabled, RouterState State, DateTime StateSince, string? StateReason, DateTime? LastSeenAt, int OpenSessions);

/// <summary>A NAS as the dashboard needs it.</summary>
public sealed record NocNas(Guid Id, string Name, string Address, Guid? RouterId);

/// <summary>What the dashboard shows of the database, at one moment.</summary>
public sealed record NocFigures(
    DateTime At, SessionSummary Sessions, IReadOnlyList<NocRouter> Routers, IReadOnlyList<NocNas> Nas, IReadOnlyList<OutcomeCount> LoginsLastHour, IReadOnlyList<EventRow> Events)
{
    /// <summary>Those that are open, the worst first.</summary>
    public IReadOnlyList<IncidentRow> Incidents { get; init; } = [];

    /// <summary>Settings of routers that differ from the design, and lines that are online otherwise than sold.</summary>
    public (int Settings, int Lines) Drift { get; init; }

    /// <summary>Lines on routers that have them themselves; null where no router does.</summary>
    public PushedOnline? Pushed { get; init; }

    /// <summary>What <see cref="LiveMetrics.Told"/> said before they were read.</summary>
    public long Told { get; init; }
}

/// <summary>
/// The newest figures of each company, shared by everybody who looks at that company's dashboard: a hundred open screens ask the
/// database as often as one.
/// </summary>
public sealed class NocBoard(LiveMetrics metrics, TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(8);

    /// <summary>As soon as this they are read anew when something is said to have changed, and not sooner, however much is said.</summary>
    private static readonly TimeSpan FreshAfterNews = TimeSpan.FromSeconds(0.5);

    private readonly ConcurrentDictionary<Guid, Asked> _asked = new();

    internal async Task<NocFigures> GetAsync(Guid tenantId, Func<Task<NocFigures>> load)
    {
        var (now, told) = (clock.GetUtcNow().UtcDateTime, metrics.Told(tenantId));
        var asked = _asked.AddOrUpdate(
            tenantId, _ => New(), (_, last) => now - last.At < (last.Told == told ? Fresh : FreshAfterNews) ? last : New());
        try
        {
            return await asked.Figures.Value;
        }
        catch
        {
            _asked.TryRemove(KeyValuePair.Create(tenantId, asked)); // the next to ask tries again
            throw;
        }

        Asked New() => new(now, told, new Lazy<Task<NocFigures>>(async () => (await load()) with { Told = told }));
    }

    private sealed record Asked(DateTime At, long Told, Lazy<Task<NocFigures>> Figures);
}

/// <summary>What the NOC dashboard needs of the database.</summary>
public sealed class NocService(IDataDefenderDbFactory dbFactory, NocBoard board, LinesOnRouters lines, SessionService sessions, EventService events, IncidentService incidents, Tenancy.TenantContext tenant, CurrentUser user, TimeProvider clock)
{
    private const int EventsShown = 12;

    /// <summary>Not older than eight seconds, and half a second when something was said to have changed (<see cref="LiveMetrics.Announce"/>).</summary>
    public Task<NocFigures> GetAsync()
    {
        user.Demand(Permissions.ViewNetwork);
        return board.GetAsync(tenant.TenantId, LoadAsync);
    }

    // Without a cancellation token: others may be waiting for the same answer.
    private async Task<NocFigures> LoadAsync()
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await using var db = await dbFactory.OpenAsync();
        var perNas = await db.LiveSessions.GroupBy(s => s.NasId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count);
        var nas = await db.NasDevices.AsNoTracking().OrderBy(n => n.Name).Select(n => new NocNas(n.Id, n.Name, n.Address, n.RouterId)).ToListAsync();
        var perRouter = nas.Where(n => n.RouterId is not null).GroupBy(n => n.RouterId!.Value).ToDictionary(g => g.Key, g => g.Sum(n => perNas.GetValueOrDefault(n.Id)));
        var routers = await db.Routers.AsNoTracking().OrderBy(r => r.Name)
            .Select(r => new NocRouter(r.Id, r.Name, db.Sites.Where(s => s.Id == r.SiteId).Select(s => s.Name).FirstOrDefault(), r.Model, r.RouterOsVersion, r.IsEnabled, r.State, r.StateSince, r.StateReason, r.LastSeenAt, 0))
            .ToListAsync();
        var hourAgo = now.AddHours(-1);
        var logins = await db.LoginAttempts.Where(a => a.At >= hourAgo && !a.IsTest).GroupBy(a => a.Outcome).Select(g => new { Outcome = g.Key, Count = g.Count() }).ToListAsync();
        var drift = await db.Drifts.GroupBy(d => d.Kind).Select(g => new { g.Key, Count = g.Count() }).ToListAsync();
        var (pushed, pushedOn) = await PushedAsync(db, now);
        return new NocFigures(
            now,
            await sessions.SummariseAsync(),
            [.. routers.Select(r => r with { OpenSessions = perRouter.GetValueOrDefault(r.Id) + pushedOn.GetValueOrDefault(r.Id) })],
            nas,
            [.. logins.Select(l => new OutcomeCount(l.Outcome, l.Count)).OrderByDescending(l => l.Count)],
            await events.NewestAsync(new EventFilter(), EventsShown))
        {
            Pushed = pushed,
            Incidents = await incidents.OpenAsync(),
            Drift = (drift.Where(d => !Provisioning.Drift.IsLineKind(d.Key)).Sum(d => d.Count), drift.Where(d => Provisioning.Drift.IsLineKind(d.Key)).Sum(d => d.Count)),
        };
    }

    /// <summary>A session that a router lets in by a secret of its own is counted only where a line of the company has that user name.</summary>
    private async Task<(PushedOnline? All, Dictionary<Guid, int> PerRouter)> PushedAsync(IDataDefenderDb db, DateTime now)
    {
        var read = lines.Of(db.TenantId);
        if (read.Count == 0)
        {
            return (null, []);
        }

        var (names, _) = lines.OnlineNow(db.TenantId, now);
        var known = names.Count == 0 ? [] : (await db.Subscriptions.Where(s => names.Contains(s.Username)).Select(s => s.Username).ToListAsync()).ToHashSet(StringComparer.Ordinal);
        var fresh = read.Where(r => r.IsFresh(now)).ToDictionary(r => r.RouterId, r => r.Push is Provisioning.LinePush.Secrets ? r.Online.Keys.Count(known.Contains) : r.Online.Count);
        return (new PushedOnline(fresh.Values.Sum(), fresh.Count, read.Count - fresh.Count, fresh.Count == 0 ? null : read.Where(r => fresh.ContainsKey(r.RouterId)).Min(r => r.At)), fresh);
    }
}
