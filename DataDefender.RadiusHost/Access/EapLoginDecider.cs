using DataDefender.Domain.Radius;
using DataDefender.RadiusHost.Lines;

namespace DataDefender.RadiusHost.Access;

/// <summary>
/// Logins by EAP (RFC 3579), all of them: whatever method is once spoken begins here and goes on in Access-Challenges that
/// <see cref="AccessPort"/> sends. None is yet, and one that speaks none refuses each (§2.1). PPP, hotspot and DHCP of RouterOS do without.
/// The reason goes out as a Reply-Message, which §2.6.5 forbids beside an EAP-Message: so there is none, and the NAS makes the
/// EAP-Failure itself (§2.6.3).
/// </summary>
internal static class EapLoginDecider
{
    private const string NotSpoken = "The NAS asked for EAP, which is not supported: use PAP, CHAP or MS-CHAP.";

    /// <summary>Told to everybody, whether there is such a user or not.</summary>
    private const string NotSupported = "This way to sign in is not supported";

    public static Verdict Decide(in AccessRequest request, NasEntry nas) =>
        new(LoginOutcome.UnsupportedMethod, NotSpoken, !request.IsForNasItself && nas.Company.TryFind(request.UserName, out var line) ? line : null) { Message = NotSupported };
}
