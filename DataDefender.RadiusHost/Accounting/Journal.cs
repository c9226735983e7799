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
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMac = 35;

    private readonly string _directory;
    private readonly long _segmentBytes;
    private readonly Action<SafeFileHandle> _sync;
    private readonly Lock _appending = new();
    private readonly Lock _writing = new();
    private FileStream? _lockFile;
    private JournalFrame _filling = new();
    private JournalFrame _spareFrame = new();
    private JournalSegment? _segment;
    private Task<JournalSegment>? _nextSegment;
    private long _nextNumber;
    private long _nextSequence;
    private readonly List<(long First, long Last)> _lost = [];
    private long _failedAt;
    private volatile JournalEnd _end = new(0, 0, 0);
    private volatile bool _isOpen;

    private Journal(string directory, long segmentBytes, Action<SafeFileHandle> sync) => (_directory, _segmentBytes, _sync) = (directory, segmentBytes, sync);

    /// <summary>
    /// Made anew at each opening, and in the head of every segment: a position in the database belongs to this journal and to no other. A
    /// directory that was put back from an older copy, or whose last segment cannot be read, would otherwise use sequences again which the
    /// database takes for applied.
    /// </summary>
    public Guid Id { get; } = Guid.CreateVersion7();

    /// <summary>The journals that were in the directory when it was opened, oldest first.</summary>
    public IReadOnlyList<Guid> Earlier { get; private set; } = [];

    /// <summary>The last sequence that was there then.</summary>
    public long OpenedAfter { get; private set; }

    /// <summary>Whether the directory could be read and is ours. Until then nothing is taken.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>How far it is on disk.</summary>
    public JournalEnd End => _end;

    /// <summary>Why the last commit failed; null while all is well. Until it is null again no accounting is acknowledged.</summary>
    public string? Failure { get; private set; }

    public long Commits { get; private set; }

    public long Failures { get; private set; }

    public long BytesWritten { get; private set; }

    /// <summary>Opens the journal of a directory, made if it is not there. A new segment is begun: what a crash left behind is only read.</summary>
    /// <param name="sync">Gets a file's data onto the disk; another one than the system's is for tests of a disk that fails.</param>
    /// <exception cref="IOException">Another process has it. A directory that cannot be read or written is a <see cref="Failure"/>, to be tried again by <see cref="TryOpen"/>.</exception>
    public static Journal Open(string directory, long segmentBytes, Action<SafeFileHandle>? sync = null)
    {
        var journal = new Journal(directory, segmentBytes, sync ?? DurableFiles.SyncData);
        journal.TryOpen();
        return journal;
    }

    /// <summary>Whether it is open now. Logins need no disk, so they are answered meanwhile; accounting is not acknowledged.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    public bool TryOpen()
    {
        lock (_writing)
        {
            if (_isOpen)
            {
                return true;
            }

            FileStream? lockFile = null;
            try
            {
                Directory.CreateDirectory(_directory);
                lockFile = Lock(_directory);
                var files = JournalFiles.List(_directory);
                (Earlier, OpenedAfter) = (JournalFiles.Owners(files), JournalFiles.LastSequence(files));
                _nextNumber = files.Count == 0 ? 1 : files[^1].Number + 1;
            }
            catch (Exception failed) when (IsOfTheDisk(failed) && failed is not JournalTakenException)
            {
                lockFile?.Dispose();
                (Failure, Failures) = (failed.Message, Failures + 1);
                return false;
            }

            _lockFile = lockFile;
            Begin();
            _isOpen = true;
            return true;
        }
    }

    internal static bool IsOfTheDisk(Exception failed) => failed is IOException or UnauthorizedAccessException;

    private void Begin()
    {
        _nextSequence = OpenedAfter + 1;
        var number = _nextNumber++;
        try
        {
            _segment = JournalSegment.Create(_directory, number, _segmentBytes);
            _segment.Begin(Id, _nextSequence);
            DurableFiles.SyncData(_segment.File);
            _end = new JournalEnd(number, _segment.End, OpenedAfter);
            Failure = null;
            PrepareNextSegment();
        }
        catch (Exception failed) when (IsOfTheDisk(failed))
        {
            // A full disk keeps accounting from being acknowledged; logins need no disk. The first commit tries again.
            _segment?.Dispose();
            (_segment, Failure, Failures, _failedAt) = (null, failed.Message, Failures + 1, Environment.TickCount64);
            _end = new JournalEnd(number, 0, OpenedAfter);
        }
    }

    /// <summary>Adds a record to the next commit and returns its sequence, or 0 when there is no room before one or it is not open.</summary>
    public long Append(long receivedAtTicks, Guid tenantId, Guid nasId, Guid subscriptionId, ReadOnlySpan<byte> packet)
    {
        if (!_isOpen)
        {
            return 0;
        }

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
    public bool Commit(long sequence) => Commit(sequence, sequence);

    /// <summary>
    /// The same for all that a thread appended from one sequence to another: what another thread committed between them may have been lost
    /// with the first of them. Those of other threads among them count as its own, since a record that is sent again counts once.
    /// </summary>
    public bool Commit(long first, long last)
    {
        lock (_writing)
        {
            if (_end.LastSequence < last)
            {
                WritePending();
            }

            return _end.LastSequence >= last && !_lost.Exists(lost => first <= lost.Last && last >= lost.First);
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

    /// <param name="positions">How far each journal of the directory has been read.</param>
    public JournalReader OpenReader(IReadOnlyDictionary<Guid, long> positions) => new(this, _directory, positions);

    public void Dispose()
    {
        lock (_writing)
        {
            _segment?.Dispose();
            _segment = null;
            DisposeNextSegment();
            _lockFile?.Dispose();
        }
    }

    private static FileStream Lock(string directory)
    {
        try
        {
            return new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when (taken.HResult is SharingViolation or WouldBlockOnLinux or WouldBlockOnMac)
        {
            throw new JournalTakenException($"The journal in {directory} is in use: each RadiusHost needs a directory of its own (Radius:JournalDirectory).", taken);
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

/// <summary>Another process writes the journal of the directory.</summary>
internal sealed class JournalTakenException(string message, Exception inner) : IOException(message, inner);
