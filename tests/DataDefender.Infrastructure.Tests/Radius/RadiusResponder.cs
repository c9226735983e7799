using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace DataDefender.Infrastructure.Tests.Radius;

/// <summary>
/// A UDP peer on a free port of the loopback that answers each datagram with whatever datagrams a function makes of it. What it got is
/// kept for the test to look at.
/// </summary>
internal sealed class RadiusResponder : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public RadiusResponder(Func<byte[], IEnumerable<byte[]>> answer)
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _loop = Task.Run(() => AnswerAsync(answer));
    }

    public IPEndPoint Endpoint => (IPEndPoint)_socket.LocalEndPoint!;

    public ConcurrentQueue<byte[]> Received { get; } = [];

    private async Task AnswerAsync(Func<byte[], IEnumerable<byte[]>> answer)
    {
        var buffer = new byte[5000];
        while (true)
        {
            SocketReceiveFromResult from;
            try
            {
                from = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var datagram = buffer[..from.ReceivedBytes];
            Received.Enqueue(datagram);
            foreach (var reply in answer(datagram))
            {
                await _socket.SendToAsync(reply, SocketFlags.None, from.RemoteEndPoint, _stop.Token);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop; // an answer function that threw fails the test here
        _socket.Dispose();
        _stop.Dispose();
    }
}
