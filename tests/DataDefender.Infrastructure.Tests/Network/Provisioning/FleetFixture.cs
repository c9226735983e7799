using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Network.Provisioning;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Network.Provisioning;

/// <summary>The product's roll-outs over real sockets to several simulated routers of different versions.</summary>
internal sealed class FleetFixture : IAsyncDisposable
{
    private readonly SandboxWorld _world;
    private TestServices _services;

    private FleetFixture(SandboxWorld world, TestServices services, TestCompany company, ShiftedClock clock, IReadOnlyList<Guid> ids) =>
        (_world, _services, Company, Clock, Ids) = (world, services, company, clock, ids);

    public TestCompany Company { get; }

    public ShiftedClock Clock { get; }

    /// <summary>In the order of <see cref="Routers"/>: R01, R02 …</summary>
    public IReadOnlyList<Guid> Ids { get; }

    public IReadOnlyList<SimulatedRouter> Routers => _world.Routers;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<FleetFixture> CreateAsync(params string[] personalities)
    {
        var world = await SandboxWorld.StartAsync(new SandboxOptions
        {
            AutoDial = false, Routers = [.. personalities.Select((p, i) => new RouterOptions { Name = $"r{i + 1}", Personality = p, User = "provision", Password = "pw", BootSeconds = 0.2 })],
        });
        var clock = new ShiftedClock();
        var services = await TestServices.CreateAsync(configure: s => Configure(s, clock));
        var company = await TestCompany.CreateAsync(services);
        var ids = new List<Guid>();
        foreach (var (simulated, i) in world.Routers.Select((r, i) => (r, i)))
        {
            var router = await company.AddRouterAsync($"R{i + 1:00}", "127.0.0.1", simulated.ApiEndPoint!.Port, "provision", "pw");
            await company.AddNasAsync($"10.20.30.{i + 1}", ProvisioningFixture.RadiusSecret, router);
            ids.Add(router.Id);
        }

        var fixture = new FleetFixture(world, services, company, clock, ids);
        foreach (var id in ids)
        {
            await fixture.AsAsync<DesignService>(d => d.SaveRouterAsync(id, new RouterDesignInput { Pools = "home 100.90.0.2-100.90.3.254", WalledGarden = true, Clock = true }, Ct));
        }

        await fixture.AsAsync<DesignService>(d => d.SaveNetworkAsync(new NetworkDesignInput { RadiusServer = "10.9.8.7", PortalHosts = "10.9.8.10", NtpServers = "10.9.8.1" }, Ct));
        return fixture;
    }

    public Task<RolloutProposal> ProposeAsync(bool takeOver = false) => AsAsync<RolloutService, RolloutProposal>(r => r.ProposeAsync(Ids, takeOver, ct: Ct));

    public async Task<Guid> ApproveAsync(RolloutOptions? options = null)
    {
        var proposal = await ProposeAsync();
        return await AsAsync<RolloutService, Guid>(r => r.ApproveAsync(proposal, options ?? new RolloutOptions(new HashSet<Guid> { Ids[0] }, AtOnce: 2, SettleSeconds: 30), Ct));
    }

    /// <summary>One look of the driver, and whatever changes are due with it.</summary>
    public async Task StepAsync(Guid rollout)
    {
        await _services.Provider.GetRequiredService<RolloutConductor>().AdvanceAsync(Company.Id, rollout, Ct);
        await CarryOutAsync();
    }

    public async Task CarryOutAsync()
    {
        List<Guid> due;
        await using (var db = Company.Open())
        {
            var now = Clock.GetUtcNow().UtcDateTime;
            due = [.. (await db.ProvisioningRuns.AsNoTracking().ToListAsync(Ct)).Where(r => r.IsDue(now)).Select(r => r.Id)];
        }

        var runner = _services.Provider.GetRequiredService<ProvisioningRunner>();
        await Task.WhenAll(due.Select(run => runner.RunAsync(Company.Id, run, Ct)));
    }

