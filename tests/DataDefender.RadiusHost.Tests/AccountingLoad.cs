using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Tests;

/// <summary>
/// Many NAS ports that send accounting as fast as it is acknowledged, each record a session of its own, so that one that is lost cannot
/// hide behind a later one. Keeps its own list of what was acknowledged.
/// </summary>
internal sealed class AccountingLoad(IPEndPoint server, string secret, IReadOnlyList<string> usernames)
{
    /// <summary>What each session moved, bytes, both ways.</summary>
    public const int Bytes = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1000);

    private readonly RadiusSecret _secret = new(secret);
    private readonly ConcurrentQueue<string> _acknowledged = new();
    private int _serial;

    public IReadOnlyCollection<string> Acknowledged => _acknowledged;

    /// <summary>Runs until cancelled. What has no answer by then is not acknowledged, though it may have been taken.</summary>
    public Task RunAsync(int workers, CancellationToken ct) => Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => SendAsync(ct), CancellationToken.None)));

    private async Task SendAsync(CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, CancellationToken.None);
        var buffer = new byte[4096];
        byte identifier = 0;
        while (!ct.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _serial);
            var session = $"crash-{number}";
            var request = Stop(identifier++, session, usernames[number % usernames.Count]);
            for (var acknowledged = false; !acknowledged && !ct.IsCancellationRequested;)
            {
                acknowledged = await TryAsync(socket, request, buffer);
                if (acknowledged)
                {
                    _acknowledged.Enqueue(session);
                }
            }
        }
    }

    private async Task<bool> TryAsync(Socket socket, byte[] request, byte[] buffer)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await socket.SendAsync(request, SocketFlags.None, patience.Token);
            var length = await socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token);
            return RadiusPacket.TryRead(buffer.AsSpan(0, length), out var reply, out _)
                && reply.Code is RadiusCode.AccountingResponse && reply.Identifier == request[1]
                && RadiusSignature.HasValidResponseAuthenticator(reply, request.AsSpan(4, 16), _secret);
        }
        catch (Exception down) when (down is OperationCanceledException or SocketException)
        {
            return false;
        }
    }

    private byte[] Stop(byte identifier, string session, string username) => new RadiusMessage(RadiusCode.AccountingRequest, identifier)
        .Add("Acct-Status-Type", (uint)AcctStatusType.Stop)
        .Add("Acct-Session-Id", session)
        .Add("User-Name", username)
        .Add("Acct-Session-Time", 60u)
        .Add("Acct-Input-Octets", (uint)Bytes)
        .Add("Acct-Output-Octets", (uint)Bytes)
        .Add("Acct-Terminate-Cause", "User-Request")
        .Add("NAS-IP-Address", IPAddress.Loopback)
        .EncodeRequest(_secret);
}
