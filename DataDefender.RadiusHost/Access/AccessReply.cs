using System.Buffers.Text;
using System.Security.Cryptography;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;

namespace DataDefender.RadiusHost.Access;

/// <summary>Writes Access-Accept and Access-Reject.</summary>
internal static class AccessReply
{
    private const int MostText = 253;
    private const string NotProven = "Invalid user name or password";

    /// <summary>Message-Authenticator first (RFC 3579 §3.2, CVE-2024-3596), then what the line gets. Returns the length, 0 when it does not fit.</summary>
    public static int Accept(Span<byte> buffer, in RadiusPacket packet, in AccessRequest request, NasEntry nas, in Verdict verdict, long utcTicks, ushort salt)
    {
        var reply = new RadiusWriter(buffer, RadiusCode.AccessAccept, packet.Identifier);
        reply.AddMessageAuthenticator();
        if (verdict.Staff is { } staff)
        {
            reply.AddEncoded(staff.AttributesFor(nas.Vendor));
            AddServerProof(ref reply, packet, request, nas, staff.NtHash, salt);
        }
        else
        {
            AddLine(ref reply, verdict.Subscriber!, verdict.Terms, nas, utcTicks);
            if (request.AsksForIdentity)
            {
                AddIdentity(ref reply, verdict.Subscriber!);
            }

            AddServerProof(ref reply, packet, request, nas, verdict.Subscriber!.NtHash, salt);
        }

        reply.AddProxyStates(packet);
        return reply.FinishReply(packet.Authenticator, nas.Secret);
    }

    private static void AddLine(ref RadiusWriter reply, Subscriber subscriber, in LineTerms terms, NasEntry nas, long utcTicks)
    {
        if (subscriber.FramedAddress != 0)
        {
            reply.Add(RadiusAttributes.FramedIpAddress, subscriber.FramedAddress);
        }

        if (subscriber.DelegatedPrefix is { } prefix && !terms.Template.WalledGarden)
        {
            reply.Add(RadiusAttributes.DelegatedIpv6Prefix, prefix);
        }

        if (SessionSeconds(terms, nas, utcTicks) is { } seconds)
        {
            reply.Add(RadiusAttributes.SessionTimeout, seconds);
        }

        reply.AddEncoded(terms.Template.AttributesFor(nas.Vendor));
    }

    /// <summary>Who is charged, for a NAS that asked (RFC 4372 §2.2): the line's id, which stays through changes of its name and says nothing of the client.</summary>
    private static void AddIdentity(ref RadiusWriter reply, Subscriber subscriber)
    {
        Span<byte> identity = stackalloc byte[32];
        _ = Utf8Formatter.TryFormat(subscriber.Line.SubscriptionId, identity, out _, 'N');
        reply.Add(RadiusAttributes.ChargeableUserIdentity, identity);
    }

    /// <summary>
    /// The NAS itself ends a session when the paid time does, whatever becomes of us meanwhile; one that takes no change of authorization
    /// also when the line's speed next changes, so that it dials in anew for that.
    /// </summary>
    private static uint? SessionSeconds(in LineTerms terms, NasEntry nas, long utcTicks)
    {
        var end = nas.TakesChanges ? terms.EndsAt : Math.Min(terms.EndsAt, terms.ChangesAt);
        var left = end == long.MaxValue ? long.MaxValue : Math.Max(1, (end - utcTicks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);
        var seconds = Math.Min(left, terms.Template.SessionTimeout ?? long.MaxValue);
        return seconds == long.MaxValue ? null : (uint)Math.Min(seconds, uint.MaxValue);
    }

    private static void AddServerProof(ref RadiusWriter reply, in RadiusPacket packet, in AccessRequest request, NasEntry nas, ReadOnlySpan<byte> ntHash, ushort salt)
    {
        if (request.Method is LoginMethod.MsChapV2)
        {
            Span<byte> success = stackalloc byte[MsChapV2.SuccessLength];
            MsChapV2.WriteSuccess(request.MsChapV2Response, request.MsChapChallenge, request.UserName, ntHash, success);
            reply.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.Chap2Success, success);
            Mppe.AddKeys(ref reply, ntHash, request.MsChapV2Response, packet.Authenticator, nas.Secret, salt);
        }
        else if (request.Method is LoginMethod.MsChap)
        {
            Mppe.AddVersion1Keys(ref reply, ntHash, packet.Authenticator, nas.Secret);
        }
    }

