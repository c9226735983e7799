using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Sandbox;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Network.Provisioning;

/// <summary>One change over a fleet of all three versions: canary, look, spread; and what stops it.</summary>
public sealed class RolloutTests
{
    private static readonly string[] Fleet = ["v7.22", "v6.49", "v7.9", "v7.22", "v6.49"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_canary_goes_first_and_the_rest_only_when_it_has_held_a_few_at_a_time()
    {
        await using var fleet = await FleetFixture.CreateAsync(Fleet);
        var rollout = await fleet.ApproveAsync();

        await fleet.StepAsync(rollout);
        await fleet.StepAsync(rollout);
        Assert.Equal(RolloutStatus.Canary, (await fleet.RowAsync(rollout)).Status);
        Assert.True(fleet.IsAsDesigned(0));
        Assert.All([1, 2, 3, 4], r => Assert.True(fleet.IsUntouched(r)));
        await fleet.StepAsync(rollout); // it has not settled yet
        Assert.All([1, 2, 3, 4], r => Assert.True(fleet.IsUntouched(r)));

        fleet.Clock.Advance(TimeSpan.FromSeconds(31));
        await fleet.StepAsync(rollout); // the canary held
        await fleet.StepAsync(rollout);
        Assert.Equal(2, new[] { 1, 2, 3, 4 }.Count(fleet.IsAsDesigned)); // two at once
        var done = await fleet.GoAsync(rollout);

        Assert.Equal((RolloutStatus.Done, 5, 0), (done.Status, done.Done, done.Failed));
        Assert.All([0, 1, 2, 3, 4], r => Assert.True(fleet.IsAsDesigned(r)));
        Assert.Equal(5, (await fleet.ProposeAsync()).AsDesigned);
    }

    [Fact]
    public async Task Without_a_choice_one_router_of_each_major_version_goes_first()
    {
        await using var fleet = await FleetFixture.CreateAsync(Fleet);

        var proposal = await fleet.ProposeAsync();

        Assert.Equal([fleet.Ids[0], fleet.Ids[1]], proposal.Canaries.Order());
        var pool = Assert.Single(proposal.Summary(), c => c.What == "pool home");
        Assert.Equal(5, pool.Routers.Length);
        Assert.Equal("100.90.0.2-100.90.3.254", pool.Values.Single(v => v.Name == "ranges").After);
    }

    [Fact]
    public async Task A_canary_that_lies_stops_it_and_no_other_router_is_touched()
    {
        await using var fleet = await FleetFixture.CreateAsync(Fleet);
        fleet.Routers[0].Faults.On(Fault.IgnoreWrites, new FaultSetting(Path: "/ip/firewall/filter/add"));
        var rollout = await fleet.ApproveAsync();

        var stopped = await fleet.GoAsync(rollout);

        Assert.Equal((RolloutStatus.Stopped, 1), (stopped.Status, stopped.Failed));
        Assert.Contains("R01: ", stopped.Detail, StringComparison.Ordinal);
        Assert.All([0, 1, 2, 3, 4], r => Assert.True(fleet.IsUntouched(r)));
        await using var db = fleet.Company.Open();
        Assert.Contains(await db.NetworkEvents.ToListAsync(Ct), e => e.Kind == "rollout.stopped");
    }

    [Fact]
    public async Task A_canary_that_loses_its_sessions_stops_it()
    {
        await using var fleet = await FleetFixture.CreateAsync("v7.22", "v7.9");
        var rollout = await fleet.ApproveAsync();
        await fleet.StepAsync(rollout);
        await SetSessionsBeforeAsync(fleet, rollout, 20); // it had twenty; the Sandbox router has none left
        fleet.Clock.Advance(TimeSpan.FromMinutes(1));
        await fleet.StepAsync(rollout);
        fleet.Clock.Advance(TimeSpan.FromMinutes(1));
        await fleet.StepAsync(rollout);
        Assert.Contains("0 of the 20 sessions", (await fleet.RoutersAsync(rollout))[0].Detail, StringComparison.Ordinal); // not right yet: it is looked at again
        fleet.Clock.Advance(TimeSpan.FromMinutes(4));
        var stopped = await fleet.GoAsync(rollout);

        Assert.Equal(RolloutStatus.Stopped, stopped.Status);
        Assert.True(fleet.IsUntouched(1));
    }

    [Fact]
    public async Task A_restart_in_the_middle_goes_on_where_it_was()
    {
        await using var fleet = await FleetFixture.CreateAsync(Fleet);
        var rollout = await fleet.ApproveAsync();
        await fleet.StepAsync(rollout);
        await fleet.StepAsync(rollout);

        await fleet.RestartAsync();
        var done = await fleet.GoAsync(rollout);

        Assert.Equal((RolloutStatus.Done, 5), (done.Status, done.Done));
        Assert.All([0, 1, 2, 3, 4], r => Assert.True(fleet.IsAsDesigned(r)));
    }

    [Fact]
    public async Task After_a_stop_it_goes_on_without_the_failed_router_or_tries_it_again()
    {
        await using var fleet = await FleetFixture.CreateAsync(Fleet);
        fleet.Routers[2].Faults.On(Fault.IgnoreWrites, new FaultSetting(Path: "/ip/pool/add"));
        var rollout = await fleet.ApproveAsync();
        var stopped = await fleet.GoAsync(rollout);
        Assert.Equal(RolloutStatus.Stopped, stopped.Status);
        Assert.Contains("R03: ", stopped.Detail, StringComparison.Ordinal);
        Assert.True(fleet.IsUntouched(4));

        fleet.Routers[2].Faults.Clear();
        await fleet.AsAsync<RolloutService>(r => r.GoOnAsync(rollout, tryFailedAgain: true, Ct));
        var done = await fleet.GoAsync(rollout);

        Assert.Equal((RolloutStatus.Done, 5), (done.Status, done.Done));
        Assert.All([0, 1, 2, 3, 4], r => Assert.True(fleet.IsAsDesigned(r)));
    }

    [Fact]
    public async Task A_router_that_stays_dark_counts_as_failed_and_its_own_change_goes_on_when_it_is_back()
    {
        await using var fleet = await FleetFixture.CreateAsync("v7.22", "v6.49", "v7.9");
        var rollout = await fleet.ApproveAsync();
        fleet.Routers[1].Faults.On(Fault.Dark);
        for (var i = 0; i < 6; i++)
        {
            await fleet.StepAsync(rollout);
            fleet.Clock.Advance(TimeSpan.FromSeconds(61));
        }

        var stopped = await fleet.GoAsync(rollout);
        Assert.Equal(RolloutStatus.Stopped, stopped.Status);
        Assert.Contains("has not answered", stopped.Detail, StringComparison.Ordinal);
        await fleet.AsAsync<RolloutService>(r => r.GoOnAsync(rollout, tryFailedAgain: false, Ct));
        var done = await fleet.GoAsync(rollout);
        fleet.Routers[1].Faults.Clear();
        fleet.Clock.Advance(TimeSpan.FromMinutes(20));
        await fleet.CarryOutAsync();

        Assert.Equal((RolloutStatus.Done, 2), (done.Status, done.Done));
        Assert.Contains("passed over", done.Detail, StringComparison.Ordinal);
        Assert.All([0, 1, 2], r => Assert.True(fleet.IsAsDesigned(r)));
    }

    [Fact]
    public async Task What_it_had_not_come_to_stays_as_it_is_when_it_is_given_up_and_is_free_for_other_changes()
    {
        await using var fleet = await FleetFixture.CreateAsync("v7.22", "v6.49");
        var rollout = await fleet.ApproveAsync();
        var busy = await Assert.ThrowsAsync<DomainException>(() => fleet.ApproveAsync());
        await fleet.StepAsync(rollout);

        await fleet.AsAsync<RolloutService>(r => r.StopAsync(rollout, Ct));
        await fleet.AsAsync<RolloutService>(r => r.CancelAsync(rollout, Ct));
        await fleet.StepAsync(rollout);
        await fleet.CarryOutAsync();

        Assert.Contains("under way on R01, R02", busy.Message, StringComparison.Ordinal);
        Assert.True(fleet.IsAsDesigned(0)); // it was under way and came to its end
        Assert.True(fleet.IsUntouched(1));
        Assert.Equal(RunStatus.Cancelled, (await fleet.RoutersAsync(rollout))[1].RunStatus);
        Assert.NotEqual(Guid.Empty, await fleet.ApproveAsync(new RolloutOptions(AtOnce: 2)));
    }

    private static async Task SetSessionsBeforeAsync(FleetFixture fleet, Guid rollout, int sessions)
    {
        await using var db = fleet.Company.Open();
        await db.RolloutRouters.Where(r => r.RolloutId == rollout && r.Sequence == 1).ExecuteUpdateAsync(s => s.SetProperty(r => r.SessionsBefore, sessions), Ct);
    }
}
