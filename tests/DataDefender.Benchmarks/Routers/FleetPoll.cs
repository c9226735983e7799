using System.Diagnostics;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataDefender.Benchmarks.Routers;

/// <summary>
/// A fleet as the product polls it. First all routers as fast as the poller's own limit lets it, which is the shortest possible cycle; then
/// the hosted poller over a database for some of its ten-second rounds, which is what an installation pays for it.
/// </summary>
internal sealed class FleetPoll(int routers, Action<string, double, string> print)
{
    private const int Cycles = 5;
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(30);
    private readonly PollingOptions _polling = new();

    public async Task RunAsync()
    {
        await using var fleet = await PlayedFleet.StartAsync(routers);
        await CyclesAsync(fleet);
        await RoundsAsync(fleet);
    }

    private async Task CyclesAsync(PlayedFleet fleet)
    {
        await using var gateway = FleetStage.Gateway();
        RouterEndpoint[] endpoints = [.. fleet.Ports.Select(FleetStage.Endpoint)];
        var reader = new RouterReader(gateway, TimeProvider.System);
        Report("first_cycle", (await CycleAsync(reader, endpoints)).TotalSeconds, "s with the sign-ins");
        var spent = new List<double>();
        for (var i = 0; i < Cycles; i++)
        {
            spent.Add((await CycleAsync(reader, endpoints)).TotalSeconds);
        }

        Report("cycle", spent.Order().ElementAt(Cycles / 2), "s");
    }

    private async Task<TimeSpan> CycleAsync(RouterReader reader, RouterEndpoint[] endpoints)
    {
        using var turn = new SemaphoreSlim(_polling.AtOnce);
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(endpoints.Select(async endpoint =>
        {
            await turn.WaitAsync();
            try
            {
                var (reading, miss) = await reader.ReadAsync(endpoint, PollTiers.Basic, CancellationToken.None);
                if (reading?.Interfaces is not { Count: > 0 })
                {
                    throw new InvalidOperationException(miss?.Reason ?? "A router told nothing of its interfaces.");
                }
            }
            finally
            {
                turn.Release();
            }
        }));
        return Stopwatch.GetElapsedTime(begun);
    }

    private async Task RoundsAsync(PlayedFleet fleet)
    {
        await using var services = await TestServices.CreateAsync(configure: s =>
        {
            s.AddLogging(logging => logging.ClearProviders()).AddSingleton(TimeProvider.System).AddRouterOs().AddRouterPolling();
            s.Configure<RouterOsOptions>(o => o.DeniedNetworks = "");
        });
        var company = await TestCompany.CreateAsync(services);
        foreach (var (port, n) in fleet.Ports.Select((port, n) => (port, n)))
        {
            var endpoint = FleetStage.Endpoint(port);
            await company.AddRouterAsync($"r{n}", endpoint.Host, port, endpoint.Username, endpoint.Password);
        }

        var metrics = services.Provider.GetRequiredService<LiveMetrics>();
        var poller = services.Provider.GetServices<IHostedService>().OfType<RouterPoller>().Single();
        await poller.StartAsync(CancellationToken.None);
        while (metrics.Latest(company.Id).Count(s => s.State is RouterState.Up) < routers)
        {
            await Task.Delay(100);
        }

        var (since, processor, threads, workers) = (TimeProvider.System.GetUtcNow().UtcDateTime, ProcessorTime(), 0, 0);
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < Watch;)
        {
            await Task.Delay(250);
            (threads, workers) = (Math.Max(threads, Threads()), Math.Max(workers, ThreadPool.ThreadCount));
        }

        var busy = (ProcessorTime() - processor) / Watch;
        var polls = metrics.Latest(company.Id).SelectMany(r => metrics.History(company.Id, r.RouterId)).Where(s => s.At >= since).ToList();
        Report("polls", polls.Count / Watch.TotalSeconds, "/s");
        Report("missed", polls.Count(s => s.State is not RouterState.Up), "polls");
        var answers = polls.Select(s => s.AnswerMilliseconds ?? 0).Order().ToList();
        Report("answer.p50", answers[answers.Count / 2], "ms");
        Report("answer.p99", answers[answers.Count * 99 / 100], "ms");
        Report("processor", busy * 100, "% of one core");
        Report("threads", threads, "at the most, those of the runtime among them");
        Report("threads.workers", workers, "at the most");
        Report("memory", Environment.WorkingSet / 1048576.0, "MiB resident");
        GC.Collect();
        Report("memory.managed", GC.GetTotalMemory(forceFullCollection: true) / 1024.0 / routers, "KiB a router");
        await poller.StopAsync(CancellationToken.None);
    }

    private void Report(string figure, double value, string unit) => print($"routeros.fleet{routers}.{figure}", value, unit);

    private static TimeSpan ProcessorTime()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    private static int Threads()
    {
        using var self = Process.GetCurrentProcess();
        return self.Threads.Count;
    }
}
