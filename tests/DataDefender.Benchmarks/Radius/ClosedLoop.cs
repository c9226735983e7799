using System.Diagnostics;
using System.Net;
using DataDefender.RadiusHost.Status;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.Benchmarks.Radius;

/// <summary>What a load asks, and how it tells a right answer. One thread calls it.</summary>
internal interface ILoad
{
    /// <summary>Writes the next request of a slot; the slot is its identifier.</summary>
    int Write(byte slot, Span<byte> buffer);

    /// <summary>The answer to a slot's request. It is checked here, or kept until <see cref="Check"/> where the rate is what is measured.</summary>
    void Take(byte slot, ReadOnlySpan<byte> reply);

    /// <summary>Whether the slot has begun what must still be ended when the load ends.</summary>
    bool IsMidway(byte slot);

    /// <summary>Says, when all is over, which answers were right in every respect.</summary>
    LoadCheck Check();
}

/// <param name="FirstWrong">What was wrong with the first that was; null when none was.</param>
internal readonly record struct LoadCheck(long Right, long Wrong, string? FirstWrong);

/// <summary>What a run of the generator saw.</summary>
/// <param name="Answered">Within the time; those of which the check found some wrong are no result.</param>
/// <param name="Generator">Processor time of this process during the run.</param>
internal sealed record LoadResult(long Answered, long Wrong, long Lost, TimeSpan Elapsed, long[] Latency, TimeSpan Generator, string? FirstWrong)
{
    public double PerSecond => Answered / Elapsed.TotalSeconds;

    public double MedianMilliseconds => (LatencyHistogram.Percentile(Latency, 0.5) ?? 0) / 1000;

    public double P99Milliseconds => (LatencyHistogram.Percentile(Latency, 0.99) ?? 0) / 1000;

    /// <summary>Microseconds of processor time an answer.</summary>
    public double GeneratorMicroseconds => Generator.TotalMicroseconds / Math.Max(1, Answered);
}

/// <summary>
/// A load generator with a fixed number of requests outstanding: each answer is taken and replaced by a new request at once. A request
/// without an answer for two seconds is lost. One thread on one UDP socket, so at most 256 outstanding.
/// </summary>
internal sealed class ClosedLoop : IDisposable
{
    private static readonly TimeSpan GivenUpAfter = TimeSpan.FromSeconds(2);

    private readonly IDatagramSocket _socket = DatagramSockets.Bind(new IPEndPoint(IPAddress.Loopback, 0), 8 << 20);
    private readonly DatagramBatch _batch = new(256);
    private readonly Peer _server;
    private readonly ILoad _load;
    private readonly int _window;
    private readonly long[] _sentAt;
    private readonly Lock _lock = new();
    private readonly LatencyHistogram _latency = new();
    private readonly byte[] _buffer = new byte[DatagramBatch.MaxDatagram];
    private bool _ending;
    private long _answered;
    private long _stray;
    private long _lost;

    public ClosedLoop(int serverPort, ILoad load, int window)
    {
        _server = new Peer(Peer.Key(IPAddress.Loopback), (ushort)serverPort);
        (_load, _window, _sentAt) = (load, window, new long[window]);
    }

    /// <summary>Keeps the window full for that long, then waits for what is outstanding.</summary>
    /// <param name="pace">One request each so long instead, answered or not.</param>
    public async Task<LoadResult> RunAsync(TimeSpan duration, TimeSpan? pace = null)
    {
        var processor = Environment.CpuUsage.TotalTime;
        var receiver = new Thread(() => Receive(pace)) { IsBackground = true };
        receiver.Start();
        var watch = Stopwatch.StartNew();
        if (pace is { } interval)
        {
            await SendPacedAsync(duration, interval);
        }
        else
        {
            for (var slot = 0; slot < _window; slot++)
            {
                Send((byte)slot);
            }

            while (watch.Elapsed < duration)
            {
                await Task.Delay(50);
                Replace();
            }
        }

        long answered;
        TimeSpan elapsed;
        lock (_lock)
        {
            (_ending, elapsed, answered) = (true, watch.Elapsed, _answered);
        }

        processor = Environment.CpuUsage.TotalTime - processor;
        while (Outstanding() && watch.Elapsed < duration + (2 * GivenUpAfter))
        {
            await Task.Delay(20);
            Replace();
        }

        _socket.StopReceiving();
        receiver.Join();
        var counts = new long[LatencyHistogram.BucketCount];
        _latency.CopyTo(counts);
        var check = _load.Check();
        return new LoadResult(answered, check.Wrong + _stray, _lost, elapsed, counts, processor, check.FirstWrong);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>From a thread of its own before all others: what is measured is the server, not how late this clock is.</summary>
    private Task SendPacedAsync(TimeSpan duration, TimeSpan interval) => Task.Factory.StartNew(
        () =>
        {
            ThreadUrgency.Raise(Urgency.Logins);
            using var never = new ManualResetEvent(false);
            var watch = Stopwatch.StartNew();
            for (var number = 0; watch.Elapsed < duration; number++)
            {
                var slot = number % _window;
                lock (_lock)
                {
                    if (_sentAt[slot] != 0)
                    {
                        _lost++;
                    }

                    Send((byte)slot);
                }

                var due = interval * (number + 1);
                if (due - watch.Elapsed is { Ticks: > 0 } rest)
                {
                    never.WaitOne(rest);
                }
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private void Receive(TimeSpan? pace)
    {
        ThreadUrgency.Raise(Urgency.Logins); // the clock must not wait for a processor, whoever is measured: a real NAS has its own
        while (_socket.Receive(_batch))
        {
            var now = Stopwatch.GetTimestamp();
            lock (_lock)
            {
                for (var i = 0; i < _batch.Count; i++)
                {
                    Take(i, now, pace is null);
                }
            }

            _socket.SendReplies(_batch);
        }
    }

    private void Take(int index, long now, bool refill)
    {
        var reply = _batch.Request(index);
        var slot = reply.Length > 1 ? reply[1] : byte.MaxValue;
        if (slot >= _window || _sentAt[slot] == 0)
        {
            _stray++;
            return;
        }

        _load.Take(slot, reply);
        _answered++;
        _latency.Record((now - _sentAt[slot]) * 1_000_000.0 / Stopwatch.Frequency);
        _sentAt[slot] = 0;
        if (refill && (!_ending || _load.IsMidway(slot)))
        {
            _batch.SetReply(index, _load.Write(slot, _batch.ReplyBuffer(index)));
            _sentAt[slot] = now;
        }
    }

    private void Send(byte slot)
    {
        lock (_lock)
        {
            var length = _load.Write(slot, _buffer);
            _sentAt[slot] = Stopwatch.GetTimestamp();
            _socket.Send(_buffer.AsSpan(0, length), _server);
        }
    }

    /// <summary>Gives up on what has waited too long and puts a new request in its place.</summary>
    private void Replace()
    {
        lock (_lock)
        {
            for (var slot = 0; slot < _window; slot++)
            {
                if (_sentAt[slot] != 0 && Stopwatch.GetElapsedTime(_sentAt[slot]) > GivenUpAfter)
                {
                    _lost++;
                    _sentAt[slot] = 0;
                    if (!_ending)
                    {
                        Send((byte)slot);
                    }
                }
            }
        }
    }

    private bool Outstanding()
    {
        lock (_lock)
        {
            return _sentAt.Any(s => s != 0);
        }
    }
}
