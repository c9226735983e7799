using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Tests;

/// <summary>
/// A NAS with a primary and a secondary server, on many ports: whole sessions (Start, interims, Stop), each record sent to one server and,
/// when its answer does not come, to the other, and so on until one has acknowledged it. Now and then an answer is taken for lost though
/// it came. Keeps its own list of what was acknowledged. The last user logs in all the while, the others have the sessions.
/// </summary>
internal sealed class FailoverLoad(IReadOnlyList<ChildHost.Ports> servers, string secret, IReadOnlyList<string> usernames, string password)
{
    /// <summary>RouterOS's own, "timeout" of /radius.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1100);

    private const int Interims = 3;
    private const int AnswersLost = 10; // one in so many

    private readonly RadiusSecret _secret = new(secret);
    private readonly ConcurrentDictionary<string, Ended> _ended = new();
    private int _serial;
    private int _records;
    private int _sentTwice;
    private int _logins;
    private int _loginsAtSecondary;

    /// <summary>Sessions whose every record was acknowledged, by their Acct-Session-Id.</summary>
    public IReadOnlyDictionary<string, Ended> Sessions => _ended;

    public int Records => _records;

    public int SentTwice => _sentTwice;

    public int Logins => _logins;

    public int LoginsAtSecondary => _loginsAtSecondary;

    /// <summary>Logins that neither server answered, each within <see cref="Patience"/>.</summary>
    public ConcurrentQueue<string> LoginsFailed { get; } = [];

    /// <summary>Until cancelled new sessions begin; the ones begun are then ended, for which one server must be there.</summary>
    public Task RunAsync(int workers, CancellationToken ct) => Task.WhenAll(
        [.. Enumerable.Range(0, workers).Select(w => Task.Run(() => SendAsync(w, ct), CancellationToken.None)), Task.Run(() => LogInAsync(ct), CancellationToken.None)]);

    private async Task SendAsync(int worker, CancellationToken ct)
    {
        var random = new Random(worker);
        using var ports = new Ports([.. servers.Select(s => s.Accounting)]);
        byte identifier = 0;
        while (!ct.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _serial);
            var (session, user) = ($"two-{number}", usernames[number % (usernames.Count - 1)]);
            uint bytes = 0;
            for (var step = 0; step <= Interims + 1; step++)
            {
                bytes += step == 0 ? 0 : (uint)random.Next(1, 5_000);
                var status = step == 0 ? AcctStatusType.Start : step <= Interims ? AcctStatusType.InterimUpdate : AcctStatusType.Stop;
                await DeliverAsync(ports, random, Record(identifier++, status, session, user, (uint)step, bytes));
            }

            _ended[session] = new Ended(user, bytes);
        }
    }

    private async Task DeliverAsync(Ports ports, Random random, byte[] record)
    {
        var server = random.Next(2);
        var lost = random.Next(AnswersLost) == 0;
        while (!await TryAsync(ports[server], record) || lost)
        {
            Interlocked.Increment(ref _sentTwice);
            (server, lost) = (1 - server, false);
        }

        Interlocked.Increment(ref _records);
    }

    private async Task LogInAsync(CancellationToken ct)
    {
        using var ports = new Ports([.. servers.Select(s => s.Authentication)]);
        byte identifier = 0;
        while (!ct.IsCancellationRequested)
        {
            var request = new RadiusMessage(RadiusCode.AccessRequest, identifier++)
                .Add("User-Name", usernames[^1]).AddChapPassword(password)
                .Add("NAS-IP-Address", IPAddress.Loopback).EncodeRequest(_secret);
            _logins++;
            var watch = Stopwatch.StartNew();
            if (!await TryAsync(ports[0], request))
            {
                _loginsAtSecondary++;
                if (!await TryAsync(ports[1], request))
                {
                    LoginsFailed.Enqueue($"after {watch.ElapsedMilliseconds} ms");
                }
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    private async Task<bool> TryAsync(Socket socket, byte[] request)
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[4096];
        try
        {
            await socket.SendAsync(request, SocketFlags.None, patience.Token);
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token);
                if (RadiusPacket.TryRead(buffer.AsSpan(0, length), out var reply, out _) && reply.Identifier == request[1]
                    && RadiusSignature.HasValidResponseAuthenticator(reply, request.AsSpan(4, 16), _secret))
                {
                    return reply.Code is RadiusCode.AccountingResponse or RadiusCode.AccessAccept;
                }
            }
        }
        catch (Exception down) when (down is OperationCanceledException or SocketException)
        {
            return false;
        }
    }

    private byte[] Record(byte identifier, AcctStatusType status, string session, string username, uint seconds, uint bytes) => new RadiusMessage(RadiusCode.AccountingRequest, identifier)
        .Add("Acct-Status-Type", (uint)status)
        .Add("Acct-Session-Id", session)
        .Add("User-Name", username)
        .Add("Acct-Session-Time", seconds)
        .Add("Acct-Input-Octets", bytes)
        .Add("Acct-Output-Octets", bytes)
        .Add("Acct-Terminate-Cause", "User-Request")
        .Add("NAS-IP-Address", IPAddress.Loopback)
        .EncodeRequest(_secret);

    /// <summary>What a session that is over has moved.</summary>
    internal sealed record Ended(string Username, long Bytes);

    private sealed class Ports(int[] servers) : IDisposable
    {
        private readonly Socket[] _sockets = [.. servers.Select(Connected)];

        public Socket this[int server] => _sockets[server];

        public void Dispose()
        {
            foreach (var socket in _sockets)
            {
                socket.Dispose();
            }
        }

        private static Socket Connected(int port)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
    }
}
