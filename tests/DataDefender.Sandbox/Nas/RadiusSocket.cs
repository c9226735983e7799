using System.Net;
using System.Net.Sockets;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Sandbox.RouterOs;

namespace DataDefender.Sandbox.Nas;

/// <summary>The server that an entry of <c>/radius</c> names.</summary>
internal sealed record RadiusTarget(IPEndPoint Authentication, IPEndPoint Accounting, RadiusSecret Secret, TimeSpan Timeout, bool DemandsMessageAuthenticator);

/// <summary>
/// One UDP socket for all that this NAS asks. 256 requests a kind may be out at once, as identifiers are one octet; more
/// wait in line. A request that is not answered in time goes out again with the same bytes.
/// </summary>
internal sealed class RadiusSocket : IAsyncDisposable
{
    private const int Tries = 3;
    private const int Identifiers = 256;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(25);

    private readonly SimulatedRouter _router;
    private readonly NasCounters _counters;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lane _access = new();
    private readonly Lane _accounting = new();
    private readonly Task _loops;
    private Exchange? _held;

    public RadiusSocket(SimulatedRouter router, NasCounters counters, ILogger log)
    {
        (_router, _counters, _log) = (router, counters, log);
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20, SendBufferSize = 4 << 20 };
        _socket.Bind(new IPEndPoint(IPAddress.Parse(router.Options.Address), 0));
        _loops = Task.WhenAll(Task.Run(ReceiveAsync), Task.Run(RetransmitAsync));
    }

    /// <summary>
    /// Sends a request; <paramref name="answered"/> is called once, with the reply or with null when none came. It runs on
    /// the socket's own task and must not block.
    /// </summary>
    public void Send(RadiusMessage request, RadiusTarget target, Action<RadiusMessage?> answered)
    {
        var lane = request.Code == RadiusCode.AccessRequest ? _access : _accounting;
        _counters.CountRequest(lane == _accounting);
        lock (_gate)
        {
            lane.Waiting.Enqueue(new Exchange(request, target, answered));
            Advance(lane);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _loops;
        _stop.Dispose();
    }

    private void Advance(Lane lane)
    {
        while (lane.Waiting.Count > 0 && lane.FreeIdentifier() is { } identifier)
        {
            var exchange = lane.Waiting.Dequeue();
            lane.Out[identifier] = exchange;
            exchange.Request.Identifier = identifier;
            var signs = exchange.Request.Find(0, RadiusAttributes.MessageAuthenticator) is not null;
            exchange.Packet = exchange.Request.EncodeRequest(exchange.Target.Secret, messageAuthenticator: signs);
            exchange.EndPoint = lane == _access ? exchange.Target.Authentication : exchange.Target.Accounting;
            exchange.SentAt = _router.Clock.Real.GetTimestamp();
            First(lane, exchange);
        }

        _counters.Pending = _access.Count + _accounting.Count;
    }

    private void First(Lane lane, Exchange exchange)
    {
        if (lane == _accounting && _router.Faults.IsOn(Fault.Reorder))
        {
            if (_held is null)
            {
                _held = exchange; // goes out behind the next one, or when its time-out sends it
                return;
            }

            Transmit(exchange);
            Transmit(_held);
            _held = null;
            return;
        }

        Transmit(exchange);
        if (_router.Faults.Strikes(Fault.Retransmit))
        {
            _counters.CountResend();
            Transmit(exchange);
        }
    }

    private void Transmit(Exchange exchange)
    {
        exchange.Tries++;
        if (_router.Faults.IsOn(Fault.RadiusUplinkDown))
        {
            return;
        }

        try
        {
            _socket.SendTo(exchange.Packet, exchange.EndPoint);
        }
        catch (Exception ex) when (ex is SocketException or ObjectDisposedException)
        {
            // As on a wire: lost, and the time-out finds out.
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[RadiusPacket.MaxLength];
        var anyone = new IPEndPoint(IPAddress.Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, anyone, _stop.Token);
                if (!_router.Faults.IsOn(Fault.RadiusUplinkDown))
                {
                    Receive(buffer.AsSpan(0, received.ReceivedBytes), (IPEndPoint)received.RemoteEndPoint);
                }
            }
            catch (SocketException)
            {
                // ICMP port unreachable: nobody listens there yet. Retransmission goes on.
            }
            catch (Exception ex) when (ex is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception ex)
            {
                _log.LogError(ex, "{Router}: handling a RADIUS reply failed", _router.Name);
            }
        }
    }

    private void Receive(ReadOnlySpan<byte> datagram, IPEndPoint from)
    {
        if (!RadiusPacket.TryRead(datagram, out var packet, out _))
        {
            _counters.CountBadReply();
            return;
        }

        var lane = packet.Code == RadiusCode.AccountingResponse ? _accounting : _access;
        Exchange? exchange;
        lock (_gate)
        {
            exchange = lane.Out[packet.Identifier];
            if (exchange is null || !exchange.EndPoint.Equals(from))
            {
                return; // an answer to what was answered already
            }

            if (!IsTrusted(packet, exchange, lane))
            {
                _counters.CountBadReply();
                return;
            }

            lane.Out[packet.Identifier] = null;
            Advance(lane);
        }

        _counters.LastRoundTrip = _router.Clock.Real.GetElapsedTime(exchange.SentAt);
        exchange.Answered(RadiusMessage.From(packet));
    }

    private bool IsTrusted(in RadiusPacket packet, Exchange exchange, Lane lane)
    {
        var authenticator = exchange.Request.Authenticator.Span;
        if (!RadiusSignature.HasValidResponseAuthenticator(packet, authenticator, exchange.Target.Secret))
        {
            return false;
        }

        return RadiusSignature.CheckReply(packet, authenticator, exchange.Target.Secret) switch
        {
            MessageAuthenticatorState.Valid => true,
            MessageAuthenticatorState.Absent => lane == _accounting || !exchange.Target.DemandsMessageAuthenticator,
            _ => false,
        };
    }

    private async Task RetransmitAsync()
    {
        using var timer = new PeriodicTimer(Tick, _router.Clock.Real);
        var lost = new List<Exchange>();
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                lock (_gate)
                {
                    Expire(_access, lost);
                    Expire(_accounting, lost);
                }

                lost.ForEach(static exchange => exchange.Answered(null));
                lost.Clear();
            }
        }
        catch (OperationCanceledException)
        {
            // The router goes down; what was out is not answered any more.
        }
    }

    private void Expire(Lane lane, List<Exchange> lost)
    {
        for (var i = 0; i < Identifiers; i++)
        {
            if (lane.Out[i] is not { } exchange || _router.Clock.Real.GetElapsedTime(exchange.SentAt) < exchange.Target.Timeout * Math.Max(1, exchange.Tries))
            {
                continue;
            }

            if (exchange.Tries < Tries)
            {
                if (exchange.Tries > 0)
                {
                    _counters.CountResend();
                }

                _held = _held == exchange ? null : _held;
                Transmit(exchange);
            }
            else
            {
                _counters.CountTimeout();
                lane.Out[i] = null;
                lost.Add(exchange);
            }
        }

        Advance(lane);
    }

    private sealed class Exchange(RadiusMessage request, RadiusTarget target, Action<RadiusMessage?> answered)
    {
        public RadiusMessage Request => request;

        public RadiusTarget Target => target;

        public Action<RadiusMessage?> Answered => answered;

        public byte[] Packet { get; set; } = [];

        public IPEndPoint EndPoint { get; set; } = target.Authentication;

        public long SentAt { get; set; }

        public int Tries { get; set; }
    }

    private sealed class Lane
    {
        private byte _last;

        public Exchange?[] Out { get; } = new Exchange?[Identifiers];

        public Queue<Exchange> Waiting { get; } = new();

        public int Count => Out.Count(static e => e is not null) + Waiting.Count;

        public byte? FreeIdentifier()
        {
            for (var i = 1; i <= Identifiers; i++)
            {
                var identifier = (byte)(_last + i);
                if (Out[identifier] is null)
                {
                    return _last = identifier;
                }
            }

            return null;
        }
    }
}
