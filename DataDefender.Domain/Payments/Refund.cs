using DataDefender.Domain.Common;

namespace DataDefender.Domain.Payments;

/// <summary>Where an order to give money back stands. A later one in this list is never left for an earlier one.</summary>
public enum RefundStatus
{
    /// <summary>Committed, and on its way.</summary>
    Sending,

    /// <summary>The provider took it; its result comes later.</summary>
    Accepted,

    /// <summary>Nobody knows. It is never sent again; the provider is asked until evidence comes.</summary>
    Unknown,

    /// <summary>A week without evidence, or a result whose meaning is not known: a person has to look.</summary>
    NeedsReview,

    /// <summary>The provider refused the order itself, or it provably never left.</summary>
    Rejected,
    Failed,

    /// <summary>The payer has the money again.</summary>
    Succeeded,
}

/// <summary>
/// One order to a provider to give a payment or a part of it back, wanted by one person and agreed to by a second. It is committed before it leaves; until
/// its outcome is known the money is neither the client's nor gone: it lies in suspense.
/// </summary>
public sealed class Refund : Entity, ITenantOwned, IAudited
{
    private Refund() { }

    public Refund(ProviderTransaction payment, Guid channelId, Money amount, string reason, string wantedBy, string agreedBy, DateTime now)
    {
        (TenantId, TransactionId, ChannelId, Amount, Receipt) = (payment.TenantId, payment.Id, channelId, amount, payment.Receipt!);
        (Reason, WantedBy, AgreedBy, CreatedAt, NextLookAt) = (reason, wantedBy, agreedBy, now, now + PaymentAttempt.PromptLasts);
    }

    public Guid TenantId { get; private set; }
    public Guid TransactionId { get; private set; }
    public Guid ChannelId { get; private set; }

    /// <summary>All of the payment, or a part of it.</summary>
    public Money Amount { get; private set; }

    /// <summary>The receipt of the money that is to be given back.</summary>
    public string Receipt { get; private set; } = "";

    public string Reason { get; private set; } = "";
    public string WantedBy { get; private set; } = "";
    public string AgreedBy { get; private set; } = "";
    public RefundStatus Status { get; private set; } = RefundStatus.Sending;

    /// <summary>The provider's own id of the order.</summary>
    public string? ConversationId { get; private set; }

    /// <summary>The provider's receipt of the money that went back.</summary>
    public string? ReceiptBack { get; private set; }

    public string? ResultCode { get; private set; }
    public string? ResultText { get; private set; }

    /// <summary>The money went back after the order had been called failed.</summary>
    public bool WasOverturned { get; private set; }

    public DateTime CreatedAt { get; private set; }
    public DateTime? SettledAt { get; private set; }

    /// <summary>When it is asked for next; null when there is nothing more to find out.</summary>
    public DateTime? NextLookAt { get; private set; }

    public int Looks { get; private set; }

    public string AuditLabel => $"Refund of {Receipt}";

    /// <summary>Our own id of the order: it goes to the provider and comes back with the answer.</summary>
    public string OrderId => Id.ToString("N");

    public bool IsOpen => Status is RefundStatus.Sending or RefundStatus.Accepted or RefundStatus.Unknown or RefundStatus.NeedsReview;

    public void Accepted(string? conversationId)
    {
        ConversationId ??= string.IsNullOrWhiteSpace(conversationId) ? null : conversationId;
        Status = Status is RefundStatus.Sending ? RefundStatus.Accepted : Status;
    }

    public void Lose(DateTime now)
    {
        if (Status < RefundStatus.Unknown)
        {
            (Status, Looks, NextLookAt) = (RefundStatus.Unknown, 0, now + PaymentAttempt.Schedule[0]);
        }
    }

    /// <summary>A result whose meaning nobody knows.</summary>
    public void Review(string code, string? text)
    {
        if (Status < RefundStatus.NeedsReview)
        {
            (Status, NextLookAt, ResultCode, ResultText) = (RefundStatus.NeedsReview, null, Cut(code, 60), Cut(text, 300));
        }
    }

    /// <summary>Takes a look in advance, so that two processes do not ask at once.</summary>
    public void Look(DateTime now, double jitter)
    {
        Status = Status is RefundStatus.Sending or RefundStatus.Accepted ? RefundStatus.Unknown : Status;
        if (Looks >= PaymentAttempt.Schedule.Count)
        {
            Review("silent", "A week without a word of the provider");
            NextLookAt = null;
            return;
        }

        var pause = PaymentAttempt.Schedule[Looks++];
        NextLookAt = now + pause + (pause * 0.1 * jitter);
    }

    /// <summary>Nothing went out. True the first time, when the money has to be put back where it was.</summary>
    public bool Fail(RefundStatus how, string code, string? text, DateTime now)
    {
        if (Status >= RefundStatus.Rejected)
        {
            return false;
        }

        (Status, SettledAt, NextLookAt, ResultCode, ResultText) = (how, now, null, Cut(code, 60), Cut(text, 300));
        return true;
    }

    /// <summary>The payer has it. True the first time.</summary>
    public bool Succeed(string? receiptBack, DateTime now)
    {
        ReceiptBack ??= string.IsNullOrWhiteSpace(receiptBack) ? null : Cut(receiptBack, 80);
        if (Status is RefundStatus.Succeeded)
        {
            return false;
        }

        WasOverturned = Status is RefundStatus.Rejected or RefundStatus.Failed;
        (Status, SettledAt, NextLookAt, ResultCode, ResultText) = (RefundStatus.Succeeded, now, null, "0", null);
        return true;
    }

    private static string? Cut(string? text, int most) => text is not null && text.Length > most ? text[..most] : text;
}
