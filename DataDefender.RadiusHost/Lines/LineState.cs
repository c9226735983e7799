using System.Collections.Immutable;

namespace DataDefender.RadiusHost.Lines;

/// <summary>
/// A session that accounting says is open, for the session limit. <paramref name="Caller"/> is the MAC address, 0 when unknown.
/// </summary>
internal sealed class OpenSession(NasState nas, byte[] sessionId, ulong caller)
{
    private long _lastSeen;

    public NasState Nas { get; } = nas;

    public byte[] SessionId { get; } = sessionId;

    public ulong Caller { get; } = caller;

    /// <summary>UTC ticks of the newest report.</summary>
    public long LastSeen
    {
        get => Volatile.Read(ref _lastSeen);
        set => Volatile.Write(ref _lastSeen, value);
    }

    public bool IsOpen(long staleBefore) => LastSeen >= staleBefore && LastSeen > Nas.RestartedAt;
}

/// <summary>What is known of a line apart from its settings, which outlives their changes: the sessions it holds open.</summary>
internal sealed class LineState(Guid subscriptionId)
{
    private ImmutableArray<OpenSession> _sessions = [];

    public Guid SubscriptionId { get; } = subscriptionId;

    public ImmutableArray<OpenSession> Sessions => ImmutableInterlocked.InterlockedCompareExchange(ref _sessions, default, default);

    /// <summary>Notes a report of an open session; a newer session of the same caller on the same NAS takes the place of an older one whose Stop was lost.</summary>
    public void Seen(NasState nas, ReadOnlySpan<byte> sessionId, ulong caller, long at)
    {
        foreach (var known in Sessions)
        {
            if (ReferenceEquals(known.Nas, nas) && known.SessionId.AsSpan().SequenceEqual(sessionId))
            {
                known.LastSeen = Math.Max(known.LastSeen, at);
                return;
            }
        }

        var opened = new OpenSession(nas, sessionId.ToArray(), caller) { LastSeen = at };
        ImmutableInterlocked.Update(
            ref _sessions,
            static (all, added) => all.RemoveAll(s => added.Caller != 0 && s.Caller == added.Caller && ReferenceEquals(s.Nas, added.Nas)).Add(added),
            opened);
    }

    public void Closed(NasState nas, ReadOnlySpan<byte> sessionId)
    {
        foreach (var known in Sessions)
        {
            if (ReferenceEquals(known.Nas, nas) && known.SessionId.AsSpan().SequenceEqual(sessionId))
            {
                ImmutableInterlocked.Update(ref _sessions, static (all, gone) => all.Remove(gone), known);
                return;
            }
        }
    }

    /// <summary>Sessions that are still open, not counting the caller's own, which a new login replaces.</summary>
    public int CountOthers(ulong caller, long staleBefore)
    {
        var count = 0;
        foreach (var session in Sessions)
        {
            if (session.IsOpen(staleBefore) && (caller == 0 || session.Caller != caller))
            {
                count++;
            }
        }

        return count;
    }
}
