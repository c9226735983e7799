using System.Runtime.InteropServices;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;

namespace DataDefender.RadiusHost.Access;

/// <summary>What was decided about one login. <paramref name="Detail"/> is for our own people.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Verdict(LoginOutcome Outcome, string Detail, Subscriber? Subscriber)
{
    public bool IsAccepted => Outcome is LoginOutcome.Accepted or LoginOutcome.AcceptedWalledGarden;
}

/// <summary>Decides a login from memory: who, proven how, in what state, from where, how often. Allocates nothing.</summary>
internal static class LoginDecider
{
    private const string NoUserName = "The request has no User-Name.";
    private const string NobodyOfThatName = "No subscription has this user name.";
    private const string CustomerOnRouter = "A login to the router itself with the name of a customer's line: a line's credentials open no router.";
    private const string StrangerOnRouter = "A login to the router itself.";
    private const string NoCredentials = "The request has neither a password nor a challenge response.";
    private const string EapNotSupported = "The NAS asked for EAP, which is not supported: use PAP, CHAP or MS-CHAP.";
    private const string PasswordUnreadable = "The stored password cannot be read: set a new one.";
    private const string PasswordDiffers = "The password differs from the stored one.";
    private const string LooksLikeWrongSecret = "The password is not even text: the NAS's secret probably differs from ours.";
    private const string ResponseDiffers = "The challenge response does not fit the stored password.";
    private const string AnotherCaller = "The line may be used from another MAC address only.";
    private const string AlreadyOnline = "The line's sessions are all in use by other devices.";

    public static Verdict Decide(in AccessRequest request, in RadiusPacket packet, NasEntry nas, long utcTicks)
    {
        if (request.UserName.IsEmpty)
        {
            return new Verdict(LoginOutcome.UnknownUser, NoUserName, null);
        }

        _ = nas.Company.TryFind(request.UserName, out var subscriber);
        if (request.IsForNasItself)
        {
            return new Verdict(LoginOutcome.RouterLoginRefused, subscriber is not null ? CustomerOnRouter : StrangerOnRouter, subscriber);
        }

        if (subscriber is null)
        {
            return new Verdict(LoginOutcome.UnknownUser, NobodyOfThatName, null);
        }

        if (!subscriber.HasPassword)
        {
            return new Verdict(LoginOutcome.WrongPassword, PasswordUnreadable, subscriber);
        }

        return Prove(request, packet, nas, subscriber) is { } refusal ? refusal : Admit(request, nas, subscriber, utcTicks);
    }

    private static Verdict? Prove(in AccessRequest request, in RadiusPacket packet, NasEntry nas, Subscriber subscriber) => request.Method switch
    {
        LoginMethod.Pap => PapPassword.Matches(request.UserPassword, packet.Authenticator, nas.Secret, subscriber.Password)
            ? null
            : new Verdict(LoginOutcome.WrongPassword, IsText(request.UserPassword, packet.Authenticator, nas.Secret) ? PasswordDiffers : LooksLikeWrongSecret, subscriber),
        LoginMethod.Chap => Proven(
            ChapPassword.Matches(request.ChapPassword, request.ChapChallenge.IsEmpty ? packet.Authenticator : request.ChapChallenge, subscriber.Password), subscriber),
        LoginMethod.MsChap => Proven(MsChapV1.Matches(request.MsChapResponse, request.MsChapChallenge, subscriber.NtHash), subscriber),
        LoginMethod.MsChapV2 => Proven(MsChapV2.Matches(request.MsChapV2Response, request.MsChapChallenge, request.UserName, subscriber.NtHash), subscriber),
        LoginMethod.Eap => new Verdict(LoginOutcome.UnsupportedMethod, EapNotSupported, subscriber),
        _ => new Verdict(LoginOutcome.UnsupportedMethod, NoCredentials, subscriber),
    };

    private static Verdict? Proven(bool matches, Subscriber subscriber) =>
        matches ? null : new Verdict(LoginOutcome.WrongPassword, ResponseDiffers, subscriber);

    private static Verdict Admit(in AccessRequest request, NasEntry nas, Subscriber subscriber, long utcTicks)
    {
        var template = subscriber.Template;
        if (!template.IsAccepted)
        {
            return new Verdict(template.Outcome, template.Explanation, subscriber);
        }

        _ = MacAddress.TryRead(request.CallingStationId, out var caller);
        if (subscriber.CallerLock != 0 && caller != subscriber.CallerLock)
        {
            return new Verdict(LoginOutcome.WrongCaller, AnotherCaller, subscriber);
        }

        return subscriber.Line.CountOthers(nas.State, caller, request.NasPort, utcTicks - nas.Company.StaleAfter.Ticks) >= template.SessionLimit
            ? new Verdict(LoginOutcome.TooManySessions, AlreadyOnline, subscriber)
            : new Verdict(template.Outcome, template.Explanation, subscriber);
    }

    private static bool IsText(ReadOnlySpan<byte> hidden, ReadOnlySpan<byte> authenticator, RadiusSecret secret)
    {
        Span<byte> password = stackalloc byte[PapPassword.MaxLength];
        if (!PapPassword.TryReveal(hidden, authenticator, secret, password, out var length))
        {
            return true; // of a wrong form, which says nothing about the secret
        }

        return System.Text.Unicode.Utf8.IsValid(password[..length]) && !password[..length].ContainsAnyInRange((byte)0, (byte)31);
    }
}
