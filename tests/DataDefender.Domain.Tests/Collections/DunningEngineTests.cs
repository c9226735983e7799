using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Domain.Tests.Collections;

/// <summary>The ladder by tables and by laws. The standard ladder: −3 and 0 remind, 3 warn, 7 suspend, 60 disconnect and fetch equipment.</summary>
public sealed class DunningEngineTests
{
    private static readonly TimeZoneInfo Nairobi = TimeZoneInfo.FindSystemTimeZoneById("Africa/Nairobi");
    private static readonly DunningPolicy Policy = DunningPolicy.Standard with { IsOn = true };
    private static readonly DateOnly Due = new(2026, 3, 3); // a Tuesday

    public static TheoryData<int, string> Days => new()
    {
        { -4, "" },
        { -3, "Remind:-3" },
        { -1, "Remind:-3" },
        { 0, "Remind:0" },
        { 2, "Remind:0" },
        { 3, "Warn:3" },
        { 6, "Warn:3" },
        { 7, "Warn:3 Suspend:7" },
        { 59, "Warn:3" }, // a Friday: nobody is suspended
        { 62, "Warn:3 Suspend:7 RecoverEquipment:60" }, // a Monday; what is still on is suspended before it is ended
    };

    [Theory, MemberData(nameof(Days))]
    public void On_each_day_at_ten_the_latest_reminder_and_what_else_is_due_is_done(int day, string does) =>
        Assert.Equal(does, string.Join(' ', Done(Debtor(), Due.AddDays(day), new TimeOnly(10, 0))));

    public static TheoryData<string, int, int, string, string> Hours => new()
    {
        // What is due on day 7 (a Tuesday) waits, until when by the clock in Nairobi, and why.
        { "at night", 7, 23, "2026-03-11 09:00", "Nobody is suspended at this hour." },
        { "in the maintenance of mobile money", 7, 3, "2026-03-10 04:00", "Payments are usually being maintained at this hour." },
        { "before the office opens", 7, 7, "2026-03-10 09:00", "Nobody is suspended at this hour." },
        { "on a Friday", 10, 10, "2026-03-16 09:00", "Nobody is suspended on a Friday." },
        { "on a Sunday", 12, 12, "2026-03-16 09:00", "Nobody is suspended on a Sunday." },
        { "on a Thursday after hours", 9, 17, "2026-03-16 09:00", "Nobody is suspended at this hour." },
    };

    [Theory, MemberData(nameof(Hours))]
    public void Nobody_is_suspended(string when, int day, int hour, string until, string why)
    {
        var wait = Decide(Debtor(), Due.AddDays(day), new TimeOnly(hour, 0)).OfType<DunningDecision.Wait>().Single(w => w.Step.Act is DunningAct.Suspend);

        Assert.True(wait.Until is not null, when);
        Assert.Equal((until, why), (TimeZoneInfo.ConvertTimeFromUtc(wait.Until.Value, Nairobi).ToString("yyyy-MM-dd HH:mm", null), wait.Why));
    }

    [Fact]
    public void Reminders_keep_the_hours_too()
    {
        Assert.Equal(["Remind:0"], Done(Debtor(), Due, new TimeOnly(8, 0)));
        Assert.Empty(Done(Debtor(), Due, new TimeOnly(19, 0)));
        var wait = Decide(Debtor(), Due, new TimeOnly(19, 0)).OfType<DunningDecision.Wait>().First();
        Assert.Equal(Utc(Due.AddDays(1), new TimeOnly(8, 0)), wait.Until);
    }

    [Fact]
    public void A_client_who_is_excluded_is_reminded_and_nothing_more()
    {
        var school = Debtor() with { Exclusion = new Exclusion(ExclusionKind.EssentialService, "A school") };

        Assert.Equal(["Warn:3"], Done(school, Due.AddDays(62), new TimeOnly(10, 0)));
        Assert.All(Decide(school, Due.AddDays(62), new TimeOnly(10, 0)).OfType<DunningDecision.Wait>(), w => Assert.Equal("The client is excluded: A school", w.Why));
    }

    [Fact]
    public void A_promise_keeps_everything_and_grace_keeps_only_suspension()
    {
        var (day, ten) = (Due.AddDays(7), new TimeOnly(10, 0));

        Assert.Empty(Done(Debtor() with { PromiseUntil = Utc(day, new TimeOnly(10, 1)) }, day, ten));
        Assert.Equal(["Warn:3", "Suspend:7"], Done(Debtor() with { PromiseUntil = Utc(day, ten) }, day, ten));
        Assert.Equal(["Warn:3"], Done(Debtor() with { GraceUntil = Utc(day, new TimeOnly(10, 1)) }, day, ten));
    }

