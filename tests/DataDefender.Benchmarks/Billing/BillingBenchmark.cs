using System.Diagnostics;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Benchmarks.Billing;

/// <summary>A billing run at size: preview, then every invoice with its taxes, its number and its posting.</summary>
internal sealed partial class BillingBenchmark : Benchmark
{
    public override string Name => "billing";

    public override string Purpose => "--invoices N (100,000), --sqlite: a billing run with taxes and postings, preview and commit apart, with memory; then the verifier over it; --sql: where the database's time goes";

    public override async Task<int> RunAsync(string[] options)
    {
        var count = Option(options, "invoices", 100_000);
        await using var services = await TestServices.CreateAsync(Flag(options, "sqlite") ? DatabaseProvider.Sqlite : DatabaseProvider.PostgreSql, s =>
            s.AddBilling().AddSingleton<BillingSignal>().AddScoped<BillingRunService>().AddScoped<BillingRunWork>().AddScoped<BillingSettingsService>());
        var company = await TestCompany.CreateAsync(services);
        await SellAsync(services, company, count);
        await using var scope = services.Scope(company.Id, Actor.System("billing"));
        var (runs, work) = (scope.ServiceProvider.GetRequiredService<BillingRunService>(), scope.ServiceProvider.GetRequiredService<BillingRunWork>());

        PrintMachine("billing.before");
        var run = await runs.StartAsync();
        var preview = await TimeAsync(() => work.ContinueAsync(run));
        Print("billing.preview", preview.Seconds, "s");
        Print("billing.preview.memory", preview.Megabytes, "MB of managed memory at most");
        await runs.ApproveAsync(run);
        var commit = await TimeAsync(() => work.ContinueAsync(run));
        Print("billing.commit", commit.Seconds, "s, checked against the preview, with taxes, numbers and postings");
        Print("billing.commit.rate", count / commit.Seconds, "invoices a second");
        Print("billing.commit.memory", commit.Megabytes, "MB of managed memory at most");
        var written = await runs.GetAsync(run);
        Print("billing.invoices", written.Written, "invoices written");
        var verdict = default(LedgerVerdict);
        var verify = await TimeAsync(async () => verdict = await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync());
        Print("billing.verify", verify.Seconds, "s");
        Print("billing.verify.memory", verify.Megabytes, "MB of managed memory at most");
        PrintMachine("billing.after");
        if (Flag(options, "sql"))
        {
            PrintStatements(services.Log.Lines);
        }

        return verdict?.Fault is null && written.Written == count ? 0 : 1;
    }

    /// <summary>The statements that took longest in sum, by what EF logged of each.</summary>
    private static void PrintStatements(IEnumerable<string> log)
    {
        var sums = log.Select(line => Executed().Match(line)).Where(m => m.Success)
            .GroupBy(m => m.Groups["sql"].Value[..Math.Min(90, m.Groups["sql"].Value.Length)].ReplaceLineEndings(" "))
            .Select(g => (Sql: g.Key, Seconds: g.Sum(m => double.Parse(m.Groups["ms"].Value, System.Globalization.NumberStyles.AllowThousands, System.Globalization.CultureInfo.InvariantCulture)) / 1_000, Count: g.Count()));
        foreach (var (sql, seconds, count) in sums.OrderByDescending(s => s.Seconds).Take(25))
        {
            Console.WriteLine($"{seconds,8:0.0} s {count,6} x  {sql}");
        }
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"Executed DbCommand \((?<ms>[0-9,]+)ms\)[^\n]*\n(?<sql>.*)", System.Text.RegularExpressions.RegexOptions.Singleline | System.Text.RegularExpressions.RegexOptions.ExplicitCapture)]
    private static partial System.Text.RegularExpressions.Regex Executed();

    private static async Task<(double Seconds, double Megabytes)> TimeAsync(Func<Task> work)
    {
        GC.Collect();
        var most = GC.GetTotalMemory(forceFullCollection: true);
        using var stop = new CancellationTokenSource();
        var watcher = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false));
                await Task.Delay(100);
            }
        });
        var began = Stopwatch.GetTimestamp();
        await work();
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await stop.CancelAsync();
        await watcher;
        return (seconds, most / 1_000_000d);
    }

    private static async Task SellAsync(TestServices services, TestCompany company, int count)
    {
        await using (var scope = services.Scope(company.Id, Actor.System("billing")))
        {
            await scope.ServiceProvider.GetRequiredService<BillingSettingsService>().AddKenyanRatesAsync();
            await scope.ServiceProvider.GetRequiredService<BillingSettingsService>().ChangeAsync(0, new BillingSettingsInput { OwesVat = true, OwesExcise = true, TaxPin = "P051234567X" });
        }

        var package = await company.AddPackageAsync();
        var day = DateOnly.FromDateTime(services.Clock.Now);
        var clients = new List<Guid>(count);
        await AddAsync(count, number =>
        {
            var client = new Client(company.Id, AccountNumbers.WithCheckDigit(1_000_000 + number), new ClientInput { Name = $"Client {number}", Phone = $"07{number:D8}" }, services.Clock.Now);
            clients.Add(client.Id);
            return client;
        });
        var lines = new List<Subscription>(count);
        await AddAsync(count, number =>
        {
            var line = new Subscription(company.Id, clients[number], package.Id, $"bench{number:D6}", services.Clock.Now);
            lines.Add(line);
            return line;
        });
        await AddAsync(count, number => new Contract(
            company.Id, lines[number].Id, clients[number], lines[number].Username, BillingMode.Advance, 1, new ContractTerm(day, package.Id, package.Name, 250_000, 1, PeriodUnit.Month)));

        async Task AddAsync(int rows, Func<int, Entity> create)
        {
            foreach (var batch in Enumerable.Range(0, rows).Chunk(2_000))
            {
                await using var db = company.Open();
                db.AuditEachRow = false;
                db.AddRange(batch.Select(create));
                await db.SaveChangesAsync();
            }
        }
    }
}
