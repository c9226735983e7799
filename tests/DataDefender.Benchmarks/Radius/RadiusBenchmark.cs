using System.Diagnostics;
using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Seeding;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Benchmarks.Radius;

/// <summary>
/// RadiusHost over UDP loopback with the generator on the same machine, every answer checked, and FreeRADIUS beside it in turns, so that
/// both have the same machine. Options: --users 50000, --seconds 5 (a run), --rounds 3, --window 128, --sqlite, --alone (no FreeRADIUS),
/// --logins, --accounting or --storm (only that part; --storm compares no sums),
/// --decisions (only what a login costs without the network). FreeRADIUS by SQL (Debian: freeradius-postgresql) and the outages need PostgreSQL.
/// </summary>
internal sealed class RadiusBenchmark : Benchmark
{
    private const int AccountingWindow = 256;
    private const int MostPerSecond = 450_000; // for which requests are made beforehand
    private static readonly (LoginKind Kind, string Name)[] Logins = [(LoginKind.Pap, "pap"), (LoginKind.MsChapV2, "mschapv2")];

    private int _users;
    private int _window;
    private int _rounds;
    private TimeSpan _duration;
    private uint _run;
    private long _stopped;
    private Int128 _upload;
    private Int128 _download;

    public override string Name => "radius";

    public override string Purpose => "logins and durable accounting a second, beside FreeRADIUS where it is installed";

    public override async Task<int> RunAsync(string[] options)
    {
        (_users, _window, _rounds) = (Option(options, "users", 50_000), Option(options, "window", 128), Option(options, "rounds", 3));
        _duration = TimeSpan.FromSeconds(Option(options, "seconds", 5));
        var provider = TestDatabase.Absence(DatabaseProvider.PostgreSql) is null && !Flag(options, "sqlite") ? DatabaseProvider.PostgreSql : DatabaseProvider.Sqlite;
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var services = TestServices.Over(database);
        Console.WriteLine($"radius.machine: {Environment.ProcessorCount} cores, {provider}, {_users} users, {_duration.TotalSeconds:0} s a run, {_rounds} rounds");
        if (await SeedCommands.RunAsync(services.Provider, ["load", "--clients", $"{_users}"], Console.Error, Console.Error) is not 0 and var failed)
        {
            return failed;
        }

        var stormAlone = Flag(options, "storm");
        foreach (var ((_, name), (nanoseconds, bytes)) in stormAlone ? [] : Logins.Zip(await DecisionCost.MeasureAsync(database, _users, [.. Logins.Select(l => l.Kind)])))
        {
            Print($"radius.{name}.decision", nanoseconds, "ns a login, without the network");
            Print($"radius.{name}.decision.allocated", bytes, "bytes a login");
        }

        if (Flag(options, "decisions"))
        {
            return 0;
        }

        var loading = Stopwatch.StartNew();
        await using var host = await HostProcess.StartAsync(database);
        Print("radius.start", loading.Elapsed.TotalSeconds, "s until it answers");
        PrintMachine("radius");
        if (!Flag(options, "accounting") && !stormAlone)
        {
            await LoginsAsync(host, database, !Flag(options, "alone") && FreeRadius.Program is not null);
        }

        if (!Flag(options, "logins"))
        {
            await WarmUpAsync(host.AuthenticationPort, LoginKind.Pap);
            if (stormAlone)
            {
                await StoreAsync(host, TimeSpan.FromSeconds(2)); // until the compiler has seen what is hot
                await StormAsync(host);
                return 0;
            }

            await AccountingAsync(host);
            await StormAsync(host);
            if (provider is DatabaseProvider.PostgreSql && OperatingSystem.IsLinux())
            {
                await OutagesAsync(host, database);
            }

            await CompareAsync(host, services);
        }

        PrintMachine("radius.end");
        return 0;
    }

