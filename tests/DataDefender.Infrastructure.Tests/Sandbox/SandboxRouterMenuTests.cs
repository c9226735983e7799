using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Sandbox;

namespace DataDefender.Infrastructure.Tests.Sandbox;

/// <summary>Rules of single menus that a provisioner meets.</summary>
public sealed class SandboxRouterMenuTests
{
    [Fact]
    public async Task Rules_keep_their_order_and_are_placed_and_moved()
    {
        await using var world = await SandboxRouterApiTests.StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        var a = await client.AddAsync("/ip/firewall/mangle/add", "=chain=forward", "=comment=a");
        await client.AddAsync("/ip/firewall/mangle/add", "=chain=forward", "=comment=b");
        var c = await client.AddAsync("/ip/firewall/mangle/add", "=chain=forward", "=comment=c", $"=place-before={a}");
        Assert.Equal("c,a,b", await CommentsAsync(client));

        await client.CallAsync("/ip/firewall/mangle/move", $"=numbers={c}");
        Assert.Equal("a,b,c", await CommentsAsync(client));
        await client.CallAsync("/ip/firewall/mangle/move", $"=numbers={c}", $"=destination={a}");
        Assert.Equal("c,a,b", await CommentsAsync(client));
        Assert.Equal("failure: can not move object before itself", await client.RefusalAsync("/ip/firewall/mangle/move", $"=numbers={c}", $"=destination={c}"));

        await client.CallAsync("/ip/firewall/mangle/unset", $"=.id={c}", "=value-name=comment");
        Assert.Null((await client.RowsAsync("/ip/firewall/mangle/print"))[0]["comment"]);
    }

    [Fact]
    public async Task An_entry_of_an_address_list_expires()
    {
        await using var world = await SandboxRouterApiTests.StartAsync("v7.22");
        world.Clock.Speed = 0;
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        await client.AddAsync("/ip/firewall/address-list/add", "=list=suspended", "=address=10.0.0.7", "=timeout=1h");
        Assert.Equal("failure: already have such entry", await client.RefusalAsync("/ip/firewall/address-list/add", "=list=suspended", "=address=10.0.0.7"));

        world.Clock.Advance(TimeSpan.FromMinutes(20));
        var row = Assert.Single(await client.RowsAsync("/ip/firewall/address-list/print"));
        Assert.Equal(("40m", "true"), (row["timeout"], row["dynamic"]));

        await client.SendAsync("/ip/firewall/address-list/listen");
        await Task.Yield();
        await using var other = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        world.Clock.Advance(TimeSpan.FromMinutes(41));
        Assert.Equal("true", (await client.ReadAsync())[".dead"]);
        Assert.Empty(await other.RowsAsync("/ip/firewall/address-list/print"));
    }

    [Fact]
    public async Task A_parent_queue_takes_128_targets()
    {
        await using var world = await SandboxRouterApiTests.StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        await client.AddAsync("/queue/simple/add", "=name=parent", "=target=10.0.0.0/16");
        for (var i = 0; i < 128; i++)
        {
            await client.AddAsync("/queue/simple/add", $"=name=q{i}", $"=target=10.0.0.{i}", "=parent=parent");
        }

        Assert.Contains("128", await client.RefusalAsync("/queue/simple/add", "=name=q128", "=target=10.0.1.1", "=parent=parent"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Device_mode_forbids_on_new_routers_only()
    {
        await using var recent = await SandboxRouterApiTests.StartAsync("v7.22", o => o.DeviceModeForbids = ["scheduler"]);
        await using var client = await RawRouterClient.LoginAsync(recent.Routers[0].ApiEndPoint!);
        await using var old = await SandboxRouterApiTests.StartAsync("v7.9", o => o.DeviceModeForbids = ["scheduler"]);
        await using var oldClient = await RawRouterClient.LoginAsync(old.Routers[0].ApiEndPoint!);

        Assert.Equal("failure: not allowed by device-mode", await client.RefusalAsync("/system/scheduler/add", "=name=x"));
        await oldClient.AddAsync("/system/scheduler/add", "=name=x");
    }

    [Fact]
    public async Task Vlans_and_bridges_are_interfaces_with_the_same_id()
    {
        await using var world = await SandboxRouterApiTests.StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);

        var id = await client.AddAsync("/interface/vlan/add", "=name=vlan200", "=vlan-id=200", "=interface=ether2");

        Assert.Equal(("vlan200", "vlan"), Assert.Single(await client.RowsAsync("/interface/print", $"?.id={id}")) is var row ? (row["name"], row["type"]) : default);
        Assert.Equal("failure: already have interface with such name", await client.RefusalAsync("/interface/bridge/add", "=name=vlan200"));
        Assert.DoesNotContain(await client.RowsAsync("/interface/ethernet/print"), r => r["name"] == "vlan200");
        Assert.Equal("no such item", await client.RefusalAsync("/interface/bridge/remove", $"=.id={id}"));
        Assert.Equal("failure: can not remove ethernet interface", await client.RefusalAsync("/interface/remove", "=.id=ether1"));
    }

    [Fact]
    public async Task Print_follows_and_repeats()
    {
        await using var world = await SandboxRouterApiTests.StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        await using var writer = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);

        await client.SendAsync("/log/print", "=follow-only=", "=.proplist=message", ".tag=f");
        await client.CallAsync("/system/identity/print");
        await writer.CallAsync("/log/warning", "=message=look here");
        Assert.Equal("look here", (await client.ReadAsync())["message"]);
        await client.SendAsync("/cancel", "=tag=f");
        for (var ended = 0; ended < 2;)
        {
            ended += (await client.ReadAsync()).Kind == "!done" ? 1 : 0;
        }

        await client.SendAsync("/system/identity/print", "=interval=20ms", ".tag=i");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("router1", (await client.ReadAsync())["name"]);
        }
    }

