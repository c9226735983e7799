using System.Collections.Immutable;

namespace DataDefender.RadiusHost.Lines;

/// <summary>
/// A session that accounting says is open, for the session limit. <paramref name="caller"/> is the MAC address and
/// <paramref name="port"/> the NAS-Port, each 0 when unknown.
/// </summary>
internal sealed class OpenSession(NasState nas, byte[] sessionId, ulong caller, uint port)
{
    private long _lastSeen;

    public NasState Nas { get; } = nas;

    public byte[] SessionId { get; } = sessionId;

    public ulong Caller { get; } = caller;

    public uint Port { get; } = port;

    /// <summary>UTC ticks of the newest report.</summary>
    public long LastSeen
    {
        get => Volatile.Read(ref _lastSeen);
        set => Volatile.Write(ref _lastSeen, value);
    }

    /// <summary>
    /// Whether a login can only mean that this session is over: it comes from the same device, or on the same port, which carries one
    /// session at a time. NAS-Port-Id is no such port: a MikroTik names the interface there that all its customers share.
    /// </summary>
    public bool IsReplacedBy(NasState byNas, ulong byCaller, uint byPort) =>
        (byCaller != 0 && byCaller == Caller) || (byPort != 0 && byPort == Port && ReferenceEquals(byNas, Nas));

    public bool Is(NasState ofNas, ReadOnlySpan<byte> id) => ReferenceEquals(ofNas, Nas) && id.SequenceEqual(SessionId);

    public bool IsOpen(long staleBefore) => LastSeen >= staleBefore && LastSeen > Nas.RestartedAt;
}

/// <summary>What is known of a line apart from its settings, which outlives their changes: the sessions it holds open.</summary>
internal sealed class LineState(Guid subscriptionId)
{
    /// <summary>A line with more is no line but a NAS gone mad: the session that was silent the longest makes room.</summary>
    public const int MaxSessions = 64;

    private ImmutableArray<OpenSession> _sessions = [];
    private volatile Ending? _lastEnding;
    private long _endedBefore; // when the ending before the last one came: one is remembered whole, of the others only the time

    public Guid SubscriptionId { get; } = subscriptionId;

    public ImmutableArray<OpenSession> Sessions => ImmutableInterlocked.InterlockedCompareExchange(ref _sessions, default, default);

    /// <summary>Notes a report of an open session; a newer session of the same caller on the same NAS takes the place of an older one whose Stop was lost.</summary>
    public void Seen(NasState nas, ReadOnlySpan<byte> sessionId, ulong caller, uint port, long at)
    {
        foreach (var known in Sessions)
        {
            if (known.Is(nas, sessionId))
            {
                known.LastSeen = Math.Max(known.LastSeen, at);
                return;
            }
        }

        var opened = new OpenSession(nas, sessionId.ToArray(), caller, port) { LastSeen = at };
        ImmutableInterlocked.Update(
            ref _sessions,
            static (all, added) => Bounded(all.RemoveAll(s => ReferenceEquals(s.Nas, added.Nas) && s.IsReplacedBy(added.Nas, added.Caller, added.Port))).Add(added),
            opened);
    }

    /// <summary>
    /// Notes a session that the database has as open, with the time of its newest report there. It may be one whose Stop came here and
    /// is not there yet, or one in whose place a newer one is. What was last heard of before an earlier ending is left out: while the
    /// database lags behind, a line that came and went is not to be refused for it, and what is open after all reports again.
    /// </summary>
    public void Learn(NasState nas, byte[] sessionId, ulong caller, long at)
    {
        if (at <= Volatile.Read(ref _endedBefore) || (_lastEnding is { } ending && ending.Session.Is(nas, sessionId) && at <= ending.At))
        {
            return;
        }

        var learnt = new OpenSession(nas, sessionId, caller, port: 0) { LastSeen = at };
        foreach (var known in Sessions)
        {
            if (known.Is(nas, sessionId))
            {
                known.LastSeen = Math.Max(known.LastSeen, at);
                return;
            }

            if (ReferenceEquals(known.Nas, nas) && known.LastSeen > at && learnt.IsReplacedBy(nas, known.Caller, known.Port))
            {
                return;
            }
        }

        ImmutableInterlocked.Update(
            ref _sessions,
            static (all, added) => Bounded(all.RemoveAll(s => ReferenceEquals(s.Nas, added.Nas) && s.LastSeen <= added.LastSeen && s.IsReplacedBy(added.Nas, added.Caller, added.Port))).Add(added),
            learnt);
    }

    /// <summary>Notes a Stop, which came at that time.</summary>
    public void Closed(NasState nas, ReadOnlySpan<byte> sessionId, long at)
    {
        foreach (var known in Sessions)
        {
            if (known.Is(nas, sessionId))
            {
                if (_lastEnding is { } former)
                {
                    Volatile.Write(ref _endedBefore, former.At);
                }

                _lastEnding = new Ending(known, at);
                ImmutableInterlocked.Update(ref _sessions, static (all, gone) => all.Remove(gone), known);
                return;
            }
        }
    }

    /// <summary>Drops a session that was closed elsewhere, unless it has been heard of since.</summary>
    public void Forget(OpenSession session, long heardBefore)
    {
        if (session.LastSeen < heardBefore)
        {
            ImmutableInterlocked.Update(ref _sessions, static (all, gone) => all.Remove(gone), session);
        }
    }

    /// <summary>Sessions that are still open, not counting those that the login takes the place of.</summary>
    public int CountOthers(NasState nas, ulong caller, uint port, long staleBefore)
    {
        var count = 0;
        foreach (var session in Sessions)
        {
            if (session.IsOpen(staleBefore) && !session.IsReplacedBy(nas, caller, port))
            {
                count++;
            }
        }

        return count;
    }

    private static ImmutableArray<OpenSession> Bounded(ImmutableArray<OpenSession> all) => all.Length < MaxSessions ? all : all.Remove(all.MinBy(s => s.LastSeen)!);

    private sealed record Ending(OpenSession Session, long At);
}
