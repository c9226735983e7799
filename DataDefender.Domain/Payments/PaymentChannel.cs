using DataDefender.Domain.Common;
using DataDefender.Domain.Security;

namespace DataDefender.Domain.Payments;

/// <summary>Who moves the money and in which way. The provider of a receipt: a receipt is unique within it.</summary>
public enum PaymentMethod
{
    /// <summary>Safaricom M-Pesa by Daraja: STK push, Paybill and Till.</summary>
    Mpesa,

    /// <summary>Family Bank's STK push and collections.</summary>
    FamilyBank,
    Cash,
    BankTransfer,
    Cheque,

    /// <summary>A scratch card of the company.</summary>
    Card,
}

public enum ChannelKind
{
    /// <summary>Family Bank: STK push, notifications of what came in.</summary>
    FamilyBank,

    /// <summary>M-Pesa Paybill: customers type an account number.</summary>
    Paybill,

    /// <summary>M-Pesa Till (Buy Goods): no account number.</summary>
    Till,
}

/// <summary>In which order the parts of the STK password are joined before base64; sources differ.</summary>
public enum StkPasswordOrder
{
    ShortCodeKeyTimestamp,
    KeyShortCodeTimestamp,
}

/// <summary>How Family Bank's token is asked for; sources differ.</summary>
public enum TokenRequestStyle
{
    Form,
    Json,
}

/// <summary>What a notification is answered with; sources differ.</summary>
public enum AcknowledgementStyle
{
    /// <summary><c>{"ResultCode":"0","ResultDesc":"Success"}</c></summary>
    ResultCode,

    /// <summary><c>{"status_code":"PAYMENT_ACK", …}</c></summary>
    PaymentAck,
}

/// <summary>The doubtful points of a provider's interface and the company's rules for the channel. Amounts are whole units of the currency.</summary>
public sealed record ChannelOptions
{
    public static readonly ChannelOptions None = new();

    private static readonly char[] Separators = [',', ' '];

    public StkPasswordOrder PasswordOrder { get; init; }
    public TokenRequestStyle TokenStyle { get; init; }
    public string TokenScope { get; init; } = "ESB_REST_API";

    /// <summary>CallBackURL or CallBackUrl.</summary>
    public string CallbackField { get; init; } = "CallBackURL";

    /// <summary>ThirdPartyTransID or ThirdPartyTransId.</summary>
    public string ReferenceField { get; init; } = "ThirdPartyTransID";

    public AcknowledgementStyle Acknowledgement { get; init; }

    /// <summary>Whether the outcome of a push can be asked for.</summary>
    public bool CanQuery { get; init; } = true;

    /// <summary>
    /// The codes by which the provider's documents say that it knows nothing of a push, comma-joined. No other answer means that: a 404 may come
    /// from a gateway on the way or mean a wrong address. Empty: the provider's no is never taken from a question.
    /// </summary>
    public string NotFoundCodes { get; init; } = "";

    /// <summary>The name under which Safaricom takes orders (reversals) and questions about receipts; empty: none are sent.</summary>
    public string Initiator { get; init; } = "";

    /// <summary>Whether what came in can be fetched (Daraja: Pull Transactions, the last 48 hours).</summary>
    public bool CanPull { get; init; }

    /// <summary>Networks that callbacks may come from, comma-joined in CIDR form; empty allows any and makes a success a claim that is asked for again.</summary>
    public string AllowedSources { get; init; } = "";

    /// <summary>A success of more than this is confirmed by a query, wherever it came from; 0: none by its amount.</summary>
    public int ConfirmAbove { get; init; } = 50_000;

    /// <summary>Refuse a Paybill payment whose account number is nobody's, instead of taking it as an orphan.</summary>
    public bool RefuseUnknownAccounts { get; init; }

    public int LeastAmount { get; init; } = 1;
    public int MostAmount { get; init; } = 250_000;

    /// <summary>How many characters of the account reference the provider keeps.</summary>
    public int ReferenceLength { get; init; } = 12;

    public bool SaysNotFound(string? code) => code is not null && NotFoundCodes.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Contains(code, StringComparer.Ordinal);
}

/// <summary>
/// One collecting account of the company at a provider: where it is reached, as whom, and what its doubtful points are. What comes in
/// through it is held in a clearing account of its own until the provider settles.
/// </summary>
public sealed class PaymentChannel : Entity, ITenantOwned, IAudited
{
    private PaymentChannel() { }

