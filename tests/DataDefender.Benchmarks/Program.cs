using System.Globalization;
using DataDefender.Benchmarks;
using DataDefender.Benchmarks.Billing;
using DataDefender.Benchmarks.Payments;
using DataDefender.Benchmarks.Circuits;
using DataDefender.Benchmarks.Radius;
using DataDefender.Benchmarks.Routers;

// dotnet run -c Release --project tests/DataDefender.Benchmarks -- NAME [options]
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
if (args is [PlayedFleet.Command, .. var asked])
{
    return await FleetStage.PlayAsync(asked); // this program is its own outside world, in a process of its own
}

if (args is [CircuitsBenchmark.Command, .. var tabs])
{
    return await CircuitsBenchmark.PlayAsync(tabs);
}

Benchmark[] all = [new RadiusBenchmark(), new LinesBenchmark(), new RouterOsBenchmark(), new CircuitsBenchmark(), new BillingBenchmark(), new PaymentsBenchmark()];
if (args is [var name, .. var options])
{
    if (all.FirstOrDefault(b => b.Name == name) is { } chosen)
    {
        return await chosen.RunAsync(options);
    }

    await Console.Error.WriteLineAsync($"“{name}” is not a benchmark.");
}

foreach (var benchmark in all)
{
    Console.WriteLine($"{benchmark.Name}: {benchmark.Purpose}");
}

return args.Length == 0 ? 0 : 2;
