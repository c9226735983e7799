using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>
/// MD5 (RFC 1321) in managed code, without allocation. The platform's one-shot call costs more in set-up than in hashing for the few
/// hundred octets of a RADIUS packet, and it cannot resume from a saved state, which HMAC with a fixed key lives on.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public struct Md5
{
    /// <summary>Octets of a hash.</summary>
    public const int HashLength = 16;

    internal const int BlockLength = 64;

    private State _state;
    private ulong _length;
    private Block _tail;

    /// <summary>The chaining value after a whole number of blocks.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly record struct State(uint A, uint B, uint C, uint D)
    {
        public static State Initial => new(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
    }

    [InlineArray(BlockLength)]
    private struct Block
    {
        private byte _first;
    }

    public static Md5 Start() => Resume(State.Initial, 0);

    /// <summary>Hashes in one go; <paramref name="hash"/> takes 16 octets.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        var md5 = Start();
        md5.Append(data);
        md5.Finish(hash);
    }

    internal static Md5 Resume(State state, ulong length)
    {
        Md5 md5 = default;
        (md5._state, md5._length) = (state, length);
        return md5;
    }

    internal static State After(State state, ReadOnlySpan<byte> block) => Compress(state, MemoryMarshal.Cast<byte, uint>(block[..BlockLength]));

    public void Append(ReadOnlySpan<byte> data)
    {
        var used = (int)(_length % BlockLength);
        _length += (ulong)data.Length;
        if (used > 0)
        {
            var free = BlockLength - used;
            if (data.Length < free)
            {
                data.CopyTo(_tail[used..]);
                return;
            }

            data[..free].CopyTo(_tail[used..]);
            _state = After(_state, _tail);
            data = data[free..];
        }

        while (data.Length >= BlockLength)
        {
            _state = After(_state, data);
            data = data[BlockLength..];
        }

        data.CopyTo(_tail);
    }

    /// <summary>Writes the 16 octets of the hash. The value must not be used afterwards.</summary>
    public void Finish(Span<byte> hash)
    {
        var used = (int)(_length % BlockLength);
        Span<byte> tail = _tail;
        tail[used++] = 0x80;
        if (used > BlockLength - sizeof(ulong))
        {
            tail[used..].Clear();
            _state = After(_state, tail);
            used = 0;
        }

        tail[used..].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(tail[^sizeof(ulong)..], _length * 8);
        _state = After(_state, tail);

        BinaryPrimitives.WriteUInt32LittleEndian(hash, _state.A);
        BinaryPrimitives.WriteUInt32LittleEndian(hash[4..], _state.B);
        BinaryPrimitives.WriteUInt32LittleEndian(hash[8..], _state.C);
        BinaryPrimitives.WriteUInt32LittleEndian(hash[12..], _state.D);
    }

    // Every platform .NET 10 is supported on here is little-endian, so the block is read as words where it lies.
    private static State Compress(State state, ReadOnlySpan<uint> x)
    {
        _ = x[15]; // one bounds check for all
        var (a, b, c, d) = (state.A, state.B, state.C, state.D);

        a = F(a, b, c, d, x[0], 7, 0xd76aa478); d = F(d, a, b, c, x[1], 12, 0xe8c7b756); c = F(c, d, a, b, x[2], 17, 0x242070db); b = F(b, c, d, a, x[3], 22, 0xc1bdceee);
        a = F(a, b, c, d, x[4], 7, 0xf57c0faf); d = F(d, a, b, c, x[5], 12, 0x4787c62a); c = F(c, d, a, b, x[6], 17, 0xa8304613); b = F(b, c, d, a, x[7], 22, 0xfd469501);
        a = F(a, b, c, d, x[8], 7, 0x698098d8); d = F(d, a, b, c, x[9], 12, 0x8b44f7af); c = F(c, d, a, b, x[10], 17, 0xffff5bb1); b = F(b, c, d, a, x[11], 22, 0x895cd7be);
        a = F(a, b, c, d, x[12], 7, 0x6b901122); d = F(d, a, b, c, x[13], 12, 0xfd987193); c = F(c, d, a, b, x[14], 17, 0xa679438e); b = F(b, c, d, a, x[15], 22, 0x49b40821);

        a = G(a, b, c, d, x[1], 5, 0xf61e2562); d = G(d, a, b, c, x[6], 9, 0xc040b340); c = G(c, d, a, b, x[11], 14, 0x265e5a51); b = G(b, c, d, a, x[0], 20, 0xe9b6c7aa);
        a = G(a, b, c, d, x[5], 5, 0xd62f105d); d = G(d, a, b, c, x[10], 9, 0x02441453); c = G(c, d, a, b, x[15], 14, 0xd8a1e681); b = G(b, c, d, a, x[4], 20, 0xe7d3fbc8);
        a = G(a, b, c, d, x[9], 5, 0x21e1cde6); d = G(d, a, b, c, x[14], 9, 0xc33707d6); c = G(c, d, a, b, x[3], 14, 0xf4d50d87); b = G(b, c, d, a, x[8], 20, 0x455a14ed);
        a = G(a, b, c, d, x[13], 5, 0xa9e3e905); d = G(d, a, b, c, x[2], 9, 0xfcefa3f8); c = G(c, d, a, b, x[7], 14, 0x676f02d9); b = G(b, c, d, a, x[12], 20, 0x8d2a4c8a);

        a = H(a, b, c, d, x[5], 4, 0xfffa3942); d = H(d, a, b, c, x[8], 11, 0x8771f681); c = H(c, d, a, b, x[11], 16, 0x6d9d6122); b = H(b, c, d, a, x[14], 23, 0xfde5380c);
        a = H(a, b, c, d, x[1], 4, 0xa4beea44); d = H(d, a, b, c, x[4], 11, 0x4bdecfa9); c = H(c, d, a, b, x[7], 16, 0xf6bb4b60); b = H(b, c, d, a, x[10], 23, 0xbebfbc70);
        a = H(a, b, c, d, x[13], 4, 0x289b7ec6); d = H(d, a, b, c, x[0], 11, 0xeaa127fa); c = H(c, d, a, b, x[3], 16, 0xd4ef3085); b = H(b, c, d, a, x[6], 23, 0x04881d05);
        a = H(a, b, c, d, x[9], 4, 0xd9d4d039); d = H(d, a, b, c, x[12], 11, 0xe6db99e5); c = H(c, d, a, b, x[15], 16, 0x1fa27cf8); b = H(b, c, d, a, x[2], 23, 0xc4ac5665);

        a = I(a, b, c, d, x[0], 6, 0xf4292244); d = I(d, a, b, c, x[7], 10, 0x432aff97); c = I(c, d, a, b, x[14], 15, 0xab9423a7); b = I(b, c, d, a, x[5], 21, 0xfc93a039);
        a = I(a, b, c, d, x[12], 6, 0x655b59c3); d = I(d, a, b, c, x[3], 10, 0x8f0ccc92); c = I(c, d, a, b, x[10], 15, 0xffeff47d); b = I(b, c, d, a, x[1], 21, 0x85845dd1);
        a = I(a, b, c, d, x[8], 6, 0x6fa87e4f); d = I(d, a, b, c, x[15], 10, 0xfe2ce6e0); c = I(c, d, a, b, x[6], 15, 0xa3014314); b = I(b, c, d, a, x[13], 21, 0x4e0811a1);
        a = I(a, b, c, d, x[4], 6, 0xf7537e82); d = I(d, a, b, c, x[11], 10, 0xbd3af235); c = I(c, d, a, b, x[2], 15, 0x2ad7d2bb); b = I(b, c, d, a, x[9], 21, 0xeb86d391);

        return new State(state.A + a, state.B + b, state.C + c, state.D + d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint F(uint a, uint b, uint c, uint d, uint x, int s, uint k) => BitOperations.RotateLeft(a + x + k + (d ^ (b & (c ^ d))), s) + b;

    // The two halves have no bit in common, so they may be added; that shortens the chain of dependent operations.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint G(uint a, uint b, uint c, uint d, uint x, int s, uint k) => BitOperations.RotateLeft(a + x + k + (c & ~d) + (b & d), s) + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint H(uint a, uint b, uint c, uint d, uint x, int s, uint k) => BitOperations.RotateLeft(a + x + k + (b ^ c ^ d), s) + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint I(uint a, uint b, uint c, uint d, uint x, int s, uint k) => BitOperations.RotateLeft(a + x + k + (c ^ (b | ~d)), s) + b;
}
