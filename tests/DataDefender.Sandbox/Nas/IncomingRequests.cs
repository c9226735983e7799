using System.Net;
using System.Net.Sockets;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Sandbox.Nas;

/// <summary>Answers CoA and Disconnect-Requests (RFC 5176) as <c>/radius/incoming</c> lets it, and only for servers that <c>/radius</c> names.</summary>
internal sealed class IncomingRequests : IDisposable
{
    /// <summary>Retransmissions of the last requests are answered with the same bytes.</summary>
    private const int Remembered = 64;

    private static readonly string[] Identifying =
        ["User-Name", "Acct-Session-Id", "Framed-IP-Address", "NAS-IP-Address", "NAS-Identifier", "NAS-Port", "NAS-Port-Id", "NAS-Port-Type", "Calling-Station-Id", "Called-Station-Id", "Event-Timestamp", "Message-Authenticator", "Proxy-State"];

    /// <summary>Changeable by CoA according to MikroTik, and the address list, which works in practice.</summary>
    private static readonly string[] Changeable =
    [
        "Mikrotik-Rate-Limit", "Mikrotik-Address-List", "Session-Timeout", "Idle-Timeout", "Mikrotik-Group", "Mikrotik-Recv-Limit", "Mikrotik-Xmit-Limit", "Mikrotik-Total-Limit", "Mikrotik-Recv-Limit-Gigawords",
        "Mikrotik-Xmit-Limit-Gigawords", "Mikrotik-Total-Limit-Gigawords", "Mikrotik-Mark-Id", "Mikrotik-Advertise-URL", "Mikrotik-Advertise-Interval", "Filter-Id", "Port-Limit",
    ];

    private readonly SimulatedNas _nas;
    private readonly ILogger _log;
    private readonly Socket _socket;
    private readonly Queue<(IPEndPoint From, byte[] Authenticator, byte[] Answer)> _answered = new();

