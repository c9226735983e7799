namespace DataDefender.Domain.Notifications;

/// <summary>What became of handing one message to a provider.</summary>
public abstract record SendOutcome
{
    private SendOutcome() { }

    /// <summary>The provider took it.</summary>
    public sealed record Accepted(string? ProviderId, long? CostMicros = null, string? CostCurrency = null, string? Note = null) : SendOutcome;

    /// <summary>The provider will never take it as it is: a wrong number, a wrong sender.</summary>
    public sealed record Refused(string Reason) : SendOutcome;

    /// <summary>The provider keeps the recipient's own wish not to be written to.</summary>
    public sealed record Blocked(string Reason) : SendOutcome;

    /// <summary>It certainly did not go out; later it may. With <paramref name="RetryAfter"/> the trouble is the provider's or the account's: no message is given up for that.</summary>
    public sealed record NotSent(string Reason, TimeSpan? RetryAfter = null) : SendOutcome
    {
        /// <summary>It is to be repeated although it may have gone out: nobody else may be given it.</summary>
        public bool MayHaveGone { get; init; }
    }

    /// <summary>No answer came: it may have gone out.</summary>
    public sealed record Unknown(string Reason) : SendOutcome
    {
        /// <summary>It is not repeated whatever the channel's rule is: another provider than the usual one was asked.</summary>
        public bool IsFinal { get; init; }
    }
}

public enum ReportedState
{
    UnderWay,
    Delivered,
    Failed,
}

/// <summary>What a provider says later about a message that it took.</summary>
public sealed record DeliveryReport(string ProviderId, ReportedState State, string? Recipient = null, string? Reason = null);

/// <summary>A company's account at an SMS provider. The key is a secret: it goes into a header and nowhere else.</summary>
public sealed record SmsAccount(string Username, string ApiKey, string? SenderId);

/// <summary>Sends one text to up to <see cref="MostRecipients"/> numbers. Of those that are registered the first is the main one, the second stands in for it.</summary>
public interface ISmsGateway
{
    const int MostRecipients = 100;

    /// <summary>Its name, for people.</summary>
    string Provider { get; }

    /// <summary>One outcome a number, in the order of the numbers. Does not throw for what the network or the provider does.</summary>
    Task<IReadOnlyList<SendOutcome>> SendAsync(SmsAccount account, string text, IReadOnlyList<string> numbers, CancellationToken ct = default);
}

/// <summary>A company's account at an e-mail provider.</summary>
public sealed record EmailAccount(string ApiKey, string From, string? ReplyTo);

public sealed record Email(string To, string Subject, string Body);

/// <summary>Of those that are registered the first is the main one, the second stands in for it.</summary>
public interface IEmailGateway
{
    /// <summary>Its name, for people.</summary>
    string Provider { get; }

    /// <param name="idempotencyKey">The provider sends once for one key, so an attempt whose answer was lost may be repeated.</param>
    Task<SendOutcome> SendAsync(EmailAccount account, Email email, string idempotencyKey, CancellationToken ct = default);
}
