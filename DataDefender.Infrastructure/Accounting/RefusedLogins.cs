using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Accounting;

/// <summary>
/// Looks into logins that were refused because the line's sessions are all in use: an open session that is overdue with its report is
/// asked for at its router, and closed when it is not there, so that the next try gets in. The refusal in the login log is the question.
/// </summary>
internal sealed partial class RefusedLogins(
    IPlatformDbFactory platform, RouterDirectory routers, IRouterGateway gateway, TenantScopes scopes, TimeProvider clock, ILogger<RefusedLogins> log)
{
    /// <summary>A session that was reported longer ago than this is on the router's list, or gone.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    /// <summary>Ids are given before the commit, so that a lower one may appear later: so many are looked at again.</summary>
    private const int Overlap = 500;
    private const int AtOnce = 200;

    /// <summary>A line that redials each second is looked into this often.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RoutersKept = TimeSpan.FromSeconds(30);

    private readonly SortedSet<long> _handled = [];
    private readonly Dictionary<Guid, DateTime> _askedAt = [];

    /// <summary>Lines whose router did not answer: their refusals are looked into again after the pause.</summary>
    private readonly HashSet<Guid> _unanswered = [];
    private Dictionary<Guid, PolledRouter> _routers = [];
    private DateTime _routersAt;
    private long? _newest;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Takes the refusals so far as known.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        await using var db = await platform.OpenAsync(ct);
        _newest = await db.LoginAttempts.AcrossTenants().MaxAsync(a => (long?)a.Id, ct) ?? 0;
    }

    /// <summary>Returns how many sessions were closed.</summary>
    public async Task<int> CheckAsync(CancellationToken ct)
    {
        if (_newest is null)
        {
            await StartAsync(ct);
        }

        var closed = 0;
        foreach (var refusals in (await TakeAsync(ct)).GroupBy(r => r.TenantId))
        {
            await using var scope = scopes.Open(refusals.Key, "session healing");
            await using var db = (DataDefenderDbContext)await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
            Guid[] lines = [.. refusals.Select(r => r.Line).Distinct()];
            _unanswered.ExceptWith(lines);
            closed += await CheckAsync(db, lines, ct);
            _handled.UnionWith(refusals.Where(r => !_unanswered.Contains(r.Line)).Select(r => r.Id));
        }

        return closed;
    }

    /// <summary>What was refused since the last look, or could not be looked into then.</summary>
    private async Task<List<Refusal>> TakeAsync(CancellationToken ct)
    {
        await using var db = await platform.OpenAsync(ct);
        var from = Math.Max(0, _newest!.Value - Overlap);
        var refusals = await db.LoginAttempts.AcrossTenants()
            .Where(a => a.Id > from && a.Outcome == LoginOutcome.TooManySessions && a.SubscriptionId != null && !a.IsTest)
            .OrderBy(a => a.Id).Take(AtOnce + Overlap)
            .Select(a => new Refusal(a.Id, a.TenantId, a.SubscriptionId!.Value))
            .ToListAsync(ct);
        var now = Now;
        _newest = Math.Max(_newest.Value, refusals.Count > 0 ? refusals[^1].Id : 0);
        _handled.RemoveWhere(id => id <= _newest - Overlap);
        foreach (var old in _askedAt.Where(a => now - a.Value >= Pause).Select(a => a.Key).ToList())
        {
            _askedAt.Remove(old);
        }

        var fresh = refusals.Where(r => !_handled.Contains(r.Id)).ToList();
        _handled.UnionWith(fresh.Where(r => _askedAt.ContainsKey(r.Line) && !_unanswered.Contains(r.Line)).Select(r => r.Id));
        fresh.RemoveAll(r => _askedAt.ContainsKey(r.Line));
        fresh.ForEach(r => _askedAt.TryAdd(r.Line, now));
        return fresh;
    }

    private async Task<int> CheckAsync(DataDefenderDbContext db, Guid[] lines, CancellationToken ct)
    {
        var settled = Now - Settled;
        var silent = await (
            from session in db.LiveSessions.AsNoTracking()
            join nas in db.NasDevices on session.NasId equals nas.Id
            where session.SubscriptionId != null && lines.Contains(session.SubscriptionId.Value) && session.UpdatedAt < settled && nas.RouterId != null
            select new { Session = session, Router = nas.RouterId!.Value }).ToListAsync(ct);
        var closed = 0;
        var silentRouters = new HashSet<Guid>();
        foreach (var place in silent.GroupBy(s => (s.Router, s.Session.Username)))
        {
            if (silentRouters.Contains(place.Key.Router)
                || await RouterAsync(place.Key.Router, ct) is not { Endpoint: { } endpoint } router
                || await RouterSessions.ReadAsync(gateway, endpoint, place.Key.Username, ct) is not { } listed)
            {
                silentRouters.Add(place.Key.Router); // one that does not answer is waited for once
                _unanswered.UnionWith(place.Select(s => s.Session.SubscriptionId!.Value));
                continue;
            }

            var gone = place.Select(s => s.Session).Where(s => !listed.Has(s)).ToList();
            closed += await SessionCloser.CloseAsync(db, gone, OwnCauses.NotOnRouter, Now, ct);
            MadeRoom(log, gone.Count, router.Name);
        }

        return closed;
    }

    private async Task<PolledRouter?> RouterAsync(Guid id, CancellationToken ct)
    {
        if (Now - _routersAt > RoutersKept)
        {
            (_routers, _routersAt) = ((await routers.LoadAsync(ct)).ToDictionary(r => r.RouterId), Now);
        }

        return _routers.GetValueOrDefault(id);
    }

    private sealed record Refusal(long Id, Guid TenantId, Guid Line);

    [LoggerMessage(Level = LogLevel.Information, Message = "A login was refused for sessions overdue with their reports: {Sessions} of them are not on {Router} any more and were closed")]
    private static partial void MadeRoom(ILogger log, int sessions, string router);
}
