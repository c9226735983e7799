using DataDefender.Domain.Security;

namespace DataDefender.Domain.Monitoring;

/// <summary>The throughput of one line at one moment, bits per second in the customer's view; null is unknown.</summary>
public readonly record struct LinePoint(DateTime At, double? Download, double? Upload);

/// <summary>What a screen shows of a watched line.</summary>
/// <param name="Measure">The last measure; null before the first.</param>
/// <param name="Problem">Why there is no measure, for people.</param>
/// <param name="Points">Oldest first.</param>
public sealed record LineTrace(LineMeasure? Measure, string? Problem, double? Download, double? Upload, IReadOnlyList<LinePoint> Points)
{
    public static LineTrace Empty { get; } = new(null, null, null, null, []);
}

/// <summary>
/// Measures lines while somebody looks at them, and only then. Everybody who looks at the same line shares one measuring; it ends when
/// the last of them leaves.
/// </summary>
public sealed class LineWatch(ILineMeter meter, TimeProvider clock)
{
    /// <summary>How many points are kept: five minutes.</summary>
    public const int Kept = 150;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<(Guid Tenant, Guid Subscription), WatchedLine> _lines = [];

    /// <summary>How many lines are being measured.</summary>
    public int Lines
    {
        get
        {
            lock (_lock)
            {
                return _lines.Count;
            }
        }
    }

    /// <summary>What is known of a line that somebody watches.</summary>
    public LineTrace Trace(Guid tenantId, Guid subscriptionId)
    {
        lock (_lock)
        {
            return _lines.GetValueOrDefault((tenantId, subscriptionId))?.Trace ?? LineTrace.Empty;
        }
    }

    /// <summary>Measures the line until the returned subscription is disposed; <paramref name="changed"/> is called after each measure, from any thread.</summary>
    /// <exception cref="Common.ForbiddenException">The person may not see the network.</exception>
    public IDisposable Watch(CurrentUser user, Guid tenantId, Guid subscriptionId, Action changed)
    {
        user.Demand(Permissions.ViewNetwork);
        var key = (tenantId, subscriptionId);
        lock (_lock)
        {
            if (_lines.TryGetValue(key, out var line))
            {
                line.Watchers = [.. line.Watchers, changed];
            }
            else
            {
                // The watcher comes first, or the first measure would be news to nobody.
                _lines[key] = line = new WatchedLine { Watchers = [changed] };
                _ = MeasureAsync(key, line);
            }
        }

        return new Subscription(this, key, changed);
    }

    private async Task MeasureAsync((Guid Tenant, Guid Subscription) key, WatchedLine line)
    {
        var ct = line.Stop.Token;
        await Task.Yield(); // not under the lock, and not on the watcher's circuit
        try
        {
            while (true)
            {
                var next = Task.Delay(Interval, clock, ct); // even distances, however long a measure takes
                await MeasureOnceAsync(key, line, ct);
                foreach (var changed in line.Watchers)
                {
                    changed();
                }

                await next;
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The last watcher left.
        }
        finally
        {
            line.Stop.Dispose();
        }
    }

    private async Task MeasureOnceAsync((Guid Tenant, Guid Subscription) key, WatchedLine line, CancellationToken ct)
    {
        try
        {
            line.Take(await meter.MeasureAsync(key.Tenant, key.Subscription, ct), clock.GetUtcNow().UtcDateTime);
        }
        catch (Exception ex) when (!ct.IsCancellationRequested)
        {
            // A database that is away for a moment must not end the watching; the screen says why it stands still.
            line.Miss($"The line could not be measured: {ex.Message}", clock.GetUtcNow().UtcDateTime);
        }
    }

    private void Leave((Guid Tenant, Guid Subscription) key, Action changed)
    {
        lock (_lock)
        {
            if (!_lines.TryGetValue(key, out var line))
            {
                return;
            }

            var rest = line.Watchers.ToList();
            rest.Remove(changed);
            line.Watchers = [.. rest];
            if (rest.Count == 0)
            {
                _lines.Remove(key);
                line.Stop.Cancel();
            }
        }
    }

    private sealed class WatchedLine
    {
        private readonly Queue<LinePoint> _points = new();
        private LineMeasure.Counted? _last;

        public CancellationTokenSource Stop { get; } = new();

        public IReadOnlyList<Action> Watchers { get; set; } = [];

        public LineTrace Trace { get; private set; } = LineTrace.Empty;

        public void Take(LineMeasure measure, DateTime now)
        {
            var counted = measure as LineMeasure.Counted;
            if (counted is not null && counted == _last)
            {
                return; // accounting has said nothing new
            }

            double? download = null, upload = null;
            if (counted is not null && _last is { } last && last.Source == counted.Source && last.Session == counted.Session
                && counted.DownloadBytes >= last.DownloadBytes && counted.UploadBytes >= last.UploadBytes && counted.At > last.At)
            {
                var seconds = (counted.At - last.At).TotalSeconds;
                (download, upload) = ((counted.DownloadBytes - last.DownloadBytes) * 8 / seconds, (counted.UploadBytes - last.UploadBytes) * 8 / seconds);
            }

            _last = counted;
            Add(new LinePoint(counted?.At ?? now, download, upload), measure, null);
        }

        public void Miss(string problem, DateTime now) => Add(new LinePoint(now, null, null), Trace.Measure, problem);

        private void Add(LinePoint point, LineMeasure? measure, string? problem)
        {
            _points.Enqueue(point);
            if (_points.Count > Kept)
            {
                _points.Dequeue();
            }

            Trace = new LineTrace(measure, problem, point.Download, point.Upload, [.. _points]);
        }
    }

    private sealed class Subscription(LineWatch owner, (Guid, Guid) key, Action changed) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                owner.Leave(key, changed);
            }
        }
    }
}
