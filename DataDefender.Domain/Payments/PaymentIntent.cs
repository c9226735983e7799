using DataDefender.Domain.Common;

namespace DataDefender.Domain.Payments;

public enum IntentStatus
{
    /// <summary>Nobody was asked yet, or the last push came to nothing: another may be sent.</summary>
    RequiresPayment,

    /// <summary>A push is on its way, or nobody knows what became of it.</summary>
    Processing,
    Succeeded,
    PartiallyPaid,

    /// <summary>More came than was asked for; the rest is the client's credit.</summary>
    Overpaid,
    Canceled,
    Expired,

    /// <summary>Money came after it was cancelled or had expired. It is the client's all the same.</summary>
    SucceededLate,
}

/// <summary>What we ask a client to pay. It never holds money: that is a <see cref="ProviderTransaction"/>.</summary>
public sealed class PaymentIntent : Entity, ITenantOwned
{
    private PaymentIntent() { }

    public PaymentIntent(Guid tenantId, Guid clientId, Money amount, string accountReference, string description, string idempotencyKey, string requestHash, string askedBy, DateTime expiresAt, DateTime now)
    {
        (TenantId, ClientId, Amount, AccountReference, Description) = (tenantId, clientId, amount, accountReference, description);
        (IdempotencyKey, RequestHash, AskedBy, ExpiresAt, CreatedAt) = (idempotencyKey, requestHash, askedBy, expiresAt, now);
    }

    public Guid TenantId { get; private set; }
    public Guid ClientId { get; private set; }
    public Money Amount { get; private set; }

    /// <summary>What came in for it so far.</summary>
    public Money Received { get; private set; }

    /// <summary>The client's account number, which the provider shows and gives back.</summary>
    public string AccountReference { get; private set; } = "";

    public string Description { get; private set; } = "";
    public IntentStatus Status { get; private set; } = IntentStatus.RequiresPayment;

    /// <summary>Chosen by whoever asks: the same key asks for the same thing and gets the same answer.</summary>
    public string IdempotencyKey { get; private set; } = "";

    /// <summary>Hash of what was asked under the key, to tell a repetition from another request.</summary>
    public string RequestHash { get; private set; } = "";

    /// <summary>Null while the first push has no answer: a second request under the key is told to come again.</summary>
    public DateTime? AnsweredAt { get; private set; }

    public string AskedBy { get; private set; } = "";
    public DateTime CreatedAt { get; private set; }
    public DateTime ExpiresAt { get; private set; }

    public bool IsOpen => Status is IntentStatus.RequiresPayment or IntentStatus.Processing or IntentStatus.PartiallyPaid;

    /// <summary>A push starts.</summary>
    public void Process()
    {
        if (!IsOpen)
        {
            throw new DomainException("intent.state", $"This payment request is {Status}; make a new one.");
        }

        Status = Status is IntentStatus.PartiallyPaid ? Status : IntentStatus.Processing;
    }

    public void Answered(DateTime now) => AnsweredAt ??= now;

    /// <summary>The push came to nothing and no other is under way.</summary>
    public void AskAgain() => Status = Status is IntentStatus.Processing ? IntentStatus.RequiresPayment : Status;

    public void Cancel() => Status = Status is IntentStatus.RequiresPayment or IntentStatus.Processing ? IntentStatus.Canceled
        : throw new DomainException("intent.state", $"This payment request is {Status}; there is nothing to cancel.");

    public void Expire() => Status = Status is IntentStatus.RequiresPayment or IntentStatus.Processing ? IntentStatus.Expired : Status;

    /// <summary>Money came, or (negative) was taken back.</summary>
    public void Take(Money amount)
    {
        var late = Status is IntentStatus.Canceled or IntentStatus.Expired or IntentStatus.SucceededLate;
        Received += amount;
        Status = late && Received > Money.Zero ? IntentStatus.SucceededLate
            : Received <= Money.Zero ? IntentStatus.RequiresPayment
            : Received < Amount ? IntentStatus.PartiallyPaid
            : Received > Amount ? IntentStatus.Overpaid
            : IntentStatus.Succeeded;
    }
}
