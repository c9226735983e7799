using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Sandbox;
using DataDefender.Sandbox.Nas;

namespace DataDefender.Infrastructure.Tests.Sandbox;

/// <summary>The control page's API, and what options make no world.</summary>
public sealed class SandboxControlTests
{
    [Fact]
    public async Task A_customer_who_was_just_created_dials_in_and_hangs_up()
    {
        await using var server = new MinimalRadiusServer(r => MinimalRadiusServer.Accept(r, "100.64.3.4", ("Mikrotik-Rate-Limit", "5M/20M")));
        await using var world = await StartAsync(server);
        using var http = Client(world);

        using var made = await http.PostAsJsonAsync("/api/subscribers", new { username = "wanjiku/1", password = "pw", router = "r1", method = "Pap" });
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        await world["r1"].Nas.UntilAsync(n => n.Online == 1);

        var line = await http.GetFromJsonAsync<JsonElement>("/api/subscribers/wanjiku%2F1");
        Assert.Equal(("Online", "100.64.3.4", "5M/20M"), (line.GetProperty("state").GetString(), line.GetProperty("address").GetString(), line.GetProperty("rateLimit").GetString()));
        var page = await http.GetFromJsonAsync<JsonElement>("/api/subscribers?search=WANJ&state=Online");
        Assert.Equal(1, page.GetProperty("total").GetInt32());

        using var hung = await http.PostAsync("/api/subscribers/wanjiku%2F1/hangup", content: null);
        Assert.Equal("Idle", (await hung.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("state").GetString());
        Assert.Equal("User-Request", (await server.NextAsync(AcctStatusType.Stop)).Message["Acct-Terminate-Cause"]);
    }

    [Fact]
    public async Task Faults_time_and_reboots_are_turned_from_outside()
    {
        await using var server = new MinimalRadiusServer();
        await using var world = await StartAsync(server);
        using var http = Client(world);

        using var on = await http.PostAsJsonAsync("/api/routers/r1/faults", new { fault = "Slow", delayMilliseconds = 50, path = "/ppp" });
        Assert.Equal(TimeSpan.FromMilliseconds(50), world["r1"].Faults.Active[Fault.Slow].Delay);
        using var off = await http.PostAsJsonAsync("/api/routers/r1/faults", new { fault = "Slow", on = false });
        Assert.Empty(world["r1"].Faults.Active);

        var before = world.Clock.Now;
        using var turned = await http.PostAsJsonAsync("/api/clock", new { speed = 0, advanceSeconds = 3600 });
        Assert.InRange((world.Clock.Now - before).TotalSeconds, 3600, 3700);
        Assert.Equal(0, world.Clock.Speed);

        await server.NextAsync(AcctStatusType.AccountingOn);
        using var reboot = await http.PostAsync("/api/routers/r1/reboot?clean=true", content: null);
        await server.NextAsync(AcctStatusType.AccountingOff);
        await server.NextAsync(AcctStatusType.AccountingOn);
    }

    [Fact]
    public async Task The_page_and_the_health_are_there()
    {
        await using var server = new MinimalRadiusServer();
        await using var world = await StartAsync(server);
        using var http = Client(world);

        Assert.Contains("The outside world", await http.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Equal("ok", (await http.GetFromJsonAsync<JsonElement>("/health")).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("/api/subscribers", """{"password":"x"}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/subscribers", """{"username":"a","router":"nowhere"}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/subscribers", """{"username":"a","mac":"zz"}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/subscribers/nobody/dial", "{}", HttpStatusCode.NotFound)]
    [InlineData("/api/routers/nowhere/faults", """{"fault":"Slow"}""", HttpStatusCode.NotFound)]
    [InlineData("/api/routers/r1/faults", """{"fault":"Fire"}""", HttpStatusCode.BadRequest)]
    [InlineData("/api/clock", """{"speed":-1}""", HttpStatusCode.BadRequest)]
    public async Task Nonsense_is_refused(string path, string body, HttpStatusCode status)
    {
        await using var server = new MinimalRadiusServer();
        await using var world = await StartAsync(server);
        using var http = Client(world);

        using var reply = await http.PostAsync(path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(status, reply.StatusCode);
    }

    [Theory]
    [InlineData("no personality", "v5.0", "127.0.0.1", "")]
    [InlineData("is not an address", "v7.9", "somewhere", "")]
    [InlineData("there is no router", "v7.9", "127.0.0.1", "r9")]
    public async Task Options_that_make_no_world_are_named(string reason, string personality, string address, string lineEndsAt)
    {
        var options = new SandboxOptions
        {
            Routers = [new RouterOptions { Name = "r1", Personality = personality, Address = address }],
            Subscribers = [new SubscriberOptions { Username = "a", Router = lineEndsAt }],
        };

        var refused = await Assert.ThrowsAsync<SandboxConfigurationException>(() => SandboxWorld.StartAsync(options));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_routers_at_two_addresses_are_two_nas()
    {
        await using var server = new MinimalRadiusServer(r => MinimalRadiusServer.Accept(r, r["NAS-IP-Address"] == "127.0.0.1" ? "100.64.1.1" : "100.64.1.2"));
        await using var world = await StartAsync(server, new RouterOptions { Name = "r1" }, new RouterOptions { Name = "r2", Address = "127.0.0.12", NasIdentifier = "site-2", Personality = "v6.49" });
        world.AddSubscriber(new SubscriberOptions { Username = "a", Password = "pw", Router = "r2", Method = AuthenticationMethod.Pap });

        await world["r2"].Nas.UntilAsync(n => n.Online == 1);

        var login = Assert.Single(server.Logins).Message;
        Assert.Equal(("site-2", "127.0.0.12"), (login["NAS-Identifier"], login["NAS-IP-Address"]));
        Assert.Equal("127.0.0.12", world["r2"].ApiEndPoint!.Address.ToString());
        Assert.Equal(0, world["r1"].Nas.Online);
    }

    [Fact]
    public async Task Thousands_of_lines_come_up_and_cost_no_threads()
    {
        const int Lines = 3000;
        await using var server = new MinimalRadiusServer(r => r.CreateReply(RadiusCode.AccessAccept).Add("Framed-Pool", "pppoe-pool").Add("Mikrotik-Rate-Limit", "5M/20M"));
        var threads = ThreadPool.ThreadCount;
        await using var world = await SandboxWorld.StartAsync(new SandboxOptions
        {
            Radius = new RadiusServerOptions { AuthenticationPort = server.AuthenticationPort, AccountingPort = server.AccountingPort, TimeoutMilliseconds = 2000 },
            Routers = [new RouterOptions { Name = "r1" }],
            Patterns = [new SubscriberPattern { Count = Lines, Method = AuthenticationMethod.Pap }],
            DialRate = 100_000,
        });

        await world["r1"].Nas.UntilAsync(n => n.Online == Lines, TimeSpan.FromSeconds(60));

        Assert.Equal(Lines, world["r1"].Count("/ppp/active"));
        Assert.Equal(Lines, world["r1"].Nas.Sessions.Select(s => s.Address).Distinct().Count());
        Assert.InRange(ThreadPool.ThreadCount, 0, threads + 24);
        Assert.Equal(LineState.Online, world.Find("user002999")!.Value.Subscriber.State);
    }

    private static Task<SandboxWorld> StartAsync(MinimalRadiusServer server, params RouterOptions[] routers) => SandboxWorld.StartAsync(new SandboxOptions
    {
        HttpPort = 0,
        Radius = new RadiusServerOptions { AuthenticationPort = server.AuthenticationPort, AccountingPort = server.AccountingPort, TimeoutMilliseconds = 150 },
        Routers = routers.Length > 0 ? [.. routers] : [new RouterOptions { Name = "r1", BootSeconds = 0.05 }],
    });

    private static HttpClient Client(SandboxWorld world)
    {
#pragma warning disable RS0030 // a test of one process against itself needs no factory
        return new HttpClient { BaseAddress = world.ControlUrl };
#pragma warning restore RS0030
    }
}
