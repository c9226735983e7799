using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Lines;
using DataDefender.Sandbox;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Network.Provisioning;

/// <summary>Lines on a router that does not ask RADIUS: every change of a line reaches it by the same plan and apply.</summary>
public sealed class PushedLinesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Versions => ["v6.49", "v7.9", "v7.22"];

    [Theory, MemberData(nameof(Versions))]
    public async Task Secrets_follow_activation_package_suspension_and_end_of_a_line_and_nothing_else_moves(string personality)
    {
        await using var world = await CreateAsync(personality, LinePush.Secrets);
        var foreign = await world.ForeignAsync();
        var small = await world.Company.AddPackageAsync("Home 10", 10_000, 5_000);
        var large = await world.Company.AddPackageAsync("Home 50", 50_000, 20_000);
        var line = await world.Company.AddSubscriptionAsync(package: small, username: "jane", state: SubscriptionState.Pending);
        await world.Company.AddSubscriptionAsync(package: small, username: "peter"); // on the router only when something of his changes

        await world.LineAsync(s => s.ActivateAsync(line.Id, Ct));
        var (secret, profile) = await SecretAsync(world, "jane");
        Assert.Equal(("false", "5M/10M"), (secret["disabled"], profile["rate-limit"]));
        Assert.Equal(("10.9.8.53", "yes"), (profile["dns-server"], profile["only-one"])); // as a line by RADIUS has them
        Assert.DoesNotContain(await world.RowsAsync("/ppp/secret"), s => s["name"] == "peter");

        await world.LineAsync(s => s.ChangePackageAsync(line.Id, large.Id, Ct));
        Assert.Equal("20M/50M", (await SecretAsync(world, "jane")).Profile["rate-limit"]);

        await world.LineAsync(s => s.SuspendAsync(line.Id, SuspendReason.Unpaid, null, Ct));
        Assert.Equal("suspended", (await SecretAsync(world, "jane")).Profile["address-list"]);

        await world.LineAsync(s => s.RestoreAsync(line.Id, Ct));
        Assert.Equal("20M/50M", (await SecretAsync(world, "jane")).Profile["rate-limit"]);

        await world.LineAsync(s => s.DisconnectAsync(line.Id, null, Ct));
        Assert.DoesNotContain(await world.RowsAsync("/ppp/secret"), s => s["name"] == "jane");
        Assert.Equal(foreign, await world.ForeignAsync());
        await using var db = world.Company.Open();
        var commands = await db.LineCommands.AsNoTracking().ToListAsync(Ct);
        Assert.All(commands, c => Assert.Equal((LineCommandStatus.Done, LinePath.Configuration), (c.Status, c.Path)));
        Assert.Equal(5, commands.Count);
        Assert.All(await db.ProvisioningSteps.AsNoTracking().ToListAsync(Ct), s => Assert.DoesNotContain("pw-secret", $"{s.UndoCipher} {string.Join(' ', s.Values.All)}", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task The_time_outs_that_a_package_sells_reach_the_profile_and_go_when_it_sells_none(string personality)
    {
        await using var world = await CreateAsync(personality, LinePush.Secrets);
        var package = await world.Company.AddPackageAsync("Evening", 10_000, 5_000, configure: p => (p.SessionTimeoutSeconds, p.IdleTimeoutSeconds) = (5_400, 600));
        var line = await world.Company.AddSubscriptionAsync(package: package, username: "jane", state: SubscriptionState.Pending);

        await world.LineAsync(s => s.ActivateAsync(line.Id, Ct));

        Assert.Equal(("1h30m", "10m"), await TimesAsync());
        await using (var db = world.Company.Open())
        {
            var sold = await db.Packages.SingleAsync(p => p.Id == package.Id, Ct);
            sold.Change(sold.ToInput() with { SessionTimeoutSeconds = null, IdleTimeoutSeconds = 1_200 });
            await db.SaveChangesAsync(Ct);
        }

        await world.ApplyAsync();

        Assert.Equal((null, "20m"), await TimesAsync());
        Assert.Empty((await world.PlanAsync()).Changes);

        async Task<(string?, string?)> TimesAsync() => (await SecretAsync(world, "jane")).Profile is var p ? (p["session-timeout"], p["idle-timeout"]) : default;
    }

    [Fact]
    public async Task Lines_that_a_state_treats_alike_share_a_profile_only_where_their_time_outs_are_the_same()
    {
        await using var world = await CreateAsync("v7.22", LinePush.Secrets);
        var endless = await world.Company.AddPackageAsync("Home 10", 10_000, 5_000);
        var short_ = await world.Company.AddPackageAsync("Hour", 10_000, 5_000, configure: p => p.SessionTimeoutSeconds = 3_600);
        await world.Company.AddSubscriptionAsync(package: endless, username: "jane", state: SubscriptionState.Suspended);
        await world.Company.AddSubscriptionAsync(package: endless, username: "joan", state: SubscriptionState.Suspended);
        await world.Company.AddSubscriptionAsync(package: short_, username: "peter", state: SubscriptionState.Suspended);

        await world.ApplyAsync();

        var (jane, joan, peter) = ((await SecretAsync(world, "jane")).Profile, (await SecretAsync(world, "joan")).Profile, (await SecretAsync(world, "peter")).Profile);
        Assert.Equal(jane["name"], joan["name"]);
        Assert.NotEqual(jane["name"], peter["name"]);
        Assert.Equal((null, "1h"), (jane["session-timeout"], peter["session-timeout"]));
    }

    [Fact]
    public async Task A_line_reaches_its_router_without_the_reading_of_what_no_line_is_in()
    {
        await using var world = await CreateAsync("v7.22", LinePush.Secrets);
        var line = await world.Company.AddSubscriptionAsync(package: await world.Company.AddPackageAsync("Home 10", 10_000, 5_000), username: "jane", state: SubscriptionState.Pending);
        world.Router.Faults.On(Fault.ResetMidReply, new FaultSetting(Path: "/ip/firewall/filter/print"));

        await world.LineAsync(s => s.ActivateAsync(line.Id, Ct));

        await using var db = world.Company.Open();
        Assert.Equal(LineCommandStatus.Done, (await db.LineCommands.SingleAsync(Ct)).Status);
        world.Router.Faults.Clear();
        Assert.Equal("5M/10M", (await SecretAsync(world, "jane")).Profile["rate-limit"]);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Fixed_addresses_have_queues_and_parents_are_split_before_they_are_full(string personality)
    {
        await using var world = await CreateAsync(personality, LinePush.Addresses);
        var package = await world.Company.AddPackageAsync("Home 10", 10_000, 5_000);
        for (var i = 0; i < 130; i++)
        {
            await world.Company.AddSubscriptionAsync(package: package, username: $"u{i}", staticAddress: $"10.50.{i / 100}.{1 + (i % 100)}");
        }

        await world.Company.AddSubscriptionAsync(package: package, username: "late", staticAddress: "10.50.9.9", state: SubscriptionState.Suspended);

        var run = await world.ApplyAsync();

        Assert.Equal((RunStatus.Done, null), (run.Run.Status, run.Run.Detail));
        var queues = (await world.RowsAsync("/queue/simple")).Where(q => q["name"]!.StartsWith("dd-", StringComparison.Ordinal)).ToList();
        Assert.Equal(131 + 2, queues.Count);
        Assert.All(queues.Where(q => q["parent"] != "none").GroupBy(q => q["parent"]), g => Assert.InRange(g.Count(), 1, 128));
        Assert.Equal("5000000/10000000", queues.Single(q => q["name"] == "dd-u7")["max-limit"]);
        Assert.Equal("10.50.9.9", (await world.RowsAsync("/ip/firewall/address-list")).Single(a => a["list"] == "suspended")["address"]);
        Assert.Empty((await world.PlanAsync()).Changes);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_queue_has_the_burst_and_the_priority_that_are_sold_and_loses_them_with_the_package(string personality)
    {
        await using var world = await CreateAsync(personality, LinePush.Addresses);
        var burst = await world.Company.AddPackageAsync("Home burst", 10_000, 4_000, configure: p =>
            (p.BurstDownloadKbps, p.BurstUploadKbps, p.BurstThresholdPercent, p.BurstSeconds, p.Priority) = (20_000, 8_000, 75, 60, 3));
        var plain = await world.Company.AddPackageAsync("Home 10", 10_000, 4_000);
        var line = await world.Company.AddSubscriptionAsync(package: burst, username: "jane", staticAddress: "10.50.0.1");

        await world.ApplyAsync();

        Assert.Equal(("4000000/10000000", "8000000/20000000", "3000000/7500000", "3/3"), await QueueAsync());
        Assert.Equal([60, 60], (await world.RowsAsync("/queue/simple")).Single(q => q["name"] == "dd-jane")["burst-time"]!.Split('/').Select(t => (int)RouterOsValues.Duration(t)!.Value.TotalSeconds));
        Assert.Empty((await world.PlanAsync()).Changes);

        await world.LineAsync(s => s.ChangePackageAsync(line.Id, plain.Id, Ct));

        Assert.Equal(("4000000/10000000", "0/0", "0/0", "8/8"), await QueueAsync());
        Assert.Empty((await world.PlanAsync()).Changes);

        async Task<(string?, string?, string?, string?)> QueueAsync() =>
            (await world.RowsAsync("/queue/simple")).Single(q => q["name"] == "dd-jane") is var q ? (q["max-limit"], q["burst-limit"], q["burst-threshold"], q["priority"]) : default;
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_line_that_goes_moves_no_other_queue_and_a_new_one_takes_its_room(string personality)
    {
        await using var world = await CreateAsync(personality, LinePush.Addresses);
        var package = await world.Company.AddPackageAsync("Home 10", 10_000, 5_000);
        var lines = new List<Subscription>();
        for (var i = 0; i < 125; i++)
        {
            lines.Add(await world.Company.AddSubscriptionAsync(package: package, username: $"u{i}", staticAddress: $"10.50.{i / 100}.{1 + (i % 100)}"));
        }

        await world.ApplyAsync();
        var before = await ParentsAsync(world);
        Assert.Equal([120, 5], before.Values.GroupBy(p => p).OrderBy(g => g.Key).Select(g => g.Count()));

        await world.LineAsync(s => s.DisconnectAsync(lines[3].Id, null, Ct));
        Assert.Empty((await world.PlanAsync()).Changes);
        await world.Company.AddSubscriptionAsync(package: package, username: "new", staticAddress: "10.50.9.1");
        await world.ApplyAsync();

        var after = await ParentsAsync(world);
        Assert.Equal("dd-lines-1", after["dd-new"]);
        Assert.All(before.Where(b => b.Key != "dd-u3"), b => Assert.Equal(b.Value, after[b.Key]));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Queue_trees_mark_by_speed_and_each_line_gets_its_own_by_its_address(string personality)
    {
        await using var world = await CreateAsync(personality, LinePush.Addresses);
        await world.NetworkAsync(n => n.Shaping = LineShaping.QueueTrees);
        var foreign = await world.ForeignAsync();
        var small = await world.Company.AddPackageAsync("Home 10", 10_000, 5_000);
        var large = await world.Company.AddPackageAsync("Home 50", 50_000, 20_000);
        var jane = await world.Company.AddSubscriptionAsync(package: small, username: "jane", staticAddress: "10.50.0.1");
        await world.Company.AddSubscriptionAsync(package: small, username: "peter", staticAddress: "10.50.0.2");

        var run = await world.ApplyAsync();

        Assert.Equal((RunStatus.Done, null), (run.Run.Status, run.Run.Detail));
        Assert.DoesNotContain(await world.RowsAsync("/queue/simple"), q => q["name"]!.StartsWith("dd-", StringComparison.Ordinal));
        var leaf = (await world.RowsAsync("/queue/tree")).Single(q => q["name"] == "dd-5M-10M-down");
        Assert.Equal(("dd-lines-down-1", "dd-5M-10M-down"), (leaf["parent"], leaf["packet-mark"]));
        var type = (await world.RowsAsync("/queue/type")).Single(t => t["name"] == leaf["queue"]);
        Assert.Equal(("pcq", 10_000_000L, "dst-address"), (type["kind"], RouterOsValues.Bits(type["pcq-rate"]), type["pcq-classifier"]));
        var mark = (await world.RowsAsync("/ip/firewall/mangle")).Single(m => m["new-packet-mark"] == "dd-5M-10M-down");
        Assert.Equal(("forward", "dd-5M-10M", "true"), (mark["chain"], mark["dst-address-list"], mark["passthrough"]));
        Assert.Equal(["10.50.0.1", "10.50.0.2"], await ListedAsync(world, "dd-5M-10M"));
        Assert.Empty((await world.PlanAsync()).Changes);

        await world.LineAsync(s => s.ChangePackageAsync(jane.Id, large.Id, Ct)); // a speed that the router has not had yet
        Assert.Equal(["10.50.0.1"], await ListedAsync(world, "dd-20M-50M"));
        Assert.Equal(["10.50.0.2"], await ListedAsync(world, "dd-5M-10M"));
        Assert.Contains(await world.RowsAsync("/queue/tree"), q => q["name"] == "dd-20M-50M-up");

        await world.LineAsync(s => s.SuspendAsync(jane.Id, SuspendReason.Unpaid, null, Ct));
        Assert.Equal(["10.50.0.1"], await ListedAsync(world, "suspended"));

        await world.DesignAsync(d => (d.Radius, d.PppoeInterfaces, d.Pools, d.WalledGarden, d.Clock, d.LinePush) = (false, "", "", false, false, LinePush.None));
        Assert.Equal(RunStatus.Done, (await world.ApplyAsync()).Run.Status);
        Assert.Equal(foreign, await world.ForeignAsync());
        Assert.DoesNotContain(await world.RowsAsync("/queue/type"), t => t["name"]!.StartsWith("dd-", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task The_parents_of_a_queue_tree_are_split_before_they_are_full_too(string personality)
    {
        await using var world = await CreateAsync(personality, LinePush.Addresses);
        await world.DesignAsync(d => (d.Radius, d.PppoeInterfaces, d.WalledGarden, d.Clock, d.LinePush, d.PushUnbound, d.Shaping) = (false, "", false, false, LinePush.Addresses, true, LineShaping.QueueTrees));
        for (var i = 0; i < 125; i++)
        {
            var package = await world.Company.AddPackageAsync($"P{i}", 10_000 + i, 5_000);
            await world.Company.AddSubscriptionAsync(package: package, username: $"u{i}", staticAddress: $"10.50.0.{1 + i}");
        }

        var run = await world.ApplyAsync();

        Assert.Equal((RunStatus.Done, null), (run.Run.Status, run.Run.Detail));
        var leaves = (await world.RowsAsync("/queue/tree")).Where(q => q["parent"]!.StartsWith("dd-lines-", StringComparison.Ordinal)).GroupBy(q => q["parent"]!).ToDictionary(g => g.Key, g => g.Count());
        Assert.Equal(new Dictionary<string, int> { ["dd-lines-up-1"] = 120, ["dd-lines-up-2"] = 5, ["dd-lines-down-1"] = 120, ["dd-lines-down-2"] = 5 }, leaves);
        Assert.Empty((await world.PlanAsync()).Changes);
    }

    [Fact]
    public async Task Five_hundred_lines_are_written_side_by_side_and_one_that_the_router_does_not_take_takes_all_back()
    {
        await using var world = await CreateAsync("v7.22", LinePush.Secrets);
        var package = await world.Company.AddPackageAsync("Home 10", 10_000, 5_000);
        for (var i = 0; i < 500; i++)
        {
            await world.Company.AddSubscriptionAsync(package: package, username: $"u{i}");
        }

        var before = await world.ExportAsync();
        world.Router.Faults.On(Fault.IgnoreWrites, new FaultSetting(Path: "/ppp/secret/add", Times: 2));
        var begun = TimeProvider.System.GetTimestamp();
        var run = await world.ApplyAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"500 secrets in {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s");
        Assert.Equal((RunStatus.Done, null), (run.Run.Status, run.Run.Detail)); // the two that it swallowed were seen to be missing and written again
        Assert.Equal(500, (await world.RowsAsync("/ppp/secret")).Count(s => s["comment"]?.Contains("line/", StringComparison.Ordinal) is true));

        await world.DesignAsync(d => (d.Radius, d.PppoeInterfaces, d.WalledGarden, d.Clock, d.LinePush) = (false, "", false, false, LinePush.None));
        Assert.Equal(RunStatus.Done, (await world.ApplyAsync()).Run.Status);
        Assert.Equal(before, await world.ExportAsync());
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_lease_carries_the_speed_and_blocks_who_may_not_use_the_network(string personality)
    {
        await using var world = await CreateAsync(personality, LinePush.Leases);
        var package = await world.Company.AddPackageAsync("Home 10", 10_000, 5_000);
        var line = await world.Company.AddSubscriptionAsync(package: package, username: "jane", staticAddress: "10.60.0.9");
        await using (var db = world.Company.Open())
        {
            (await db.Subscriptions.SingleAsync(Ct)).LockToCaller("4C:5E:0C:12:34:56");
            await db.SaveChangesAsync(Ct);
        }

        await world.ApplyAsync();
        var lease = (await world.RowsAsync("/ip/dhcp-server/lease")).Single(l => l["address"] == "10.60.0.9");
        Assert.Equal(("4C:5E:0C:12:34:56", "5M/10M", "false"), (lease["mac-address"], lease["rate-limit"], lease["block-access"]));

        await world.LineAsync(s => s.SuspendAsync(line.Id, SuspendReason.Unpaid, null, Ct));
        lease = (await world.RowsAsync("/ip/dhcp-server/lease")).Single(l => l["address"] == "10.60.0.9");
        Assert.Equal("suspended", lease["address-lists"]);
        Assert.Empty((await world.PlanAsync()).Changes);
    }

    [Fact]
    public async Task A_router_that_lies_about_a_secret_leaves_the_command_open_and_says_why()
    {
        await using var world = await CreateAsync("v7.22", LinePush.Secrets);
        var line = await world.Company.AddSubscriptionAsync(username: "jane", state: SubscriptionState.Pending);
        world.Router.Faults.On(Fault.IgnoreWrites, new FaultSetting(Path: "/ppp/secret/add"));

        await world.LineAsync(s => s.ActivateAsync(line.Id, Ct));

        await using (var db = world.Company.Open())
        {
            var command = await db.LineCommands.AsNoTracking().SingleAsync(Ct);
            Assert.Equal(LineCommandStatus.Pending, command.Status);
            Assert.Contains("shows otherwise", command.Detail, StringComparison.Ordinal);
        }

        world.Router.Faults.Clear();
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        await world.SettleAsync(line.Id);
        Assert.Contains(await world.RowsAsync("/ppp/secret"), s => s["name"] == "jane");
    }

    [Fact]
    public async Task A_secret_that_somebody_wrote_by_hand_stands_in_the_way_of_its_own_line_and_of_no_other()
    {
        await using var world = await CreateAsync("v7.22", LinePush.Secrets);
        var (jane, kamau) = (await world.Company.AddSubscriptionAsync(username: "jane", state: SubscriptionState.Pending), await world.Company.AddSubscriptionAsync(username: "kamau", state: SubscriptionState.Pending));
        await world.ByHandAsync((g, r) => g.AddAsync(r, "/ppp/secret", [("name", "kamau"), ("password", "by hand"), ("service", "pppoe")], Ct));

        await world.LineAsync(s => s.ActivateAsync(kamau.Id, Ct));
        await world.LineAsync(s => s.ActivateAsync(jane.Id, Ct));

        Assert.Equal("false", (await SecretAsync(world, "jane")).Secret["disabled"]);
        await using var db = world.Company.Open();
        var commands = await db.LineCommands.AsNoTracking().ToDictionaryAsync(c => c.SubscriptionId, Ct);
        Assert.Equal(LineCommandStatus.Done, commands[jane.Id].Status);
        Assert.NotEqual(LineCommandStatus.Done, commands[kamau.Id].Status);
        Assert.Contains("the router has one of its own", commands[kamau.Id].Detail, StringComparison.Ordinal);
        Assert.Equal("by hand", Assert.Single(await world.RowsAsync("/ppp/secret"), s => s["name"] == "kamau")["password"]);
    }

    [Fact]
    public async Task The_sweep_leaves_what_was_provisioned_and_what_is_of_another_company()
    {
        await using var world = await CreateAsync("v7.22", LinePush.Addresses);
        var line = await world.Company.AddSubscriptionAsync(username: "late", staticAddress: "10.50.9.9", state: SubscriptionState.Suspended);
        await world.ApplyAsync();
        await AddUnreadableRouterAsync(world);
        foreach (var (address, mark) in ((string, string)[])[("100.64.1.1", $"DD:{line.Id}"), ("100.64.1.2", $"DD:{Guid.CreateVersion7()}")])
        {
            await world.ByHandAsync((g, r) => g.AddAsync(r, WalledGarden.Menu, [("list", "suspended"), ("address", address), ("comment", mark)], Ct));
        }

        await world.SweepAsync();

        Assert.Equal(["10.50.9.9", "100.64.1.2"], (await world.RowsAsync(WalledGarden.Menu)).Where(r => r["list"] == "suspended").Select(r => r["address"]).Order(StringComparer.Ordinal));
        Assert.Empty((await world.PlanAsync()).Changes);
    }

    [Fact]
    public async Task A_change_that_waits_for_its_roll_out_keeps_no_line_waiting_and_one_under_way_does_not_make_it_fail()
    {
        await using var world = await CreateAsync("v7.22", LinePush.Secrets);
        var line = await world.Company.AddSubscriptionAsync(username: "jane", state: SubscriptionState.Pending);
        await world.DesignAsync(d => (d.Radius, d.PppoeInterfaces, d.WalledGarden, d.Clock, d.LinePush, d.PushUnbound) = (false, "", false, true, LinePush.Secrets, true));
        var run = await world.ApproveAsync();
        await ChangeAsync(r => r.Hold());

        await world.LineAsync(s => s.ActivateAsync(line.Id, Ct));
        Assert.Equal("false", (await SecretAsync(world, "jane")).Secret["disabled"]);

        await ChangeAsync(r => r.Release(world.Clock.GetUtcNow().UtcDateTime));
        await world.LineAsync(s => s.SuspendAsync(line.Id, SuspendReason.Unpaid, null, Ct));
        for (var attempt = 1; attempt < 9; attempt++)
        {
            await world.SettleAsync(line.Id);
        }

        var waiting = await CommandAsync();
        Assert.Equal((LineCommandStatus.Pending, 9), (waiting.Status, waiting.Attempts));
        Assert.Contains("A change of KILIMANI is under way.", waiting.Detail, StringComparison.Ordinal);

        Assert.Equal(RunStatus.Done, (await world.CarryOutAsync(run)).Run.Status);
        await world.SettleAsync(line.Id);
        Assert.Equal(LineCommandStatus.Done, (await CommandAsync()).Status);
        Assert.Equal("suspended", (await SecretAsync(world, "jane")).Profile["address-list"]);

        async Task ChangeAsync(Action<ProvisioningRun> change)
        {
            await using var db = world.Company.Open();
            change(await db.ProvisioningRuns.SingleAsync(r => r.Id == run, Ct));
            await db.SaveChangesAsync(Ct);
        }

        async Task<LineCommand> CommandAsync()
        {
            await using var db = world.Company.Open();
            return await db.LineCommands.AsNoTracking().OrderByDescending(c => c.RequestedAt).FirstAsync(Ct);
        }
    }

    private static async Task AddUnreadableRouterAsync(ProvisioningFixture world)
    {
        var router = await world.Company.AddRouterAsync("A-BROKEN");
        await world.Company.AddNasAsync(router: router);
        await using var db = world.Company.Open();
        (await db.Routers.SingleAsync(r => r.Id == router.Id, Ct)).SetPassword(await world.Company.ProtectAsync(new SecretPlace(world.Company.Id, "Router", Guid.CreateVersion7(), "PasswordCipher"), "pw"));
        await db.SaveChangesAsync(Ct);
    }

    private static async Task<ProvisioningFixture> CreateAsync(string personality, LinePush push)
    {
        var world = await ProvisioningFixture.CreateAsync(personality);
        await world.DesignAsync(d => (d.Radius, d.PppoeInterfaces, d.WalledGarden, d.Clock, d.LinePush, d.PushUnbound) = (false, "", false, false, push, true));
        if (push is not LinePush.Addresses)
        {
            await world.ApplyAsync(); // the pools
        }

        return world;
    }

    private static async Task<Dictionary<string, string>> ParentsAsync(ProvisioningFixture world) =>
        (await world.RowsAsync("/queue/simple")).Where(q => q["parent"]!.StartsWith("dd-lines-", StringComparison.Ordinal)).ToDictionary(q => q["name"]!, q => q["parent"]!);

    private static async Task<IReadOnlyList<string?>> ListedAsync(ProvisioningFixture world, string list) =>
        [.. (await world.RowsAsync("/ip/firewall/address-list")).Where(a => a["list"] == list).Select(a => a["address"]).Order(StringComparer.Ordinal)];

    private static async Task<(RouterRow Secret, RouterRow Profile)> SecretAsync(ProvisioningFixture world, string name)
    {
        var secret = (await world.RowsAsync("/ppp/secret")).Single(s => s["name"] == name);
        return (secret, (await world.RowsAsync("/ppp/profile")).Single(p => p["name"] == secret["profile"]));
    }
}