    [Fact]
    public void Who_owes_less_than_the_least_debt_is_reminded_and_not_warned_of_what_cannot_come()
    {
        var little = Debtor(balance: 99.99m);

        Assert.Equal(["Remind:0"], Done(little, Due, new TimeOnly(10, 0)));
        Assert.Empty(Done(Debtor(balance: 0.54m), Due, new TimeOnly(10, 0)));
        Assert.DoesNotContain("Warn:3", Done(little, Due.AddDays(7), new TimeOnly(10, 0)));
        Assert.Equal(["Warn:3", "Suspend:7"], Done(Debtor(balance: 100m), Due.AddDays(7), new TimeOnly(10, 0)));
    }

    [Fact]
    public void While_collections_are_paused_nothing_is_done_at_all()
    {
        var moment = new DunningMoment(Utc(Due.AddDays(7), new TimeOnly(10, 0)), Nairobi, Utc(Due.AddDays(7), new TimeOnly(12, 0)));

        Assert.All(DunningEngine.Decide(Policy, Debtor(), moment), d => Assert.IsType<DunningDecision.Wait>(d));
    }

    [Fact]
    public void A_client_with_three_invoices_is_told_once_by_the_oldest()
    {
        var debtor = Debtor() with
        {
            Invoices = [Invoice("INV-1", Due.AddDays(-40), 40), Invoice("INV-2", Due.AddDays(-10), 50), Invoice("INV-3", Due, 10)],
        };
        var decisions = Decide(debtor, Due, new TimeOnly(10, 0));

        var told = Assert.Single(decisions.OfType<DunningDecision.Do>());
        Assert.Equal(("INV-1", "Warn:3"), (told.Invoice.Reference, told.Step.Key));
        Assert.Contains(decisions, d => d is DunningDecision.Skip { Invoice.Reference: "INV-3", Step.Key: "Remind:0", Why: "Said together with INV-1." });
    }

    [Fact]
    public void A_late_fee_bears_no_late_fee()
    {
        var policy = Policy with { Steps = [new(5, DunningAct.LateFee, DunningChannels.Sms)] };
        var debtor = Debtor() with { Invoices = [Invoice("INV-1", Due, 2_500), Invoice("INV-2", Due, 200) with { IsLateFee = true }] };
        var decisions = DunningEngine.Decide(policy, debtor, new DunningMoment(Utc(Due.AddDays(5), new TimeOnly(10, 0)), Nairobi));

        Assert.Equal("INV-1", Assert.Single(decisions.OfType<DunningDecision.Do>()).Invoice.Reference);
        Assert.Equal("INV-2", Assert.Single(decisions.OfType<DunningDecision.Skip>()).Invoice.Reference);
    }

    [Theory]
    [InlineData(LateFeeKind.Fixed, 20_000, 100_000, 2_500, 200)]
    [InlineData(LateFeeKind.Percent, 500, 100_000, 2_500, 125)]
    [InlineData(LateFeeKind.Percent, 500, 10_000, 2_500, 100)]
    [InlineData(LateFeeKind.Percent, 333, 100_000, 0.15, 0)]
    public void Late_fees_are_fixed_or_of_what_is_open_up_to_a_most(LateFeeKind kind, long fee, long most, double balance, double charged) =>
        Assert.Equal(Money.Of((decimal)charged), (Policy with { LateFeeKind = kind, LateFee = fee, MostLateFee = most }).FeeOn(Money.Of((decimal)balance)));

    [Fact]
    public void A_line_that_was_restored_while_the_debt_stands_is_suspended_again()
    {
        var done = new HashSet<string> { "Remind:-3", "Remind:0", "Warn:3", "Suspend:7" };
        var debtor = Debtor() with { Invoices = [Invoice("INV-1", Due, 2_500) with { Done = done }] };

        Assert.Equal(["Suspend:7"], Done(debtor, Due.AddDays(8), new TimeOnly(10, 0)));
        Assert.Empty(Done(debtor with { Lines = [new(Guid.Empty, "jane", SubscriptionState.Suspended, SuspendReason.Unpaid)] }, Due.AddDays(8), new TimeOnly(10, 0)));
    }

