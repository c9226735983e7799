using DataDefender.Domain.Common;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Topology;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Network.Fleet;

/// <summary>Reads what a router sees of its neighbours, in place of what it saw before.</summary>
internal sealed class NeighbourReader(TenantScopes scopes, ISecretVault vault, IRouterGateway gateway, ExportKeeper keeper, TimeProvider clock)
{
    /// <summary>A router on an open segment may see thousands; the first ones are enough to be told of it.</summary>
    private const int Most = 500;

    private static readonly string[] Properties = ["interface", "mac-address", "identity", "address", "address4", "interface-name", "platform", "board", "version"];

    public async Task ReadAsync(Guid tenantId, Guid routerId, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(tenantId, ct);
        if (await keeper.EndpointAsync(tenantId, routerId, cipher, ct) is not { } endpoint)
        {
            return;
        }

        var rows = await gateway.PrintAsync(endpoint, "/ip/neighbor", properties: Properties, ct: ct) is RouterOutcome.Done done ? done.Rows : null;
        var now = clock.GetUtcNow().UtcDateTime;
        await using var scope = scopes.Open(tenantId, "fleet care");
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        if (!await db.Routers.AnyAsync(r => r.Id == routerId, ct))
        {
            return;
        }

        (await db.CareOfAsync(routerId, ct)).ReadNeighbours(now);
        if (rows is not null)
        {
            db.RouterNeighbours.RemoveRange(await db.RouterNeighbours.Where(n => n.RouterId == routerId).ToListAsync(ct));
            db.RouterNeighbours.AddRange(rows.Select(Reading).OfType<NeighbourReading>().DistinctBy(n => (n.Interface, n.Mac)).Take(Most).Select(n => new RouterNeighbour(tenantId, routerId, n, now)));
        }

        await db.SaveChangesAsync(ct);
    }

    private static NeighbourReading? Reading(RouterRow row) => MacAddress.Normalise(row["mac-address"]) is { } mac && row["interface"] is { Length: > 0 } on
        ? new NeighbourReading(on.Split(',')[0], mac, row["identity"], row["address4"] ?? row["address"], row["interface-name"], row["platform"], row["board"], row["version"])
        : null;
}
