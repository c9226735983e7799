using System.Net;
using System.Net.Sockets;
using DataDefender.RadiusHost.Access;
using DataDefender.RadiusHost.Accounting;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Status;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost;

/// <summary>
/// The two UDP ports. They are bound at once, so that a taken port ends the start, and answered from when the directory is there: what
/// comes before waits in the socket.
/// </summary>
internal sealed partial class RadiusPorts(
    LineDirectory directory, HostCounters counters, LoginLog logins, LearnedAuthenticators learned, LearnedCallers callers, Journal journal, FaultLog faults, RadiusOptions options, TimeProvider clock, ILogger<RadiusPorts> log)
    : IHostedService, IDisposable
{
    private const int LoginBatch = 64;
    private const int AccountingBatch = 256;

    private readonly CancellationTokenSource _stopping = new();
    private IDatagramSocket? _authentication;
    private IDatagramSocket? _accounting;
    private DelayedRejects? _delayed;
    private Task _running = Task.CompletedTask;

    /// <summary>Whether requests are being answered.</summary>
    public bool AreOpen { get; private set; }

    public IPEndPoint AuthenticationEndPoint => _authentication!.LocalEndPoint;

    public IPEndPoint AccountingEndPoint => _accounting!.LocalEndPoint;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _authentication = Bind(options.AuthenticationPort, nameof(RadiusOptions.AuthenticationPort));
        _accounting = Bind(options.AccountingPort, nameof(RadiusOptions.AccountingPort));
        _delayed = new DelayedRejects(_authentication, clock);
        _running = RunAsync(_authentication, _accounting, _delayed);
        Listening(log, AuthenticationEndPoint, AccountingEndPoint);
        return Task.CompletedTask;
    }

    /// <summary>Takes no more requests, and ends when every one taken has its answer.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        AreOpen = false;
        await _stopping.CancelAsync();
        _authentication?.StopReceiving();
        _accounting?.StopReceiving();
        await _running.WaitAsync(cancellationToken);
        _delayed?.Flush();
    }

    public void Dispose()
    {
        _delayed?.Dispose();
        _authentication?.Dispose();
        _accounting?.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(IDatagramSocket authentication, IDatagramSocket accounting, DelayedRejects delayed)
    {
        try
        {
            await directory.Loaded.WaitAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        var access = new PortThread(
            "radius-auth", authentication, new AccessPort(directory, counters, logins, learned, callers, delayed, faults, options, clock, LoginBatch), new DatagramBatch(LoginBatch), Urgency.Logins);
        var accountingPort = new PortThread(
            "radius-acct", accounting, new AccountingPort(directory, counters, journal, faults, options, clock, AccountingBatch), new DatagramBatch(AccountingBatch), Urgency.Accounting);
        access.Start();
        accountingPort.Start();
        AreOpen = true;
        await Task.WhenAll(access.Ended, accountingPort.Ended);
    }

    private IDatagramSocket Bind(int port, string setting)
    {
        var endpoint = new IPEndPoint(options.ListenAddress, port);
        try
        {
            return DatagramSockets.Bind(endpoint, options.ReceiveBufferBytes);
        }
        catch (SocketException taken)
        {
            throw new InvalidOperationException($"UDP {endpoint} (Radius:{setting}) cannot be used: {taken.Message}.", taken);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "RADIUS listens on {Authentication} and {Accounting}")]
    private static partial void Listening(ILogger log, IPEndPoint authentication, IPEndPoint accounting);
}
