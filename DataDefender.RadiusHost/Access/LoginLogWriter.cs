using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
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
        try
        {
            if (batch.Count == 0)
            {
                batch.Add(_rows.Peek());
                await trail.WriteAsync(batch[0], ct);
            }
            else
            {
                await using var db = await databases.OpenAsync(ct);
                await db.WriteAsync(RowWrite.Insert, batch, ct);
            }
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

        _failing = false;
        (Written, _writtenInWindow) = (Written + batch.Count, _writtenInWindow + batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            _rows.Dequeue();
        }

        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Login attempts cannot be stored for now: {Reason}")]
    private static partial void Failing(ILogger log, string reason);
}
