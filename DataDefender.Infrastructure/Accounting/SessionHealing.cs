using DataDefender.Infrastructure.Jobs;
using DataDefender.Infrastructure.Network.Polling;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Accounting;

/// <summary>Asks the routers which sessions there really are: all of them every few minutes, one at once when a login was refused for it.</summary>
internal sealed partial class SessionHealing(
    RouterDirectory routers, RouterReconciler reconciler, RefusedLogins refused, JobLeases leases, IOptions<HealingOptions> options, TimeProvider clock, ILogger<SessionHealing> log)
    : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => options.Value.Enabled
        ? leases.WhileHeldAsync("session healing", WorkAsync, stoppingToken)
        : Task.CompletedTask;

    private Task WorkAsync(CancellationToken ct) => Task.WhenAll(
        EachAsync(options.Value.Interval, ReconcileAllAsync, ct),
        EachAsync(options.Value.RefusalInterval, refused.CheckAsync, ct));

    private async Task EachAsync(TimeSpan interval, Func<CancellationToken, Task> work, CancellationToken ct)
    {
        await Task.Yield();
        var failing = false;
        using var timer = new PeriodicTimer(interval, clock);
        while (await timer.WaitForNextTickAsync(ct))
        {
            try
            {
                await work(ct);
                failing = false;
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                if (!failing)
                {
                    Postponed(log, failure); // once, not each second while the database is away
                }

                failing = true;
            }        }
    }

    private async Task ReconcileAllAsync(CancellationToken ct)
    {
        var all = await routers.LoadAsync(ct);
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = options.Value.AtOnce, CancellationToken = ct }, async (router, stop) =>
        {
            try
            {
                await reconciler.ReconcileAsync(router, stop);
            }
            catch (Exception failure) when (!stop.IsCancellationRequested)
            {
                NotCompared(log, router.Name, failure); // one router's trouble does not keep the others waiting
            }
        });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sessions could not be held against the routers; it will be tried again")]
    private static partial void Postponed(ILogger log, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sessions of {Router} could not be held against its list")]
    private static partial void NotCompared(ILogger log, string router, Exception failure);
}
