using System.Runtime.InteropServices;
using System.Text;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;

namespace DataDefender.RadiusHost.Access;

/// <summary>What was decided about one login. <paramref name="Detail"/> is for our own people.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Verdict(LoginOutcome Outcome, string Detail, Subscriber? Subscriber)
{
    public bool IsAccepted => Outcome is LoginOutcome.Accepted or LoginOutcome.AcceptedWalledGarden or LoginOutcome.RouterLoginAccepted;

    /// <summary>What the line gets; set when a line is accepted.</summary>
    public LineTerms Terms { get; init; }

    /// <summary>What the company has to say to a line that proved its password and is refused; null for our own words.</summary>
    public string? Message { get; init; }

    /// <summary>Who was let in to the router itself.</summary>
    public StaffLogin? Staff { get; init; }

    /// <summary>How the login was proven, where the request's own method does not say; None otherwise.</summary>
    public LoginMethod Method { get; init; }

    /// <summary>The caller that the line is bound to from now on; 0 for none.</summary>
    public ulong Learned { get; init; }
}

/// <summary>Decides a login from memory: who, proven how, entitled to what now, from where, how often. Allocates nothing for a line that is bound to no place.</summary>
internal static class LoginDecider
{
    private const string NoUserName = "The request has no User-Name.";
    private const string NobodyOfThatName = "No subscription has this user name.";
    private const string PasswordUnreadable = "The stored password cannot be read: set a new one.";
    private const string AnotherCaller = "The line may be used from another MAC address only.";
    private const string AlreadyOnline = "The line's sessions are all in use by other devices, or are on their way.";

    /// <param name="startsBy">Until when the place of a login that is let in is kept for its session, UTC ticks; <paramref name="utcTicks"/> or less for a login that begins none.</param>
    public static Verdict Decide(in AccessRequest request, in RadiusPacket packet, NasEntry nas, LearnedCallers learned, long utcTicks, long startsBy)
    {
        if (request.UserName.IsEmpty)
        {
            return new Verdict(LoginOutcome.UnknownUser, NoUserName, null);
        }

        if (request.Method is LoginMethod.Eap)
        {
            return EapLoginDecider.Decide(request, nas);
        }

        if (request.IsForNasItself)
        {
            return RouterLoginDecider.Decide(request, packet, nas);
        }

        if (!nas.Company.TryFind(request.UserName, out var subscriber))
        {
            if (nas.Company.TakesMacLogins && MacAddress.TryRead(request.UserName, out var mac))
            {
                return MacLoginDecider.Refuse(request, packet, nas, mac, out subscriber) ?? Admit(request, nas, subscriber!, learned, utcTicks, startsBy) with { Method = LoginMethod.Mac };
            }

            return new Verdict(LoginOutcome.UnknownUser, NobodyOfThatName, null);
        }

        if (!subscriber.HasPassword)
        {
            return new Verdict(LoginOutcome.WrongPassword, PasswordUnreadable, subscriber);
        }

        return LoginProof.Refuse(request, packet, nas, subscriber.Password, subscriber.NtHash) is { } refusal
            ? new Verdict(refusal.Outcome, refusal.Detail, subscriber)
            : Admit(request, nas, subscriber, learned, utcTicks, startsBy);
    }

    private static Verdict Admit(in AccessRequest request, NasEntry nas, Subscriber subscriber, LearnedCallers learned, long utcTicks, long startsBy)
    {
        var terms = subscriber.TermsAt(utcTicks);
        var template = terms.Template;
        if (!template.IsAccepted)
        {
            return new Verdict(template.Outcome, template.Explanation, subscriber) { Message = template.Message };
        }

        _ = MacAddress.TryRead(request.CallingStationId, out var caller);
        var mayLearn = false;
        if (subscriber.Binding is { } binding)
        {
            var locked = subscriber.CallerLock != 0 ? subscriber.CallerLock : learned.Of(subscriber.Line.SubscriptionId);
            if (WrongPlace(request, nas, binding, locked, caller) is { } wrong)
            {
                return new Verdict(wrong.Outcome, wrong.Explanation, subscriber);
            }

            mayLearn = caller != 0 && locked == 0 && binding.Learns(null, MacAddress.ToText(caller));
        }
        else if (subscriber.CallerLock != 0 && caller != subscriber.CallerLock)
        {
            return new Verdict(LoginOutcome.WrongCaller, AnotherCaller, subscriber);
        }

        if (!subscriber.Line.TryAdmit(nas.State, caller, nas.SessionPort(request.NasPort), utcTicks - nas.Company.StaleAfter.Ticks, template.SessionLimit, utcTicks, startsBy))
        {
            return new Verdict(LoginOutcome.TooManySessions, AlreadyOnline, subscriber);
        }

        template = template.At(nas.RouterId);
        return new Verdict(template.Outcome, template.Explanation, subscriber) { Terms = terms with { Template = template }, Learned = mayLearn ? caller : 0 };
    }

    private static (LoginOutcome Outcome, string Explanation)? WrongPlace(in AccessRequest request, NasEntry nas, LineBinding binding, ulong locked, ulong caller)
    {
        var facts = new CallerFacts(caller == 0 ? null : MacAddress.ToText(caller), nas.Id, Text(request.NasPortId), Text(request.CircuitId));
        return binding.Refuse(locked == 0 ? null : MacAddress.ToText(locked), facts);
    }

    private static string? Text(ReadOnlySpan<byte> octets) => octets.IsEmpty ? null : Encoding.UTF8.GetString(octets);
}
