using System.Buffers.Binary;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>Records gathered in memory for one commit, in the form that goes to disk.</summary>
internal sealed class JournalFrame
{
    private const int StartLength = 256 * 1024;

    private byte[] _octets = new byte[StartLength];
    private int _length = JournalFormat.FrameHeaderLength;

    public int Count { get; private set; }

    /// <summary>Room for one more record; empty when the frame is full.</summary>
    public Span<byte> TryAdd(int recordLength)
    {
        var length = JournalFormat.RecordPrefixLength + recordLength;
        if (_length + length - JournalFormat.FrameHeaderLength > JournalFormat.MaxBody)
        {
            return default;
        }

        if (_length + length > _octets.Length)
        {
            Array.Resize(ref _octets, Math.Max(_octets.Length * 2, _length + length));
        }

        BinaryPrimitives.WriteInt32LittleEndian(_octets.AsSpan(_length), recordLength);
        var record = _octets.AsSpan(_length + JournalFormat.RecordPrefixLength, recordLength);
        _length += length;
        Count++;
        return record;
    }

    public ReadOnlySpan<byte> Seal(long firstSequence)
    {
        var frame = _octets.AsSpan(0, _length);
        JournalFormat.SealFrame(frame, firstSequence, Count);
        return frame;
    }

    public void Clear() => (_length, Count) = (JournalFormat.FrameHeaderLength, 0);
}
