using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>Records of one journal in their order, and the segment that the last of them is in.</summary>
internal sealed record JournalBatch(Guid JournalId, IReadOnlyList<JournalRecord> Records, long LastSequence, long SegmentNumber);

/// <summary>
/// Follows the journals of a directory in their order, each from its position on: first what an earlier process left, then what is being written. A damaged place is skipped
/// to the next whole frame and counted.
/// </summary>
internal sealed class JournalReader : IDisposable
{
    private readonly Journal _journal;
    private readonly string _directory;
    private readonly IReadOnlyDictionary<Guid, long> _positions;
    private SafeFileHandle? _file;
    private long _number;
    private long _at;
    private long _length;
    private long _after;
    private Guid _owner;
    private long _seen;

    /// <param name="positions">Of each journal the last record that is not to be read again; one that is missing is read from its start.</param>
    public JournalReader(Journal journal, string directory, IReadOnlyDictionary<Guid, long> positions) => (_journal, _directory, _positions) = (journal, directory, positions);

    /// <summary>Octets that were neither a frame nor unused.</summary>
    public long DamagedOctets { get; private set; }

    /// <summary>Records that a gap in the sequence says are missing, but for those that were never acknowledged.</summary>
    public long MissingRecords { get; private set; }

    /// <summary>The next whole frames, until there are that many records, those of another journal come or nothing more is on disk. Null when there is nothing new.</summary>
    /// <exception cref="IOException">The disk does not give what is next. It can be asked for again: nothing is passed over.</exception>
    public JournalBatch? Read(int atLeast)
    {
        var (records, owner, number) = (new List<JournalRecord>(), _owner, _number);
        try
        {
            while (records.Count < atLeast && ReadFrame(mayOpenAnother: records.Count == 0) is { } frame)
            {
                (owner, number) = (_owner, _number);
                AddRecords(records, frame.Header, frame.Body);
                _after = Math.Max(_after, frame.Header.LastSequence);
            }
        }
        catch (Exception failed) when (records.Count > 0 && Journal.IsOfTheDisk(failed))
        {
            // What came before it is whole; the next look meets it again.
        }

        return records.Count == 0 ? null : new JournalBatch(owner, records, _after, number);
    }

    public void Dispose() => _file?.Dispose();

    private void AddRecords(List<JournalRecord> records, FrameHeader header, ReadOnlyMemory<byte> body)
    {
        var before = Math.Max(_after, _seen);
        if (header.FirstSequence > before + 1 && before > 0)
        {
            MissingRecords += header.FirstSequence - before - 1;
        }

        _seen = header.LastSequence;

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

    private (FrameHeader Header, ReadOnlyMemory<byte> Body)? ReadFrame(bool mayOpenAnother)
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

            if (!SkipDamage() && (!mayOpenAnother || !OpenNext(_number)))
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
        _at = found ? _at + at : _length;
        return found;
    }

    private bool OpenNext(long after)
    {
        foreach (var (path, number) in JournalFiles.List(_directory).Where(f => f.Number > after && f.Number <= _journal.End.SegmentNumber))
        {
            var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            try
            {
                Span<byte> header = stackalloc byte[JournalFormat.SegmentHeaderLength];
                var read = RandomAccess.Read(file, header, 0);
                var length = RandomAccess.GetLength(file);
                if (!JournalFormat.TryReadSegmentHeader(header[..read], out var owner, out _))
                {
                    DamagedOctets += header[..read].TrimEnd((byte)0).Length; // none in one that was prepared and never begun
                    continue;
                }

                _file?.Dispose();
                (_file, _number, _at, _length) = (file, number, JournalFormat.SegmentHeaderLength, length);
                if (owner != _owner)
                {
                    (_owner, _after) = (owner, _positions.GetValueOrDefault(owner));
                }

                return true;
            }
            finally
            {
                if (_file != file)
                {
                    file.Dispose();
                }
            }
        }

        return false;
    }
}
