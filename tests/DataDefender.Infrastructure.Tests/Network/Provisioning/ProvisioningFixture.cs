using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Lines;
using DataDefender.Infrastructure.Network.Provisioning;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Network.Provisioning;

/// <summary>The product's own provisioning over real sockets to one simulated router, with a database of its own.</summary>
internal sealed class ProvisioningFixture : IAsyncDisposable
{
    public const string RadiusSecret = "correct-horse-battery";

    // Settings that are one record for the whole router: ours by design, so they are left out when the rest is compared.
    private static readonly string[] Singles = ["/radius incoming", "/ppp aaa", "/system ntp client"];

    private readonly SandboxWorld _world;
    private readonly TestServices _services;

    private ProvisioningFixture(SandboxWorld world, TestServices services, TestCompany company, Router router, ShiftedClock clock) =>
        (_world, _services, Company, RouterId, Clock) = (world, services, company, router.Id, clock);

    public TestCompany Company { get; }

    public Guid RouterId { get; }

    public ShiftedClock Clock { get; }

    public SimulatedRouter Router => _world.Routers[0];

    public string Access => Router.Personality.EthernetPorts[3];

    public LiveMetrics Metrics => _services.Provider.GetRequiredService<LiveMetrics>();

    public CapturedLog Log => _services.Log;

    public IRouterGateway Gateway => _services.Provider.GetRequiredService<IRouterGateway>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static Task<ProvisioningFixture> CreateAsync(string personality = "v7.22", params string[] deviceModeForbids) => CreateAsync(personality, o => o.DeviceModeForbids = [.. deviceModeForbids]);

