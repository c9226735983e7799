using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Network.Polling;

/// <summary>Whether an unanswered poll says anything about the router itself.</summary>
internal enum MissKind
{
    /// <summary>Nobody answered: after several of these the router is down.</summary>
    NoAnswer,

    /// <summary>The router answered and would not let us in: it is there, and we see nothing of it.</summary>
    LockedOut,

    /// <summary>What went wrong says nothing about the router (its name has no address, something else answers).</summary>
    Misdirected,
}

/// <summary>What the polls so far say about one router, and when to ask again. Pure: time and chance come from outside.</summary>
internal sealed class RouterHealth(PollingOptions options)
{
    private const double Spread = 0.2;

    private int _failures;
    private int _misses;
    private int _slow;

    public RouterState State { get; private set; } = RouterState.Unknown;

    /// <summary>Whether the last poll brought an answer.</summary>
    public bool IsAnswering { get; private set; }

    public string? Reason { get; private set; } = "Not polled yet.";

    /// <param name="gap">What the router left unanswered or refused, or null.</param>
    /// <param name="took">How long its first answer took.</param>
    public void Answered(string? gap, TimeSpan took)
    {
        (_failures, _misses, IsAnswering) = (0, 0, true);
        _slow = took > options.SlowAnswer ? _slow + 1 : 0;
        (State, Reason) = gap is not null ? (RouterState.Degraded, gap)
            : _slow > 1 ? (RouterState.Degraded, $"It answers slowly: {took.TotalSeconds:0.0} seconds.")
            : (RouterState.Up, (string?)null);
    }

    /// <param name="heardByRadius">RADIUS had a packet from it lately. Asked only when it would otherwise be down.</param>
    public void Missed(MissKind kind, string reason, bool heardByRadius)
    {
        _failures++;
        (_slow, IsAnswering) = (0, false);
        switch (kind)
        {
            case MissKind.LockedOut:
                (State, Reason, _misses) = (RouterState.Degraded, reason, 0);
                return;
            case MissKind.Misdirected:
                (State, Reason, _misses) = (RouterState.Unknown, reason, 0);
                return;
        }

        _misses++;
        if (IsDue())
        {
            (State, Reason) = heardByRadius
                ? (RouterState.Degraded, $"RADIUS still hears from it, but its API does not answer: {reason}")
                : (RouterState.Down, reason);
        }
        else
        {
            // One lost poll is no event; the second makes the screen say that something is going on.
            State = State is RouterState.Up && _misses > 1 ? RouterState.Degraded : State;
            Reason = reason;
        }
    }

    /// <summary>Whether a further poll without an answer would make the router count as down, so that other evidence is worth asking for.</summary>
    public bool NextMissDecides => _misses + 1 >= options.MissesUntilDown;

    /// <summary>Until the next poll: the interval after an answer, and after n failures the first back-off doubled n−1 times.</summary>
    /// <param name="chance">From 0 to 1: routers that failed together (a lost uplink) must not all come back at one moment.</param>
    public TimeSpan NextIn(double chance)
    {
        if (_failures == 0)
        {
            return options.Interval;
        }

        var doubled = options.FirstBackOff * Math.Pow(2, Math.Min(_failures - 1, 20));
        var backOff = doubled < options.LongestBackOff ? doubled : options.LongestBackOff;
        return backOff * (1 - Spread + (2 * Spread * chance));
    }

    private bool IsDue() => _misses >= options.MissesUntilDown;
}
