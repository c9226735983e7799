using System.Diagnostics;
using System.Net.Sockets;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Sandbox;

namespace DataDefender.Infrastructure.Tests.Sandbox;

/// <summary>Each fault does what real life does, and is over when it is switched off.</summary>
public sealed class SandboxFaultTests
{
    [Fact]
    public async Task A_refusing_router_closes_what_is_open_and_takes_nobody()
    {
        await using var world = await SandboxRouterApiTests.StartAsync("v7.22");
        var (router, at) = (world.Routers[0], world.Routers[0].ApiEndPoint!);
        await using var client = await RawRouterClient.LoginAsync(at);

        router.Faults.On(Fault.Refused);
        Assert.True(await client.IsClosedAsync());
        await Assert.ThrowsAsync<SocketException>(() => RawRouterClient.ConnectAsync(at));

        router.Faults.Off(Fault.Refused);
        await using var again = await RawRouterClient.LoginAsync(at);
    }

    [Fact]
    public async Task A_dark_router_answers_nothing_and_late()
    {
        await using var world = await SandboxRouterApiTests.StartAsync("v7.22");
        var (router, at) = (world.Routers[0], world.Routers[0].ApiEndPoint!);
        await using var client = await RawRouterClient.LoginAsync(at);

        router.Faults.On(Fault.Dark);
        await client.SendAsync("/system/identity/print");
        Assert.True(await client.IsSilentAsync(TimeSpan.FromMilliseconds(200)));
        using (var socket = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(600));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => socket.ConnectAsync(at, limit.Token).AsTask());
        }

        router.Faults.Off(Fault.Dark);
        Assert.Equal(["!re", "!done"], (await client.ReadToDoneAsync()).Select(r => r.Kind));
        await using var again = await RawRouterClient.LoginAsync(at);
    }

    [Fact]
    public async Task A_slow_router_takes_its_time_for_the_named_menu_only()
    {
        await using var world = await SandboxRouterApiTests.StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        world.Routers[0].Faults.On(Fault.Slow, new FaultSetting(TimeSpan.FromMilliseconds(1500), Path: "/ppp"));

        var clock = Stopwatch.StartNew();
        await client.RowsAsync("/system/identity/print");
        Assert.InRange(clock.ElapsedMilliseconds, 0, 1400);
        await client.CallAsync("/ppp/secret/print");
        Assert.True(clock.ElapsedMilliseconds >= 1490);
    }

    [Fact]
    public async Task Silence_after_accept()
    {
        await using var world = await SandboxRouterApiTests.StartAsync("v7.22");
        world.Routers[0].Faults.On(Fault.SilentAfterAccept);
        await using var client = await RawRouterClient.ConnectAsync(world.Routers[0].ApiEndPoint!);

        await client.SendAsync("/login", "=name=admin", "=password=");

        Assert.True(await client.IsSilentAsync(TimeSpan.FromMilliseconds(300)));
    }

    [Fact]
    public async Task A_reply_breaks_off_in_the_middle_once()
    {
        await using var world = await SandboxRouterApiTests.StartAsync("v7.22");
        var router = world.Routers[0];
        await using (var client = await RawRouterClient.LoginAsync(router.ApiEndPoint!))
        {
            router.Faults.On(Fault.ResetMidReply, new FaultSetting(Times: 1));
            await Assert.ThrowsAnyAsync<IOException>(() => client.CallAsync("/interface/print"));
        }

        await using (var client = await RawRouterClient.LoginAsync(router.ApiEndPoint!))
        {
            router.Faults.On(Fault.SilentMidReply, new FaultSetting(Times: 1));
            await client.SendAsync("/interface/print");
            Assert.Equal("!re", (await client.ReadAsync()).Kind);
        }

        Assert.Empty(router.Faults.Active);
    }

    [Fact]
    public async Task A_write_may_be_swallowed_or_cut_before_or_after()
    {
        await using var world = await SandboxRouterApiTests.StartAsync("v7.22");
        var router = world.Routers[0];
        await using var client = await RawRouterClient.LoginAsync(router.ApiEndPoint!);

        router.Faults.On(Fault.IgnoreWrites, new FaultSetting(Times: 1));
        Assert.StartsWith("*", await client.AddAsync("/ppp/secret/add", "=name=a"), StringComparison.Ordinal);
        Assert.Equal(0, router.Count("/ppp/secret"));

        router.Faults.On(Fault.CutBeforeWrite, new FaultSetting(Times: 1));
        await client.SendAsync("/ppp/secret/add", "=name=b");
        Assert.True(await client.IsClosedAsync());
        Assert.Equal(0, router.Count("/ppp/secret"));

        await using var second = await RawRouterClient.LoginAsync(router.ApiEndPoint!);
        router.Faults.On(Fault.CutAfterWrite, new FaultSetting(Times: 1));
        await second.SendAsync("/ppp/secret/add", "=name=c");
        Assert.True(await second.IsClosedAsync());
        Assert.Equal(1, router.Count("/ppp/secret"));
        Assert.Empty(router.Faults.Active);
    }

    [Fact]
    public async Task The_right_password_is_refused_as_long_as_told()
    {
        await using var world = await SandboxRouterApiTests.StartAsync("v7.22");
        world.Routers[0].Faults.On(Fault.RefuseLogin, new FaultSetting(Times: 1));
        await using var client = await RawRouterClient.ConnectAsync(world.Routers[0].ApiEndPoint!);

        Assert.Equal("invalid user name or password (6)", await client.RefusalAsync("/login", "=name=admin", "=password="));
        Assert.Equal("!done", Assert.Single(await client.CallAsync("/login", "=name=admin", "=password=")).Kind);
    }

    [Fact]
    public async Task A_clean_reboot_says_off_and_on_and_a_crash_only_on()
    {
        await using var server = new MinimalRadiusServer(r => MinimalRadiusServer.Accept(r));
        await using var world = await SandboxNasTests.StartAsync(server, SandboxNasTests.Line("wanjiku"));
        var router = world.Routers[0];
        await router.Nas.UntilAsync(n => n.Online == 1);
        var first = (await server.NextAsync(AcctStatusType.Start)).Message["Acct-Session-Id"]!;

        await router.RebootAsync();
        await server.NextAsync(AcctStatusType.AccountingOff);
        await server.NextAsync(AcctStatusType.AccountingOn);
        var second = (await server.NextAsync(AcctStatusType.Start)).Message["Acct-Session-Id"]!;
        Assert.Equal(Convert.ToUInt32(first, 16) >> 16, (Convert.ToUInt32(second, 16) >> 16) - 1);

        server.Accounting.Clear();
        await router.RebootAsync(clean: false);
        await server.NextAsync(AcctStatusType.Start);
        Assert.Equal(["Accounting-On", "Start"], server.Accounting.Select(r => r.Message["Acct-Status-Type"]));
    }

    [Fact]
    public async Task A_stop_is_lost_once()
    {
        await using var server = new MinimalRadiusServer(r => MinimalRadiusServer.Accept(r));
        await using var world = await SandboxNasTests.StartAsync(server, SandboxNasTests.Line("wanjiku"));
        var nas = world.Routers[0].Nas;
        await nas.UntilAsync(n => n.Online == 1);

        world.Routers[0].Faults.On(Fault.LoseStop, new FaultSetting(Times: 1));
        nas.HangUp(nas.Subscribers[0]);
        nas.Dial(nas.Subscribers[0]);
        await nas.UntilAsync(n => n.Online == 1);
        nas.HangUp(nas.Subscribers[0]);
        await server.NextAsync(AcctStatusType.Stop);

        Assert.Equal(["Accounting-On", "Start", "Start", "Stop"], server.Accounting.Select(r => r.Message["Acct-Status-Type"]));
    }

    [Fact]
    public async Task Requests_are_doubled_or_swapped()
    {
        await using var server = new MinimalRadiusServer(r => MinimalRadiusServer.Accept(r));
        await using var world = await SandboxNasTests.StartAsync(server, SandboxNasTests.Line("wanjiku"), autoDial: false);
        var router = world.Routers[0];
        await server.NextAsync(AcctStatusType.AccountingOn);
        router.Faults.On(Fault.Retransmit);
        router.Nas.Dial(router.Nas.Subscribers[0]);
        await router.Nas.UntilAsync(n => n.Online == 1);
        var (one, other) = (await server.NextAsync(AcctStatusType.Start), await server.NextAsync(AcctStatusType.Start));
        Assert.Equal(one.Bytes, other.Bytes);
        router.Faults.Clear();

        server.Accounting.Clear();
        router.Faults.On(Fault.Reorder);
        router.Nas.Break(router.Nas.Subscribers[0]);
        world.Clock.Advance(TimeSpan.FromSeconds(20));
        await server.NextAsync(AcctStatusType.Start);
        await server.NextAsync(AcctStatusType.Stop);
        Assert.Equal("Start", server.Accounting.First().Message["Acct-Status-Type"]);
    }

    [Fact]
    public async Task Without_uplink_the_server_hears_nothing()
    {
        await using var server = new MinimalRadiusServer(r => MinimalRadiusServer.Accept(r));
        await using var world = await SandboxNasTests.StartAsync(server, SandboxNasTests.Line("wanjiku"), autoDial: false);
        var router = world.Routers[0];
        router.Faults.On(Fault.RadiusUplinkDown);

        router.Nas.Dial(router.Nas.Subscribers[0]);
        await router.Nas.UntilAsync(n => n.Subscribers[0].Failures == 1);
        Assert.Empty(server.Logins);

        router.Faults.Clear();
        world.Clock.Advance(TimeSpan.FromSeconds(30));
        await router.Nas.UntilAsync(n => n.Online == 1);
    }
}
