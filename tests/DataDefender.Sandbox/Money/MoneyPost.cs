using System.Text;

namespace DataDefender.Sandbox.Money;

/// <summary>What will happen and be told later: kept in the order of its time, and told over HTTP or as a test carries it.</summary>
internal sealed class MoneyPost : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly PriorityQueue<Message, DateTimeOffset> _due = new();
    private readonly Lock _dueLock = new();
    private readonly CancellationTokenSource _end = new();
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromMinutes(2) });
    private readonly Task _pump;

    public MoneyPost(TimeProvider time, ILogger log, bool tellsByItself)
    {
        (_time, _log) = (time, log);
        Deliver = PostAsync;
        _pump = tellsByItself ? Task.Run(PumpAsync) : Task.CompletedTask;
    }

    /// <summary>Carries a message to whoever collects and returns the status of the answer; 0 when there was none.</summary>
    public Func<Uri, string, Task<int>> Deliver { get; set; }

    /// <summary>When something is due next; null when nothing waits.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_dueLock)
            {
                return _due.TryPeek(out _, out var at) ? at : null;
            }
        }
    }

    public void Tell(Uri url, string body, TimeSpan after) => Later(after, async () =>
    {
        var status = await Deliver(url, body);
        if (status is < 200 or >= 300)
        {
            _log.LogWarning("{Url} answered {Status}", url.GetLeftPart(UriPartial.Authority), status);
        }
    });

    public void Later(TimeSpan after, Action act) => Later(after, () =>
    {
        act();
        return Task.CompletedTask;
    });

    /// <summary>Does and tells everything that is due by now, in order, and returns how much it was.</summary>
    public async Task<int> TellDueAsync()
    {
        var told = 0;
        while (Take() is { } message)
        {
            told++;
            await message.Act();
        }

        return told;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _end.Dispose();
    }

    private void Later(TimeSpan after, Func<Task> act)
    {
        lock (_dueLock)
        {
            _due.Enqueue(new Message(act), _time.GetUtcNow() + after);
        }
    }

    private Message? Take()
    {
        lock (_dueLock)
        {
            return _due.TryPeek(out _, out var at) && at <= _time.GetUtcNow() ? _due.Dequeue() : null;
        }
    }

    private async Task PumpAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await TellDueAsync();
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException)
            {
                _log.LogWarning("A message did not arrive: {Reason}", broken.Message);
            }

            await Task.Delay(50, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<int> PostAsync(Uri url, string body)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        try
        {
            using var answer = await _http.SendAsync(request, limit.Token);
            return (int)answer.StatusCode;
        }
        catch (Exception broken) when (broken is HttpRequestException or OperationCanceledException)
        {
            return 0;
        }
    }

    private sealed record Message(Func<Task> Act);
}
