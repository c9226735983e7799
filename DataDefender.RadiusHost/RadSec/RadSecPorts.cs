using System.Collections.Concurrent;
using System.ComponentModel;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DataDefender.RadiusHost.Access;
using DataDefender.RadiusHost.Accounting;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Status;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.RadSec;

/// <summary>
/// RADIUS over TLS on one TCP port (RFC 6614): takes connections, has each prove a certificate that a NAS is known by, and gives its
/// packets to an authentication and an accounting port of the same make as those of UDP.
/// </summary>
internal sealed partial class RadSecPorts(
    LineDirectory directory, HostCounters counters, LoginLog logins, LearnedAuthenticators learned, LearnedCallers callers, Journal journal, FaultLog faults, RadiusOptions radius, RadSecOptions options,
    TimeProvider clock, ILoggerFactory logs) : IHostedService, IDisposable
{
    private const int Backlog = 512;
    private const int LoginBatch = 64;
    private const int AccountingBatch = 256;
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StrangerLogInterval = TimeSpan.FromSeconds(10);

    private readonly ILogger _log = logs.CreateLogger<RadSecPorts>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<Task, bool> _served = new();
    private RadSecCertificates? _certificates;
    private Socket? _listener;
    private RadSecQueue? _authentication;
    private RadSecQueue? _accounting;
    private DelayedRejects? _delayed;
    private Task _accepting = Task.CompletedTask;
    private Task _answering = Task.CompletedTask;
    private long? _strangerLoggedAt;
    private readonly RadSecHandshakes _handshakes = new(options);

    public TimeProvider Clock => clock;

    public TimeSpan Idle { get; } = TimeSpan.FromSeconds(options.RadSecIdleSeconds);

    public TimeSpan Patience { get; } = TimeSpan.FromSeconds(options.RadSecPatienceSeconds);

    public RadSecConnections Connections { get; } = new(options);

    public RadSecQueue Authentication => _authentication!;

    public RadSecQueue Accounting => _accounting!;

    /// <summary>The last moment of our own certificate, UTC; null while RadSec is off.</summary>
    public DateTime? CertificateExpiresAt => _certificates?.ExpiresAt;

    public IPEndPoint EndPoint => (IPEndPoint)_listener!.LocalEndPoint!;

    /// <summary>Completes when everything that was taken has its answer.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Whether the certificate of a connection is still one of a NAS.</summary>
    public bool IsNas(Peer peer) => !directory.Content.Nas.Behind(peer, Transport.Tls).IsEmpty;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.RadSecPort == 0)
        {
            return Task.CompletedTask;
        }

        _certificates = new RadSecCertificates(options, clock, logs.CreateLogger<RadSecCertificates>());
        _listener = Listen();
        (_authentication, _accounting) = (new RadSecQueue(EndPoint, Connections), new RadSecQueue(EndPoint, Connections));
        _delayed = new DelayedRejects(_authentication, clock);
        var access = new PortThread(
            "radius-tls-auth", _authentication,
            new AccessPort(directory, counters, logins, learned, callers, _delayed, faults, radius, clock, LoginBatch, Transport.Tls), new DatagramBatch(LoginBatch), Urgency.Logins);
        var accounting = new PortThread(
            "radius-tls-acct", _accounting, new AccountingPort(directory, counters, journal, faults, radius, clock, AccountingBatch, Transport.Tls), new DatagramBatch(AccountingBatch), Urgency.Accounting);
        access.Start();
        accounting.Start();
        _answering = Task.WhenAll(access.Ended, accounting.Ended);
        _accepting = AcceptAsync(_listener, _certificates);
        Listening(_log, EndPoint);
        return Task.CompletedTask;
    }

    /// <summary>Takes no more connections and packets, and ends when every packet taken has its answer.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        _listener?.Dispose();
        await _accepting;
        _authentication?.StopReceiving();
        _accounting?.StopReceiving();
        await _answering.WaitAsync(cancellationToken);
        _delayed?.Flush();
        _drained.TrySetResult();
        await Task.WhenAll(_served.Keys).WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _delayed?.Dispose();
        _listener?.Dispose();
        _authentication?.Dispose();
        _accounting?.Dispose();
        _certificates?.Dispose();
        _stopping.Dispose();
    }

    private Socket Listen()
    {
        var endpoint = new IPEndPoint(radius.ListenAddress, options.RadSecPort);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(endpoint);
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException taken)
        {
            socket.Dispose();
            throw new InvalidOperationException($"TCP {endpoint} (Radius:{nameof(RadSecOptions.RadSecPort)}) cannot be used: {taken.Message}.", taken);
        }
    }

    private async Task AcceptAsync(Socket listener, RadSecCertificates certificates)
    {
        try
        {
            await directory.Loaded.WaitAsync(_stopping.Token);
            while (true)
            {
                try
                {
                    Serve(await listener.AcceptAsync(_stopping.Token), certificates);
                }
                catch (SocketException busy)
                {
                    faults.Report("RadSec", busy); // out of file handles, most likely: those of ended connections come back
                    await Task.Delay(AcceptPause, clock, _stopping.Token);
                }
            }
        }
        catch (Exception end) when (_stopping.IsCancellationRequested && end is OperationCanceledException or ObjectDisposedException)
        {
            // the end
        }
    }

    private void Serve(Socket socket, RadSecCertificates certificates)
    {
        var patience = new CancellationTokenSource(Patience, clock);
        if (socket.RemoteEndPoint is not IPEndPoint { Address: var from } || _handshakes.Begin(from, patience) is not { } handshake)
        {
            counters.RadSec.End(RadSecEnd.TooMany);
            patience.Dispose();
            socket.Dispose();
            return;
        }

        var serving = ServeAsync(socket, from, certificates, handshake, patience);
        _served[serving] = true;
        _ = serving.ContinueWith(static (ended, served) => ((ConcurrentDictionary<Task, bool>)served!).TryRemove(ended, out _), _served, TaskScheduler.Default);
    }

    private async Task ServeAsync(Socket socket, IPAddress from, RadSecCertificates certificates, RadSecHandshakes.Handshake handshake, CancellationTokenSource patience)
    {
        await Task.Yield();
        using var ended = patience;
        using var left = handshake; // whatever happens, or its source would have one place less for ever
        try
        {
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            var shown = await ShakeHandsAsync(stream, certificates, patience.Token);
            handshake.Dispose(); // the connection, if it becomes one, lasts
            var end = shown is not { } certificate ? RadSecEnd.Handshake
                : directory.Content.Nas.KnownCertificate(RadSecCertificates.KeysOf(certificate)) is not { } key ? Stranger(from, certificate)
                : await ConnectedAsync(stream, from, key);
            if (end is { } reason)
            {
                counters.RadSec.End(reason);
            }
        }
        catch (Exception unexpected)
        {
            faults.Report("RadSec", unexpected);
        }
    }

    private async Task<X509Certificate2?> ShakeHandsAsync(SslStream stream, RadSecCertificates certificates, CancellationToken patience)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience, _stopping.Token);
        try
        {
            await stream.AuthenticateAsServerAsync(certificates.ForHandshake(), both.Token);
            return stream.RemoteCertificate as X509Certificate2;
        }
        catch (Exception failed) when (failed is AuthenticationException or IOException or OperationCanceledException or Win32Exception or ObjectDisposedException)
        {
            return null;
        }
    }

    private async Task<RadSecEnd?> ConnectedAsync(SslStream stream, IPAddress from, UInt128 certificate)
    {
        var source = RadSecHandshakes.SourceOf(from);
        if (!Connections.TryReserve(source))
        {
            return RadSecEnd.TooMany;
        }

        counters.RadSec.Accepted.Increment();
        counters.RadSec.Opened();
        try
        {
            await using var connection = new RadSecConnection(stream, certificate, this);
            return await connection.RunAsync(_stopping.Token);
        }
        finally
        {
            counters.RadSec.Closed();
            Connections.Release(source);
        }
    }

    private RadSecEnd Stranger(IPAddress from, X509Certificate2 certificate)
    {
        counters.UnknownSources.Seen(new Peer(Peer.Key(from), 0), clock.GetUtcNow().UtcTicks);
        if (_strangerLoggedAt is not { } last || clock.GetElapsedTime(last) > StrangerLogInterval)
        {
            _strangerLoggedAt = clock.GetTimestamp();
            NotOfANas(_log, from, RadSecCertificates.CommonNameOf(certificate), Domain.Network.NasCertificate.Fingerprint(certificate.RawDataMemory.Span));
        }

        return RadSecEnd.UnknownCertificate;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "RADIUS over TLS listens on {EndPoint}")]
    private static partial void Listening(ILogger log, IPEndPoint endPoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A router at {Address} shows a good certificate, {Name} ({Fingerprint}), that no NAS is known by")]
    private static partial void NotOfANas(ILogger log, IPAddress address, string? name, string fingerprint);
}
