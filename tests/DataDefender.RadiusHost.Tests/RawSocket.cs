using System.Net;
using System.Net.Sockets;

namespace DataDefender.RadiusHost.Tests;

/// <summary>A UDP socket with one source port, for tests about octets.</summary>
internal sealed class RawSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _buffer = new byte[4096];

    public RawSocket(IPEndPoint server, IPAddress? from = null)
    {
        _socket.Bind(new IPEndPoint(from ?? IPAddress.Loopback, 0));
        _socket.Connect(server);
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public async Task SendAsync(ReadOnlyMemory<byte> datagram) => await _socket.SendAsync(datagram, SocketFlags.None);

    public async Task<byte[]?> ReceiveAsync(TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        try
        {
            return _buffer[..await _socket.ReceiveAsync(_buffer, SocketFlags.None, patience.Token)];
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public async Task<byte[]?> AskAsync(ReadOnlyMemory<byte> datagram, TimeSpan limit)
    {
        await SendAsync(datagram);
        return await ReceiveAsync(limit);
    }

    public void Dispose() => _socket.Dispose();
}
