using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Network.RouterOs;

/// <summary>
/// One signed-in connection to a router's API. Commands of any number of callers run side by side, told apart by tags that are
/// never used twice, so that a late answer cannot reach the next caller. One loop reads; no command holds a thread.
/// Any surprise ends the connection: all commands in flight end unknown, and the next use needs a new connection.
/// </summary>
internal sealed class RouterOsConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly SentenceReader _reader;
    private readonly SentenceWriter _writer = new();
    private readonly RowDecoder _decoder = new();
    private readonly RouterOsOptions _options;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<int, InFlight> _inFlight = new();
    private readonly ITimer _watch;
    private readonly Task _reading;
    private string? _fault;
    private int _lastTag;
    private long _writingSince;
    private long _lastReceived;
    private long _lastUsed;

    /// <param name="reader">The reader of the sign-in, which may hold bytes already.</param>
    public RouterOsConnection(Socket socket, Stream stream, SentenceReader reader, RouterCertificate? certificate, RouterOsOptions options, TimeProvider clock)
    {
        (_socket, _stream, _reader, _options, _clock) = (socket, stream, reader, options, clock);
        Certificate = certificate;
        _lastReceived = _lastUsed = clock.GetTimestamp();
        var period = TimeSpan.FromTicks(Math.Min(TimeSpan.TicksPerSecond, Math.Min(options.ReadTimeout.Ticks, options.WriteTimeout.Ticks) / 4));
        using (ExecutionContext.SuppressFlow()) // the connection outlives the request that happened to open it
        {
            _watch = clock.CreateTimer(static self => ((RouterOsConnection)self!).Watch(), this, period, period);
            _reading = Task.Run(ReadAsync);
        }
    }

    public RouterCertificate? Certificate { get; }

    /// <summary>Why the connection cannot be used any more; null while it can.</summary>
    public string? FaultReason => Volatile.Read(ref _fault);

    /// <summary>How long nobody has used it; zero while a command is in flight.</summary>
    public TimeSpan IdleFor => _inFlight.IsEmpty ? _clock.GetElapsedTime(Volatile.Read(ref _lastUsed)) : TimeSpan.Zero;

    public async Task<RouterOutcome> ExecuteAsync(RouterCommand command, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var flight = Begin(command, stream: null);
        try
        {
            return await flight.Outcome.WaitAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            GiveUp(flight, "The caller gave up.");
            throw;
        }
    }

    /// <exception cref="RouterCommandException">Refused or lost before the command's own end.</exception>
    public async IAsyncEnumerable<RouterRow> StreamAsync(RouterCommand command, [EnumeratorCancellation] CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var rows = Channel.CreateBounded<RouterRow>(new BoundedChannelOptions(_options.MaxWaitingRows) { SingleReader = true });
        var flight = Begin(command, rows);
        try
        {
            await foreach (var row in rows.Reader.ReadAllAsync(ct))
            {
                yield return row;
            }
        }
        finally
        {
            GiveUp(flight, "The caller gave up.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        Fault("The connection was closed.");
        await _reading;
    }

    private InFlight Begin(RouterCommand command, Channel<RouterRow>? stream)
    {
        var tag = Interlocked.Increment(ref _lastTag);
        var flight = new InFlight(tag, command, stream) { LastHeard = _clock.GetTimestamp() };
        Volatile.Write(ref _lastUsed, flight.LastHeard);
        _inFlight[tag] = flight;
        if (tag <= 0)
        {
            Fault("The connection has used up its tags.");
        }

        if (FaultReason is { } reason)
        {
            _inFlight.TryRemove(tag, out _);
            flight.TryDrop();
            flight.Lose(reason);
            return flight;
        }

        _ = SendAsync(flight);
        return flight;
    }

    private async Task SendAsync(InFlight flight)
    {
        await _turn.WaitAsync();
        try
        {
            if (FaultReason is not null || !flight.TrySend())
            {
                return;
            }

            _writer.Clear();
            _writer.Word(flight.Command.Path);
            for (var i = 0; i < flight.Command.Words.Count; i++)
            {
                _writer.Word(flight.Command.Words[i]);
            }

            _writer.Word(".tag="u8, flight.Tag);
            _writer.End();
            flight.LastHeard = _clock.GetTimestamp();
            Volatile.Write(ref _writingSince, flight.LastHeard);
            await _stream.WriteAsync(_writer.Written);
        }
        catch (Exception ex)
        {
            Fault(Describe(ex));
        }
        finally
        {
            Volatile.Write(ref _writingSince, 0);
            _turn.Release();
        }
    }

    // Forgets the command here at once, and asks the router to stop it. What still comes for its tag is dropped.
    private void GiveUp(InFlight flight, string reason)
    {
        if (!_inFlight.TryRemove(flight.Tag, out _))
        {
            return;
        }

        var neverSent = flight.TryDrop();
        flight.Lose(reason);
        if (!neverSent && FaultReason is null && flight.Command.Path != "/cancel")
        {
            Begin(RouterCommand.Call("/cancel", [("tag", flight.Tag.ToString(System.Globalization.CultureInfo.InvariantCulture))]), stream: null);
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            do
            {
                Volatile.Write(ref _lastReceived, _clock.GetTimestamp());
                while (_reader.TryNext())
                {
                    Handle();
                }
            }
            while (await _reader.ReceiveAsync(CancellationToken.None));

            Fault("The router closed the connection.");
        }
        catch (Exception ex)
        {
            Fault(Describe(ex));
        }
        finally
        {
            await _watch.DisposeAsync();
            try
            {
                await _stream.DisposeAsync();
            }
            catch (Exception ex) when (ex is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // TLS tries to say goodbye on a socket that is gone.
            }
        }
    }

    private void Handle()
    {
        var kind = _reader.Word(0);
        if (kind.SequenceEqual("!fatal"u8))
        {
            // The reason is a bare word; the router closes the socket next.
            var reason = _reader.WordCount > 1 ? RowDecoder.Text(_reader.Word(_reader.WordCount - 1)) : "no reason given";
            throw new RouterOsProtocolException($"The router ended the session: {reason}.");
        }

        var tag = Tag();
        if (tag is null)
        {
            if (kind.SequenceEqual("!re"u8) || kind.SequenceEqual("!done"u8) || kind.SequenceEqual("!trap"u8))
            {
                throw new RouterOsProtocolException("The router answered without a tag, so the answer belongs to nobody.");
            }

            return;
        }

        if (!_inFlight.TryGetValue(tag.Value, out var flight))
        {
            if (tag <= 0 || tag > Volatile.Read(ref _lastTag))
            {
                throw new RouterOsProtocolException("The router answered a command that was never sent.");
            }

            return; // late, for a command that was given up
        }

        flight.LastHeard = Volatile.Read(ref _lastReceived);
        Handle(kind, flight);
    }

    private void Handle(ReadOnlySpan<byte> kind, InFlight flight)
    {
        if (kind.SequenceEqual("!re"u8))
        {
            if (!flight.Take(_reader, _decoder, _options.MaxAnswerBytes))
            {
                GiveUp(flight, flight.IsStream
                    ? "The rows of the router were not read fast enough."
                    : $"The router's answer is longer than {_options.MaxAnswerBytes} bytes.");
            }
        }
        else if (kind.SequenceEqual("!done"u8))
        {
            flight.Return(RowDecoder.Attribute(_reader, "=ret="u8));
            Volatile.Write(ref _lastUsed, flight.LastHeard);
            _inFlight.TryRemove(flight.Tag, out _);
            flight.Finish();
        }
        else if (kind.SequenceEqual("!trap"u8))
        {
            var category = RowDecoder.Attribute(_reader, "=category="u8);
            flight.Refuse(RowDecoder.Attribute(_reader, "=message="u8) ?? "no reason given", (int?)RouterOsValues.Number(category));
        }

        // !empty says that no rows follow, which !done says too; of kinds to come nothing is known.
    }

    // The tag may stand anywhere in a reply.
    private int? Tag()
    {
        for (var i = 1; i < _reader.WordCount; i++)
        {
            var word = _reader.Word(i);
            if (word.StartsWith(".tag="u8))
            {
                return Utf8Parser.TryParse(word[5..], out int tag, out var used) && used == word.Length - 5 ? tag : 0;
            }
        }

        return null;
    }

    private void Watch()
    {
        var writing = Volatile.Read(ref _writingSince);
        if (writing != 0 && _clock.GetElapsedTime(writing) > _options.WriteTimeout)
        {
            Fault("The router stopped taking data.");
            return;
        }

        List<InFlight>? late = null;
        var waiting = 0;
        foreach (var (_, flight) in _inFlight)
        {
            if (!flight.IsStream && flight.WasSent && _clock.GetElapsedTime(flight.LastHeard) > (flight.Command.Patience ?? _options.ReadTimeout))
            {
                (late ??= []).Add(flight);
            }
            else
            {
                waiting++;
            }
        }

        if (late is null)
        {
            return;
        }

        // A router that went silent while it owed answers is gone, unless something slower may still be under way.
        if (waiting == 0 && _clock.GetElapsedTime(Volatile.Read(ref _lastReceived)) > _options.ReadTimeout / 2)
        {
            Fault("The router did not answer in time.");
            return;
        }

        foreach (var flight in late)
        {
            GiveUp(flight, "The router did not answer in time.");
            if (flight.Command.Path == "/cancel")
            {
                Fault("The router did not answer in time.");
            }
        }
    }

    private void Fault(string reason)
    {
        if (Interlocked.CompareExchange(ref _fault, reason, null) is null)
        {
            HangUp();
        }

        foreach (var (tag, _) in _inFlight)
        {
            if (_inFlight.TryRemove(tag, out var flight))
            {
                flight.TryDrop();
                flight.Lose(FaultReason!);
            }
        }
    }

    // Ends the read and any write under way, with FIN; disposing at once would reset. The reader disposes on its way out.
    private void HangUp()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception ex) when (ex is SocketException or ObjectDisposedException)
        {
            _socket.Dispose();
        }
    }

    private static string Describe(Exception ex) => ex switch
    {
        RouterOsProtocolException => ex.Message,
        ObjectDisposedException => "The connection was closed.",
        IOException or SocketException => "The connection to the router was lost.",
        _ => $"The connection to the router failed: {ex.Message}",
    };
}