    public static async Task<ProvisioningFixture> CreateAsync(string personality, Action<RouterOptions> configure)
    {
        var options = new RouterOptions { Name = "r1", Personality = personality, User = "provision", Password = "pw", BootSeconds = 0.2 };
        configure(options);
        var world = await SandboxWorld.StartAsync(new SandboxOptions
        {
            AutoDial = false, Routers = [options],
        });
        var clock = new ShiftedClock();
        var services = await TestServices.CreateAsync(configure: s =>
        {
            s.AddRouterOs().AddProvisioning().AddSingleton<LiveMetrics>().AddSingleton<TimeProvider>(clock).AddScoped<ProvisioningService>().AddScoped<DesignService>();
            s.AddLineControl().AddScoped<LicenceGuard>().AddScoped<SubscriptionService>();
            s.Configure<RouterOsOptions>(o => (o.DeniedNetworks, o.ConnectTimeout, o.ReadTimeout, o.LoginTimeout) = ("", TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5)));
            s.Configure<ProvisioningOptions>(o => (o.Pause, o.Reads) = (TimeSpan.FromMilliseconds(50), 3));
        });
        var company = await TestCompany.CreateAsync(services);
        var router = await company.AddRouterAsync("KILIMANI", "127.0.0.1", world.Routers[0].ApiEndPoint!.Port, "provision", "pw");
        await company.AddNasAsync("10.20.30.40", RadiusSecret, router);
        var fixture = new ProvisioningFixture(world, services, company, router, clock);
        await fixture.DesignAsync(_ => { });
        await fixture.NetworkAsync(_ => { });
        return fixture;
    }

    public Task NetworkAsync(Action<NetworkDesignInput> change)
    {
        var input = new NetworkDesignInput
        {
            RadiusServer = "10.9.8.7", PortalHosts = "10.9.8.10, pay.example.com", PortalPage = "10.9.8.10:80", DnsServers = "10.9.8.53", NtpServers = "10.9.8.1, 10.9.8.2",
        };
        change(input);
        return AsAsync<DesignService>(d => d.SaveNetworkAsync(input, Ct));
    }

    /// <summary>Changes a line as staff do, and brings what that asks for to the router.</summary>
    public async Task LineAsync(Func<SubscriptionService, Task> act)
    {
        await using (var scope = Company.Scope(Role.Owner))
        {
            await act(scope.ServiceProvider.GetRequiredService<SubscriptionService>());
        }

        List<Guid> due;
        await using (var db = Company.Open())
        {
            due = await db.LineCommands.Where(c => c.Status == LineCommandStatus.Pending).Select(c => c.SubscriptionId).Distinct().ToListAsync(Ct);
        }

        foreach (var line in due)
        {
            await SettleAsync(line);
        }
    }

    public Task SweepAsync() => ActivatorUtilities.CreateInstance<WalledGardenSweep>(_services.Provider).SweepAsync(Ct);

    public Task SettleAsync(Guid line) => _services.Provider.GetRequiredService<LineWorker>().RunAsync(Company.Id, line, Ct);

    public Task DesignAsync(Action<RouterDesignInput> change)
    {
        var input = new RouterDesignInput
        {
            Radius = true, PppoeInterfaces = Access, LocalAddress = "100.90.0.1", Pools = "home 100.90.0.2-100.90.3.254\nbusiness 10.77.0.2-10.77.0.254", WalledGarden = true, Clock = true,
        };
        change(input);
        return AsAsync<DesignService>(d => d.SaveRouterAsync(RouterId, input, Ct));
    }

    public Task<RouterPlan> PlanAsync(bool takeOver = false) => AsAsync<ProvisioningService, RouterPlan>(p => p.PlanAsync(RouterId, takeOver, Ct));

    public async Task<Guid> ApproveAsync(RouterPlan? plan = null, bool takeOver = false)
    {
        plan ??= await PlanAsync(takeOver);
        return await AsAsync<ProvisioningService, Guid>(p => p.ApplyAsync(plan, takeOver, Ct));
    }

    /// <summary>Approves and carries out, once.</summary>
    public async Task<RunDetails> ApplyAsync(RouterPlan? plan = null, bool takeOver = false) => await CarryOutAsync(await ApproveAsync(plan, takeOver));

    public async Task<RunDetails> CarryOutAsync(Guid run)
    {
        await RunnerOf(_services).RunAsync(Company.Id, run, Ct);
        return await ShowAsync(run);
    }

    public async Task BreakOffAsync(Guid run, CancellationToken when) =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunnerOf(_services).RunAsync(Company.Id, run, when));

    public Task<RunDetails> ShowAsync(Guid run) => AsAsync<ProvisioningService, RunDetails>(p => p.RunAsync(run, Ct));

    public Task TakeBackAsync(Guid run) => AsAsync<ProvisioningService>(p => p.TakeBackAsync(run, Ct));

    /// <summary>Does something when so many steps have been written.</summary>
    public IDisposable AfterSteps(int steps, Action act)
    {
        var count = 0;
        return Metrics.Watch(Company.Id, () =>
        {
            if (++count == steps)
            {
                act();
            }
        });
    }

    public async Task<RouterEndpoint> EndpointAsync()
    {
        await using var db = Company.Open();
        var router = await db.Routers.AsNoTracking().SingleAsync(r => r.Id == RouterId, Ct);
        return router.Endpoint(await _services.Vault.OpenAsync(Company.Id, Ct));
    }

    public async Task<IReadOnlyList<RouterRow>> RowsAsync(string menu) => (await Gateway.PrintAsync(await EndpointAsync(), menu, ct: Ct)).Require().Rows;

    /// <summary>What an administrator does on the router behind our back.</summary>
    public async Task ByHandAsync(Func<IRouterGateway, RouterEndpoint, Task<RouterOutcome>> act) => (await act(Gateway, await EndpointAsync())).Require();

    /// <summary>The whole configuration as the router exports it, in its order, without what says the time.</summary>
    public async Task<IReadOnlyList<string>> ExportAsync()
    {
        var endpoint = await EndpointAsync();
        var asked = await ExportedAsync();
        (asked is RouterOutcome.Unknown ? await ExportedAsync() : asked).Require(); // where it was dark, the connection of before may be found dead only now
        var file = (await Gateway.PrintAsync(endpoint, "/file", [RouterQuery.Is("name", "look.rsc")], ct: Ct)).Require().Rows[0];
        var menu = "";
        var lines = new List<string>();
        foreach (var line in file["contents"]!.Split("\r\n").Where(l => l.Length > 0 && !l.StartsWith('#')))
        {
            menu = line.StartsWith('/') ? line : menu;
            if (!line.StartsWith('/'))
            {
                lines.Add($"{menu}: {line}");
            }
        }

        return lines;

        Task<RouterOutcome> ExportedAsync() => Gateway.CallAsync(endpoint, "/export", [("file", "look"), ("show-sensitive", "")], Ct);
    }

    /// <summary>What on the router is none of ours.</summary>
    public async Task<IReadOnlyList<string>> ForeignAsync() =>
        [.. (await ExportAsync()).Where(l => !l.Contains("DD:", StringComparison.Ordinal) && !l.Contains("name=dd-", StringComparison.Ordinal) && !Singles.Any(s => l.StartsWith($"{s}:", StringComparison.Ordinal)))];

    /// <summary>Lets so much time pass on the router, and waits until something there is so.</summary>
    public async Task PassAsync(TimeSpan time, Func<SimulatedRouter, bool>? until = null)
    {
        _world.Clock.Advance(time);
        var deadline = TimeProvider.System.GetTimestamp();
        while (until?.Invoke(Router) is false)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(10), "It did not come to be so.");
            await Task.Delay(20, Ct);
        }
    }

    public async Task<DeadMan> DeadManAsync() =>
        new(Gateway, await EndpointAsync(), new ProvisioningOptions(), Clock, $"DD:{Company.Id.ToString("N")[^8..]}:");

    public Task KeepTunnelsAsync() => _services.Provider.GetRequiredService<TunnelKeeper>().KeepAsync(Ct);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _world.DisposeAsync();
    }

    private static ProvisioningRunner RunnerOf(TestServices services) => services.Provider.GetRequiredService<ProvisioningRunner>();

    private async Task<TResult> AsAsync<TService, TResult>(Func<TService, Task<TResult>> work) where TService : notnull
    {
        await using var scope = Company.Scope(Role.NocOperator);
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    private async Task AsAsync<TService>(Func<TService, Task> work) where TService : notnull
    {
        await using var scope = Company.Scope(Role.NocOperator);
        await work(scope.ServiceProvider.GetRequiredService<TService>());
    }
}

/// <summary>The real clock, set ahead: waits are real, and what is due in an hour is due when the test says so.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private TimeSpan _ahead;

    public void Advance(TimeSpan by) => _ahead += by;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;
}
