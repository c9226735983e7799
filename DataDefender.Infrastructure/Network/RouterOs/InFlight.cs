using System.Threading.Channels;
using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Network.RouterOs;

/// <summary>A command between its first byte out and its last reply in. Only the connection's reader adds to it.</summary>
internal sealed class InFlight(int tag, RouterCommand command, Channel<RouterRow>? stream)
{
    private readonly TaskCompletionSource<RouterOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<RouterRow>? _rows;
    private string[] _shape = [];
    private RouterOutcome.Refused? _refused;
    private string? _ret;
    private long _bytes;
    private int _state;

    private enum State
    {
        Waiting,
        Sent,
        Dropped,
    }

    public int Tag => tag;

    public RouterCommand Command => command;

    public bool IsStream => stream is not null;

    public Task<RouterOutcome> Outcome => _outcome.Task;

    /// <summary>Timestamp of the clock when it was sent or last answered.</summary>
    public long LastHeard { get; set; }

    public bool WasSent => Volatile.Read(ref _state) == (int)State.Sent;

    /// <summary>Called when its turn to be written comes.</summary>
    /// <returns>False when it was given up while it waited, and must not be sent.</returns>
    public bool TrySend() => Interlocked.CompareExchange(ref _state, (int)State.Sent, (int)State.Waiting) == (int)State.Waiting;

    /// <summary>Gives it up before it was sent.</summary>
    /// <returns>False when it is on its way already.</returns>
    public bool TryDrop() => Interlocked.CompareExchange(ref _state, (int)State.Dropped, (int)State.Waiting) != (int)State.Sent;

    /// <returns>False when the answer is longer than allowed, or nobody reads the stream.</returns>
    public bool Take(SentenceReader sentence, RowDecoder decoder, int maxBytes)
    {
        var row = decoder.Row(sentence, ref _shape);
        if (stream is not null)
        {
            return stream.Writer.TryWrite(row);
        }

        _bytes += sentence.SentenceBytes;
        (_rows ??= []).Add(row);
        return _bytes <= maxBytes;
    }

    /// <summary>The router's first complaint decides; what follows it is a consequence.</summary>
    public void Refuse(string message, int? category) =>
        _refused ??= new RouterOutcome.Refused(RouterOsTraps.Classify(message, category), message, category);

    public void Return(string? ret) => _ret = ret ?? _ret;

    public void Finish() => End(_refused ?? (RouterOutcome)new RouterOutcome.Done(_rows ?? (IReadOnlyList<RouterRow>)[], _ret));

    public void Lose(string reason) => End(new RouterOutcome.Unknown(reason, WasSent));

    private void End(RouterOutcome outcome)
    {
        _outcome.TrySetResult(outcome);
        stream?.Writer.TryComplete(outcome is RouterOutcome.Done ? null : new RouterCommandException(outcome));
    }
}
