using DataDefender.Domain.Provisioning;
using DataDefender.Sandbox;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Network.Provisioning;

/// <summary>Plans carried out on routers that lie, are cut off, die and come back. Each ends as designed or as it was, and nothing else changes.</summary>
public sealed class SandboxProvisioningFaultTests
{
    private static bool IsRule(string line) => line.StartsWith("/ip firewall filter", StringComparison.Ordinal) || line.StartsWith("/ip firewall nat", StringComparison.Ordinal);

    public static TheoryData<string> Versions => ["v6.49", "v7.9", "v7.22"];

    [Theory, MemberData(nameof(Versions))]
    public async Task A_write_that_is_confirmed_and_not_done_is_noticed_and_everything_taken_back(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        var before = await world.ExportAsync();
        world.Router.Faults.On(Fault.IgnoreWrites, new FaultSetting(Path: "/interface/pppoe-server/server/add"));

        var run = await world.ApplyAsync();

        Assert.Equal(RunStatus.TakenBack, run.Run.Status);
        Assert.Contains("said that it is done, and shows otherwise", run.Run.Detail, StringComparison.Ordinal);
        Assert.Equal(before, await world.ExportAsync());
    }

    [Theory]
    [InlineData(Fault.IgnoreWrites, "/ip/pool/add")]
    [InlineData(Fault.IgnoreWrites, "/radius/incoming/set")]
    [InlineData(Fault.CutAfterWrite, "/ip/firewall/filter/add")]
    [InlineData(Fault.CutAfterWrite, "/ppp/aaa/set")]
    [InlineData(Fault.CutBeforeWrite, "/ip/firewall/filter/add")]
    [InlineData(Fault.CutBeforeWrite, "/radius/add")]
    [InlineData(Fault.ResetMidReply, "/ip/firewall/address-list/print")]
    [InlineData(Fault.ResetMidReply, "/ppp/profile/add")]
    public async Task A_fault_that_passes_leaves_the_router_as_designed_with_nothing_twice(Fault fault, string path)
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        var foreign = await world.ForeignAsync();
        var approved = await world.ApproveAsync();
        world.Router.Faults.On(fault, new FaultSetting(Times: 1, Path: path));

        var run = await world.CarryOutAsync(approved);

