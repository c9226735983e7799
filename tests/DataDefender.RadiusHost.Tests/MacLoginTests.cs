using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests;

/// <summary>Equipment that logs in by its MAC address, as RouterOS's hotspot and DHCP server send it.</summary>
public sealed class MacLoginTests(MacLoginTests.Fixture fixture) : IClassFixture<MacLoginTests.Fixture>
{
    private RadiusTestClient Client => fixture.Host.Client();

    [Theory]
    [InlineData("02:00:5E:00:C1:01")] // RouterOS
    [InlineData("02-00-5e-00-c1-01")]
    [InlineData("0200.5e00.c101")]
    [InlineData("02005e00c101")]
    public async Task The_line_that_is_locked_to_the_address_gets_in_in_any_notation(string written)
    {
        await AddAsync("tv", "02:00:5E:00:C1:01");

        var empty = await Client.AskAsync(Client.HotspotRequest(written, "02:00:5E:00:C1:01").AddPapPassword("", Client.Secret));
        var again = await Client.AskAsync(Client.HotspotRequest(written, "02:00:5E:00:C1:01").AddPapPassword(written, Client.Secret));
        var chap = await Client.AskAsync(Client.HotspotRequest(written, "02:00:5E:00:C1:01").AddChapPassword(written));

        Assert.Equal((RadiusCode.AccessAccept, RadiusCode.AccessAccept, RadiusCode.AccessAccept), (empty.Code, again.Code, chap.Code));
        Assert.Equal("5M/10M", empty["Mikrotik-Rate-Limit"]);
        var attempt = await AttemptAsync(written, LoginOutcome.Accepted);
        Assert.Equal("MAC", attempt.Method);
        Assert.NotNull(attempt.SubscriptionId);
    }

    [Fact]
    public async Task A_DHCP_server_names_the_caller_by_its_client_id()
    {
        await AddAsync("camera", "00:E1:0C:38:C8:F8");
        var request = Client.DhcpRequest("00:E1:0C:38:C8:F8", "1:0:e1:c:38:c8:f8");

        var reply = await Client.AskAsync(request.AddPapPassword("", Client.Secret));

        Assert.Equal(RadiusCode.AccessAccept, reply.Code);
    }

    [Theory]
    [InlineData("02:00:5E:00:C2:02", "02:00:5E:00:C2:01", "", LoginOutcome.WrongCaller)] // typed by somebody else
    [InlineData("02:00:5E:00:C2:01", "02:00:5E:00:C2:01", "a guess", LoginOutcome.WrongPassword)]
    [InlineData("02:00:5E:00:C2:99", "02:00:5E:00:C2:99", "", LoginOutcome.UnknownUser)]
    [InlineData("02:00:5E:00:C2:03", "02:00:5E:00:C2:03", "", LoginOutcome.UnknownUser)] // two lines have it
    public async Task Whatever_is_wrong_is_in_the_log_and_the_answer_is_a_strangers(string username, string caller, string password, LoginOutcome outcome)
    {
        await AddAsync($"own-{caller}-{outcome}", "02:00:5E:00:C2:01", onlyOnce: true);
        await AddAsync($"typed-{caller}-{outcome}", "02:00:5E:00:C2:02", onlyOnce: true);
        await AddAsync("twin-1", "02:00:5E:00:C2:03", onlyOnce: true);
        await AddAsync("twin-2", "02:00:5E:00:C2:03", onlyOnce: false);

        var reply = await Client.AskAsync(Client.HotspotRequest(username, caller).AddPapPassword(password, Client.Secret));

        Assert.Equal((RadiusCode.AccessReject, "Invalid user name or password"), (reply.Code, reply["Reply-Message"]));
        Assert.NotEmpty((await AttemptAsync(username, outcome)).Detail);
    }

