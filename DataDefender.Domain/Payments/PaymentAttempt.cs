using DataDefender.Domain.Common;

namespace DataDefender.Domain.Payments;

public enum AttemptStatus
{
    /// <summary>Committed, not sent.</summary>
    Created,
    Sending,

    /// <summary>The provider took it; the customer has the prompt on the phone.</summary>
    AwaitingCustomer,

    /// <summary>Nobody knows. It is never called failed and never pushed again; the janitor asks until evidence comes.</summary>
    Unknown,

    /// <summary>A week without evidence: a person has to look.</summary>
    NeedsReview,

    /// <summary>The provider refused the request itself, or it provably never left.</summary>
    Rejected,
    Failed,
    Succeeded,

    /// <summary>Succeeded, and the money was taken back by an explicit reversal.</summary>
    Reversed,
}

/// <summary>
/// One STK push. Its state is the highest that the facts known so far reach: unknown, review, rejected, failed, succeeded. So the order and
/// the number of messages do not matter, and nothing but a reversal leads out of success.
/// </summary>
public sealed class PaymentAttempt : Entity, ITenantOwned
{
    /// <summary>The customer has this long for the prompt; after it the outcome counts as unknown.</summary>
    public static readonly TimeSpan PromptLasts = TimeSpan.FromSeconds(90);

    /// <summary>No second push for the same request while one is younger than this and its outcome is unknown (Daraja code 17).</summary>
    public static readonly TimeSpan QuietAfterUnknown = TimeSpan.FromMinutes(2);