        Assert.Equal((RunStatus.Done, null), (run.Run.Status, run.Run.Detail));
        Assert.Empty((await world.PlanAsync()).Changes);
        Assert.Empty(world.Router.Faults.Active); // it struck
        Assert.Equal(foreign, await world.ForeignAsync());
        var marks = (await world.ExportAsync()).Where(l => l.Contains("DD:", StringComparison.Ordinal)).ToList();
        Assert.Equal(marks.Distinct(), marks);
    }

    [Fact]
    public async Task While_a_slow_router_is_read_the_run_is_heard_of_and_no_other_process_takes_it()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        var approved = await world.ApproveAsync();
        world.Router.Faults.On(Fault.Slow, new FaultSetting(TimeSpan.FromMilliseconds(250)));
        var work = Task.Run(() => world.CarryOutAsync(approved));
        while ((await RunAsync()).Status is not RunStatus.Running)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        world.Clock.Advance(TimeSpan.FromMinutes(2));
        var since = world.Clock.GetUtcNow().UtcDateTime;
        while ((await RunAsync()).HeardAt < since)
        {
            Assert.All((await world.ShowAsync(approved)).Steps, s => Assert.Equal(StepStatus.Waiting, s.Status));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        world.Router.Faults.Clear();
        Assert.Equal(RunStatus.Done, (await work).Run.Status);

        async Task<ProvisioningRun> RunAsync()
        {
            await using var db = world.Company.Open();
            return await db.ProvisioningRuns.AsNoTracking().SingleAsync(r => r.Id == approved);
        }
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_router_that_dies_half_way_is_brought_to_its_design_when_it_is_back(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        var foreign = await world.ForeignAsync();
        var reboot = Task.CompletedTask;
        using var dies = world.AfterSteps(6, () =>
        {
            world.Router.Faults.On(Fault.Refused);
            reboot = world.Router.RebootAsync(clean: false);
        });

        var run = await world.ApplyAsync();
        Assert.Equal(RunStatus.Interrupted, run.Run.Status);
        Assert.Contains(run.Steps, s => s.Status is StepStatus.Done);
        Assert.Contains(run.Steps, s => s.Status is StepStatus.Waiting);
        await reboot;
        world.Router.Faults.Clear();
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        run = await world.CarryOutAsync(run.Run.Id);

        Assert.Equal(RunStatus.Done, run.Run.Status);
        Assert.Empty((await world.PlanAsync()).Changes);
        Assert.Equal(foreign, await world.ForeignAsync());
    }

    [Fact]
    public async Task A_router_whose_uplink_is_lost_half_way_can_be_taken_back_to_what_it_was()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        var before = await world.ExportAsync();
        using var lost = world.AfterSteps(9, () => world.Router.Faults.On(Fault.Dark));

        var run = await world.ApplyAsync();
        Assert.Equal(RunStatus.Interrupted, run.Run.Status);
        await world.TakeBackAsync(run.Run.Id);
        Assert.Equal(RunStatus.Interrupted, (await world.CarryOutAsync(run.Run.Id)).Run.Status); // still dark
        world.Router.Faults.Clear();
        world.Clock.Advance(TimeSpan.FromMinutes(5));
        run = await world.CarryOutAsync(run.Run.Id);

        Assert.Equal(RunStatus.TakenBack, run.Run.Status);
        Assert.Equal(before, await world.ExportAsync());
    }

    [Fact]
    public async Task A_refusal_takes_back_what_was_written_and_says_what_the_router_said()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        var before = await world.ExportAsync();
        await world.DesignAsync(d => d.PppoeInterfaces = "ether99");

        var run = await world.ApplyAsync();

        Assert.Equal(RunStatus.TakenBack, run.Run.Status);
        Assert.Equal("PPPoE on ether99: input does not match any value of interface", run.Run.Detail);
        Assert.Equal(StepStatus.Refused, run.Steps[^1].Status);
        Assert.Equal(before, await world.ExportAsync());
        await using var db = world.Company.Open();
        var said = await db.NetworkEvents.SingleAsync(e => e.Kind == "router.not_configured", TestContext.Current.CancellationToken);
        Assert.Contains("ether99", said.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Taking_back_restores_what_was_changed_and_removed_too()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        await world.ApplyAsync();
        var before = await world.ExportAsync();
        await world.DesignAsync(d => (d.LocalAddress, d.Pools, d.WalledGarden, d.PppoeInterfaces) = ("100.90.0.9", "home 100.90.0.2-100.90.7.254", false, "ether99"));

        var run = await world.ApplyAsync();

        Assert.Equal(RunStatus.TakenBack, run.Run.Status);
        var after = await world.ExportAsync();
        Assert.Equal(before.Where(IsRule), after.Where(IsRule));
        Assert.Equal(before.Order(StringComparer.Ordinal), after.Order(StringComparer.Ordinal)); // elsewhere the order says nothing

    }

    [Fact]
    public async Task A_worker_that_dies_half_way_is_followed_by_another_one_after_its_lease()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        using var death = new CancellationTokenSource();
        using var dies = world.AfterSteps(5, death.Cancel);
        var run = await world.ApproveAsync();
        await world.BreakOffAsync(run, death.Token);

        Assert.Equal(RunStatus.Running, (await world.CarryOutAsync(run)).Run.Status); // nobody else takes it yet
        world.Clock.Advance(ProvisioningRun.Lease + TimeSpan.FromSeconds(1));
        var followed = await world.CarryOutAsync(run);

        Assert.Equal(RunStatus.Done, followed.Run.Status);
        Assert.Empty((await world.PlanAsync()).Changes);
    }
}
