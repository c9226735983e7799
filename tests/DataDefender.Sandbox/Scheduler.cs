namespace DataDefender.Sandbox;

/// <summary>Runs what is due in simulated time, one thing after another, on one task.</summary>
internal sealed class Scheduler(SimulatedClock clock, ILogger log) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Action, DateTimeOffset> _due = new();
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _earlier = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(RunAsync);

    public void At(DateTimeOffset when, Action action)
    {
        TaskCompletionSource? wake = null;
        lock (_gate)
        {
            var first = !_due.TryPeek(out _, out var next) || when < next;
            _due.Enqueue(action, when);
            if (first)
            {
                wake = _earlier;
            }
        }

        wake?.TrySetResult();
    }

    public void After(TimeSpan delay, Action action) => At(clock.Now + delay, action);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var (action, wait, earlier) = Next();
                if (action is null)
                {
                    await clock.DelayAsync(wait, earlier, _stop.Token);
                    continue;
                }

                try
                {
                    action();
                }
                catch (Exception ex)
                {
                    log.LogError(ex, "Something due in the simulation failed");
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The world ends.
        }
    }

    private (Action? Action, TimeSpan Wait, Task Earlier) Next()
    {
        lock (_gate)
        {
            if (_earlier.Task.IsCompleted)
            {
                _earlier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (!_due.TryPeek(out var action, out var when))
            {
                return (null, TimeSpan.FromDays(1), _earlier.Task);
            }

            var wait = when - clock.Now;
            return wait > TimeSpan.Zero ? (null, wait, _earlier.Task) : (_due.Dequeue(), TimeSpan.Zero, _earlier.Task);
        }
    }
}
