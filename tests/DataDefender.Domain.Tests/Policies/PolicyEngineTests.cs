using DataDefender.Domain.Policies;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Domain.Tests.Policies;

public sealed class PolicyEngineTests
{
    private static readonly TimeZoneInfo Nairobi = TimeZoneInfo.FindSystemTimeZoneById("Africa/Nairobi");

    // Wednesday 11 March 2026, 15:00 in Nairobi.
    private static readonly DateTime Now = new(2026, 3, 11, 12, 0, 0, DateTimeKind.Utc);

    private const long Gb = 1_000_000_000;

    [Fact]
    public void Without_rules_a_line_gets_what_was_sold()
    {
        var limit = PolicyEngine.Evaluate(PolicyRules.None, Facts(), Now);

        Assert.Equal((LimitKind.None, 20_000, 10_000), (limit.Kind, limit.DownloadKbps, limit.UploadKbps));
    }

    [Fact]
    public void A_line_whose_paid_time_has_ended_goes_to_the_walled_garden_from_that_second_on()
    {
        var facts = Facts() with { ExpiresAt = Now };

        Assert.Equal(LimitKind.Expired, PolicyEngine.Evaluate(PolicyRules.None, facts, Now).Kind);
        Assert.Equal(LimitKind.None, PolicyEngine.Evaluate(PolicyRules.None, facts, Now.AddSeconds(-1)).Kind);
    }

