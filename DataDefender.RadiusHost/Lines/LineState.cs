using System.Runtime.InteropServices;

namespace DataDefender.RadiusHost.Lines;

/// <summary>
/// A session that accounting says is open, as it was when it was asked for. <paramref name="Caller"/> is the MAC address and
/// <paramref name="Port"/> the <see cref="NasEntry.SessionPort"/>, each 0 when unknown; <paramref name="LastSeen"/> the UTC ticks of the newest report.
/// </summary>
internal sealed record OpenSession(NasState Nas, byte[] SessionId, ulong Caller, uint Port, long LastSeen);

/// <summary>
/// What is known of a line apart from its settings, which outlives their changes: the sessions it holds open. They lie in the line by
/// value: an object a session would have the collector look through all lines that had a start since it last ran, and logins wait for that.
/// </summary>
internal sealed class LineState(Guid subscriptionId)
{
    /// <summary>A line with more is no line but a NAS gone mad: the session that was silent the longest makes room.</summary>
    public const int MaxSessions = 64;

    private Slot[] _slots = []; // the open ones, and behind them the one that ended last
    private volatile int _open;
    private long _endedAt; // 0 while none has ended
    private long _endedBefore; // when the ending before the last one came: one is remembered whole, of the others only the time

    // Logins that were let in and have not begun a session yet: how many, the newest one's caller, and until when they are waited for.
    private int _awaited;
    private ulong _awaitedCaller;
    private long _awaitedUntil;

    public Guid SubscriptionId { get; } = subscriptionId;

    public IReadOnlyList<OpenSession> Sessions
    {
        get
        {
            lock (this)
            {
                return [.. _slots.Take(_open).Select(s => new OpenSession(s.Nas, s.Name.ToArray(), s.Caller, s.Port, s.LastSeen))];
            }
        }
    }

    /// <summary>Notes a report of an open session; a newer session of the same caller on the same NAS takes the place of an older one whose Stop was lost.</summary>
    public void Seen(NasState nas, ReadOnlySpan<byte> sessionId, ulong caller, uint port, long at)
    {
        lock (this)
        {
            if (Find(nas, sessionId) is var known and >= 0)
            {
                _slots[known].LastSeen = Math.Max(_slots[known].LastSeen, at);
                return;
            }

            if (_awaited > 0)
            {
                (_awaited, _awaitedCaller) = (_awaited - 1, caller == _awaitedCaller ? 0 : _awaitedCaller);
            }

            Open(new Slot(nas, SessionName.Of(sessionId), caller, port, at), replacesUntil: long.MaxValue);
        }
    }

    /// <summary>
    /// Notes a session that the database has as open, with the time of its newest report there. It may be one whose Stop came here and
    /// is not there yet, or one in whose place a newer one is. What was last heard of before an earlier ending is left out: while the
    /// database lags behind, a line that came and went is not to be refused for it, and what is open after all reports again.
    /// </summary>
    public void Learn(NasState nas, ReadOnlySpan<byte> sessionId, ulong caller, long at)
    {
        lock (this)
        {
            if (at <= _endedBefore || (_endedAt > 0 && at <= _endedAt && _slots[_open].Is(nas, sessionId)))
            {
                return;
            }

            if (Find(nas, sessionId) is var known and >= 0)
            {
                _slots[known].LastSeen = Math.Max(_slots[known].LastSeen, at);
                return;
            }

            var learnt = new Slot(nas, SessionName.Of(sessionId), caller, port: 0, at);
            for (var i = 0; i < _open; i++)
            {
                ref readonly var slot = ref _slots[i];
                if (ReferenceEquals(slot.Nas, nas) && slot.LastSeen > at && learnt.IsReplacedBy(nas, slot.Caller, slot.Port))
                {
                    return;
                }
            }

            Open(learnt, replacesUntil: at);
        }
    }

    /// <summary>Notes a Stop, which came at that time.</summary>
    public void Closed(NasState nas, ReadOnlySpan<byte> sessionId, long at)
    {
        lock (this)
        {
            if (Find(nas, sessionId) is var known and >= 0)
            {
                var ended = _slots[known];
                Remove(known);
                _slots[_open] = ended;
                (_endedBefore, _endedAt) = (_endedAt > 0 ? _endedAt : _endedBefore, at);
            }
        }
    }

    /// <summary>Drops a session that was closed elsewhere, unless it has been heard of since.</summary>
    public void Forget(OpenSession session, long heardBefore)
    {
        lock (this)
        {
            if (Find(session.Nas, session.SessionId) is var known and >= 0 && _slots[known].LastSeen < heardBefore)
            {
                Remove(known);
            }
        }
    }

