using System.Net;
using FluentValidation;

namespace DataDefender.Domain.Payments;

/// <summary>What is typed for a channel. Secrets are never read back: an empty one keeps what is stored.</summary>
public sealed class ChannelInput
{
    private bool? _canQuery;

    public ChannelKind Kind { get; set; } = ChannelKind.Paybill;
    public string Name { get; set; } = "";
    public string ShortCode { get; set; } = "";
    public string? TillNumber { get; set; }
    public bool IsLive { get; set; }
    public bool IsEnabled { get; set; } = true;
    public string BaseUrl { get; set; } = "";
    public string TokenUrl { get; set; } = "";
    public string ClientId { get; set; } = "";
    public string? ClientSecret { get; set; }
    public bool HasClientSecret { get; set; }
    public string? Passkey { get; set; }
    public bool HasPasskey { get; set; }
    public StkPasswordOrder PasswordOrder { get; set; }
    public TokenRequestStyle TokenStyle { get; set; }
    public string TokenScope { get; set; } = "ESB_REST_API";
    public string CallbackField { get; set; } = "CallBackURL";
    public string ReferenceField { get; set; } = "ThirdPartyTransID";
    public AcknowledgementStyle Acknowledgement { get; set; }
    /// <summary>Family Bank is not known to answer such questions; a person who knows better says so.</summary>
    public bool CanQuery { get => _canQuery ?? Kind is not ChannelKind.FamilyBank; set => _canQuery = value; }
    public string? NotFoundCodes { get; set; }
    public string? Initiator { get; set; }
    public string? InitiatorCredential { get; set; }
    public bool HasInitiatorCredential { get; set; }
    public bool CanPull { get; set; }
    public string? AllowedSources { get; set; }
    public int ConfirmAbove { get; set; } = 50_000;
    public bool RefuseUnknownAccounts { get; set; }
    public int LeastAmount { get; set; } = 1;
    public int MostAmount { get; set; } = 250_000;
    public int ReferenceLength { get; set; } = 12;

    public static ChannelInput Of(PaymentChannel channel) => new()
    {
        Kind = channel.Kind, Name = channel.Name, ShortCode = channel.ShortCode, TillNumber = channel.TillNumber, IsLive = channel.IsLive, IsEnabled = channel.IsEnabled,
        BaseUrl = channel.BaseUrl, TokenUrl = channel.TokenUrl, ClientId = channel.ClientId, HasClientSecret = channel.ClientSecretCipher is not null, HasPasskey = channel.PasskeyCipher is not null,
        PasswordOrder = channel.Options.PasswordOrder, TokenStyle = channel.Options.TokenStyle, TokenScope = channel.Options.TokenScope, CallbackField = channel.Options.CallbackField,
        ReferenceField = channel.Options.ReferenceField, Acknowledgement = channel.Options.Acknowledgement, CanQuery = channel.Options.CanQuery, NotFoundCodes = channel.Options.NotFoundCodes, Initiator = channel.Options.Initiator, HasInitiatorCredential = channel.InitiatorCipher is not null, CanPull = channel.Options.CanPull,
        AllowedSources = channel.Options.AllowedSources, ConfirmAbove = channel.Options.ConfirmAbove, RefuseUnknownAccounts = channel.Options.RefuseUnknownAccounts,
        LeastAmount = channel.Options.LeastAmount, MostAmount = channel.Options.MostAmount, ReferenceLength = channel.Options.ReferenceLength,
    };

    /// <summary>The provider's own addresses, live or sandbox, as far as they are known.</summary>
    public void UseProviderAddresses()
    {
        (BaseUrl, TokenUrl) = (Kind, IsLive) switch
        {
            (ChannelKind.FamilyBank, true) => ("https://openbank.familybank.co.ke:8084", "https://openbank.familybank.co.ke:8083/connect/token"),
            (ChannelKind.FamilyBank, false) => ("https://sandbox.familybank.co.ke", "https://sandbox.familybank.co.ke/connect/token"),
            (_, true) => ("https://api.safaricom.co.ke", "https://api.safaricom.co.ke/oauth/v1/generate"),
            (_, false) => ("https://sandbox.safaricom.co.ke", "https://sandbox.safaricom.co.ke/oauth/v1/generate"),
        };
    }

    internal ChannelOptions ToOptions() => new()
    {
        PasswordOrder = PasswordOrder, TokenStyle = TokenStyle, TokenScope = TokenScope.Trim(), CallbackField = CallbackField, ReferenceField = ReferenceField, Acknowledgement = Acknowledgement,
        CanQuery = CanQuery, NotFoundCodes = NotFoundCodes?.Trim() ?? "", Initiator = Initiator?.Trim() ?? "", CanPull = CanPull, AllowedSources = AllowedSources?.Trim() ?? "", ConfirmAbove = ConfirmAbove, RefuseUnknownAccounts = RefuseUnknownAccounts,
        LeastAmount = LeastAmount, MostAmount = MostAmount, ReferenceLength = ReferenceLength,
    };
}

