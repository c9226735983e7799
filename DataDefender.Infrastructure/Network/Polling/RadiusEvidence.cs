using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Polling;

/// <summary>A second opinion before a router is called down: does accounting still come from it?</summary>
internal sealed partial class RadiusEvidence(TenantScopes scopes, IOptions<PollingOptions> options, TimeProvider clock, ILogger<RadiusEvidence> log)
{
    /// <param name="silentSince">When its API first left a poll unanswered (UTC): what came before says nothing of whether it lives.</param>
    public async Task<bool> HeardAsync(Guid tenantId, Guid routerId, DateTime silentSince, CancellationToken ct)
    {
        var lately = clock.GetUtcNow().UtcDateTime - options.Value.RadiusEvidence;
        var since = silentSince > lately ? silentSince : lately;
        try
        {
            await using var scope = scopes.Open(tenantId, "router poller");
            await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
            return await db.LiveSessions.AnyAsync(s => s.UpdatedAt >= since && db.NasDevices.Any(n => n.RouterId == routerId && n.Id == s.NasId), ct);
        }
        catch (Exception ex) when (ex is not OperationCanceledException)
        {
            NotAsked(log, routerId, ex); // a database that is away is no reason to stop watching routers
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not ask whether RADIUS hears from router {RouterId}")]
    private static partial void NotAsked(ILogger log, Guid routerId, Exception exception);
}
