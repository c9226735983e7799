using DataDefender.Domain.Common;

namespace DataDefender.Domain.Payments;

public enum TransactionState
{
    /// <summary>Nobody's yet: it lies in the suspense account.</summary>
    Orphan,

    /// <summary>A client's: it went to invoices and the wallet.</summary>
    Applied,

    /// <summary>A cheque that the bank has not paid yet.</summary>
    Clearing,

    /// <summary>Given back to the payer.</summary>
    Refunded,

    /// <summary>Taken back by the provider, or a cheque that bounced.</summary>
    Reversed,
}

/// <summary>
/// Money that moved. One row a receipt and provider, posted exactly once; what is wrong about it is put right by further entries. Success
/// of a push without a receipt is keyed by the push, and gets its receipt when that is known.
/// </summary>
public sealed class ProviderTransaction : Entity, ITenantOwned, IAudited
{
    private ProviderTransaction() { }

    public ProviderTransaction(Guid tenantId, PaymentMethod method, Guid? channelId, string? receipt, Money amount, EvidenceSource source, DateTime occurredAt, DateTime now)
    {
        if (amount <= Money.Zero)
        {
            throw new DomainException("payment.amount", "A payment is more than nothing.");
        }

        (TenantId, Method, ChannelId, Receipt, Amount, Source) = (tenantId, method, channelId, receipt, amount, source);
        (OccurredAt, RecordedAt) = (occurredAt, now);
    }

    public Guid TenantId { get; private set; }

    /// <summary>Our own number of it, for people: counts up without gaps in the company.</summary>
    public long Number { get; private set; }

    public PaymentMethod Method { get; private set; }
    public Guid? ChannelId { get; private set; }

    /// <summary>The provider's receipt, the bank's reference, the cheque's number. Null while only the push is known.</summary>
    public string? Receipt { get; private set; }

    public Guid? AttemptId { get; private set; }
    public Guid? IntentId { get; private set; }
    public Money Amount { get; private set; }

    /// <summary>What a push had asked for, when another amount moved.</summary>
    public bool AmountMismatch { get; private set; }

    /// <summary>The message named no amount: it is that of the push, until a receipt says more.</summary>
    public bool AmountAssumed { get; private set; }

    /// <summary>When the provider says that it happened.</summary>
    public DateTime OccurredAt { get; private set; }
    public DateTime RecordedAt { get; private set; }
    public EvidenceSource Source { get; private set; }

    /// <summary>Said a second time by a way of our own: a query, the fetched list or a statement.</summary>
    public DateTime? ConfirmedAt { get; private set; }

    public string? PayerMsisdn { get; private set; }
    public string? PayerName { get; private set; }
    public string? AccountReference { get; private set; }
    public TransactionState State { get; private set; } = TransactionState.Orphan;
    public DateTime StateSince { get; private set; }
    public Guid? ClientId { get; private set; }

    /// <summary>Who took it, matched it or gave it back.</summary>
    public string? HandledBy { get; private set; }

    public string? Note { get; private set; }
    public Guid? CashSessionId { get; private set; }

    /// <summary>Who looks after this orphan, so that two do not.</summary>
    public string? ClaimedBy { get; private set; }

    /// <summary>A match or refund above the limit waits for a second person: what was proposed, and by whom.</summary>
    public string? ProposedBy { get; private set; }
    public Guid? ProposedClientId { get; private set; }

    public string AuditLabel => Receipt ?? $"Payment {Number}";

    public void Describe(long number, string? msisdn, string? payerName, string? accountReference)
    {
        (Number, PayerMsisdn, PayerName, AccountReference) = (number, Cut(msisdn, 64), Cut(payerName, 120), Cut(accountReference, 64));
        StateSince = RecordedAt;
    }

    public void BelongToPush(PaymentAttempt attempt, bool amountAssumed)
    {
        (AttemptId, IntentId, AmountMismatch, AmountAssumed) = (attempt.Id, attempt.IntentId, Amount != attempt.Amount, amountAssumed);
        PayerMsisdn ??= attempt.Msisdn;
        AccountReference ??= attempt.AccountReference;
    }

    /// <summary>The receipt became known. It is never replaced.</summary>
    public void Learn(PaymentEvidence evidence, DateTime now)
    {
        Receipt ??= string.IsNullOrWhiteSpace(evidence.Receipt) ? null : evidence.Receipt;
        PayerName ??= Cut(evidence.PayerName, 120);
        PayerMsisdn ??= Cut(evidence.Msisdn, 64);
        AmountAssumed = AmountAssumed && evidence.Amount is null;
        if (evidence.Source is EvidenceSource.Query or EvidenceSource.Pull or EvidenceSource.Statement)
        {
            ConfirmedAt ??= now;
        }
    }

    /// <summary>The provider's own word on the amount, where it had been assumed. The caller posts the difference.</summary>
    public void Correct(Money amount) => (Amount, AmountAssumed, AmountMismatch) = (amount, false, true);

    public void ApplyTo(Guid clientId, string by, string? note, DateTime now)
    {
        Require(TransactionState.Orphan, TransactionState.Clearing);
        Move(TransactionState.Applied, by, note, now);
        (ClientId, ProposedBy, ProposedClientId) = (clientId, null, null);
    }

    public void Clear(Guid clientId, string by, string? note, DateTime now)
    {
        Require(TransactionState.Orphan);
        Move(TransactionState.Clearing, by, note, now);
        ClientId = clientId;
    }

    public void Refund(string by, string reason, DateTime now)
    {
        Require(TransactionState.Orphan, TransactionState.Applied);
        Move(TransactionState.Refunded, by, reason, now);
        (ProposedBy, ProposedClientId) = (null, null);
    }

    public void Reverse(string by, string reason, DateTime now)
    {
        Require(TransactionState.Orphan, TransactionState.Applied, TransactionState.Clearing);
        Move(TransactionState.Reversed, by, reason, now);
    }

    /// <summary>It was the same money as another payment: it lets its push go to that one.</summary>
    public void Merge(string by, string note, DateTime now)
    {
        Reverse(by, note, now);
        AttemptId = null;
    }

    public void ClaimFor(string person) => ClaimedBy = person;

    public void Propose(Guid? clientId, string by) => (ProposedClientId, ProposedBy) = (clientId, by);

    public void WithdrawProposal() => (ProposedClientId, ProposedBy) = (null, null);

    public void TakeInto(Guid cashSession) => CashSessionId = cashSession;

    private void Move(TransactionState state, string by, string? note, DateTime now) =>
        (State, StateSince, HandledBy, Note) = (state, now, by, Cut(note, 300) ?? Note);

    private void Require(params ReadOnlySpan<TransactionState> allowed)
    {
        if (!allowed.Contains(State))
        {
            throw new DomainException("payment.state", $"{AuditLabel} is {State}; that cannot be done to it now.");
        }
    }

    private static string? Cut(string? text, int most) => string.IsNullOrWhiteSpace(text) ? null : text.Length > most ? text[..most] : text;
}
