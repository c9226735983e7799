using System.Security.Cryptography;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>What a packet's Message-Authenticator says.</summary>
public enum MessageAuthenticatorState : byte
{
    Absent,
    Valid,

    /// <summary>Present and wrong: the secret differs or the packet was changed. Always a silent drop (RFC 3579 §3.2).</summary>
    Invalid,
}

/// <summary>
/// The keyed checks of RADIUS: Request Authenticator of RFC 2866 §3 and RFC 5176 §2.3, Response Authenticator of RFC 2865 §3 and
/// Message-Authenticator of RFC 3579 §3.2. Compared in constant time.
/// </summary>
public static class RadiusSignature
{
    private static ReadOnlySpan<byte> Zeros => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>
    /// Checks the Message-Authenticator of a request. For Access-Request and Status-Server it covers the Request Authenticator as sent;
    /// for the codes whose authenticator is itself a hash it is taken over zeros (RFC 5176 §3.4).
    /// </summary>
    public static MessageAuthenticatorState CheckRequest(in RadiusPacket request, RadiusSecret secret) =>
        CheckMessageAuthenticator(request, HasKeyedAuthenticator(request.Code) ? Zeros : request.Authenticator, secret);

    /// <summary>Whether the Request Authenticator of an Accounting, CoA or Disconnect request is the hash that the secret makes.</summary>
    public static bool HasValidRequestAuthenticator(in RadiusPacket request, RadiusSecret secret) => AuthenticatorMatches(request, Zeros, secret);

    /// <summary>Whether a reply's Response Authenticator belongs to the request and the secret.</summary>
    public static bool HasValidResponseAuthenticator(in RadiusPacket reply, ReadOnlySpan<byte> requestAuthenticator, RadiusSecret secret) =>
        AuthenticatorMatches(reply, requestAuthenticator, secret);

    /// <summary>Checks the Message-Authenticator of a reply, which covers the authenticator of its request (RFC 3579 §3.2, RFC 5176 §3.4).</summary>
    public static MessageAuthenticatorState CheckReply(in RadiusPacket reply, ReadOnlySpan<byte> requestAuthenticator, RadiusSecret secret) =>
        CheckMessageAuthenticator(reply, requestAuthenticator, secret);

    /// <summary>Whether requests of this code carry a hash as Request Authenticator rather than a random number.</summary>
    public static bool HasKeyedAuthenticator(RadiusCode code) =>
        code is RadiusCode.AccountingRequest or RadiusCode.CoaRequest or RadiusCode.DisconnectRequest;

    /// <summary>MD5 over header, <paramref name="authenticator"/>, attributes and secret: both kinds of authenticator are this.</summary>
    internal static void HashAuthenticator(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> authenticator, RadiusSecret secret, Span<byte> hash)
    {
        var md5 = Md5.Start();
        md5.Append(packet[..RadiusPacket.AuthenticatorOffset]);
        md5.Append(authenticator);
        md5.Append(packet[RadiusPacket.HeaderLength..]);
        md5.Append(secret.Bytes);
        md5.Finish(hash);
    }

    internal static void HashMessageAuthenticator(
        ReadOnlySpan<byte> packet, int offset, ReadOnlySpan<byte> authenticator, RadiusSecret secret, Span<byte> hash)
    {
        var hmac = secret.StartHmac();
        hmac.Append(packet[..RadiusPacket.AuthenticatorOffset]);
        hmac.Append(authenticator);
        hmac.Append(packet[RadiusPacket.HeaderLength..offset]);
        hmac.Append(Zeros);
        hmac.Append(packet[(offset + Md5.HashLength)..]);
        secret.FinishHmac(ref hmac, hash);
    }

    private static bool AuthenticatorMatches(in RadiusPacket packet, ReadOnlySpan<byte> authenticator, RadiusSecret secret)
    {
        Span<byte> expected = stackalloc byte[Md5.HashLength];
        HashAuthenticator(packet.Bytes, authenticator, secret, expected);
        return CryptographicOperations.FixedTimeEquals(expected, packet.Authenticator);
    }

    private static MessageAuthenticatorState CheckMessageAuthenticator(in RadiusPacket packet, ReadOnlySpan<byte> authenticator, RadiusSecret secret)
    {
        if (!packet.HasMessageAuthenticator)
        {
            return MessageAuthenticatorState.Absent;
        }

        Span<byte> expected = stackalloc byte[Md5.HashLength];
        HashMessageAuthenticator(packet.Bytes, packet.MessageAuthenticatorOffset, authenticator, secret, expected);
        return CryptographicOperations.FixedTimeEquals(expected, packet.Bytes.Slice(packet.MessageAuthenticatorOffset, Md5.HashLength))
            ? MessageAuthenticatorState.Valid
            : MessageAuthenticatorState.Invalid;
    }
}
