using System.Threading.Channels;

namespace DataDefender.Domain.Common;

/// <summary>
/// Tells whoever carries out one kind of work, in this process, that there is something to do: several calls before it looks are one. A kind of
/// work has a signal type of its own, so that whoever needs two is given two.
/// </summary>
public abstract class WorkSignal
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