    /// <summary>Sessions that are still open.</summary>
    public int CountOpen(long staleBefore) => CountOthers(null, caller: 0, port: 0, staleBefore);

    /// <summary>Sessions that are still open, not counting those that the login takes the place of.</summary>
    public int CountOthers(NasState? nas, ulong caller, uint port, long staleBefore)
    {
        if (_open == 0)
        {
            return 0;
        }

        lock (this)
        {
            return CountOthersLocked(nas, caller, port, staleBefore);
        }
    }

    /// <summary>
    /// Lets a login in if fewer than <paramref name="limit"/> sessions of others are open or on their way. Between an Accept and the Start of its
    /// session there is nothing to count yet: another device that comes in that moment, as when the power returns in two houses, would get in
    /// too. So what was let in counts until <paramref name="awaitUntil"/> (UTC ticks), if its device is known by its MAC address and can come again.
    /// </summary>
    public bool TryAdmit(NasState nas, ulong caller, uint port, long staleBefore, int limit, long now, long awaitUntil)
    {
        if (limit > MaxSessions)
        {
            return true;
        }

        lock (this)
        {
            if (_awaited > 0 && _awaitedUntil <= now)
            {
                (_awaited, _awaitedCaller) = (0, 0);
            }

            var again = _awaited > 0 && caller == _awaitedCaller;
            if (CountOthersLocked(nas, caller, port, staleBefore) + _awaited - (again ? 1 : 0) >= limit)
            {
                return false;
            }

            if (caller != 0 && awaitUntil > now)
            {
                (_awaited, _awaitedCaller, _awaitedUntil) = (again ? _awaited : _awaited + 1, caller, awaitUntil);
            }

            return true;
        }
    }

    private int CountOthersLocked(NasState? nas, ulong caller, uint port, long staleBefore)
    {
        var count = 0;
        for (var i = 0; i < _open; i++)
        {
            ref readonly var slot = ref _slots[i];
            count += slot.IsOpen(staleBefore) && !slot.IsReplacedBy(nas, caller, port) ? 1 : 0;
        }

        return count;
    }

    private int Find(NasState nas, ReadOnlySpan<byte> sessionId)
    {
        for (var i = 0; i < _open; i++)
        {
            if (_slots[i].Is(nas, sessionId))
            {
                return i;
            }
        }

        return -1;
    }

    /// <param name="opened">The new session.</param>
    /// <param name="replacesUntil">Sessions that were heard of later than this stay.</param>
    private void Open(in Slot opened, long replacesUntil)
    {
        for (var i = _open - 1; i >= 0; i--)
        {
            ref readonly var slot = ref _slots[i];
            if (ReferenceEquals(slot.Nas, opened.Nas) && slot.LastSeen <= replacesUntil && slot.IsReplacedBy(opened.Nas, opened.Caller, opened.Port))
            {
                Remove(i);
            }
        }

        if (_open == MaxSessions)
        {
            var oldest = 0;
            for (var i = 1; i < _open; i++)
            {
                oldest = _slots[i].LastSeen < _slots[oldest].LastSeen ? i : oldest;
            }

            Remove(oldest);
        }

        if (_slots.Length < _open + 2)
        {
            Array.Resize(ref _slots, _slots.Length == 0 ? 2 : _slots.Length * 2);
        }

        _slots[_open + 1] = _slots[_open];
        _slots[_open] = opened;
        _open++;
    }

    private void Remove(int index)
    {
        Array.Copy(_slots, index + 1, _slots, index, _open - index);
        _slots[_open] = default;
        _open--;
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Slot(NasState nas, SessionName name, ulong caller, uint port, long lastSeen)
    {
        public readonly NasState Nas = nas;
        public readonly SessionName Name = name;
        public readonly ulong Caller = caller;
        public readonly uint Port = port;
        public long LastSeen = lastSeen;

        public readonly bool Is(NasState ofNas, ReadOnlySpan<byte> id) => ReferenceEquals(ofNas, Nas) && Name.Is(id);

        public readonly bool IsOpen(long staleBefore) => LastSeen >= staleBefore && LastSeen > Nas.RestartedAt;

        /// <summary>
        /// Whether a login can only mean that this session is over: it comes from the same device, or on the same port, which carries one
        /// session at a time. NAS-Port-Id is no such port: a MikroTik names the interface there that all its customers share.
        /// </summary>
        public readonly bool IsReplacedBy(NasState? byNas, ulong byCaller, uint byPort) =>
            (byCaller != 0 && byCaller == Caller) || (byPort != 0 && byPort == Port && ReferenceEquals(byNas, Nas));
    }
}
