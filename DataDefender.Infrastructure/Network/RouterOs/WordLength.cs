using System.Buffers.Binary;

namespace DataDefender.Infrastructure.Network.RouterOs;

/// <summary>
/// The length before each word, big-endian, one to five bytes: below 0x80 as it is, below 0x4000 with 0x8000, below 0x200000
/// with 0xC00000, below 0x10000000 with 0xE0000000, else 0xF0 and four bytes. First bytes from 0xF8 are reserved for control.
/// </summary>
internal static class WordLength
{
    public const int MaxBytes = 5;

    /// <returns>The number of bytes written.</returns>
    public static int Write(Span<byte> target, int length)
    {
        switch (length)
        {
            case < 0x80:
                target[0] = (byte)length;
                return 1;
            case < 0x4000:
                BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)(length | 0x8000));
                return 2;
            case < 0x20_0000:
                target[0] = (byte)((length >> 16) | 0xC0);
                BinaryPrimitives.WriteUInt16BigEndian(target[1..], (ushort)length);
                return 3;
            case < 0x1000_0000:
                BinaryPrimitives.WriteUInt32BigEndian(target, (uint)length | 0xE000_0000);
                return 4;
            default:
                target[0] = 0xF0;
                BinaryPrimitives.WriteInt32BigEndian(target[1..], length);
                return 5;
        }
    }

    /// <returns>The number of bytes that the length took, or 0 when more are needed.</returns>
    /// <exception cref="RouterOsProtocolException">A control byte or an undefined first byte.</exception>
    public static int Read(ReadOnlySpan<byte> source, out uint length)
    {
        length = 0;
        if (source.IsEmpty)
        {
            return 0;
        }

        var first = source[0];
        var bytes = first switch
        {
            < 0x80 => 1,
            < 0xC0 => 2,
            < 0xE0 => 3,
            < 0xF0 => 4,
            0xF0 => 5,
            _ => throw new RouterOsProtocolException($"The peer sent the control byte 0x{first:X2}, which no RouterOS API sends."),
        };
        if (source.Length < bytes)
        {
            return 0;
        }

        length = bytes switch
        {
            1 => first,
            2 => BinaryPrimitives.ReadUInt16BigEndian(source) & 0x3FFFu,
            3 => ((uint)(first & 0x1F) << 16) | BinaryPrimitives.ReadUInt16BigEndian(source[1..]),
            4 => BinaryPrimitives.ReadUInt32BigEndian(source) & 0x0FFF_FFFFu,
            _ => BinaryPrimitives.ReadUInt32BigEndian(source[1..]),
        };
        return bytes;
    }
}