    [Fact]
    public async Task A_configured_queue_shows_its_session_and_its_counters_can_be_reset()
    {
        await using var server = new MinimalRadiusServer(r => MinimalRadiusServer.Accept(r, "100.64.1.2"));
        await using var world = await SandboxNasTests.StartAsync(server, SandboxNasTests.Line("wanjiku"));
        await world.Routers[0].Nas.UntilAsync(n => n.Online == 1);
        world.Clock.Speed = 0;
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        var id = await client.AddAsync("/queue/simple/add", "=name=static", "=target=100.64.1.2");

        world.Clock.Advance(TimeSpan.FromMinutes(10));
        var session = world.Routers[0].Nas.Session("wanjiku")!;
        Assert.Equal($"{session.UploadBytes}/{session.DownloadBytes}", Assert.Single(await client.RowsAsync("/queue/simple/print"))["bytes"]);
        Assert.True(session.DownloadBytes > 1_000_000);
        await client.CallAsync("/queue/simple/reset-counters", $"=.id={id}");
        Assert.Equal("0/0", Assert.Single(await client.RowsAsync("/queue/simple/print"))["bytes"]);
    }

    [Fact]
    public async Task A_guest_of_the_hotspot_page_does_not_come_back_by_himself()
    {
        await using var server = new MinimalRadiusServer(r => r.CreateReply(RadiusCode.AccessAccept).Add("Session-Timeout", 60u));
        await using var world = await SandboxNasTests.StartAsync(server);
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        await client.CallAsync("/ip/hotspot/active/login", "=user=guest", "=password=x", "=ip=10.5.0.8");

        world.Clock.Advance(TimeSpan.FromMinutes(2));
        await server.NextAsync(AcctStatusType.Stop);
        world.Clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(DataDefender.Sandbox.Nas.LineState.Idle, world.Find("guest")!.Value.Subscriber.State);
        Assert.Single(server.Logins);
    }

    [Fact]
    public async Task Lines_drop_by_themselves_where_the_world_says_so()
    {
        await using var server = new MinimalRadiusServer(r => MinimalRadiusServer.Accept(r));
        await using var world = await SandboxWorld.StartAsync(new SandboxOptions
        {
            Radius = new RadiusServerOptions { AuthenticationPort = server.AuthenticationPort, AccountingPort = server.AccountingPort },
            Subscribers = [SandboxNasTests.Line("wanjiku")],
            MeanSessionHours = 0.1,
        });
        await world.Routers[0].Nas.UntilAsync(n => n.Online == 1);

        world.Clock.Advance(TimeSpan.FromHours(3));

        Assert.Equal("Lost-Carrier", (await server.NextAsync(AcctStatusType.Stop)).Message["Acct-Terminate-Cause"]);
    }

    private static async Task<string> CommentsAsync(RawRouterClient client) => string.Join(',', (await client.RowsAsync("/ip/firewall/mangle/print")).Select(r => r["comment"]));
}
