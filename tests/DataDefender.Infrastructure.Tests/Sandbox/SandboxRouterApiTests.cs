using System.Net.Sockets;
using System.Security.Cryptography;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;

namespace DataDefender.Infrastructure.Tests.Sandbox;

/// <summary>The simulated RouterOS API, over real sockets, as a client that knows only the protocol sees it.</summary>
public sealed class SandboxRouterApiTests
{
    [Theory]
    [InlineData("v6.49", "6.49.17 (long-term)")]
    [InlineData("v7.9", "7.9.2 (stable)")]
    [InlineData("v7.22", "7.22.3 (stable)")]
    public async Task Each_personality_says_its_version(string personality, string version)
    {
        await using var world = await StartAsync(personality);
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);

        var resource = Assert.Single(await client.RowsAsync("/system/resource/print"));

        Assert.Equal(version, resource["version"]);
        Assert.Null(resource[".id"]);
        Assert.Equal("MikroTik", resource["platform"]);
    }

    [Fact]
    public async Task An_old_router_asks_for_the_answer_to_a_challenge()
    {
        await using var world = await StartAsync("v6.42", o => o.Password = "secret");
        await using var client = await RawRouterClient.ConnectAsync(world.Routers[0].ApiEndPoint!);

        var challenge = Assert.Single(await client.CallAsync("/login", "=name=admin", "=password=secret"))["ret"]!;
        var hash = MD5.HashData([0, .. "secret"u8, .. Convert.FromHexString(challenge)]);

        Assert.Equal("cannot log in", await client.RefusalAsync("/login", "=name=admin", "=response=00" + new string('a', 32)));
        Assert.Equal("!done", Assert.Single(await client.CallAsync("/login", "=name=admin", $"=response=00{Convert.ToHexStringLower(hash)}")).Kind);
        Assert.Equal("router1", Assert.Single(await client.RowsAsync("/system/identity/print"))["name"]);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_nothing_works_without_login()
    {
        await using var world = await StartAsync("v7.22", o => o.Password = "secret");
        await using var client = await RawRouterClient.ConnectAsync(world.Routers[0].ApiEndPoint!);

        Assert.Equal("invalid user name or password (6)", await client.RefusalAsync("/login", "=name=admin", "=password=wrong"));
        Assert.Equal("!fatal", Assert.Single(await client.CallAsync("/system/resource/print")).Kind);
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task Tls_shows_the_certificate_that_the_certificate_menu_names()
    {
        await using var world = await StartAsync("v7.22");
        var seen = "";
        await using var client = await RawRouterClient.ConnectTlsAsync(world.Routers[0].TlsEndPoint!, f => seen = f);
        await client.CallAsync("/login", "=name=admin", "=password=");

        var certificate = Assert.Single(await client.RowsAsync("/certificate/print"));

        Assert.Equal(seen, certificate["fingerprint"], ignoreCase: true);
        Assert.Equal("api-ssl", Assert.Single(await client.RowsAsync("/ip/service/print", "?name=api-ssl"))["certificate"]);
    }

    [Fact]
    public async Task A_secret_lives_its_whole_life()
    {
        await using var world = await StartAsync("v7.9");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);

        var id = await client.AddAsync("/ppp/secret/add", "=name=wanjiku", "=password=p=w", "=service=pppoe", "=comment=WAN – Nairobi");
        Assert.Equal("failure: secret with the same name already exists", await client.RefusalAsync("/ppp/secret/add", "=name=wanjiku"));
        await client.CallAsync("/ppp/secret/set", $"=.id={id}", "=profile=default-encryption", "=disabled=yes");

        var row = Assert.Single(await client.RowsAsync("/ppp/secret/print", "?name=wanjiku", "=.proplist=.id,password,profile,disabled,comment"));
        Assert.Equal((id, "p=w", "default-encryption", "true", "WAN – Nairobi"), (row[".id"], row["password"], row["profile"], row["disabled"], row["comment"]));
        Assert.Equal(5, row.Words.Count);

        await client.CallAsync("/ppp/secret/enable", "=numbers=wanjiku");
        Assert.Equal("false", Assert.Single(await client.RowsAsync("/ppp/secret/print"))["disabled"]);
        Assert.Equal("!done", Assert.Single(await client.CallAsync("/ppp/secret/remove", $"=.id={id}")).Kind);
        Assert.Equal("no such item", await client.RefusalAsync("/ppp/secret/remove", $"=.id={id}"));
        Assert.NotEqual(id, await client.AddAsync("/ppp/secret/add", "=name=wanjiku"));
    }

    [Theory]
    [InlineData("unknown parameter colour", "/ppp/secret/add", "=name=a", "=colour=red")]
    [InlineData("missing =name=", "/ppp/secret/add")]
    [InlineData("missing =.id=", "/ppp/secret/remove")]
    [InlineData("no such item", "/ppp/secret/set", "=.id=*FF", "=comment=x")]
    [InlineData("no such command", "/ppp/secret/frobnicate")]
    [InlineData("no such command prefix", "/ppp/sekret/print")]
    [InlineData("input does not match any value of profile", "/ppp/secret/add", "=name=a", "=profile=gold")]
    [InlineData("input does not match any value of interface", "/ip/address/add", "=address=10.0.0.1/24", "=interface=ether99")]
    [InlineData("value of vlan-id is out of range (1..4094)", "/interface/vlan/add", "=name=v", "=vlan-id=4095", "=interface=ether1")]
    [InlineData("value of range expects range of ip addresses", "/ip/pool/add", "=name=p", "=ranges=many")]
    [InlineData("invalid value for argument max-limit", "/queue/simple/add", "=name=q", "=target=10.0.0.1", "=max-limit=fast")]
    public async Task Bad_input_is_refused_in_the_routers_words(string message, params string[] words)
    {
        await using var world = await StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);

        Assert.Equal(message, await client.RefusalAsync(words));
    }

    [Fact]
    public async Task Values_are_printed_as_the_router_prints_them()
    {
        await using var world = await StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);

        await client.AddAsync("/queue/simple/add", "=name=q1", "=target=10.1.2.3", "=max-limit=5M/20M");
        await client.AddAsync("/ppp/profile/add", "=name=gold", "=rate-limit=5M/20M 8M/30M", "=session-timeout=90m");
        await client.AddAsync("/ip/address/add", "=address=10.9.8.7/24", "=interface=ether3");

        var queue = Assert.Single(await client.RowsAsync("/queue/simple/print", "?name=q1"));
        Assert.Equal(("5000000/20000000", "10.1.2.3/32", "none"), (queue["max-limit"], queue["target"], queue["parent"]));
        var profile = Assert.Single(await client.RowsAsync("/ppp/profile/print", "?name=gold"));
        Assert.Equal(("5M/20M 8M/30M", "1h30m"), (profile["rate-limit"], profile["session-timeout"]));
        Assert.Equal("10.9.8.0", Assert.Single(await client.RowsAsync("/ip/address/print", "?address=10.9.8.7/24"))["network"]);
    }

    [Fact]
    public async Task A_reference_follows_a_rename_and_shows_the_id_when_its_object_is_gone()
    {
        await using var world = await StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        var pool = await client.AddAsync("/ip/pool/add", "=name=a", "=ranges=10.0.0.2-10.0.0.9");
        await client.AddAsync("/ppp/profile/add", "=name=gold", "=remote-address=a");

        await client.CallAsync("/ip/pool/set", $"=.id={pool}", "=name=b");
        Assert.Equal("b", Assert.Single(await client.RowsAsync("/ppp/profile/print", "?name=gold"))["remote-address"]);
        await client.CallAsync("/ip/pool/remove", "=.id=b");
        Assert.Equal(pool, Assert.Single(await client.RowsAsync("/ppp/profile/print", "?name=gold"))["remote-address"]);
    }

    [Theory]
    [InlineData("a,b", "?name=a", "?name=b", "?#|")]
    [InlineData("", "?name=a", "?name=b")]
    [InlineData("b,c", "?name=a", "?#!")]
    [InlineData("c", "?comment")]
    [InlineData("a,b", "?-comment")]
    [InlineData("c", "?>comment=")]
    [InlineData("b,c", "?>limit-bytes-in=9")]
    [InlineData("a", "?<limit-bytes-in=10")]
    [InlineData("b", "?=name=b")]
    [InlineData("a", "?name=a", "?name=b", "?#1")]
    [InlineData("a,b,c", "?name=a", "?#.!|")]
    public async Task Queries_work_as_a_stack(string names, params string[] queries)
    {
        await using var world = await StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        await client.AddAsync("/ppp/secret/add", "=name=a", "=limit-bytes-in=9");
        await client.AddAsync("/ppp/secret/add", "=name=b", "=limit-bytes-in=10");
        await client.AddAsync("/ppp/secret/add", "=name=c", "=limit-bytes-in=100", "=comment=x");

        var rows = await client.RowsAsync(["/ppp/secret/print", "=.proplist=name", .. queries]);

        Assert.Equal(names, string.Join(',', rows.Select(r => r["name"])));
    }

    [Theory]
    [InlineData("v7.9", false)]
    [InlineData("v7.22", true)]
    public async Task Only_the_newest_says_that_there_is_nothing(string personality, bool says)
    {
        await using var world = await StartAsync(personality);
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);

        var replies = await client.CallAsync("/ppp/secret/print");

        Assert.Equal(says ? ["!empty", "!done"] : ["!done"], replies.Select(r => r.Kind));
        Assert.Equal("0", Assert.Single(await client.CallAsync("/ppp/secret/print", "=count-only="))["ret"]);
    }

    [Fact]
    public async Task Health_is_one_row_on_v6_and_a_row_for_each_sensor_on_v7()
    {
        await using var old = await StartAsync("v6.49");
        await using var oldClient = await RawRouterClient.LoginAsync(old.Routers[0].ApiEndPoint!);
        await using var recent = await StartAsync("v7.22");
        await using var recentClient = await RawRouterClient.LoginAsync(recent.Routers[0].ApiEndPoint!);

        Assert.NotNull(Assert.Single(await oldClient.RowsAsync("/system/health/print"))["temperature"]);
        var rows = await recentClient.RowsAsync("/system/health/print");
        Assert.Contains(rows, r => r["name"] == "temperature" && r["type"] == "C");
        Assert.Contains(rows, r => r["type"] == "RPM");
        Assert.Matches("^[a-z]{3}/[0-9]{2}/[0-9]{4}$", Assert.Single(await oldClient.RowsAsync("/system/clock/print"))["date"]);
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", Assert.Single(await recentClient.RowsAsync("/system/clock/print"))["date"]);
    }

    [Fact]
    public async Task A_windows_1252_name_of_a_neighbour_leaves_an_old_router_as_it_is()
    {
        await using var world = await StartAsync("v6.49");
        await using var socket = await RawBytesAsync(world.Routers[0], "/login", "=name=admin", "=password=");

        await socket.WriteAsync(Words("/ip/neighbor/print", "=.proplist=identity"));

        var buffer = new byte[4096];
        var seen = new List<byte>();
        while (!seen.TakeLast(7).SequenceEqual("\u0005!done\0"u8.ToArray()))
        {
            seen.AddRange(buffer[..await socket.ReadAsync(buffer)]);
        }

        Assert.Contains("Caf\u00e9-AP", System.Text.Encoding.Latin1.GetString([.. seen]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tagged_commands_run_side_by_side()
    {
        await using var world = await StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        world.Routers[0].Faults.On(Fault.Slow, new FaultSetting(TimeSpan.FromMilliseconds(300), Path: "/system"));
        var clock = System.Diagnostics.Stopwatch.StartNew();

        for (var i = 0; i < 8; i++)
        {
            await client.SendAsync("/system/identity/print", $".tag={i}");
        }

        var seen = new HashSet<string?>();
        while (seen.Count < 8)
        {
            var reply = await client.ReadAsync();
            Assert.NotNull(reply.Tag);
            Assert.StartsWith(".tag=", reply.Words[0], StringComparison.Ordinal);
            if (reply.Kind == "!done")
            {
                seen.Add(reply.Tag);
            }
        }

        Assert.InRange(clock.ElapsedMilliseconds, 290, 1500);
    }

    [Fact]
    public async Task Listen_tells_of_changes_until_it_is_cancelled()
    {
        await using var world = await StartAsync("v7.22");
        await using var watcher = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        await using var writer = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        await watcher.SendAsync("/ppp/secret/listen", ".tag=l");
        await watcher.CallAsync("/system/identity/print"); // the listen before it has begun

        var id = await writer.AddAsync("/ppp/secret/add", "=name=a");
        Assert.Equal((id, "a"), (await watcher.ReadAsync()) is var added ? (added[".id"], added["name"]) : default);
        await writer.CallAsync("/ppp/secret/remove", $"=.id={id}");
        Assert.Equal("true", (await watcher.ReadAsync())[".dead"]);

        await watcher.SendAsync("/cancel", "=tag=l", ".tag=c");
        var replies = new[] { await watcher.ReadAsync(), await watcher.ReadAsync(), await watcher.ReadAsync() };
        Assert.Contains(replies, r => r is { Kind: "!trap", Tag: "l" } && r["message"] == "interrupted" && r["category"] == "2");
        Assert.Contains(replies, r => r is { Kind: "!done", Tag: "l" });
        Assert.Contains(replies, r => r is { Kind: "!done", Tag: "c" });
    }

    [Fact]
    public async Task Ping_counts_and_monitor_traffic_streams()
    {
        await using var world = await StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);

        var pings = await client.RowsAsync("/ping", "=address=8.8.8.8", "=count=3", "=interval=20ms");
        Assert.Equal(("2", "3", "0"), (pings[2]["seq"], pings[2]["received"], pings[2]["packet-loss"]));
        Assert.Equal("timeout", Assert.Single(await client.RowsAsync("/ping", "=address=100.64.7.7", "=count=1"))["status"]);

        await client.SendAsync("/interface/monitor-traffic", "=interface=ether1", "=interval=20ms", ".tag=m");
        Assert.Equal("0", (await client.ReadAsync())[".section"]);
        Assert.Equal("1", (await client.ReadAsync())[".section"]);
        Assert.Equal("input does not match any value of interface", await RefusalOnNewConnectionAsync(world, "/interface/monitor-traffic", "=interface=no", "=once="));
    }

    [Fact]
    public async Task Counters_move_with_simulated_time_and_start_anew_after_a_reboot()
    {
        await using var world = await StartAsync("v7.22", o => o.BootSeconds = 0.05);
        var router = world.Routers[0];
        world.Clock.Speed = 0;
        ulong Rx() => ulong.Parse(router.Read("/interface", "ether1", "rx-byte")!, System.Globalization.CultureInfo.InvariantCulture);

        var before = Rx();
        world.Clock.Advance(TimeSpan.FromHours(1));
        var after = Rx();
        Assert.InRange((after - before) * 8.0 / 3600, 1e4, 5e6);

        await using var client = await RawRouterClient.LoginAsync(router.ApiEndPoint!);
        await router.RebootAsync();
        Assert.True(await client.IsClosedAsync());
        Assert.InRange(Rx(), 0u, 10_000_000u);
        await using var again = await RawRouterClient.LoginAsync(router.ApiEndPoint!);
        Assert.Equal("0s", Assert.Single(await again.RowsAsync("/system/resource/print"))["uptime"]);
    }

    [Fact]
    public async Task Users_may_do_what_their_group_says()
    {
        await using var world = await StartAsync("v7.22");
        await using var admin = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        await admin.AddAsync("/user/group/add", "=name=poller", "=policy=read,api,test");
        await admin.AddAsync("/user/add", "=name=poller", "=group=poller", "=password=pw");
        await admin.AddAsync("/user/group/add", "=name=deaf", "=policy=read,write");
        await admin.AddAsync("/user/add", "=name=deaf", "=group=deaf", "=password=pw");
        await admin.AddAsync("/ppp/secret/add", "=name=a", "=password=hidden");

        await using var poller = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!, "poller", "pw");
        Assert.Null(Assert.Single(await poller.RowsAsync("/ppp/secret/print"))["password"]);
        Assert.Empty(await poller.RowsAsync("/ppp/secret/print", "?password=hidden"));
        Assert.Equal("not enough permissions (9)", await poller.RefusalAsync("/ppp/secret/add", "=name=b"));
        Assert.Equal("not enough permissions (9)", await poller.RefusalAsync("/system/reboot"));

        await using var deaf = await RawRouterClient.ConnectAsync(world.Routers[0].ApiEndPoint!);
        Assert.Equal("invalid user name or password (6)", await deaf.RefusalAsync("/login", "=name=deaf", "=password=pw"));
        Assert.All(await admin.RowsAsync("/user/print"), r => Assert.Null(r["password"]));
    }

    [Fact]
    public async Task A_service_closes_when_it_is_disabled_and_admits_only_so_many_sessions()
    {
        await using var world = await StartAsync("v7.22");
        var router = world.Routers[0];
        await using var first = await RawRouterClient.LoginAsync(router.ApiEndPoint!);
        await first.CallAsync("/ip/service/set", "=.id=api", "=max-sessions=1");
        await using var second = await RawRouterClient.ConnectAsync(router.ApiEndPoint!);
        Assert.True(await second.IsClosedAsync());

        var at = router.ApiEndPoint!;
        await first.CallAsync("/ip/service/disable", "=.id=api");
        await Assert.ThrowsAsync<SocketException>(() => RawRouterClient.ConnectAsync(at));
    }

    [Fact]
    public async Task An_export_lands_in_a_file_that_can_be_read_in_pieces()
    {
        await using var world = await StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        await client.AddAsync("/ppp/secret/add", "=name=wanjiku", "=password=hidden");

        await client.CallAsync("/export", "=file=nightly");
        var row = Assert.Single(await client.RowsAsync("/file/print", "?name=nightly.rsc"));
        var data = Assert.Single(await client.RowsAsync("/file/read", "=file=nightly.rsc", "=offset=0", "=chunk-size=32768"))["data"]!;

        Assert.Contains("/ppp secret", data, StringComparison.Ordinal);
        Assert.Contains("add name=wanjiku", data, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", data, StringComparison.Ordinal);
        Assert.Equal(data.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), row["size"]);
        Assert.NotNull(row["last-modified"]);
    }

    [Fact]
    public async Task Long_words_and_late_limits_travel_whole()
    {
        await using var world = await StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);

        foreach (var length in new[] { 0x7F, 0x80, 0x3FFF, 0x4000, 0x20_0000 })
        {
            var id = await client.AddAsync("/system/script/add", $"=name=s{length}", $"=source={new string('x', length)}");
            Assert.Equal(length, Assert.Single(await client.RowsAsync("/system/script/print", $"?.id={id}", "=.proplist=source"))["source"]!.Length);
        }
    }

    [Theory]
    [InlineData(0xF8)]
    [InlineData(0xFF)]
    public async Task A_control_byte_ends_the_connection(byte control)
    {
        await using var world = await StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);

        await client.SendRawAsync(control);

        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task Before_login_a_client_may_not_say_much()
    {
        await using var world = await StartAsync("v7.22");
        await using var client = await RawRouterClient.ConnectAsync(world.Routers[0].ApiEndPoint!);

        await client.SendAsync("/login", $"=name={new string('x', 5000)}");

        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task Quit_ends_with_a_fatal_word()
    {
        await using var world = await StartAsync("v7.22");
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);

        var reply = Assert.Single(await client.CallAsync("/quit"));

        Assert.Equal(("!fatal", "session terminated on request"), (reply.Kind, reply.Words[0]));
        Assert.True(await client.IsClosedAsync());
    }

    internal static Task<SandboxWorld> StartAsync(string personality, Action<RouterOptions>? change = null)
    {
        var router = new RouterOptions { Personality = personality };
        change?.Invoke(router);
        return SandboxWorld.StartAsync(new SandboxOptions { Routers = [router] });
    }

    private static async Task<string> RefusalOnNewConnectionAsync(SandboxWorld world, params string[] words)
    {
        await using var client = await RawRouterClient.LoginAsync(world.Routers[0].ApiEndPoint!);
        return await client.RefusalAsync(words);
    }

    private static async Task<NetworkStream> RawBytesAsync(SimulatedRouter router, params string[] login)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(router.ApiEndPoint!);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(Words(login));
        await stream.ReadExactlyAsync(new byte[7]);
        return stream;
    }

    private static byte[] Words(params string[] words) => [.. words.SelectMany(w => System.Text.Encoding.UTF8.GetBytes(w) is var bytes ? (byte[])[(byte)bytes.Length, .. bytes] : []), 0];
}