    public IncomingRequests(SimulatedNas nas, IPEndPoint at, ILogger log)
    {
        (_nas, _log) = (nas, log);
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20 };
        _socket.Bind(at);
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _ = Task.Run(ReceiveAsync);
    }

    public IPEndPoint EndPoint { get; }

    public void Dispose() => _socket.Dispose();

    private async Task ReceiveAsync()
    {
        var buffer = new byte[RadiusPacket.MaxLength];
        while (true)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, EndPoint);
                var from = (IPEndPoint)received.RemoteEndPoint;
                _nas.Counters.CountIncoming();
                if (Answer(buffer.AsSpan(0, received.ReceivedBytes), from) is { } answer)
                {
                    await _socket.SendToAsync(answer, SocketFlags.None, from);
                }
            }
            catch (Exception ex) when (ex is SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted or SocketError.Shutdown } or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The last answer found nobody; the next request may.
            }
            catch (Exception ex)
            {
                _log.LogError(ex, "{Router}: handling an incoming request failed", _nas.Router.Name);
            }
        }
    }

    private byte[]? Answer(ReadOnlySpan<byte> datagram, IPEndPoint from)
    {
        lock (_nas.Router.Gate)
        {
            if (!RadiusPacket.TryRead(datagram, out var packet, out _) || packet.Code is not (RadiusCode.CoaRequest or RadiusCode.DisconnectRequest)
                || _nas.SecretOf(from.Address) is not { } secret
                || !RadiusSignature.HasValidRequestAuthenticator(packet, secret) || RadiusSignature.CheckRequest(packet, secret) == MessageAuthenticatorState.Invalid)
            {
                _nas.Counters.CountBadRequest();
                return null;
            }

            var faults = _nas.Router.Faults;
            if (faults.IsOn(Fault.RadiusUplinkDown) || faults.Strikes(Fault.IgnoreCoa))
            {
                return null;
            }

            foreach (var (peer, authenticator, answer) in _answered)
            {
                if (peer.Equals(from) && packet.Authenticator.SequenceEqual(authenticator))
                {
                    return answer;
                }
            }

            var request = RadiusMessage.From(packet);
            var error = faults.Strikes(Fault.NakCoa) ? RadiusErrorCause.AdministrativelyProhibited : Obey(request);
            var reply = Reply(request, error).EncodeReply(secret, request.Authenticator);
            Remember(from, request.Authenticator.ToArray(), reply);
            return reply;
        }
    }

    private RadiusMessage Reply(RadiusMessage request, RadiusErrorCause error)
    {
        var disconnect = request.Code == RadiusCode.DisconnectRequest;
        if (error == RadiusErrorCause.None)
        {
            _nas.Counters.CountAck();
            return request.CreateReply(disconnect ? RadiusCode.DisconnectAck : RadiusCode.CoaAck);
        }

        _nas.Counters.CountNak();
        return request.CreateReply(disconnect ? RadiusCode.DisconnectNak : RadiusCode.CoaNak).Add("Error-Cause", (uint)error);
    }

    private void Remember(IPEndPoint from, byte[] authenticator, byte[] answer)
    {
        _answered.Enqueue((from, authenticator, answer));
        if (_answered.Count > Remembered)
        {
            _answered.Dequeue();
        }
    }

    private RadiusErrorCause Obey(RadiusMessage request)
    {
        var options = _nas.Router.Options;
        if ((request.GetAddress("NAS-IP-Address") is { } nas && nas.ToString() != options.Address)
            || (request.GetText("NAS-Identifier") is { } identifier && identifier != (options.NasIdentifier ?? options.Name)))
        {
            return RadiusErrorCause.NasIdentificationMismatch;
        }

        var found = Find(request, out var error);
        if (found is null)
        {
            return error;
        }

        if (request.Code == RadiusCode.DisconnectRequest)
        {
            _nas.End(found, AcctTerminateCause.AdminReset);
            return RadiusErrorCause.None;
        }

        return Change(found, request);
    }

    /// <summary>The session on which everything in the request agrees.</summary>
    private LineSession? Find(RadiusMessage request, out RadiusErrorCause error)
    {
        var (id, user, address, mac) = (request.GetText("Acct-Session-Id"), request.GetText("User-Name"), request.GetAddress("Framed-IP-Address"), request.GetText("Calling-Station-Id"));
        error = RadiusErrorCause.None;
        if (id is null && user is null && address is null)
        {
            error = RadiusErrorCause.MissingAttribute;
            return null;
        }

        var sessions = _nas.Router.Sessions;
        IReadOnlyList<LineSession> candidates =
            id is not null ? sessions.ById(id) is { } byId ? [byId] : []
            : address is not null ? sessions.ByAddress(address) is { } byAddress ? [byAddress] : []
            : sessions.ByUser(user!);
        var matching = candidates
            .Where(s => (user is null || s.Subscriber.Username == user) && (address is null || s.Address.Equals(address)) && (mac is null || s.Subscriber.Mac == mac))
            .ToList();
        error = matching.Count switch { 0 => RadiusErrorCause.SessionContextNotFound, 1 => RadiusErrorCause.None, _ => RadiusErrorCause.MultipleSessionSelectionUnsupported };
        return matching is [var only] ? only : null;
    }

    private RadiusErrorCause Change(LineSession session, RadiusMessage request)
    {
        var changes = request.Attributes.Where(a => !Identifying.Contains(a.Name, StringComparer.Ordinal)).ToList();
        if (changes.Exists(a => !Changeable.Contains(a.Name, StringComparer.Ordinal)))
        {
            return RadiusErrorCause.UnsupportedAttribute;
        }

        if (changes.Count == 0)
        {
            return RadiusErrorCause.MissingAttribute;
        }

        var limitText = request.GetText("Mikrotik-Rate-Limit");
        var group = request.GetText("Mikrotik-Group");
        var profile = group is null ? null : _nas.Router.Table("/ppp/profile").Find(group);
        limitText ??= profile?["rate-limit"];
        var limit = RateLimit.None;
        if ((limitText is { Length: > 0 } && !RateLimit.TryParse(limitText, out limit)) || (group is not null && profile is null))
        {
            return RadiusErrorCause.InvalidAttributeValue;
        }

        if (limitText is not null)
        {
            _nas.SetLimit(session, limitText.Length > 0 ? limitText : null, limit);
        }

        if (request.GetText("Mikrotik-Address-List") is { } lists)
        {
            _nas.SetAddressList(session, lists);
        }

        if (request.GetNumber("Session-Timeout") is { } seconds)
        {
            // Counted from the CoA on, as from a login: what is left is what was sent.
            _nas.SetSessionTimeout(session, session.Uptime(_nas.Router.Clock.Now) + TimeSpan.FromSeconds(seconds));
        }

        if (SimulatedNas.VolumeIn(request) is var volume && volume != (null, null, null))
        {
            session.Volume = volume;
        }

        _nas.Changed();
        return RadiusErrorCause.None;
    }
}
