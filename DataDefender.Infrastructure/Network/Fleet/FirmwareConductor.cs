using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Topology;
using DataDefender.Infrastructure.Jobs;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Fleet;

/// <summary>
/// Leads the upgrades of all companies: begins the routers of a wave while the window is open, the next wave when all of the one before
/// are well, and nothing more after a failure. Where each router is, is in the database; a restarted process takes them up there.
/// </summary>
internal sealed partial class FirmwareConductor(
    IPlatformDbFactory platform, TenantScopes scopes, FirmwareDriver driver, LiveMetrics live, JobLeases leases, IOptions<FleetOptions> options, TimeProvider clock, ILogger<FirmwareConductor> log) : BackgroundService
{
    private readonly ConcurrentDictionary<Guid, Task> _driven = new();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => options.Value.Enabled ? leases.WhileHeldAsync("firmware", WorkAsync, stoppingToken) : Task.CompletedTask;

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        while (options.Value.Enabled && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception trouble)
            {
                NotRead(log, trouble);
            }

            await Task.Delay(options.Value.Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(_driven.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Takes up what is under way, begins what may be begun, and judges what has ended. Does not wait for the routers.</summary>
    public async Task LookAsync(CancellationToken ct)
    {
        foreach (var (tenant, upgrade) in await OpenAsync(ct))
        {
            try
            {
                foreach (var target in await NextAsync(tenant, upgrade, ct))
                {
                    _ = _driven.GetOrAdd(target, _ => DriveAsync(tenant, upgrade, target, ct));
                }
            }
            catch (DbUpdateConcurrencyException)
            {
                // A person has just held or cancelled it: the next look sees that.
            }
            catch (Exception trouble) when (!ct.IsCancellationRequested)
            {
                NotRead(log, trouble); // one company's trouble is not the others'
            }
        }
    }

    /// <summary>Returns when every router that is driven now has come to an end.</summary>
    internal Task RestAsync() => Task.WhenAll(_driven.Values);

    private async Task<List<(Guid Tenant, Guid Upgrade)>> OpenAsync(CancellationToken ct)
    {
        await using var db = await platform.OpenAsync(ct);
        var open = await (from upgrade in db.FirmwareUpgrades.AcrossTenants().AsNoTracking()
                          where upgrade.FinishedAt == null || db.FirmwareUpgradeRouters.AcrossTenants().Any(r => r.UpgradeId == upgrade.Id && r.FinishedAt == null && r.StartedAt != null)
                          orderby upgrade.RequestedAt
                          select new { upgrade.TenantId, upgrade.Id }).ToListAsync(ct);
        return open.ConvertAll(u => (u.TenantId, u.Id));
    }

    /// <summary>The routers to be driven now; those that are begun are marked so before anything is done to them.</summary>
    private async Task<IReadOnlyList<Guid>> NextAsync(Guid tenant, Guid id, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await using var scope = scopes.Open(tenant, "firmware upgrade");
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        var upgrade = await db.FirmwareUpgrades.SingleAsync(u => u.Id == id, ct);
        var targets = await db.FirmwareUpgradeRouters.Where(r => r.UpgradeId == id).OrderBy(r => r.Position).ToListAsync(ct);
        var underWay = targets.Where(t => t.IsUnderWay).ToList();
        if (targets.FirstOrDefault(t => t.Step is UpgradeStep.Failed && (upgrade.WentOnAt is null || t.FinishedAt > upgrade.WentOnAt)) is { } failed)
        {
            upgrade.Stop($"{failed.RouterName}: {failed.Detail}");
        }

        if (!upgrade.IsOver && targets.All(t => t.IsOver) && upgrade.Status is not UpgradeStatus.Stopped)
        {
            upgrade.End(now);
            db.NetworkEvents.Add(new NetworkEvent
            {
                TenantId = tenant, At = now, Severity = EventSeverity.Info, Kind = "firmware.done",
                Message = $"{upgrade.Name}: {targets.Count(t => t.Step is UpgradeStep.Done)} of {targets.Count} routers run RouterOS {upgrade.WantedVersion}.",
            });
        }

        var zone = TimeZoneInfo.FindSystemTimeZoneById(await db.Companies.Where(c => c.Id == tenant).Select(c => c.TimeZone).SingleAsync(ct));
        if (!upgrade.IsOpen(now, zone) && upgrade.Status is not (UpgradeStatus.Stopped or UpgradeStatus.Cancelled))
        {
            // What is found before a reboot waits for the next window; what has rebooted is brought to its end.
            underWay.RemoveAll(t => t.RebootsNext && !_driven.ContainsKey(t.Id));
        }

        if (upgrade.Status is UpgradeStatus.Running && upgrade.IsOpen(now, zone) && targets.Any(t => !t.IsOver))
        {
            // A router is not begun while one that it is reached over, or that is reached over it, is away.
            var upstreams = await Upstreams.ReadAsync(db, ct);
            var wave = targets.Where(t => !t.IsOver).Min(t => t.Wave);
            foreach (var target in targets.Where(t => t.Wave == wave && t.Step is UpgradeStep.Waiting))
            {
                var kin = upstreams.Above(target.RouterId).Concat(upstreams.Below(target.RouterId)).ToHashSet();
                if (underWay.Count < options.Value.Parallel && !underWay.Any(u => kin.Contains(u.RouterId)))
                {
                    target.Go(UpgradeStep.Preparing, null, now);
                    underWay.Add(target);
                }
            }
        }

        await db.SaveChangesAsync(ct);
        live.Announce(tenant);
        return [.. underWay.Select(t => t.Id)];
    }

    private async Task DriveAsync(Guid tenant, Guid upgrade, Guid target, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            await driver.DriveAsync(tenant, upgrade, target, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The next start of the product goes on from the step that is in the database.
        }
        catch (Exception trouble)
        {
            Broke(log, target, trouble);
        }
        finally
        {
            _driven.TryRemove(target, out _);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Firmware upgrades could not be read")]
    private static partial void NotRead(ILogger log, Exception trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "The upgrade of a router broke off; it is taken up again ({Target})")]
    private static partial void Broke(ILogger log, Guid target, Exception trouble);
}
