using System.Text;
using DataDefender.Domain.Common;
using FluentValidation;

namespace DataDefender.Domain.Radius;

/// <summary>How a test login proves the password.</summary>
public enum LoginTestMethod
{
    Pap,
    Chap,
    MsChapV2,
    MsChap,
}

/// <summary>As what service of the NAS it asks: each names and proves the customer in its own way.</summary>
public enum LoginTestKind
{
    Pppoe,
    Hotspot,

    /// <summary>Equipment that is told by its MAC address alone, as a DHCP server or a hotspot with login-by=mac asks.</summary>
    Mac,

    /// <summary>A member of staff who logs in to the router itself.</summary>
    Router,
}

/// <summary>What is typed for a test login.</summary>
public sealed class LoginTestInput
{
    /// <summary>In whose name it is asked.</summary>
    public Guid? NasId { get; set; }

    public LoginTestKind Kind { get; set; }

    /// <summary>Nothing for <see cref="LoginTestKind.Mac"/>, where it is the caller.</summary>
    public string Username { get; set; } = "";

    /// <summary>Take the line's own password, which nobody sees by that.</summary>
    public bool UsesStoredPassword { get; set; } = true;

    public string? Password { get; set; }

    public LoginTestMethod Method { get; set; } = LoginTestMethod.MsChapV2;

    /// <summary>Calling-Station-Id; empty leaves it out.</summary>
    public string? Caller { get; set; }

    /// <summary>NAS-Port-Id, the interface that the customer comes in by; empty leaves it out.</summary>
    public string? Port { get; set; }

    /// <summary>Agent-Circuit-Id of the access node (RFC 4679 §3.3.1), its port and VLAN; empty leaves it out.</summary>
    public string? Circuit { get; set; }

    /// <summary>Whether the method is chosen: a MAC address is sent by PAP, as RouterOS does.</summary>
    public bool HasMethod => Kind is not LoginTestKind.Mac;
}

public sealed class LoginTestInputValidator : AbstractValidator<LoginTestInput>
{
    private const int MaxName = 253; // RFC 2865 §5
    private const int MaxPassword = 128; // RFC 2865 §5.2

    public LoginTestInputValidator()
    {
        RuleFor(t => t.NasId).NotNull().WithMessage("Choose the NAS in whose name to ask.");
        RuleFor(t => t.Kind).IsInEnum();
        RuleFor(t => t.Username).Must((test, u) => test.Kind is LoginTestKind.Mac || !string.IsNullOrWhiteSpace(u)).WithMessage("Enter the user name.")
            .Must(u => Encoding.UTF8.GetByteCount(u) <= MaxName).WithMessage($"A user name has at most {MaxName} octets.");
        RuleFor(t => t.UsesStoredPassword).Must((test, stored) => !stored || test.Kind is not LoginTestKind.Router).WithMessage("A person's password for routers is theirs: type the one to try.");
        RuleFor(t => t.Password).Must((test, p) => test.UsesStoredPassword || !string.IsNullOrEmpty(p)).WithMessage("Enter the password to try.")
            .Must(p => p is null || Encoding.UTF8.GetByteCount(p) <= MaxPassword).WithMessage($"A password has at most {MaxPassword} octets.");
        RuleFor(t => t.Method).IsInEnum();
        RuleFor(t => t.Caller).MaximumLength(64).WithMessage("A caller has at most 64 characters.")
            .Must((test, caller) => test.Kind is not LoginTestKind.Mac || MacAddress.Normalise(caller) is not null).WithMessage("Enter the MAC address that logs in, like AA:BB:CC:DD:EE:FF.");
        RuleFor(t => t.Port).MaximumLength(100).WithMessage("A port has at most 100 characters.");
        RuleFor(t => t.Circuit).MaximumLength(63).WithMessage("A circuit has at most 63 characters."); // RFC 4679 §3.3.1
    }
}

/// <summary>One attribute of a packet for people. A secret has neither value nor octets.</summary>
/// <param name="Number">"8", or "26.14988.8" for a vendor's.</param>
/// <param name="Type">What the dictionary says its octets mean.</param>
/// <param name="Length">Octets of the value.</param>
/// <param name="Hex">The value's octets; null for a secret.</param>
public sealed record PacketAttribute(string Name, string Number, string Type, int Length, string? Value, string? Hex, string? Document)
{
    public bool IsSecret => Hex is null;
}

/// <summary>A packet decoded, with the attributes in their order on the wire.</summary>
/// <param name="Code">"Access-Request" and the like.</param>
/// <param name="Length">Octets of the whole packet.</param>
/// <param name="Authenticator">16 octets in hexadecimal.</param>
public sealed record DecodedPacket(string Code, byte Identifier, int Length, string Authenticator, IReadOnlyList<PacketAttribute> Attributes);

/// <summary>What came of a test login.</summary>
/// <param name="Problem">Why there is no answer, for people; null when there is one.</param>
/// <param name="RoundTrip">From sending the request to the checked reply.</param>
/// <param name="Tries">How often it was sent.</param>
/// <param name="Outcome">What RadiusHost decided, which the reply itself does not say.</param>
/// <param name="Proven">For MS-CHAPv2: whether the reply proves that RadiusHost knows the password; null where there is nothing to prove.</param>
public sealed record LoginTestResult(
    DecodedPacket? Request, DecodedPacket? Reply, string? Problem, TimeSpan? RoundTrip, int Tries, LoginOutcome? Outcome, string Detail, bool? Proven)
{
    public static LoginTestResult Failed(string problem, DecodedPacket? request = null) => new(request, null, problem, null, 0, null, "", null);
}

/// <summary>What is sent. <see cref="ToString"/> leaves the password out.</summary>
public sealed record LoginTestRequest(Guid NasId, string NasAddress, string NasIdentifier, string Username, string Password, LoginTestMethod Method, string? Caller)
{
    public LoginTestKind Kind { get; init; }

    /// <summary>NAS-Port-Id; null leaves it out.</summary>
    public string? Port { get; init; }

    /// <summary>Agent-Circuit-Id; null leaves it out.</summary>
    public string? Circuit { get; init; }

    public override string ToString() => $"{Username} by {Method} from {NasId}";
}

/// <summary>Sends one real Access-Request to RadiusHost and takes the packets apart.</summary>
public interface ILoginTester
{
    Task<LoginTestResult> TestAsync(LoginTestRequest request, CancellationToken ct);
}
