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

    /// <summary>The kernel carries datagrams of one length as one; here they are of several, from several, and more than a batch takes.</summary>
    [Theory]
    [InlineData(true, "127.0.0.1")]
    [InlineData(false, "127.0.0.1")]
    [InlineData(true, "::")]
    [InlineData(false, "::")]
    public async Task Datagrams_that_come_in_a_bundle_are_told_apart_and_so_are_their_answers(bool portable, string address)
    {
        Requires.That(portable || LinuxSocket.IsSupported, "recvmmsg needs 64-bit Linux.");
        using var server = DatagramSockets.Bind(new IPEndPoint(IPAddress.Parse(address), 0), 4 << 20, portable);
        var mirror = Task.Factory.StartNew(() => Mirror(server), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        using var stranger = new RawSocket(new IPEndPoint(IPAddress.Loopback, server.LocalEndPoint.Port));
        using var client = DatagramSockets.Bind(new IPEndPoint(IPAddress.Loopback, 0), 4 << 20);
        var answers = Task.Factory.StartNew(() => Collect(client, 600), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var peer = new Peer(Peer.Key(IPAddress.Loopback), (ushort)server.LocalEndPoint.Port);

        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 200; i++)
            {
                client.Send(Numbered((round * 200) + i), peer);
            }

            Assert.Equal([9, 9, 9], await stranger.AskAsync(new byte[] { 9, 9, 9 }, Patience));
        }

        var got = await answers.WaitAsync(Patience);
        server.StopReceiving();
        Assert.True(await mirror.WaitAsync(Patience) >= 603);
        Assert.Equal(Enumerable.Range(0, 600).Select(n => Convert.ToHexString(Numbered(n))), got);
    }

    [Fact]
    public async Task Answers_in_bundles_arrive_one_by_one_at_a_peer_that_knows_nothing_of_them()
    {
        using var server = DatagramSockets.Bind(new IPEndPoint(IPAddress.Loopback, 0), 4 << 20);
        using var client = new RawSocket(server.LocalEndPoint);
        var batch = new DatagramBatch(64);
        for (var i = 0; i < 40; i++)
        {
            await client.SendAsync(Numbered(i));
        }

        var received = new List<string>();
        while (received.Count < 40 && server.Receive(batch))
        {
            for (var i = 0; i < batch.Count; i++)
            {
                batch.Request(i).CopyTo(batch.ReplyBuffer(i));
                batch.SetReply(i, i % 5 == 4 ? 0 : batch.Request(i).Length); // some get none
                received.Add(Convert.ToHexString(batch.Request(i)));
            }

            server.SendReplies(batch);
            for (var i = 0; i < batch.Count; i++)
            {
                if (batch.ReplyLength(i) > 0)
                {
                    Assert.Equal(Convert.ToHexString(batch.Request(i)), Convert.ToHexString((await client.ReceiveAsync(Patience))!));
                }
            }
        }

        Assert.Equal(Enumerable.Range(0, 40).Select(n => Convert.ToHexString(Numbered(n))), received);
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

    // Lengths go in runs of seven, as logins alike come beside each other.
    private static byte[] Numbered(int number)
    {
        var datagram = new byte[40 + (number / 7 % 3 * 100)];
        BitConverter.TryWriteBytes(datagram, number);
        datagram[^1] = (byte)number;
        return datagram;
    }

    private static int Mirror(IDatagramSocket socket)
    {
        var (batch, count) = (new DatagramBatch(64), 0);
        while (socket.Receive(batch))
        {
            for (var i = 0; i < batch.Count; i++)
            {
                batch.Request(i).CopyTo(batch.ReplyBuffer(i));
                batch.SetReply(i, batch.Request(i).Length);
                count++;
            }

            socket.SendReplies(batch);
        }

        return count;
    }

    private static List<string> Collect(IDatagramSocket socket, int count)
    {
        var (batch, got) = (new DatagramBatch(48), new List<string>());
        while (got.Count < count && socket.Receive(batch))
        {
            for (var i = 0; i < batch.Count; i++)
            {
                got.Add(Convert.ToHexString(batch.Request(i)));
            }
        }

        return got;
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
