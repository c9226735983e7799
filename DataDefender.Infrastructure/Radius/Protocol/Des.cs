using System.Buffers.Binary;
using System.Numerics;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>
/// DES encryption of one block (FIPS 46-3), as MS-CHAP takes it: the key is seven octets without parity. In managed code because
/// OpenSSL 3 keeps DES in a provider that systems no longer load. For MS-CHAP's arithmetic only: it hides nothing from anybody.
/// </summary>
internal static class Des
{
    public const int KeyLength = 7;
    public const int BlockLength = 8;

    private const int Rounds = 16;

    // Where each of the 48 bits of a round key comes from in the 56 of C and D, and how far those have turned by then.
    private static ReadOnlySpan<byte> PermutedChoice2 =>
    [
        14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
        41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
    ];

    private static ReadOnlySpan<byte> PermutedChoice1 =>
    [
        57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
        63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
    ];

    private static ReadOnlySpan<byte> Permutation =>
        [16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25];

    private static ReadOnlySpan<byte> Turns => [1, 2, 4, 6, 8, 10, 12, 14, 15, 17, 19, 21, 23, 25, 27, 28];

    private static ReadOnlySpan<byte> Boxes =>
    [
        14, 4, 13, 1, 2, 15, 11, 8, 3, 10, 6, 12, 5, 9, 0, 7, 0, 15, 7, 4, 14, 2, 13, 1, 10, 6, 12, 11, 9, 5, 3, 8,
        4, 1, 14, 8, 13, 6, 2, 11, 15, 12, 9, 7, 3, 10, 5, 0, 15, 12, 8, 2, 4, 9, 1, 7, 5, 11, 3, 14, 10, 0, 6, 13,
        15, 1, 8, 14, 6, 11, 3, 4, 9, 7, 2, 13, 12, 0, 5, 10, 3, 13, 4, 7, 15, 2, 8, 14, 12, 0, 1, 10, 6, 9, 11, 5,
        0, 14, 7, 11, 10, 4, 13, 1, 5, 8, 12, 6, 9, 3, 2, 15, 13, 8, 10, 1, 3, 15, 4, 2, 11, 6, 7, 12, 0, 5, 14, 9,
        10, 0, 9, 14, 6, 3, 15, 5, 1, 13, 12, 7, 11, 4, 2, 8, 13, 7, 0, 9, 3, 4, 6, 10, 2, 8, 5, 14, 12, 11, 15, 1,
        13, 6, 4, 9, 8, 15, 3, 0, 11, 1, 2, 12, 5, 10, 14, 7, 1, 10, 13, 0, 6, 9, 8, 7, 4, 15, 14, 3, 11, 5, 2, 12,
        7, 13, 14, 3, 0, 6, 9, 10, 1, 2, 8, 5, 11, 12, 4, 15, 13, 8, 11, 5, 6, 15, 0, 3, 4, 7, 2, 12, 1, 10, 14, 9,
        10, 6, 9, 0, 12, 11, 7, 13, 15, 1, 3, 14, 5, 2, 8, 4, 3, 15, 0, 6, 10, 1, 13, 8, 9, 4, 5, 11, 12, 7, 2, 14,
        2, 12, 4, 1, 7, 10, 11, 6, 8, 5, 3, 15, 13, 0, 14, 9, 14, 11, 2, 12, 4, 7, 13, 1, 5, 0, 15, 10, 3, 9, 8, 6,
        4, 2, 1, 11, 10, 13, 7, 8, 15, 9, 12, 5, 6, 3, 0, 14, 11, 8, 12, 7, 1, 14, 2, 13, 6, 15, 0, 9, 10, 4, 5, 3,
        12, 1, 10, 15, 9, 2, 6, 8, 0, 13, 3, 4, 14, 7, 5, 11, 10, 15, 4, 2, 7, 12, 9, 5, 6, 1, 13, 14, 0, 11, 3, 8,
        9, 14, 15, 5, 2, 8, 12, 3, 7, 0, 4, 10, 1, 13, 11, 6, 4, 3, 2, 12, 9, 5, 15, 10, 11, 14, 1, 7, 6, 0, 8, 13,
        4, 11, 2, 14, 15, 0, 8, 13, 3, 12, 9, 7, 5, 10, 6, 1, 13, 0, 11, 7, 4, 9, 1, 10, 14, 3, 5, 12, 2, 15, 8, 6,
        1, 4, 11, 13, 12, 3, 7, 14, 10, 15, 6, 8, 0, 5, 9, 2, 6, 11, 13, 8, 1, 4, 10, 7, 9, 5, 0, 15, 14, 2, 3, 12,
        13, 2, 8, 4, 6, 15, 11, 1, 10, 9, 3, 14, 5, 0, 12, 7, 1, 15, 13, 8, 10, 3, 7, 4, 12, 5, 6, 11, 0, 14, 9, 2,
        7, 11, 4, 1, 9, 12, 14, 2, 0, 6, 10, 13, 15, 3, 5, 8, 2, 1, 14, 7, 4, 10, 8, 13, 15, 12, 9, 0, 3, 5, 6, 11,
    ];

