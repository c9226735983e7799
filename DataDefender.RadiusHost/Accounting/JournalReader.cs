using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>Records in their order, and the segment that the last of them is in.</summary>
internal sealed record JournalBatch(IReadOnlyList<JournalRecord> Records, long LastSequence, long SegmentNumber);

/// <summary>
/// Follows the journal from a position on: first what an earlier process left, then what is being written. A damaged place is skipped
/// to the next whole frame and counted.
/// </summary>
internal sealed class JournalReader : IDisposable
{
    private readonly Journal _journal;
    private readonly string _directory;
    private SafeFileHandle? _file;
    private long _number;
    private long _at;
    private long _length;
    private long _after;

    public JournalReader(Journal journal, string directory, long afterSequence)
    {
        (_journal, _directory, _after) = (journal, directory, afterSequence);
        OpenNext(0);
    }

    /// <summary>Octets that were neither a frame nor unused.</summary>
    public long DamagedOctets { get; private set; }

    /// <summary>Records that a gap in the sequence says are missing, but for those that were never acknowledged.</summary>
    public long MissingRecords { get; private set; }

    /// <summary>The next whole frames, until there are that many records or nothing more on disk. Null when there is nothing new.</summary>
    public JournalBatch? Read(int atLeast)
    {
        var records = new List<JournalRecord>();
        var last = _after;
        while (records.Count < atLeast && ReadFrame() is { } frame)
        {
            AddRecords(records, frame.Header, frame.Body);
            last = Math.Max(last, frame.Header.LastSequence);
            _after = last;
        }

        return records.Count == 0 ? null : new JournalBatch(records, last, _number);
    }

    public void Dispose() => _file?.Dispose();

    private void AddRecords(List<JournalRecord> records, FrameHeader header, ReadOnlyMemory<byte> body)
    {
        if (header.FirstSequence > _after + 1 && _after > 0)
        {
            MissingRecords += header.FirstSequence - _after - 1;
        }

        for (var sequence = header.FirstSequence; body.Length >= JournalFormat.RecordPrefixLength; sequence++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(body.Span);
            if (length < 0 || length > body.Length - JournalFormat.RecordPrefixLength)
            {
                return; // the checksum fits, so this cannot be; but a length is never trusted
            }

            if (sequence > _after)
            {
                JournalRecord.TryRead(sequence, body.Slice(JournalFormat.RecordPrefixLength, length), out var record);
                records.Add(record);
            }

            body = body[(JournalFormat.RecordPrefixLength + length)..];
        }
    }

    private (FrameHeader Header, ReadOnlyMemory<byte> Body)? ReadFrame()
    {
        while (_file is not null || OpenNext(_number))
        {
            var end = _journal.End;
            var limit = _number == end.SegmentNumber ? end.Offset : _length;
            if (TryReadFrameAt(limit, out var header, out var body))
            {
                _at += header.Length;
                return (header, body);
            }

            if (_number >= end.SegmentNumber)
            {
                return null;
            }

            if (!SkipDamage() && !OpenNext(_number))
            {
                return null;
            }
        }

        return null;
    }

    private bool TryReadFrameAt(long limit, out FrameHeader header, out byte[] body)
    {
        body = [];
        Span<byte> start = stackalloc byte[JournalFormat.FrameHeaderLength];
        header = default;
        if (_at + start.Length > limit
            || RandomAccess.Read(_file!, start, _at) != start.Length
            || !JournalFormat.LooksLikeFrame(start, out header)
            || _at + header.Length > limit)
        {
            return false;
        }

        var frame = new byte[header.Length];
        if (RandomAccess.Read(_file!, frame, _at) != frame.Length || !JournalFormat.ChecksumFits(frame))
        {
            return false;
        }

        body = frame[JournalFormat.FrameHeaderLength..];
        return true;
    }

    /// <summary>Looks for a whole frame further on in a segment that nobody writes any more.</summary>
    private bool SkipDamage()
    {
        var rest = new byte[_length - _at];
        var read = RandomAccess.Read(_file!, rest, _at);
        var at = 0;
        var found = JournalFiles.NextFrame(rest.AsSpan(0, read), ref at, out _);
        var skipped = rest.AsSpan(0, found ? at : read);
        DamagedOctets += skipped.TrimEnd((byte)0).Length;
        _at += at;
        return found;
    }

    private bool OpenNext(long after)
    {
        foreach (var (path, number) in JournalFiles.List(_directory).Where(f => f.Number > after && f.Number <= _journal.End.SegmentNumber))
        {
            var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> header = stackalloc byte[JournalFormat.SegmentHeaderLength];
            var read = RandomAccess.Read(file, header, 0);
            if (!JournalFormat.TryReadSegmentHeader(header[..read], out var owner, out _) || owner != _journal.Id)
            {
                file.Dispose(); // prepared and never begun, or of another journal
                continue;
            }

            _file?.Dispose();
            (_file, _number, _at, _length) = (file, number, JournalFormat.SegmentHeaderLength, RandomAccess.GetLength(file));
            return true;
        }

        return false;
    }
}
