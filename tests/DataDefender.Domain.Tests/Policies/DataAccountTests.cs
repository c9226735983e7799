using DataDefender.Domain.Policies;
using FsCheck;
using FsCheck.Fluent;
using static DataDefender.Domain.Tests.Policies.PolicyTestFacts;

namespace DataDefender.Domain.Tests.Policies;

public sealed class DataAccountTests
{
    [Fact]
    public void A_top_up_does_not_pay_for_what_a_slowed_line_moved_before_it()
    {
        var rules = Monthly(10, QuotaAction.Throttle, 1_000);
        var history = (HourOfUse[])[Hour(Utc(3, 2, 9), 10), Hour(Utc(3, 3, 9), 20), Hour(Utc(3, 5, 9), 3)];
        var grant = new TopUpGrant(5 * Gb, Utc(3, 4), Utc(4, 3));

        var standing = Standing(rules, Facts(history) with { TopUps = [grant] });

        Assert.Equal((20 * Gb, 5 * Gb, 2 * Gb), (standing.Beyond, standing.TopUps, standing.Remaining));
        Assert.Equal(33 * Gb, standing.Used);
    }

    [Fact]
    public void In_the_hour_in_which_it_is_given_a_top_up_pays_only_for_what_comes_after()
    {
        var rules = Monthly(1, QuotaAction.Refuse);
        var given = Utc(3, 11, 10, 30);
        var grant = new TopUpGrant(5 * Gb, given, Utc(4, 10), new HourOfUse(Utc(3, 11, 10), 0, 3 * Gb, 1_800));

        var standing = Standing(rules, Facts(Hour(given, 7)) with { TopUps = [grant] });

        Assert.Equal((2 * Gb, 1 * Gb), (standing.Beyond, standing.Remaining)); // 1 of the quota, 2 beyond, then 4 of the 5
    }

    [Fact]
    public void A_top_up_lasts_as_long_as_its_bytes_although_the_quota_is_a_daily_one()
    {
        var rules = new PolicyRules { Data = new DataQuota(UsageWindow.Day, CountedBytes.Total, Gb, QuotaAction.Refuse, null, false, 0) };
        var history = Enumerable.Range(1, 10).Select(day => Hour(Utc(3, day, 9), 2)).ToArray();
        var grant = new TopUpGrant(10 * Gb, Utc(3, 1), Utc(3, 31));

        Assert.Equal(0, PolicyEngine.Standing(rules, Facts(history) with { TopUps = [grant] }, Utc(3, 10, 12))!.Remaining);
        Assert.Equal(2 * Gb, PolicyEngine.Standing(rules, Facts(history[..8]) with { TopUps = [grant] }, Utc(3, 8, 12))!.Remaining);
    }

    [Fact]
    public void What_an_ended_top_up_paid_for_is_not_asked_of_the_next_one()
    {
        var rules = Monthly(100, QuotaAction.WalledGarden);
        var ended = new TopUpGrant(20 * Gb, Utc(2, 1), Utc(2, 28));
        var valid = new TopUpGrant(50 * Gb, Utc(2, 15), Utc(4, 30));
        var history = (HourOfUse[])[Hour(Utc(2, 20, 9), 120), Hour(Utc(3, 5, 9), 110)];

        var relevant = TopUpGrant.Relevant([ended, valid, new TopUpGrant(Gb, Utc(1, 1), Utc(1, 31))], Now);

        Assert.Equal([ended, valid], relevant);
        Assert.Equal(40 * Gb, Standing(rules, Facts(history) with { TopUps = relevant }).Remaining);
        Assert.Equal(20 * Gb, Standing(rules, Facts(history) with { TopUps = [valid] }).Remaining); // which would be wrong
    }

