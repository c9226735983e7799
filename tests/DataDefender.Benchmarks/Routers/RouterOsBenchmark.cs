using System.Diagnostics;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Network.RouterOs;

namespace DataDefender.Benchmarks.Routers;

/// <summary>
/// The RouterOS client against simulated routers in another process, over TCP on loopback: calls on one connection, one after the other,
/// and fleets polled by the product's own poller. Options: --seconds 3 (a figure), --fleet N (only a fleet of that size), --calls (no fleets).
/// </summary>
internal sealed class RouterOsBenchmark : Benchmark
{
    private const int Interfaces = 50;
    private const int Sessions = 1_000;

    private TimeSpan _duration;

    public override string Name => "routeros";

    public override string Purpose => "calls a second on one connection with what they allocate; fleets of routers polled every 10 s";

    public override async Task<int> RunAsync(string[] options)
    {
        _duration = TimeSpan.FromSeconds(Option(options, "seconds", 3));
        Console.WriteLine($"routeros.machine: {Environment.ProcessorCount} cores, the routers on the same");
        var one = Option(options, "fleet", 0);
        if (one == 0)
        {
            await CallsAsync();
        }

        int[] fleets = one > 0 ? [one] : Flag(options, "calls") ? [] : [300, 1_000, 5_000];
        foreach (var routers in fleets)
        {
            await new FleetPoll(routers, Print).RunAsync();
        }

        return 0;
    }

    private async Task CallsAsync()
    {
        await using var gateway = FleetStage.Gateway();
        await using (var plain = await PlayedFleet.StartAsync(1, Interfaces))
        {
            var router = FleetStage.Endpoint(plain.Ports[0]);
            await MeasureAsync("routeros.resource", gateway, router, RouterCommand.Print("/system/resource"), 1);
            await MeasureAsync("routeros.interfaces", gateway, router, RouterCommand.Print("/interface"), Interfaces);
            await MeasureAsync("routeros.interfaces.polled", gateway, router, RouterCommand.Print("/interface", properties: TrafficMeter.Properties), Interfaces);
        }

        await using var busy = await PlayedFleet.StartAsync(1, sessions: Sessions);
        await MeasureAsync("routeros.ppp_active", gateway, FleetStage.Endpoint(busy.Ports[0]), RouterCommand.Print("/ppp/active"), Sessions);
    }

    /// <summary>One call after the other; whatever this process allocates meanwhile is the client's.</summary>
    private async Task MeasureAsync(string name, RouterOsGateway gateway, RouterEndpoint router, RouterCommand command, int rows)
    {
        await RepeatAsync(_duration / 3);
        GC.Collect();
        var (allocated, processor) = (GC.GetTotalAllocatedBytes(precise: true), ProcessorTime());
        var spent = await RepeatAsync(_duration);
        var (bytes, busy) = (GC.GetTotalAllocatedBytes(precise: true) - allocated, ProcessorTime() - processor);
        spent.Sort();
        Print($"{name}.rate", spent.Count / _duration.TotalSeconds, "/s");
        Print($"{name}.p50", Milliseconds(spent[spent.Count / 2]), "ms");
        Print($"{name}.p99", Milliseconds(spent[spent.Count * 99 / 100]), "ms");
        Print($"{name}.processor", busy.TotalMilliseconds / spent.Count, "ms a call in this process");
        Print($"{name}.allocated", bytes / 1024.0 / spent.Count, "KiB a call");

        async Task<List<long>> RepeatAsync(TimeSpan duration)
        {
            var times = new List<long>(200_000);
            var begun = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(begun) < duration)
            {
                var asked = Stopwatch.GetTimestamp();
                var done = (await gateway.ExecuteAsync(router, command)).Require();
                times.Add(Stopwatch.GetTimestamp() - asked);
                if (done.Rows.Count != rows)
                {
                    throw new InvalidOperationException($"{name}: {done.Rows.Count} rows in place of {rows}.");
                }
            }

            return times;
        }
    }

    private static TimeSpan ProcessorTime()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    private static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
