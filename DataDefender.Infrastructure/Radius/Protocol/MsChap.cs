using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>What both versions of MS-CHAP share: the NT password hash and the DES response (RFC 2433, RFC 2759), and the error text.</summary>
public static class MsChap
{
    public const int NtHashLength = Md4.HashLength;
    public const int NtResponseLength = 24;

    /// <summary>The values of MS-CHAP-Response and MS-CHAP2-Response are both this long (RFC 2548 §2.1.3, §2.3.2).</summary>
    public const int ResponseAttributeLength = 50;

    /// <summary>The longest password of RFC 2759 §8.3, in characters.</summary>
    public const int MaxPasswordLength = 256;

    /// <summary>MD4 of the password in UTF-16 little-endian (RFC 2759 §8.3). Worth keeping per user: it is the costly part.</summary>
    /// <exception cref="ArgumentException">The password is longer than 256 characters.</exception>
    public static void HashPassword(ReadOnlySpan<char> password, Span<byte> ntHash)
    {
        if (password.Length > MaxPasswordLength)
        {
            throw new ArgumentException($"A password of {password.Length} characters; MS-CHAP takes {MaxPasswordLength}.", nameof(password));
        }

        Span<byte> octets = stackalloc byte[2 * MaxPasswordLength];
        Md4.Hash(octets[..Encoding.Unicode.GetBytes(password, octets)], ntHash);
    }

    /// <summary>Three DES encryptions of the eight octets of challenge under the NT hash, padded to 21 (RFC 2759 §8.5): 24 octets.</summary>
    public static void WriteNtResponse(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> ntHash, Span<byte> response)
    {
        Span<byte> key = stackalloc byte[3 * Des.KeyLength];
        key.Clear();
        ntHash[..NtHashLength].CopyTo(key);
        for (var i = 0; i < 3; i++)
        {
            Des.Encrypt(key[(i * Des.KeyLength)..], challenge, response[(i * Des.BlockLength)..]);
        }
    }

    /// <summary>
    /// The value of MS-CHAP-Error (RFC 2548 §2.1.5): E=691 is "authentication failure"; R=0 forbids a retry, so the new challenge is
    /// only there because the form asks for it. A challenge of 8 octets makes the form of version 1 (RFC 2433 §9), one of 16 that of
    /// version 2 (RFC 2759 §6), which has the message as well. Returns the octets written.
    /// </summary>
    public static int WriteError(byte identifier, ReadOnlySpan<byte> newChallenge, ReadOnlySpan<char> message, Span<byte> value)
    {
        value[0] = identifier;
        Span<char> digits = stackalloc char[2 * MsChapV2.ChallengeLength];
        Convert.TryToHexString(newChallenge, digits, out var length);
        var hex = digits[..length];
        int written;
        if (newChallenge.Length == MsChapV1.ChallengeLength)
        {
            Utf8.TryWrite(value[1..], CultureInfo.InvariantCulture, $"E=691 R=0 C={hex} V=2", out written);
        }
        else
        {
            Utf8.TryWrite(value[1..], CultureInfo.InvariantCulture, $"E=691 R=0 C={hex} V=3 M={message}", out written);
        }

        return 1 + written;
    }
}

/// <summary>MS-CHAP version 1 (RFC 2433, RFC 2548 §2.1). Only the NT response is looked at: LAN Manager's is refused.</summary>
public static class MsChapV1
{
    public const int ChallengeLength = 8;

    private const int NtResponseOffset = 26;

    /// <summary>Whether an MS-CHAP-Response (identifier, flags, LM response, NT response) belongs to the password's NT hash.</summary>
    public static bool Matches(ReadOnlySpan<byte> response, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> ntHash)
    {
        // Flags 1 says that the NT response is the one to use (RFC 2548 §2.1.3).
        if (response.Length != MsChap.ResponseAttributeLength || challenge.Length != ChallengeLength || response[1] != 1)
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[MsChap.NtResponseLength];
        MsChap.WriteNtResponse(challenge, ntHash, expected);
        return CryptographicOperations.FixedTimeEquals(expected, response[NtResponseOffset..]);
    }

    /// <summary>Writes an MS-CHAP-Response of 50 octets with the LM part left zero.</summary>
    public static void WriteResponse(byte identifier, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> ntHash, Span<byte> response)
    {
        response[..MsChap.ResponseAttributeLength].Clear();
        (response[0], response[1]) = (identifier, 1);
        MsChap.WriteNtResponse(challenge, ntHash, response[NtResponseOffset..]);
    }
}
