using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;

namespace DataDefender.RadiusHost.Access;

/// <summary>
/// Equipment that logs in by its MAC address: the NAS sends the address it sees as the user name (RouterOS: hotspot login-by=mac, DHCP
/// use-radius) in whatever notation, and as the password the address again, nothing, or one that is shared by all. It proves no more than
/// that the NAS saw the address, so the caller must be the same one, and PPP, where people type their user name, is left out.
/// </summary>
internal static class MacLoginDecider
{
    private const string NobodyWithIt = "No line is locked to this MAC address.";
    private const string SeveralHaveIt = "Several lines are locked to this MAC address: leave it to one of them.";
    private const string NotOverPpp = "A MAC address as the user name is not taken over PPP.";
    private const string AnotherCaller = "The user name is another MAC address than the caller's.";
    private const string PasswordDiffers = "The password is neither empty nor the MAC address.";
    private const string NotTheShared = "The password is not the one that is set for MAC logins in the network settings.";
    private const string OtherMethod = "MAC logins are taken by PAP or CHAP.";
    private const string NotProven = "Invalid user name or password"; // as for a stranger: whose address it is stays untold

    /// <summary>Null when the line that has the address may go on to be admitted.</summary>
    public static Verdict? Refuse(in AccessRequest request, in RadiusPacket packet, NasEntry nas, ulong mac, out Subscriber? subscriber)
    {
        if (!nas.Company.TryFindByMac(mac, out subscriber, out var ambiguous))
        {
            return Refused(LoginOutcome.UnknownUser, ambiguous ? SeveralHaveIt : NobodyWithIt, null);
        }

        if (request.IsPpp)
        {
            return Refused(LoginOutcome.UnsupportedMethod, NotOverPpp, subscriber);
        }

        if (!MacAddress.TryRead(request.CallingStationId, out var caller) || caller != mac)
        {
            return Refused(LoginOutcome.WrongCaller, AnotherCaller, subscriber);
        }

        if (request.Method is not (LoginMethod.None or LoginMethod.Pap or LoginMethod.Chap))
        {
            return Refused(LoginOutcome.UnsupportedMethod, OtherMethod, subscriber);
        }

        return nas.Company.MacPassword is { } shared
            ? LoginProof.Refuse(request, packet, nas, shared, default) is null ? null : Refused(LoginOutcome.WrongPassword, NotTheShared, subscriber)
            : IsAddressOrNothing(request, packet, nas, mac) ? null : Refused(LoginOutcome.WrongPassword, PasswordDiffers, subscriber);
    }

    private static bool IsAddressOrNothing(in AccessRequest request, in RadiusPacket packet, NasEntry nas, ulong mac)
    {
        switch (request.Method)
        {
            case LoginMethod.None:
                return true;
            case LoginMethod.Chap:
                var challenge = request.ChapChallenge.IsEmpty ? packet.Authenticator : request.ChapChallenge;
                return ChapPassword.Matches(request.ChapPassword, challenge, default) || ChapPassword.Matches(request.ChapPassword, challenge, request.UserName);
            default:
                Span<byte> password = stackalloc byte[PapPassword.MaxLength];
                return PapPassword.TryReveal(request.UserPassword, packet.Authenticator, nas.Secret, password, out var length)
                    && (length == 0 || (MacAddress.TryRead(password[..length], out var again) && again == mac));
        }
    }

    private static Verdict Refused(LoginOutcome outcome, string detail, Subscriber? subscriber) =>
        new(outcome, detail, subscriber) { Message = NotProven, Method = LoginMethod.Mac };
}
