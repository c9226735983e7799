using System.Diagnostics;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;
using Microsoft.Extensions.Logging.Abstractions;
using static DataDefender.Infrastructure.Tests.Network.RouterOs.RouterOsTest;

namespace DataDefender.Infrastructure.Tests.Network.RouterOs;

/// <summary>The faults that broke other clients, against simulated routers of each version that ISPs run, over real sockets.</summary>
public sealed class SandboxBatteryTests : IAsyncDisposable
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(1);

    private readonly RouterOsGateway _gateway = new(
        Microsoft.Extensions.Options.Options.Create(Options(o => (o.ReadTimeout, o.LoginTimeout, o.ConnectTimeout) = (ReadTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)))),
        TimeProvider.System,
        NullLogger<RouterOsGateway>.Instance);

    private SandboxWorld? _world;

    /// <summary>The personalities; v6.42 with its older sign-in is in <see cref="SandboxRouterTests"/>.</summary>
    public static TheoryData<string> Versions => new("v6.49", "v7.9", "v7.22");

    private SimulatedRouter Router => _world!.Routers[0];

    private RouterEndpoint Plain { get; set; } = null!;

    private RouterEndpoint Secure => Plain with { Port = Router.TlsEndPoint!.Port, UseTls = true };

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_connection_lost_instead_of_an_answer_is_never_success(string version)
    {
        await StartAsync(version);
        var id = (await _gateway.AddAsync(Plain, "/ppp/secret", [("name", "wanjiku"), ("password", "x")], Ct).InTime()).Require().Ret!;
        foreach (var fault in (Fault[])[Fault.CutAfterWrite, Fault.CutBeforeWrite])
        {
            Router.Faults.On(fault);

            var outcome = await _gateway.SetAsync(Plain, "/ppp/secret", id, [("disabled", "yes")], Ct).InTime();

            Assert.True(Assert.IsType<RouterOutcome.Unknown>(outcome).Sent);
            Router.Faults.Clear();
        }
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task An_answer_that_comes_after_its_time_reaches_nobody_else(string version)
    {
        await StartAsync(version);
        await _gateway.PrintAsync(Plain, "/system/identity", ct: Ct).InTime();
        Router.Faults.On(Fault.Slow, new FaultSetting(ReadTimeout * 1.6, Path: "/ppp/profile"));
        var begun = Stopwatch.GetTimestamp();
        var late = _gateway.SetAsync(Plain, "/ppp/profile", "no-such-profile", [("comment", "x")], Ct);

        // The others keep the connection alive past the time at which the late answer arrives ("interrupted", since the client gives the
        // command up by then); each must get its own.
        for (var n = 0; Stopwatch.GetElapsedTime(begun) < ReadTimeout * 2.2; n++)
        {
            Assert.Equal("r1", Assert.Single((await _gateway.PrintAsync(Plain, "/system/identity", ct: Ct).InTime()).Require().Rows)["name"]);
            var added = (await _gateway.AddAsync(Plain, "/ip/pool", [("name", $"pool{n}"), ("ranges", "10.9.0.2-10.9.0.9")], Ct).InTime()).Require();
            (await _gateway.RemoveAsync(Plain, "/ip/pool", [added.Ret!], Ct).InTime()).Require();
        }

        Assert.True(Assert.IsType<RouterOutcome.Unknown>(await late.InTime()).Sent);
        Assert.Equal(1, Router.ApiConnectionsAccepted);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Closing_during_a_listing_ends_the_listing(string version)
    {
        await StartAsync(version);
        await _gateway.PrintAsync(Plain, "/system/identity", ct: Ct).InTime();
        Router.Faults.On(Fault.SilentMidReply, new FaultSetting(Path: "/interface"));
        var listing = _gateway.ExecuteAsync(Plain, RouterCommand.Print("/interface") with { Patience = TimeSpan.FromHours(1) }, Ct);
        await UntilAsync(() => Router.ApiCommands >= 3); // sign-in, identity, listing

        await Task.Run(async () => await _gateway.DisposeAsync(), Ct).InTime();
        Router.Faults.Clear(); // not before: the router may have counted the command and not begun its answer

        // A listing may be asked again on a new connection; a gateway that is closed opens none.
        Assert.NotNull(await Record.ExceptionAsync(async () => (await listing.InTime()).Require()));
        await UntilAsync(() => Router.ApiConnections == 0);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_reset_fails_all_commands_in_flight_and_the_next_one_works(string version)
    {
        await StartAsync(version);
        var id = (await _gateway.AddAsync(Plain, "/ppp/secret", [("name", "wanjiku"), ("password", "x")], Ct).InTime()).Require().Ret!;
        Router.Faults.On(Fault.Slow, new FaultSetting(TimeSpan.FromMilliseconds(200), Path: "/ppp"));
        Router.Faults.On(Fault.ResetMidReply, new FaultSetting(Times: 1, Path: "/ppp"));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => _gateway.SetAsync(Plain, "/ppp/secret", id, [("comment", $"{n}")], Ct))).InTime();
        Router.Faults.Clear();

        Assert.Contains(outcomes, o => o is RouterOutcome.Unknown { Sent: true });
        Assert.Equal("wanjiku", Assert.Single((await _gateway.PrintAsync(Plain, "/ppp/secret", ct: Ct).InTime()).Require().Rows)["name"]);
        Assert.Equal(2, Router.ApiConnectionsAccepted);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_silent_router_and_one_that_drops_the_handshake_fail_within_the_deadline(string version)
    {
        await StartAsync(version);
        foreach (var (fault, kind) in ((Fault, RouterConnectFailureKind)[])[(Fault.SilentAfterAccept, RouterConnectFailureKind.Silent), (Fault.Dark, RouterConnectFailureKind.Unreachable)])
        {
            Router.Faults.On(fault);
            var begun = Stopwatch.GetTimestamp();

            var failed = Assert.IsType<RouterTest.Failed>(await _gateway.TestAsync(Plain, Ct).InTime());

            Assert.Equal(kind, failed.Failure.Kind);
            Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.FromSeconds(0.8), TimeSpan.FromSeconds(5));
            Router.Faults.Clear();
        }

        Assert.IsType<RouterTest.Passed>(await _gateway.TestAsync(Plain, Ct).InTime());
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Only_the_properties_asked_for_come_and_a_list_without_rows_is_empty(string version)
    {
        await StartAsync(version);

        var rows = (await _gateway.PrintAsync(Plain, "/interface", properties: ["name", "type"], ct: Ct).InTime()).Require().Rows;
        var none = (await _gateway.PrintAsync(Plain, "/interface", [RouterQuery.Is("name", "nowhere")], ct: Ct).InTime()).Require();

        Assert.All(rows, row => Assert.Equal(["name", "type"], row.Properties.Select(p => p.Key)));
        Assert.True(rows.Count >= Router.Personality.EthernetPorts.Count);
        Assert.Empty(none.Rows);
        Assert.Equal("r1", Assert.Single((await _gateway.PrintAsync(Plain, "/system/identity", ct: Ct).InTime()).Require().Rows)["name"]);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Kinds_of_replies_to_come_are_passed_over(string version)
    {
        await StartAsync(version);
        Router.Faults.On(Fault.StrangeReply);

        for (var n = 0; n < 3; n++)
        {
            Assert.Equal("r1", Assert.Single((await _gateway.PrintAsync(Plain, "/system/identity", ct: Ct).InTime()).Require().Rows)["name"]);
        }

        Assert.Equal(1, Router.ApiConnectionsAccepted);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task What_exists_already_is_told_in_whatever_words_the_menu_has(string version)
    {
        await StartAsync(version);
        (string Menu, (string, string)[] Item)[] items =
        [
            ("/ppp/secret", [("name", "wanjiku"), ("password", "x")]),
            ("/ppp/profile", [("name", "home")]),
            ("/user", [("name", "noc"), ("group", "read"), ("password", "Nairobi-2026")]),
            ("/ip/pool", [("name", "homes"), ("ranges", "10.9.0.2-10.9.0.9")]),
            ("/ip/address", [("address", "10.9.0.1/24"), ("interface", "ether1")]),
            ("/ip/firewall/address-list", [("list", "suspended"), ("address", "10.9.0.7")]),
            ("/interface/vlan", [("name", "vlan7"), ("vlan-id", "7"), ("interface", "ether1")]),
            ("/ip/hotspot/user", [("name", "guest"), ("password", "x")]),
        ];
        foreach (var (menu, item) in items)
        {
            (await _gateway.AddAsync(Plain, menu, item, Ct).InTime()).Require();

            var again = await _gateway.AddAsync(Plain, menu, item, Ct).InTime();

            Assert.Equal((menu, RouterRefusal.AlreadyExists), (menu, Assert.IsType<RouterOutcome.Refused>(again).Kind));
        }
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Eight_hundred_mixed_listings_each_reach_their_caller(string version)
    {
        await StartAsync(version);
        await _gateway.PrintAsync(Plain, "/system/identity", ct: Ct).InTime();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var n = 0; n < 100; n++)
            {
                var (menu, property) = ((worker + n) % 4) switch
                {
                    0 => ("/system/identity", "name"), 1 => ("/system/resource", "uptime"), 2 => ("/interface", "mtu"), _ => ("/ppp/profile", "use-encryption"),
                };
                var rows = (await _gateway.PrintAsync(Plain, menu, properties: [property], ct: Ct)).Require().Rows;
                Assert.NotEmpty(rows);
                Assert.All(rows, row => Assert.Equal([property], row.Properties.Select(p => p.Key)));
            }
        }, Ct))).InTime();

        Assert.Equal(1, Router.ApiConnectionsAccepted);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Eight_slow_commands_on_one_connection_take_as_long_as_one(string version)
    {
        await StartAsync(version);
        await _gateway.PrintAsync(Plain, "/system/identity", ct: Ct).InTime();
        Router.Faults.On(Fault.Slow, new FaultSetting(TimeSpan.FromMilliseconds(300)));
        var begun = Stopwatch.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (await _gateway.PrintAsync(Plain, "/system/identity", ct: Ct)).Require())).InTime();

        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.FromMilliseconds(290), TimeSpan.FromMilliseconds(1200)); // one after the other they take 2.4 s
        Assert.Equal(1, Router.ApiConnectionsAccepted);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Three_hundred_listens_hold_no_threads(string version)
    {
        await StartAsync(version);
        await _gateway.PrintAsync(Plain, "/system/identity", ct: Ct).InTime();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var before = ThreadPool.ThreadCount;

        var listens = Enumerable.Range(0, 300).Select(_ => _gateway.ListenAsync(Plain, "/ip/pool", [".id", "name"], enough.Token).GetAsyncEnumerator(enough.Token)).ToList();
        var waiting = listens.ConvertAll(l => l.MoveNextAsync().AsTask());
        await Task.Delay(500, Ct);
        (await _gateway.AddAsync(Plain, "/ip/pool", [("name", "news"), ("ranges", "10.9.9.1-10.9.9.9")], Ct).InTime()).Require();

        Assert.All(await Task.WhenAll(waiting).InTime(), Assert.True); // each of them heard of it
        Assert.InRange(ThreadPool.ThreadCount - before, int.MinValue, 60);
        await enough.CancelAsync();
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Text_beyond_ascii_survives_and_names_typed_in_old_WinBox_are_readable(string version)
    {
        await StartAsync(version);
        const string Comment = "WAN – Nairobi 東京 Wanjikũ";

        var id = (await _gateway.AddAsync(Plain, "/ppp/secret", [("name", "wanjikũ"), ("password", "x"), ("comment", Comment)], Ct).InTime()).Require().Ret!;
        var row = Assert.Single((await _gateway.PrintAsync(Plain, "/ppp/secret", [RouterQuery.Is("comment", Comment)], ct: Ct).InTime()).Require().Rows);
        var neighbours = (await _gateway.PrintAsync(Plain, "/ip/neighbor", ct: Ct).InTime()).Require().Rows;

        Assert.Equal((id, "wanjikũ", Comment), (row.Id, row["name"], row["comment"]));
        Assert.Contains(neighbours, n => n["identity"] == "Café-AP");
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_control_byte_or_an_endless_word_ends_the_connection_and_half_a_reply_runs_into_its_deadline(string version)
    {
        await StartAsync(version);
        var connections = 0;
        foreach (var fault in (Fault[])[Fault.ControlByte, Fault.HugeWord, Fault.SilentMidReply])
        {
            var id = (await _gateway.AddAsync(Plain, "/ppp/secret", [("name", $"{fault}"), ("password", "x")], Ct).InTime()).Require().Ret!;
            Router.Faults.On(fault);

            var outcome = await _gateway.SetAsync(Plain, "/ppp/secret", id, [("comment", "x")], Ct).InTime();

            Assert.True(Assert.IsType<RouterOutcome.Unknown>(outcome).Sent);
            Router.Faults.Clear();
            (await _gateway.PrintAsync(Plain, "/ppp/secret", ct: Ct).InTime()).Require();
            Assert.Equal(++connections + 1, Router.ApiConnectionsAccepted);
        }
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_pinned_certificate_is_taken_and_any_other_refused_before_the_password_is_said(string version)
    {
        await StartAsync(version);
        var seen = Assert.IsType<RouterTest.Passed>(await _gateway.TestAsync(Secure, Ct).InTime()).Certificate!.Fingerprint;
        var before = Router.ApiCommands;

        var other = Assert.IsType<RouterTest.Failed>(await _gateway.TestAsync(Secure with { CertificateFingerprint = new string('a', 64) }, Ct).InTime()).Failure;

        Assert.Equal((RouterConnectFailureKind.CertificateChanged, seen), (other.Kind, other.Seen!.Fingerprint));
        Assert.Equal(before, Router.ApiCommands);
        Assert.IsType<RouterTest.Passed>(await _gateway.TestAsync(Secure with { CertificateFingerprint = seen }, Ct).InTime());
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task After_a_reboot_the_next_command_finds_its_way_by_itself(string version)
    {
        await StartAsync(version);
        await _gateway.PrintAsync(Secure, "/interface", ct: Ct).InTime();

        await Router.RebootAsync(clean: false).InTime();

        Assert.NotEmpty((await _gateway.PrintAsync(Secure, "/interface", ct: Ct).InTime()).Require().Rows);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var begun = Stopwatch.GetTimestamp(); !holds(); await Task.Delay(10, Ct))
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(10), "It did not come to pass within ten seconds.");
        }
    }

    private async Task StartAsync(string version)
    {
        _world = await SandboxWorld.StartAsync(new SandboxOptions
        {
            AutoDial = false,
            Routers = [new RouterOptions { Name = "r1", Personality = version, User = "poller", Password = "Kilimanjaro=5895", BootSeconds = 0.1 }],
        });
        Plain = new RouterEndpoint(Guid.CreateVersion7(), "127.0.0.1", Router.ApiEndPoint!.Port, false, null, "poller", "Kilimanjaro=5895");
    }
}
