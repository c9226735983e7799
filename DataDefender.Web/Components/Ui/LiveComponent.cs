using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Ui;

/// <summary>
/// A component fed from outside its circuit. News is shown at once while it is rare; however often it is told of news, from whatever
/// thread, it renders at most four times a second, and never again after it is disposed.
/// </summary>
public abstract class LiveComponent : ComponentBase, IAsyncDisposable
{
    private const int MostInASecond = 4;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly Queue<long> _shownAt = new(MostInASecond);
    private readonly List<IDisposable> _subscriptions = [];
    private ITimer? _timer;
    private ITimer? _clock;
    private TimeSpan _interval;
    private int _pending;
    private volatile bool _disposed;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    /// <summary>Subscribes for as long as the component lives; <paramref name="subscribe"/> gets the callback to call on news.</summary>
    protected void Follow(Func<Action, IDisposable> subscribe)
    {
        PrepareTimer();
        _subscriptions.Add(subscribe(Poke));
    }

    /// <summary>
    /// Shows the component again when no news has shown it for an <paramref name="interval"/>: for what only grows older. Called once.
    /// </summary>
    protected void Every(TimeSpan interval)
    {
        PrepareTimer();
        _interval = interval;
        _clock = Time.CreateTimer(static self => ((LiveComponent)self!).Poke(), this, interval, interval);
    }

    /// <summary>Called on the circuit before each render that news caused: read what is shown here.</summary>
    protected virtual Task RefreshAsync() => Task.CompletedTask;

    /// <summary>Overrides call the base method.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        _disposed = true;
        _subscriptions.ForEach(s => s.Dispose());
        if (_clock is not null)
        {
            await _clock.DisposeAsync();
        }

        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    // The timer comes first, or news that arrives while subscribing would be marked pending and never shown. It is
    // made here, on the circuit, so that ticks carry this user's culture and not the publisher's.
    private void PrepareTimer() =>
        _timer ??= Time.CreateTimer(static self => _ = ((LiveComponent)self!).ShowAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private void Poke()
    {
        if (!_disposed && Interlocked.Exchange(ref _pending, 1) == 0)
        {
            _timer!.Change(Wait(), Timeout.InfiniteTimeSpan);
        }
    }

    private TimeSpan Wait()
    {
        lock (_shownAt)
        {
            var rest = _shownAt.Count < MostInASecond ? TimeSpan.Zero : Second - Time.GetElapsedTime(_shownAt.Peek());
            return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
        }
    }

    private async Task ShowAsync()
    {
        lock (_shownAt)
        {
            if (_shownAt.Count == MostInASecond)
            {
                _shownAt.Dequeue();
            }

            _shownAt.Enqueue(Time.GetTimestamp());
        }

        Volatile.Write(ref _pending, 0);
        _clock?.Change(_interval, _interval);
        try
        {
            await InvokeAsync(async () =>
            {
                if (_disposed)
                {
                    return;
                }

                await RefreshAsync();
                if (!_disposed)
                {
                    StateHasChanged();
                }
            });
        }
        catch (ObjectDisposedException)
        {
            // The circuit went away between the tick and the render.
        }
        catch (Exception ex) when (!_disposed)
        {
            await DispatchExceptionAsync(ex);
        }
    }
}
