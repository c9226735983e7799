using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>MD4 (RFC 1320), which MS-CHAP's password hash is made of and .NET does not have. For nothing else: it is long broken.</summary>
public static class Md4
{
    /// <summary>Octets of a hash.</summary>
    public const int HashLength = 16;

    private const int BlockLength = 64;

    /// <summary>Hashes in one go; <paramref name="hash"/> takes 16 octets.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        Span<uint> state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
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
        BinaryPrimitives.WriteUInt64LittleEndian(tail[^sizeof(ulong)..], bits);
        for (var at = 0; at < tail.Length; at += BlockLength)
        {
            Compress(state, tail[at..]);
        }

        for (var i = 0; i < state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(hash[(4 * i)..], state[i]);
        }
    }

    private static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        var x = MemoryMarshal.Cast<byte, uint>(block[..BlockLength]);
        var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
        ReadOnlySpan<byte> shift1 = [3, 7, 11, 19], shift2 = [3, 5, 9, 13], shift3 = [3, 9, 11, 15];
        ReadOnlySpan<byte> order3 = [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15];

        for (var i = 0; i < 16; i++)
        {
            (a, b, c, d) = (d, BitOperations.RotateLeft(a + (d ^ (b & (c ^ d))) + x[i], shift1[i % 4]), b, c);
        }

        for (var i = 0; i < 16; i++)
        {
            var word = x[(i % 4 * 4) + (i / 4)];
            (a, b, c, d) = (d, BitOperations.RotateLeft(a + ((b & c) | (b & d) | (c & d)) + word + 0x5a827999, shift2[i % 4]), b, c);
        }

        for (var i = 0; i < 16; i++)
        {
            (a, b, c, d) = (d, BitOperations.RotateLeft(a + (b ^ c ^ d) + x[order3[i]] + 0x6ed9eba1, shift3[i % 4]), b, c);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
}