    /// <summary>Looks again and again, with time to settle between, until it stands still.</summary>
    public async Task<RolloutRow> GoAsync(Guid rollout, int atMost = 40)
    {
        for (var i = 0; i < atMost; i++)
        {
            await StepAsync(rollout);
            var (row, routers) = (await RowAsync(rollout), await RoutersAsync(rollout));
            if (row.Status is RolloutStatus.Done or RolloutStatus.Cancelled || (row.Status is RolloutStatus.Stopped && row.UnderWay == 0))
            {
                return row;
            }

            if (routers.Any(r => r.Status is RolloutRouterStatus.Checking))
            {
                Clock.Advance(TimeSpan.FromSeconds(31));
            }
        }

        throw new Xunit.Sdk.XunitException("The roll-out came to no end.");
    }

    /// <summary>Web goes down and comes up again: nothing is known but what the database says.</summary>
    public async Task RestartAsync()
    {
        var old = _services;
        _services = TestServices.Over(old.Database, s => Configure(s, Clock));
        await Task.CompletedTask;
    }

    public Task<RolloutRow> RowAsync(Guid rollout) => AsAsync<RolloutService, RolloutRow>(r => r.GetAsync(rollout, Ct));

    public async Task<IReadOnlyList<RolloutRouterRow>> RoutersAsync(Guid rollout) =>
        [.. (await AsAsync<RolloutService, Domain.Common.PageOf<RolloutRouterRow>>(r => r.RoutersAsync(rollout, new Domain.Common.GridQuery(PageSize: 100), Ct))).Items.OrderBy(r => r.RouterName, StringComparer.Ordinal)];

    public bool IsAsDesigned(int router) => Routers[router].Find("/ip/pool", "name", n => n == "home", "ranges") == "100.90.0.2-100.90.3.254" && Routers[router].Count("/ip/firewall/filter") >= 6;

    public bool IsUntouched(int router) => Routers[router].Find("/ip/pool", "name", n => n == "home", "ranges") is null;

    public async Task<IReadOnlyList<RouterRow>> RowsAsync(int router, string menu)
    {
        var gateway = _services.Provider.GetRequiredService<IRouterGateway>();
        return (await gateway.PrintAsync(await EndpointAsync(router), menu, ct: Ct)).Require().Rows;
    }

    public async Task ByHandAsync(int router, Func<IRouterGateway, RouterEndpoint, Task<RouterOutcome>> act) =>
        (await act(_services.Provider.GetRequiredService<IRouterGateway>(), await EndpointAsync(router))).Require();

    public async Task<TResult> AsAsync<TService, TResult>(Func<TService, Task<TResult>> work) where TService : notnull
    {
        await using var scope = _services.Scope(Company.Id, Role.NocOperator);
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public async Task AsAsync<TService>(Func<TService, Task> work) where TService : notnull
    {
        await using var scope = _services.Scope(Company.Id, Role.NocOperator);
        await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _world.DisposeAsync();
    }

    private async Task<RouterEndpoint> EndpointAsync(int router)
    {
        var id = Ids[router];
        await using var db = Company.Open();
        var row = await db.Routers.AsNoTracking().SingleAsync(r => r.Id == id, Ct);
        return row.Endpoint(await _services.Vault.OpenAsync(Company.Id, Ct));
    }

    private static void Configure(IServiceCollection s, ShiftedClock clock)
    {
        s.AddRouterOs().AddProvisioning().AddSingleton<LiveMetrics>().AddSingleton<TimeProvider>(clock).AddScoped<ProvisioningService>().AddScoped<DesignService>().AddScoped<RolloutService>();
        s.Configure<RouterOsOptions>(o => (o.DeniedNetworks, o.ConnectTimeout, o.ReadTimeout, o.LoginTimeout) = ("", TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5)));
        s.Configure<ProvisioningOptions>(o => (o.Pause, o.Reads) = (TimeSpan.FromMilliseconds(50), 3));
    }
}
