using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Monitoring;

/// <summary>Asks the router on which the line's newest session is, and falls back to what accounting last reported.</summary>
internal sealed class LineMeter(TenantScopes scopes, ISecretVault vault, IRouterGateway gateway, TimeProvider clock) : ILineMeter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<LineMeasure> MeasureAsync(Guid tenantId, Guid subscriptionId, CancellationToken ct)
    {
        var sessions = await FindAsync(tenantId, subscriptionId, ct);
        if (sessions is not [var newest, ..])
        {
            return new LineMeasure.Offline();
        }

        var (fromRouter, instead) = await AskRouterAsync(newest, sessions.Count(s => s.Nas.RouterId == newest.Nas.RouterId), ct);
        return fromRouter ?? new LineMeasure.Counted(
            LineSource.Accounting, newest.Session.UpdatedAt, newest.Session.AcctSessionId, newest.Session.UploadBytes, newest.Session.DownloadBytes, newest.Nas.Name, instead);
    }

    private async Task<List<OpenLine>> FindAsync(Guid tenantId, Guid subscriptionId, CancellationToken ct)
    {
        await using var scope = scopes.Open(tenantId, "line watch");
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        return await (from session in db.LiveSessions.AsNoTracking()
                      where session.SubscriptionId == subscriptionId
                      join nas in db.NasDevices.AsNoTracking() on session.NasId equals nas.Id
                      join router in db.Routers.AsNoTracking() on nas.RouterId equals (Guid?)router.Id into routers
                      from router in routers.DefaultIfEmpty()
                      orderby session.StartedAt descending
                      select new OpenLine(session, nas, router)).ToListAsync(ct);
    }

    private async Task<(LineMeasure.Counted? Measure, string? Instead)> AskRouterAsync(OpenLine line, int sessions, CancellationToken ct)
    {
        if (line.Router is not { } router)
        {
            return (null, $"{line.Nas.Name} is not linked to a router that we poll.");
        }

        if (!router.IsEnabled)
        {
            return (null, $"{router.Name} is switched off here.");
        }

        var endpoint = router.Endpoint(await vault.OpenAsync(router.TenantId, ct));
        var ppp = await ReadAsync(endpoint, "/interface", PppNames(line.Session.Username, sessions), "rx-byte", "tx-byte", ct);
        var found = ppp.Bytes is null && ppp.Problem is null
            ? await ReadAsync(endpoint, "/ip/hotspot/active", [RouterQuery.Is("user", line.Session.Username)], "bytes-in", "bytes-out", ct)
            : ppp;
        return found.Bytes is { } bytes
            ? (new LineMeasure.Counted(LineSource.Router, clock.GetUtcNow().UtcDateTime, line.Session.AcctSessionId, bytes.Up, bytes.Down, router.Name, null), null)
            : (null, found.Problem is { } problem ? $"{router.Name}: {problem}" : $"{router.Name} shows no interface of {line.Session.Username}.");
    }

    // RouterOS names the interface of a session <pppoe-USER>, and further ones of the same user <pppoe-USER-1>, -2 …
    private static string[] PppNames(string username, int sessions)
    {
        var names = Enumerable.Range(0, Math.Clamp(sessions, 1, 8)).Select(i => RouterQuery.Is("name", i == 0 ? $"<pppoe-{username}>" : $"<pppoe-{username}-{i}>")).ToList();
        return [.. names, .. Enumerable.Repeat(RouterQuery.Or, names.Count - 1)];
    }

    /// <summary>The counters of all rows together; both null when the router answered and has no such row.</summary>
    private async Task<((long Up, long Down)? Bytes, string? Problem)> ReadAsync(RouterEndpoint router, string menu, string[] query, string up, string down, CancellationToken ct)
    {
        var command = RouterCommand.Print(menu, query, [up, down]) with { Patience = Patience };
        switch (await gateway.ExecuteAsync(router, command, ct))
        {
            case RouterOutcome.Done { Rows.Count: 0 }:
                return (null, null);
            case RouterOutcome.Done done:
                return ((done.Rows.Sum(r => Bytes(r[up])), done.Rows.Sum(r => Bytes(r[down]))), null);
            case RouterOutcome.Refused { Kind: RouterRefusal.NoSuchCommand }:
                return (null, null); // a router without the hotspot package
            case RouterOutcome.Refused refused:
                return (null, $"it refused: {refused.Message}.");
            case RouterOutcome.Unknown unknown:
                return (null, unknown.Reason);
            default:
                return (null, "it gave no answer that can be read.");
        }
    }

    private static long Bytes(string? counter) => RouterOsValues.Counter(counter) is { } bytes && bytes <= long.MaxValue ? (long)bytes : 0;

    private sealed record OpenLine(LiveSession Session, Nas Nas, Router? Router);
}
