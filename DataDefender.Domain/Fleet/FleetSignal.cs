using System.Threading.Channels;

namespace DataDefender.Domain.Fleet;

/// <summary>Tells whoever looks after the routers, in this process, that somebody has asked for something.</summary>
public sealed class FleetSignal
{
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Wake() => _news.Writer.TryWrite(true);

    /// <summary>Returns on the next news, or after <paramref name="atMost"/>.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider clock, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(atMost, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ct);
        try
        {
            await _news.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Nothing new: the caller looks anyway.
        }
    }
}
