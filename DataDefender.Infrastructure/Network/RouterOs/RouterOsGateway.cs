using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DataDefender.Domain.Network;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.RouterOs;

/// <summary>
/// Keeps one connection per router for as long as it is used: a sign-in costs more than a command and is written into the
/// router's log, and routers allow few sessions.
/// </summary>
public sealed partial class RouterOsGateway : IRouterGateway, IAsyncDisposable
{
    private readonly ConcurrentDictionary<Guid, Line> _lines = new();
    private readonly RouterOsConnector _connector;
    private readonly RouterOsOptions _options;
    private readonly ILogger<RouterOsGateway> _log;
    private readonly ITimer _tidying;
    private volatile bool _disposed;

    public RouterOsGateway(IOptions<RouterOsOptions> options, TimeProvider clock, ILogger<RouterOsGateway> log)
    {
        (_options, _log) = (options.Value, log);
        _connector = new RouterOsConnector(_options, clock);
        _tidying = clock.CreateTimer(static self => ((RouterOsGateway)self!).CloseIdle(), this, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    public async Task<RouterOutcome> ExecuteAsync(RouterEndpoint router, RouterCommand command, CancellationToken ct = default)
    {
        var (outcome, wasOpen) = await TryAsync(router, command, ct);

        // A connection that broke unnoticed while idle fails its next command. What was never sent, or only reads, may go again.
        return wasOpen && outcome is RouterOutcome.Unknown lost && lost.Connect is null && (!lost.Sent || command.IsReadOnly) && !IsOpen(router)
            ? (await TryAsync(router, command, ct)).Outcome
            : outcome;
    }

    public async IAsyncEnumerable<RouterRow> StreamAsync(RouterEndpoint router, RouterCommand command, [EnumeratorCancellation] CancellationToken ct = default)
    {
        RouterOsConnection connection;
        try
        {
            connection = (await OpenAsync(router, ct)).Connection;
        }
        catch (RouterConnectException ex)
        {
            throw new RouterCommandException(new RouterOutcome.Unknown(ex.Message, Sent: false, ex.Failure));
        }

        await foreach (var row in connection.StreamAsync(command, ct))
        {
            yield return row;
        }
    }

    public async Task<RouterTest> TestAsync(RouterEndpoint router, CancellationToken ct = default)
    {
        try
        {
            await using var connection = await _connector.OpenAsync(router, ct);
            var identity = await connection.ExecuteAsync(RouterCommand.Print("/system/identity"), ct);
            var resource = await connection.ExecuteAsync(RouterCommand.Print("/system/resource", properties: ["version", "board-name"]), ct);
            if (identity is RouterOutcome.Done { Rows: [var name, ..] } && resource is RouterOutcome.Done { Rows: [var system, ..] })
            {
                return new RouterTest.Passed(name["name"] ?? "", system["version"] ?? "", system["board-name"] ?? "", connection.Certificate);
            }

            return (identity is RouterOutcome.Done ? resource : identity) switch
            {
                RouterOutcome.Refused refused => Failed(
                    RouterConnectFailureKind.NotPermitted, $"{router.Host} accepts the sign-in, but user {router.Username} may not read from it: {refused.Message}."),
                RouterOutcome.Unknown lost => Failed(RouterConnectFailureKind.ClosedByRouter, lost.Reason),
                _ => Failed(RouterConnectFailureKind.NotRouterOs, $"What answers on port {router.Port} of {router.Host} does not behave like RouterOS."),
            };
        }
        catch (RouterConnectException ex)
        {
            return new RouterTest.Failed(ex.Failure);
        }
    }

    public RouterCertificate? CertificateOf(Guid routerId) => _lines.TryGetValue(routerId, out var line) ? line.Certificate : null;

    public async ValueTask ForgetAsync(Guid routerId)
    {
        if (_lines.TryRemove(routerId, out var line))
        {
            await line.CloseAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _tidying.DisposeAsync();
        foreach (var id in _lines.Keys)
        {
            await ForgetAsync(id);
        }
    }

    private async Task<(RouterOutcome Outcome, bool WasOpen)> TryAsync(RouterEndpoint router, RouterCommand command, CancellationToken ct)
    {
        try
        {
            var (connection, wasOpen) = await OpenAsync(router, ct);
            return (await connection.ExecuteAsync(command, ct), wasOpen);
        }
        catch (RouterConnectException ex)
        {
            return (new RouterOutcome.Unknown(ex.Message, Sent: false, ex.Failure), false);
        }
    }

    private bool IsOpen(RouterEndpoint router) => _lines.TryGetValue(router.RouterId, out var line) && line.IsOpen;

    private async Task<(RouterOsConnection Connection, bool WasOpen)> OpenAsync(RouterEndpoint router, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var line = _lines.GetOrAdd(router.RouterId, static _ => new Line());
        var opening = line.Open(router, () => ConnectAsync(router), out var wasOpen);

        // The attempt is shared: a caller who gives up leaves it to the others.
        return (await opening.WaitAsync(ct), wasOpen);
    }

    private async Task<RouterOsConnection> ConnectAsync(RouterEndpoint router)
    {
        try
        {
            var connection = await _connector.OpenAsync(router, CancellationToken.None);
            Connected(_log, router.RouterId, router.Host, router.Port);
            return connection;
        }
        catch (RouterConnectException ex)
        {
            NotConnected(_log, router.RouterId, router.Host, router.Port, ex.Failure.Kind);
            throw;
        }
    }

    private void CloseIdle()
    {
        foreach (var (id, line) in _lines)
        {
            if (line.IdleFor > _options.IdleTimeout)
            {
                _ = ForgetAsync(id).AsTask();
            }
        }
    }

    private static RouterTest.Failed Failed(RouterConnectFailureKind kind, string message) => new(new RouterConnectFailure(kind, message));

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to router {RouterId} at {Host}:{Port}")]
    private static partial void Connected(ILogger log, Guid routerId, string host, int port);

    [LoggerMessage(Level = LogLevel.Information, Message = "No connection to router {RouterId} at {Host}:{Port}: {Kind}")]
    private static partial void NotConnected(ILogger log, Guid routerId, string host, int port, RouterConnectFailureKind kind);

    /// <summary>The place of one router's connection, opened by whoever comes first.</summary>
    private sealed class Line
    {
        private readonly Lock _lock = new();
        private RouterEndpoint? _endpoint;
        private Task<RouterOsConnection>? _opening;

        public RouterCertificate? Certificate => Current?.Certificate;

        public bool IsOpen => Current is { FaultReason: null };

        public TimeSpan IdleFor => Current?.IdleFor ?? TimeSpan.Zero;

        private RouterOsConnection? Current => _opening is { IsCompletedSuccessfully: true } done ? done.GetAwaiter().GetResult() : null;

        public Task<RouterOsConnection> Open(RouterEndpoint endpoint, Func<Task<RouterOsConnection>> connect, out bool wasOpen)
        {
            lock (_lock)
            {
                wasOpen = false;
                if (_opening is not null && Serves(endpoint))
                {
                    if (!_opening.IsCompleted)
                    {
                        return _opening;
                    }

                    if (IsOpen)
                    {
                        wasOpen = true;
                        return _opening;
                    }
                }

                Discard(_opening);
                _endpoint = endpoint;
                using (ExecutionContext.SuppressFlow()) // the connection belongs to no one request
                {
                    _opening = Task.Run(connect);
                }

                return _opening;
            }
        }

        public async Task CloseAsync()
        {
            Task<RouterOsConnection>? opening;
            lock (_lock)
            {
                (opening, _opening) = (_opening, null);
            }

            await DiscardAsync(opening);
        }

        // Pinning the certificate that the connection was opened with changes nothing about it.
        private bool Serves(RouterEndpoint endpoint) =>
            _endpoint == endpoint
            || (_endpoint is not null
                && _endpoint.CertificateFingerprint is null
                && endpoint.CertificateFingerprint is { } pin
                && _endpoint with { CertificateFingerprint = pin } == endpoint
                && Current?.Certificate?.Fingerprint == RouterOsConnector.Normalize(pin));

        private static void Discard(Task<RouterOsConnection>? opening) => _ = DiscardAsync(opening);

        private static async Task DiscardAsync(Task<RouterOsConnection>? opening)
        {
            if (opening is null)
            {
                return;
            }

            try
            {
                await (await opening).DisposeAsync();
            }
            catch (RouterConnectException)
            {
                // It never opened.
            }
        }
    }
}
