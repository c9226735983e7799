using System.Buffers.Binary;
using System.Net.Security;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Status;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.RadSec;

/// <summary>
/// One TLS connection of a NAS, past its handshake. Packets of authentication and of accounting come over it one after another, framed
/// by their own Length (RFC 6613 §2.6.1); answers go back as they are ready, in any order. Its memory is bounded: one read buffer, a
/// few packets that wait for their port, and a few answers that wait to be read.
/// </summary>
internal sealed class RadSecConnection : IAsyncDisposable
{
    private const int LengthOffset = 2;
    private const int FrameStart = 4;
    private const int MaxWaitingRequests = 128;
    private const int MaxWaitingReplies = 512;
    private const int WriteAtOnce = 16_384;

    private static readonly RadiusSecret Secret = new("radsec");

    private readonly SslStream _stream;
    private readonly RadSecPorts _ports;
    private readonly CancellationTokenSource _cut = new();
    private readonly byte[] _buffer = new byte[2 * RadiusPacket.MaxLength];
    private readonly Channel<byte[]> _replies = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxWaitingReplies) { SingleReader = true });
    private volatile bool _notReading;

    public RadSecConnection(SslStream stream, UInt128 certificate, RadSecPorts ports)
    {
        (_stream, _ports) = (stream, ports);
        Peer = ports.Connections.Add(this, certificate);
    }

    /// <summary>Certificate and place: what stands for address and port.</summary>
    public Peer Peer { get; }

    /// <summary>How many more of its packets may wait for their port.</summary>
    public SemaphoreSlim Room { get; } = new(MaxWaitingRequests);

    /// <summary>
    /// Serves it until it ends, and says why when it was us who ended it. When <paramref name="stopping"/> is cancelled it reads no more,
    /// and ends once every answer that there will be has been sent.
    /// </summary>
    public async Task<RadSecEnd?> RunAsync(CancellationToken stopping)
    {
        var writing = WriteAllAsync();
        var end = await ReadAllAsync(stopping);
        if (end is not null)
        {
            await _cut.CancelAsync(); // answers are of no use to whoever does not keep to the protocol
        }
        else if (stopping.IsCancellationRequested)
        {
            await _ports.Drained;
        }

        _ports.Connections.Remove(this);
        _replies.Writer.TryComplete();
        await writing;
        return _notReading ? RadSecEnd.NotReading : end;
    }

    /// <summary>Sends an answer, from any thread. A router that does not read its answers is cut off.</summary>
    public void Send(ReadOnlySpan<byte> reply)
    {
        if (!_replies.Writer.TryWrite(reply.ToArray()) && !_replies.Reader.Completion.IsCompleted)
        {
            CutOff();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _ports.Connections.Remove(this);
        await _stream.DisposeAsync();
    }

    private void CutOff()
    {
        _notReading = true;
        _ = _cut.CancelAsync();
    }

    private async Task<RadSecEnd?> ReadAllAsync(CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _ports.Clock);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _cut.Token, stopping);
        var (filled, begun) = (0, 0L);
        try
        {
            while (true)
            {
                limit.CancelAfter(filled == 0 ? _ports.Idle : Left(begun));
                var read = await _stream.ReadAsync(_buffer.AsMemory(filled), any.Token);
                if (read == 0)
                {
                    return filled == 0 ? null : RadSecEnd.Malformed;
                }

                limit.CancelAfter(Timeout.InfiniteTimeSpan); // a port that is busy is not the router's fault
                var taken = await TakePacketsAsync(_buffer.AsMemory(0, filled + read), any.Token);
                if (taken.End is not null)
                {
                    return taken.End;
                }

                if (filled == 0 || taken.Octets > 0)
                {
                    begun = _ports.Clock.GetTimestamp(); // of the packet that is not whole yet: it keeps its deadline however its octets trickle in
                }

                filled += read - taken.Octets;
                _buffer.AsSpan(taken.Octets, filled).CopyTo(_buffer);
            }
        }
        catch (OperationCanceledException)
        {
            return !limit.IsCancellationRequested ? null : filled == 0 ? RadSecEnd.Idle : RadSecEnd.SlowPacket;
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            return null; // the router, or the network between
        }
    }

    private TimeSpan Left(long begun) => _ports.Patience - _ports.Clock.GetElapsedTime(begun) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>How many octets were whole packets, or why there can be no more: after what is not RADIUS no packet can be told apart.</summary>
    private async Task<Taken> TakePacketsAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        var at = 0;
        while (octets.Length - at >= FrameStart)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(octets.Span[(at + LengthOffset)..]);
            if (length is < RadiusPacket.HeaderLength or > RadiusPacket.MaxLength)
            {
                return new Taken(at, RadSecEnd.Malformed);
            }

            if (octets.Length - at < length)
            {
                break;
            }

            if (await TakeAsync(octets.Slice(at, length), ct) is { } end)
            {
                return new Taken(at, end);
            }

            at += length;
        }

        return new Taken(at, null);
    }

    private async Task<RadSecEnd?> TakeAsync(ReadOnlyMemory<byte> packet, CancellationToken ct)
    {
        if (!IsSound(packet.Span, out var code))
        {
            return RadSecEnd.Malformed;
        }

        if (!_ports.IsNas(Peer))
        {
            return RadSecEnd.UnknownCertificate; // it was one when it connected
        }

        switch (code)
        {
            case RadiusCode.AccessRequest or RadiusCode.StatusServer:
                await _ports.Authentication.EnqueueAsync(this, packet, ct);
                break;
            case RadiusCode.AccountingRequest:
                await _ports.Accounting.EnqueueAsync(this, packet, ct);
                break;
            case RadiusCode.CoaRequest or RadiusCode.DisconnectRequest:
                Refuse(packet.Span, code is RadiusCode.CoaRequest ? RadiusCode.CoaNak : RadiusCode.DisconnectNak);
                break;
            default:
                break; // RFC 6613 §2.6.4: a code that was not expected is ignored
        }

        return null;
    }

    /// <summary>RFC 6613 §2.6.4: over a reliable transport a packet of wrong form or signature is no accident.</summary>
    private static bool IsSound(ReadOnlySpan<byte> octets, out RadiusCode code)
    {
        code = default;
        if (!RadiusPacket.TryRead(octets, out var packet, out _))
        {
            return false;
        }

        code = packet.Code;
        return code switch
        {
            RadiusCode.AccountingRequest or RadiusCode.CoaRequest or RadiusCode.DisconnectRequest =>
                RadiusSignature.HasValidRequestAuthenticator(packet, Secret) && RadiusSignature.CheckRequest(packet, Secret) is not MessageAuthenticatorState.Invalid,
            RadiusCode.AccessRequest or RadiusCode.StatusServer => RadiusSignature.CheckRequest(packet, Secret) is not MessageAuthenticatorState.Invalid,
            _ => true,
        };
    }

    /// <summary>RFC 6614 §2.5: whoever asks us to change a session is told that this is not done here.</summary>
    private void Refuse(ReadOnlySpan<byte> octets, RadiusCode code)
    {
        if (RadiusMessage.TryParse(octets, out var request, out _))
        {
            Send(request.CreateReply(code).Add("Error-Cause", (uint)RadiusErrorCause.UnsupportedExtension).EncodeReply(Secret, request.Authenticator));
        }
    }

    private async Task WriteAllAsync()
    {
        using var limit = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _ports.Clock);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _cut.Token);
        var together = new byte[WriteAtOnce];
        try
        {
            while (await _replies.Reader.WaitToReadAsync(any.Token))
            {
                var length = 0;
                while (together.Length - length >= RadiusPacket.MaxLength && _replies.Reader.TryRead(out var reply))
                {
                    reply.CopyTo(together, length);
                    length += reply.Length;
                }

                limit.CancelAfter(_ports.Patience);
                await _stream.WriteAsync(together.AsMemory(0, length), any.Token);
                limit.CancelAfter(Timeout.InfiniteTimeSpan);
            }

            limit.CancelAfter(_ports.Patience);
            await _stream.ShutdownAsync().WaitAsync(any.Token);
        }
        catch (OperationCanceledException)
        {
            if (limit.IsCancellationRequested)
            {
                CutOff();
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or InvalidOperationException)
        {
            await _cut.CancelAsync(); // the router has gone: reading ends too
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Taken(int Octets, RadSecEnd? End);
}
