using Microsoft.Win32.SafeHandles;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>How far the journal is on disk, for readers.</summary>
internal sealed record JournalEnd(long SegmentNumber, long Offset, long LastSequence);

/// <summary>
/// An append-only log of accounting records on local disk. A record counts as taken once <see cref="Commit"/> has said so, which is when
/// it is on the disk; only then may the NAS be answered (RFC 2866 §2: no response before it is recorded). Ports append from their
/// threads, and whoever commits takes the records of all others along in one write and one sync.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const int RetryMilliseconds = 250;
    private const int LostKept = 64;

    private readonly string _directory;
    private readonly long _segmentBytes;
    private readonly Action<SafeFileHandle> _sync;
    private readonly Lock _appending = new();
    private readonly Lock _writing = new();
    private readonly FileStream _lockFile;
    private JournalFrame _filling = new();
    private JournalFrame _spareFrame = new();
    private JournalSegment? _segment;
    private Task<JournalSegment>? _nextSegment;
    private long _nextNumber;
    private long _nextSequence;
    private readonly List<(long First, long Last)> _lost = [];
    private long _failedAt;
    private volatile JournalEnd _end;

    private Journal(string directory, long segmentBytes, Action<SafeFileHandle> sync, FileStream lockFile, Guid id, long nextNumber, long nextSequence)
    {
        (_directory, _segmentBytes, _sync, _lockFile) = (directory, segmentBytes, sync, lockFile);
        (Id, _nextNumber, _nextSequence) = (id, nextNumber, nextSequence);
        var number = _nextNumber++;
        try
        {
            _segment = JournalSegment.Create(directory, number, segmentBytes);
            _segment.Begin(id, nextSequence);
            DurableFiles.SyncData(_segment.File);
            _end = new JournalEnd(number, _segment.End, nextSequence - 1);
            PrepareNextSegment();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // A full disk keeps accounting from being acknowledged; logins need no disk. The first commit tries again.
            _segment?.Dispose();
            (_segment, Failure, Failures, _failedAt) = (null, failed.Message, 1, Environment.TickCount64);
            _end = new JournalEnd(number, 0, nextSequence - 1);
        }
    }

    /// <summary>Made with the directory: a position in the database belongs to this journal and to no other.</summary>
    public Guid Id { get; }

    /// <summary>How far it is on disk.</summary>
    public JournalEnd End => _end;

    /// <summary>Why the last commit failed; null while all is well. Until it is null again no accounting is acknowledged.</summary>
    public string? Failure { get; private set; }

    public long Commits { get; private set; }

    public long Failures { get; private set; }

    public long BytesWritten { get; private set; }

    /// <summary>Opens the journal of a directory, made if it is not there. A new segment is begun: what a crash left behind is only read.</summary>
    /// <param name="sync">Gets a file's data onto the disk; another one than the system's is for tests of a disk that fails.</param>
    /// <exception cref="IOException">Another process has it, or a new directory cannot be written. A disk that is full later is a <see cref="Failure"/>.</exception>
    public static Journal Open(string directory, long segmentBytes, Action<SafeFileHandle>? sync = null)
    {
        Directory.CreateDirectory(directory);
        var lockFile = Lock(directory);
        try
        {
            var files = JournalFiles.List(directory);
            var id = JournalFiles.ReadOrCreateId(directory, files.Count > 0);
            var last = JournalFiles.LastSequence(files, id);
            return new Journal(directory, segmentBytes, sync ?? DurableFiles.SyncData, lockFile, id, files.Count == 0 ? 1 : files[^1].Number + 1, last + 1);
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }
    }

    /// <summary>Adds a record to the next commit and returns its sequence, or 0 when there is no room before one.</summary>
    public long Append(long receivedAtTicks, Guid tenantId, Guid nasId, Guid subscriptionId, ReadOnlySpan<byte> packet)
    {
        lock (_appending)
        {
            var record = _filling.TryAdd(JournalRecord.HeaderLength + packet.Length);
            if (record.IsEmpty)
            {
                return 0;
            }

            JournalRecord.WriteHeader(record, receivedAtTicks, tenantId, nasId, subscriptionId);
            packet.CopyTo(record[JournalRecord.HeaderLength..]);
            return _nextSequence++;
        }
    }

    /// <summary>Puts everything appended so far on disk. True when the record of that sequence is there.</summary>
    public bool Commit(long sequence)
    {
        lock (_writing)
        {
            if (_end.LastSequence < sequence)
            {
                WritePending();
            }

            return _end.LastSequence >= sequence && !_lost.Exists(lost => sequence >= lost.First && sequence <= lost.Last);
        }
    }

    /// <summary>Deletes segments before that one: everything in them is in the database.</summary>
    public void DeleteBefore(long segmentNumber)
    {
        foreach (var file in JournalFiles.List(_directory))
        {
            if (file.Number < segmentNumber && file.Number < _end.SegmentNumber)
            {
                File.Delete(file.Path);
            }
        }
    }

    public JournalReader OpenReader(long afterSequence) => new(this, _directory, afterSequence);

    public void Dispose()
    {
        lock (_writing)
        {
            _segment?.Dispose();
            _segment = null;
            DisposeNextSegment();
            _lockFile.Dispose();
        }
    }

    private static FileStream Lock(string directory)
    {
        try
        {
            return new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            throw new IOException($"The journal in {directory} is in use: each RadiusHost needs a directory of its own (Radius:JournalDirectory).", taken);
        }
    }

    private void WritePending()
    {
        JournalFrame frame;
        long first, last;
        lock (_appending)
        {
            frame = _filling;
            _filling = _spareFrame;
            last = _nextSequence - 1;
            first = last - frame.Count + 1;
        }

        if (frame.Count > 0 && Failure is not null && Environment.TickCount64 - _failedAt < RetryMilliseconds)
        {
            Lose(first, last); // a disk that fails is not asked again for every packet
        }
        else if (frame.Count > 0)
        {
            Write(frame.Seal(first), first, last);
        }

        frame.Clear();
        _spareFrame = frame;
    }

    private void Write(ReadOnlySpan<byte> frame, long first, long last)
    {
        try
        {
            if (_segment is null || !_segment.HasRoomFor(frame.Length))
            {
                Roll(first);
            }

            _segment!.Append(frame, _sync);
            _end = new JournalEnd(_segment.Number, _segment.End, last);
            (Failure, Commits, BytesWritten) = (null, Commits + 1, BytesWritten + frame.Length);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // After a failed sync the system may have dropped the data while the file looks whole, so this file is never written again.
            // The records were not acknowledged: the NAS sends them once more.
            (Failure, Failures) = (failed.Message, Failures + 1);
            Lose(first, last);
            _failedAt = Environment.TickCount64;
            _segment?.CutAtEnd();
            _segment?.Dispose();
            _segment = null;
        }
    }

    // Whoever waits for a lost record may come after the disk has recovered and failed again; more than some dozen times it cannot have.
    private void Lose(long first, long last)
    {
        if (_lost.Count > 0 && _lost[^1].Last + 1 == first)
        {
            _lost[^1] = (_lost[^1].First, last);
            return;
        }

        _lost.Add((first, last));
        if (_lost.Count > LostKept)
        {
            _lost.RemoveAt(0);
        }
    }

    private void Roll(long firstSequence)
    {
        _segment?.Dispose();
        _segment = null;
        var next = TakeNextSegment();
        next.Begin(Id, firstSequence);
        _segment = next;
        PrepareNextSegment();
    }

    private JournalSegment TakeNextSegment()
    {
        var prepared = _nextSegment;
        _nextSegment = null;
        if (prepared is null)
        {
            return JournalSegment.Create(_directory, _nextNumber++, _segmentBytes);
        }

        return prepared.GetAwaiter().GetResult();
    }

    // Filling it with zeros takes some tens of milliseconds, which no packet is to wait for.
    private void PrepareNextSegment()
    {
        var number = _nextNumber++;
        _nextSegment = Task.Run(() => JournalSegment.Create(_directory, number, _segmentBytes));
        _ = _nextSegment.ContinueWith(static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private void DisposeNextSegment()
    {
        if (_nextSegment is not { } prepared)
        {
            return;
        }

        try
        {
            var unused = prepared.GetAwaiter().GetResult();
            unused.Dispose();
            File.Delete(JournalSegment.PathOf(_directory, unused.Number));
        }
        catch (IOException)
        {
            // It could not be made, or cannot be removed: an empty file does no harm.
        }
    }
}
