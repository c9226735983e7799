using System.Collections.Concurrent;
using System.Net;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.RadSec;

/// <summary>
/// Carries packets of all connections to one port's thread and its answers back, in the place of a UDP socket: authentication and
/// accounting then work over TLS exactly as over UDP, the journal before the answer included.
/// </summary>
internal sealed class RadSecQueue(IPEndPoint endpoint, RadSecConnections connections) : IDatagramSocket
{
    /// <summary>16 MB at most; connections wait, and their routers by TCP, while it is full.</summary>
    private const int Capacity = 4096;

    private readonly BlockingCollection<Waiting> _packets = [];
    private readonly SemaphoreSlim _room = new(Capacity);

    public IPEndPoint LocalEndPoint => endpoint;

    /// <summary>Waits for room. What comes when the port has ended is lost; its connection is being closed.</summary>
    public async Task EnqueueAsync(RadSecConnection from, ReadOnlyMemory<byte> packet, CancellationToken ct)
    {
        await from.Room.WaitAsync(ct);
        await _room.WaitAsync(ct);
        try
        {
            _packets.Add(new Waiting(from, packet.ToArray()), ct);
        }
        catch (InvalidOperationException)
        {
            _room.Release(); // completed: we are ending
        }
    }

    public bool Receive(DatagramBatch batch)
    {
        batch.Clear();
        if (!_packets.TryTake(out var packet, Timeout.Infinite))
        {
            return false;
        }

        do
        {
            packet.Octets.CopyTo(batch.RequestBuffer(batch.Count));
            batch.Add(packet.Octets.Length, packet.From.Peer);
            packet.From.Room.Release();
            _room.Release();
        }
        while (batch.Count < batch.Capacity && _packets.TryTake(out packet));
        return true;
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

    public void Send(ReadOnlySpan<byte> datagram, Peer to) => connections.Find(to)?.Send(datagram);

    public void StopReceiving() => _packets.CompleteAdding();

    public void Dispose() => _packets.Dispose();

    private readonly record struct Waiting(RadSecConnection From, byte[] Octets);
}
