using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.Access;

/// <summary>
/// Rejects that wait their second before they are sent. Every one waits equally long, so a queue does; it is bounded, and what does not
/// fit is sent at once. No thread is held by a waiting reject.
/// </summary>
internal sealed class DelayedRejects : IDisposable
{
    private const int Capacity = 4096;
    private const int MaxReply = 512;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly IDatagramSocket _socket;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly Waiting[] _queue = new Waiting[Capacity];
    private readonly byte[] _replies = new byte[Capacity * MaxReply];
    private int _head;
    private int _count;

    public DelayedRejects(IDatagramSocket socket, TimeProvider clock)
    {
        (_socket, _clock) = (socket, clock);
        _timer = clock.CreateTimer(_ => SendDue(), null, Tick, Tick);
    }

    public int Count => Volatile.Read(ref _count);

    /// <summary>False when it cannot wait and must be sent now.</summary>
    public bool TryAdd(ReadOnlySpan<byte> reply, Peer to, long dueAt)
    {
        lock (_lock)
        {
            if (_count == Capacity || reply.Length > MaxReply)
            {
                return false;
            }

            var place = (_head + _count) % Capacity;
            reply.CopyTo(_replies.AsSpan(place * MaxReply));
            _queue[place] = new Waiting(to, reply.Length, dueAt);
            _count++;
            return true;
        }
    }

    /// <summary>Sends all that wait, due or not: the process is ending.</summary>
    public void Flush() => Send(long.MaxValue);

    public void Dispose() => _timer.Dispose();

    private void SendDue()
    {
        if (Count > 0)
        {
            Send(_clock.GetTimestamp());
        }
    }

    private void Send(long until)
    {
        while (SendSome(until))
        {
            // In parts, so that the port's thread never waits long for the lock.
        }
    }

    private bool SendSome(long until)
    {
        const int AtOnce = 32;
        lock (_lock)
        {
            var sent = 0;
            for (; sent < AtOnce && _count > 0 && _queue[_head].DueAt <= until; sent++)
            {
                var due = _queue[_head];
                _socket.Send(_replies.AsSpan(_head * MaxReply, due.Length), due.To);
                _head = (_head + 1) % Capacity;
                _count--;
            }

            return sent == AtOnce;
        }
    }

    private readonly record struct Waiting(Peer To, int Length, long DueAt);
}
