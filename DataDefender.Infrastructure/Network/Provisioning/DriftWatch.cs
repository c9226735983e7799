using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Jobs;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>Reads every router of every active company in turn, and writes down what is not as designed and sold.</summary>
internal sealed partial class DriftWatch(
    IPlatformDbFactory platform, TenantScopes scopes, ISecretVault vault, IRouterGateway gateway, LiveMetrics live, JobLeases leases, IOptions<ProvisioningOptions> options, TimeProvider clock, ILogger<DriftWatch> log)
    : BackgroundService
{
    private const string Part = "drift";

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Looks at every router that is due. Returns how many it looked at.</summary>
    public async Task<int> SweepAsync(CancellationToken ct)
    {
        var due = await DueAsync(ct);
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = options.Value.DriftAtOnce, CancellationToken = ct }, async (router, stop) =>
        {
            try
            {
                await LookAsync(router.Tenant, router.Id, stop);
            }
            catch (Exception trouble) when (trouble is not OperationCanceledException)
            {
                NotLooked(log, router.Id, trouble);
            }
        });
        return due.Count;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => leases.WhileHeldAsync("drift", WorkAsync, stoppingToken);

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.DriftTick, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await SweepAsync(stoppingToken);
                }
                catch (Exception trouble) when (trouble is not OperationCanceledException)
                {
                    NotSwept(log, trouble);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    // A router with neither a design nor a RADIUS device has nothing to drift from. One that is being changed is read after that.
    private async Task<IReadOnlyList<(Guid Tenant, Guid Id)>> DueAsync(CancellationToken ct)
    {
        var now = Now;
        await using var db = await platform.OpenAsync(ct);
        var due = await db.Routers.AcrossTenants().AsNoTracking()
            .Where(r => r.IsEnabled && db.Companies.Any(c => c.Id == r.TenantId && c.Status == CompanyStatus.Active))
            .Where(r => !db.DriftLooks.AcrossTenants().Any(l => l.RouterId == r.Id && l.NextAt > now))
            .Where(r => !db.ProvisioningRuns.AcrossTenants().Any(p => p.RouterId == r.Id && (p.Status == RunStatus.Waiting || p.Status == RunStatus.Running || p.Status == RunStatus.TakingBack)))
            .OrderBy(r => r.Id)
            .Select(r => new { r.TenantId, r.Id, r.Design, HasNas = db.NasDevices.AcrossTenants().Any(n => n.RouterId == r.Id) })
            .ToListAsync(ct);
        return [.. due.Where(r => r.HasNas || r.Design != RouterDesign.None).Select(r => (r.TenantId, r.Id))];
    }

    private async Task LookAsync(Guid tenant, Guid routerId, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(tenant, ct);
        ProvisioningTarget? target;
        await using (var scope = scopes.Open(tenant, Part))
        {
            await using var db = await OpenAsync(scope, ct);
            target = await ProvisioningFactsReading.ReadAsync(db, cipher, [routerId], ct) is [var found] ? found : null;
        }

        if (target is null)
        {
            return; // it was removed a moment ago
        }

        var sight = await DriftReader.LookAsync(gateway, target, ct);
        await using (var scope = scopes.Open(tenant, Part))
        {
            await using var db = await OpenAsync(scope, ct);
            await DriftReader.WriteAsync(db, routerId, target.Facts.RouterName, sight, Now, Now + options.Value.DriftInterval, ct);
        }

        live.Announce(tenant);
    }

    private static Task<IDataDefenderDb> OpenAsync(AsyncServiceScope scope, CancellationToken ct) =>
        scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Router {Router} could not be looked at for drift")]
    private static partial void NotLooked(ILogger log, Guid router, Exception trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "The routers that are due to be read for drift could not be found")]
    private static partial void NotSwept(ILogger log, Exception trouble);
}
