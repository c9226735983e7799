using DataDefender.Domain.Policies;
using static DataDefender.Domain.Tests.Policies.PolicyTestFacts;

namespace DataDefender.Domain.Tests.Policies;

/// <summary>Which rule is named when several hold, and until when.</summary>
public sealed class LimitTests
{
    [Fact]
    public void Each_direction_gets_the_lowest_speed_of_all_rules_that_hold()
    {
        var rules = new PolicyRules
        {
            FairUse =
            [
                new FairUseTier("Download", UsageWindow.Day, CountedBytes.Total, Gb, 5_000, 8_000),
                new FairUseTier("Upload", UsageWindow.Month, CountedBytes.Total, Gb, 5_000, 1_000),
            ],
        };

        var limit = PolicyEngine.Evaluate(rules, Facts(Hour(Now, 2)), Now);

        Assert.Equal((5_000, 1_000), (limit.DownloadKbps, limit.UploadKbps));
    }

    [Fact]
    public void A_tier_that_is_faster_than_what_was_sold_limits_nothing()
    {
        var rules = new PolicyRules { FairUse = [new FairUseTier("Fast", UsageWindow.Day, CountedBytes.Total, Gb, 50_000, 50_000)] };

        Assert.Equal(LimitKind.None, PolicyEngine.Evaluate(rules, Facts(Hour(Now, 2)), Now).Kind);
    }

    [Fact]
    public void Of_two_rules_that_say_the_same_the_one_that_holds_longer_is_named()
    {
        var rules = new PolicyRules
        {
            FairUse =
            [
                new FairUseTier("Daily", UsageWindow.Day, CountedBytes.Total, Gb, 2_000, 2_000),
                new FairUseTier("Monthly", UsageWindow.Month, CountedBytes.Total, Gb, 2_000, 2_000),
            ],
        };

        var limit = PolicyEngine.Evaluate(rules, Facts(Hour(Now, 2)), Now);

        Assert.Equal(("Monthly: more than 1 GB this month.", Utc(3, 31, 21)), (limit.Reason, limit.Until));
    }

    [Theory]
    [InlineData(WeekDays.All, null)]                    // never ends by itself
    [InlineData(WeekDays.Workdays, "2026-03-13T21:00")] // Friday's midnight in Nairobi
    [InlineData(WeekDays.Wednesday, "2026-03-11T21:00")]
    public void A_schedule_of_whole_days_ends_with_the_last_of_them(WeekDays days, string? until)
    {
        var rules = new PolicyRules { Schedules = [new SpeedSchedule("Day", new WeeklyHours(days, default, default), 50, 50)] };

        var limit = PolicyEngine.Evaluate(rules, Facts(), Now);

        Assert.Equal(until, limit.Until?.ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void In_the_days_of_grace_a_line_is_served_and_after_them_expired()
    {
        var facts = Facts() with { ExpiresAt = Now.AddHours(-1), Grace = TimeSpan.FromDays(2) };

        var grace = PolicyEngine.Evaluate(PolicyRules.None, facts, Now);

        Assert.Equal((LimitKind.Grace, 20_000, 10_000, Now.AddHours(47)), (grace.Kind, grace.DownloadKbps, grace.UploadKbps, grace.Until));
        Assert.Contains("13 Mar, 14:00", grace.Reason, StringComparison.Ordinal);
        Assert.Equal(LimitKind.Expired, PolicyEngine.Evaluate(PolicyRules.None, facts, Now.AddHours(47)).Kind);
        Assert.Equal(Now.AddHours(47), PolicyEngine.NextBoundary(PolicyRules.None, facts, Now));
    }

    [Fact]
    public void Grace_gives_no_speed_back_and_no_data()
    {
        var tier = new PolicyRules { FairUse = [new FairUseTier("Daily", UsageWindow.Day, CountedBytes.Total, Gb, 2_000, 2_000)] };
        var quota = new PolicyRules { Data = new DataQuota(UsageWindow.Day, CountedBytes.Total, Gb, QuotaAction.Refuse, null, false, 0) };
        var facts = Facts(Hour(Now, 2)) with { ExpiresAt = Now, Grace = TimeSpan.FromDays(2) };

        Assert.Equal((LimitKind.Grace, 2_000), (PolicyEngine.Evaluate(tier, facts, Now).Kind, PolicyEngine.Evaluate(tier, facts, Now).DownloadKbps));
        Assert.Equal(LimitKind.DataQuota, PolicyEngine.Evaluate(quota, facts, Now).Kind);
    }

    [Theory]
    [InlineData(WeekDays.All, "every day 19:00–23:00")]
    [InlineData(WeekDays.Weekend, "Saturday and Sunday 19:00–23:00")]
    [InlineData(WeekDays.All & ~WeekDays.Monday, "Tuesday to Sunday 19:00–23:00")]
    [InlineData(WeekDays.Monday | WeekDays.Wednesday | WeekDays.Friday, "Monday, Wednesday and Friday 19:00–23:00")]
    [InlineData(WeekDays.Friday, "Friday 19:00–23:00")]
    public void Days_are_said_as_people_say_them(WeekDays days, string words) =>
        Assert.Equal(words, new WeeklyHours(days, new TimeOnly(19, 0), new TimeOnly(23, 0)).ToString());

    [Fact]
    public void The_words_of_a_policy_name_every_rule()
    {
        var rules = new PolicyRules
        {
            Schedules = [new SpeedSchedule("Evening brake", new WeeklyHours(WeekDays.All, new TimeOnly(19, 0), new TimeOnly(23, 0)), 60, 80)],
            FairUse = [new FairUseTier("Fair use", UsageWindow.Month, CountedBytes.Download, 200 * Gb, 4_000, 2_000)],
            Free = [new FreeHours("Night", new WeeklyHours(WeekDays.All, new TimeOnly(0, 0), new TimeOnly(6, 0)))],
            Data = new DataQuota(UsageWindow.Week, CountedBytes.Total, 50 * Gb, QuotaAction.WalledGarden, null, true, 10 * Gb),
            Time = new TimeQuota(UsageWindow.Day, 150, QuotaAction.Throttle, 512),
        };

        Assert.Equal(
        [
            "Evening brake: every day 19:00–23:00 the line has 60% of the sold download speed and 80% of the upload speed.",
            "Fair use: from 200 GB downloaded this month on at most 4 Mbps down and 2 Mbps up, until the month ends.",
            "50 GB each week; then the walled garden until the week ends or a top-up is given.",
            "What is left of the quota is carried into the next week, at most 10 GB, and lapses at its end.",
            "2 h 30 min online each day; then at most 0.512 Mbps until the day ends.",
            "Night: every day 00:00–06:00 data counts towards nothing.",
        ], PolicyText.Sentences(rules));
        Assert.Equal("No limits: each line gets what was sold, at all hours.", Assert.Single(PolicyText.Sentences(PolicyRules.None)));
    }
}
