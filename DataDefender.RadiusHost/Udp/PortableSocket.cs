using System.Net;
using System.Net.Sockets;

namespace DataDefender.RadiusHost.Udp;

/// <summary>The port over <see cref="Socket"/>, for every platform: one blocking receive, then what is there already.</summary>
internal sealed class PortableSocket : IDatagramSocket
{
    private readonly Socket _socket;
    private readonly SocketAddress _from;
    private readonly SocketAddress _to;
    private readonly Lock _sending = new();
    private volatile bool _stopped;

    public PortableSocket(Socket bound)
    {
        _socket = bound;
        (_from, _to) = (new SocketAddress(bound.AddressFamily), new SocketAddress(bound.AddressFamily));
    }

    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    public bool Receive(DatagramBatch batch)
    {
        batch.Clear();
        while (!_stopped)
        {
            try
            {
                do
                {
                    var length = _socket.ReceiveFrom(batch.RequestBuffer(batch.Count), SocketFlags.None, _from);
                    if (_stopped)
                    {
                        return false;
                    }

                    batch.Add(length, Peer.Of(_from.Family, _from.Buffer.Span));
                }
                while (batch.Count < batch.Capacity && _socket.Available > 0);
                return true;
            }
            catch (SocketException) when (!_stopped)
            {
                // A datagram longer than any packet of RADIUS, or an ICMP error of an earlier answer: neither concerns the next one.
                if (batch.Count > 0)
                {
                    return true;
                }
            }
            catch (Exception end) when (_stopped && end is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }

        return false;
    }

    public void SendReplies(DatagramBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch.ReplyLength(i) > 0)
            {
                Send(batch.Reply(i), batch.PeerOf(i));
            }
        }
    }

    public void Send(ReadOnlySpan<byte> datagram, Peer to)
    {
        lock (_sending)
        {
            try
            {
                to.WriteTo(_to);
                _socket.SendTo(datagram, SocketFlags.None, _to);
            }
            catch (Exception lost) when (lost is SocketException or ObjectDisposedException)
            {
                // The NAS is unreachable for now or we are closing; it will ask again.
            }
        }
    }

    public void StopReceiving()
    {
        _stopped = true;
        if (OperatingSystem.IsLinux())
        {
            try
            {
                // Linux says that the socket is not connected, and wakes the blocked receiver all the same.
                _socket.Shutdown(SocketShutdown.Receive);
            }
            catch (SocketException notConnected) when (notConnected.SocketErrorCode is SocketError.NotConnected)
            {
                return;
            }
        }
        else
        {
            _socket.Dispose();
        }
    }

    public void Dispose() => _socket.Dispose();
}
