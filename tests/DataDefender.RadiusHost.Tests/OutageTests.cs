using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests;

/// <summary>The database is away: nobody is rejected, nothing is lost.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task Logins_and_accounting_go_on_and_what_was_acknowledged_arrives_afterwards()
    {
        await using var services = await TestServices.CreateAsync();
        var company = await PrepareAsync(services);
        await using var host = await RunningHost.StartAsync(services.Database);
        using var outage = new Outage(services.Database);
        await Eventually.Is(() => !host.Service<LineDirectory>().DatabaseReachable);

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(RadiusCode.AccessAccept, (await host.Client().PapAsync("wanjiku", HostFixture.Password)).Code);
            await host.Client().AskAsync(host.Client().AccountingRequest(AcctStatusType.Start, "wanjiku", $"outage-{i}"));
        }

        using var http = host.Http();
        Assert.True((await http.GetAsync("/health/ready")).IsSuccessStatusCode);
        Assert.Equal(50, host.Service<Status.Pulse>().Depth);

        outage.End();
        await host.AppliedAsync();
        await using var db = company.Open();
        Assert.Equal(50, await db.LiveSessions.CountAsync() + await db.SessionRecords.CountAsync());
    }

    [Fact]
    public async Task A_start_without_the_database_answers_from_the_copy_on_disk()
    {
        await using var services = await TestServices.CreateAsync();
        await PrepareAsync(services);
        await using (var first = await RunningHost.StartAsync(services.Database))
        {
            Assert.Equal(RadiusCode.AccessAccept, (await first.Client().MsChapV2Async("wanjiku", HostFixture.Password)).Code);
        }

        using var outage = new Outage(services.Database);
        await using var cold = await RunningHost.StartAsync(services.Database);

        Assert.Equal(DirectorySource.File, cold.Service<LineDirectory>().Source);
        var reply = await cold.Client().MsChapV2Async("wanjiku", HostFixture.Password);
        Assert.Equal((RadiusCode.AccessAccept, "10M/10M", "100.64.0.1"), (reply.Code, reply["Mikrotik-Rate-Limit"], reply["Framed-IP-Address"]));
        Assert.Equal("suspended", (await cold.Client().PapAsync("kamau", HostFixture.Password))["Mikrotik-Address-List"]);
        Assert.Equal(RadiusCode.AccessReject, (await cold.Client().PapAsync("wanjiku", "wrong")).Code);
        await cold.Client().AskAsync(cold.Client().AccountingRequest(AcctStatusType.Start, "wanjiku", "cold-1"));

        outage.End();
        await Eventually.Is(() => cold.Service<LineDirectory>().Source is DirectorySource.Database);
        await cold.AppliedAsync();
    }

    [Fact]
    public async Task The_copy_on_disk_shows_no_secret_and_a_changed_one_is_not_believed()
    {
        await using var services = await TestServices.CreateAsync();
        await PrepareAsync(services);
        await using (await RunningHost.StartAsync(services.Database))
        {
            // it is written at the start and at the end
        }

        var path = Path.Combine(services.Database.Folder.FullName, "radius", "lines.sealed");
        var octets = await File.ReadAllBytesAsync(path);
        Assert.Equal(-1, octets.AsSpan().IndexOf("wanjiku"u8));
        Assert.Equal(-1, octets.AsSpan().IndexOf("testing123"u8));
        octets[^5] ^= 1;
        await File.WriteAllBytesAsync(path, octets);

        using var outage = new Outage(services.Database);
        await using var host = RunningHost.Prepare(services.Database);
        var starting = host.StartAsync();
        await Eventually.Is(() => host.Log.Lines.Any(l => l.Contains("cannot be used", StringComparison.Ordinal)));
        Assert.Equal(DirectorySource.None, host.Service<LineDirectory>().Source);

        outage.End();
        await starting;
        Assert.Equal(RadiusCode.AccessAccept, (await host.Client().PapAsync("wanjiku", HostFixture.Password)).Code);
    }

    private static async Task<TestCompany> PrepareAsync(TestServices services)
    {
        var company = await TestCompany.CreateAsync(services);
        await company.AddNasAsync("127.0.0.1", HostFixture.Secret);
        await company.AddSubscriptionAsync(username: "wanjiku", password: HostFixture.Password, staticAddress: "100.64.0.1");
        await company.AddSubscriptionAsync(username: "kamau", password: HostFixture.Password, state: SubscriptionState.Suspended);
        return company;
    }
}