    [Theory]
    [InlineData("PAP")]
    [InlineData("CHAP")]
    [InlineData("MS-CHAP")]
    [InlineData("MS-CHAPv2")]
    public async Task A_stranger_cannot_tell_the_address_of_a_customer_from_one_of_nobody(string method)
    {
        await AddAsync("probed", "02:00:5E:00:C6:01");

        var customer = await LayoutAsync("02:00:5E:00:C6:01");
        var nobody = await LayoutAsync("02:00:5E:00:C6:99");

        Assert.Equal(nobody, customer);

        async Task<List<string>> LayoutAsync(string username)
        {
            var seen = new List<string>();
            foreach (var request in (RadiusMessage[])[Client.PppoeRequest(username, "02:00:5E:00:C6:77"), Client.HotspotRequest(username, "02:00:5E:00:C6:77"), Client.HotspotRequest(username, username)])
            {
                _ = method switch
                {
                    "PAP" => request.AddPapPassword("a guess", Client.Secret),
                    "CHAP" => request.AddChapPassword("a guess"),
                    "MS-CHAP" => request.AddMsChapV1Password("a guess"),
                    _ => request.AddMsChapV2Password("a guess"),
                };
                var reply = await Client.AskAsync(request);
                seen.Add($"{reply.Code}: {reply["Reply-Message"]}");
                seen.AddRange(reply.Attributes.Select(a => $"{a.Name} {a.Vendor} {a.Value.Length}"));
            }

            return seen;
        }
    }

    [Theory]
    [InlineData("02:00:5E:00:C1:01")]
    [InlineData("02-00-5e-00-c1-01")]
    [InlineData("0200.5e00.c101")]
    [InlineData("0200-5e00-c101")] // Huawei
    [InlineData("02005E00C101")]
    [InlineData("1:2:0:5e:0:c1:1")] // RouterOS's DHCP client id
    public void Every_notation_of_the_vendors_is_read(string text)
    {
        Assert.True(MacAddress.TryRead(text, out var mac));
        Assert.Equal(0x02005E00C101u, mac);
    }

    [Theory]
    [InlineData("105.160.123.234")] // an IPv4 address of twelve digits
    [InlineData("0.2005e00c101")]
    [InlineData("02005e00c101.")]
    [InlineData("02.00.5e.00.c1.01")]
    [InlineData("0200:5e00:c101")]
    [InlineData("02:00-5e:00:c1:01")]
    [InlineData("0002:00:5e:00:c1:01")]
    [InlineData("2:0:5e:0:c1:1:2")]
    [InlineData("254722000111a")]
    [InlineData("02:00:5e:00:c1:0g")]
    [InlineData("")]
    public void What_only_has_the_digits_of_a_MAC_address_is_none(string text)
    {
        Assert.False(MacAddress.TryRead(text, out var mac));
        Assert.Equal(0u, mac);
    }

    [Fact]
    public async Task Over_PPPoE_a_MAC_address_is_no_user_name_and_a_suspended_line_gets_its_treatment()
    {
        await AddAsync("dialler", "02:00:5E:00:C3:01");
        await AddAsync("unpaid", "02:00:5E:00:C3:02", s => s.Suspend(SuspendReason.Unpaid, null, fixture.Services.Clock.Now));

        var ppp = await Client.AskAsync(Client.PppoeRequest("02:00:5E:00:C3:01", "02:00:5E:00:C3:01").AddPapPassword("", Client.Secret));
        var walled = await Client.AskAsync(Client.HotspotRequest("02:00:5E:00:C3:02", "02:00:5E:00:C3:02").AddPapPassword("", Client.Secret));

        Assert.Equal(RadiusCode.AccessReject, ppp.Code);
        Assert.Equal((RadiusCode.AccessAccept, "suspended"), (walled.Code, walled["Mikrotik-Address-List"]));
    }

    [Fact]
    public async Task What_it_uses_is_counted_for_its_line()
    {
        var line = await AddAsync("counted", "02:00:5E:00:C4:01");
        await Client.AskAsync(Client.HotspotRequest("02:00:5E:00:C4:01", "02:00:5E:00:C4:01").AddPapPassword("", Client.Secret));

        await Client.AskAsync(Client.AccountingRequest(AcctStatusType.Start, "02:00:5E:00:C4:01", "mac-1"));
        await fixture.Host.AppliedAsync();

        await using var db = fixture.Company.Open();
        Assert.Equal(line.Id, (await db.LiveSessions.SingleAsync(s => s.AcctSessionId == "mac-1")).SubscriptionId);
    }

