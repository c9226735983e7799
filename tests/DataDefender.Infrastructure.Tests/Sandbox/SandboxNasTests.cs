using System.Text;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Sandbox;
using DataDefender.Sandbox.Nas;

namespace DataDefender.Infrastructure.Tests.Sandbox;

/// <summary>The simulated NAS against a server that only knows the codec.</summary>
public sealed class SandboxNasTests
{
    [Fact]
    public async Task A_pppoe_login_carries_what_routeros_sends_with_the_message_authenticator_last()
    {
        await using var server = new MinimalRadiusServer();
        await using var world = await StartAsync(server, new SubscriberOptions { Username = "wanjiku", Password = "pw", Method = AuthenticationMethod.Pap });
        await world.Routers[0].Nas.UntilAsync(n => n.Online == 1);

        var login = Assert.Single(server.Logins);

        Assert.True(login.IsSigned);
        Assert.Equal("pw", login.Message.GetPapPassword(server.Secret));
        Assert.Equal(
            ["Service-Type", "Framed-Protocol", "NAS-Port", "NAS-Port-Type", "User-Name", "Calling-Station-Id", "Called-Station-Id", "NAS-Port-Id", "Acct-Session-Id", "User-Password", "NAS-Identifier", "NAS-IP-Address", "Message-Authenticator"],
            login.Message.Attributes.Select(a => a.Name));
        Assert.Equal(("Framed", "PPP", "Ethernet", "wanjiku"), (login.Message["Service-Type"], login.Message["Framed-Protocol"], login.Message["NAS-Port-Type"], login.Message["User-Name"]));
        Assert.Matches("^([0-9A-F]{2}:){5}[0-9A-F]{2}$", login.Message["Calling-Station-Id"]!);
        Assert.Equal(login.Message.GetNumber("NAS-Port"), Convert.ToUInt32(login.Message["Acct-Session-Id"], 16));
        Assert.Equal(("router1", "127.0.0.1"), (login.Message["NAS-Identifier"], login.Message["NAS-IP-Address"]));
    }

    [Fact]
    public async Task Routers_of_before_7_15_do_not_sign_their_requests()
    {
        await using var server = new MinimalRadiusServer { SignsReplies = false };
        await using var world = await StartAsync(server, new SubscriberOptions { Username = "a", Password = "pw", Method = AuthenticationMethod.Chap }, router: new RouterOptions { Personality = "v6.49" });
        await world.Routers[0].Nas.UntilAsync(n => n.Online == 1);

        Assert.Null(Assert.Single(server.Logins).Message.Find("Message-Authenticator"));
    }

    [Fact]
    public async Task A_new_router_drops_a_reply_without_message_authenticator()
    {
        await using var server = new MinimalRadiusServer { SignsReplies = false };
        await using var world = await StartAsync(server, new SubscriberOptions { Username = "a", Password = "pw", Method = AuthenticationMethod.Pap });
        var nas = world.Routers[0].Nas;

        await nas.UntilAsync(n => n.Subscribers[0].Failures == 1);

        Assert.Equal("RADIUS server is not responding", nas.Subscribers[0].LastFailure);
        Assert.Equal(3, nas.Counters.BadReplies);
        Assert.Equal(0, nas.Online);
    }

    [Fact]
    public async Task Chap_and_ms_chap_v2_prove_the_password()
    {
        await using var server = new MinimalRadiusServer(request =>
        {
            var good = request.Find("CHAP-Password") is { } chap
                ? ChapPassword.Matches(chap.Value.Span, request.Find("CHAP-Challenge")!.Value.Span, "pw"u8)
                : MsChapMatches(request, "pw");
            return good ? Proven(request, "pw") : MinimalRadiusServer.Reject(request);
        });
        await using var world = await StartAsync(server, new SubscriberOptions { Username = "chap", Password = "pw", Method = AuthenticationMethod.Chap });
        world.AddSubscriber(new SubscriberOptions { Username = "ms", Password = "pw", Method = AuthenticationMethod.MsChapV2 });
        var wrong = world.AddSubscriber(new SubscriberOptions { Username = "wrong", Password = "guess", Method = AuthenticationMethod.MsChapV2 });

        await world.Routers[0].Nas.UntilAsync(n => n.Online == 2 && wrong.Failures == 1);

        Assert.Equal("rejected: not today", wrong.LastFailure);
    }

