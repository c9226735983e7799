using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Sandbox;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Network.Provisioning;

/// <summary>Plans carried out on simulated routers that behave.</summary>
public sealed class SandboxProvisioningTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v6.49")]
    [InlineData("v7.9")]
    [InlineData("v7.22")]
    public async Task A_router_becomes_as_designed_nothing_else_on_it_changes_and_a_second_plan_is_empty(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        var foreign = await world.ForeignAsync();

        var run = await world.ApplyAsync();

        Assert.Equal((RunStatus.Done, null), (run.Run.Status, run.Run.Detail));
        Assert.All(run.Steps, s => Assert.Equal(StepStatus.Done, s.Status));
        Assert.Empty((await world.PlanAsync()).Changes);
        Assert.Equal(foreign, await world.ForeignAsync());
        Assert.Equal("100.90.0.2-100.90.3.254", world.Router.Read("/ip/pool", "home", "ranges"));
        Assert.Equal("home", world.Router.Read("/ppp/profile", "datadefender", "remote-address"));
        var server = Assert.Single(await world.RowsAsync("/interface/pppoe-server/server"), s => s["interface"] == world.Access);
        Assert.Equal(("internet", "datadefender", "false"), (server["service-name"], server["default-profile"], server["disabled"]));
        var radius = Assert.Single(await world.RowsAsync("/radius"), r => r["address"] == "10.9.8.7");
        Assert.Equal((ProvisioningFixture.RadiusSecret, "3s"), (radius["secret"], radius["timeout"]));
        Assert.Equal(("true", "3799"), (await world.RowsAsync("/radius/incoming"))[0] is var incoming ? (incoming["accept"], incoming["port"]) : default);
        var clock = (await world.RowsAsync("/system/ntp/client"))[0];
        Assert.Equal(personality == "v6.49" ? "10.9.8.1 10.9.8.2" : "10.9.8.1,10.9.8.2", personality == "v6.49" ? $"{clock["primary-ntp"]} {clock["secondary-ntp"]}" : clock["servers"]);
    }

    [Fact]
    public async Task The_walled_gardens_rules_stand_in_order_above_what_would_let_a_line_past_them()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        await world.ByHandAsync((gateway, router) => gateway.AddAsync(router, "/ip/firewall/filter", [("chain", "forward"), ("action", "fasttrack-connection"), ("connection-state", "established,related"), ("comment", "ours of old")], Ct));

        await world.ApplyAsync();

        Assert.Equal(["dns-udp", "dns-tcp", "portal", "https", "rest"], await GardenAsync(world));
        var rules = (await world.RowsAsync("/ip/firewall/filter")).Select(r => r["comment"] ?? "").ToList();
        Assert.True(rules.FindLastIndex(IsOurs) < rules.IndexOf("walled garden: portal"));
        Assert.True(rules.FindLastIndex(IsOurs) < rules.IndexOf("ours of old"));
    }

    [Fact]
    public async Task What_somebody_changed_by_hand_is_planned_and_repaired_and_nothing_else()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        await world.ApplyAsync();
        await world.ByHandAsync((g, r) => g.SetAsync(r, "/ppp/profile", "datadefender", [("local-address", "10.0.0.1")], Ct));
        var rules = await world.RowsAsync("/ip/firewall/filter");
        await world.ByHandAsync((g, r) => g.CallAsync(r, "/ip/firewall/filter/move", [("numbers", rules.First(x => IsOurs(x["comment"] ?? "")).Id!)], Ct));
        var list = (await world.RowsAsync("/ip/firewall/address-list")).First(x => x["address"] == "pay.example.com");
        await world.ByHandAsync((g, r) => g.RemoveAsync(r, "/ip/firewall/address-list", [list.Id!], Ct));

        var plan = await world.PlanAsync();
        var run = await world.ApplyAsync(plan);

        var profile = Assert.Single(plan.Changes, c => c.Kind is ChangeKind.Set);
        Assert.Equal(new PlanValue("local-address", "10.0.0.1", "100.90.0.1"), Assert.Single(profile.Values));
        Assert.Equal("walled garden entry pay.example.com", Assert.Single(plan.Changes, c => c.Kind is ChangeKind.Add).What);
        Assert.Equal(5, plan.Changes.Count(c => c.Kind is ChangeKind.Move));
        Assert.Equal(RunStatus.Done, run.Run.Status);
        Assert.Equal(["dns-udp", "dns-tcp", "portal", "https", "rest"], await GardenAsync(world));
        Assert.Empty((await world.PlanAsync()).Changes);
    }

    [Fact]
    public async Task What_is_not_designed_any_more_goes_and_only_what_is_ours()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        var foreign = await world.ForeignAsync();
        await world.ApplyAsync();

        await world.DesignAsync(d => (d.Radius, d.PppoeInterfaces, d.Pools, d.WalledGarden, d.Clock) = (false, "", "", false, false));
        var run = await world.ApplyAsync();

        Assert.Equal(RunStatus.Done, run.Run.Status);
        Assert.All(run.Steps, s => Assert.Equal(ChangeKind.Remove, s.Kind));
        Assert.DoesNotContain(await world.ExportAsync(), l => l.Contains("DD:", StringComparison.Ordinal));
        Assert.Equal(foreign, await world.ForeignAsync());
    }

    [Fact]
    public async Task An_item_of_somebody_else_blocks_the_plan_until_a_person_says_to_take_it_over()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        await world.ByHandAsync((g, r) => g.AddAsync(r, "/ip/pool", [("name", "home"), ("ranges", "10.1.0.2-10.1.0.9")], Ct));

        var blocked = await world.PlanAsync();
        var refused = await Assert.ThrowsAsync<DomainException>(() => world.ApproveAsync(blocked));
        var run = await world.ApplyAsync(takeOver: true);

        Assert.Contains("ranges is 10.1.0.2-10.1.0.9", refused.Message, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Done, run.Run.Status);
        Assert.Equal("100.90.0.2-100.90.3.254", world.Router.Read("/ip/pool", "home", "ranges"));
        Assert.StartsWith("DD:", world.Router.Read("/ip/pool", "home", "comment"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_that_is_no_longer_true_is_not_carried_out()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        var before = await world.ExportAsync();
        var approved = await world.ApproveAsync();

        await world.DesignAsync(d => d.Pools = "home 100.91.0.2-100.91.3.254");
        var run = await world.CarryOutAsync(approved);

        Assert.Equal(RunStatus.Outdated, run.Run.Status);
        Assert.Contains("since the plan was shown", run.Run.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(await world.RowsAsync("/ip/pool"), p => p["name"] == "home");
        Assert.Equal(before.Where(l => !l.Contains("ntp", StringComparison.Ordinal)), (await world.ExportAsync()).Where(l => !l.Contains("ntp", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Two_changes_of_one_router_do_not_run_at_once()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        var plan = await world.PlanAsync();
        await world.ApproveAsync(plan);

        var second = await Assert.ThrowsAsync<DomainException>(() => world.ApproveAsync(plan));

        Assert.Equal("provisioning.under_way", second.Code);
    }

    [Fact]
    public async Task No_secret_is_shown_logged_or_kept_in_the_clear()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        var run = await world.ApplyAsync();
        await world.ByHandAsync(async (g, r) => await g.SetAsync(r, "/radius", (await world.RowsAsync("/radius")).First(x => x["address"] == "10.9.8.7").Id, [("secret", "somebody-else")], Ct));

        var second = await world.ApplyAsync();

        Assert.Equal(new PlanValue("secret", PlanValue.Hidden, PlanValue.Hidden, IsSecret: true), Assert.Single(Assert.Single(second.Steps).Values));
        Assert.Contains(run.Steps.SelectMany(s => s.Values), v => v is { IsSecret: true, After: PlanValue.Hidden });
        await using var db = world.Company.Open();
        var kept = await db.ProvisioningSteps.AsNoTracking().ToListAsync(Ct);
        Assert.All(kept, s => Assert.DoesNotContain("somebody-else", $"{s.UndoCipher} {string.Join(' ', s.Values.All)}", StringComparison.Ordinal));
        Assert.All(kept, s => Assert.DoesNotContain(ProvisioningFixture.RadiusSecret, $"{s.UndoCipher} {string.Join(' ', s.Values.All)}", StringComparison.Ordinal));
        Assert.DoesNotContain(world.Log.Lines, l => l.Contains(ProvisioningFixture.RadiusSecret, StringComparison.Ordinal) || l.Contains("somebody-else", StringComparison.Ordinal));
    }

    private static bool IsOurs(string comment) => comment.StartsWith("DD:", StringComparison.Ordinal);

    private static async Task<IEnumerable<string>> GardenAsync(ProvisioningFixture world) =>
        [.. (await world.RowsAsync("/ip/firewall/filter")).Select(r => r["comment"] ?? "").Where(IsOurs).Select(c => c.Split('/')[^1])];
}
