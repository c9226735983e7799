using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Polling;

/// <summary>
/// Watches every router of every company: one actor each, started, replaced and stopped as the list in the database changes. A
/// database that is away leaves the known routers watched.
/// </summary>
internal sealed partial class RouterPoller(
    RouterDirectory directory,
    RouterStore store,
    RadiusEvidence evidence,
    IRouterGateway gateway,
    LiveMetrics metrics,
    LinesOnRouters lines,
    IOptions<PollingOptions> options,
    TimeProvider clock,
    ILogger<RouterPoller> log) : BackgroundService
{
    private static readonly TimeSpan StartSpread = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<Guid, Watched> _watched = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
        {
            return;
        }

        using var turn = new SemaphoreSlim(options.Value.AtOnce);
        using var probe = new SemaphoreSlim(options.Value.AtOnce);
        var services = new PollingServices(gateway, metrics, store, evidence, options.Value, clock, turn, probe, Random.Shared.NextDouble, lines);
        var storing = StoreAsync(stoppingToken);
        try
        {
            var firstLoad = true;
            while (true)
            {
                firstLoad &= !await ReloadAsync(services, firstLoad, stoppingToken);
                await Task.Delay(options.Value.ReloadInterval, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process is ending.
        }
        finally
        {
            await Task.WhenAll(_watched.Keys.ToList().Select(StopAsync));
            await storing;
            await store.StoreAsync(CancellationToken.None);
        }
    }

    private async Task<bool> ReloadAsync(PollingServices services, bool spreadOut, CancellationToken ct)
    {
        try
        {
            var routers = await directory.LoadAsync(ct);
            var listed = routers.ToDictionary(r => r.RouterId);
            foreach (var gone in _watched.Values.Where(w => !listed.ContainsKey(w.Router.RouterId)).ToList())
            {
                await StopAsync(gone.Router.RouterId);
                await gateway.ForgetAsync(gone.Router.RouterId);
                metrics.Forget(gone.Router.TenantId, gone.Router.RouterId);
                lines.Forget(gone.Router.TenantId, gone.Router.RouterId);
            }

            foreach (var router in routers)
            {
                if (_watched.TryGetValue(router.RouterId, out var watched))
                {
                    if (watched.Router == router || (watched.Router with { Endpoint = Pinned(watched.Router.Endpoint, router.Endpoint) }) == router)
                    {
                        continue;
                    }

                    await StopAsync(router.RouterId);
                }

                // A new or changed router is asked at once; after a start all routers are new, and take their time.
                var firstIn = spreadOut ? Earlier(StartSpread * routers.Count, options.Value.Interval) * services.Chance() : TimeSpan.Zero;
                Start(router, services, firstIn, ct);
            }

            return true;
        }
        catch (Exception ex) when (ex is not OperationCanceledException)
        {
            NotLoaded(log, ex);
            return false;
        }
    }

    // The poller itself pins the certificate it saw first; that is no reason to begin anew.
    private RouterEndpoint? Pinned(RouterEndpoint? before, RouterEndpoint? after) =>
        before is { CertificateFingerprint: null } && after?.CertificateFingerprint is { } pin
        && string.Equals(gateway.CertificateOf(after.RouterId)?.Fingerprint, pin, StringComparison.OrdinalIgnoreCase)
            ? before with { CertificateFingerprint = pin }
            : before;

    private void Start(PolledRouter router, PollingServices services, TimeSpan firstIn, CancellationToken ct)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var actor = new RouterActor(router, services);
        _watched[router.RouterId] = new Watched(router, stop, RunAsync(actor, router, firstIn, stop.Token));
    }

    private async Task RunAsync(RouterActor actor, PolledRouter router, TimeSpan firstIn, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await actor.RunAsync(firstIn, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception ex)
            {
                PollFailed(log, router.RouterId, ex); // a surprise with one router must not end its watch, nor that of the others
                firstIn = options.Value.Interval;
            }
        }
    }

    private async Task StopAsync(Guid routerId)
    {
        if (_watched.Remove(routerId, out var watched))
        {
            await watched.Stop.CancelAsync();
            await watched.Running;
            watched.Stop.Dispose();
        }
    }

    private async Task StoreAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.Value.StoreInterval, clock, ct);
                await store.StoreAsync(ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // What is left is stored when all actors have ended.
        }
    }

    private static TimeSpan Earlier(TimeSpan left, TimeSpan right) => left < right ? left : right;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The list of routers could not be read; the known ones stay watched")]
    private static partial void NotLoaded(ILogger log, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Polling router {RouterId} failed")]
    private static partial void PollFailed(ILogger log, Guid routerId, Exception exception);

    private sealed record Watched(PolledRouter Router, CancellationTokenSource Stop, Task Running);
}