    [Fact]
    public async Task A_server_that_cannot_prove_itself_is_not_believed()
    {
        await using var server = new MinimalRadiusServer();
        await using var world = await StartAsync(server, new SubscriberOptions { Username = "a", Password = "pw", Method = AuthenticationMethod.MsChapV2 });

        await world.Routers[0].Nas.UntilAsync(n => n.Subscribers[0].Failures == 1);

        Assert.Contains("MS-CHAP2-Success", world.Routers[0].Nas.Subscribers[0].LastFailure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_accept_is_obeyed_and_seen_in_every_menu()
    {
        await using var server = new MinimalRadiusServer(request => MinimalRadiusServer.Accept(request, "100.64.1.2",
            ("Mikrotik-Rate-Limit", "2M/5M"), ("Mikrotik-Address-List", "suspended"), ("Session-Timeout", "3600"), ("Acct-Interim-Interval", "60")));
        await using var world = await StartAsync(server, Line("wanjiku"));
        var router = world.Routers[0];
        await router.Nas.UntilAsync(n => n.Online == 1);
        await using var client = await RawRouterClient.LoginAsync(router.ApiEndPoint!);

        var active = Assert.Single(await client.RowsAsync("/ppp/active/print"));
        var session = router.Nas.Session("wanjiku")!;
        Assert.Equal(("wanjiku", "pppoe", "100.64.1.2", $"0x{session.Id}", "true"), (active["name"], active["service"], active["address"], active["session-id"], active["radius"]));
        var queue = Assert.Single(await client.RowsAsync("/queue/simple/print", "?dynamic=true"));
        Assert.Equal(("<pppoe-wanjiku>", "2000000/5000000"), (queue["name"], queue["max-limit"]));
        Assert.Equal("true", Assert.Single(await client.RowsAsync("/interface/print", "?name=<pppoe-wanjiku>"))["dynamic"]);
        var listed = Assert.Single(await client.RowsAsync("/ip/firewall/address-list/print"));
        Assert.Equal(("suspended", "100.64.1.2", "true"), (listed["list"], listed["address"], listed["dynamic"]));
        Assert.True(session.IsWalled);
        Assert.Contains(await client.RowsAsync("/log/print"), r => r["message"]!.StartsWith("wanjiku logged in, 100.64.1.2 from ", StringComparison.Ordinal));

        await client.CallAsync("/ppp/active/remove", $"=.id={active[".id"]}");
        Assert.Equal("Admin-Reset", (await server.NextAsync(AcctStatusType.Stop)).Message["Acct-Terminate-Cause"]);
        Assert.Empty(await client.RowsAsync("/queue/simple/print"));
        Assert.Empty(await client.RowsAsync("/ip/firewall/address-list/print"));
    }

    [Fact]
    public async Task Accounting_follows_the_session_and_its_counters_follow_the_rate()
    {
        await using var server = new MinimalRadiusServer(request => MinimalRadiusServer.Accept(request, "100.64.1.2",
            ("Mikrotik-Rate-Limit", "500k/1M"), ("Acct-Interim-Interval", "300"), ("Session-Timeout", "7200"), ("Class", "0x4242")));
        await using var world = await StartAsync(server, Line("wanjiku", mbps: 100));
        world.Clock.Speed = 0;

        var start = (await server.NextAsync(AcctStatusType.Start)).Message;
        world.Clock.Advance(TimeSpan.FromMinutes(5));
        var first = (await server.NextAsync(AcctStatusType.InterimUpdate)).Message;
        world.Clock.Advance(TimeSpan.FromMinutes(5));
        var second = (await server.NextAsync(AcctStatusType.InterimUpdate)).Message;
        world.Clock.Advance(TimeSpan.FromHours(2));
        var stop = await server.NextAsync(AcctStatusType.Stop);

        Assert.Equal(("0x4242", "100.64.1.2", "RADIUS"), (start["Class"], start["Framed-IP-Address"], start["Acct-Authentic"]));
        Assert.Equal((300u, 600u), (first.GetNumber("Acct-Session-Time"), second.GetNumber("Acct-Session-Time")));
        var bits = (second.GetNumber("Acct-Output-Octets") - first.GetNumber("Acct-Output-Octets"))!.Value * 8.0 / 300;
        Assert.InRange(bits, 500_000, 1_000_000);
        Assert.InRange((double)first.GetNumber("Acct-Input-Octets")!.Value * 8 / 300, 100_000, 500_000);
        Assert.Equal("Session-Timeout", stop.Message["Acct-Terminate-Cause"]);
        Assert.True(stop.IsSigned);
        Assert.Equal(start["Acct-Session-Id"], stop.Message["Acct-Session-Id"]);
        Assert.Null(stop.Message.Find("Message-Authenticator"));
    }

    [Fact]
    public async Task A_hotspot_guest_looks_like_one()
    {
        await using var server = new MinimalRadiusServer(request => request.CreateReply(RadiusCode.AccessAccept).Add("Mikrotik-Rate-Limit", "1M/2M"));
        await using var world = await StartAsync(server, new SubscriberOptions { Username = "guest", Password = "v1", Service = SubscriberService.Hotspot, Method = AuthenticationMethod.Chap });
        var router = world.Routers[0];
        await router.Nas.UntilAsync(n => n.Online == 1);
        await using var client = await RawRouterClient.LoginAsync(router.ApiEndPoint!);

        var login = Assert.Single(server.Logins).Message;
        Assert.Equal(("Login", "Wireless-802.11", "hotspot1"), (login["Service-Type"], login["NAS-Port-Type"], login["Called-Station-Id"]));
        Assert.Equal(login["Framed-IP-Address"], login["Mikrotik-Host-IP"]);
        Assert.Equal(16, login.Find("CHAP-Challenge")!.Value.Length);
        var active = Assert.Single(await client.RowsAsync("/ip/hotspot/active/print"));
        Assert.Equal(("guest", login["Framed-IP-Address"], "http-chap"), (active["user"], active["address"], active["login-by"]));
        Assert.Empty(await client.RowsAsync("/ppp/active/print"));
        Assert.Equal("true", Assert.Single(await client.RowsAsync("/ip/hotspot/host/print"))["authorized"]);
    }

    [Fact]
    public async Task Hotspot_login_over_the_api_asks_radius_and_says_why_not()
    {
        await using var server = new MinimalRadiusServer(request => request["User-Name"] == "good" ? request.CreateReply(RadiusCode.AccessAccept) : MinimalRadiusServer.Reject(request));
        await using var world = await StartAsync(server);
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);

        Assert.Equal("failure: rejected: not today", await client.RefusalAsync("/ip/hotspot/active/login", "=user=bad", "=password=x", "=ip=10.5.0.7"));
        Assert.Equal("!done", Assert.Single(await client.CallAsync("/ip/hotspot/active/login", "=user=good", "=password=x", "=ip=10.5.0.8", "=mac-address=AA:BB:CC:00:11:22")).Kind);

        Assert.Equal("AA:BB:CC:00:11:22", Assert.Single(await client.RowsAsync("/ip/hotspot/active/print"))["mac-address"]);
    }

    [Fact]
    public async Task An_unanswered_request_goes_out_again_byte_for_byte()
    {
        await using var server = new MinimalRadiusServer();
        server.Decide = request => server.Logins.Count < 3 ? null : MinimalRadiusServer.Accept(request);
        await using var world = await StartAsync(server, Line("wanjiku"));
        await world.Routers[0].Nas.UntilAsync(n => n.Online == 1);

        Assert.Equal(3, server.Logins.Count);
        Assert.All(server.Logins, l => Assert.Equal(server.Logins.First().Bytes, l.Bytes));
        Assert.Equal(2, world.Routers[0].Nas.Counters.Resends);
    }

    [Fact]
    public async Task After_a_reject_the_device_waits_longer_each_time()
    {
        await using var server = new MinimalRadiusServer(MinimalRadiusServer.Reject);
        await using var world = await StartAsync(server, Line("wanjiku"));
        world.Clock.Speed = 0;
        var nas = world.Routers[0].Nas;
        var waits = new List<int>();
        await nas.UntilAsync(n => n.Subscribers[0].Failures == 1);

        for (var failures = 2; failures <= 4; failures++)
        {
            var seconds = 0;
            while (nas.Subscribers[0].Failures < failures)
            {
                Assert.InRange(++seconds, 1, 400);
                world.Clock.Advance(TimeSpan.FromSeconds(1));
                var wanted = failures;
                await Task.WhenAny(nas.UntilAsync(n => n.Subscribers[0].Failures == wanted), Task.Delay(25));
            }

            waits.Add(seconds);
        }

        Assert.True(waits[0] < waits[1] && waits[1] < waits[2], string.Join(", ", waits));
    }

    [Fact]
    public async Task A_local_secret_goes_before_radius()
    {
        await using var server = new MinimalRadiusServer(MinimalRadiusServer.Reject);
        await using var world = await StartAsync(server);
        var router = world.Routers[0];
        await using var client = await RawRouterClient.LoginAsync(router.ApiEndPoint!);
        await client.AddAsync("/ppp/profile/add", "=name=gold", "=rate-limit=3M/9M", "=remote-address=pppoe-pool");
        await client.AddAsync("/ppp/secret/add", "=name=wanjiku", "=password=pw", "=profile=gold");

        world.AddSubscriber(Line("wanjiku"));
        await router.Nas.UntilAsync(n => n.Online == 1);

        Assert.Empty(server.Logins);
        Assert.Equal("false", Assert.Single(await client.RowsAsync("/ppp/active/print"))["radius"]);
        Assert.Equal("3M/9M", router.Nas.Session("wanjiku")!.RateLimit);
        Assert.Equal("pppoe-pool", Assert.Single(await client.RowsAsync("/ip/pool/used/print"))["pool"]);
    }

    [Fact]
    public async Task A_framed_pool_gives_addresses_and_takes_them_back()
    {
        await using var server = new MinimalRadiusServer(request => request.CreateReply(RadiusCode.AccessAccept).Add("Framed-Pool", "tiny"));
        await using var world = await StartAsync(server, autoDial: false);
        var nas = world.Routers[0].Nas;
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        await client.AddAsync("/ip/pool/add", "=name=tiny", "=ranges=10.7.0.1-10.7.0.1");

        var first = world.AddSubscriber(Line("first"));
        await nas.UntilAsync(n => n.Online == 1);
        var second = world.AddSubscriber(Line("second"));
        await nas.UntilAsync(_ => second.Failures == 1);
        Assert.Contains("could not determine remote address", second.LastFailure, StringComparison.Ordinal);

        nas.HangUp(first);
        nas.Dial(second);
        await nas.UntilAsync(_ => second.State == LineState.Online);
        Assert.Equal("10.7.0.1", nas.Session("second")!.Address.ToString());
    }

    [Fact]
    public async Task Same_seed_same_world()
    {
        var seen = new List<string>();
        for (var run = 0; run < 2; run++)
        {
            await using var server = new MinimalRadiusServer();
            await using var world = await StartAsync(server, Line("wanjiku"), startAt: new DateTimeOffset(2026, 3, 1, 17, 0, 0, TimeSpan.Zero));
            world.Clock.Speed = 0;
            await world.Routers[0].Nas.UntilAsync(n => n.Online == 1);
            world.Clock.Advance(TimeSpan.FromMinutes(30));
            var session = world.Routers[0].Nas.Session("wanjiku")!;
            seen.Add($"{session.Id} {server.Logins.First().Message["Calling-Station-Id"]} {session.DownloadBytes / 100_000}");
        }

        Assert.Equal(seen[0], seen[1]);
    }

    internal static SubscriberOptions Line(string name, double mbps = 4) => new() { Username = name, Password = "pw", Method = AuthenticationMethod.Pap, DemandMbps = mbps };

    internal static Task<SandboxWorld> StartAsync(MinimalRadiusServer server, SubscriberOptions? subscriber = null, RouterOptions? router = null, bool autoDial = true, DateTimeOffset? startAt = null) =>
        SandboxWorld.StartAsync(new SandboxOptions
        {
            Radius = new RadiusServerOptions { AuthenticationPort = server.AuthenticationPort, AccountingPort = server.AccountingPort, Secret = MinimalRadiusServer.SecretText, TimeoutMilliseconds = 150 },
            Routers = [router ?? new RouterOptions { BootSeconds = 0.05 }],
            Subscribers = subscriber is null ? [] : [subscriber],
            AutoDial = autoDial,
            StartAt = startAt,
        });

    private static bool MsChapMatches(RadiusMessage request, string password)
    {
        var hash = new byte[16];
        MsChap.HashPassword(password, hash);
        return MsChapV2.Matches(request.Find("MS-CHAP2-Response")!.Value.Span, request.Find("MS-CHAP-Challenge")!.Value.Span, Encoding.UTF8.GetBytes(request["User-Name"]!), hash);
    }

    private static RadiusMessage Proven(RadiusMessage request, string password)
    {
        var reply = MinimalRadiusServer.Accept(request, request["User-Name"] == "ms" ? "100.64.1.1" : "100.64.1.2");
        if (request.Find("MS-CHAP2-Response") is { } response)
        {
            var (hash, success) = (new byte[16], new byte[MsChapV2.SuccessLength]);
            MsChap.HashPassword(password, hash);
            MsChapV2.WriteSuccess(response.Value.Span, request.Find("MS-CHAP-Challenge")!.Value.Span, Encoding.UTF8.GetBytes(request["User-Name"]!), hash, success);
            reply.AddOctets("MS-CHAP2-Success", success);
        }

        return reply;
    }
}