    /// <summary>When the janitor looks at an unknown outcome, counted from the look before.</summary>
    public static readonly IReadOnlyList<TimeSpan> Schedule =
    [
        TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), TimeSpan.FromHours(6),
        .. Enumerable.Repeat(TimeSpan.FromDays(1), 7),
    ];

    private PaymentAttempt() { }

    public PaymentAttempt(PaymentIntent intent, PaymentChannel channel, string pushId, Money amount, string msisdn, DateTime now)
    {
        (TenantId, IntentId, ClientId, ChannelId, Method) = (intent.TenantId, intent.Id, intent.ClientId, channel.Id, channel.Method);
        (PushId, Amount, Msisdn, AccountReference, CreatedAt, NextLookAt) = (pushId, amount, msisdn, intent.AccountReference, now, now + PromptLasts);
    }

    public Guid TenantId { get; private set; }
    public Guid IntentId { get; private set; }
    public Guid ClientId { get; private set; }
    public Guid ChannelId { get; private set; }
    public PaymentMethod Method { get; private set; }

    /// <summary>Our unique id of this push, committed before it leaves: ThirdPartyTransID, and the idempotency key.</summary>
    public string PushId { get; private set; } = "";

    public Money Amount { get; private set; }
    public string Msisdn { get; private set; } = "";
    public string AccountReference { get; private set; } = "";
    public AttemptStatus Status { get; private set; } = AttemptStatus.Created;
    public string? CheckoutRequestId { get; private set; }
    public string? MerchantRequestId { get; private set; }

    /// <summary>The provider's own words and code for a refusal or a failure.</summary>
    public string? ResultCode { get; private set; }
    public string? ResultText { get; private set; }

    /// <summary>A success that came by a way that anybody could have used, not yet confirmed by asking.</summary>
    public bool HasClaim { get; private set; }

    /// <summary>The provider said that nothing came of it, and a message that names a receipt says paid: a person decides, or evidence of money.</summary>
    public bool IsDisputed { get; private set; }

    /// <summary>Success came after the push had been called failed, refused or for review.</summary>
    public bool WasOverturned { get; private set; }

    public DateTime CreatedAt { get; private set; }
    public DateTime? SentAt { get; private set; }
    public DateTime? SettledAt { get; private set; }

    /// <summary>When the janitor looks next; null when there is nothing more to find out.</summary>
    public DateTime? NextLookAt { get; private set; }

    public int Looks { get; private set; }

    /// <summary>Success, failure and refusal need no more looks. (Evidence of success still counts.)</summary>
    public bool IsSettled => Status is AttemptStatus.Rejected or AttemptStatus.Failed or AttemptStatus.Succeeded or AttemptStatus.Reversed;

    /// <summary>Whether another push for the same request could take the money twice.</summary>
    public bool MayStillBePaid => Status is AttemptStatus.Created or AttemptStatus.Sending or AttemptStatus.AwaitingCustomer or AttemptStatus.Unknown or AttemptStatus.NeedsReview;

    public void Send(DateTime now)
    {
        if (Status is not AttemptStatus.Created)
        {
            throw new DomainException("attempt.state", "This push was sent already; a push is never sent twice.");
        }

        (Status, SentAt, NextLookAt) = (AttemptStatus.Sending, now, now + PromptLasts);
    }

    /// <summary>The provider took the request. What was learnt meanwhile stands.</summary>
    public void Accepted(string? checkoutRequestId, string? merchantRequestId)
    {
        CheckoutRequestId ??= Empty(checkoutRequestId);
        MerchantRequestId ??= Empty(merchantRequestId);
        Status = Status is AttemptStatus.Sending ? AttemptStatus.AwaitingCustomer : Status;
    }

    /// <summary>The request provably came to nothing.</summary>
    public void Refused(string code, string text, DateTime now) => Reach(AttemptStatus.Rejected, code, text, now);

    /// <summary>The outcome is not known; the next look is soon. What was learnt meanwhile stands.</summary>
    public void Lose(DateTime now)
    {
        if (Rank(Status) < Rank(AttemptStatus.Unknown))
        {
            (Status, Looks, NextLookAt) = (AttemptStatus.Unknown, 0, now + Schedule[0]);
        }
    }

    /// <summary>A success was claimed in a way that has to be confirmed: look at once.</summary>
    public void Claim(DateTime now)
    {
        if (!IsDisputed && (!IsSettled || Status is AttemptStatus.Failed or AttemptStatus.Rejected))
        {
            HasClaim = true;
            NextLookAt = now;
        }
    }

    /// <summary>The provider's own no against a claim with a receipt. False when the money had come, or it was disputed already.</summary>
    public bool Dispute()
    {
        if (IsDisputed || Status is AttemptStatus.Succeeded or AttemptStatus.Reversed)
        {
            return false;
        }

        (Status, IsDisputed, HasClaim, SettledAt, NextLookAt) = (AttemptStatus.NeedsReview, true, true, null, null);
        return true;
    }

    /// <summary>A person found out that nothing came of it. Money that comes all the same still counts.</summary>
    public void CameToNothing(string text, DateTime now)
    {
        if (Status is not (AttemptStatus.Unknown or AttemptStatus.NeedsReview))
        {
            throw new DomainException("attempt.state", $"This push is {Status}; a person decides only what nobody knows.");
        }

        (Status, SettledAt, NextLookAt, HasClaim, IsDisputed, ResultCode, ResultText) = (AttemptStatus.Failed, now, null, false, false, "staff", Cut(text));
    }

    /// <summary>
    /// Takes a look in advance: the row is saved before the provider is asked, so that two processes do not ask at once. A week after the
    /// schedule began the attempt goes to a person.
    /// </summary>
    public void Look(DateTime now, double jitter)
    {
        if (Status is AttemptStatus.Sending or AttemptStatus.AwaitingCustomer or AttemptStatus.Created)
        {
            Status = AttemptStatus.Unknown;
        }

        if (Looks >= Schedule.Count)
        {
            Status = Status is AttemptStatus.Unknown ? AttemptStatus.NeedsReview : Status;
            NextLookAt = null;
            return;
        }

        var pause = Schedule[Looks++];
        NextLookAt = now + pause + (pause * 0.1 * jitter);
    }

    /// <summary>A person wants to know now.</summary>
    public void LookSoon(DateTime now)
    {
        if (IsSettled)
        {
            throw new DomainException("attempt.settled", $"This push is {Status}; there is nothing to ask.");
        }

        (Status, Looks, NextLookAt, IsDisputed) = (Status is AttemptStatus.NeedsReview ? AttemptStatus.Unknown : Status, Status is AttemptStatus.NeedsReview ? Schedule.Count - 1 : Looks, now, false);
    }

    /// <summary>Money moved for it. True the first time; saying it again changes nothing.</summary>
    public bool Succeed(DateTime now)
    {
        if (Status is AttemptStatus.Succeeded or AttemptStatus.Reversed)
        {
            return false;
        }

        WasOverturned = Status is AttemptStatus.Failed or AttemptStatus.Rejected or AttemptStatus.NeedsReview;
        (Status, SettledAt, NextLookAt, HasClaim, IsDisputed, ResultCode, ResultText) = (AttemptStatus.Succeeded, now, null, false, false, "0", null);
        return true;
    }

    /// <summary>It definitely came to nothing. A recorded success stands, whatever is said after.</summary>
    public void Fail(string code, string? text, DateTime now) => Reach(AttemptStatus.Failed, code, text, now);

    public void Learn(PaymentEvidence evidence)
    {
        CheckoutRequestId ??= Empty(evidence.CheckoutRequestId);
        MerchantRequestId ??= Empty(evidence.MerchantRequestId);
    }

    public void Reverse()
    {
        if (Status is not (AttemptStatus.Succeeded or AttemptStatus.Reversed))
        {
            throw new DomainException("attempt.state", "Only money that came can be reversed.");
        }

        Status = AttemptStatus.Reversed;
    }

    private void Reach(AttemptStatus status, string code, string? text, DateTime now)
    {
        // Two failures with different codes: the lower code, so that their order does not matter. A dispute is not ended by one more no.
        if (IsDisputed || Rank(Status) > Rank(status) || (Status == status && string.CompareOrdinal(ResultCode, code) <= 0))
        {
            return;
        }

        (Status, SettledAt, NextLookAt, ResultCode, ResultText) = (status, now, HasClaim ? NextLookAt : null, code, Cut(text));
    }

    private static int Rank(AttemptStatus status) => status switch
    {
        AttemptStatus.Created => 0,
        AttemptStatus.Sending => 1,
        AttemptStatus.AwaitingCustomer => 2,
        AttemptStatus.Unknown => 3,
        AttemptStatus.NeedsReview => 4,
        AttemptStatus.Rejected => 5,
        AttemptStatus.Failed => 6,
        AttemptStatus.Succeeded => 7,
        AttemptStatus.Reversed => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    // Providers send "" for an id that they do not have; as a key that would tie strangers together.
    private static string? Empty(string? id) => string.IsNullOrWhiteSpace(id) ? null : id;

    private static string? Cut(string? text) => text is { Length: > 300 } ? text[..300] : text;
}
