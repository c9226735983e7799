using DataDefender.Domain.Common;
using DataDefender.Domain.Provisioning;
using DataDefender.Infrastructure.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>Brings the roll-outs of all companies on, a step each time it looks.</summary>
internal sealed partial class RolloutDriver(
    IPlatformDbFactory platform, RolloutConductor conductor, JobLeases leases, IOptions<ProvisioningOptions> options, TimeProvider clock, ILogger<RolloutDriver> log) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => leases.WhileHeldAsync("roll-outs", WorkAsync, stoppingToken);

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.PollInterval, clock);
        try
        {
            do
            {
                await LookAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host stops; the next start takes the next step.
        }
    }

    private async Task LookAsync(CancellationToken ct)
    {
        try
        {
            var open = await OpenAsync(ct);
            await Task.WhenAll(open.Select(r => AdvanceAsync(r.Tenant, r.Id, ct)));
        }
        catch (Exception trouble) when (trouble is not OperationCanceledException)
        {
            NotRead(log, trouble);
        }
    }

    // A stopped one is looked at too: what was under way when it stopped is brought to its end.
    private async Task<IReadOnlyList<(Guid Tenant, Guid Id)>> OpenAsync(CancellationToken ct)
    {
        await using var db = await platform.OpenAsync(ct);
        var open = await db.Rollouts.AcrossTenants().AsNoTracking()
            .Where(r => r.Status == RolloutStatus.Waiting || r.Status == RolloutStatus.Canary || r.Status == RolloutStatus.Spreading
                || (r.Status == RolloutStatus.Stopped && db.RolloutRouters.AcrossTenants().Any(x => x.RolloutId == r.Id && (x.Status == RolloutRouterStatus.Applying || x.Status == RolloutRouterStatus.Checking))))
            .Select(r => new { r.TenantId, r.Id })
            .ToListAsync(ct);
        return [.. open.Select(r => (r.TenantId, r.Id))];
    }

    private async Task AdvanceAsync(Guid tenant, Guid rollout, CancellationToken ct)
    {
        try
        {
            await conductor.AdvanceAsync(tenant, rollout, ct);
        }
        catch (Exception trouble) when (trouble is not OperationCanceledException)
        {
            Broke(log, rollout, trouble);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Roll-outs under way could not be read")]
    private static partial void NotRead(ILogger log, Exception trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "The roll-out {Rollout} could not be brought on; it is tried again")]
    private static partial void Broke(ILogger log, Guid rollout, Exception trouble);
}
