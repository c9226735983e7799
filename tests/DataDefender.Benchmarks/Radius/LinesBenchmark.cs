using System.Diagnostics;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Seeding;
using DataDefender.Testing;

namespace DataDefender.Benchmarks.Radius;

/// <summary>How long a start of RadiusHost takes with very many subscribers and what they cost in memory. Options: --users 1000000, --sqlite.</summary>
internal sealed class LinesBenchmark : Benchmark
{
    public override string Name => "radius-lines";

    public override string Purpose => "a million subscribers loaded: seconds and memory";

    public override async Task<int> RunAsync(string[] options)
    {
        var users = Option(options, "users", 1_000_000);
        var provider = TestDatabase.Absence(DatabaseProvider.PostgreSql) is null && !Flag(options, "sqlite") ? DatabaseProvider.PostgreSql : DatabaseProvider.Sqlite;
        await using var database = await TestDatabase.CreateAsync(provider);
        await using (var services = TestServices.Over(database))
        {
            var seeding = Stopwatch.StartNew();
            // On PostgreSQL the first line is seeded as ever and the others are copied in beside it: a million through the model take minutes.
            var seeded = provider is DatabaseProvider.PostgreSql ? 1 : users;
            if (await SeedCommands.RunAsync(services.Provider, ["load", "--clients", $"{seeded}"], Console.Error, Console.Error) is not 0 and var failed)
            {
                return failed;
            }

            if (seeded < users)
            {
                await LineCopy.AddAsync(services, database, seeded, users);
            }

            Print("radius-lines.seed", seeding.Elapsed.TotalSeconds, $"s to write {users} clients and lines ({provider})");
        }

        PrintMachine("radius-lines");
        var starting = Stopwatch.StartNew();
        await using var host = await HostProcess.StartAsync(database);
        Print("radius-lines.start", starting.Elapsed.TotalSeconds, "s from the start of the process until it answers");
        Print("radius-lines.lines", await host.MetricAsync("radius_directory_subscribers") ?? 0, "lines");
        Print("radius-lines.memory", (await host.MetricAsync("process_working_set_bytes") ?? 0) / (1 << 20), "MB of the process");
        Print("radius-lines.heap", (await host.MetricAsync("dotnet_heap_bytes") ?? 0) / (1 << 20), "MB of objects");
        Print("radius-lines.processor", host.ProcessorSeconds(), "s of processor time");
        using var loop = new ClosedLoop(host.AuthenticationPort, new LoginLoad(new LoginRequests(LoginKind.Pap, users, 128), needsMessageAuthenticator: true), 128);
        var logins = await loop.RunAsync(TimeSpan.FromSeconds(3));
        Print("radius-lines.pap.rate", logins.PerSecond, "/s");
        Print("radius-lines.pap.wrong", logins.Wrong + logins.Lost, "answers wrong or lost");
        return 0;
    }
}
