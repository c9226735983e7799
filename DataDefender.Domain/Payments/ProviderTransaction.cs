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

    /// <summary>An order to give it back is with the provider; the money lies in suspense until its result.</summary>
    Refunding,

    /// <summary>Given back to the payer.</summary>
    Refunded,

    /// <summary>Taken back by the provider, or a cheque that bounced.</summary>
    Reversed,

    /// <summary>It came through a channel that is not live, where no money moves: it is kept to be looked at and is in no books.</summary>
    Test,
}

/// <summary>What one person proposed and a second one has to agree to.</summary>
public enum ProposedAct
{
    /// <summary>Give it to a client.</summary>
    Match,

    /// <summary>Note that it was given back.</summary>
    Refund,

    /// <summary>Order the provider to give it back.</summary>
    SendBack,

    /// <summary>Take it out of the books: the provider took it back, or it should not have been entered.</summary>
    Reverse,
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

    /// <summary>How much of it is gone again: given back to the payer, or taken back as a whole.</summary>
    public Money GivenBack { get; private set; }

    /// <summary>How much of it the provider is ordered to give back, without a result yet: it lies in suspense.</summary>
    public Money GoingBack { get; private set; }

    /// <summary>What is left of it with the client, or without an owner: as much as can still be given back.</summary>
    public Money Remaining => Amount - GivenBack - GoingBack;

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

    /// <summary>It is large and rests on one message: nobody has it until the provider's own word confirms it, or a person decides.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>When the provider is asked for its word on it; null when there is nothing to ask.</summary>
    public DateTime? NextLookAt { get; private set; }

    public int Looks { get; private set; }

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

    /// <summary>What waits for a second person, and who proposed it.</summary>
    public ProposedAct? Proposed { get; private set; }
    public string? ProposedReason { get; private set; }
    public string? ProposedBy { get; private set; }

