using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Sandbox;
using DataDefender.Sandbox.Nas;
using DataDefender.Sandbox.RouterOs;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests;

/// <summary>The simulated router, which obeys what it is told and believes nothing unproven, agrees with us on every way to log in.</summary>
public sealed class SandboxLoginTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private const string Mac = "02:00:5E:00:E1:01";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory] // RFC 2865 §5.2, §5.3; RFC 2433, RFC 2759: with version 2 the router also wants our proof and the keys
    [InlineData(AuthenticationMethod.Pap, "PAP")]
    [InlineData(AuthenticationMethod.Chap, "CHAP")]
    [InlineData(AuthenticationMethod.MsChap, "MS-CHAP")]
    [InlineData(AuthenticationMethod.MsChapV2, "MS-CHAPv2")]
    public async Task A_line_dials_in_with_its_password_and_with_no_other(AuthenticationMethod method, string name)
    {
        var (good, bad) = ($"nas-good-{name}".ToLowerInvariant(), $"nas-bad-{name}".ToLowerInvariant());
        await fixture.AddLineAsync(good, address: $"100.64.9.{(int)method + 1}"); // the router has no pool of the package's name
        await fixture.AddLineAsync(bad);

        await using var world = await StartAsync(
            new SubscriberOptions { Username = good, Password = HostFixture.Password, Method = method },
            new SubscriberOptions { Username = bad, Password = "guessed", Method = method });
        await world["r1"].Nas.UntilAsync(n => n.Online == 1 && n.Find(bad)!.Failures > 0);

        Assert.Equal(LineState.Online, world["r1"].Nas.Find(good)!.State);
        Assert.StartsWith("rejected", world["r1"].Nas.Find(bad)!.LastFailure, StringComparison.Ordinal);
        Assert.Equal((LoginOutcome.Accepted, name), await AttemptAsync(good));
        Assert.Equal((LoginOutcome.WrongPassword, name), await AttemptAsync(bad));
    }

    [Fact]
    public async Task A_device_that_a_line_is_locked_to_gets_in_by_its_address_and_another_does_not()
    {
        var line = await fixture.AddLineAsync("nas-mac");
        await using (var db = fixture.Company.Open())
        {
            (await db.NetworkSettings.SingleAsync(Ct)).AllowMacLogins(MacLoginRule.AddressAlone);
            (await db.Subscriptions.SingleAsync(s => s.Id == line.Id, Ct)).LockToCaller(Mac);
            await db.SaveChangesAsync(Ct);
        }

        var lines = fixture.Host.Service<Lines.LineDirectory>().Content.Companies[fixture.Company.Id];
        await Eventually.Is(() => lines.TryFindByMac(0x0200_5E00_E101, out var found, out _) && found.Line.SubscriptionId == line.Id);

        await using var world = await StartAsync(Device(Mac), Device("02:00:5E:00:E1:02"));
        await world["r1"].Nas.UntilAsync(n => n.Online == 1 && n.Find("02:00:5E:00:E1:02")!.Failures > 0);

        Assert.Equal(LineState.Online, world["r1"].Nas.Find(Mac)!.State);
        Assert.Equal((LoginOutcome.Accepted, "MAC"), await AttemptAsync(Mac));
    }

    private static SubscriberOptions Device(string mac) => new() { Username = mac, Mac = mac, Service = SubscriberService.Hotspot, Method = AuthenticationMethod.Mac };

    private Task<SandboxWorld> StartAsync(params SubscriberOptions[] subscribers) => SandboxWorld.StartAsync(new SandboxOptions
    {
        Radius = new RadiusServerOptions { AuthenticationPort = fixture.Host.Authentication.Port, AccountingPort = fixture.Host.Accounting.Port, Secret = HostFixture.Secret },
        Routers = [new RouterOptions { Name = "r1", Personality = "v7.22", Password = "pw", BootSeconds = 0.1 }],
        Subscribers = [.. subscribers],
    });

    private async Task<(LoginOutcome Outcome, string Method)> AttemptAsync(string username)
    {
        LoginAttempt? attempt = null;
        await Eventually.Is(async () =>
        {
            await using var db = fixture.Company.Open();
            return (attempt = await db.LoginAttempts.Where(a => a.Username == username).OrderBy(a => a.Id).FirstOrDefaultAsync(Ct)) is not null;
        });
        return (attempt!.Outcome, attempt.Method);
    }
}
