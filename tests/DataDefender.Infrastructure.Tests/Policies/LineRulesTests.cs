using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Policies;

/// <summary>The acts on a line's rules and what they change at once, on each database.</summary>
public sealed class LineRulesTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private static readonly PolicyRules FiveGigabytes = new() { Data = new DataQuota(UsageWindow.Month, CountedBytes.Total, 5 * PolicyCompany.Gb, QuotaAction.Throttle, 512, false, 0) };

    [Theory, EachDatabase]
    public async Task A_top_up_after_weeks_at_the_throttled_speed_still_brings_its_whole_worth(DatabaseProvider provider)
    {
        await using var at = await PolicyCompany.CreateAsync(databases, provider, FiveGigabytes);
        await at.UseAsync(25 * PolicyCompany.Gb, at.Now.AddHours(-1));
        await at.EvaluateAsync();
        var rules = at.Get<LineRulesService>();

        var consequence = await rules.WeighTopUpAsync(at.Line.Id, new TopUpInput { Gigabytes = 10, Note = "M-Pesa RK12" });
        await rules.GrantTopUpAsync(at.Line.Id, new TopUpInput { Gigabytes = 10, Note = "M-Pesa RK12" });

        var view = await rules.GetAsync(at.Line.Id);
        Assert.Equal((LimitKind.DataQuota, LimitKind.None), (consequence.Before.Kind, consequence.After.Kind));
        Assert.Equal((LimitKind.None, 10 * PolicyCompany.Gb), (view.Limit.Kind, view.Standing!.Remaining));
        Assert.Equal(consequence.StandingAfter!.Remaining, view.Standing.Remaining);
        Assert.Equal("M-Pesa RK12", Assert.Single(view.TopUps).Note);
    }

    [Theory, EachDatabase]
    public async Task The_end_of_the_paid_time_walls_a_line_in_and_more_time_frees_it_at_once(DatabaseProvider provider)
    {
        await using var at = await PolicyCompany.CreateAsync(databases, provider, PolicyRules.None);
        var rules = at.Get<LineRulesService>();

        await rules.SetPaidUntilAsync(at.Line.Id, at.Now.AddHours(1));
        Assert.Equal(LimitKind.None, (await at.ReloadAsync()).Limit);
        at.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await at.EvaluateAsync());
        Assert.Equal((LimitKind.Expired, QuotaAction.WalledGarden), ((await at.ReloadAsync()).Limit, (await at.ReloadAsync()).LimitAction));

        await rules.SetPaidUntilAsync(at.Line.Id, at.Now.AddDays(30));

        Assert.Equal(LimitKind.None, (await at.ReloadAsync()).Limit);
        Assert.Equal(LineAction.Release, await at.LastActionAsync());
    }

    [Theory, EachDatabase]
    public async Task A_company_that_grants_grace_serves_the_line_for_those_days(DatabaseProvider provider)
    {
        await using var at = await PolicyCompany.CreateAsync(databases, provider, PolicyRules.None);
        var states = at.Get<StateTreatmentService>();
        await states.SaveAsync((await states.GetAsync()).Version, StateTreatments.Default with { GraceDays = 3 });
        await at.Get<LineRulesService>().SetPaidUntilAsync(at.Line.Id, at.Now.AddMinutes(-1));

        Assert.Equal(LimitKind.Grace, (await at.ReloadAsync()).Limit);

        var view = await states.GetAsync();
        Assert.Equal((1, 0), (view.Lines[TreatedState.Grace], view.Lines[TreatedState.Expired]));
        await states.SaveAsync(view.Version, view.States with { GraceDays = 0 }); // taken back: the next look expires the line
        Assert.Equal(1, await at.EvaluateAsync());
        Assert.Equal(LimitKind.Expired, (await at.ReloadAsync()).Limit);
    }

    [Theory, EachDatabase]
    public async Task Changed_treatments_reach_the_lines_that_are_in_the_state_now_and_no_others(DatabaseProvider provider)
    {
        await using var at = await PolicyCompany.CreateAsync(databases, provider, PolicyRules.None);
        await at.ChangeLineAsync(line => line.Suspend(SuspendReason.Unpaid, null, at.Now));
        var states = at.Get<StateTreatmentService>();
        var view = await states.GetAsync();
        var refused = new Treatment(LineAccess.Refused, Message: "Please pay");

        Assert.Equal(0, await states.SaveAsync(view.Version, view.States with { Abuse = refused }));
        Assert.Equal(1, await states.SaveAsync((await states.GetAsync()).Version, view.States with { Abuse = refused, Unpaid = refused }));
        await Assert.ThrowsAsync<DomainException>(() => states.SaveAsync(view.Version, StateTreatments.Default)); // somebody else was faster

        Assert.Equal(refused, (await states.GetAsync()).States.Unpaid);
        Assert.Equal(LineAction.Release, await at.LastActionAsync());
    }

    [Theory, EachDatabase]
    public async Task Another_package_is_looked_at_within_the_next_round_although_nobody_uses_the_line(DatabaseProvider provider)
    {
        await using var at = await PolicyCompany.CreateAsync(databases, provider, FiveGigabytes);
        await at.UseAsync(6 * PolicyCompany.Gb);
        await at.EvaluateAsync();
        Assert.Equal(LimitKind.DataQuota, (await at.ReloadAsync()).Limit);
        var unlimited = await at.Company.AddPackageAsync("Unlimited", 20_000, 10_000);

        await at.ChangeLineAsync(line => line.ChangePackage(unlimited.Id));

        Assert.Equal(1, await at.EvaluateAsync());
        Assert.Equal(LimitKind.None, (await at.ReloadAsync()).Limit);
        Assert.Equal(0, await at.EvaluateAsync());
    }

    [Theory, EachDatabase]
    public async Task A_session_that_began_and_ended_between_two_looks_is_counted(DatabaseProvider provider)
    {
        await using var at = await PolicyCompany.CreateAsync(databases, provider, FiveGigabytes);
        await at.EvaluateAsync();
        at.Advance(TimeSpan.FromMinutes(5));
        await at.UseAsync(6 * PolicyCompany.Gb);
        Assert.Equal(0, await at.EvaluateAsync());

        await at.EndSessionAsync();

        Assert.Equal(1, await at.EvaluateAsync());
    }

    [Theory, EachDatabase]
    public async Task What_the_clock_does_to_everybody_is_no_event(DatabaseProvider provider)
    {
        var brake = new PolicyRules { Schedules = [new SpeedSchedule("Brake", new WeeklyHours(WeekDays.All, new TimeOnly(0, 0), new TimeOnly(0, 0)), 50, 50)] };
        await using var at = await PolicyCompany.CreateAsync(databases, provider, brake);

        Assert.Equal(1, await at.EvaluateAsync());

        await using var db = at.Company.Open();
        Assert.Equal(LimitKind.Schedule, (await at.ReloadAsync()).Limit);
        Assert.Equal(0, await db.NetworkEvents.CountAsync(e => e.SubscriptionId == at.Line.Id && e.Kind == "line.policy"));
    }

    [Theory, EachDatabase]
    public async Task A_line_is_bound_to_its_place_and_keeps_a_prefix_that_nobody_else_has(DatabaseProvider provider)
    {
        await using var at = await PolicyCompany.CreateAsync(databases, provider, PolicyRules.None);
        var nas = await at.Company.AddNasAsync("10.1.2." + (int)provider, "a-long-enough-secret");
        var access = at.Get<LineAccessService>();
        var view = await access.GetAsync(at.Line.Id);

        await access.SaveAsync(at.Line.Id, view.Version, view.Input with { LearnsCaller = true, MoreCallers = "4c5e.0c11.2233", NasId = nas.Id, Vlan = 100, DelegatedPrefix = "2001:DB8:7::/56" });

        var line = await at.ReloadAsync();
        Assert.Equal(("2001:db8:7::/56", (int?)100, (Guid?)nas.Id, true), (line.DelegatedPrefix, line.Binding.Vlan, line.Binding.NasId, line.Binding.LearnsCaller));
        Assert.Equal("4C:5E:0C:11:22:33", Assert.Single(line.Binding.MoreCallers));
        Assert.Equal(LineAction.Drop, await at.LastActionAsync());

        var second = await at.AddLineAsync("otieno");
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => access.SaveAsync(second.Id, second.Version, new LineAccessInput { DelegatedPrefix = "2001:db8:7::/48" }));
        Assert.Contains("wanjiku", Assert.Single(refused.Errors).Message, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_policy_in_use_is_not_removed_and_two_people_do_not_overwrite_each_other(DatabaseProvider provider)
    {
        await using var at = await PolicyCompany.CreateAsync(databases, provider, FiveGigabytes);
        var policies = at.Get<UsagePolicyService>();
        var details = await policies.GetAsync(at.Policy.Id);
        Assert.Equal((1, "Home 20"), (details.Lines, Assert.Single(details.Packages)));

        await policies.ChangeAsync(at.Policy.Id, details.Version, details.Input with { Name = "Fairer" });

        await Assert.ThrowsAsync<DomainException>(() => policies.ChangeAsync(at.Policy.Id, details.Version, details.Input));
        await Assert.ThrowsAsync<DomainException>(() => policies.RemoveAsync(at.Policy.Id));
        var spare = await policies.CreateAsync(new UsagePolicyInput("Spare", PolicyRules.None));
        var taken = await Assert.ThrowsAsync<InvalidInputException>(() => policies.CreateAsync(new UsagePolicyInput(" Spare ", PolicyRules.None)));
        Assert.Equal("Name", Assert.Single(taken.Errors).Field);
        await policies.RemoveAsync(spare);
        Assert.Equal("Fairer", Assert.Single((await policies.ListAsync(new GridQuery())).Items).Name);
    }

    [Theory, EachDatabase]
    public async Task A_preview_puts_the_most_affected_lines_first_and_replays_each_day(DatabaseProvider provider)
    {
        await using var at = await PolicyCompany.CreateAsync(databases, provider, PolicyRules.None);
        var heavy = await at.AddLineAsync("otieno");
        await at.UseAsync(2 * PolicyCompany.Gb);
        foreach (var day in Enumerable.Range(1, 4))
        {
            await at.UseAsync(8 * PolicyCompany.Gb, at.Now.AddDays(-day), heavy);
        }

        var preview = at.Get<PolicyPreviewService>();
        var changed = new PolicyRules { FairUse = [new FairUseTier("Daily", UsageWindow.Day, CountedBytes.Total, 5 * PolicyCompany.Gb, 2_000, 1_000)] };

        var report = await preview.ImpactAsync(new PreviewScope(at.Policy.Id, null), changed);
        var replay = await preview.ReplayAsync(heavy.Id, changed);

        Assert.Equal((2, 2, 0, 1, 1), (report.Lines, report.LookedAt, report.LimitedNow, report.LimitedThen, report.Worse));
        Assert.Equal(("otieno", 4), (report.Rows[0].Username, report.Rows[0].LimitedDaysThen));
        Assert.Equal((31, 4, 0), (replay.Then.Count, replay.Then.Count(d => d.Kind is LimitKind.FairUse), replay.Now.Count(d => d.Kind is not LimitKind.None)));
        Assert.Equal(heavy.Id, await preview.FindLineAsync(" OTIENO "));
    }

    [Theory, EachDatabase]
    public async Task Who_may_only_look_gives_nothing(DatabaseProvider provider)
    {
        await using var at = await PolicyCompany.CreateAsync(databases, provider, FiveGigabytes);
        await using var scope = at.Company.Scope(Role.Sales);
        var rules = scope.ServiceProvider.GetRequiredService<LineRulesService>();

        Assert.Equal(at.Line.Id, (await rules.GetAsync(at.Line.Id)).SubscriptionId);
        await Assert.ThrowsAsync<ForbiddenException>(() => rules.GrantTopUpAsync(at.Line.Id, new TopUpInput { Gigabytes = 1, Note = "x" }));
        await Assert.ThrowsAsync<ForbiddenException>(() => rules.SetPaidUntilAsync(at.Line.Id, null));
        await Assert.ThrowsAsync<ForbiddenException>(() => scope.ServiceProvider.GetRequiredService<UsagePolicyService>().RemoveAsync(at.Policy.Id));
    }
}
