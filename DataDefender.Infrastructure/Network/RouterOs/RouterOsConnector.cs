using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Network.RouterOs;

/// <summary>Why no connection came about, on its way from the place where it was noticed.</summary>
internal sealed class RouterConnectException(RouterConnectFailure failure) : Exception(failure.Message)
{
    public RouterConnectException(RouterConnectFailureKind kind, string message)
        : this(new RouterConnectFailure(kind, message)) { }

    public RouterConnectFailure Failure => failure;
}

/// <summary>Opens connections: name, TCP, TLS, sign-in, each with its own way to fail and a sentence that says what to look at.</summary>
internal sealed class RouterOsConnector(RouterOsOptions options, TimeProvider clock)
{
    private readonly IReadOnlyList<IPNetwork> _denied = options.Denied();

    /// <exception cref="RouterConnectException">No connection; the failure says why.</exception>
    public async Task<RouterOsConnection> OpenAsync(RouterEndpoint router, CancellationToken ct)
    {
        var socket = await ConnectAsync(router, ct);
        Stream? stream = null;
        try
        {
            using var deadline = new CancellationTokenSource(options.LoginTimeout, clock);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
            stream = new NetworkStream(socket, ownsSocket: true);
            RouterCertificate? certificate = null;
            SentenceReader? reader = null;
            try
            {
                if (router.UseTls)
                {
                    (stream, certificate) = await SecureAsync(stream, router, stop.Token);
                }

                reader = new SentenceReader(stream);
                await RouterOsLogin.SignInAsync(stream, reader, router, stop.Token);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                throw new RouterConnectException(reader is { HasReceived: true }
                    ? new RouterConnectFailure(RouterConnectFailureKind.NotRouterOs, $"What answers on port {router.Port} of {router.Host} does not speak the RouterOS API.", Seen: certificate)
                    : new RouterConnectFailure(RouterConnectFailureKind.Silent, $"{router.Host} accepted the connection on port {router.Port} and then said nothing.", Seen: certificate));
            }
            catch (RouterConnectException ex) when (certificate is not null && ex.Failure.Seen is null)
            {
                throw new RouterConnectException(ex.Failure with { Seen = certificate });
            }

            reader.MaxSentenceBytes = options.MaxSentenceBytes;
            return new RouterOsConnection(socket, stream, reader, certificate, options, clock);
        }
        catch
        {
            socket.Dispose();
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }

            throw;
        }
    }

    private async Task<Socket> ConnectAsync(RouterEndpoint router, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
        Socket? socket = null;
        try
        {
            // Resolved once, checked, and that very address is used: a name may answer differently the next time.
            var addresses = await ResolveAsync(router.Host, stop.Token);
            var allowed = Array.FindAll(addresses, IsAllowed);
            if (allowed.Length == 0)
            {
                throw addresses.Length == 0
                    ? new RouterConnectException(RouterConnectFailureKind.NameNotFound, $"The name {router.Host} has no address.")
                    : new RouterConnectException(RouterConnectFailureKind.AddressNotAllowed, $"{router.Host} is in a network where no router may be.");
            }

            // A management tunnel may carry one family only, so every address gets its try.
            for (var i = 0; ; i++)
            {
                socket = new Socket(allowed[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(allowed[i], router.Port, stop.Token);
                    KeepAlive(socket);
                    return socket;
                }
                catch (SocketException) when (i < allowed.Length - 1)
                {
                    socket.Dispose();
                }
            }
        }
        catch (SocketException ex)
        {
            socket?.Dispose();
            throw new RouterConnectException(Explain(ex, router));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            socket?.Dispose();
            throw new RouterConnectException(RouterConnectFailureKind.Unreachable, $"{router.Host} did not answer on port {router.Port} within {options.ConnectTimeout.TotalSeconds:0.#} seconds. Is it reachable from here, and is the port open?");
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken ct)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return [address];
        }

        try
        {
            return await Dns.GetHostAddressesAsync(host, ct);
        }
        catch (ArgumentException)
        {
            return []; // not a host name at all
        }
    }

    private bool IsAllowed(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !_denied.Any(network => network.Contains(plain));
    }

    private static RouterConnectFailure Explain(SocketException ex, RouterEndpoint router) => ex.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery =>
            new(RouterConnectFailureKind.NameNotFound, $"The name {router.Host} has no address."),
        SocketError.ConnectionRefused =>
            new(RouterConnectFailureKind.ConnectionRefused, $"{router.Host} is there, but nothing listens on port {router.Port}. Is the API service switched on under IP → Services?"),
        SocketError.ConnectionReset =>
            new(RouterConnectFailureKind.ClosedByRouter, $"{router.Host} closed the connection on port {router.Port} at once."),
        _ => new(RouterConnectFailureKind.Unreachable, $"There is no way to {router.Host}: {ex.Message}."),
    };

    // Half-open connections (a router that lost its uplink) would otherwise be noticed only by the next command.
    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    private async Task<(Stream Stream, RouterCertificate Certificate)> SecureAsync(Stream plain, RouterEndpoint router, CancellationToken ct)
    {
        RouterCertificate? seen = null;
        RouterConnectFailure? failure = null;
        var secure = new SslStream(plain);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = router.Host,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    {
                        // Routers sign their own certificates, so the fingerprint is what counts, not a chain or a name.
                        seen = certificate is X509Certificate2 shown ? Read(shown) : null;
                        failure = seen is null ? null : Judge(seen, router);
                        return seen is not null && failure is null;
                    },
                },
                ct);
            return (secure, seen!);
        }
        catch (Exception ex) when (ex is AuthenticationException or IOException or SocketException or NotSupportedException)
        {
            await secure.DisposeAsync();
            throw new RouterConnectException(failure ?? new RouterConnectFailure(
                RouterConnectFailureKind.TlsFailed,
                $"No secure connection to port {router.Port} of {router.Host} came about. Does its api-ssl service have a certificate, and is this not the port without TLS?"));
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }

    private RouterConnectFailure? Judge(RouterCertificate seen, RouterEndpoint router)
    {
        var pinned = router.CertificateFingerprint is { Length: > 0 } pin ? Normalize(pin) : null;
        if (pinned is not null && pinned != seen.Fingerprint)
        {
            return new RouterConnectFailure(
                RouterConnectFailureKind.CertificateChanged,
                $"{router.Host} shows another certificate than the one that was trusted. If it was not renewed on purpose, somebody may stand in between.",
                pinned,
                seen);
        }

        return seen.ExpiresAt < clock.GetUtcNow().UtcDateTime
            ? new RouterConnectFailure(
                RouterConnectFailureKind.CertificateExpired,
                string.Create(CultureInfo.InvariantCulture, $"The certificate of {router.Host} expired on {seen.ExpiresAt:yyyy-MM-dd}. Make a new one on the router and trust it here."),
                pinned,
                seen)
            : null;
    }

    internal static string Normalize(string fingerprint) => fingerprint.Replace(":", "", StringComparison.Ordinal).Trim().ToLowerInvariant();

    private static RouterCertificate Read(X509Certificate2 certificate) => new(
        certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant(), certificate.Subject, certificate.NotAfter.ToUniversalTime());
}
