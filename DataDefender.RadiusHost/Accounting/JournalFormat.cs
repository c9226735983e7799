using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>
/// The journal on disk. A segment file starts with a header (magic, journal id, sequence that its first record gets); then come frames, one a commit:
/// magic, length of the body, sequence of its first record, number of records, CRC-32C over all of that and the body. The body is the
/// records, each with its length before it. After the last frame there are zeros. Little-endian.
/// </summary>
internal static class JournalFormat
{
    public const int SegmentHeaderLength = 40;
    public const int FrameHeaderLength = 28;
    public const int RecordPrefixLength = 4;
    public const string Extension = ".journal";

    /// <summary>No body is longer; a length above it is not a frame.</summary>
    public const int MaxBody = 8 << 20;

    private const ulong SegmentMagic = 0x314C4E524A44_4444; // "DDDJRNL1"
    private const uint FrameMagic = 0x4D52_4644; // "DFRM"
    private const int ChecksumOffset = 24;

    public static void WriteSegmentHeader(Span<byte> target, Guid journalId, long firstSequence)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, SegmentMagic);
        journalId.TryWriteBytes(target[8..]);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], firstSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(target[32..], Crc32C(0, target[..32]));
    }

    public static bool TryReadSegmentHeader(ReadOnlySpan<byte> source, out Guid journalId, out long firstSequence)
    {
        (journalId, firstSequence) = (default, 0);
        if (source.Length < SegmentHeaderLength
            || BinaryPrimitives.ReadUInt64LittleEndian(source) != SegmentMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(source[32..]) != Crc32C(0, source[..32]))
        {
            return false;
        }

        (journalId, firstSequence) = (new Guid(source.Slice(8, 16)), BinaryPrimitives.ReadInt64LittleEndian(source[24..]));
        return true;
    }

    /// <summary>Fills in the header in front of a finished body.</summary>
    public static void SealFrame(Span<byte> frame, long firstSequence, int count)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, FrameMagic);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], frame.Length - FrameHeaderLength);
        BinaryPrimitives.WriteInt64LittleEndian(frame[8..], firstSequence);
        BinaryPrimitives.WriteInt32LittleEndian(frame[16..], count);
        BinaryPrimitives.WriteInt32LittleEndian(frame[20..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[ChecksumOffset..], Checksum(frame));
    }

    public static bool LooksLikeFrame(ReadOnlySpan<byte> header, out FrameHeader frame)
    {
        frame = default;
        if (header.Length < FrameHeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(header) != FrameMagic)
        {
            return false;
        }

        frame = new FrameHeader(
            BinaryPrimitives.ReadInt32LittleEndian(header[4..]), BinaryPrimitives.ReadInt64LittleEndian(header[8..]), BinaryPrimitives.ReadInt32LittleEndian(header[16..]));
        return frame.BodyLength is > 0 and <= MaxBody && frame is { FirstSequence: > 0, Count: > 0 };
    }

    public static bool ChecksumFits(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt32LittleEndian(frame[ChecksumOffset..]) == Checksum(frame);

    private static uint Checksum(ReadOnlySpan<byte> frame) => Crc32C(Crc32C(0, frame[..ChecksumOffset]), frame[FrameHeaderLength..]);

    /// <summary>CRC-32C (Castagnoli), by the processor's instruction where there is one.</summary>
    internal static uint Crc32C(uint seed, ReadOnlySpan<byte> data)
    {
        var crc = ~seed;
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (var octet in data[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, octet);
        }

        return ~crc;
    }
}

/// <summary>What a frame says of itself.</summary>
internal readonly record struct FrameHeader(int BodyLength, long FirstSequence, int Count)
{
    public int Length => JournalFormat.FrameHeaderLength + BodyLength;

    public long LastSequence => FirstSequence + Count - 1;
}
