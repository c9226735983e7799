using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Subscriptions;
using DataDefender.Testing;

namespace DataDefender.Infrastructure.Tests.Network.Provisioning;

/// <summary>IPv6 pools and what profiles give out of them, by plan and apply, on all three versions.</summary>
public sealed class Ipv6PoolsTests
{
    private const string Pools = "link 2001:db8:10::/48 64\npd 2001:db8:1000::/36 56";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Versions => ["v6.49", "v7.9", "v7.22"];

    [Theory, MemberData(nameof(Versions))]
    public async Task Pools_and_the_profile_become_as_designed_are_read_back_and_go_again_without_a_trace(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        await world.ApplyAsync();
        var before = await world.ExportAsync();
        await world.DesignAsync(d => (d.Ipv6Pools, d.Ipv6LinkPool, d.Ipv6DelegationPool) = (Pools, "link", "pd"));

        var run = await world.ApplyAsync();

        Assert.Equal((RunStatus.Done, null), (run.Run.Status, run.Run.Detail));
        Assert.Equal([("2001:db8:10::/48", "64"), ("2001:db8:1000::/36", "56")], (await world.RowsAsync("/ipv6/pool")).Select(p => (p["prefix"], p["prefix-length"])));
        Assert.Equal((Name(world, "link"), Name(world, "pd")), (world.Router.Read("/ppp/profile", "datadefender", "remote-ipv6-prefix-pool"), world.Router.Read("/ppp/profile", "datadefender", "dhcpv6-pd-pool")));
        Assert.Empty((await world.PlanAsync()).Changes);

        await world.DesignAsync(_ => { });
        Assert.Equal(RunStatus.Done, (await world.ApplyAsync()).Run.Status);
        Assert.Equal(before, await world.ExportAsync());
    }

    [Fact]
    public async Task Version_6_without_its_package_refuses_the_whole_plan_and_nothing_is_written()
    {
        await using var world = await ProvisioningFixture.CreateAsync("v6.49", o => o.Ipv6Package = false);
        await world.DesignAsync(d => (d.Ipv6Pools, d.Ipv6DelegationPool) = (Pools, "pd"));
        var before = await world.ExportAsync();

        var plan = await world.PlanAsync();

        Assert.True(plan.IsBlocked);
        Assert.Contains(plan.Findings, f => f is { Kind: FindingKind.Blocks, Menu: "/ipv6/pool" } && f.Text.Contains("a package is missing", StringComparison.Ordinal));
        await Assert.ThrowsAnyAsync<Domain.Common.DomainException>(() => world.ApproveAsync(plan));
        Assert.Equal(before, await world.ExportAsync());
    }

    [Fact]
    public async Task A_design_without_IPv6_says_nothing_of_it_to_a_router_that_has_none()
    {
        await using var world = await ProvisioningFixture.CreateAsync("v6.49", o => o.Ipv6Package = false);

        Assert.Equal(RunStatus.Done, (await world.ApplyAsync()).Run.Status);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_pushed_line_gets_the_pools_of_its_package_and_none_in_the_walled_garden(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        await world.DesignAsync(d => (d.Radius, d.LinePush, d.PushUnbound, d.Ipv6Pools, d.Ipv6LinkPool) = (false, LinePush.Secrets, true, Pools, "link"));
        await world.ApplyAsync();
        var package = await world.Company.AddPackageAsync("Home 10", 10_000, 5_000, configure: p => p.DelegatedIpv6Pool = "pd");
        var line = await world.Company.AddSubscriptionAsync(package: package, username: "jane", state: SubscriptionState.Pending);

        await world.LineAsync(s => s.ActivateAsync(line.Id, Ct));
        Assert.Equal((Name(world, "link"), Name(world, "pd")), await PoolsAsync(world));

        await world.LineAsync(s => s.SuspendAsync(line.Id, SuspendReason.Unpaid, null, Ct));
        Assert.Equal((null, null), await PoolsAsync(world));
    }

    [Fact]
    public async Task A_line_whose_package_sells_IPv6_still_reaches_a_router_that_has_none()
    {
        await using var world = await ProvisioningFixture.CreateAsync("v6.49", o => o.Ipv6Package = false);
        await world.DesignAsync(d => (d.Radius, d.LinePush, d.PushUnbound) = (false, LinePush.Secrets, true));
        await world.ApplyAsync();
        var package = await world.Company.AddPackageAsync("Home 10", 10_000, 5_000, configure: p => (p.Ipv6Pool, p.DelegatedIpv6Pool) = ("link", "pd"));
        var line = await world.Company.AddSubscriptionAsync(package: package, username: "jane", state: SubscriptionState.Pending);

        await world.LineAsync(s => s.ActivateAsync(line.Id, Ct));

        Assert.Contains(await world.RowsAsync("/ppp/secret"), s => s["name"] == "jane");
        Assert.Contains((await world.PlanAsync()).Findings, f => f is { Kind: FindingKind.Note, Menu: "/ipv6/pool" } && f.Text.Contains("Home 10", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_profile_that_was_given_another_pool_by_hand_has_drifted()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        await world.DesignAsync(d => (d.Ipv6Pools, d.Ipv6DelegationPool) = (Pools, "pd"));
        await world.ApplyAsync();
        await world.ByHandAsync((g, r) => g.SetAsync(r, "/ppp/profile", "datadefender", [("dhcpv6-pd-pool", Name(world, "link"))], Ct));

        var drift = Assert.Single(DriftFinder.OfDesign(await world.PlanAsync()));

        Assert.Equal((DriftKind.Differs, "/ppp/profile"), (drift.Kind, drift.Menu));
        Assert.Equal(new PlanValue("dhcpv6-pd-pool", Name(world, "link"), Name(world, "pd")), Assert.Single(drift.Values));
    }

    private static string Name(ProvisioningFixture world, string pool) => DesiredStates.Ipv6PoolName(world.Company.Id, pool);

    private static async Task<(string?, string?)> PoolsAsync(ProvisioningFixture world)
    {
        var secret = (await world.RowsAsync("/ppp/secret")).Single(s => s["name"] == "jane");
        var profile = (await world.RowsAsync("/ppp/profile")).Single(p => p["name"] == secret["profile"]);
        return (profile["remote-ipv6-prefix-pool"], profile["dhcpv6-pd-pool"]);
    }
}
