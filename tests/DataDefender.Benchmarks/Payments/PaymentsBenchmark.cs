using System.Diagnostics;
using System.Globalization;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using DataDefender.Testing.Payments;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Benchmarks.Payments;

/// <summary>
/// Payments under all faults at once against simulated providers over HTTP, over simulated days, and the sum of it against the providers'
/// own books. Options: --count 100000, --sqlite (PostgreSQL else), --parallel 8.
/// </summary>
internal sealed class PaymentsBenchmark : Benchmark
{
    private bool _verified;

    public override string Name => "payments";

    public override string Purpose => "payments under all faults at once: what is lost, doubled or stuck, and how many a second";

    public override async Task<int> RunAsync(string[] options)
    {
        var provider = Flag(options, "sqlite") ? DatabaseProvider.Sqlite : DatabaseProvider.PostgreSql;
        var result = await FaultRun.RunAsync(provider, Option(options, "count", 100_000), clients: 2_000, Option(options, "parallel", 8), Console.WriteLine, VerifyAsync);
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
        return _verified && result is { Lost: 0, Doubled: 0, Stuck: 0, WrongAmounts: 0, PushedTwice: 0, FaultInBooks: null } ? 0 : 1;
    }

    /// <summary>The product's own command on the books of the run: clean, and after one line was changed in SQL by the tables' owner it names that one.</summary>
    private async Task VerifyAsync(PaymentBench bench)
    {
        var database = bench.Services.Database;
        var (clean, said) = await CommandAsync(database);
        Print("payments.verify.clean", clean, "exit code of verify-ledger");
        Console.WriteLine($"payments.verify: {said}");
        long sequence;
        await using (var db = bench.Company.Open())
        {
            sequence = await db.JournalTransactions.MaxAsync(t => t.Sequence) / 2;
        }

        // Whoever owns the tables takes the walls down first; the application's role cannot.
        var walls = database.Provider is DatabaseProvider.Sqlite
            ? "DROP TRIGGER journal_lines_append_only_update"
            : "ALTER TABLE journal_lines DISABLE TRIGGER USER; ALTER TABLE journal_lines NO FORCE ROW LEVEL SECURITY";
        await database.ExecuteAsOwnerAsync(string.Create(CultureInfo.InvariantCulture, $"{walls}; UPDATE journal_lines SET debit_minor = debit_minor + 100 WHERE sequence = {sequence} AND debit_minor > 0"));
        var (changed, named) = await CommandAsync(database);
        Print("payments.verify.changed", changed, "exit code of verify-ledger after one line was changed in SQL");
        Console.WriteLine($"payments.verify: changed {sequence}: {named}");
        _verified = clean == 0 && changed == 1 && named.Contains(string.Create(CultureInfo.InvariantCulture, $"{sequence} was changed"), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Said)> CommandAsync(TestDatabase database)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "DataDefender.Web.dll"), "verify-ledger"]) { RedirectStandardOutput = true, UseShellExecute = false, RedirectStandardError = true, WorkingDirectory = database.Folder.FullName };
        foreach (var (name, value) in TestServices.Settings(database))
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, $"{await output} {await errors}".Trim());
    }
}
