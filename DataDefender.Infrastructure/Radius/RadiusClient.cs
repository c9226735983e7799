using System.Net;
using System.Net.Sockets;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Radius;

/// <summary>How often a request goes out and how long each try waits for its answer.</summary>
public sealed record RadiusRetry(int Tries, TimeSpan Timeout)
{
    /// <summary>Three tries of one second, about what RouterOS does by default.</summary>
    public static RadiusRetry Default { get; } = new(3, TimeSpan.FromSeconds(1));
}

/// <summary>How an exchange ended.</summary>
public abstract record RadiusExchange
{
    private RadiusExchange()
    {
    }

    /// <summary>A reply came whose authenticators are right.</summary>
    public sealed record Answered(RadiusMessage Reply, TimeSpan RoundTrip, int Tries) : RadiusExchange
    {
        /// <summary>The reply as it came.</summary>
        public ReadOnlyMemory<byte> Datagram { get; init; }
    }

    /// <summary>Nothing came within all tries. <paramref name="Refused"/>: the host said that no one listens on that port.</summary>
    public sealed record NoAnswer(int Tries, bool Refused) : RadiusExchange;

    /// <summary>Only replies came that cannot be trusted; the usual cause is a secret that differs.</summary>
    public sealed record BadAnswer(RadiusReplyFault Fault) : RadiusExchange;
}

/// <summary>What is wrong with a reply.</summary>
public enum RadiusReplyFault
{
    Malformed,
    WrongIdentifier,
    UnexpectedCode,
    WrongResponseAuthenticator,
    WrongMessageAuthenticator,
}

/// <summary>
/// Sends one RADIUS request over UDP and waits for its reply, repeating the same octets (RFC 5080 §2.2.1). A reply that fails its
/// checks is dropped and waiting goes on, as RFC 2865 §3 asks, so that a forged packet cannot end an exchange.
/// </summary>
public sealed class RadiusClient(TimeProvider clock)
{
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    /// <exception cref="SocketException">The network refused the packet outright, such as by having no route.</exception>
    public async Task<RadiusExchange> SendAsync(
        IPEndPoint server, RadiusMessage request, RadiusSecret secret, RadiusRetry retry, CancellationToken ct = default)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, ct); // connected: datagrams of other senders do not arrive, and a closed port is reported
        var exchange = new Exchange(socket, request.EncodeRequest(secret), secret);

        var started = clock.GetTimestamp();
        RadiusReplyFault? fault = null;
        var refused = false;
        for (var attempt = 1; attempt <= retry.Tries; attempt++)
        {
            using var timeout = new CancellationTokenSource(retry.Timeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
            try
            {
                await exchange.SendAsync(either.Token);
                refused = false;
                while (true)
                {
                    var (reply, wrong) = await exchange.ReceiveAsync(either.Token);
                    if (reply is not null)
                    {
                        return new RadiusExchange.Answered(reply, clock.GetElapsedTime(started), attempt) { Datagram = exchange.Received };
                    }

                    fault = wrong;
                }
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                // this try is over
            }
            catch (SocketException ex) when (ex.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset)
            {
                // The port is closed now, but a server that is being restarted may have it open by the next try.
                refused = true;
                await WaitAsync(timeout.Token, ct);
            }
        }

        return fault is { } what ? new RadiusExchange.BadAnswer(what) : new RadiusExchange.NoAnswer(retry.Tries, refused);
    }

    private static async Task WaitAsync(CancellationToken until, CancellationToken ct)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = until.Register(done.SetResult);
        await done.Task.WaitAsync(ct);
    }

    /// <summary>One request under way on its own socket.</summary>
    private sealed class Exchange(Socket socket, byte[] request, RadiusSecret secret)
    {
        private readonly byte[] _buffer = new byte[RadiusPacket.MaxLength];
        private int _length;

        /// <summary>The datagram that came last.</summary>
        public ReadOnlyMemory<byte> Received => _buffer.AsMemory(0, _length);

        public async Task SendAsync(CancellationToken ct) => await socket.SendAsync(request, SocketFlags.None, ct);

        public async Task<(RadiusMessage? Reply, RadiusReplyFault? Fault)> ReceiveAsync(CancellationToken ct)
        {
            _length = await socket.ReceiveAsync(_buffer, SocketFlags.None, ct);
            return Check(Received.Span);
        }

        private (RadiusMessage? Reply, RadiusReplyFault? Fault) Check(ReadOnlySpan<byte> datagram)
        {
            if (!RadiusPacket.TryRead(datagram, out var reply, out _))
            {
                return (null, RadiusReplyFault.Malformed);
            }

            var authenticator = request.AsSpan(RadiusPacket.AuthenticatorOffset, RadiusPacket.AuthenticatorLength);
            if (reply.Identifier != request[1])
            {
                return (null, RadiusReplyFault.WrongIdentifier);
            }

            if (!Answers((RadiusCode)request[0], reply.Code))
            {
                return (null, RadiusReplyFault.UnexpectedCode);
            }

            if (!RadiusSignature.HasValidResponseAuthenticator(reply, authenticator, secret))
            {
                return (null, RadiusReplyFault.WrongResponseAuthenticator);
            }

            return RadiusSignature.CheckReply(reply, authenticator, secret) == MessageAuthenticatorState.Invalid
                ? (null, RadiusReplyFault.WrongMessageAuthenticator)
                : (RadiusMessage.From(reply), null);
        }

        private static bool Answers(RadiusCode request, RadiusCode reply) => request switch
        {
            RadiusCode.AccessRequest => reply is RadiusCode.AccessAccept or RadiusCode.AccessReject or RadiusCode.AccessChallenge,
            RadiusCode.AccountingRequest => reply is RadiusCode.AccountingResponse,
            RadiusCode.StatusServer => reply is RadiusCode.AccessAccept or RadiusCode.AccountingResponse,
            RadiusCode.CoaRequest => reply is RadiusCode.CoaAck or RadiusCode.CoaNak,
            RadiusCode.DisconnectRequest => reply is RadiusCode.DisconnectAck or RadiusCode.DisconnectNak,
            _ => false,
        };
    }
}