    /// <summary>The reason is told only to whoever has proven the password; a stranger learns nothing from it.</summary>
    public static int Reject(Span<byte> buffer, in RadiusPacket packet, in AccessRequest request, NasEntry nas, in Verdict verdict)
    {
        var reply = new RadiusWriter(buffer, RadiusCode.AccessReject, packet.Identifier);
        reply.AddMessageAuthenticator();
        reply.Add(RadiusAttributes.ReplyMessage, Fitting(verdict.Message ?? MessageFor(verdict.Outcome)));
        if (verdict.Method is LoginMethod.Mac || verdict.Outcome is LoginOutcome.UnknownUser or LoginOutcome.WrongPassword or LoginOutcome.RouterLoginRefused)
        {
            AddMsChapError(ref reply, request);
        }

        reply.AddProxyStates(packet);
        return reply.FinishReply(packet.Authenticator, nas.Secret);
    }

    /// <summary>The answer to Status-Server (RFC 5997 §3).</summary>
    public static int Alive(Span<byte> buffer, in RadiusPacket packet, RadiusSecret secret, RadiusCode code)
    {
        var reply = new RadiusWriter(buffer, code, packet.Identifier);
        reply.AddMessageAuthenticator();
        reply.AddProxyStates(packet);
        return reply.FinishReply(packet.Authenticator, secret);
    }

    /// <summary>As much of it as an attribute holds, 253 octets (RFC 2865 §5.18): 200 letters of some scripts are more, and a reply that does not fit would be none.</summary>
    internal static string Fitting(string message)
    {
        var octets = 0;
        foreach (var rune in message.EnumerateRunes())
        {
            octets += rune.Utf8SequenceLength;
        }

        if (octets <= MostText)
        {
            return message;
        }

        var (kept, used) = (0, 0);
        foreach (var rune in message.EnumerateRunes())
        {
            used += rune.Utf8SequenceLength;
            if (used > MostText)
            {
                break;
            }

            kept += rune.Utf16SequenceLength;
        }

        return message[..kept];
    }

    private static string MessageFor(LoginOutcome outcome) => outcome switch
    {
        LoginOutcome.NotActivated => "This line is not activated yet",
        LoginOutcome.Disconnected => "This line has ended",
        LoginOutcome.WrongCaller => "This line belongs to another device",
        LoginOutcome.TooManySessions => "This line is in use by another device",
        LoginOutcome.WrongPlace => "This line may not be used from here",
        LoginOutcome.Suspended => "This line is suspended",
        LoginOutcome.Expired => "The paid time of this line has ended",
        LoginOutcome.OverQuota => "This line has used up its quota",
        LoginOutcome.CompanySuspended => "Service is not available",
        _ => NotProven,
    };

    private static void AddMsChapError(ref RadiusWriter reply, in AccessRequest request)
    {
        var challengeLength = request.Method switch
        {
            LoginMethod.MsChapV2 => MsChapV2.ChallengeLength,
            LoginMethod.MsChap => MsChapV1.ChallengeLength,
            _ => 0,
        };
        if (challengeLength == 0)
        {
            return;
        }

        var response = request.Method is LoginMethod.MsChapV2 ? request.MsChapV2Response : request.MsChapResponse;
        Span<byte> challenge = stackalloc byte[challengeLength];
        RandomNumberGenerator.Fill(challenge);
        Span<byte> error = stackalloc byte[WireFormat.MaxVendorValueLength];
        var length = MsChap.WriteError(response[0], challenge, NotProven, error);
        reply.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.ChapError, error[..length]);
    }
}
