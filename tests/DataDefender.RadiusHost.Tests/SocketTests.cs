using System.Net;
using DataDefender.RadiusHost.Udp;
using DataDefender.Testing;

namespace DataDefender.RadiusHost.Tests;

/// <summary>Both kinds of port do the same.</summary>
public sealed class SocketTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(true, "127.0.0.1")]
    [InlineData(false, "127.0.0.1")]
    [InlineData(true, "::")]
    [InlineData(false, "::")]
    public async Task Every_datagram_is_given_once_and_answered_to_where_it_came_from(bool portable, string address)
    {
        Requires.That(portable || LinuxSocket.IsSupported, "recvmmsg needs 64-bit Linux.");
        using var socket = DatagramSockets.Bind(new IPEndPoint(IPAddress.Parse(address), 0), 1 << 20, portable);
        var server = new IPEndPoint(IPAddress.Loopback, socket.LocalEndPoint.Port);
        var echo = Task.Factory.StartNew(() => Echo(socket), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var clients = Enumerable.Range(0, 8).Select(_ => new RawSocket(server)).ToList();

        await Task.WhenAll(clients.Select(async (client, number) =>
        {
            for (byte i = 0; i < 100; i++)
            {
                var answer = await client.AskAsync(new byte[] { (byte)number, i }, Patience);
                Assert.Equal([(byte)number, i, 127, 0, 0, 1], answer);
            }
        }));

        socket.StopReceiving();
        Assert.Equal(800, await echo.WaitAsync(Patience));
        clients.ForEach(c => c.Dispose());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_receiver_that_waits_ends_when_it_is_told_to_and_sending_still_works(bool portable)
    {
        Requires.That(portable || LinuxSocket.IsSupported, "recvmmsg needs 64-bit Linux.");
        using var socket = DatagramSockets.Bind(new IPEndPoint(IPAddress.Loopback, 0), 65_536, portable);
        var waiting = Task.Factory.StartNew(() => socket.Receive(new DatagramBatch(4)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        using var other = new RawSocket(socket.LocalEndPoint);

        socket.StopReceiving();

        Assert.False(await waiting.WaitAsync(Patience));
        socket.Send([1, 2, 3], new Peer(Peer.Key(IPAddress.Loopback), (ushort)other.Port));
        Assert.Equal([1, 2, 3], await other.ReceiveAsync(Patience));
    }

    // Answers with what came and the sender's address.
    private static int Echo(IDatagramSocket socket)
    {
        var batch = new DatagramBatch(16);
        var count = 0;
        while (socket.Receive(batch))
        {
            for (var i = 0; i < batch.Count; i++)
            {
                var reply = batch.ReplyBuffer(i);
                batch.Request(i).CopyTo(reply);
                batch.PeerOf(i).ToAddress().TryWriteBytes(reply[2..], out _);
                batch.SetReply(i, 6);
                count++;
            }

            socket.SendReplies(batch);
        }

        return count;
    }
}
