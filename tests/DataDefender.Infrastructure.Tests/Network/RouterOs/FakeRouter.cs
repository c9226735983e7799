using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.RouterOs;

namespace DataDefender.Infrastructure.Tests.Network.RouterOs;

/// <summary>A peer on a real socket that does what a test's script says. It has its own codec, so that ours cannot agree with itself.</summary>
internal sealed class FakeRouter : IAsyncDisposable
{
    public const string User = "poller";
    public const string Password = "pa=ss wörd";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2? _certificate;
    private readonly Func<FakeSession, Task> _script;
    private readonly List<Task> _sessions = [];
    private readonly Task _accepting;

    /// <param name="script">What happens on each connection, from its first byte.</param>
    public FakeRouter(Func<FakeSession, Task> script, X509Certificate2? certificate = null)
    {
        (_script, _certificate) = (script, certificate);
        _listener.Start(512);
        _accepting = AcceptAsync();
    }

    /// <summary>A router that signs in whoever knows the password, then follows the script.</summary>
    public static FakeRouter SignedIn(Func<FakeSession, Task> script, X509Certificate2? certificate = null) => new(
        async session =>
        {
            await session.SignInAsync();
            await script(session);
        },
        certificate);

    /// <summary>A router that answers each command by itself, side by side.</summary>
    public static FakeRouter Answering(Func<FakeSession, FakeCommand, Task> answer, X509Certificate2? certificate = null) => SignedIn(
        async session =>
        {
            var running = new List<Task>();
            while (await session.ReadAsync() is { } command)
            {
                running.Add(answer(session, command));
            }

            await Task.WhenAll(running);
        },
        certificate);

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections were accepted.</summary>
    public int Accepted { get; private set; }

    public RouterEndpoint Endpoint(Guid? id = null) => new(id ?? Guid.CreateVersion7(), "127.0.0.1", Port, _certificate is not null, null, User, Password);

    public static X509Certificate2 Certificate(TimeSpan lifetime)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=router-under-test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var until = TimeProvider.System.GetUtcNow() + lifetime;
        using var made = request.CreateSelfSigned(until - TimeSpan.FromDays(30), until);
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_sessions);
        _stop.Dispose();
        _certificate?.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Accepted++;
                _sessions.Add(ServeAsync(socket));
            }
            catch (Exception ex) when (ex is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        socket.NoDelay = true;
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            if (_certificate is not null)
            {
                var secure = new SslStream(stream);
                stream = secure;
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
            }

            await _script(new FakeSession(socket, stream, _stop.Token));
        }
        catch (Exception ex) when (ex is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The client hung up, or the test is over.
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }
}

/// <summary>A command as the fake router received it.</summary>
internal sealed record FakeCommand(string[] Words)
{
    public string Path => Words[0];

    public string? Tag => Words.FirstOrDefault(w => w.StartsWith(".tag=", StringComparison.Ordinal));

    public string? Attribute(string name) => Words.FirstOrDefault(w => w.StartsWith($"={name}=", StringComparison.Ordinal))?[(name.Length + 2)..];
}

/// <summary>One connection to the fake router.</summary>
internal sealed class FakeSession(Socket socket, Stream stream, CancellationToken stop)
{
    private readonly SemaphoreSlim _writing = new(1);

    public CancellationToken Stop => stop;

    /// <returns>Null when the client closed the connection.</returns>
    public async Task<FakeCommand?> ReadAsync()
    {
        var words = new List<string>();
        while (true)
        {
            if (await LengthAsync() is not { } length)
            {
                return null;
            }

            if (length == 0)
            {
                return new FakeCommand([.. words]);
            }

            var word = new byte[length];
            await stream.ReadExactlyAsync(word, stop);
            words.Add(Encoding.UTF8.GetString(word));
        }
    }

    public async Task SignInAsync()
    {
        var login = await ReadAsync() ?? throw new IOException("closed");
        Assert.Equal(["/login", $"=name={FakeRouter.User}", $"=password={FakeRouter.Password}"], login.Words);
        await SendAsync("!done");
    }

    public Task SendAsync(params string[] words) => RawAsync([.. words.SelectMany(w => Word(Encoding.UTF8.GetBytes(w))), 0]);

    /// <summary>The sentence with the command's tag as its second word.</summary>
    public Task ReplyAsync(FakeCommand command, string kind, params string[] words) => SendAsync([kind, command.Tag!, .. words]);

    public async Task RawAsync(byte[] bytes)
    {
        await _writing.WaitAsync(stop);
        try
        {
            await stream.WriteAsync(bytes, stop);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Ends the connection with RST instead of FIN.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }

    public Task UntilClosedAsync() => ReadAllAsync();

    public static byte[] Word(byte[] word) => [.. Length(word.Length), .. word];

    public static byte[] Length(int length) => length switch
    {
        < 0x80 => [(byte)length],
        < 0x4000 => [(byte)(0x80 | (length >> 8)), (byte)length],
        < 0x200000 => [(byte)(0xC0 | (length >> 16)), (byte)(length >> 8), (byte)length],
        < 0x10000000 => [(byte)(0xE0 | (length >> 24)), (byte)(length >> 16), (byte)(length >> 8), (byte)length],
        _ => [0xF0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length],
    };

    private async Task ReadAllAsync()
    {
        var buffer = new byte[256];
        while (await stream.ReadAsync(buffer, stop) > 0)
        {
            // Swallowed: the script is past listening.
        }
    }

    private async Task<int?> LengthAsync()
    {
        var bytes = new byte[4];
        if (await stream.ReadAsync(bytes.AsMemory(0, 1), stop) == 0)
        {
            return null;
        }

        var more = bytes[0] switch { < 0x80 => 0, < 0xC0 => 1, < 0xE0 => 2, _ => 3 };
        await stream.ReadExactlyAsync(bytes.AsMemory(1, more), stop);
        return more switch
        {
            0 => bytes[0],
            1 => ((bytes[0] & 0x3F) << 8) | bytes[1],
            2 => ((bytes[0] & 0x1F) << 16) | (bytes[1] << 8) | bytes[2],
            _ => ((bytes[0] & 0x0F) << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3],
        };
    }
}

/// <summary>Shorthand of these tests.</summary>
internal static class RouterOsTest
{
    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static RouterOsOptions Options(Action<RouterOsOptions>? change = null)
    {
        var options = new RouterOsOptions { DeniedNetworks = "", ConnectTimeout = TimeSpan.FromSeconds(5), LoginTimeout = TimeSpan.FromSeconds(5) };
        change?.Invoke(options);
        return options;
    }

    public static Task<RouterOsConnection> ConnectAsync(FakeRouter router, Action<RouterOsOptions>? change = null, TimeProvider? clock = null) =>
        new RouterOsConnector(Options(change), clock ?? TimeProvider.System).OpenAsync(router.Endpoint(), Ct);

    /// <summary>A test that would hang fails by itself, with the place where it hung.</summary>
    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(20), Ct);

    public static Task InTime(this Task task) => task.WaitAsync(TimeSpan.FromSeconds(20), Ct);
}