    [Fact]
    public void The_top_up_that_ends_first_is_drawn_first()
    {
        var rules = Monthly(10, QuotaAction.Refuse);
        var soon = new TopUpGrant(5 * Gb, Utc(3, 1), Utc(3, 12));
        var late = new TopUpGrant(5 * Gb, Utc(3, 1), Utc(4, 30));
        var facts = Facts(Hour(Utc(3, 2, 9), 14)) with { TopUps = [late, soon] };

        Assert.Equal(6 * Gb, Standing(rules, facts).Remaining);
        Assert.Equal(5 * Gb, PolicyEngine.Standing(rules, facts, Utc(3, 13))!.Remaining); // the last GB of the first one is gone
    }

    [Fact]
    public void A_line_that_was_on_but_idle_for_a_month_carries_the_whole_of_it_over()
    {
        var rules = new PolicyRules { Data = new DataQuota(UsageWindow.Month, CountedBytes.Total, 100 * Gb, QuotaAction.WalledGarden, null, true, 500 * Gb) };

        Assert.Equal(100 * Gb, Standing(rules, Facts() with { ActiveSince = Utc(1, 1) }).CarriedOver);
        Assert.Equal(0, Standing(rules, Facts() with { ActiveSince = Utc(3, 4) }).CarriedOver);
    }

    [Fact]
    public void The_history_reaches_back_to_the_window_in_which_the_oldest_top_up_was_given()
    {
        var rules = Monthly(10, QuotaAction.Refuse);

        Assert.Equal(Utc(2, 28, 21), LineFacts.HistoryStart(rules, [], Now, Nairobi));
        Assert.Equal(new DateTime(2025, 12, 31, 21, 0, 0, DateTimeKind.Utc), LineFacts.HistoryStart(rules, [new TopUpGrant(Gb, Utc(1, 20), Utc(4, 1))], Now, Nairobi));
        Assert.Equal(Utc(1, 31, 21), LineFacts.HistoryStart(rules with { Data = rules.Data! with { RollOver = true } }, [], Now, Nairobi));
        Assert.Equal(Now, LineFacts.HistoryStart(PolicyRules.None, [], Now, Nairobi));
    }

    [Fact]
    public void The_account_always_adds_up()
    {
        var histories = Gen.ArrayOf(Gen.Choose(0, 24 * 60).SelectMany(ago => Gen.Choose(0, 12).Select(gb => Hour(Now.AddHours(-ago), gb)))).ToArbitrary();
        var grants = Gen.ArrayOf(Gen.Choose(0, 60).SelectMany(ago => Gen.Choose(1, 40).SelectMany(days => Gen.Choose(1, 30)
            .Select(gb => new TopUpGrant(gb * Gb, Now.AddDays(-ago).AddMinutes(17), Now.AddDays(days - ago), new HourOfUse(Now, 0, gb * Gb / 5, 0)))))).ToArbitrary();

        Prop.ForAll(histories, grants, (history, topUps) =>
        {
            var facts = Facts([.. history.DistinctBy(h => h.Hour)]) with { TopUps = topUps, ActiveSince = Utc(1, 1) };
            return new[] { UsageWindow.Day, UsageWindow.Week, UsageWindow.Month }.All(window =>
            {
                var rules = new PolicyRules { Data = new DataQuota(window, CountedBytes.Total, 15 * Gb, QuotaAction.Throttle, 500, true, 5 * Gb) };
                var standing = Standing(rules, facts);
                return standing.Remaining >= 0 && standing.Beyond >= 0 && standing.Beyond <= standing.Used
                    && standing.Remaining == standing.Quota + standing.CarriedOver + standing.TopUps - (standing.Used - standing.Beyond)
                    && standing.TopUps <= topUps.Sum(t => t.Bytes);
            });
        }).QuickCheckThrowOnFailure();
    }

    private static PolicyRules Monthly(long gigabytes, QuotaAction action, int? kbps = null) =>
        new() { Data = new DataQuota(UsageWindow.Month, CountedBytes.Total, gigabytes * Gb, action, kbps, false, 0) };

    private static QuotaStanding Standing(PolicyRules rules, LineFacts facts) => PolicyEngine.Standing(rules, facts, Now)!;
}
