using System.Security.Cryptography;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>MS-CHAP version 2 (RFC 2759, RFC 2548 §2.3). User names are octets as they came in User-Name.</summary>
public static class MsChapV2
{
    public const int ChallengeLength = 16;

    /// <summary>The value of MS-CHAP2-Success: identifier and "S=" with 40 hexadecimal digits.</summary>
    public const int SuccessLength = 43;

    private const int PeerChallengeOffset = 2;
    private const int NtResponseOffset = 26;
    private const int MaxUserNameLength = WireFormat.MaxValueLength;

    private static ReadOnlySpan<byte> Magic1 => "Magic server to client signing constant"u8;

    private static ReadOnlySpan<byte> Magic2 => "Pad to make it do more than one iteration"u8;

    /// <summary>The NT response inside an MS-CHAP2-Response of 50 octets.</summary>
    public static ReadOnlySpan<byte> NtResponse(ReadOnlySpan<byte> response) => response.Slice(NtResponseOffset, MsChap.NtResponseLength);

    /// <summary>Whether an MS-CHAP2-Response (identifier, flags, peer challenge, reserved, NT response) belongs to the user's NT hash.</summary>
    public static bool Matches(ReadOnlySpan<byte> response, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> userName, ReadOnlySpan<byte> ntHash)
    {
        if (response.Length != MsChap.ResponseAttributeLength || challenge.Length != ChallengeLength || userName.Length > MaxUserNameLength)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[Des.BlockLength];
        Span<byte> expected = stackalloc byte[MsChap.NtResponseLength];
        HashChallenges(PeerChallenge(response), challenge, userName, hash);
        MsChap.WriteNtResponse(hash, ntHash, expected);
        return CryptographicOperations.FixedTimeEquals(expected, NtResponse(response));
    }

    /// <summary>Writes an MS-CHAP2-Response of 50 octets.</summary>
    public static void WriteResponse(
        byte identifier, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> peerChallenge, ReadOnlySpan<byte> userName, ReadOnlySpan<byte> ntHash, Span<byte> response)
    {
        response[..MsChap.ResponseAttributeLength].Clear();
        response[0] = identifier;
        peerChallenge[..ChallengeLength].CopyTo(response[PeerChallengeOffset..]);
        Span<byte> hash = stackalloc byte[Des.BlockLength];
        HashChallenges(peerChallenge, challenge, userName, hash);
        MsChap.WriteNtResponse(hash, ntHash, response[NtResponseOffset..]);
    }

    /// <summary>
    /// Writes the MS-CHAP2-Success that proves to the client that the server knows the password too (RFC 2759 §8.7), for a response
    /// that <see cref="Matches"/> accepted: 43 octets.
    /// </summary>
    public static void WriteSuccess(
        ReadOnlySpan<byte> response, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> userName, ReadOnlySpan<byte> ntHash, Span<byte> success)
    {
        Span<byte> hashOfHash = stackalloc byte[MsChap.NtHashLength];
        Md4.Hash(ntHash, hashOfHash);

        Span<byte> digest = stackalloc byte[Sha1.HashLength];
        Span<byte> data = stackalloc byte[MsChap.NtHashLength + MsChap.NtResponseLength + Magic1.Length]; // the longer of the two
        Sha1.Hash(Join(data, hashOfHash, NtResponse(response), Magic1), digest);

        Span<byte> challengeHash = stackalloc byte[Des.BlockLength];
        HashChallenges(PeerChallenge(response), challenge, userName, challengeHash);
        Sha1.Hash(Join(data, digest, challengeHash, Magic2), digest);

        success[0] = response[0];
        "S="u8.CopyTo(success[1..]);
        Convert.TryToHexString(digest, success[3..], out _);
    }

    /// <summary>The first eight octets of SHA-1 over both challenges and the user name without its domain (RFC 2759 §8.2).</summary>
    internal static void HashChallenges(ReadOnlySpan<byte> peerChallenge, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> userName, Span<byte> hash)
    {
        Span<byte> digest = stackalloc byte[Sha1.HashLength];
        Span<byte> data = stackalloc byte[(2 * ChallengeLength) + MaxUserNameLength];
        Sha1.Hash(Join(data, peerChallenge, challenge, userName[(userName.LastIndexOf((byte)'\\') + 1)..]), digest);
        digest[..Des.BlockLength].CopyTo(hash);
    }

    private static ReadOnlySpan<byte> PeerChallenge(ReadOnlySpan<byte> response) => response.Slice(PeerChallengeOffset, ChallengeLength);

    private static ReadOnlySpan<byte> Join(Span<byte> target, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        first.CopyTo(target);
        second.CopyTo(target[first.Length..]);
        third.CopyTo(target[(first.Length + second.Length)..]);
        return target[..(first.Length + second.Length + third.Length)];
    }
}
