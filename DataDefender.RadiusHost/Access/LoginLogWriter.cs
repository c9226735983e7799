using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.RadiusHost.Accounting;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Access;

/// <summary>
/// Writes login attempts to the database in batches. What looks the same within a second becomes one row that says how often, so that a
/// router which redials without end does not fill the table.
/// </summary>
internal sealed partial class LoginLogWriter(LoginLog attempts, IPlatformDbFactory databases, RouterLoginTrail trail, RadiusOptions options, TimeProvider clock, ILogger<LoginLogWriter> log) : BackgroundService
{
    private const int BatchRows = 500;
    private const int TakenAtOnce = 4000;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private readonly LoginCoalescer _coalescer = new();
    private readonly Queue<LoginAttempt> _rows = new();
    private long _windowStarted;
    private int _writtenInWindow;
    private bool _failing;

    /// <summary>Fewer after a batch that was refused for what one of its rows is.</summary>
    private int _atOnce = BatchRows;

    public long Written { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        _windowStarted = clock.GetTimestamp();
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await WriteAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2), clock);
            foreach (var row in _coalescer.CloseWindow())
            {
                _rows.Enqueue(row);
            }

            await WriteAsync(patience.Token);
        }
    }

    private async Task WriteAsync(CancellationToken ct)
    {
        if (clock.GetElapsedTime(_windowStarted) >= Window)
        {
            (_windowStarted, _writtenInWindow) = (clock.GetTimestamp(), 0);
            Enqueue(_coalescer.CloseWindow());
        }

        // While the database is away the rows wait in memory, then in the log, which drops and counts what is too much.
        while (_rows.Count < TakenAtOnce && attempts.Take(TakenAtOnce) is { Count: > 0 } taken)
        {
            Enqueue(_coalescer.Fold(taken));
        }

        while (_rows.Count > 0 && _writtenInWindow < options.LoginAttemptsPerSecond && !ct.IsCancellationRequested)
        {
            if (!await TryWriteBatchAsync(Math.Min(BatchRows, options.LoginAttemptsPerSecond - _writtenInWindow), ct))
            {
                return;
            }
        }
    }

    private void Enqueue(IEnumerable<LoginAttempt> rows)
    {
        foreach (var row in rows)
        {
            _rows.Enqueue(row);
        }
    }

    private async Task<bool> TryWriteBatchAsync(int limit, CancellationToken ct)
    {
        var batch = _rows.TakeWhile(r => !LoginOutcomes.OfRouters.Contains(r.Outcome)).Take(limit).ToList();
        if (batch.Count == 0)
        {
            batch.Add(_rows.Peek());
        }

        // A batch with a row that cannot be stored is halved until that row is alone.
        for (var size = Math.Min(batch.Count, _atOnce); ; size = _atOnce)
        {
            var part = batch[..size];
            try
            {
                await StoreAsync(part, ct);
                Done(size, stored: size);
                return true;
            }
            catch (Exception failed) when (!ct.IsCancellationRequested && AccountingApplier.IsOfTheRecord(failed))
            {
                if (size == 1)
                {
                    attempts.CountDropped();
                    Refused(log, part[0].Outcome, part[0].NasId, failed.GetBaseException().Message);
                    Done(1, stored: 0);
                    return true;
                }

                _atOnce = (size + 1) / 2;
            }
            catch (Exception failed)
            {
                if (!_failing)
                {
                    Failing(log, failed.GetBaseException().Message);
                }

                _failing = true;
                return false;
            }
        }
    }

    private async Task StoreAsync(List<LoginAttempt> rows, CancellationToken ct)
    {
        if (LoginOutcomes.OfRouters.Contains(rows[0].Outcome))
        {
            await trail.WriteAsync(rows[0], ct);
            return;
        }

        await using var db = await databases.OpenAsync(ct);
        await db.WriteAsync(RowWrite.Insert, rows, ct);
    }

    private void Done(int rows, int stored)
    {
        _failing = false;
        _atOnce = Math.Min(_atOnce * 2, BatchRows);
        (Written, _writtenInWindow) = (Written + stored, _writtenInWindow + rows);
        for (var i = 0; i < rows; i++)
        {
            _rows.Dequeue();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Login attempts cannot be stored for now: {Reason}")]
    private static partial void Failing(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A login attempt ({Outcome}, NAS {NasId}) cannot be stored and was dropped: {Reason}")]
    private static partial void Refused(ILogger log, LoginOutcome outcome, Guid nasId, string reason);
}