    [Fact]
    public async Task A_company_that_did_not_switch_it_on_takes_none_and_one_with_a_shared_password_only_that()
    {
        var other = await TestCompany.CreateAsync(fixture.Services, "Hill Net");
        await other.AddSettingsAsync();
        await other.AddNasAsync("127.0.0.1", "hill secret", identifier: "hill");
        var line = await other.AddSubscriptionAsync(username: "hill-tv", password: HostFixture.Password);
        await ChangeAsync(other, line, s => s.LockToCaller("02:00:5E:00:C5:01"));
        await Eventually.Is(() => fixture.Host.Service<LineDirectory>().Content.Companies.GetValueOrDefault(other.Id)?.Find(line.Id)?.CallerLock is not (null or 0));
        var hill = fixture.Host.Client("hill secret", "hill");
        Assert.Equal(RadiusCode.AccessReject, await CodeAsync(hill, ""));

        await using (var db = other.Open())
        {
            var settings = await db.NetworkSettings.SingleAsync();
            settings.AllowMacLogins(MacLoginRule.SharedPassword);
            settings.SetMacPassword(await other.ProtectAsync(settings.MacPasswordPlace(), "all-our-tvs"));
            await db.SaveChangesAsync();
        }

        await Eventually.Is(async () => await CodeAsync(hill, "all-our-tvs") is RadiusCode.AccessAccept);
        Assert.Equal(RadiusCode.AccessReject, await CodeAsync(hill, ""));
        Assert.Equal(RadiusCode.AccessReject, await CodeAsync(hill, "02:00:5E:00:C5:01"));

        static async Task<RadiusCode> CodeAsync(RadiusTestClient client, string password) =>
            (await client.AskAsync(client.HotspotRequest("02:00:5E:00:C5:01", "02:00:5E:00:C5:01").AddPapPassword(password, client.Secret))).Code;
    }

    private static async Task ChangeAsync(TestCompany company, Subscription line, Action<Subscription> change)
    {
        await using var db = company.Open();
        change(await db.Subscriptions.SingleAsync(s => s.Id == line.Id));
        await db.SaveChangesAsync();
    }

    private async Task<Subscription> AddAsync(string username, string mac, Action<Subscription>? change = null) => await AddAsync(username, mac, onlyOnce: true, change);

    /// <param name="onlyOnce">Not again for an address that a line has already.</param>
    private async Task<Subscription> AddAsync(string username, string mac, bool onlyOnce, Action<Subscription>? change = null)
    {
        username = username.ToLowerInvariant();
        await using (var db = fixture.Company.Open())
        {
            if (await db.Subscriptions.FirstOrDefaultAsync(s => s.Username == username || (onlyOnce && s.CallerLock == mac)) is { } there)
            {
                return there;
            }
        }

        var line = await fixture.Company.AddSubscriptionAsync(package: fixture.Package, username: username, password: HostFixture.Password);
        await ChangeAsync(fixture.Company, line, s =>
        {
            s.LockToCaller(mac);
            change?.Invoke(s);
        });
        await Eventually.Is(() => fixture.Host.Service<LineDirectory>().Content.Companies[fixture.Company.Id].Find(line.Id)?.CallerLock is not (null or 0));
        return line;
    }

    private async Task<LoginAttempt> AttemptAsync(string username, LoginOutcome outcome)
    {
        LoginAttempt? found = null;
        await Eventually.Is(async () =>
        {
            await using var db = fixture.Company.Open();
            found = await db.LoginAttempts.FirstOrDefaultAsync(a => a.Username == username && a.Outcome == outcome);
            return found is not null;
        });
        return found!;
    }

    public sealed class Fixture : HostFixture
    {
        protected override async Task PrepareAsync()
        {
            await using var db = Company.Open();
            (await db.NetworkSettings.SingleAsync()).AllowMacLogins(MacLoginRule.AddressAlone);
            await db.SaveChangesAsync();
        }
    }
}