    private async Task LoginsAsync(HostProcess host, TestDatabase database, bool withFreeRadius)
    {
        await using var files = withFreeRadius ? await FreeRadius.StartAsync(FreeRadiusUsers.Files, _users, database) : null;
        await using var sql = withFreeRadius && FreeRadius.TakesSql && database.Provider is DatabaseProvider.PostgreSql ? await FreeRadius.StartAsync(FreeRadiusUsers.Sql, _users, database) : null;
        foreach (var (kind, name) in Logins)
        {
            foreach (var port in (int?[])[host.AuthenticationPort, files?.Port, sql?.Port])
            {
                await WarmUpAsync(port, kind);
            }

            var requests = new LoginRequests(kind, _users, _window, (int)(MostPerSecond * _duration.TotalSeconds));
            var (ours, theirs, theirsBySql) = (new List<Measured>(), new List<Measured>(), new List<Measured>());
            var perLogin = new List<double>();
            for (var round = 0; round < _rounds; round++)
            {
                var allocated = await host.MetricAsync("dotnet_allocated_bytes_total") ?? 0;
                ours.Add(await LoginAsync(host.AuthenticationPort, requests, signed: true, host.ProcessorSeconds));
                perLogin.Add(((await host.MetricAsync("dotnet_allocated_bytes_total") ?? 0) - allocated) / ours[^1].Load.Answered);
                if (files is not null)
                {
                    theirs.Add(await LoginAsync(files.Port, requests, signed: false, files.ProcessorSeconds));
                }

                if (sql is not null)
                {
                    theirsBySql.Add(await LoginAsync(sql.Port, requests, signed: false, sql.ProcessorSeconds));
                }
            }

            Report($"radius.{name}", ours);
            Print($"radius.{name}.server.p99", (await host.MetricAsync("radius_login_seconds{quantile=\"0.99\"}") ?? 0) * 1000, "ms from receipt to answer as the server counts it, all rounds so far");
            Print($"radius.{name}.process.allocated", perLogin.Min(), "bytes a login by all of the process, its log of logins included");
            Report($"freeradius.files.{name}", theirs);
            Report($"freeradius.sql.{name}", theirsBySql);
            Ratio($"radius.{name}.over.files", ours, theirs);
            Ratio($"radius.{name}.over.sql", ours, theirsBySql);
        }
    }

    private async Task<Measured> LoginAsync(int port, LoginRequests requests, bool signed, Func<double> processor)
    {
        using var loop = new ClosedLoop(port, new LoginLoad(requests, signed), _window);
        var before = processor();
        var load = await loop.RunAsync(_duration);
        return new Measured(load, (processor() - before) * 1e6 / Math.Max(1, load.Answered));
    }

    private async Task WarmUpAsync(int? port, LoginKind kind)
    {
        if (port is { } known)
        {
            using var loop = new ClosedLoop(known, new LoginLoad(new LoginRequests(kind, _users, _window), needsMessageAuthenticator: false), _window);
            await loop.RunAsync(TimeSpan.FromSeconds(3)); // until the compiler has seen what is hot
        }
    }

    private async Task AccountingAsync(HostProcess host)
    {
        var results = new List<LoadResult>();
        for (var round = 0; round < _rounds; round++)
        {
            results.Add(await StoreAsync(host, _duration));
        }

        Report("radius.accounting", results);
    }

    /// <summary>Accounting as fast as it is acknowledged; what was acknowledged is kept for the comparison with the database.</summary>
    private async Task<LoadResult> StoreAsync(HostProcess host, TimeSpan duration)
    {
        var load = new AccountingLoad(_users, _run++);
        using var loop = new ClosedLoop(host.AccountingPort, load, AccountingWindow);
        var result = await loop.RunAsync(duration);
        (_stopped, _upload, _download) = (_stopped + load.Acknowledged[^1], _upload + load.UploadOfStopped, _download + load.DownloadOfStopped);
        return result;
    }

    /// <summary>A hundred logins a second, alone and while accounting comes as fast as it can.</summary>
    private async Task StormAsync(HostProcess host)
    {
        var pace = TimeSpan.FromMilliseconds(10);
        await DrainedAsync(host);
        Report("radius.login.alone", [await PacedAsync(host, pace)]);

        var before = await CollectionsAsync(host);
        var storming = StoreAsync(host, _duration);
        var result = await PacedAsync(host, pace);
        var accounting = await storming;
        Report("radius.login.during.storm", [result]);
        Print("radius.login.during.storm.accounting", accounting.PerSecond, "/s");
        var after = await CollectionsAsync(host);
        Print("radius.login.during.storm.pauses", (after.Paused - before.Paused) * 1000, "ms of collections in all");
        Print("radius.login.during.storm.collections", after.Count - before.Count, "collections");
        Print("radius.login.during.storm.allocated", (after.Allocated - before.Allocated) / Math.Max(1, after.Applied - before.Applied), "bytes for each record that was carried into the database meanwhile");
        Print("radius.login.during.storm.carried", (after.Applied - before.Applied) / _duration.TotalSeconds, "records/s into the database meanwhile");
    }

    private static async Task<(double Paused, double Count, double Allocated, double Applied)> CollectionsAsync(HostProcess host) => (
        await host.MetricAsync("dotnet_gc_pause_seconds_total") ?? 0, await host.MetricAsync("dotnet_gc_collections_total{generation=\"0\"}") ?? 0,
        await host.MetricAsync("dotnet_allocated_bytes_total") ?? 0, await host.MetricAsync("radius_accounting_applied_total") ?? 0);

    private async Task<LoadResult> PacedAsync(HostProcess host, TimeSpan pace)
    {
        using var loop = new ClosedLoop(host.AuthenticationPort, new LoginLoad(new LoginRequests(LoginKind.Pap, _users, 100), needsMessageAuthenticator: true), 100);
        return await loop.RunAsync(_duration, pace);
    }

