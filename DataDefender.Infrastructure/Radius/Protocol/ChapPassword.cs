using System.Security.Cryptography;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>CHAP-Password: one octet of CHAP identifier and MD5 over identifier, password and challenge (RFC 2865 §2.2, RFC 1994 §4.1).</summary>
public static class ChapPassword
{
    public const int Length = 1 + Md5.HashLength;

    /// <summary>
    /// Whether the 17 octets of CHAP-Password belong to the password. The challenge is the CHAP-Challenge attribute, or the Request
    /// Authenticator where there is none.
    /// </summary>
    public static bool Matches(ReadOnlySpan<byte> chapPassword, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> password)
    {
        if (chapPassword.Length != Length)
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[Length];
        Write(chapPassword[0], challenge, password, expected);
        return CryptographicOperations.FixedTimeEquals(expected, chapPassword);
    }

    /// <summary>Writes the 17 octets of a CHAP-Password.</summary>
    public static void Write(byte identifier, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> password, Span<byte> chapPassword)
    {
        chapPassword[0] = identifier;
        var md5 = Md5.Start();
        md5.Append(chapPassword[..1]);
        md5.Append(password);
        md5.Append(challenge);
        md5.Finish(chapPassword[1..]);
    }
}
