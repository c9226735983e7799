using System.Globalization;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Accounting;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.RadiusHost.Tests;

/// <summary>
/// Two RadiusHosts beside each other on one database, either of them killed at any time: the NAS asks the other one, nothing that was
/// acknowledged is lost and nothing counts twice. DATADEFENDER_TWO_HOST_CYCLES sets how often one is killed (4).
/// </summary>
[Collection(nameof(Alone))]
public sealed class TwoHostCrashTests
{
    private const int Workers = 16;
    private const int Lines = 8;

    private static int Cycles => int.TryParse(Environment.GetEnvironmentVariable("DATADEFENDER_TWO_HOST_CYCLES"), NumberStyles.None, CultureInfo.InvariantCulture, out var cycles) ? cycles : 4;

    [Theory]
    [EachDatabase]
    public async Task Either_killed_under_load_again_and_again_the_NAS_is_always_served_and_each_octet_counts_once(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider, s => s.AddAccountingLedgers());
        var (company, lines) = await PrepareAsync(services);
        string[] journals = ["first", "second"];
        ChildHost.Ports[] ports = [ChildHost.FreePorts(), ChildHost.FreePorts()];
        var load = new FailoverLoad(ports, HostFixture.Secret, [.. lines.Keys], HostFixture.Password);
        ChildHost[] hosts = [await ChildHost.StartAsync(services.Database, ports[0], journals[0]), await ChildHost.StartAsync(services.Database, ports[1], journals[1])];
        try
        {
            using var end = new CancellationTokenSource();
            var running = load.RunAsync(Workers, end.Token);
            var random = new Random(20261122);
            for (var cycle = 0; cycle < Cycles; cycle++)
            {
                var before = load.Records;
                var more = 500 + random.Next(1_000);
                await Eventually.Is(() => load.Records >= before + more);
                var victim = random.Next(2);
                await hosts[victim].KillAsync();
                await hosts[victim].DisposeAsync();
                hosts[victim] = await ChildHost.StartAsync(services.Database, ports[victim], journals[victim]);
            }

            await end.CancelAsync();
            await running;
            foreach (var host in hosts)
            {
                await Eventually.Is(async () => await host.MetricAsync("radius_journal_depth") == 0 && await host.MetricAsync("radius_accounting_dead_letters_total") == 0, TimeSpan.FromMinutes(2));
            }
        }
        finally
        {
            await hosts[0].DisposeAsync();
            await hosts[1].DisposeAsync();
        }

        Assert.Empty(load.LoginsFailed);
        await VerifyAsync(services, company, lines, load);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Cycles} kills, {load.Records} records acknowledged of {load.Sessions.Count} sessions, {load.SentTwice} sent to both, {load.Logins} logins, {load.LoginsAtSecondary} of them answered by the secondary");
    }

    private static async Task VerifyAsync(TestServices services, TestCompany company, Dictionary<string, Guid> lines, FailoverLoad load)
    {
        await using var db = company.Open();
        var stored = await db.SessionRecords.Select(s => new { s.AcctSessionId, s.SubscriptionId, s.UploadBytes, s.DownloadBytes }).ToListAsync();
        var usage = await db.UsageHours.GroupBy(u => u.SubscriptionId).Select(g => new { Line = g.Key, Upload = g.Sum(u => u.UploadBytes) }).ToDictionaryAsync(u => u.Line, u => u.Upload);

        Assert.NotEmpty(load.Sessions);
        Assert.Empty(await db.LiveSessions.ToListAsync());
        Assert.Equal(
            load.Sessions.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => (s.Key, (Guid?)lines[s.Value.Username], s.Value.Bytes, s.Value.Bytes)),
            stored.OrderBy(s => s.AcctSessionId, StringComparer.Ordinal).Select(s => (s.AcctSessionId, s.SubscriptionId, s.UploadBytes, s.DownloadBytes)));
        Assert.Equal(
            load.Sessions.Values.GroupBy(s => lines[s.Username]).OrderBy(g => g.Key).Select(g => (g.Key, g.Sum(s => s.Bytes))),
            usage.OrderBy(u => u.Key).Select(u => (u.Key, u.Value)));
        Assert.Null((await services.Provider.GetRequiredService<UsageVerifier>().VerifyAsync()).Difference);
    }

    /// <summary>The lines by their user names; the last one is for logins, the others for sessions.</summary>
    private static async Task<(TestCompany Company, Dictionary<string, Guid> Lines)> PrepareAsync(TestServices services)
    {
        services.Clock.Advance(TimeProvider.System.GetUtcNow() - services.Clock.GetUtcNow()); // RadiusHost lives by the real time
        var company = await TestCompany.CreateAsync(services);
        await company.AddNasAsync("127.0.0.1", HostFixture.Secret, configure: n => n.MessageAuthenticator = MessageAuthenticatorRule.Off);
        var (client, package) = (await company.AddClientAsync(), await company.AddPackageAsync());
        var lines = new Dictionary<string, Guid>();
        for (var i = 0; i < Lines; i++)
        {
            var line = await company.AddSubscriptionAsync(client, package, username: $"user-{i}", password: HostFixture.Password);
            lines.Add(line.Username, line.Id);
        }

        return (company, lines);
    }
}