    [Fact]
    public void A_line_that_was_suspended_late_is_ended_only_after_the_ladders_days_of_suspension()
    {
        var late = Utc(Due.AddDays(69), new TimeOnly(10, 0)); // a Monday, nine days after the ladder would have ended it
        var debtor = Debtor() with { Lines = [new(Guid.Empty, "jane", SubscriptionState.Suspended, SuspendReason.Unpaid) { Since = late }] };

        var wait = Decide(debtor, Due.AddDays(70), new TimeOnly(10, 0)).OfType<DunningDecision.Wait>().Single(w => w.Step.Act is DunningAct.Disconnect);
        Assert.Equal((Utc(Due.AddDays(69 + 53), TimeOnly.MinValue), "The line was suspended only lately."), (wait.Until!.Value, wait.Why));
        Assert.DoesNotContain("Disconnect:60", Done(debtor, Due.AddDays(121), new TimeOnly(10, 0)));
        Assert.Contains("Disconnect:60", Done(debtor, Due.AddDays(125), new TimeOnly(10, 0))); // the first Monday after
    }

    /// <summary>A month of looks every ten minutes, with payments, promises and a stop of the job at random: the laws that hold for every history.</summary>
    [Fact]
    public void Each_step_is_taken_once_nobody_is_suspended_at_a_forbidden_time_and_who_pays_is_left_alone()
    {
        var histories = Gen.Choose(0, 1_000_000).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(histories, seed => Holds(new Random(seed))));
    }

    private static bool Holds(Random random)
    {
        var (done, told) = (new HashSet<string>(), new List<DateTime>());
        var (line, balance) = (SubscriptionState.Active, 2_500m);
        DateTime? promise = null;
        var paidAt = random.Next(3) == 0 ? (int?)random.Next(0, 30 * 144) : null;
        var start = Due.AddDays(-5).ToDateTime(TimeOnly.MinValue);
        for (var look = 0; look < 30 * 144; look++)
        {
            if (random.Next(200) == 0)
            {
                look += random.Next(300); // the job stood still
            }

            if (look >= paidAt)
            {
                balance = 0;
            }

            var local = start.AddMinutes(10 * look);
            var moment = new DunningMoment(TimeZoneInfo.ConvertTimeToUtc(local, Nairobi), Nairobi);
            if (random.Next(1_000) == 0)
            {
                promise = moment.Utc.AddDays(random.Next(1, 5));
            }

            var debtor = new Debtor(Guid.Empty, null, promise, null, false, [Invoice("INV-1", Due, balance) with { Done = done.ToHashSet() }], [new(Guid.Empty, "jane", line, line is SubscriptionState.Suspended ? SuspendReason.Unpaid : null)]);
            foreach (var decision in DunningEngine.Decide(Policy, debtor, moment))
            {
                if (decision is DunningDecision.Wait)
                {
                    continue;
                }

                var suspends = decision is DunningDecision.Do { Step.Act: DunningAct.Suspend };
                if (balance == 0 || moment.Today < Due.AddDays(decision.Step.Day) || local.Hour is 2 or 3 || (promise > moment.Utc && decision is DunningDecision.Do) || (!suspends && !done.Add(decision.Step.Key)))
                {
                    return false;
                }

                if (suspends)
                {
                    if (local.DayOfWeek is DayOfWeek.Friday or DayOfWeek.Saturday or DayOfWeek.Sunday || local.Hour is < 9 or >= 16 || line is not SubscriptionState.Active)
                    {
                        return false;
                    }

                    line = SubscriptionState.Suspended;
                }
                else if (decision is DunningDecision.Do && decision.Step.Tells)
                {
                    told.Add(local);
                    if (local.Hour is < 8 or >= 19)
                    {
                        return false;
                    }
                }
            }
        }

        // Without a payment and without a promise at its end, a month after the due day the line is suspended.
        return paidAt is not null || promise is not null || line is SubscriptionState.Suspended;
    }

    private static IReadOnlyList<DunningDecision> Decide(Debtor debtor, DateOnly day, TimeOnly time) => DunningEngine.Decide(Policy, debtor, new DunningMoment(Utc(day, time), Nairobi));

    private static List<string> Done(Debtor debtor, DateOnly day, TimeOnly time) => [.. Decide(debtor, day, time).OfType<DunningDecision.Do>().Select(d => d.Step.Key)
        .OrderBy(k => k.StartsWith("Warn", StringComparison.Ordinal) || k.StartsWith("Remind", StringComparison.Ordinal) ? 0 : k.StartsWith("Suspend", StringComparison.Ordinal) ? 1 : 2)];

    private static Debtor Debtor(decimal balance = 2_500m) =>
        new(Guid.Empty, null, null, null, false, [Invoice("INV-1", Due, balance)], [new(Guid.Empty, "jane", SubscriptionState.Active, null)]);

    private static DebtorInvoice Invoice(string reference, DateOnly due, decimal balance) => new(Guid.CreateVersion7(), reference, due, Money.Of(balance), false, new HashSet<string>());

    private static DateTime Utc(DateOnly day, TimeOnly time) => TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(time), Nairobi);
}