    // Box and permutation in one look-up, by box and six input bits.
    private static readonly uint[] Substitution = MakeSubstitution();

    // What seven bits of the key, at one of eight places, contribute to each of the sixteen round keys.
    private static readonly ulong[] RoundKeys = MakeRoundKeys();

    /// <summary>Encrypts one block of eight octets under seven octets of key.</summary>
    public static void Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> block, Span<byte> encrypted)
    {
        Span<ulong> keys = stackalloc ulong[Rounds];
        Schedule(key, keys);

        var (l, r) = (BinaryPrimitives.ReadUInt32BigEndian(block), BinaryPrimitives.ReadUInt32BigEndian(block[4..]));
        Swap(ref l, ref r, 4, 0x0f0f0f0f);
        Swap(ref l, ref r, 16, 0x0000ffff);
        Swap(ref r, ref l, 2, 0x33333333);
        Swap(ref r, ref l, 8, 0x00ff00ff);
        Swap(ref l, ref r, 1, 0x55555555);

        foreach (var roundKey in keys)
        {
            (l, r) = (r, l ^ Round(r, roundKey));
        }

        (l, r) = (r, l);
        Swap(ref l, ref r, 1, 0x55555555);
        Swap(ref r, ref l, 8, 0x00ff00ff);
        Swap(ref r, ref l, 2, 0x33333333);
        Swap(ref l, ref r, 16, 0x0000ffff);
        Swap(ref l, ref r, 4, 0x0f0f0f0f);
        BinaryPrimitives.WriteUInt32BigEndian(encrypted, l);
        BinaryPrimitives.WriteUInt32BigEndian(encrypted[4..], r);
    }

    private static void Schedule(ReadOnlySpan<byte> key, Span<ulong> keys)
    {
        var bits = 0UL;
        foreach (var octet in key[..KeyLength])
        {
            bits = (bits << 8) | octet;
        }

        keys.Clear();
        for (var place = 0; place < 8; place++)
        {
            var row = RoundKeys.AsSpan(((place * 128) + (int)((bits >> (49 - (7 * place))) & 0x7F)) * Rounds, Rounds);
            for (var round = 0; round < Rounds; round++)
            {
                keys[round] |= row[round];
            }
        }
    }

    private static uint Round(uint r, ulong key)
    {
        var table = Substitution.AsSpan();
        var result = 0u;
        for (var box = 0; box < 8; box++)
        {
            var six = (BitOperations.RotateLeft(r, (4 * box) - 1) >> 26) ^ (uint)(key >> (42 - (6 * box)));
            result |= table[(64 * box) + (int)(six & 0x3F)];
        }

        return result;
    }

    // Exchanges the masked bits of b with those of a that lie `shift` higher: the initial permutation is five of these.
    private static void Swap(ref uint a, ref uint b, int shift, uint mask)
    {
        var difference = ((a >> shift) ^ b) & mask;
        b ^= difference;
        a ^= difference << shift;
    }

    private static uint[] MakeSubstitution()
    {
        var table = new uint[8 * 64];
        for (var i = 0; i < table.Length; i++)
        {
            var (box, six) = (i / 64, i % 64);
            var (row, column) = (((six >> 4) & 2) | (six & 1), (six >> 1) & 0xF);
            var output = (uint)Boxes[(64 * box) + (16 * row) + column] << (28 - (4 * box));
            for (var bit = 0; bit < 32; bit++)
            {
                table[i] |= ((output >> (32 - Permutation[bit])) & 1) << (31 - bit);
            }
        }

        return table;
    }

    private static ulong[] MakeRoundKeys()
    {
        var table = new ulong[8 * 128 * Rounds];
        for (var place = 0; place < 8; place++)
        {
            for (var seven = 0; seven < 128; seven++)
            {
                for (var round = 0; round < Rounds; round++)
                {
                    table[(((place * 128) + seven) * Rounds) + round] = RoundKey(place, seven, Turns[round]);
                }
            }
        }

        return table;
    }

    private static ulong RoundKey(int place, int seven, int turn)
    {
        var key = 0UL;
        for (var bit = 0; bit < 48; bit++)
        {
            var chosen = PermutedChoice2[bit] - 1;
            var half = chosen / 28 * 28;
            var source = PermutedChoice1[half + ((chosen - half + turn) % 28)] - 1; // of 64, the last of each eight being parity
            if (source / 8 == place && ((seven >> (6 - (source % 8))) & 1) == 1)
            {
                key |= 1UL << (47 - bit);
            }
        }

        return key;
    }
}
