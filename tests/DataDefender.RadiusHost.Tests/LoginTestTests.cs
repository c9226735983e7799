using System.Net;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Monitoring;
using DataDefender.Infrastructure.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.LoginTests;
using DataDefender.RadiusHost.Status;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.RadiusHost.Tests;

/// <summary>Test logins end to end: the web application's tester, HTTP for the opening, UDP for the packets.</summary>
public sealed class LoginTestTests(LoginTestTests.Fixture fixture) : IClassFixture<LoginTestTests.Fixture>
{
    private const string Token = "the token of the test";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(LoginTestMethod.Pap, "User-Password", null)]
    [InlineData(LoginTestMethod.Chap, "CHAP-Password", null)]
    [InlineData(LoginTestMethod.MsChap, "MS-CHAP-Response", null)]
    [InlineData(LoginTestMethod.MsChapV2, "MS-CHAP2-Response", true)]
    public async Task A_test_is_answered_as_a_login_of_the_NAS_and_both_packets_are_taken_apart(LoginTestMethod method, string password, bool? proven)
    {
        var result = await TestAsync(fixture.Nas, "tested", HostFixture.Password, method);

        Assert.Null(result.Problem);
        Assert.Equal((LoginOutcome.Accepted, proven, 1), (result.Outcome, result.Proven, result.Tries));
        Assert.True(result.RoundTrip > TimeSpan.Zero);
        Assert.Equal(("Access-Request", "Access-Accept"), (result.Request!.Code, result.Reply!.Code));
        Assert.Equal(result.Request.Identifier, result.Reply.Identifier);
        Assert.Equal(("text", "1", 6, "tested", "746573746564"), Shown(result.Request, "User-Name"));
        Assert.Equal("26.14988.8", result.Reply.Attributes.Single(a => a.Name == "Mikrotik-Rate-Limit").Number);
        Assert.Equal("5M/10M", result.Reply.Attributes.Single(a => a.Name == "Mikrotik-Rate-Limit").Value);
        Assert.Equal(result.Reply.Length, 20 + result.Reply.Attributes.Sum(a => a.Length + (a.Number.StartsWith("26.", StringComparison.Ordinal) ? 8 : 2)));
        var secret = result.Request.Attributes.Single(a => a.Name == password);
        Assert.True(secret is { IsSecret: true, Value: null, Hex: null, Length: > 15 });
        Assert.All(result.Reply.Attributes.Where(a => a.Name.StartsWith("MS-MPPE", StringComparison.Ordinal) && a.Name.EndsWith("Key", StringComparison.Ordinal)), a => Assert.True(a.IsSecret));
    }

    [Fact]
    public async Task A_hotspot_customer_is_asked_for_without_PPP()
    {
        var result = await TestAsync(new LoginTestRequest(fixture.Nas.Id, "", "", "tested", HostFixture.Password, LoginTestMethod.Chap, null) { Kind = LoginTestKind.Hotspot });

        Assert.Equal(LoginOutcome.Accepted, result.Outcome);
        Assert.Equal(["NAS-Port-Type", "User-Name", "Service-Type"], result.Request!.Attributes.Select(a => a.Name).Intersect(["NAS-Port-Type", "User-Name", "Service-Type", "Framed-Protocol"]));
    }

    [Fact]
    public async Task Equipment_is_told_by_its_MAC_address_and_the_shared_password()
    {
        var request = new LoginTestRequest(fixture.Nas.Id, "", "", "02:00:5E:00:AA:01", Fixture.MacPassword, LoginTestMethod.Pap, "02:00:5E:00:AA:01") { Kind = LoginTestKind.Mac };

        Assert.Equal(LoginOutcome.Accepted, (await TestAsync(request)).Outcome);
        Assert.Equal(LoginOutcome.WrongPassword, (await TestAsync(request with { Password = "" })).Outcome);
    }

    [Fact]
    public async Task A_login_to_the_router_itself_is_decided_as_staffs()
    {
        var result = await TestAsync(new LoginTestRequest(fixture.Nas.Id, "", "", "tested", HostFixture.Password, LoginTestMethod.Pap, "10.0.0.9") { Kind = LoginTestKind.Router });

        Assert.Equal((LoginOutcome.RouterLoginRefused, "The name of a customer's line: a line's credentials open no router."), (result.Outcome, result.Detail));
    }

    [Fact]
    public async Task A_line_that_may_be_used_on_one_VLAN_is_tested_with_the_port_or_the_circuit()
    {
        var request = new LoginTestRequest(fixture.Nas.Id, "", "", "placed", HostFixture.Password, LoginTestMethod.Pap, null);

        Assert.Equal(LoginOutcome.WrongPlace, (await TestAsync(request)).Outcome);
        Assert.Equal(LoginOutcome.Accepted, (await TestAsync(request with { Port = "vlan120" })).Outcome);
        Assert.Equal(LoginOutcome.Accepted, (await TestAsync(request with { Circuit = "olt1 eth 0/3:120" })).Outcome);
        Assert.Equal(LoginOutcome.WrongPlace, (await TestAsync(request with { Port = "vlan121" })).Outcome);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_with_the_reason_that_the_packet_does_not_tell()
    {
        var result = await TestAsync(fixture.Nas, "tested", "another", LoginTestMethod.Pap);

        Assert.Equal((LoginOutcome.WrongPassword, "Access-Reject"), (result.Outcome, result.Reply!.Code));
        Assert.Equal("The password differs from the stored one.", result.Detail);
        Assert.DoesNotContain(result.Reply.Attributes, a => a.Value?.Contains("stored", StringComparison.Ordinal) is true);
    }

    [Fact]
    public async Task The_vendor_of_the_chosen_NAS_decides_what_is_sent_to_it()
    {
        var result = await TestAsync(fixture.Cisco, "tested", HostFixture.Password, LoginTestMethod.MsChapV2);

        Assert.Contains(result.Reply!.Attributes, a => a.Value == "ip:sub-qos-policy-in=DD-IN-5000");
        Assert.DoesNotContain(result.Reply.Attributes, a => a.Name.StartsWith("Mikrotik", StringComparison.Ordinal));
        Assert.Equal("cisco", result.Request!.Attributes.Single(a => a.Name == "NAS-Identifier").Value);
    }

    [Fact]
    public async Task It_is_logged_as_a_test_begins_no_session_and_is_in_no_counter()
    {
        var nas = fixture.Host.Service<LineDirectory>().Content.Nas.All.Single(n => n.Id == fixture.Learning.Id);

        Assert.Equal(LoginOutcome.Accepted, (await TestAsync(fixture.Learning, "uncounted", HostFixture.Password, LoginTestMethod.MsChapV2)).Outcome);

        await Eventually.Is(async () => await AttemptsAsync("uncounted") is [{ IsTest: true, Outcome: LoginOutcome.Accepted, Method: "MS-CHAPv2" }]);
        Assert.Equal((0, 0, 0, false), (nas.State.Counters.Accepts, nas.State.Counters.Rejects, nas.State.LastSeen, nas.State.MessageAuthenticatorSeen));
        await using var db = fixture.Company.Open();
        Assert.False(await db.LiveSessions.AnyAsync(Ct));

        async Task<List<LoginAttempt>> AttemptsAsync(string user)
        {
            await using var all = fixture.Company.Open();
            return await all.LoginAttempts.Where(a => a.Username == user).ToListAsync(Ct);
        }
    }

    [Fact]
    public async Task The_port_takes_one_request_that_is_signed_with_the_secret_of_the_test()
    {
        var desk = fixture.Host.Service<LoginTestDesk>();
        var opening = desk.Open(fixture.Nas.Id, TestPath.Local, out _)!;
        var at = new IPEndPoint(IPAddress.Loopback, opening.Port);
        var (client, once) = (new RadiusClient(TimeProvider.System), new RadiusRetry(1, TimeSpan.FromMilliseconds(300)));
        var (own, other) = (new RadiusSecret(opening.Secret), new RadiusSecret(HostFixture.Secret));

        Assert.IsType<RadiusExchange.NoAnswer>(await client.SendAsync(at, Request(other), other, once, Ct)); // the NAS's own secret opens nothing here
        var first = Request(own);
        var answer = Assert.IsType<RadiusExchange.Answered>(await client.SendAsync(at, first, own, once, Ct));
        var again = Assert.IsType<RadiusExchange.Answered>(await client.SendAsync(at, first, own, once, Ct)); // a retransmission gets the same octets
        Assert.True(answer.Datagram.Span.SequenceEqual(again.Datagram.Span));
        Assert.IsType<RadiusExchange.NoAnswer>(await client.SendAsync(at, Request(own), own, once, Ct)); // and no further guess is taken

        static RadiusMessage Request(RadiusSecret secret) => new RadiusMessage(RadiusCode.AccessRequest, 7).Add("User-Name", "tested").AddPapPassword("a guess", secret);
    }

    [Fact]
    public async Task Only_a_few_are_open_at_once_and_each_ends_by_itself()
    {
        var desk = fixture.Host.Service<LoginTestDesk>();
        var opened = 0;
        while (desk.Open(fixture.Nas.Id, TestPath.Local, out _) is not null)
        {
            Assert.True(++opened <= 8);
        }

        var refused = await TestAsync(fixture.Nas, "tested", HostFixture.Password, LoginTestMethod.Pap);

        Assert.Contains("Other test logins are under way", refused.Problem, StringComparison.Ordinal);
        await Eventually.Is(() => desk.Open(fixture.Nas.Id, TestPath.Local, out _) is not null);
    }

    [Fact]
    public async Task An_unknown_NAS_and_a_wrong_token_are_refused_in_words()
    {
        var unknown = await Tester(Token).TestAsync(new LoginTestRequest(Guid.CreateVersion7(), "", "", "tested", "x", LoginTestMethod.Pap, null), Ct);
        var foreign = await Tester("another").TestAsync(new LoginTestRequest(fixture.Nas.Id, "", "", "tested", "x", LoginTestMethod.Pap, null), Ct);

        Assert.Contains("does not know this NAS", unknown.Problem, StringComparison.Ordinal);
        Assert.Contains("refuses our token", foreign.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_machine_gets_a_test_over_TLS_only_and_never_without_the_token()
    {
        var (http, options) = (new DefaultHttpContext(), new RadiusOptions { StatusToken = Token });
        http.Request.Headers.Authorization = $"Bearer {Token}";
        http.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.7");

        Assert.Equal(StatusCodes.Status403Forbidden, Assert.IsAssignableFrom<IStatusCodeHttpResult>(StatusEndpoints.MayTest(http, options)).StatusCode);
        http.Request.IsHttps = true;
        Assert.Null(StatusEndpoints.MayTest(http, options));
        http.Request.Headers.Authorization = "Bearer another";
        Assert.NotNull(StatusEndpoints.MayTest(http, options));
        http.Request.Headers.Authorization = $"Bearer {Token}";
        (http.Request.IsHttps, http.Connection.RemoteIpAddress) = (false, IPAddress.IPv6Loopback);
        Assert.Null(StatusEndpoints.MayTest(http, options));
    }

    [Fact]
    public async Task A_test_from_another_address_is_answered_there_and_to_nobody_else()
    {
        // Two loopback addresses stand for two machines: TestPath.Of takes them for one, so the path is given.
        var (here, there) = (IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3"));
        LoginTestOpening? opened = null;
        await Eventually.Is(() => (opened = fixture.Host.Service<LoginTestDesk>().Open(fixture.Nas.Id, new TestPath(here, there), out _)) is not null); // those of the tests before may still be open
        var opening = opened!;
        var secret = new RadiusSecret(opening.Secret);
        var request = new RadiusMessage(RadiusCode.AccessRequest, 7).Add("User-Name", "tested").AddPapPassword(HostFixture.Password, secret).EncodeRequest(secret);
        using var web = new RawSocket(new IPEndPoint(here, opening.Port), there);
        using var stranger = new RawSocket(new IPEndPoint(here, opening.Port));

        Assert.Equal("127.0.0.2", opening.Address);
        Assert.Null(await stranger.AskAsync(request, TimeSpan.FromMilliseconds(300)));
        Assert.Equal((byte)RadiusCode.AccessAccept, (await web.AskAsync(request, TimeSpan.FromSeconds(5)))![0]);
    }

    [Fact]
    public async Task Of_several_RadiusHosts_the_first_that_answers_decides()
    {
        var result = await Tester(Token, "http://127.0.0.1:1", fixture.Host.StatusUrl.ToString()).TestAsync(
            new LoginTestRequest(fixture.Nas.Id, fixture.Nas.Address, fixture.Nas.Identifier, "tested", HostFixture.Password, LoginTestMethod.Pap, null), Ct);

        Assert.Equal((null, LoginOutcome.Accepted), (result.Problem, result.Outcome));
    }

    [Fact]
    public async Task The_answer_to_who_decided_what_is_for_those_who_have_the_token()
    {
        using var http = fixture.Host.Http();

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.PostAsync($"/login-tests?nas={fixture.Nas.Id}", null, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync($"/login-tests/{Guid.CreateVersion7()}", Ct)).StatusCode);
    }

    private static (string, string, int, string?, string?) Shown(DecodedPacket packet, string name)
    {
        var a = packet.Attributes.Single(a => a.Name == name);
        return (a.Type, a.Number, a.Length, a.Value, a.Hex);
    }

    private Task<LoginTestResult> TestAsync(Nas nas, string user, string password, LoginTestMethod method) =>
        TestAsync(new LoginTestRequest(nas.Id, nas.Address, nas.Identifier, user, password, method, null));

    private Task<LoginTestResult> TestAsync(LoginTestRequest request) => Tester(Token).TestAsync(request, Ct);

    private ILoginTester Tester(string token, params string[] hosts)
    {
        var settings = new Dictionary<string, string?> { ["Radius:StatusUrl"] = fixture.Host.StatusUrl.ToString(), ["Radius:StatusToken"] = token };
        foreach (var (number, host) in hosts.Index())
        {
            settings[$"Radius:StatusUrls:{number}"] = host;
        }

        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        return services.AddMonitoring().BuildServiceProvider().GetRequiredService<ILoginTester>();
    }

    public sealed class Fixture : HostFixture
    {
        public const string MacPassword = "all-our-cameras";

        public Nas Cisco { get; private set; } = null!;

        public Nas Learning { get; private set; } = null!;

        protected override (string Key, string Value)[] Settings => [("Radius:StatusToken", Token), ("Radius:RejectDelayMilliseconds", "5000")];

        protected override async Task PrepareAsync()
        {
            await Company.AddSubscriptionAsync(package: Package, username: "tested", password: Password);
            await Company.AddSubscriptionAsync(package: Package, username: "uncounted", password: Password);
            var (camera, placed) = (await Company.AddSubscriptionAsync(package: Package, username: "camera"), await Company.AddSubscriptionAsync(package: Package, username: "placed", password: Password));
            await using (var db = Company.Open())
            {
                var settings = await db.NetworkSettings.SingleAsync();
                settings.AllowMacLogins(MacLoginRule.SharedPassword);
                settings.SetMacPassword(await Company.ProtectAsync(settings.MacPasswordPlace(), MacPassword));
                (await db.Subscriptions.SingleAsync(s => s.Id == camera.Id)).LockToCaller("02:00:5E:00:AA:01");
                (await db.Subscriptions.SingleAsync(s => s.Id == placed.Id)).Bind(new LineBinding { Vlan = 120 });
                await db.SaveChangesAsync();
            }

            Cisco = await Company.AddNasAsync("127.0.0.1", Secret, identifier: "cisco", configure: n => n.Vendor = NasVendor.Cisco);
            Learning = await Company.AddNasAsync("192.0.2.9", Secret);
        }
    }
}
