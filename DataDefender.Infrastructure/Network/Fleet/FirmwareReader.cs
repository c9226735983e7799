using DataDefender.Domain.Common;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Network.Fleet;

/// <summary>Asks a router what software it runs and what there is for it.</summary>
internal sealed class FirmwareReader(TenantScopes scopes, ISecretVault vault, IRouterGateway gateway, ExportKeeper keeper, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task ReadAsync(Guid tenantId, Guid routerId, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(tenantId, ct);
        if (await keeper.EndpointAsync(tenantId, routerId, cipher, ct) is not { } endpoint)
        {
            return;
        }

        var (reading, trouble) = await AskAsync(endpoint, check: true, ct);
        await using var scope = scopes.Open(tenantId, "fleet care");
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        if (!await db.Routers.AnyAsync(r => r.Id == routerId, ct))
        {
            return;
        }

        var care = await db.CareOfAsync(routerId, ct);
        if (reading is not null)
        {
            care.ReadFirmware(reading, clock.GetUtcNow().UtcDateTime);
        }
        else
        {
            care.FirmwareFailed(trouble!, clock.GetUtcNow().UtcDateTime);
        }

        await db.SaveChangesAsync(ct);
    }

    /// <param name="check">Have the router ask its update server; without it what it found out before.</param>
    public async Task<(FirmwareReading? Reading, string? Trouble)> AskAsync(RouterEndpoint router, bool check, CancellationToken ct)
    {
        var resource = await gateway.PrintAsync(router, "/system/resource", properties: ["version", "architecture-name", "free-hdd-space", "total-memory"], ct: ct);
        if (resource is not RouterOutcome.Done { Rows: [var system, ..] })
        {
            return (null, Why(resource));
        }

        RouterRow? update = null;
        if (check && await gateway.ExecuteAsync(router, RouterCommand.Call("/system/package/update/check-for-updates", [("once", "")]) with { Patience = Patience }, ct) is RouterOutcome.Done { Rows: [.., var last] })
        {
            update = last;
        }

        // Some versions answer the check with progress only; what it brought stands in the menu either way.
        var printed = await gateway.PrintAsync(router, "/system/package/update", ct: ct);
        if (printed is RouterOutcome.Unknown lost)
        {
            return (null, lost.Reason);
        }

        var menu = printed is RouterOutcome.Done { Rows: [var row, ..] } ? row : null;
        var shown = await gateway.PrintAsync(router, "/system/routerboard", properties: ["routerboard", "current-firmware", "upgrade-firmware"], ct: ct);
        if (shown is RouterOutcome.Unknown unread)
        {
            return (null, unread.Reason); // not the same as a router without a board of its own
        }

        var board = shown is RouterOutcome.Done { Rows: [var hardware, ..] } && RouterOsValues.Boolean(hardware["routerboard"]) is not false ? hardware : null;
        var packages = await gateway.PrintAsync(router, "/system/package", properties: ["name", "disabled"], ct: ct) is RouterOutcome.Done list
            ? list.Rows.Where(r => RouterOsValues.Boolean(r["disabled"]) is not true).Select(r => r["name"] ?? "").Where(n => n.Length > 0).Order(StringComparer.Ordinal).ToList()
            : [];
        var installed = menu?["installed-version"] ?? update?["installed-version"] ?? (system["version"] ?? "").Split(' ')[0];
        return (
            new FirmwareReading(
                menu?["channel"] ?? update?["channel"], installed, update?["latest-version"] ?? menu?["latest-version"], update?["status"] ?? menu?["status"],
                board?["current-firmware"], board?["upgrade-firmware"], system["architecture-name"], RouterOsValues.Number(system["free-hdd-space"]), packages)
            {
                TotalMemory = RouterOsValues.Number(system["total-memory"]),
            },
            null);
    }

    private static string Why(RouterOutcome outcome) => outcome switch
    {
        RouterOutcome.Unknown { Connect: { } connect } => connect.Message,
        RouterOutcome.Unknown unknown => unknown.Reason,
        RouterOutcome.Refused refused => $"The router refused: {refused.Message}",
        _ => "The router answered nothing.",
    };
}
