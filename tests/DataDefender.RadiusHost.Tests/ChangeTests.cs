using System.Diagnostics;
using DataDefender.Domain.Network;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests;

/// <summary>What is changed elsewhere takes effect within a second.</summary>
[Collection(nameof(Alone))]
public sealed class ChangeTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private RadiusTestClient Client => fixture.Host.Client();

    [Fact]
    public async Task A_suspension_and_its_end()
    {
        var line = await fixture.AddLineAsync("moody");

        await ChangeAsync<Subscription>(line.Id, s => s.Suspend(SuspendReason.Unpaid, null, fixture.Services.Clock.Now));
        await Within(Second, async () => (await Client.PapAsync("moody", HostFixture.Password))["Mikrotik-Address-List"] == "suspended");

        await ChangeAsync<Subscription>(line.Id, s => s.Restore(fixture.Services.Clock.Now));
        await Within(Second, async () => (await Client.PapAsync("moody", HostFixture.Password))["Mikrotik-Address-List"] is null);
    }

    [Fact]
    public async Task A_faster_package_reaches_all_its_lines()
    {
        var package = await fixture.Company.AddPackageAsync("Growing", 10_000, 10_000);
        await fixture.AddLineAsync("grower-1", package: package);
        await fixture.AddLineAsync("grower-2", package: package);

        await ChangeAsync<ServicePackage>(package.Id, p => p.Change(new ServicePackageInput { Name = "Growing", DownloadKbps = 50_000, UploadKbps = 20_000, Price = 1 }));

        await Within(Second, async () => (await Client.PapAsync("grower-1", HostFixture.Password))["Mikrotik-Rate-Limit"] == "20M/50M");
        Assert.Equal("20M/50M", (await Client.PapAsync("grower-2", HostFixture.Password))["Mikrotik-Rate-Limit"]);
    }

    [Fact]
    public async Task A_new_password_and_a_new_name()
    {
        var line = await fixture.AddLineAsync("renamed-before");
        var cipher = await fixture.Services.Vault.OpenAsync(fixture.Company.Id);

        await ChangeAsync<Subscription>(line.Id, s => s.SetPassword(cipher.Protect(new(s.TenantId, nameof(Subscription), s.Id, nameof(Subscription.PasswordCipher)), "brand new")));

        await Within(Second, async () => (await Client.PapAsync("renamed-before", "brand new")).Code is RadiusCode.AccessAccept);
        Assert.Equal(RadiusCode.AccessReject, (await Client.PapAsync("renamed-before", HostFixture.Password)).Code);
    }

    [Fact]
    public async Task Other_settings_of_the_walled_garden()
    {
        await fixture.AddLineAsync("gardener", SubscriptionState.Suspended);
        await using (var db = fixture.Company.Open())
        {
            (await db.NetworkSettings.SingleAsync()).Change("walled", 256, 120);
            await db.SaveChangesAsync();
        }

        await Within(Second, async () => (await Client.PapAsync("gardener", HostFixture.Password))["Mikrotik-Address-List"] == "walled");
        var reply = await Client.PapAsync("gardener", HostFixture.Password);
        Assert.Equal(("256k/256k", "120"), (reply["Mikrotik-Rate-Limit"], reply["Acct-Interim-Interval"]));

        await using (var db = fixture.Company.Open())
        {
            (await db.NetworkSettings.SingleAsync()).Change("suspended", 512, 300);
            await db.SaveChangesAsync();
        }
    }

    [Fact]
    public async Task A_NAS_that_is_switched_off_is_a_stranger()
    {
        var nas = await fixture.Company.AddNasAsync("127.0.0.1", "its own", identifier: "switched-off");
        await fixture.AddLineAsync("on-switched-off");
        var client = fixture.Host.Client("its own", "switched-off");
        await Within(Second, () => Task.FromResult(Knows(nas.Id))); // not by asking: a stranger waits for an answer for longer than that
        Assert.Equal(RadiusCode.AccessAccept, (await client.PapAsync("on-switched-off", HostFixture.Password)).Code);

        await ChangeAsync<Nas>(nas.Id, n => n.Change(new NasInput { Name = n.Name, Address = n.Address, Identifier = n.Identifier, IsEnabled = false }));

        await Within(Second, () => Task.FromResult(!Knows(nas.Id)));
        Assert.IsType<RadiusExchange.NoAnswer>(await client.ExchangeAsync(client.PppoeRequest("on-switched-off").AddPapPassword(HostFixture.Password, client.Secret)));
    }

    [Fact]
    public async Task A_company_that_registers_later_and_is_suspended_again()
    {
        var other = await TestCompany.CreateAsync(fixture.Services, "Rift Wireless");
        await other.AddNasAsync("127.0.0.1", "rift secret", identifier: "rift");
        await other.AddSubscriptionAsync(username: "rift-user", password: HostFixture.Password);
        var client = fixture.Host.Client("rift secret", "rift");
        await Eventually.Is(async () => await client.ExchangeAsync(client.PppoeRequest("rift-user").AddPapPassword(HostFixture.Password, client.Secret)) is RadiusExchange.Answered { Reply.Code: RadiusCode.AccessAccept });

        await using (var db = fixture.Services.OpenPlatform())
        {
            (await db.Companies.SingleAsync(c => c.Id == other.Id)).Suspend("Licence unpaid", fixture.Services.Clock.Now);
            await db.SaveChangesAsync();
        }

        await Within(Second, async () => (await client.PapAsync("rift-user", HostFixture.Password))["Reply-Message"] == "Service is not available");
    }

    private bool Knows(Guid nas) => fixture.Host.Service<Lines.LineDirectory>().Content.Nas.All.Any(n => n.Id == nas);

    private async Task ChangeAsync<T>(Guid id, Action<T> change) where T : Domain.Common.Entity
    {
        await using var db = fixture.Company.Open();
        change(await db.Set<T>().SingleAsync(e => e.Id == id));
        await db.SaveChangesAsync();
    }

    private static async Task Within(TimeSpan limit, Func<Task<bool>> condition)
    {
        var watch = Stopwatch.StartNew();
        await Eventually.Is(condition);
        Assert.True(watch.Elapsed < limit, $"It took {watch.Elapsed.TotalMilliseconds:0} ms.");
    }
}
