using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Lines;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DataDefender.Infrastructure.Tests.Lines;

/// <summary>Line control against simulated routers, over the real protocols on real sockets.</summary>
public sealed class SandboxLineTests : IAsyncLifetime
{
    private static readonly TimeSpan TwoSeconds = TimeSpan.FromSeconds(2);

    private readonly AcceptingRadius _radius = new("5M/10M");
    private SandboxWorld _world = null!;
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private Subscription _line = null!;
    private LineCommandDispatcher _dispatcher = null!;

    private SimulatedRouter Router => _world["r1"];

    public async ValueTask InitializeAsync()
    {
        _world = await SandboxWorld.StartAsync(new SandboxOptions
        {
            Radius = new RadiusServerOptions { AuthenticationPort = _radius.AuthenticationPort, AccountingPort = _radius.AccountingPort, Secret = "testing123" },
            Routers = [new RouterOptions { Name = "r1", Personality = "v7.22", Password = "pw" }],
            Subscribers = [new SubscriberOptions { Username = "jane", Password = "pw", Router = "r1", Method = AuthenticationMethod.Pap }],
        });
        await Router.Nas.UntilAsync(n => n.Online == 1);

        _services = await TestServices.CreateAsync(configure: s => s
            .AddSingleton(TimeProvider.System)
            .AddSingleton<LiveMetrics>().AddScoped<LicenceGuard>().AddScoped<SubscriptionService>().AddRouterOs().AddLineControl()
            .Configure<RouterOsOptions>(o => o.DeniedNetworks = ""));
        _company = await TestCompany.CreateAsync(_services);
        var router = await _company.AddRouterAsync("r1", "127.0.0.1", Router.ApiEndPoint!.Port, "admin", "pw");
        var nas = await _company.AddNasAsync("127.0.0.1", "testing123", router, configure: n => n.CoaPort = Router.CoaEndPoint!.Port);
        _line = await _company.AddSubscriptionAsync(package: await _company.AddPackageAsync("Home 10", 10_000, 5_000), username: "jane");
        var session = Router.Nas.Session("jane")!;
        await using var db = _company.Open();
        db.LiveSessions.Add(new LiveSession
        {
            TenantId = _company.Id,
            NasId = nas.Id,
            AcctSessionId = session.Id,
            SubscriptionId = _line.Id,
            Username = "jane",
            FramedAddress = session.Address!.ToString(),
            StartedAt = _services.Clock.Now,
            UpdatedAt = _services.Clock.Now,
        });
        await db.SaveChangesAsync();
        _dispatcher = _services.Provider.GetServices<IHostedService>().OfType<LineCommandDispatcher>().Single();
        await _dispatcher.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _dispatcher.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        await _world.DisposeAsync();
        await _radius.DisposeAsync();
    }

    [Fact]
    public async Task A_suspended_clients_open_session_is_in_the_walled_garden_within_two_seconds()
    {
        var watch = Stopwatch.StartNew();
        await ActAsync(lines => lines.SuspendAsync(_line.Id, SuspendReason.Unpaid, null));
        await UntilAsync(() => Router.Nas.Session("jane") is { IsWalled: true });
        var took = watch.Elapsed;

        var session = Router.Nas.Session("jane")!;
        TestContext.Current.TestOutputHelper?.WriteLine($"walled garden after {took.TotalMilliseconds:0} ms");
        Assert.InRange(took, TimeSpan.Zero, TwoSeconds);
        Assert.Equal("512k/512k", session.RateLimit);
        var command = await DoneAsync();
        Assert.Equal((LineCommandStatus.Done, LinePath.ChangeOfAuthorization), (command.Status, command.Path));
    }

    [Fact]
    public async Task A_restored_client_is_out_again_with_the_same_session()
    {
        var before = Router.Nas.Session("jane")!.Id;
        await ActAsync(lines => lines.SuspendAsync(_line.Id, SuspendReason.Unpaid, null));
        await UntilAsync(() => Router.Nas.Session("jane") is { IsWalled: true });

        var watch = Stopwatch.StartNew();
        await ActAsync(lines => lines.RestoreAsync(_line.Id));
        await UntilAsync(() => Router.Nas.Session("jane") is { IsWalled: false });
        var took = watch.Elapsed;

        TestContext.Current.TestOutputHelper?.WriteLine($"out of the walled garden after {took.TotalMilliseconds:0} ms");
        Assert.InRange(took, TimeSpan.Zero, TwoSeconds);
        var command = await DoneAsync();
        Assert.Equal((LineCommandStatus.Done, LinePath.ChangeOfAuthorization), (command.Status, command.Path));
        Assert.Equal((before, "5M/10M"), (Router.Nas.Session("jane")!.Id, Router.Nas.Session("jane")!.RateLimit));
        Assert.Equal(0, Router.Count("/ip/firewall/address-list"));
    }

