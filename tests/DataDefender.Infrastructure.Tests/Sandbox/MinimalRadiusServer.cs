using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Tests.Sandbox;

/// <summary>What arrived: the message, its bytes, and whether its signatures held.</summary>
internal sealed record ReceivedRequest(RadiusMessage Message, byte[] Bytes, bool IsSigned);

/// <summary>
/// Just enough of a RADIUS server to see what a NAS does: answers logins with what the test says and acknowledges accounting.
/// </summary>
internal sealed class MinimalRadiusServer : IAsyncDisposable
{
    public const string SecretText = "testing123";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _authentication = Bound();
    private readonly Socket _accounting = Bound();
    private readonly Task[] _loops;
    private readonly Channel<ReceivedRequest> _records = Channel.CreateUnbounded<ReceivedRequest>();

    public MinimalRadiusServer(Func<RadiusMessage, RadiusMessage?>? decide = null)
    {
        Decide = decide ?? (request => Accept(request));
        _loops = [Task.Run(() => ServeAsync(_authentication)), Task.Run(() => ServeAsync(_accounting))];
    }

    public RadiusSecret Secret { get; } = new(SecretText);

    public int AuthenticationPort => ((IPEndPoint)_authentication.LocalEndPoint!).Port;

    public int AccountingPort => ((IPEndPoint)_accounting.LocalEndPoint!).Port;

    /// <summary>The reply to an Access-Request; null: silence.</summary>
    public Func<RadiusMessage, RadiusMessage?> Decide { get; set; }

    /// <summary>Whether accounting is answered.</summary>
    public bool Acknowledges { get; set; } = true;

    public bool SignsReplies { get; set; } = true;

    public ConcurrentQueue<ReceivedRequest> Logins { get; } = new();

    /// <summary>Accounting in the order of arrival.</summary>
    public ConcurrentQueue<ReceivedRequest> Accounting { get; } = new();

    public static RadiusMessage Accept(RadiusMessage request, string address = "100.64.9.9", params (string Name, string Value)[] attributes)
    {
        var reply = request.CreateReply(RadiusCode.AccessAccept).Add("Framed-IP-Address", address);
        foreach (var (name, value) in attributes)
        {
            reply.Add(name, value);
        }

        return reply;
    }

    public static RadiusMessage Reject(RadiusMessage request) => request.CreateReply(RadiusCode.AccessReject).Add("Reply-Message", "not today");

    /// <summary>The next accounting record of this kind.</summary>
    public async Task<ReceivedRequest> NextAsync(AcctStatusType type)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var record = await _records.Reader.ReadAsync(limit.Token);
            if (record.Message.GetNumber("Acct-Status-Type") == (uint)type)
            {
                return record;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _authentication.Dispose();
        _accounting.Dispose();
        await Task.WhenAll(_loops);
    }

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private async Task ServeAsync(Socket socket)
    {
        var buffer = new byte[RadiusPacket.MaxLength];
        while (true)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0));
                if (Answer(buffer.AsSpan(0, received.ReceivedBytes)) is { } answer)
                {
                    await socket.SendToAsync(answer, SocketFlags.None, received.RemoteEndPoint);
                }
            }
            catch (Exception ex) when (ex is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private byte[]? Answer(ReadOnlySpan<byte> datagram)
    {
        Assert.True(RadiusPacket.TryRead(datagram, out var packet, out _));
        var message = RadiusMessage.From(packet);
        var accounting = packet.Code == RadiusCode.AccountingRequest;
        var signed = accounting ? RadiusSignature.HasValidRequestAuthenticator(packet, Secret) : RadiusSignature.CheckRequest(packet, Secret) == MessageAuthenticatorState.Valid;
        var received = new ReceivedRequest(message, datagram.ToArray(), signed);
        if (accounting)
        {
            Accounting.Enqueue(received);
            _records.Writer.TryWrite(received);
            return Acknowledges ? message.CreateReply(RadiusCode.AccountingResponse).EncodeReply(Secret, message.Authenticator) : null;
        }

        Logins.Enqueue(received);
        return Decide(message)?.EncodeReply(Secret, message.Authenticator, messageAuthenticator: SignsReplies);
    }
}
