using System.Data.Common;
using System.Net.Sockets;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Status;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>How far the journal is in the database.</summary>
internal sealed class ApplierStatus
{
    private long _applied;
    private long _oldestWaiting;

    /// <summary>Sequence of the last record in the database; -1 until that is known.</summary>
    public long Applied
    {
        get => Volatile.Read(ref _applied);
        set => Volatile.Write(ref _applied, value);
    }

    /// <summary>UTC ticks at which the oldest record that waits was received, 0 when none waits.</summary>
    public long OldestWaiting
    {
        get => Volatile.Read(ref _oldestWaiting);
        set => Volatile.Write(ref _oldestWaiting, value);
    }

    /// <summary>Why what is in the journal cannot be read, null while it can. Logins and the journal itself go on meanwhile.</summary>
    public string? Unreadable { get; set; }

    /// <summary>What was found at the start to be amiss with the journal's directory, null when nothing was.</summary>
    public string? Alarm { get; set; }

    public long Batches { get; set; }

    public long Records { get; set; }

    public long SilentClosed { get; set; }

    public long DamagedOctets { get; set; }

    public long MissingRecords { get; set; }
}

/// <summary>
/// Carries the journal into the database, in order, some hundred records a transaction. The database may be away as long as it likes:
/// the journal waits. A record that the database refuses is put aside after a trial of its own.
/// </summary>
internal sealed partial class AccountingApplier(
    Journal journal, SessionStore store, StaleSessions stale, DeadLetters deadLetters, LineDirectory directory, HostCounters counters, ApplierStatus status, TimeProvider clock, ILogger<AccountingApplier> log)
    : BackgroundService
{
    /// <summary>Two or three rows each. A larger batch is little quicker, and what it holds in memory makes each collection longer, for which logins wait.</summary>
    private const int BatchRecords = 250;
    private const int Trials = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AwayPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Applied segments stay this long. A database that does not sync each commit (SQLite in WAL mode) may forget its last ones in a power
    /// cut, and its position in the journal with them; then they are applied again.
    /// </summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    /// <summary>More than this in a second is a storm: what comes then waits on disk for a while in any case, while a login waits for nothing.</summary>
    private const int StormPerSecond = 5_000;

    /// <summary>In a storm it rests so many times as long as it worked, so that logins and the journal have most of the machine.</summary>
    private const int RestInStorm = 3;

    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);

    private readonly Queue<(long Segment, long ReachedAt)> _reached = new();
    private bool _away;
    private Guid _journal;
    private long _applied;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await directory.Loaded.WaitAsync(stoppingToken);
            await UntilOpenAsync(stoppingToken);
            var positions = await UntilReachableAsync(() => store.PositionsAsync(journal.Earlier, stoppingToken), stoppingToken);
            LookForOlderCopy(positions);
            using var reader = journal.OpenReader(positions);
            await FollowAsync(reader, positions, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The journal keeps what is left for the next start.
        }
    }

    private async Task UntilOpenAsync(CancellationToken ct)
    {
        while (!IsOpen())
        {
            await Task.Delay(AwayPause, clock, ct);
        }

        Readable();
    }

    private bool IsOpen()
    {
        try
        {
            var isOpen = journal.TryOpen();
            if (!isOpen)
            {
                Unreadable(journal.Failure ?? "");
            }

            return isOpen;
        }
        catch (JournalTakenException taken)
        {
            Unreadable(taken.Message);
            return false;
        }
    }

    /// <summary>
    /// The database is further than the directory ever was: an older copy of it was put back, the machine was, or its last segment cannot be
    /// read. What comes from now on is in a journal of its own, so nothing of it is passed over; what was between may be gone.
    /// </summary>
    private void LookForOlderCopy(Dictionary<Guid, long> positions)
    {
        var ahead = positions.Values.DefaultIfEmpty().Max() - journal.OpenedAfter;
        if (ahead > 0)
        {
            status.Alarm = $"The journal directory ends {ahead} records before what the database has of it: an older copy of it was put back, or its last file cannot be read. Acknowledged records that were not in the database may be lost; new ones are kept in a new journal.";
            OlderCopy(log, status.Alarm);
        }
    }

    private async Task FollowAsync(JournalReader reader, Dictionary<Guid, long> positions, CancellationToken stoppingToken)
    {
        // At the end what was acknowledged last is still carried over, if the database takes it quickly.
        using var draining = new CancellationTokenSource();
        await using var stopping = stoppingToken.Register(() => draining.CancelAfter(DrainLimit));
        while (true)
        {
            var end = journal.End.LastSequence;
            var (isRead, read) = TryRead(reader);
            if (read is not { } batch)
            {
                if (isRead)
                {
                    (status.Applied, status.OldestWaiting) = (Math.Max(status.Applied, end), 0);
                }

                if (stoppingToken.IsCancellationRequested)
                {
                    return;
                }

                await stale.SweepAsync(draining.Token);
                await Task.Delay(isRead ? Pause : AwayPause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            if (batch.JournalId != _journal)
            {
                (_journal, _applied) = (batch.JournalId, positions.GetValueOrDefault(batch.JournalId));
            }

            status.OldestWaiting = batch.Records[0].ReceivedAt.Ticks;
            foreach (var part in batch.Records.Chunk(BatchRecords))
            {
                var (began, taken) = (clock.GetTimestamp(), Received);
                await ApplyAsync(part, draining.Token);
                await RestAsync(clock.GetElapsedTime(began), Received - taken, stoppingToken);
            }

            (status.DamagedOctets, status.MissingRecords) = (reader.DamagedOctets, reader.MissingRecords);
            DeleteOldSegments(batch.SegmentNumber);
        }
    }

    /// <summary>An unreadable file is looked at again and again: what comes after it must wait, since sessions are told in their order.</summary>
    private (bool IsRead, JournalBatch? Batch) TryRead(JournalReader reader)
    {
        try
        {
            var batch = reader.Read(BatchRecords);
            Readable();
            return (true, batch);
        }
        catch (Exception failed) when (Journal.IsOfTheDisk(failed))
        {
            Unreadable(failed.Message);
            return (false, null);
        }
    }

    private void Unreadable(string why)
    {
        if (status.Unreadable is null)
        {
            CannotRead(log, why);
        }

        status.Unreadable = why;
    }

    private void Readable()
    {
        if (status.Unreadable is not null)
        {
            status.Unreadable = null;
            ReadAgain(log);
        }
    }

    private long Received => counters.Accounting.Received + counters.Authentication.Received;

    private async Task RestAsync(TimeSpan worked, long received, CancellationToken stoppingToken)
    {
        if (received > StormPerSecond * worked.TotalSeconds)
        {
            var rest = worked * RestInStorm;
            await Task.Delay(rest < LongestRest ? rest : LongestRest, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void DeleteOldSegments(long reached)
    {
        if (_reached.Count == 0 || _reached.Last().Segment != reached)
        {
            _reached.Enqueue((reached, clock.GetTimestamp()));
        }

        while (_reached.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.ReachedAt) > KeptFor)
        {
            try
            {
                journal.DeleteBefore(oldest.Segment);
            }
            catch (Exception failed) when (Journal.IsOfTheDisk(failed))
            {
                CannotDelete(log, failed.Message); // with the next segment that is reached
                return;
            }

            _reached.Dequeue();
        }
    }

    private async Task ApplyAsync(JournalRecord[] records, CancellationToken ct)
    {
        for (var trial = 1; ; trial++)
        {
            try
            {
                await ApplyRunsAsync(records, ct);
                Applied(records);
                return;
            }
            catch (Exception failed) when (!ct.IsCancellationRequested)
            {
                if (!IsOfTheRecord(failed) || !await IsReachableAsync(ct))
                {
                    Away(failed);
                    await Task.Delay(AwayPause, clock, ct);
                    trial = 0;
                }
                else if (trial >= Trials && records.Length == 1)
                {
                    if (await TryPutAsideAsync(records[0], failed.GetBaseException().Message, ct))
                    {
                        return;
                    }

                    trial = 0;
                }
                else if (trial >= Trials)
                {
                    await ApplyOneByOneAsync(records, ct);
                    return;
                }
            }
        }
    }

    private async Task ApplyOneByOneAsync(JournalRecord[] records, CancellationToken ct)
    {
        foreach (var record in records)
        {
            await ApplyAsync([record], ct);
        }
    }

    /// <summary>A NAS restart touches sessions that no other report of the batch names, so it is applied by itself.</summary>
    private async Task ApplyRunsAsync(JournalRecord[] records, CancellationToken ct)
    {
        var run = new List<AccountingReport>();
        foreach (var record in records)
        {
            if (record.Sequence <= _applied)
            {
                continue;
            }

            if (!AccountingReport.TryRead(record, out var report, out var problem))
            {
                await ApplyRunAsync(run, ct);
                await PutAsideAsync(record, problem!, ct);
            }
            else if (report.Status is AcctStatusType.AccountingOn or AcctStatusType.AccountingOff)
            {
                await ApplyRunAsync(run, ct);
                await store.RestartAsync(_journal, report, ct);
                MoveTo(report.Sequence);
            }
            else
            {
                run.Add(report);
            }
        }

        await ApplyRunAsync(run, ct);
    }

    private async Task ApplyRunAsync(List<AccountingReport> run, CancellationToken ct)
    {
        if (run.Count > 0)
        {
            await store.ApplyAsync(_journal, run, run[^1].Sequence, ct);
            MoveTo(run[^1].Sequence);
            run.Clear();
        }
    }

    private void MoveTo(long sequence) => _applied = status.Applied = sequence;

    private async Task PutAsideAsync(JournalRecord record, string reason, CancellationToken ct)
    {
        deadLetters.Add(record, reason);
        await store.SkipAsync(_journal, record.Sequence, ct);
        MoveTo(record.Sequence);
        PutAside(log, record.Sequence, reason);
    }

    /// <summary>
    /// Whether this record itself is what the database or we cannot take. A database that is full, read-only, locked or of another version is
    /// waited for, however long: a record is passed over only for what another time would not mend.
    /// </summary>
    internal static bool IsOfTheRecord(Exception failed) => failed is not (NoAccountingTurnException or DbUpdateConcurrencyException)
        && failed.GetBaseException() switch
        {
            PostgresException refused => refused.SqlState.StartsWith("22", StringComparison.Ordinal) || refused.SqlState.StartsWith("23", StringComparison.Ordinal), // data, integrity
            SqliteException refused => refused.SqliteErrorCode is 18 or 19 or 20, // too big, constraint, mismatch
            SqlException refused => refused.Number is 220 or 232 or 241 or 245 or 515 or 547 or 2601 or 2627 or 2628 or 8114 or 8115 or 8152, // overflow, conversion, null, foreign key, unique, truncation
            DbException or IOException or SocketException or TimeoutException or UnauthorizedAccessException => false,
            _ => true,
        };

    private async Task<bool> TryPutAsideAsync(JournalRecord record, string reason, CancellationToken ct)
    {
        try
        {
            await PutAsideAsync(record, reason, ct);
            return true;
        }
        catch (Exception failed) when (!ct.IsCancellationRequested)
        {
            Away(failed); // not put aside, so not passed over
            await Task.Delay(AwayPause, clock, ct);
            return false;
        }
    }

    private void Applied(JournalRecord[] records)
    {
        (status.Batches, status.Records) = (status.Batches + 1, status.Records + records.Length);
        if (_away)
        {
            _away = false;
            Back(log, journal.End.LastSequence - status.Applied);
        }
    }

    private async Task<bool> IsReachableAsync(CancellationToken ct)
    {
        try
        {
            await store.PositionAsync(journal.Id, ct);
            return true;
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<T> UntilReachableAsync<T>(Func<Task<T>> ask, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception failed) when (!ct.IsCancellationRequested)
            {
                Away(failed);
                await Task.Delay(AwayPause, clock, ct);
            }
        }
    }

    private void Away(Exception why)
    {
        if (!_away)
        {
            _away = true;
            WaitsForDatabase(log, why.GetBaseException().Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Accounting waits in the journal: {Reason}")]
    private static partial void WaitsForDatabase(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The accounting journal cannot be read and is tried again: {Reason}")]
    private static partial void CannotRead(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The accounting journal can be read again")]
    private static partial void ReadAgain(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Applied files of the accounting journal cannot be deleted: {Reason}")]
    private static partial void CannotDelete(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Alarm}")]
    private static partial void OlderCopy(ILogger log, string alarm);

    [LoggerMessage(Level = LogLevel.Information, Message = "Accounting flows into the database again; {Waiting} records wait")]
    private static partial void Back(ILogger log, long waiting);

    [LoggerMessage(Level = LogLevel.Error, Message = "Accounting record {Sequence} cannot be applied and was put aside: {Reason}")]
    private static partial void PutAside(ILogger log, long sequence, string reason);
}