    public PaymentChannel(Guid tenantId, ChannelKind kind, DateTime now) => (TenantId, Kind, CreatedAt) = (tenantId, kind, now);

    public Guid TenantId { get; private set; }
    public ChannelKind Kind { get; private set; }
    public string Name { get; private set; } = "";

    /// <summary>Paybill number, store number of a Till, or the bank's BusinessShortCode.</summary>
    public string ShortCode { get; private set; } = "";

    /// <summary>The Till number that customers see (PartyB of a push); null when it is the short code.</summary>
    public string? TillNumber { get; private set; }

    /// <summary>The name of its clearing account in the books; given once, so that the account stays when the channel is renamed.</summary>
    public string Ledger { get; private set; } = "";

    /// <summary>False for a provider's sandbox: what comes through it is a test and is in no books.</summary>
    public bool IsLive { get; private set; }
    public bool IsEnabled { get; private set; }
    public string BaseUrl { get; private set; } = "";
    public string TokenUrl { get; private set; } = "";
    public string ClientId { get; private set; } = "";

    [Sensitive]
    public string? ClientSecretCipher { get; private set; }

    /// <summary>Daraja's passkey of the short code; Family Bank signs with the client id and has none.</summary>
    [Sensitive]
    public string? PasskeyCipher { get; private set; }

    /// <summary>Daraja's security credential of the initiator: its password, encrypted with Safaricom's certificate as the portal gives it.</summary>
    [Sensitive]
    public string? InitiatorCipher { get; private set; }

    /// <summary>What the paths of this channel's callbacks are derived from. Changing it ends the old paths.</summary>
    [Sensitive]
    public string? CallbackSecretCipher { get; private set; }

    public ChannelOptions Options { get; private set; } = ChannelOptions.None;
    public DateTime CreatedAt { get; private set; }

    /// <summary>Until when what came in has been fetched (provider's time, UTC).</summary>
    [Observed]
    public DateTime? PulledUntil { get; private set; }

    public PaymentMethod Method => Kind is ChannelKind.FamilyBank ? PaymentMethod.FamilyBank : PaymentMethod.Mpesa;

    /// <summary>What a customer types as the business: the Till number, or the Paybill.</summary>
    public string PayTo => TillNumber ?? ShortCode;

    public string AuditLabel => Name;

    public SecretPlace ClientSecretPlace() => new(TenantId, nameof(PaymentChannel), Id, nameof(ClientSecretCipher));

    public SecretPlace PasskeyPlace() => new(TenantId, nameof(PaymentChannel), Id, nameof(PasskeyCipher));

    /// <summary>Whether the provider takes orders to give money back, and questions about a receipt.</summary>
    public bool CanAskStatus => Kind is not ChannelKind.FamilyBank && Options.Initiator.Length > 0 && InitiatorCipher is not null;

    /// <summary>Whether money of that size waits for the provider's own word: it is large, and there is a way to get one.</summary>
    public bool HoldsUntilConfirmed(Money amount) => Options.ConfirmAbove > 0 && amount > Money.Of(Options.ConfirmAbove) && (Options.CanPull || CanAskStatus);

    public SecretPlace InitiatorPlace() => new(TenantId, nameof(PaymentChannel), Id, nameof(InitiatorCipher));

    public SecretPlace CallbackSecretPlace() => new(TenantId, nameof(PaymentChannel), Id, nameof(CallbackSecretCipher));

    public void Change(ChannelInput input)
    {
        (Name, ShortCode, TillNumber) = (input.Name.Trim(), input.ShortCode.Trim(), Blank(input.TillNumber));
        (IsLive, IsEnabled) = (input.IsLive, input.IsEnabled);
        (BaseUrl, TokenUrl, ClientId) = (input.BaseUrl.Trim().TrimEnd('/'), input.TokenUrl.Trim(), input.ClientId.Trim());
        Options = input.ToOptions();
        Ledger = Ledger.Length > 0 ? Ledger : $"{Kind.ToString().ToLowerInvariant()}-{PayTo}";
    }

    public void SetClientSecret(string cipherText) => ClientSecretCipher = cipherText;

    public void SetPasskey(string cipherText) => PasskeyCipher = cipherText;

    public void SetInitiator(string cipherText) => InitiatorCipher = cipherText;

    public void SetCallbackSecret(string cipherText) => CallbackSecretCipher = cipherText;

    /// <summary>Notes how far has been fetched; it never goes back.</summary>
    public void Pulled(DateTime until) => PulledUntil = PulledUntil is { } known && known > until ? known : until;

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