public sealed class ChannelInputValidator : AbstractValidator<ChannelInput>
{
    private static readonly HashSet<string> ProvidersLive = new(["api.safaricom.co.ke", "openbank.familybank.co.ke"], StringComparer.OrdinalIgnoreCase);

    public ChannelInputValidator()
    {
        RuleFor(c => c.Kind).IsInEnum();
        RuleFor(c => c.Name).Must(n => !string.IsNullOrWhiteSpace(n)).WithMessage("Give the channel a name.").MaximumLength(60).WithMessage("A name has at most 60 characters.");
        RuleFor(c => c.ShortCode).Must(Digits).WithMessage("The short code is 4 to 10 digits.");
        RuleFor(c => c.TillNumber).Must(t => string.IsNullOrWhiteSpace(t) || Digits(t)).WithMessage("The Till number is 4 to 10 digits.");
        RuleFor(c => c.BaseUrl).Must(Address).WithMessage("Enter the provider's address, with https://.").MaximumLength(200);
        RuleFor(c => c.TokenUrl).Must(Address).WithMessage("Enter the address of the token, with https://.").MaximumLength(200);
        RuleFor(c => c.IsLive).Equal(true).When(c => ProvidersLive.Contains(HostOf(c.BaseUrl))).WithMessage("This is where the provider moves money. Mark the channel as live: what comes through any other is a test and is in no books.");
        RuleFor(c => c.ClientId).Must(c => !string.IsNullOrWhiteSpace(c)).WithMessage("Enter the consumer key or client id.").MaximumLength(200);
        RuleFor(c => c.ClientSecret).MaximumLength(400).WithMessage("A secret has at most 400 characters.")
            .NotEmpty().When(c => !c.HasClientSecret).WithMessage("Enter the consumer secret or client secret.");
        RuleFor(c => c.Passkey).MaximumLength(400).WithMessage("A passkey has at most 400 characters.")
            .NotEmpty().When(c => c is { HasPasskey: false, Kind: not ChannelKind.FamilyBank }).WithMessage("Enter the passkey; M-Pesa signs each push with it.");
        RuleFor(c => c.TokenScope).MaximumLength(80);
        RuleFor(c => c.CallbackField).Must(f => f is "CallBackURL" or "CallBackUrl").WithMessage("CallBackURL or CallBackUrl.");
        RuleFor(c => c.ReferenceField).Must(f => f is "ThirdPartyTransID" or "ThirdPartyTransId").WithMessage("ThirdPartyTransID or ThirdPartyTransId.");
        RuleFor(c => c.PasswordOrder).IsInEnum();
        RuleFor(c => c.TokenStyle).IsInEnum();
        RuleFor(c => c.Acknowledgement).IsInEnum();
        RuleFor(c => c.AllowedSources).Must(Networks).WithMessage("Networks in CIDR form with commas between, such as 196.201.214.0/24.").MaximumLength(400);
        RuleFor(c => c.ConfirmAbove).GreaterThanOrEqualTo(0).WithMessage("An amount from 0; 0 confirms none by its size.");
        RuleFor(c => c.LeastAmount).InclusiveBetween(1, 1_000_000).WithMessage("The smallest push is 1 to 1,000,000.");
        RuleFor(c => c.MostAmount).InclusiveBetween(1, 10_000_000).WithMessage("The largest push is 1 to 10,000,000.")
            .GreaterThanOrEqualTo(c => c.LeastAmount).WithMessage("The largest push is not below the smallest.");
        RuleFor(c => c.NotFoundCodes).MaximumLength(200).Must(Codes).WithMessage("Codes of the provider's documents with commas between, such as 404.002.01.");
        RuleFor(c => c.Initiator).MaximumLength(60).WithMessage("A name of an initiator has at most 60 characters.");
        RuleFor(c => c.InitiatorCredential).MaximumLength(600).WithMessage("A security credential has at most 600 characters.")
            .NotEmpty().When(c => !string.IsNullOrWhiteSpace(c.Initiator) && !c.HasInitiatorCredential && c.Kind is not ChannelKind.FamilyBank).WithMessage("Enter the initiator's security credential from Safaricom's portal.");
        RuleFor(c => c.ReferenceLength).InclusiveBetween(10, 40).WithMessage("A provider keeps 10 to 40 characters of a reference.");
    }

    private static string HostOf(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var address) ? address.Host : "";

    internal static IReadOnlyList<IPNetwork> ParseNetworks(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(n => IPNetwork.Parse(n.Contains('/', StringComparison.Ordinal) ? n : n.Contains(':', StringComparison.Ordinal) ? $"{n}/128" : $"{n}/32"))];

    private static bool Networks(string? text)
    {
        try
        {
            _ = ParseNetworks(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool Codes(string? text) => (text ?? "").All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or ',' or '_' or '-' or ' ');

    private static bool Digits(string? text) => text?.Trim() is { Length: >= 4 and <= 10 } digits && digits.All(char.IsAsciiDigit);

    private static bool Address(string? text) => Uri.TryCreate(text?.Trim(), UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.UserInfo.Length == 0;
}
