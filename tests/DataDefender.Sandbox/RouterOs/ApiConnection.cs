using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using DataDefender.Sandbox.RouterOs.Commands;
using DataDefender.Sandbox.RouterOs.Wire;

namespace DataDefender.Sandbox.RouterOs;

/// <summary>One client of the API: login, the commands under way, and what the faults do to its replies.</summary>
internal sealed class ApiConnection(SimulatedRouter router, ApiServer server, Socket socket, string service, bool tls, ILogger log)
{
    private const byte ControlByte = 0xFB; // first bytes from 0xF8 are reserved
    private const int WordsBeforeLogin = 16;
    private const int WordLengthBeforeLogin = 1024;
    private const int WordsAfterLogin = 4096;
    private const int WordLengthAfterLogin = 8 << 20;

    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<Running, byte> _running = new();
    private Stream _stream = Stream.Null;
    private byte[]? _challenge;
    private Row? _activeRow;
    private bool _mute;

    public string Service => service;

    public ApiUser? User { get; private set; }

    /// <summary>Ends the connection with RST.</summary>
    public void Abort()
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Dispose();
            _closing.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It had ended already.
        }
    }

    public async Task RunAsync()
    {
        try
        {
            socket.NoDelay = true;
            if (router.Faults.Strikes(Fault.SilentAfterAccept))
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _closing.Token);
            }

            _stream = new NetworkStream(socket, ownsSocket: true);
            if (tls)
            {
                var secure = new SslStream(_stream);
                _stream = secure;
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = router.Certificate, EnabledSslProtocols = Protocols() }, _closing.Token);
            }

            await ServeAsync(new SentenceReader(_stream));
        }
        catch (Exception ex) when (ex is IOException or SocketException or ObjectDisposedException or OperationCanceledException or AuthenticationException)
        {
            // The client went away, a fault cut the line, or the router closes.
        }
        catch (WireViolationException ex)
        {
            log.LogDebug("{Router}: connection dropped: {Reason}", router.Name, ex.Message);
        }
        finally
        {
            await CloseAsync();
        }
    }

    private SslProtocols Protocols()
    {
        lock (router.Gate)
        {
            return router.Read("/ip/service", service, "tls-version") == "only-1.2" ? SslProtocols.Tls12 : SslProtocols.None;
        }
    }

    private async Task ServeAsync(SentenceReader reader)
    {
        while (true)
        {
            var words = await reader.ReadAsync(User is null ? WordsBeforeLogin : WordsAfterLogin, User is null ? WordLengthBeforeLogin : WordLengthAfterLogin, _closing.Token);
            if (words is null)
            {
                return;
            }

            if (router.Faults.IsOn(Fault.Dark))
            {
                await router.Faults.WhileAsync(Fault.Dark, _closing.Token);
            }

            server.CountCommand();
            var request = ApiRequest.Parse(words);
            switch (request.Command)
            {
                case "/login":
                    await LoginAsync(request);
                    break;
                case "/quit":
                    await SendAsync(new ReplyBuffer(tag: null).Fatal("session terminated on request").Bytes);
                    return;
                case not null when User is null:
                    await SendAsync(new ReplyBuffer(tag: null).Fatal("not logged in").Bytes);
                    return;
                case "/cancel":
                    await CancelAsync(request);
                    break;
                default:
                    var running = new Running(request.Tag, CancellationTokenSource.CreateLinkedTokenSource(_closing.Token));
                    _running.TryAdd(running, 0);
                    _ = ExecuteAsync(request, running);
                    break;
            }
        }
    }

    private async Task LoginAsync(ApiRequest request)
    {
        var reply = new ReplyBuffer(request.Tag);
        await Task.Delay(router.Faults.Delay("/login"), _closing.Token);
        var name = request.Argument("name");
        if (router.Personality.Login.HasFlag(LoginWays.Challenge) && request.Argument("response") is null)
        {
            // Before 6.43 a password in the clear was not looked at: the answer to any first /login is the challenge.
            _challenge = RandomNumberGenerator.GetBytes(16);
            await SendAsync(reply.Done(Convert.ToHexStringLower(_challenge)).Bytes);
            return;
        }

        var address = ((IPEndPoint)socket.RemoteEndPoint!).Address.ToString();
        lock (router.Gate)
        {
            User = name is not null && !router.Faults.Strikes(Fault.RefuseLogin) && Authenticate(name, request) && IsLetInFrom(name, address) ? new ApiUser(router, name) : null;
            if (User is null)
            {
                router.Log("system,error,critical", $"login failure for user {name} from {address} via api");
                reply.Trap(new RouterTrapException(router.Personality.Login == LoginWays.Challenge ? "cannot log in" : "invalid user name or password (6)"));
            }
            else
            {
                router.Log("system,info,account", $"user {name} logged in from {address} via api");
                var active = router.Table("/user/active");
                _activeRow ??= active.InsertDynamic(source: null, ("when", RouterFormat.DateTime(router.LocalTime, router.Personality)), ("name", User.Name), ("address", address), ("via", "api"), ("group", User.Group));
                reply.Done();
            }
        }

        await SendAsync(reply.Bytes);
    }

    // Asked of a sign-in and never again: a session that is open stays open.
    private bool IsLetInFrom(string name, string address) => router.Read("/user", name, "address") is not { Length: > 0 } networks
        || networks.Split(',').Any(n => IPNetwork.TryParse(n.Contains('/', StringComparison.Ordinal) ? n : $"{n}/32", out var held) && held.Contains(IPAddress.Parse(address)));

    private bool Authenticate(string name, ApiRequest request)
    {
        if (router.Table("/user").Find(name) is not { } row || row["disabled"] == "true" || !new ApiUser(router, name).May("api"))
        {
            return false;
        }

        var password = row["password"] ?? "";
        if (request.Argument("response") is { } response)
        {
            return router.Personality.Login.HasFlag(LoginWays.Challenge) && _challenge is { } challenge
                && string.Equals(response, $"00{Convert.ToHexStringLower(MD5.HashData([0, .. Encoding.UTF8.GetBytes(password), .. challenge]))}", StringComparison.OrdinalIgnoreCase);
        }

        return router.Personality.Login.HasFlag(LoginWays.Plain) && request.Argument("password") is { } given && string.Equals(given, password, StringComparison.Ordinal);
    }

    private async Task CancelAsync(ApiRequest request)
    {
        var tag = request.Argument("tag");
        foreach (var running in _running.Keys.Where(r => tag is null || r.Tag == tag))
        {
            await running.InterruptAsync();
        }

        await SendAsync(new ReplyBuffer(request.Tag).Done().Bytes);
    }

    private async Task ExecuteAsync(ApiRequest request, Running running)
    {
        var reply = new ReplyBuffer(request.Tag);
        try
        {
            try
            {
                if (router.Faults.Delay(request.Command) is var delay && delay > TimeSpan.Zero)
                {
                    await Task.Delay(delay, running.Stop.Token);
                }

                await ApiCommands.ExecuteAsync(new CommandContext(router, User!, request, reply, FlushAsync, running.Stop.Token));
            }
            catch (RouterTrapException trap)
            {
                reply.Trap(trap);
            }
            catch (OperationCanceledException) when (running.IsInterrupted)
            {
                reply.Clear();
                reply.Trap(RouterTrapException.Interrupted());
            }

            await ReplyAsync(request, reply.Bytes);
        }
        catch (Exception ex) when (ex is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Nobody is there any more to be answered.
        }
        catch (Exception ex)
        {
            log.LogError(ex, "{Router}: {Command} failed", router.Name, request.Command);
            Abort();
        }
        finally
        {
            _running.TryRemove(running, out _);
            running.Stop.Dispose();
        }

        async Task FlushAsync()
        {
            await SendAsync(reply.Bytes);
            reply.Clear();
        }
    }

    private async Task ReplyAsync(ApiRequest request, ReadOnlyMemory<byte> bytes)
    {
        if (router.Faults.Strikes(Fault.StrangeReply, request.Command))
        {
            await SendAsync(new ReplyBuffer(request.Tag).Strange().Bytes);
        }

        if (ApiCommands.IsWrite(request) && (router.Faults.Strikes(Fault.CutAfterWrite, request.Command) || router.Faults.Strikes(Fault.CutBeforeWrite, request.Command)))
        {
            Abort();
        }
        else if (router.Faults.Strikes(Fault.ResetMidReply, request.Command))
        {
            await SendAsync(bytes[..(bytes.Length / 2)]);
            Abort();
        }
        else if (router.Faults.Strikes(Fault.ControlByte, request.Command))
        {
            await SendAsync(new[] { ControlByte });
        }
        else if (router.Faults.Strikes(Fault.HugeWord, request.Command))
        {
            await SendAsync(new byte[] { 0xF0, 0x10, 0x00, 0x00, 0x00, (byte)'!' });
        }
        else if (router.Faults.Strikes(Fault.SilentMidReply, request.Command))
        {
            await SendAsync(bytes[..(bytes.Length / 2)]);
            _mute = true;
        }
        else
        {
            await SendAsync(bytes);
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _writing.WaitAsync(_closing.Token);
        try
        {
            if (!_mute && bytes.Length > 0)
            {
                await _stream.WriteAsync(bytes, _closing.Token);
                await _stream.FlushAsync(_closing.Token);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task CloseAsync()
    {
        lock (router.Gate)
        {
            if (_activeRow is { } row)
            {
                router.Table("/user/active").Delete(row);
                router.Log("system,info,account", $"user {User?.Name ?? row["name"]} logged out from {row["address"]} via api");
            }
        }

        await _closing.CancelAsync();
        await _stream.DisposeAsync();
        socket.Dispose();
    }

    private sealed class Running(string? tag, CancellationTokenSource stop)
    {
        public string? Tag => tag;

        public CancellationTokenSource Stop => stop;

        public bool IsInterrupted { get; private set; }

        public async Task InterruptAsync()
        {
            IsInterrupted = true;
            try
            {
                await stop.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It finished in this moment.
            }
        }
    }
}

/// <summary>Who is logged in, and what his group lets him do now.</summary>
internal sealed class ApiUser(SimulatedRouter router, string name)
{
    public string Name => name;

    public string Group => router.Read("/user", name, "group") ?? "";

    public bool May(string policy)
    {
        lock (router.Gate)
        {
            var granted = router.Table("/user/group").Find(Group)?["policy"];
            return granted is not null && granted.Split(',').Contains(policy, StringComparer.Ordinal);
        }
    }
}
