using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Provisioning;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>Brings approved plans to the routers, and interrupted ones again when they are due. One router is changed by one task at a time.</summary>
internal sealed partial class ProvisioningWorker(
    IPlatformDbFactory platform, ProvisioningRunner runner, ProvisioningSignal signal, IOptions<ProvisioningOptions> options, TimeProvider clock, ILogger<ProvisioningWorker> log) : BackgroundService
{
    private readonly ConcurrentDictionary<Guid, bool> _routers = new();
    private readonly List<Task> _tasks = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StartDueAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception trouble)
            {
                NotRead(log, trouble); // the database is away: the next look may find it
            }

            await signal.WaitAsync(options.Value.PollInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(_tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task StartDueAsync(CancellationToken ct)
    {
        _tasks.RemoveAll(static task => task.IsCompleted);
        var free = options.Value.Parallel - _routers.Count;
        if (free <= 0)
        {
            return;
        }

        foreach (var (tenant, run, router) in (await DueAsync(ct)).DistinctBy(r => r.Router).Where(r => !_routers.ContainsKey(r.Router)).Take(free))
        {
            _routers.TryAdd(router, true);
            _tasks.Add(RunAsync(tenant, run, router, ct));
        }
    }

    private async Task<IReadOnlyList<(Guid Tenant, Guid Run, Guid Router)>> DueAsync(CancellationToken ct)
    {
        var (now, gone) = (clock.GetUtcNow().UtcDateTime, clock.GetUtcNow().UtcDateTime - ProvisioningRun.Lease);
        await using var db = await platform.OpenAsync(ct);
        var due = await db.ProvisioningRuns.AcrossTenants().AsNoTracking()
            .Where(r => ((r.Status == RunStatus.Waiting || r.Status == RunStatus.Interrupted) && r.NextAttemptAt <= now)
                || ((r.Status == RunStatus.Running || r.Status == RunStatus.TakingBack) && r.HeardAt < gone))
            .OrderBy(r => r.RequestedAt)
            .Select(r => new { r.TenantId, r.Id, r.RouterId })
            .Take(1000)
            .ToListAsync(ct);
        return [.. due.Select(r => (r.TenantId, r.Id, r.RouterId))];
    }

    private async Task RunAsync(Guid tenant, Guid run, Guid router, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            await runner.RunAsync(tenant, run, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The journal says how far it came; the next start of the product carries on.
        }
        catch (Exception trouble)
        {
            Broke(log, run, trouble);
        }
        finally
        {
            _routers.TryRemove(router, out _);
            signal.Wake();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Changes of routers that are due could not be read")]
    private static partial void NotRead(ILogger log, Exception trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "The change {Run} of a router broke off; it is taken up again")]
    private static partial void Broke(ILogger log, Guid run, Exception trouble);
}

public static class ProvisioningRegistration
{
    /// <summary>What one run needs, without the worker that finds runs.</summary>
    internal static void AddProvisioningRuns(this IServiceCollection services)
    {
        services.AddOptions<ProvisioningOptions>().BindConfiguration(ProvisioningOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<ProvisioningJournal>();
        services.TryAddSingleton<ProvisioningRunner>();
        services.TryAddSingleton<PartialApply>();
    }

    /// <summary>Carries out plans in the background of this process: Web only. Needs the data, <c>AddRouterOs</c> and the live metrics.</summary>
    public static IServiceCollection AddProvisioning(this IServiceCollection services)
    {
        services.AddProvisioningRuns();
        services.TryAddSingleton<ProvisioningSignal>();
        services.AddSingleton<RolloutConductor>().AddSingleton<EnrolmentDesk>().AddSingleton<TunnelKeeper>();
        return services.AddHostedService<ProvisioningWorker>().AddHostedService<RolloutDriver>().AddHostedService<EnrolmentWatch>().AddHostedService<DriftWatch>();
    }
}
