using DataDefender.Domain.Common;

namespace DataDefender.Domain.Payments;

/// <summary>A channel with its secrets in the clear, for the length of one request. It is never logged.</summary>
public sealed record ChannelAccess(
    Guid TenantId, Guid ChannelId, ChannelKind Kind, string ShortCode, string PayTo, string BaseUrl, string TokenUrl, string ClientId, string ClientSecret, string? Passkey, ChannelOptions Options,
    string? InitiatorCredential = null)
{
    public override string ToString() => $"{Kind} {ShortCode}";
}

/// <summary>A push as it goes to the provider. <paramref name="PushId"/> is committed before and never used for another.</summary>
public sealed record PushRequest(Guid AttemptId, string PushId, Money Amount, string Msisdn, string AccountReference, string Description, Uri Callback);

/// <summary>An order to give money back. <paramref name="OrderId"/> is committed before and never used for another.</summary>
public sealed record RefundRequest(Guid RefundId, string OrderId, string Receipt, Money Amount, string Remarks, Uri Result, Uri Timeout);

/// <summary>A question about a receipt, or about an order of ours where that is not known. The answer comes later, to <paramref name="Result"/>.</summary>
public sealed record StatusQuestion(string? Receipt, string? OrderId, Uri Result, Uri Timeout);

/// <summary>The later answer to an order or a question, as its fields say.</summary>
public sealed record ProviderResult(string Code, string? Text, string? OriginatorConversationId, string? ConversationId, string? TransactionId, IReadOnlyDictionary<string, string> Values);

/// <summary>What a message says, and of what could not be read, where and why. A fault in one row of a list does not hide the others.</summary>
public sealed record MessageReading(IReadOnlyList<PaymentEvidence> Evidence, IReadOnlyList<string> Faults);

/// <summary>What the sending of a push, or of an order to give back, came to. Only <see cref="Rejected"/> and <see cref="NotSent"/> say that no money can move.</summary>
public abstract record PushOutcome
{
    private PushOutcome() { }

    /// <summary>Taken for processing; not paid.</summary>
    public sealed record Accepted(string? CheckoutRequestId, string? MerchantRequestId) : PushOutcome;

    /// <summary>The provider refused it by a typed answer.</summary>
    public sealed record Rejected(string Code, string Text) : PushOutcome;

    /// <summary>It provably never reached the provider, after the retries that are safe.</summary>
    public sealed record NotSent(string Reason) : PushOutcome;

    /// <summary>Anything else: a time-out, a 5xx, an answer that makes no sense.</summary>
    public sealed record Unknown(string Reason) : PushOutcome;
}

/// <summary>What asking for one push came to.</summary>
public abstract record QueryOutcome
{
    private QueryOutcome() { }

    /// <summary>The provider's word, paid or not.</summary>
    public sealed record Known(PaymentEvidence Evidence) : QueryOutcome;

    /// <summary>The customer has not answered yet, or the provider knows nothing of it (yet).</summary>
    public sealed record Pending(string Text) : QueryOutcome;

    /// <summary>The provider has never heard of it. Soon after the push that says nothing; a day later it says that nothing came of it.</summary>
    public sealed record Unheard(string Text) : QueryOutcome;

    /// <summary>No answer, or none that can be used.</summary>
    public sealed record NoAnswer(string Reason) : QueryOutcome;
}

/// <summary>A fetched list: the answer as it came, to be stored before it is read.</summary>
public abstract record PullOutcome
{
    private PullOutcome() { }

    /// <param name="Body">As received.</param>
    /// <param name="More">Where the next page starts; null at the end.</param>
    /// <param name="Fingerprint">The same for the same entries, whatever stands around them; empty for a page without any.</param>
    public sealed record Page(byte[] Body, int? More, string Fingerprint) : PullOutcome;

    public sealed record NoAnswer(string Reason) : PullOutcome;
}

/// <summary>What trying the credentials came to, for people.</summary>
public sealed record CredentialCheck(bool Works, string Text);

/// <summary>
/// A provider of mobile money, as the product needs it. It holds no database connection and decides nothing; it says what happened. An
/// answer that leaves open whether money moves is never called a failure.
/// </summary>
public interface IMobileMoneyGateway
{
    bool Serves(ChannelKind kind);

    Task<PushOutcome> PushAsync(ChannelAccess channel, PushRequest push, CancellationToken ct = default);

    Task<QueryOutcome> QueryAsync(ChannelAccess channel, PaymentAttempt attempt, CancellationToken ct = default);

    Task<PullOutcome> PullAsync(ChannelAccess channel, DateTime from, DateTime until, int offset, CancellationToken ct = default);

    /// <summary>Asks for a token and nothing else.</summary>
    Task<CredentialCheck> TestAsync(ChannelAccess channel, CancellationToken ct = default);

    /// <summary>Tells the provider where to send what comes in; not every provider can be told.</summary>
    Task<CredentialCheck> RegisterAsync(ChannelAccess channel, Uri confirmation, Uri validation, CancellationToken ct = default);

    /// <summary>Orders that money be given back to who paid it. Accepted means taken for processing; the result comes later.</summary>
    Task<PushOutcome> SendBackAsync(ChannelAccess channel, RefundRequest refund, CancellationToken ct = default);

    /// <summary>Asks about a receipt or an order. Null: the question was taken, and the answer comes later; else why it was not.</summary>
    Task<string?> AskStatusAsync(ChannelAccess channel, StatusQuestion question, CancellationToken ct = default);

    /// <summary>Reads what came, in any of the shapes that providers of this kind are known to send.</summary>
    /// <exception cref="UnreadableMessageException">It makes no sense.</exception>
    MessageReading Read(CallbackKind kind, ReadOnlyMemory<byte> body);

    /// <summary>Reads the later answer to an order or a question.</summary>
    /// <exception cref="UnreadableMessageException">It makes no sense.</exception>
    ProviderResult ReadResult(ReadOnlyMemory<byte> body);
}

/// <summary>Addresses of the installation that payments need. Section <c>Payments</c>.</summary>
public interface ICallbackAddresses
{
    /// <summary>Where the provider reaches us for this channel and purpose; null while no public address is set.</summary>
    Uri? Of(PaymentChannel channel, string callbackSecret, CallbackKind kind, string? pushId = null);

    /// <summary>Whether the mark in the path is the one that belongs to the secret; takes the same time either way.</summary>
    bool IsGenuine(Guid channelId, string callbackSecret, CallbackKind kind, string mark, string? pushId);

    /// <summary>Whether this installation lets companies reach that host as a provider.</summary>
    bool IsAllowedProvider(Uri address);
}
