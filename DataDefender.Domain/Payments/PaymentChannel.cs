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

    public void SetCallbackSecret(string cipherText) => CallbackSecretCipher = cipherText;

    /// <summary>Notes how far has been fetched; it never goes back.</summary>
    public void Pulled(DateTime until) => PulledUntil = PulledUntil is { } known && known > until ? known : until;

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
