using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing.Payments;

namespace DataDefender.Benchmarks.Payments;

/// <summary>
/// Payments under all faults at once against simulated providers over HTTP, over simulated days, and the sum of it against the providers'
/// own books. Options: --count 100000, --sqlite (PostgreSQL else), --parallel 8.
/// </summary>
internal sealed class PaymentsBenchmark : Benchmark
{
    public override string Name => "payments";

    public override string Purpose => "payments under all faults at once: what is lost, doubled or stuck, and how many a second";

    public override async Task<int> RunAsync(string[] options)
    {
        var provider = Flag(options, "sqlite") ? DatabaseProvider.Sqlite : DatabaseProvider.PostgreSql;
        var result = await FaultRun.RunAsync(provider, Option(options, "count", 100_000), clients: 2_000, Option(options, "parallel", 8), Console.WriteLine);
        Console.WriteLine($"payments.run: {result}");
        foreach (var problem in result.Problems.Take(20))
        {
            Console.WriteLine($"payments.problem: {problem}");
        }

        Print("payments.lost", result.Lost, "");
        Print("payments.doubled", result.Doubled, "");
        Print("payments.stuck", result.Stuck, "");
        Print("payments.rate", result.Payments / result.Took.TotalSeconds, "payments/s, end to end");
        PrintMachine("payments");
        return result is { Lost: 0, Doubled: 0, Stuck: 0, WrongAmounts: 0, PushedTwice: 0, FaultInBooks: null } ? 0 : 1;
    }
}