    /// <summary>How much is proposed to be given back.</summary>
    public Money? ProposedAmount { get; private set; }
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
            (IsHeld, NextLookAt) = (false, null);
        }
    }

    /// <summary>It waits for the provider's own word, which is asked for at once.</summary>
    public void Hold(DateTime now) => (IsHeld, NextLookAt) = (true, now);

    /// <summary>Takes a look in advance, so that two processes do not ask at once.</summary>
    public void Look(DateTime now, double jitter)
    {
        var pause = Looks < PaymentAttempt.Schedule.Count ? PaymentAttempt.Schedule[Looks++] : (TimeSpan?)null;
        NextLookAt = now + pause + (pause * 0.1 * jitter);
    }

    /// <summary>The provider's own word on the amount, where it had been assumed. The caller posts the difference.</summary>
    public void Correct(Money amount) => (Amount, AmountAssumed, AmountMismatch) = (amount, false, true);

    public void ApplyTo(Guid clientId, string by, string? note, DateTime now)
    {
        Require(TransactionState.Orphan, TransactionState.Clearing);
        Move(TransactionState.Applied, by, note, now);
        ClientId = clientId;
        WithdrawProposal();
    }

    public void Clear(Guid clientId, string by, string? note, DateTime now)
    {
        Require(TransactionState.Orphan);
        Move(TransactionState.Clearing, by, note, now);
        ClientId = clientId;
    }

    /// <summary>No money moved: nothing is posted.</summary>
    public void BeTest(string by, DateTime now)
    {
        Require(TransactionState.Orphan);
        Move(TransactionState.Test, by, null, now);
    }

    /// <summary>It was money after all: the caller posts it as money without an owner.</summary>
    public void Count(string by, string reason, DateTime now)
    {
        Require(TransactionState.Test);
        Move(TransactionState.Orphan, by, reason, now);
    }

    /// <summary>A part of it, or all that is left, went back to the payer.</summary>
    public void Refund(Money amount, string by, string reason, DateTime now)
    {
        Require(TransactionState.Orphan, TransactionState.Applied);
        DemandRemaining(amount);
        GivenBack += amount;
        Leave(by, reason, now);
        WithdrawProposal();
    }

    /// <summary>The provider is ordered to give a part of it, or all that is left, back.</summary>
    public void SendBack(Money amount, string by, string reason, DateTime now)
    {
        Require(TransactionState.Orphan, TransactionState.Applied);
        DemandRemaining(amount);
        GoingBack += amount;
        if (Remaining == Money.Zero)
        {
            Move(TransactionState.Refunding, by, reason, now);
        }

        WithdrawProposal();
    }

    /// <summary>What the provider was ordered to give back went.</summary>
    public void ArriveBack(Money amount, string by, string reason, DateTime now)
    {
        DemandGoingBack(amount);
        (GoingBack, GivenBack) = (GoingBack - amount, GivenBack + amount);
        Leave(by, reason, now);
    }

    /// <summary>Nothing came of the order: it is the client's again, or nobody's as before.</summary>
    public void KeepBack(Money amount, string by, string note, DateTime now)
    {
        DemandGoingBack(amount);
        GoingBack -= amount;
        if (State is TransactionState.Refunding)
        {
            Move(ClientId is null ? TransactionState.Orphan : TransactionState.Applied, by, note, now);
        }
    }

    /// <exception cref="DomainException">It is nothing, or more than is left of it.</exception>
    public void DemandRemaining(Money amount)
    {
        if (amount <= Money.Zero || amount > Remaining)
        {
            throw new DomainException("refund.amount", GoingBack > Money.Zero
                ? $"{Remaining} of {AuditLabel} can still be given back: of its {Amount} {GivenBack} went back already and {GoingBack} are on their way."
                : $"{Remaining} of {AuditLabel} can still be given back: of its {Amount} {GivenBack} went back already.");
        }
    }

    public void Reverse(string by, string reason, DateTime now)
    {
        Require(TransactionState.Orphan, TransactionState.Applied, TransactionState.Clearing);
        DemandNothingGoingBack();
        GivenBack = Amount;
        Move(TransactionState.Reversed, by, reason, now);
        WithdrawProposal();
    }

    /// <summary>It was the same money as another payment: it lets its push go to that one.</summary>
    public void Merge(string by, string note, DateTime now)
    {
        Reverse(by, note, now);
        AttemptId = null;
    }

    public void ClaimFor(string person) => ClaimedBy = person;

    /// <summary>While the provider is ordered to give some of it back, what becomes of that order decides first.</summary>
    public void DemandNothingGoingBack()
    {
        if (GoingBack > Money.Zero)
        {
            throw new DomainException("payment.refunding", $"{GoingBack} of {AuditLabel} are being given back by the provider; wait for what becomes of that order.");
        }
    }

    public void Propose(ProposedAct act, Guid? clientId, string by, string? reason = null, Money? amount = null)
    {
        if (State is not (TransactionState.Orphan or TransactionState.Applied))
        {
            throw new DomainException("payment.state", $"{AuditLabel} is {State}; that cannot be done to it now.");
        }

        (Proposed, ProposedClientId, ProposedBy, ProposedReason, ProposedAmount) = (act, clientId, by, Cut(reason, 300), amount);
    }

    public void WithdrawProposal() => (Proposed, ProposedClientId, ProposedBy, ProposedReason, ProposedAmount) = (null, null, null, null, null);

    /// <summary>Whether this person is the second who agrees to that act, with the same amount where it is of a part.</summary>
    public bool IsSecond(ProposedAct act, Guid? clientId, string person, Money? amount = null) =>
        Proposed == act && ProposedClientId == clientId && ProposedAmount == amount && ProposedBy is { } proposer && proposer != person;

    public void TakeInto(Guid cashSession) => CashSessionId = cashSession;

    private void Leave(string by, string reason, DateTime now)
    {
        if (GivenBack == Amount)
        {
            Move(TransactionState.Refunded, by, reason, now);
        }
        else
        {
            Note = Cut(reason, 300) ?? Note;
        }
    }

    private void DemandGoingBack(Money amount)
    {
        if (amount > GoingBack)
        {
            throw new DomainException("payment.state", $"{GoingBack} of {AuditLabel} are on their way back, not {amount}.");
        }
    }

    private void Move(TransactionState state, string by, string? note, DateTime now) =>
        (State, StateSince, HandledBy, Note, IsHeld, NextLookAt) = (state, now, by, Cut(note, 300) ?? Note, false, null);

    private void Require(params ReadOnlySpan<TransactionState> allowed)
    {
        if (!allowed.Contains(State))
        {
            throw new DomainException("payment.state", $"{AuditLabel} is {State}; that cannot be done to it now.");
        }
    }

    private static string? Cut(string? text, int most) => string.IsNullOrWhiteSpace(text) ? null : text.Length > most ? text[..most] : text;
}
