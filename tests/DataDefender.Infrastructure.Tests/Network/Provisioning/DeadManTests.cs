using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Infrastructure.Network.Provisioning;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;

namespace DataDefender.Infrastructure.Tests.Network.Provisioning;

/// <summary>A change that cuts the router off is taken back by the router itself, on all three versions.</summary>
public sealed class DeadManTests
{
    private const int OwnSchedulers = 1;

    private static readonly TimeSpan ThreeMinutes = TimeSpan.FromMinutes(3);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v6.49")]
    [InlineData("v7.9")]
    [InlineData("v7.22")]
    public async Task A_router_that_is_cut_off_half_way_goes_back_by_itself_within_three_minutes(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        var before = await world.ExportAsync();
        using var lost = world.AfterSteps(9, () => world.Router.Faults.On(Fault.Dark));

        var run = await world.ApplyAsync();
        Assert.Equal(RunStatus.Interrupted, run.Run.Status);
        Assert.Contains(run.Steps, s => s.Status is StepStatus.Done);
        await world.PassAsync(ThreeMinutes, Fired);
        world.Router.Faults.Clear();
        Assert.Equal(before, (await world.ExportAsync()).Where(l => !l.StartsWith("/system script: add name=dd-", StringComparison.Ordinal))); // before we came back
        world.Clock.Advance(TimeSpan.FromMinutes(5));
        run = await world.CarryOutAsync(run.Run.Id);

        Assert.Equal(RunStatus.TakenBack, run.Run.Status);
        Assert.Contains("took it back by itself", run.Run.Detail, StringComparison.Ordinal);
        Assert.Equal(before, await world.ExportAsync());
    }

    [Theory]
    [InlineData("v6.49")]
    [InlineData("v7.22")]
    public async Task It_puts_back_our_own_user_and_its_group(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        await UsersAsync(world, "127.0.0.0/8");
        var before = await world.ExportAsync();
        using var lost = world.AfterSteps(2, () => world.Router.Faults.On(Fault.Dark));

        var run = await world.ApplyAsync();
        Assert.Equal((RunStatus.Interrupted, 2), (run.Run.Status, run.Steps.Count(s => s.Status is StepStatus.Done)));
        Assert.StartsWith("dd-", world.Router.Read("/user", "provision", "group"), StringComparison.Ordinal);
        await world.PassAsync(ThreeMinutes, Fired);
        world.Router.Faults.Clear();

        Assert.Equal(before, (await world.ExportAsync()).Where(l => !l.StartsWith("/system script: add name=dd-", StringComparison.Ordinal))); // the router alone
        Assert.Equal("full", world.Router.Read("/user", "provision", "group"));
        Assert.DoesNotContain(await world.RowsAsync("/user/group"), g => g["name"]!.StartsWith("dd-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_after_which_we_are_not_let_in_anew_is_taken_back_over_the_open_connection()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        await UsersAsync(world, "127.0.0.0/8");
        var before = await world.ExportAsync();
        using var refused = world.AfterSteps(2, () => world.Router.Faults.On(Fault.RefuseLogin));

        var run = await world.ApplyAsync();

        Assert.Equal(RunStatus.TakenBack, run.Run.Status);
        Assert.Contains("does not let us in anew", run.Run.Detail, StringComparison.Ordinal);
        world.Router.Faults.Clear();
        Assert.Equal(before, await world.ExportAsync());
    }

    [Fact]
    public async Task Management_networks_without_ourselves_are_refused_before_anything_is_written()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        await UsersAsync(world, "10.77.0.0/16");

        var finding = (await world.PlanAsync()).Findings.Single(f => f.Kind is FindingKind.Blocks);
        Assert.Contains("the router sees us at 127.0.0.1, which is in none of the management networks (10.77.0.0/16)", finding.Text, StringComparison.Ordinal);

        await UsersAsync(world, "10.77.0.0/16, 127.0.0.1");
        Assert.Equal(RunStatus.Done, (await world.ApplyAsync()).Run.Status);
        Assert.IsType<RouterTest.Passed>(await world.Gateway.TestAsync(await world.EndpointAsync(), Ct));
    }

    [Fact]
    public async Task One_that_goes_off_while_we_are_at_work_is_noticed()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        var before = await world.ExportAsync();
        var passing = Task.CompletedTask;
        using var slow = world.AfterSteps(2, () => passing = world.PassAsync(ThreeMinutes + ThreeMinutes, Fired));

        var run = await world.ApplyAsync();
        await passing;

        Assert.Equal(RunStatus.TakenBack, run.Run.Status);
        Assert.Contains("took it back by itself", run.Run.Detail, StringComparison.Ordinal);
        Assert.Equal(before, await world.ExportAsync());
    }

    [Fact]
    public async Task What_an_earlier_attempt_wrote_is_taken_back_when_the_design_is_another_one_by_then()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        var before = await world.ExportAsync();
        using var lost = world.AfterSteps(9, () => world.Router.Faults.On(Fault.Dark));
        var run = await world.ApplyAsync();
        Assert.Equal(RunStatus.Interrupted, run.Run.Status);

        world.Router.Faults.Clear();
        await world.NetworkAsync(n => n.RadiusServer = "10.9.8.9"); // of a step that has not been written yet
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        run = await world.CarryOutAsync(run.Run.Id);