    [Fact]
    public async Task A_new_package_changes_the_speed_of_the_open_session()
    {
        var before = Router.Nas.Session("jane")!.Id;
        var faster = await _company.AddPackageAsync("Home 50", 50_000, 20_000);

        await ActAsync(lines => lines.ChangePackageAsync(_line.Id, faster.Id));
        await UntilAsync(() => Router.Nas.Session("jane") is { RateLimit: "20M/50M" });

        Assert.Equal(before, Router.Nas.Session("jane")!.Id);
    }

    [Fact]
    public async Task A_router_that_refuses_every_CoA_loses_the_session_over_the_API()
    {
        Router.Faults.On(Fault.NakCoa);

        await ActAsync(lines => lines.DropSessionAsync(_line.Id));
        var command = await DoneAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.RouterApi), (command.Status, command.Path));
        Assert.Contains("Error-Cause", command.Detail);
    }

    [Fact]
    public async Task A_router_that_ignores_CoA_loses_the_session_over_the_API()
    {
        Router.Faults.On(Fault.IgnoreCoa);

        await ActAsync(lines => lines.SuspendAsync(_line.Id, SuspendReason.Unpaid, null));
        var command = await DoneAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.RouterApi), (command.Status, command.Path));
        Assert.Contains("No answer", command.Detail);
    }

    [Fact]
    public async Task A_router_that_is_away_keeps_the_command_pending()
    {
        Router.Faults.On(Fault.IgnoreCoa);
        Router.Faults.On(Fault.Refused);

        await ActAsync(lines => lines.SuspendAsync(_line.Id, SuspendReason.Unpaid, null));
        LineCommand command;
        do
        {
            await Task.Delay(50);
            command = await NewestAsync();
        }
        while (command.Attempts == 0);

        Assert.Equal(LineCommandStatus.Pending, command.Status);
        Assert.StartsWith("Not confirmed.", command.Detail);
    }

    private async Task ActAsync(Func<SubscriptionService, Task> act)
    {
        await using var scope = _company.Scope(Role.Owner);
        await act(scope.ServiceProvider.GetRequiredService<SubscriptionService>());
    }

    private async Task<LineCommand> NewestAsync()
    {
        await using var db = _company.Open();
        return await db.LineCommands.AsNoTracking().OrderByDescending(c => c.RequestedAt).FirstAsync();
    }

    private async Task<LineCommand> DoneAsync()
    {
        LineCommand command;
        while ((command = await NewestAsync()).Status is LineCommandStatus.Pending)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return command;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!holds())
        {
            await Task.Delay(5, patience.Token);
        }
    }

    /// <summary>Lets everybody in at one speed and acknowledges all accounting.</summary>
    internal sealed class AcceptingRadius : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly RadiusSecret _secret = new("testing123");
        private readonly Socket _authentication = Bound();
        private readonly Socket _accounting = Bound();
        private readonly Task _loops;

        public AcceptingRadius(string rate) => _loops = Task.WhenAll(
            AnswerAsync(_authentication, request => request.CreateReply(RadiusCode.AccessAccept).Add("Mikrotik-Rate-Limit", rate)),
            AnswerAsync(_accounting, request => request.CreateReply(RadiusCode.AccountingResponse)));

        public int AuthenticationPort => ((IPEndPoint)_authentication.LocalEndPoint!).Port;

        public int AccountingPort => ((IPEndPoint)_accounting.LocalEndPoint!).Port;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _loops.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _authentication.Dispose();
            _accounting.Dispose();
            _stop.Dispose();
        }

        private static Socket Bound()
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return socket;
        }

        private async Task AnswerAsync(Socket socket, Func<RadiusMessage, RadiusMessage> reply)
        {
            var buffer = new byte[4096];
            while (true)
            {
                var got = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                if (RadiusMessage.TryParse(buffer.AsSpan(0, got.ReceivedBytes), out var request, out _))
                {
                    await socket.SendToAsync(reply(request).EncodeReply(_secret, request.Authenticator), got.RemoteEndPoint, _stop.Token);
                }
            }
        }
    }
}
