using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Tests.Lines;

/// <summary>A NAS on a real socket that answers CoA and Disconnect as its script says, and keeps what it was sent.</summary>
internal sealed class ScriptedNas : IAsyncDisposable
{
    public const string Secret = "testing123";

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<RadiusMessage> _received = new();
    private readonly Task _loop;

    public ScriptedNas()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _loop = AnswerAsync();
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public IReadOnlyList<RadiusMessage> Received => [.. _received];

    /// <summary>Codes of what came in, repeats of silent tries with it.</summary>
    public string Asked => string.Join(' ', _received.Select(m => m.Code));

    public Func<RadiusMessage, RadiusMessage?> Script { get; set; } = Acknowledge;

    public static RadiusMessage Acknowledge(RadiusMessage request) =>
        request.CreateReply(request.Code is RadiusCode.CoaRequest ? RadiusCode.CoaAck : RadiusCode.DisconnectAck);

    public static RadiusMessage Refuse(RadiusMessage request, RadiusErrorCause cause) =>
        request.CreateReply(request.Code is RadiusCode.CoaRequest ? RadiusCode.CoaNak : RadiusCode.DisconnectNak).Add("Error-Cause", (uint)cause);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task AnswerAsync()
    {
        var (buffer, secret) = (new byte[4096], new RadiusSecret(Secret));
        try
        {
            while (true)
            {
                var got = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                Assert.True(RadiusMessage.TryParse(buffer.AsSpan(0, got.ReceivedBytes), out var request, out _));
                Assert.True(IsSigned(buffer.AsSpan(0, got.ReceivedBytes), secret));
                _received.Enqueue(request);
                if (Script(request) is { } reply)
                {
                    await _socket.SendToAsync(reply.EncodeReply(secret, request.Authenticator), got.RemoteEndPoint, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static bool IsSigned(ReadOnlySpan<byte> datagram, RadiusSecret secret) =>
        RadiusPacket.TryRead(datagram, out var packet, out _) && RadiusSignature.HasValidRequestAuthenticator(packet, secret);
}
