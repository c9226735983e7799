using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Tests.RadSec;

/// <summary>A router's end of a RadSec connection.</summary>
internal sealed class RadSecTestClient : IAsyncDisposable
{
    public static readonly RadiusSecret Secret = new("radsec");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly SslStream _stream;

    private RadSecTestClient(SslStream stream) => _stream = stream;

    public static async Task<RadSecTestClient> ConnectAsync(IPEndPoint server, TestAuthority trusted, X509Certificate2? certificate)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, TestContext.Current.CancellationToken);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(trusted.Certificate);
        var options = new SslClientAuthenticationOptions { TargetHost = "radius.example", CertificateChainPolicy = policy };
        options.RemoteCertificateValidationCallback = static (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) is SslPolicyErrors.None;
        if (certificate is not null)
        {
            options.ClientCertificates = [certificate];
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        await stream.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
        return new RadSecTestClient(stream);
    }

    public async Task SendAsync(ReadOnlyMemory<byte> octets)
    {
        await _stream.WriteAsync(octets, TestContext.Current.CancellationToken);
        await _stream.FlushAsync(TestContext.Current.CancellationToken);
    }

    public async Task<RadiusMessage> AskAsync(RadiusMessage request)
    {
        await SendAsync(request.EncodeRequest(Secret));
        var octets = await ReadPacketAsync() ?? throw new IOException("The server closed the connection.");
        Assert.True(RadiusPacket.TryRead(octets, out var packet, out _));
        Assert.True(RadiusSignature.HasValidResponseAuthenticator(packet, request.Authenticator.Span, Secret));
        return RadiusMessage.From(packet);
    }

    /// <summary>Null when the server has ended the connection.</summary>
    public async Task<byte[]?> ReadPacketAsync()
    {
        var header = new byte[4];
        if (!await FillAsync(header))
        {
            return null;
        }

        var packet = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2))];
        header.CopyTo(packet, 0);
        return await FillAsync(packet.AsMemory(4)) ? packet : null;
    }

    public async Task<bool> IsClosedAsync() => await ReadPacketAsync() is null;

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<bool> FillAsync(Memory<byte> target)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await _stream.ReadExactlyAsync(target, limit.Token);
            return true;
        }
        catch (IOException)
        {
            return false; // closed, or an alert
        }
    }
}
