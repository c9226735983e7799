using System.Buffers.Binary;
using System.Numerics;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>
/// SHA-1 (RFC 3174) of short data for MS-CHAPv2 and MPPE, which take six of them a login. Managed, because the platform's one-shot
/// allocates for each call and costs more in set-up than in hashing here.
/// </summary>
internal static class Sha1
{
    public const int HashLength = 20;

    private const int BlockLength = 64;

    /// <summary>Hashes in one go; <paramref name="hash"/> takes 20 octets and may overlap the data.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        Span<uint> state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
        var bits = (ulong)data.Length * 8;
        while (data.Length >= BlockLength)
        {
            Compress(state, data);
            data = data[BlockLength..];
        }

        Span<byte> tail = stackalloc byte[2 * BlockLength];
        tail.Clear();
        data.CopyTo(tail);
        tail[data.Length] = 0x80;
        tail = tail[..(data.Length < BlockLength - sizeof(ulong) ? BlockLength : 2 * BlockLength)];
        BinaryPrimitives.WriteUInt64BigEndian(tail[^sizeof(ulong)..], bits);
        for (var at = 0; at < tail.Length; at += BlockLength)
        {
            Compress(state, tail[at..]);
        }

        for (var i = 0; i < state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(hash[(4 * i)..], state[i]);
        }
    }

    private static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[80];
        for (var t = 0; t < 16; t++)
        {
            w[t] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * t)..]);
        }

        for (var t = 16; t < w.Length; t++)
        {
            w[t] = BitOperations.RotateLeft(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
        }

        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4]);
        for (var t = 0; t < w.Length; t++)
        {
            var mixed = t switch
            {
                < 20 => (d ^ (b & (c ^ d))) + 0x5a827999,
                < 40 => (b ^ c ^ d) + 0x6ed9eba1,
                < 60 => ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc,
                _ => (b ^ c ^ d) + 0xca62c1d6,
            };
            (a, b, c, d, e) = (BitOperations.RotateLeft(a, 5) + mixed + e + w[t], a, BitOperations.RotateLeft(b, 30), c, d);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
    }
}
