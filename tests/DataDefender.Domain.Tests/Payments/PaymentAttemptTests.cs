using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Domain.Tests.Payments;

public sealed class PaymentAttemptTests
{
    private static readonly DateTime Start = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);

    /// <summary>Whatever can be learnt of one push after it was sent.</summary>
    private enum Fact
    {
        Accepted,
        Lost,
        Rejected,
        Cancelled,
        Unreachable,
        Paid,
    }

    [Fact]
    public void No_sequence_of_messages_in_any_order_or_number_ends_otherwise_than_the_set_of_them_does()
    {
        var facts = Gen.Elements(Enum.GetValues<Fact>()).ArrayOf();
        Prop.ForAll(facts.ToArbitrary(), facts.ToArbitrary(), (sequence, more) =>
        {
            // The same set, in another order and with repetitions.
            var again = sequence.Reverse().Concat(more.Where(sequence.Contains)).Concat(sequence).ToArray();
            var (left, right) = (After(sequence), After(again));
            return (left.Status == right.Status || Under(left) && Under(right)) && left.ResultCode == right.ResultCode;
        }).QuickCheckThrowOnFailure();

        // What only says that nobody knows yet may stand at different waits; both are open.
        static bool Under(PaymentAttempt attempt) => !attempt.IsSettled;
    }

    [Fact]
    public void Nothing_leads_out_of_success_but_a_reversal()
    {
        foreach (var fact in Enum.GetValues<Fact>())
        {
            var attempt = After([Fact.Paid, fact]);
            Assert.Equal(AttemptStatus.Succeeded, attempt.Status);
        }

        var paid = After([Fact.Paid]);
        paid.Reverse();
        Apply(paid, Fact.Paid);
        Assert.Equal(AttemptStatus.Reversed, paid.Status);
        Assert.Throws<DomainException>(() => After([Fact.Cancelled]).Reverse());
    }

    [Fact]
    public void Success_after_a_failure_wins_and_is_told_as_overturned()
    {
        var attempt = After([Fact.Cancelled, Fact.Paid]);

        Assert.Equal(AttemptStatus.Succeeded, attempt.Status);
        Assert.True(attempt.WasOverturned);
        Assert.Null(attempt.NextLookAt);
    }

    [Fact]
    public void A_push_is_sent_once()
    {
        var attempt = After([]);

        Assert.Throws<DomainException>(() => attempt.Send(Start));
    }

    [Fact]
    public void An_unknown_outcome_is_looked_after_by_the_schedule_and_goes_to_a_person_after_a_week()
    {
        var attempt = After([Fact.Lost]);
        var (now, looks) = (Start, new List<TimeSpan>());
        while (attempt.NextLookAt is { } next)
        {
            looks.Add(next - now);
            now = next;
            attempt.Look(now, jitter: 0);
        }

        Assert.Equal(AttemptStatus.NeedsReview, attempt.Status);
        Assert.Equal([TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), TimeSpan.FromHours(6)], looks.Take(7));
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromDays(1), 7), looks.Skip(7));
        Assert.True(now - Start >= TimeSpan.FromDays(7));
        Apply(attempt, Fact.Paid);
        Assert.Equal(AttemptStatus.Succeeded, attempt.Status);
    }

    [Fact]
    public void A_prompt_without_an_answer_counts_as_unknown_after_a_minute_and_a_half()
    {
        var attempt = After([Fact.Accepted]);

        Assert.Equal((AttemptStatus.AwaitingCustomer, Start.AddSeconds(90)), (attempt.Status, attempt.NextLookAt));
        attempt.Look(Start.AddSeconds(90), 0);
        Assert.Equal(AttemptStatus.Unknown, attempt.Status);
    }

    [Fact]
    public void Money_that_comes_after_the_request_expired_is_the_clients_all_the_same()
    {
        var intent = Intent();
        intent.Expire();
        intent.Take(Money.Of(1_000m));

        Assert.Equal(IntentStatus.SucceededLate, intent.Status);
    }

    [Theory]
    [InlineData(400, IntentStatus.PartiallyPaid)]
    [InlineData(1_000, IntentStatus.Succeeded)]
    [InlineData(1_200, IntentStatus.Overpaid)]
    public void A_request_says_how_much_of_it_came(int amount, IntentStatus status)
    {
        var intent = Intent();
        intent.Process();
        intent.Take(Money.Of(amount));

        Assert.Equal(status, intent.Status);
        intent.Take(Money.Of(-amount));
        Assert.Equal((IntentStatus.RequiresPayment, Money.Zero), (intent.Status, intent.Received));
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("1032", false)]
    [InlineData("1", false)]
    [InlineData("SFC_IC0003", false)]
    [InlineData("8006", null)]
    [InlineData("4999", null)]
    [InlineData(null, null)]
    public void A_code_that_nobody_knows_is_neither_paid_nor_failed(string? code, bool? paid) => Assert.Equal(paid, ResultCodes.Outcome(code));

    private static PaymentIntent Intent() => new(Guid.CreateVersion7(), Guid.CreateVersion7(), Money.Of(1_000m), "1000017", "Internet", "key", "hash", "test", Start.AddDays(1), Start);

    private static PaymentAttempt After(Fact[] facts)
    {
        var channel = new PaymentChannel(Guid.CreateVersion7(), ChannelKind.Paybill, Start);
        var attempt = new PaymentAttempt(Intent(), channel, "push", Money.Of(1_000m), "254712000001", Start);
        attempt.Send(Start);
        foreach (var fact in facts)
        {
            Apply(attempt, fact);
        }

        return attempt;
    }

    private static void Apply(PaymentAttempt attempt, Fact fact)
    {
        switch (fact)
        {
            case Fact.Accepted:
                attempt.Accepted("ws_CO_1", "1-1-1");
                break;
            case Fact.Lost:
                attempt.Lose(Start);
                break;
            case Fact.Rejected:
                attempt.Refused("400.002.02", "Invalid", Start);
                break;
            case Fact.Cancelled:
                attempt.Fail("1032", "Cancelled", Start);
                break;
            case Fact.Unreachable:
                attempt.Fail("1037", "Not reached", Start);
                break;
            case Fact.Paid:
                attempt.Succeed(Start);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fact));
        }
    }
}
