namespace DataDefender.Sandbox.Money;

/// <summary>Money that moved, as the provider's own books have it: what everybody else's are measured by.</summary>
public sealed record MovedMoney(
    string Receipt, MoneyProvider Provider, string ShortCode, decimal Amount, string Msisdn, string Payer, string Account, DateTimeOffset At, string? CheckoutRequestId, string? ThirdPartyTransId, MoneyFault Fault);

/// <summary>A prompt on a phone, from the push to its end.</summary>
public sealed class Prompt
{
    public required string CheckoutRequestId { get; init; }

    public required string MerchantRequestId { get; init; }

    public required MoneyAccountOptions Account { get; init; }

    public required decimal Amount { get; init; }

    public required string Msisdn { get; init; }

    public required string AccountReference { get; init; }

    public required string Description { get; init; }

    public required Uri Callback { get; init; }

    public string? ThirdPartyTransId { get; init; }

    public required DateTimeOffset At { get; init; }

    public MoneyFault Fault { get; init; }

    /// <summary>Null while it is on the phone.</summary>
    public string? ResultCode { get; set; }

    public string ResultText { get; set; } = "";

    public MovedMoney? Money { get; set; }

    /// <summary>Questions that were answered.</summary>
    public int Queries { get; set; }
}

/// <summary>An order to give money back, as the provider keeps it.</summary>
public sealed class ReversalOrder
{
    public required string OrderId { get; init; }

    public required string ConversationId { get; init; }

    public required MovedMoney Money { get; init; }

    /// <summary>How much of it is to go back.</summary>
    public required decimal Amount { get; init; }

    public required Uri Result { get; init; }

    public required MoneyFault Fault { get; init; }

    /// <summary>Null while it is being carried out.</summary>
    public string? ResultCode { get; set; }

    public string ResultText { get; set; } = "";

    /// <summary>The receipt of the money that went back.</summary>
    public string? ReceiptBack { get; set; }
}
