namespace DataDefender.Sandbox;

/// <summary>
/// The world's time. It starts where the real clock stands (or at a given moment) and runs <see cref="Speed"/> times as
/// fast; routers' clocks, uptimes, counters, interim updates and session timeouts follow it. Timeouts and retransmissions
/// on the wire stay in real time, because the peer lives there.
/// </summary>
public sealed class SimulatedClock
{
    private readonly TimeProvider _real;
    private readonly Lock _gate = new();
    private DateTimeOffset _anchor;
    private long _anchorStamp;
    private double _speed;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SimulatedClock(TimeProvider real, DateTimeOffset? start = null, double speed = 1)
    {
        (_real, _speed) = (real, speed);
        (_anchor, _anchorStamp) = (start ?? real.GetUtcNow(), real.GetTimestamp());
    }

    public TimeProvider Real => _real;

    public DateTimeOffset Now
    {
        get
        {
            lock (_gate)
            {
                return _anchor + (_real.GetElapsedTime(_anchorStamp) * _speed);
            }
        }
    }

    /// <summary>Simulated seconds in a real one, from 0 (time stands still) to 100,000.</summary>
    public double Speed
    {
        get => _speed;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100_000);
            Move(TimeSpan.Zero, value);
        }
    }

    /// <summary>Jumps ahead; whatever was due on the way is due at once.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        Move(by, _speed);
    }

    /// <summary>Returns when the simulated time may have come; callers look at <see cref="Now"/> again.</summary>
    internal async Task DelayAsync(TimeSpan simulated, Task otherSignal, CancellationToken ct)
    {
        Task changed;
        double speed;
        lock (_gate)
        {
            (changed, speed) = (_changed.Task, _speed);
        }

        // Half an hour at most: no timer runs for longer than Task.Delay takes, and an early return does no harm.
        var real = speed <= 0 ? TimeSpan.FromMinutes(30) : TimeSpan.FromTicks((long)Math.Min(simulated.Ticks / speed, TimeSpan.FromMinutes(30).Ticks));
        if (real <= TimeSpan.Zero)
        {
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(Task.Delay(real, _real, stop.Token), changed, otherSignal);
        await stop.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }

    private void Move(TimeSpan by, double speed)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _anchor = _anchor + (_real.GetElapsedTime(_anchorStamp) * _speed) + by;
            (_anchorStamp, _speed) = (_real.GetTimestamp(), speed);
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
    }
}