    /// <summary>Nobody is rejected and nothing is lost while the database is gone, nor while it hangs.</summary>
    private async Task OutagesAsync(HostProcess host, TestDatabase database)
    {
        var outage = new DatabaseOutage(database);
        await outage.StopAsync();
        await DuringAsync(host, "stopped");
        await outage.StartAsync();
        await outage.HangAsync();
        try
        {
            await DuringAsync(host, "hung");
        }
        finally
        {
            outage.Resume();
        }
    }

    private async Task DuringAsync(HostProcess host, string what)
    {
        using var loop = new ClosedLoop(host.AuthenticationPort, new LoginLoad(new LoginRequests(LoginKind.Pap, _users, _window), needsMessageAuthenticator: true), _window);
        var logins = await loop.RunAsync(TimeSpan.FromSeconds(2));
        var accounting = await StoreAsync(host, TimeSpan.FromMilliseconds(200)); // all of it is to be carried over afterwards
        Report($"radius.database.{what}.pap", [logins]);
        Report($"radius.database.{what}.accounting", [accounting]);
    }

    /// <summary>Waits until all that was acknowledged is in the database, and tells how quickly it got there.</summary>
    private static async Task DrainedAsync(HostProcess host)
    {
        var (watch, waiting) = (Stopwatch.StartNew(), await host.MetricAsync("radius_journal_depth") ?? 0);
        while (await host.MetricAsync("radius_journal_depth") is not 0)
        {
            await Task.Delay(100);
        }

        Print("radius.accounting.waiting", waiting, "records at the end of the load");
        Print("radius.accounting.drain", waiting / watch.Elapsed.TotalSeconds, "records/s into the database");
    }

    private async Task CompareAsync(HostProcess host, TestServices services)
    {
        await DrainedAsync(host);
        await using var db = services.OpenPlatform();
        var causes = await db.SessionRecords.AcrossTenants().GroupBy(s => s.TerminateCause)
            .Select(g => new { Cause = g.Key, Count = g.LongCount(), Upload = g.Sum(s => s.UploadBytes), Download = g.Sum(s => s.DownloadBytes) }).ToListAsync();
        Print("radius.accounting.sessions", _stopped, "sessions acknowledged as stopped");
        Print("radius.accounting.records", causes.Sum(c => c.Count), $"records of sessions ({string.Join(", ", causes.Select(c => $"{c.Cause} {c.Count}"))})");
        Print("radius.accounting.open", await db.LiveSessions.AcrossTenants().CountAsync(), "sessions still open");
        Print("radius.accounting.difference.upload", (double)(_upload - causes.Sum(c => c.Upload)), "octets between what was acknowledged and the records");
        Print("radius.accounting.difference.download", (double)(_download - causes.Sum(c => c.Download)), "octets");
        var hours = await db.UsageHours.AcrossTenants().GroupBy(_ => 1).Select(g => new { Upload = g.Sum(u => u.UploadBytes), Download = g.Sum(u => u.DownloadBytes) }).SingleAsync();
        Print("radius.accounting.difference.hours", (double)(_upload - hours.Upload + _download - hours.Download), "octets between what was acknowledged and the usage by hour");
    }

    private static void Report(string name, List<LoadResult> results) => Print(name, Median(results), results.Sum(r => r.Wrong), results.Sum(r => r.Lost), results.Select(r => r.FirstWrong).FirstOrDefault(w => w is not null));

    /// <summary>The round with the median rate, and what a login costs the processors; wrong and lost of all rounds.</summary>
    private static void Report(string name, List<Measured> results)
    {
        if (results.Count == 0)
        {
            return;
        }

        Report(name, [.. results.Select(r => r.Load)]);
        var median = Median([.. results.Select(r => r.Load)]);
        Print($"{name}.processor", results.Single(r => ReferenceEquals(r.Load, median)).ServerMicroseconds, "µs of processor time a login by the server's process");
        Print($"{name}.generator", median.GeneratorMicroseconds, "µs of processor time a login by the generator");
    }

    private static void Print(string name, LoadResult median, long wrong, long lost, string? firstWrong)
    {
        Print($"{name}.rate", median.PerSecond, "/s");
        Print($"{name}.p50", median.MedianMilliseconds, "ms");
        Print($"{name}.p99", median.P99Milliseconds, "ms");
        Print($"{name}.wrong", wrong, firstWrong is null ? "answers" : $"answers, the first: {firstWrong}");
        Print($"{name}.lost", lost, "requests");
    }

    private static void Ratio(string name, List<Measured> ours, List<Measured> theirs)
    {
        if (theirs.Count > 0)
        {
            Print(name, Median([.. ours.Select(o => o.Load)]).PerSecond / Median([.. theirs.Select(t => t.Load)]).PerSecond, "times");
            Print($"{name}.processor", theirs.Min(t => t.ServerMicroseconds) / ours.Min(o => o.ServerMicroseconds), "times less processor time a login");
        }
    }

    private static LoadResult Median(List<LoadResult> results) => results.OrderBy(r => r.PerSecond).ElementAt(results.Count / 2);

    private sealed record Measured(LoadResult Load, double ServerMicroseconds);
}
