using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;

namespace DataDefender.Benchmarks.Circuits;

/// <summary>
/// One browser tab without a browser: speaks Blazor's protocol (blazorpack over a WebSocket), acknowledges each render batch and looks for
/// the marks that the stage puts into what it publishes.
/// </summary>
internal sealed partial class CircuitClient(HttpClient http, Uri site, string cookies, string page, TimeSpan between) : IAsyncDisposable
{
    private const string Mark = "mark-";
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[128 * 1024];
    private readonly List<double> _latencies = [];
    private readonly TaskCompletionSource _rendered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastMark;
    private Task _reading = Task.CompletedTask;

    /// <summary>Milliseconds from each event to the batch that showed it, or a later one of the same company.</summary>
    public IReadOnlyList<double> Latencies => _latencies;

    public int Batches { get; private set; }

    public bool IsOpen => _socket.State is WebSocketState.Open;

    public async Task OpenAsync(CancellationToken ct)
    {
        var html = await http.GetStringAsync(new Uri(site, page), ct);
        var markers = Marker().Matches(html).Select(m => m.Groups["json"].Value).Where(j => j.Contains("\"type\":\"server\"", StringComparison.Ordinal)).ToList();
        if (markers.Count == 0)
        {
            throw new InvalidOperationException($"{page} holds no interactive component: {html[..Math.Min(300, html.Length)]}");
        }

        var state = State().Match(html) is { Success: true } found ? found.Groups["state"].Value : "";
        using var answer = await http.PostAsync(new Uri(site, "_blazor/negotiate?negotiateVersion=1"), null, ct);
        answer.EnsureSuccessStatusCode();
        var token = Token().Match(await answer.Content.ReadAsStringAsync(ct)).Groups["token"].Value;
        _socket.Options.SetRequestHeader("Cookie", cookies);
        _socket.Options.SetRequestHeader("Origin", site.GetLeftPart(UriPartial.Authority));
        await _socket.ConnectAsync(new Uri($"ws://{site.Authority}/_blazor?id={Uri.EscapeDataString(token)}"), ct);
        await _socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, ct);
        await _socket.ReceiveAsync(_buffer, ct); // {}
        _reading = ReadAsync(ct);
        await SendAsync("1", "StartCircuit", ct, site.ToString(), new Uri(site, page).ToString(), "[]", state);
        var operations = string.Join(',', markers.Select((marker, i) => $"{{\"type\":\"add\",\"ssrComponentId\":{i + 1},\"marker\":{marker[..^1]},\"uniqueId\":{i + 1}}}}}"));
        await SendAsync(null, "UpdateRootComponents", ct, $"{{\"batchId\":1,\"operations\":[{operations}]}}", state);
        await _rendered.Task.WaitAsync(TimeSpan.FromSeconds(60), ct);
    }

    /// <summary>Forgets what was measured: what comes from now on counts.</summary>
    public void Begin()
    {
        lock (_latencies)
        {
            _latencies.Clear();
        }
    }

    /// <summary>As when a laptop is shut: no good-bye.</summary>
    public void Cut() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
    }

    private async Task ReadAsync(CancellationToken ct)
    {
        var filled = 0;
        try
        {
            while (true)
            {
                var got = await _socket.ReceiveAsync(_buffer.AsMemory(filled), ct);
                if (got.MessageType is WebSocketMessageType.Close)
                {
                    return;
                }

                filled += got.Count;
                var read = 0;
                while (TryFrame(_buffer.AsSpan(read, filled - read), out var start, out var length))
                {
                    await TakeAsync(_buffer.AsMemory(read + start, length), ct);
                    read += start + length;
                }

                _buffer.AsSpan(read, filled - read).CopyTo(_buffer);
                filled -= read;
                if (filled == _buffer.Length)
                {
                    throw new InvalidOperationException("A message is larger than the buffer.");
                }
            }
        }
        catch (Exception ex) when (ex is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            _rendered.TrySetException(ex);
        }
    }

    private async Task TakeAsync(ReadOnlyMemory<byte> frame, CancellationToken ct)
    {
        var message = new PackReader(frame);
        var parts = message.Array();
        if (parts < 5 || message.Integer() != 1)
        {
            return; // a ping, or the completion of StartCircuit
        }

        message.Skip(); // headers
        message.Skip(); // invocation id
        var target = message.Text();
        message.Array();
        switch (target)
        {
            case "JS.RenderBatch":
                var batch = message.Integer();
                Look(frame.Span);
                Batches++;
                if (Batches >= 2)
                {
                    _rendered.TrySetResult(); // the first is the empty frame of the root components
                }

                await SendAsync(null, "OnRenderCompleted", ct, batch, null);
                break;
            case "JS.BeginInvokeJS":
                var call = message.Integer();
                await SendAsync(null, "EndInvokeJSFromDotNet", ct, call, true, string.Create(CultureInfo.InvariantCulture, $"[{call},true,null]"));
                break;
            case "JS.Error":
                _rendered.TrySetException(new InvalidOperationException($"The circuit failed: {message.Text()}"));
                break;
        }
    }

    // "mark-SEQUENCE-TIMESTAMP." Events that a later one of the same company overtook count too, by when they were published.
    private void Look(ReadOnlySpan<byte> frame)
    {
        var at = frame.LastIndexOf(Encoding.ASCII.GetBytes(Mark));
        if (at < 0)
        {
            return;
        }

        var text = Encoding.ASCII.GetString(frame.Slice(at + Mark.Length, Math.Min(60, frame.Length - at - Mark.Length)));
        var parts = text.Split('.')[0].Split('-');
        var (sequence, published) = (long.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture));
        var age = Stopwatch.GetElapsedTime(published).TotalMilliseconds;
        lock (_latencies)
        {
            for (var s = Math.Max(_lastMark == 0 ? sequence : _lastMark + 1, sequence - 50); s <= sequence; s++)
            {
                _latencies.Add(age + ((sequence - s) * between.TotalMilliseconds));
            }
        }

        _lastMark = Math.Max(_lastMark, sequence);
    }

    private async Task SendAsync(string? id, string target, CancellationToken ct, params object?[] arguments)
    {
        using var body = new MemoryStream();
        body.WriteByte(0x95);
        body.WriteByte(1);
        body.WriteByte(0x80);
        Pack(body, id);
        Pack(body, target);
        body.WriteByte((byte)(0x90 | arguments.Length));
        foreach (var argument in arguments)
        {
            Pack(body, argument);
        }

        var length = (int)body.Length;
        using var frame = new MemoryStream();
        for (var rest = length; ; rest >>= 7)
        {
            frame.WriteByte((byte)(rest > 0x7F ? (rest & 0x7F) | 0x80 : rest));
            if (rest <= 0x7F)
            {
                break;
            }
        }

        body.WriteTo(frame);
        await _socket.SendAsync(frame.ToArray(), WebSocketMessageType.Binary, true, ct);
    }

    private static void Pack(MemoryStream into, object? value)
    {
        switch (value)
        {
            case null:
                into.WriteByte(0xC0);
                break;
            case bool flag:
                into.WriteByte(flag ? (byte)0xC3 : (byte)0xC2);
                break;
            case long number:
                Span<byte> eight = stackalloc byte[9];
                eight[0] = 0xD3;
                BinaryPrimitives.WriteInt64BigEndian(eight[1..], number);
                into.Write(eight);
                break;
            case string text:
                var bytes = Encoding.UTF8.GetBytes(text);
                Span<byte> head = stackalloc byte[5];
                head[0] = 0xDB;
                BinaryPrimitives.WriteInt32BigEndian(head[1..], bytes.Length);
                into.Write(head);
                into.Write(bytes);
                break;
            default:
                throw new NotSupportedException(value.GetType().Name);
        }
    }

    private static bool TryFrame(ReadOnlySpan<byte> bytes, out int start, out int length)
    {
        (start, length) = (0, 0);
        for (var shift = 0; start < bytes.Length; shift += 7)
        {
            var next = bytes[start++];
            length |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                return bytes.Length - start >= length;
            }
        }

        return false;
    }

    [GeneratedRegex("<!--Blazor:(?<json>\\{.*?\\})-->", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 2000)]
    private static partial Regex Marker();

    [GeneratedRegex("<!--Blazor-Server-Component-State:(?<state>.*?)-->", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 2000)]
    private static partial Regex State();

    [GeneratedRegex("\"connectionToken\":\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, 2000)]
    private static partial Regex Token();
}

/// <summary>As much of MessagePack as the server sends.</summary>
internal struct PackReader(ReadOnlyMemory<byte> bytes)
{
    private int _at;

    public int Array() => Next() switch
    {
        var b and >= 0x90 and <= 0x9F => b & 0x0F,
        0xDC => Big(2),
        0xDD => Big(4),
        var other => throw new InvalidDataException($"No array but {other:X2}."),
    };

    public long Integer() => Next() switch
    {
        var b and <= 0x7F => b,
        var b and >= 0xE0 => (sbyte)b,
        0xCC => Next(),
        0xCD => Big(2),
        0xCE => (uint)Big(4),
        0xCF or 0xD3 => Long(),
        0xD0 => (sbyte)Next(),
        0xD1 => (short)Big(2),
        0xD2 => Big(4),
        var other => throw new InvalidDataException($"No number but {other:X2}."),
    };

    public string Text()
    {
        var b = Next();
        var length = b switch { 0xC0 => 0, >= 0xA0 and <= 0xBF => b & 0x1F, 0xD9 => Next(), 0xDA => Big(2), 0xDB => Big(4), _ => throw new InvalidDataException($"No text but {b:X2}.") };
        var text = Encoding.UTF8.GetString(bytes.Span.Slice(_at, length));
        _at += length;
        return text;
    }

    /// <summary>Passes over nil, a text, or an empty map.</summary>
    public void Skip()
    {
        switch (bytes.Span[_at])
        {
            case 0xC0 or 0x80:
                _at++;
                break;
            default:
                _ = Text();
                break;
        }
    }

    private byte Next() => bytes.Span[_at++];

    private int Big(int size)
    {
        var value = 0;
        for (var i = 0; i < size; i++)
        {
            value = (value << 8) | Next();
        }

        return value;
    }

    private long Long()
    {
        var value = BinaryPrimitives.ReadInt64BigEndian(bytes.Span[_at..]);
        _at += 8;
        return value;
    }
}
