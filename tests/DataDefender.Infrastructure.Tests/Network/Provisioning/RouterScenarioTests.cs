using System.Globalization;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Sandbox;

namespace DataDefender.Infrastructure.Tests.Network.Provisioning;

/// <summary>What real routers do while they are changed, on all three versions. Each ends in the right state, and nothing else on the router has changed.</summary>
public sealed class RouterScenarioTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Versions => ["v6.49", "v7.9", "v7.22"];

    [Theory, MemberData(nameof(Versions))]
    public async Task It_lies_once_about_every_kind_of_write_and_is_as_designed_all_the_same(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        await world.DesignAsync(Whole(world));
        var foreign = await world.ForeignAsync();
        foreach (var menu in (string[])["/interface/vlan", "/ip/hotspot", "/ip/firewall/filter", "/radius", "/interface/pppoe-server/server"])
        {
            world.Router.Faults.On(Fault.IgnoreWrites, new FaultSetting(Times: 1, Path: $"{menu}/"));
            var run = await world.ApplyAsync();
            Assert.Equal((menu, RunStatus.Done, null), (menu, run.Run.Status, run.Run.Detail));
            Assert.Empty((await world.PlanAsync()).Changes);
            Assert.Equal(foreign, await world.ForeignAsync());
            world.Router.Faults.Clear();
            await world.DesignAsync(Nothing);
            await world.ApplyAsync();
            await world.DesignAsync(Whole(world));
        }
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task It_dies_in_the_middle_and_comes_back_without_what_was_only_in_memory(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        await world.DesignAsync(Whole(world));
        var foreign = await world.ForeignAsync();
        var reboot = Task.CompletedTask;
        using var dies = world.AfterSteps(8, () =>
        {
            world.Router.Faults.On(Fault.Refused);
            reboot = world.Router.RebootAsync(clean: false);
        });

        var run = await world.ApplyAsync();
        Assert.Equal(RunStatus.Interrupted, run.Run.Status);
        await reboot;
        world.Router.Faults.Clear();
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        run = await world.CarryOutAsync(run.Run.Id);

        Assert.Equal((RunStatus.Done, null), (run.Run.Status, run.Run.Detail));
        Assert.Empty((await world.PlanAsync()).Changes);
        Assert.Equal(foreign, await world.ForeignAsync());
        await world.Router.RebootAsync();
        Assert.Empty((await world.PlanAsync()).Changes);
        Assert.Equal(foreign, await world.ForeignAsync());
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Its_uplink_is_lost_by_the_change_and_it_takes_it_back_alone(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        await world.DesignAsync(Whole(world));
        var before = await world.ExportAsync();
        using var lost = world.AfterSteps(12, () => world.Router.Faults.On(Fault.Dark));

        var run = await world.ApplyAsync();
        Assert.Equal(RunStatus.Interrupted, run.Run.Status);
        await world.PassAsync(TimeSpan.FromMinutes(3), r => r.Count("/system/scheduler") == 1);
        world.Router.Faults.Clear();
        world.Clock.Advance(TimeSpan.FromMinutes(5));
        run = await world.CarryOutAsync(run.Run.Id);

        Assert.Equal(RunStatus.TakenBack, run.Run.Status);
        Assert.Equal(before, await world.ExportAsync());
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task It_is_flooded_slow_and_full_of_somebody_elses_items_and_only_ours_move(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        await Parallel.ForEachAsync(Enumerable.Range(0, 600), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (i, _) =>
            await world.ByHandAsync((g, r) => g.AddAsync(r, "/ip/firewall/address-list", [("list", "blocked"), ("address", string.Create(CultureInfo.InvariantCulture, $"198.18.{i / 250}.{1 + (i % 250)}"))], Ct)));
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (i, _) =>
            await world.ByHandAsync((g, r) => g.AddAsync(r, "/queue/simple", [("name", $"own{i}"), ("target", $"198.19.0.{1 + i}/32"), ("max-limit", "1M/1M")], Ct)));
        var foreign = await world.ForeignAsync();
        world.Router.Faults.On(Fault.Slow, new FaultSetting(TimeSpan.FromMilliseconds(25)));
        using var flood = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var others = Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!flood.IsCancellationRequested)
            {
                await world.RowsAsync("/ip/firewall/address-list");
            }
        }).ToList();

        await world.DesignAsync(Whole(world));
        var run = await world.ApplyAsync();
        await flood.CancelAsync();
        await Task.WhenAll(others);
        world.Router.Faults.Clear();

        Assert.Equal((RunStatus.Done, null), (run.Run.Status, run.Run.Detail));
        Assert.Empty((await world.PlanAsync()).Changes);
        Assert.Equal(foreign, await world.ForeignAsync());
    }

    private static Action<RouterDesignInput> Whole(ProvisioningFixture world) => d =>
        (d.Vlans, d.HotspotPool, d.HotspotAddress) = ($"vlan100 100 {world.Router.Personality.EthernetPorts[1]} pppoe\nvlan200 200 {world.Router.Personality.EthernetPorts[2]} hotspot", "business", "10.77.0.1");

    private static void Nothing(RouterDesignInput d) =>
        (d.Radius, d.PppoeInterfaces, d.Pools, d.WalledGarden, d.Clock) = (false, "", "", false, true);
}