    [Theory]
    [InlineData("2026-03-13T22:30", true)]   // Friday night
    [InlineData("2026-03-14T05:59", true)]   // what is left of it on Saturday morning
    [InlineData("2026-03-14T06:00", false)]
    [InlineData("2026-03-13T05:00", false)]  // Friday morning belongs to Thursday night
    [InlineData("2026-03-13T21:59", false)]
    public void Hours_past_midnight_belong_to_the_day_they_began_on(string local, bool inside)
    {
        var friday = new WeeklyHours(WeekDays.Friday, new TimeOnly(22, 0), new TimeOnly(6, 0));

        Assert.Equal(inside, friday.Contain(DateTime.Parse(local, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void A_schedule_changes_the_speed_and_says_until_when()
    {
        var rules = new PolicyRules { Schedules = [new SpeedSchedule("Afternoon boost", new WeeklyHours(WeekDays.Workdays, new TimeOnly(14, 0), new TimeOnly(18, 0)), 150, 120)] };

        var limit = PolicyEngine.Evaluate(rules, Facts(), Now);

        Assert.Equal((30_000, 12_000), (limit.DownloadKbps, limit.UploadKbps));
        Assert.Equal(new DateTime(2026, 3, 11, 15, 0, 0, DateTimeKind.Utc), limit.Until);
    }

    [Fact]
    public void Of_several_tiers_reached_the_slowest_holds_until_its_window_ends()
    {
        var rules = new PolicyRules
        {
            FairUse =
            [
                new FairUseTier("Daily", UsageWindow.Day, CountedBytes.Total, 10 * Gb, 8_000, 4_000),
                new FairUseTier("Monthly", UsageWindow.Month, CountedBytes.Total, 50 * Gb, 4_000, 2_000),
                new FairUseTier("Heavy", UsageWindow.Month, CountedBytes.Total, 500 * Gb, 1_000, 1_000),
            ],
        };

        var limit = PolicyEngine.Evaluate(rules, Facts(Used(Now, 60 * Gb)), Now);

        Assert.Equal((LimitKind.FairUse, 4_000, 2_000), (limit.Kind, limit.DownloadKbps, limit.UploadKbps));
        Assert.Equal(new DateTime(2026, 3, 31, 21, 0, 0, DateTimeKind.Utc), limit.Until); // midnight in Nairobi
    }

    [Fact]
    public void A_new_day_of_the_company_clears_the_daily_tier_at_its_own_midnight()
    {
        var rules = new PolicyRules { FairUse = [new FairUseTier("Daily", UsageWindow.Day, CountedBytes.Total, Gb, 2_000, 2_000)] };
        var facts = Facts(Used(Now, 2 * Gb));
        var midnight = new DateTime(2026, 3, 11, 21, 0, 0, DateTimeKind.Utc);

        Assert.Equal(LimitKind.FairUse, PolicyEngine.Evaluate(rules, facts, midnight.AddSeconds(-1)).Kind);
        Assert.Equal(LimitKind.None, PolicyEngine.Evaluate(rules, facts, midnight).Kind);
    }

    [Fact]
    public void A_login_that_knows_only_the_last_limit_decides_as_the_evaluation_did()
    {
        var compared = 0;
        foreach (var (down, up) in ((int, int)[])[(100, 100), (150, 150), (25, 100), (100, 25), (25, 25)])
        {
            foreach (var (slowDown, slowUp) in ((int, int)[])[(8_000, 1_000), (2_000, 8_000), (2_000, 1_000)])
            {
                foreach (var expiry in (DateTime?[])[null, Now.AddDays(1), Now.AddHours(-1), Now.AddDays(-3)])
                {
                    foreach (var used in (long[])[0, 2 * Gb])
                    {
                        var rules = new PolicyRules
                        {
                            Schedules = [new SpeedSchedule("Hours", new WeeklyHours(WeekDays.All, default, default), down, up)],
                            FairUse = [new FairUseTier("Daily", UsageWindow.Day, CountedBytes.Total, Gb, slowDown, slowUp)],
                        };
                        var facts = Facts(Used(Now, used)) with { ExpiresAt = expiry, Grace = TimeSpan.FromDays(2) };
                        var evaluated = PolicyEngine.Evaluate(rules, facts, Now);

                        var atLogin = PolicyEngine.AtLogin(rules, facts with { History = [] }, evaluated.Kind is LimitKind.None ? null : evaluated, Now.AddSeconds(1));

                        Assert.True(evaluated.SameTreatment(atLogin), $"{evaluated} became {atLogin}");
                        compared++;
                    }
                }
            }
        }

        Assert.Equal(120, compared);
    }

    [Fact]
    public void A_login_forgets_a_limit_whose_window_is_over_and_paid_time_that_was_renewed()
    {
        var fairUse = new LineLimit(LimitKind.FairUse, QuotaAction.Throttle, 2_000, 1_000, "Tier 1", Now);
        var expired = new LineLimit(LimitKind.Expired, QuotaAction.WalledGarden, 20_000, 10_000, "The paid time has ended.", null);

        Assert.Equal(LimitKind.FairUse, PolicyEngine.AtLogin(PolicyRules.None, Facts(), fairUse, Now.AddSeconds(-1)).Kind);
        Assert.Equal(LimitKind.None, PolicyEngine.AtLogin(PolicyRules.None, Facts(), fairUse, Now).Kind);
        Assert.Equal(LimitKind.None, PolicyEngine.AtLogin(PolicyRules.None, Facts() with { ExpiresAt = Now.AddDays(30) }, expired, Now).Kind);
        Assert.Equal(LimitKind.Expired, PolicyEngine.AtLogin(PolicyRules.None, Facts() with { ExpiresAt = Now }, null, Now).Kind);
    }

    [Fact]
    public void A_boost_does_not_lift_a_fair_use_limit()
    {
        var rules = new PolicyRules
        {
            Schedules = [new SpeedSchedule("Boost", new WeeklyHours(WeekDays.All, default, default), 200, 200)],
            FairUse = [new FairUseTier("Daily", UsageWindow.Day, CountedBytes.Total, Gb, 2_000, 2_000)],
        };

        Assert.Equal(2_000, PolicyEngine.Evaluate(rules, Facts(Used(Now, 2 * Gb)), Now).DownloadKbps);
    }

    [Fact]
    public void Traffic_in_free_hours_counts_towards_nothing()
    {
        var rules = new PolicyRules
        {
            FairUse = [new FairUseTier("Daily", UsageWindow.Day, CountedBytes.Total, Gb, 2_000, 2_000)],
            Free = [new FreeHours("Night", new WeeklyHours(WeekDays.All, new TimeOnly(0, 0), new TimeOnly(6, 0)))],
        };
        var nightHour = new DateTime(2026, 3, 10, 23, 0, 0, DateTimeKind.Utc); // 02:00 in Nairobi

        Assert.Equal(LimitKind.None, PolicyEngine.Evaluate(rules, Facts(Used(nightHour, 5 * Gb)), Now).Kind);
        Assert.Equal(LimitKind.FairUse, PolicyEngine.Evaluate(rules with { Free = [] }, Facts(Used(nightHour, 5 * Gb)), Now).Kind);
    }

    [Theory]
    [InlineData(QuotaAction.Throttle, 512)]
    [InlineData(QuotaAction.WalledGarden, 20_000)]
    [InlineData(QuotaAction.Refuse, 20_000)]
    public void A_used_up_data_quota_does_what_the_policy_says(QuotaAction action, int download)
    {
        var rules = new PolicyRules { Data = new DataQuota(UsageWindow.Month, CountedBytes.Total, 100 * Gb, action, action is QuotaAction.Throttle ? 512 : null, false, 0) };

        var limit = PolicyEngine.Evaluate(rules, Facts(Used(Now.AddDays(-3), 100 * Gb)), Now);

        Assert.Equal((LimitKind.DataQuota, (QuotaAction?)action, download), (limit.Kind, limit.Action, limit.DownloadKbps));
    }

    [Fact]
    public void What_last_month_left_over_is_carried_up_to_the_cap()
    {
        var rules = new PolicyRules { Data = new DataQuota(UsageWindow.Month, CountedBytes.Total, 100 * Gb, QuotaAction.WalledGarden, null, true, 30 * Gb) };
        var lastMonth = new DateTime(2026, 2, 10, 9, 0, 0, DateTimeKind.Utc);

        Assert.Equal(30 * Gb, PolicyEngine.Standing(rules, Facts(Used(lastMonth, 60 * Gb)), Now)!.CarriedOver);
        Assert.Equal(10 * Gb, PolicyEngine.Standing(rules, Facts(Used(lastMonth, 90 * Gb)), Now)!.CarriedOver);
        Assert.Equal(0, PolicyEngine.Standing(rules, Facts(Used(lastMonth, 130 * Gb)), Now)!.CarriedOver);
        Assert.Equal(0, PolicyEngine.Standing(rules, Facts(), Now)!.CarriedOver); // a new line has no month behind it
    }

    [Fact]
    public void A_top_up_opens_the_line_again_and_what_another_month_ate_of_it_is_gone()
    {
        var rules = new PolicyRules { Data = new DataQuota(UsageWindow.Month, CountedBytes.Total, 100 * Gb, QuotaAction.WalledGarden, null, false, 0) };
        var topUp = new TopUpGrant(50 * Gb, new DateTime(2026, 2, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(2026, 4, 30, 0, 0, 0, DateTimeKind.Utc));
        var history = Used(new DateTime(2026, 2, 10, 9, 0, 0, DateTimeKind.Utc), 120 * Gb).Concat(Used(Now, 110 * Gb)).ToArray();

        var standing = PolicyEngine.Standing(rules, Facts(history) with { TopUps = [topUp] }, Now)!;

        Assert.Equal(30 * Gb, standing.TopUps);
        Assert.Equal(20 * Gb, standing.Remaining);
        Assert.Equal(LimitKind.DataQuota, PolicyEngine.Evaluate(rules, Facts(history), Now).Kind);
        Assert.Equal(LimitKind.None, PolicyEngine.Evaluate(rules, Facts(history) with { TopUps = [topUp] }, Now).Kind);
    }

    [Fact]
    public void Time_online_is_counted_like_data()
    {
        var rules = new PolicyRules { Time = new TimeQuota(UsageWindow.Day, 60, QuotaAction.Refuse, null) };
        var hour = new HourOfUse(Now.AddHours(-2), 0, 0, 3_600);

        Assert.Equal(LimitKind.TimeQuota, PolicyEngine.Evaluate(rules, Facts(hour), Now).Kind);
        Assert.Equal(LimitKind.None, PolicyEngine.Evaluate(rules, Facts(hour with { OnlineSeconds = 3_599 }), Now).Kind);
    }

    [Fact]
    public void More_use_never_makes_a_line_faster_and_top_ups_never_make_it_slower()
    {
        var rules = new PolicyRules
        {
            FairUse =
            [
                new FairUseTier("One", UsageWindow.Day, CountedBytes.Total, 5 * Gb, 8_000, 4_000),
                new FairUseTier("Two", UsageWindow.Month, CountedBytes.Download, 40 * Gb, 3_000, 3_000),
            ],
            Data = new DataQuota(UsageWindow.Month, CountedBytes.Total, 80 * Gb, QuotaAction.Throttle, 500, true, 10 * Gb),
        };
        var hours = Gen.Choose(0, 24 * 40).Two().Select(pair => pair.Item1)
            .SelectMany(ago => Gen.Choose(0, 20).Select(gb => new HourOfUse(Now.AddHours(-ago), gb * Gb / 4, gb * Gb, 3_600)));
        var histories = Gen.ArrayOf(hours).ToArbitrary();

        Prop.ForAll(histories, history =>
        {
            var unique = history.DistinctBy(h => h.Hour).ToArray();
            var limit = PolicyEngine.Evaluate(rules, Facts(unique), Now);
            var thisMonth = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);
            var more = unique.Select(h => h.Hour >= thisMonth ? h with { DownloadBytes = h.DownloadBytes + Gb } : h).ToArray();
            var topUp = new TopUpGrant(20 * Gb, Now.AddDays(-1), Now.AddDays(30));

            return PolicyEngine.Evaluate(rules, Facts(more), Now).DownloadKbps <= limit.DownloadKbps
                && PolicyEngine.Evaluate(rules, Facts(unique) with { TopUps = [topUp] }, Now).DownloadKbps >= limit.DownloadKbps
                && PolicyEngine.Standing(rules, Facts(unique), Now)!.Remaining >= 0;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_preview_says_on_which_day_the_changed_policy_would_have_bitten()
    {
        var rules = new PolicyRules { FairUse = [new FairUseTier("Monthly", UsageWindow.Month, CountedBytes.Total, 10 * Gb, 2_000, 2_000)] };
        var start = new DateTime(2026, 3, 1, 6, 0, 0, DateTimeKind.Utc);
        var history = Enumerable.Range(0, 10).Select(day => new HourOfUse(start.AddDays(day), 0, 3 * Gb, 3_600)).ToArray();

        var days = PolicyPreview.Replay(rules, Facts(history), start.AddDays(-1), Now);

        Assert.Equal(12, days.Count); // 28 February to 11 March, the two days without use too
        Assert.Equal(new DateOnly(2026, 3, 4), days.First(d => d.Kind is LimitKind.FairUse).Day);
        Assert.Equal(20_000, days[1].SlowestDownloadKbps);
        Assert.Equal(2_000, days[^2].SlowestDownloadKbps);
        Assert.Equal(days.Count(d => d.Kind is LimitKind.FairUse), PolicyPreview.LimitedDays(rules, Facts(history), start.AddDays(-1), Now));
    }

    private static HourOfUse[] Used(DateTime at, long bytes) => [new(new DateTime(at.Year, at.Month, at.Day, at.Hour, 0, 0, DateTimeKind.Utc), bytes / 4, bytes - (bytes / 4), 3_600)];

    private static LineFacts Facts(params HourOfUse[] history) => new(20_000, 10_000, history, [], null, Nairobi);
}
