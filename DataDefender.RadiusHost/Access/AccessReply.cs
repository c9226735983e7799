using System.Security.Cryptography;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;

namespace DataDefender.RadiusHost.Access;

/// <summary>Writes Access-Accept and Access-Reject.</summary>
internal static class AccessReply
{
    private const string NotProven = "Invalid user name or password";

    /// <summary>Message-Authenticator first (RFC 3579 §3.2, CVE-2024-3596), then what the line gets. Returns the length, 0 when it does not fit.</summary>
    public static int Accept(Span<byte> buffer, in RadiusPacket packet, in AccessRequest request, NasEntry nas, Subscriber subscriber, ushort salt)
    {
        var reply = new RadiusWriter(buffer, RadiusCode.AccessAccept, packet.Identifier);
        reply.AddMessageAuthenticator();
        if (subscriber.FramedAddress != 0)
        {
            reply.Add(RadiusAttributes.FramedIpAddress, subscriber.FramedAddress);
        }

        reply.AddEncoded(subscriber.Template.AttributesFor(nas.Vendor));
        if (request.Method is LoginMethod.MsChapV2)
        {
            Span<byte> success = stackalloc byte[MsChapV2.SuccessLength];
            MsChapV2.WriteSuccess(request.MsChapV2Response, request.MsChapChallenge, request.UserName, subscriber.NtHash, success);
            reply.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.Chap2Success, success);
            Mppe.AddKeys(ref reply, subscriber.NtHash, request.MsChapV2Response, packet.Authenticator, nas.Secret, salt);
        }
        else if (request.Method is LoginMethod.MsChap)
        {
            Mppe.AddVersion1Keys(ref reply, subscriber.NtHash, packet.Authenticator, nas.Secret);
        }

        reply.AddProxyStates(packet);
        return reply.FinishReply(packet.Authenticator, nas.Secret);
    }

    /// <summary>The reason is told only to whoever has proven the password; a stranger learns nothing from it.</summary>
    public static int Reject(Span<byte> buffer, in RadiusPacket packet, in AccessRequest request, NasEntry nas, in Verdict verdict)
    {
        var reply = new RadiusWriter(buffer, RadiusCode.AccessReject, packet.Identifier);
        reply.AddMessageAuthenticator();
        reply.Add(RadiusAttributes.ReplyMessage, MessageFor(verdict.Outcome));
        if (verdict.Outcome is LoginOutcome.UnknownUser or LoginOutcome.WrongPassword or LoginOutcome.RouterLoginRefused)
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

    private static string MessageFor(LoginOutcome outcome) => outcome switch
    {
        LoginOutcome.NotActivated => "This line is not activated yet",
        LoginOutcome.Disconnected => "This line has ended",
        LoginOutcome.WrongCaller => "This line belongs to another device",
        LoginOutcome.TooManySessions => "This line is in use by another device",
        LoginOutcome.UnsupportedMethod => "This way to sign in is not supported",
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
