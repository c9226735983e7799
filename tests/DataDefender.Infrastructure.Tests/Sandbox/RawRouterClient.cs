using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace DataDefender.Infrastructure.Tests.Sandbox;

/// <summary>One sentence of a reply: its kind and its attributes.</summary>
internal sealed record RawReply(string Kind, IReadOnlyList<string> Words)
{
    public string? this[string name] => Words.FirstOrDefault(w => w.StartsWith($"={name}=", StringComparison.Ordinal))?[(name.Length + 2)..];

    public string? Tag => Words.FirstOrDefault(w => w.StartsWith(".tag=", StringComparison.Ordinal))?[5..];
}

/// <summary>The API protocol at its barest: words out, sentences in. Knows nothing of what they mean.</summary>
internal sealed class RawRouterClient(Stream stream, Socket socket) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<RawRouterClient> ConnectAsync(IPEndPoint at)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = new CancellationTokenSource(Patience);
        await socket.ConnectAsync(at, limit.Token);
        return new RawRouterClient(new NetworkStream(socket, ownsSocket: true), socket);
    }

    public static async Task<RawRouterClient> ConnectTlsAsync(IPEndPoint at, Action<string> fingerprint)
    {
        var plain = await ConnectAsync(at);
        var secure = new SslStream(plain.Stream, leaveInnerStreamOpen: false, (_, certificate, _, _) =>
        {
            var hash = certificate?.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256) ?? "";
            fingerprint(hash);
            return hash.Length == 64;
        });
        await secure.AuthenticateAsClientAsync("router");
        return new RawRouterClient(secure, plain.Socket);
    }

    public static async Task<RawRouterClient> LoginAsync(IPEndPoint at, string user = "admin", string password = "")
    {
        var client = await ConnectAsync(at);
        var answer = await client.CallAsync("/login", $"=name={user}", $"=password={password}");
        Assert.Equal("!done", Assert.Single(answer).Kind);
        return client;
    }

    private Stream Stream => stream;

    private Socket Socket => socket;

    /// <summary>Sends one sentence and reads until its <c>!done</c> or <c>!fatal</c>.</summary>
    public async Task<IReadOnlyList<RawReply>> CallAsync(params string[] words)
    {
        await SendAsync(words);
        return await ReadToDoneAsync();
    }

    /// <summary>The rows of a print.</summary>
    public async Task<IReadOnlyList<RawReply>> RowsAsync(params string[] words)
    {
        var replies = await CallAsync(words);
        Assert.DoesNotContain(replies, r => r.Kind is "!trap" or "!fatal");
        return [.. replies.Where(r => r.Kind == "!re")];
    }

    /// <summary>The message of the trap that must come.</summary>
    public async Task<string> RefusalAsync(params string[] words)
    {
        var replies = await CallAsync(words);
        Assert.Equal(["!trap", "!done"], replies.Select(r => r.Kind));
        return replies[0]["message"]!;
    }

    /// <summary>What <c>add</c> returned.</summary>
    public async Task<string> AddAsync(params string[] words) => (await CallAsync(words)) is [{ Kind: "!done" } done] ? done["ret"]! : throw new InvalidOperationException("add was refused");

    public async Task SendAsync(params string[] words)
    {
        var bytes = new List<byte>();
        foreach (var word in words)
        {
            var text = Encoding.UTF8.GetBytes(word);
            bytes.AddRange(Length(text.Length));
            bytes.AddRange(text);
        }

        bytes.Add(0);
        await stream.WriteAsync(bytes.ToArray());
    }

    public Task SendRawAsync(params byte[] bytes) => stream.WriteAsync(bytes).AsTask();

    public async Task<IReadOnlyList<RawReply>> ReadToDoneAsync()
    {
        var replies = new List<RawReply>();
        do
        {
            replies.Add(await ReadAsync());
        }
        while (replies[^1].Kind is not ("!done" or "!fatal"));
        return replies;
    }

    public async Task<RawReply> ReadAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        var words = new List<string>();
        while (true)
        {
            var length = await ReadLengthAsync(limit.Token);
            if (length == 0)
            {
                return new RawReply(words[0], words[1..]);
            }

            var word = new byte[length];
            await stream.ReadExactlyAsync(word, limit.Token);
            words.Add(Encoding.Latin1.GetString(word) is var raw && word.All(b => b < 0x80) ? raw : Encoding.UTF8.GetString(word));
        }
    }

    /// <summary>Whether the router closes the connection (or resets it) instead of saying more.</summary>
    public async Task<bool> IsClosedAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            return await stream.ReadAsync(new byte[1], limit.Token) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Whether nothing at all arrives for so long.</summary>
    public async Task<bool> IsSilentAsync(TimeSpan time)
    {
        using var limit = new CancellationTokenSource(time);
        try
        {
            await stream.ReadExactlyAsync(new byte[1], limit.Token);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private static byte[] Length(int n) => n switch
    {
        < 0x80 => [(byte)n],
        < 0x4000 => [(byte)((n >> 8) | 0x80), (byte)n],
        < 0x20_0000 => [(byte)((n >> 16) | 0xC0), (byte)(n >> 8), (byte)n],
        _ => [(byte)((n >> 24) | 0xE0), (byte)(n >> 16), (byte)(n >> 8), (byte)n],
    };

    private async Task<int> ReadLengthAsync(CancellationToken ct)
    {
        var one = new byte[1];
        await stream.ReadExactlyAsync(one, ct);
        var (length, more) = one[0] switch { < 0x80 => ((int)one[0], 0), < 0xC0 => (one[0] & 0x3F, 1), < 0xE0 => (one[0] & 0x1F, 2), _ => (one[0] & 0x0F, 3) };
        for (; more > 0; more--)
        {
            await stream.ReadExactlyAsync(one, ct);
            length = (length << 8) | one[0];
        }

        return length;
    }
}