        Assert.Equal(RunStatus.TakenBack, run.Run.Status);
        Assert.Contains("has changed since the plan was shown", run.Run.Detail, StringComparison.Ordinal);
        Assert.Equal(before, await world.ExportAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_also_puts_back_what_was_changed_removed_and_moved(bool keepsGarden)
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        await world.ApplyAsync();
        var rules = await world.RowsAsync("/ip/firewall/filter");
        await world.ByHandAsync((g, r) => g.CallAsync(r, "/ip/firewall/filter/move", [("numbers", rules[0].Id!), ("destination", rules[3].Id!)], Ct));
        var before = await world.ExportAsync();
        await world.DesignAsync(d => (d.LocalAddress, d.Pools, d.WalledGarden) = ("100.90.0.9", "home 100.90.0.2-100.90.7.254", keepsGarden));
        var plan = await world.PlanAsync();
        Assert.Contains(plan.Changes, c => c.Kind == (keepsGarden ? ChangeKind.Move : ChangeKind.Remove) && c.Menu == RouterMenu.Filter);
        using var lost = world.AfterSteps(plan.Changes.Length - 1, () => world.Router.Faults.On(Fault.Dark));

        var run = await world.ApplyAsync(plan);
        Assert.Equal(RunStatus.Interrupted, run.Run.Status);
        Assert.Equal("100.90.0.9", world.Router.Read("/ppp/profile", "datadefender", "local-address"));
        await world.PassAsync(ThreeMinutes, Fired);
        Assert.Equal("100.90.0.1", world.Router.Read("/ppp/profile", "datadefender", "local-address")); // the router alone
        world.Router.Faults.Clear();
        world.Clock.Advance(TimeSpan.FromMinutes(5));
        run = await world.CarryOutAsync(run.Run.Id);

        Assert.Equal(RunStatus.TakenBack, run.Run.Status);
        var after = await world.ExportAsync();
        Assert.Equal(Rules(before), Rules(after));
        Assert.Equal(before.Order(StringComparer.Ordinal), after.Order(StringComparer.Ordinal)); // elsewhere the order says nothing
    }

    [Fact]
    public async Task Nothing_of_it_is_left_once_a_change_is_through()
    {
        await using var world = await ProvisioningFixture.CreateAsync();

        await world.ApplyAsync();
        await world.PassAsync(ThreeMinutes);
        await world.PassAsync(ThreeMinutes);

        Assert.DoesNotContain(await world.RowsAsync("/system/scheduler"), s => s["name"]!.StartsWith("dd-", StringComparison.Ordinal));
        Assert.DoesNotContain(await world.RowsAsync("/system/script"), s => s["name"]!.StartsWith("dd-", StringComparison.Ordinal));
        Assert.Empty((await world.PlanAsync()).Changes);
    }

    [Fact]
    public async Task Whoever_is_still_at_work_puts_it_off()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        var deadMan = await world.DeadManAsync();
        await world.ByHandAsync((g, r) => g.AddAsync(r, "/ip/pool", [("name", "tried"), ("ranges", "10.1.0.2"), ("comment", "DD:tried")], Ct));
        Assert.Null(await deadMan.ArmAsync([new StepUndo(UndoKind.Remove, "/ip/pool", "DD:tried", null, new Dictionary<string, string?>(), null)], Ct));

        await world.PassAsync(TimeSpan.FromMinutes(2), r => Ticked(r, 3));
        await deadMan.PutOffAsync(Ct);
        await world.PassAsync(TimeSpan.FromMinutes(2), r => Ticked(r, 7));
        Assert.Equal(DeadManState.Armed, await deadMan.LookAsync(Ct));
        await world.PassAsync(ThreeMinutes, Fired);

        Assert.Equal(DeadManState.Fired, await deadMan.LookAsync(Ct));
        Assert.DoesNotContain(await world.RowsAsync("/ip/pool"), p => p["name"] == "tried");
        Assert.Contains(await world.RowsAsync("/log"), l => l["message"]!.Contains("not heard of", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_can_cut_a_router_off_is_not_changed_on_one_that_takes_no_dead_mans_switch()
    {
        await using var world = await ProvisioningFixture.CreateAsync("v7.22", "scheduler");
        var before = await world.ExportAsync();

        var refused = await world.ApplyAsync();
        var after = await world.ExportAsync();
        await UsersAsync(world, "127.0.0.0/8");
        var users = await world.ApplyAsync();
        await world.DesignAsync(d => d.WalledGarden = false);
        var allowed = await world.ApplyAsync();

        Assert.Equal(RunStatus.Failed, users.Run.Status);
        Assert.StartsWith("A user group is not changed without a dead-man's switch", users.Run.Detail, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Failed, refused.Run.Status);
        Assert.Contains("not allowed by device-mode", refused.Run.Detail, StringComparison.Ordinal);
        Assert.Equal(before, after);
        Assert.Equal(RunStatus.Done, allowed.Run.Status);
    }

    private static async Task UsersAsync(ProvisioningFixture world, string managers)
    {
        await world.NetworkAsync(n => n.ManagementNetworks = managers);
        await world.DesignAsync(d => (d.Radius, d.PppoeInterfaces, d.Pools, d.WalledGarden, d.Clock, d.Users) = (false, "", "", false, false, true));
    }

    private static IEnumerable<string> Rules(IEnumerable<string> export) => export.Where(l => l.StartsWith("/ip firewall filter", StringComparison.Ordinal));

    private static bool Fired(SimulatedRouter router) => router.Count("/system/scheduler") == OwnSchedulers;

    private static bool Ticked(SimulatedRouter router, int times) =>
        router.Find("/system/scheduler", "comment", c => c?.EndsWith("way-back", StringComparison.Ordinal) is true, "run-count") is { } count && int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) >= times;
}
