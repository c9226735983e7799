namespace DataDefender.Domain.Notifications;

/// <summary>What messages are about. Each has a text per channel and language, which a company may write anew.</summary>
public enum MessageTopic
{
    InvoiceIssued,
    PaymentDueSoon,
    PaymentDueToday,
    PaymentOverdue,
    SuspensionWarning,
    LateFee,
    ServiceSuspended,
    ServiceRestored,
    ServiceDisconnected,
    PromiseAgreed,
    PromiseBroken,
    PaymentReceived,

    /// <summary>What a member of staff wrote.</summary>
    Notice,
}

/// <summary>What may stand in braces in a text.</summary>
public static class Placeholders
{
    public const string Client = "client";
    public const string Company = "company";
    public const string Account = "account";
    public const string Invoice = "invoice";
    public const string Amount = "amount";
    public const string Balance = "balance";
    public const string Due = "due";
    public const string Days = "days";
    public const string Line = "line";
    public const string Until = "until";
    public const string Receipt = "receipt";
    public const string PayTo = "payto";
    public const string Text = "text";

    /// <summary>With what each is, for the page of templates.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Client] = "The client's name",
        [Company] = "Your company's name",
        [Account] = "The account number that the client pays to",
        [Invoice] = "The invoice's number",
        [Amount] = "The amount that this is about, with its currency",
        [Balance] = "What the client owes in all",
        [Due] = "The day on which the invoice is due",
        [Days] = "How many days before or after that day",
        [Line] = "The user name of the line",
        [Until] = "Until when, by your company's clock",
        [Receipt] = "The receipt of the payment",
        [PayTo] = "How to pay, from the channel settings",
        [Text] = "What was typed",
    };

    /// <summary>What one may use in a text about that topic.</summary>
    public static IReadOnlyList<string> Of(MessageTopic topic) => topic switch
    {
        MessageTopic.InvoiceIssued => [Client, Company, Account, Invoice, Amount, Due, PayTo],
        MessageTopic.PaymentDueToday => [Client, Company, Account, Invoice, Amount, Balance, Due, PayTo],
        MessageTopic.PaymentDueSoon or MessageTopic.PaymentOverdue => [Client, Company, Account, Invoice, Amount, Balance, Due, Days, PayTo],
        MessageTopic.SuspensionWarning => [Client, Company, Account, Invoice, Amount, Balance, Due, Days, Until, PayTo],
        MessageTopic.LateFee => [Client, Company, Account, Invoice, Amount, Balance, PayTo],
        MessageTopic.ServiceSuspended => [Client, Company, Account, Line, Balance, PayTo],
        MessageTopic.ServiceRestored => [Client, Company, Account, Line],
        MessageTopic.ServiceDisconnected => [Client, Company, Account, Line, Balance, PayTo],
        MessageTopic.PromiseAgreed or MessageTopic.PromiseBroken => [Client, Company, Account, Balance, Until, PayTo],
        MessageTopic.PaymentReceived => [Client, Company, Account, Amount, Balance, Receipt],
        MessageTopic.Notice => [Client, Company, Account, Text],
        _ => throw new ArgumentOutOfRangeException(nameof(topic), topic, null),
    };
}
