using System.Globalization;
using System.Net;
using DataDefender.Domain.Subscriptions;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests;

/// <summary>Whatever ends the process, what was acknowledged is stored, once. DATADEFENDER_CRASH_CYCLES sets how often it is killed (10).</summary>
[Collection(nameof(Alone))]
public sealed class CrashTests
{
    private const int Workers = 64;

    private static int Cycles => int.TryParse(Environment.GetEnvironmentVariable("DATADEFENDER_CRASH_CYCLES"), NumberStyles.None, CultureInfo.InvariantCulture, out var cycles) ? cycles : 10;

    [Fact]
    public async Task Killed_under_load_again_and_again_it_loses_nothing_acknowledged_and_counts_nothing_twice()
    {
        await using var services = await TestServices.CreateAsync();
        var (company, lines) = await PrepareAsync(services);
        var ports = ChildHost.FreePorts();
        var load = new AccountingLoad(new IPEndPoint(IPAddress.Loopback, ports.Accounting), HostFixture.Secret, [.. lines.Select(l => l.Username)]);
        var random = new Random(20261122);
        for (var cycle = 0; cycle < Cycles; cycle++)
        {
            await using var host = await ChildHost.StartAsync(services.Database, ports);
            using var end = new CancellationTokenSource();
            var before = load.Acknowledged.Count;
            var running = load.RunAsync(Workers, end.Token);
            await Eventually.Is(() => load.Acknowledged.Count >= before + 2_000 + random.Next(1_000));

            await host.KillAsync();
            await end.CancelAsync();
            await running;
        }

        await CarryOverAsync(services, ports);

        await VerifyAsync(company, load);
    }

    [Fact]
    public async Task Asked_to_end_it_answers_what_it_took_carries_it_over_and_ends_within_ten_seconds()
    {
        await using var services = await TestServices.CreateAsync();
        var (company, lines) = await PrepareAsync(services);
        var ports = ChildHost.FreePorts();
        var load = new AccountingLoad(new IPEndPoint(IPAddress.Loopback, ports.Accounting), HostFixture.Secret, [.. lines.Select(l => l.Username)]);
        await using var host = await ChildHost.StartAsync(services.Database, ports);
        using var end = new CancellationTokenSource();
        var running = load.RunAsync(workers: 1, end.Token); // no faster than the database takes it, so that little waits
        await Eventually.Is(() => load.Acknowledged.Count >= 300);

        var took = await host.TerminateAsync();
        await end.CancelAsync();
        await running;

        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await VerifyAsync(company, load); // without another start: it was all carried over
    }

    [Fact]
    public async Task Asked_to_end_while_much_waits_in_the_journal_it_ends_within_ten_seconds_and_the_next_start_goes_on()
    {
        await using var services = await TestServices.CreateAsync();
        var (company, lines) = await PrepareAsync(services);
        var ports = ChildHost.FreePorts();
        var load = new AccountingLoad(new IPEndPoint(IPAddress.Loopback, ports.Accounting), HostFixture.Secret, [.. lines.Select(l => l.Username)]);
        await using (var host = await ChildHost.StartAsync(services.Database, ports))
        {
            using var end = new CancellationTokenSource();
            var running = load.RunAsync(Workers, end.Token);
            await Eventually.Is(() => load.Acknowledged.Count >= 3_000);
            var took = await host.TerminateAsync();
            await end.CancelAsync();
            await running;
            Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        }

        await CarryOverAsync(services, ports);
        await VerifyAsync(company, load);
    }

    private static async Task CarryOverAsync(TestServices services, ChildHost.Ports ports)
    {
        await using var last = await ChildHost.StartAsync(services.Database, ports);
        await Eventually.Is(async () => await last.MetricAsync("radius_journal_depth") == 0 && await last.MetricAsync("radius_accounting_dead_letters_total") == 0, TimeSpan.FromMinutes(2));
    }

    private static async Task VerifyAsync(TestCompany company, AccountingLoad load)
    {
        await using var db = company.Open();
        var stored = await db.SessionRecords.Select(s => s.AcctSessionId).ToListAsync();
        var usage = await db.UsageHours.SumAsync(u => u.UploadBytes);

        Assert.NotEmpty(load.Acknowledged);
        Assert.Empty(load.Acknowledged.Except(stored));
        Assert.Equal(stored.Distinct().Count(), stored.Count);
        Assert.Equal(stored.Count * (long)AccountingLoad.Bytes, usage);
        TestContext.Current.TestOutputHelper?.WriteLine($"{load.Acknowledged.Count} acknowledged, {stored.Count} stored");
    }

    private static async Task<(TestCompany Company, List<Subscription> Lines)> PrepareAsync(TestServices services)
    {
        var company = await TestCompany.CreateAsync(services);
        await company.AddNasAsync("127.0.0.1", HostFixture.Secret);
        var (client, package) = (await company.AddClientAsync(), await company.AddPackageAsync());
        var lines = new List<Subscription>();
        for (var i = 0; i < 10; i++)
        {
            lines.Add(await company.AddSubscriptionAsync(client, package));
        }

        return (company, lines);
    }
}
