using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;
using Microsoft.Extensions.Logging.Abstractions;
using static DataDefender.Infrastructure.Tests.Network.RouterOs.RouterOsTest;

namespace DataDefender.Infrastructure.Tests.Network.RouterOs;

/// <summary>The gateway against simulated routers of several versions, which know nothing of our codec.</summary>
public sealed class SandboxRouterTests : IAsyncLifetime
{
    private const string Password = "Kilimanjaro=5895";

    private readonly RouterOsGateway _gateway = new(
        Microsoft.Extensions.Options.Options.Create(Options(o => (o.ReadTimeout, o.LoginTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)))),
        TimeProvider.System,
        NullLogger<RouterOsGateway>.Instance);

    private SandboxWorld _world = null!;

    private SimulatedRouter Router => _world.Routers[0];

    private RouterEndpoint Plain { get; set; } = null!;

    public ValueTask InitializeAsync() => new(StartAsync("v7.22"));

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Theory]
    [InlineData("v6.42", "6.42")]
    [InlineData("v6.49", "6.49")]
    [InlineData("v7.9", "7.9")]
    [InlineData("v7.22", "7.22")]
    public async Task Every_version_is_signed_in_to_and_says_who_it_is(string personality, string version)
    {
        await StartAsync(personality);

        var plain = Assert.IsType<RouterTest.Passed>(await _gateway.TestAsync(Plain, Ct).InTime());
        var secure = Assert.IsType<RouterTest.Passed>(await _gateway.TestAsync(Plain with { Port = Router.TlsEndPoint!.Port, UseTls = true }, Ct).InTime());

        Assert.StartsWith(version, plain.Version, StringComparison.Ordinal);
        Assert.Equal(Router.Personality.Board, plain.Board);
        Assert.Null(plain.Certificate);
        Assert.Equal(Router.Certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).ToLowerInvariant(), secure.Certificate!.Fingerprint);
    }

    [Theory]
    [InlineData("v6.42")]
    [InlineData("v6.49")]
    [InlineData("v7.9")]
    [InlineData("v7.22")]
    public async Task A_secret_is_added_found_changed_and_removed(string personality)
    {
        await StartAsync(personality);

        var id = (await _gateway.AddAsync(Plain, "/ppp/secret", [("name", "wanjiku"), ("password", "a=b c"), ("comment", "Nairobi")], Ct).InTime()).Require().Ret!;
        var again = await _gateway.AddAsync(Plain, "/ppp/secret", [("name", "wanjiku"), ("password", "x")], Ct).InTime();
        await _gateway.SetAsync(Plain, "/ppp/secret", id, [("disabled", "yes")], Ct).InTime();
        var found = (await _gateway.PrintAsync(Plain, "/ppp/secret", [RouterQuery.Is("name", "wanjiku")], [".id", "name", "password", "disabled"], Ct).InTime()).Require().Rows;
        await _gateway.RemoveAsync(Plain, "/ppp/secret", [id], Ct).InTime();
        var gone = await _gateway.RemoveAsync(Plain, "/ppp/secret", [id], Ct).InTime();
        var none = (await _gateway.PrintAsync(Plain, "/ppp/secret", ct: Ct).InTime()).Require();

        Assert.Equal(RouterRefusal.AlreadyExists, Assert.IsType<RouterOutcome.Refused>(again).Kind);
        var row = Assert.Single(found);
        Assert.Equal((id, "a=b c", true), (row.Id, row["password"], RouterOsValues.Boolean(row["disabled"])));
        Assert.Equal(RouterRefusal.NoSuchItem, Assert.IsType<RouterOutcome.Refused>(gone).Kind);
        Assert.Empty(none.Rows);
        Assert.Equal(1, Router.ApiConnectionsAccepted);
    }

    [Fact]
    public async Task Queries_combine_by_or_and_not_and_count()
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            (await _gateway.AddAsync(Plain, "/ppp/secret", [("name", name), ("password", "x")], Ct).InTime()).Require();
        }

        string[] aOrB = [RouterQuery.Is("name", "a"), RouterQuery.Is("name", "b"), RouterQuery.Or];
        Assert.Equal(["a", "b"], await NamesAsync(aOrB));
        Assert.Equal(["c"], await NamesAsync([.. aOrB, RouterQuery.Not]));
        Assert.Equal("2", (await _gateway.ExecuteAsync(Plain, RouterCommand.Count("/ppp/secret", aOrB), Ct).InTime()).Require().Ret);

        async Task<List<string?>> NamesAsync(string[] query) =>
            [.. (await _gateway.PrintAsync(Plain, "/ppp/secret", query, ["name"], Ct).InTime()).Require().Rows.Select(r => r["name"]).Order()];
    }

    [Fact]
    public async Task Listening_sees_an_item_come_and_go()
    {
        var seen = new List<RouterRow>();
        var added = false;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        enough.CancelAfter(TimeSpan.FromSeconds(15));
        var listening = Task.Run(async () =>
        {
            await foreach (var row in _gateway.ListenAsync(Plain, "/ppp/secret", ct: enough.Token))
            {
                seen.Add(row);
                if (row.IsDead && added)
                {
                    return;
                }

                added |= !row.IsDead;
            }
        }, Ct);

        // A listen has no beginning that can be seen from outside, so changes are made until it sees one.
        while (!listening.IsCompleted)
        {
            var id = (await _gateway.AddAsync(Plain, "/ppp/secret", [("name", "wanjiku"), ("password", "x")], Ct).InTime()).Require().Ret!;
            await _gateway.RemoveAsync(Plain, "/ppp/secret", [id], Ct).InTime();
            await Task.WhenAny(listening, Task.Delay(20, Ct));
        }

        await listening;
        Assert.True(added);
        Assert.Contains(seen, r => r.IsDead);
    }

    [Fact]
    public async Task A_ping_streams_its_answers_and_ends()
    {
        var answers = new List<RouterRow>();
        await foreach (var row in _gateway.StreamAsync(Plain, RouterCommand.Call("/ping", [("address", "127.0.0.1"), ("count", "3"), ("interval", "100ms")]), Ct))
        {
            answers.Add(row);
        }

        Assert.Equal(3, answers.Count);
        Assert.All(answers, a => Assert.NotNull(RouterOsValues.Duration(a["time"])));
    }

    [Theory]
    [InlineData(Fault.CutAfterWrite, true)]
    [InlineData(Fault.CutBeforeWrite, false)]
    public async Task A_write_cut_off_is_unknown_whether_it_took_effect_or_not(Fault fault, bool applied)
    {
        Router.Faults.On(fault);
        var outcome = await _gateway.AddAsync(Plain, "/ppp/secret", [("name", "wanjiku"), ("password", "x")], Ct).InTime();
        Router.Faults.Clear();

        Assert.True(Assert.IsType<RouterOutcome.Unknown>(outcome).Sent);
        Assert.Equal(applied ? 1 : 0, Router.Count("/ppp/secret"));
        Assert.IsType<RouterOutcome.Done>(await _gateway.PrintAsync(Plain, "/ppp/secret", ct: Ct).InTime());
    }

    [Theory]
    [InlineData(Fault.ResetMidReply)]
    [InlineData(Fault.SilentMidReply)]
    [InlineData(Fault.Dark)]
    public async Task A_listing_cut_off_is_unknown_and_the_next_one_works(Fault fault)
    {
        await _gateway.PrintAsync(Plain, "/interface", ct: Ct).InTime();
        Router.Faults.On(fault);

        Assert.IsType<RouterOutcome.Unknown>(await _gateway.PrintAsync(Plain, "/interface", ct: Ct).InTime());
        Router.Faults.Clear();

        var names = (await _gateway.PrintAsync(Plain, "/interface", properties: ["name", "type"], ct: Ct).InTime()).Require().Rows.Where(r => r["type"] == "ether").Select(r => r["name"]);
        Assert.Equal(Router.Personality.EthernetPorts, names);
    }

    [Theory]
    [InlineData(Fault.Refused, RouterConnectFailureKind.ConnectionRefused)]
    [InlineData(Fault.SilentAfterAccept, RouterConnectFailureKind.Silent)]
    [InlineData(Fault.RefuseLogin, RouterConnectFailureKind.WrongPassword)]
    public async Task A_router_that_lets_nobody_in_is_told_as_such(Fault fault, RouterConnectFailureKind kind)
    {
        Router.Faults.On(fault);

        Assert.Equal(kind, Assert.IsType<RouterTest.Failed>(await _gateway.TestAsync(Plain, Ct).InTime()).Failure.Kind);
    }

    [Fact]
    public async Task After_a_reboot_the_next_command_finds_its_way_by_itself()
    {
        await _gateway.PrintAsync(Plain, "/interface", ct: Ct).InTime();

        await Router.RebootAsync().InTime();

        Assert.IsType<RouterOutcome.Done>(await _gateway.PrintAsync(Plain, "/interface", ct: Ct).InTime());
        Assert.Equal(2, Router.ApiConnectionsAccepted);
    }

    [Fact]
    public async Task Slow_commands_run_side_by_side_and_quick_ones_pass_them()
    {
        await _gateway.PrintAsync(Plain, "/system/identity", ct: Ct).InTime();
        Router.Faults.On(Fault.Slow, new FaultSetting(TimeSpan.FromMilliseconds(500), Path: "/interface"));
        var slow = Enumerable.Range(0, 8).Select(_ => _gateway.PrintAsync(Plain, "/interface", ct: Ct)).ToList();

        Assert.IsType<RouterOutcome.Done>(await _gateway.PrintAsync(Plain, "/system/identity", ct: Ct).InTime());

        Assert.DoesNotContain(slow, s => s.IsCompleted);
        Assert.All(await Task.WhenAll(slow).InTime(), o => Assert.IsType<RouterOutcome.Done>(o));
        Assert.Equal(1, Router.ApiConnectionsAccepted);
    }

    private async Task StartAsync(string personality)
    {
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }

        _world = await SandboxWorld.StartAsync(new SandboxOptions
        {
            AutoDial = false,
            Routers = [new RouterOptions { Name = "r1", Personality = personality, User = "poller", Password = Password, BootSeconds = 0.1 }],
        });
        Plain = new RouterEndpoint(Guid.CreateVersion7(), "127.0.0.1", Router.ApiEndPoint!.Port, false, null, "poller", Password);
    }
}
