using DataDefender.Domain.Common;

namespace DataDefender.Domain.Payments;

/// <summary>Where we know it from.</summary>
public enum EvidenceSource
{
    /// <summary>The provider told us by itself.</summary>
    Callback,

    /// <summary>We asked what became of one push.</summary>
    Query,

    /// <summary>We fetched the list of what came in.</summary>
    Pull,

    /// <summary>A statement that a person imported.</summary>
    Statement,

    /// <summary>A person of the company received it.</summary>
    Staff,
}

/// <summary>
/// One thing that a provider says about money. Facts about a push carry its ids; money that moved carries a receipt, or, where the provider
/// gives none, the push that it belongs to.
/// </summary>
public sealed record PaymentEvidence
{
    public required EvidenceSource Source { get; init; }

    /// <summary>True: money moved. False: it definitely did not. Null: nothing certain yet.</summary>
    public required bool? Paid { get; init; }

    /// <summary>Our own id of the push (ThirdPartyTransID).</summary>
    public string? PushId { get; init; }

    public string? CheckoutRequestId { get; init; }
    public string? MerchantRequestId { get; init; }

    /// <summary>The provider's receipt number of the money; null when the message gives none.</summary>
    public string? Receipt { get; init; }

    /// <summary>What moved; null when the message does not say.</summary>
    public Money? Amount { get; init; }

    public string? Msisdn { get; init; }
    public string? PayerName { get; init; }

    /// <summary>What the payer typed as the account, or what the push said.</summary>
    public string? AccountReference { get; init; }

    /// <summary>When the provider says that it happened (UTC).</summary>
    public DateTime? At { get; init; }

    public string? ResultCode { get; init; }
    public string? ResultText { get; init; }

    /// <summary>The collecting account that the message names, if it names one.</summary>
    public string? ShortCode { get; init; }

    /// <summary>Whether it is about a push of ours.</summary>
    public bool IsAboutPush => PushId is not null || CheckoutRequestId is not null;
}

/// <summary>The message makes no sense; says where, for people. It is kept and shown.</summary>
public sealed class UnreadableMessageException(string message, Exception? cause = null) : Exception(message, cause);
