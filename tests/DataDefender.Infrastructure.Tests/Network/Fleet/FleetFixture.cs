using DataDefender.Domain.Fleet;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Network.Fleet;
using DataDefender.Infrastructure.Network.Provisioning;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Tests.Network.Provisioning;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Network.Fleet;

/// <summary>The product's own care over real sockets to simulated routers, with a database of its own.</summary>
internal sealed class FleetFixture : IAsyncDisposable
{
    private readonly SandboxWorld _world;

    private FleetFixture(SandboxWorld world, TestServices services, TestCompany company, ShiftedClock clock, IReadOnlyList<Guid> routers) =>
        (_world, Services, Company, Clock, RouterIds) = (world, services, company, clock, routers);

    public TestServices Services { get; }

    public TestCompany Company { get; }

    public ShiftedClock Clock { get; }

    public IReadOnlyList<Guid> RouterIds { get; }

    public SimulatedRouter Router(int number = 0) => _world.Routers[number];

    public IRouterGateway Gateway => Services.Provider.GetRequiredService<IRouterGateway>();

    public FleetWorker Worker => Services.Provider.GetRequiredService<FleetWorker>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static Task<FleetFixture> CreateAsync(params RouterOptions[] routers) => CreateAsync(DatabaseProvider.Sqlite, routers);

    public static async Task<FleetFixture> CreateAsync(DatabaseProvider provider, params RouterOptions[] routers)
    {
        var number = 0;
        foreach (var router in routers)
        {
            (router.Name, router.User, router.Password, router.BootSeconds) = ($"r{++number}", "care", "pw", 0.1);
        }

        var world = await SandboxWorld.StartAsync(new SandboxOptions { AutoDial = false, Routers = [.. routers] });
        var clock = new ShiftedClock();
        var services = await TestServices.CreateAsync(provider, s => Configure(s, clock));
        var company = await TestCompany.CreateAsync(services);
        var ids = new List<Guid>();
        foreach (var router in world.Routers)
        {
            ids.Add((await company.AddRouterAsync(router.Name.ToUpperInvariant(), "127.0.0.1", router.ApiEndPoint!.Port, "care", "pw")).Id);
        }

        return new FleetFixture(world, services, company, clock, ids);
    }

    /// <summary>Another process over the same database: what a restart of Web finds.</summary>
    public TestServices Restarted() => TestServices.Over(Services.Database, s => Configure(s, Clock));

    private static void Configure(IServiceCollection s, ShiftedClock clock)
    {
        s.AddRouterOs().AddProvisioning().AddFleetCare().AddSingleton<LiveMetrics>().AddSingleton<TimeProvider>(clock);
        s.AddScoped<ExportService>().AddScoped<BackupService>().AddScoped<FirmwareService>().AddScoped<ProvisioningService>().AddScoped<DesignService>();
        s.Configure<RouterOsOptions>(o => (o.DeniedNetworks, o.ConnectTimeout, o.ReadTimeout, o.LoginTimeout) = ("", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        s.Configure<FleetOptions>(o => (o.Pause, o.RebootPatience, o.DownloadPatience) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(5)));
    }

    public Task LookAsync() => Worker.LookAsync(Ct);

    public async Task<T> AsAsync<TService, T>(Func<TService, Task<T>> work) where TService : notnull
    {
        await using var scope = Company.Scope(Role.Owner);
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public async Task AsAsync<TService>(Func<TService, Task> work) where TService : notnull
    {
        await using var scope = Company.Scope(Role.Owner);
        await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public async Task<RouterEndpoint> EndpointAsync(int number = 0)
    {
        await using var db = Company.Open();
        var id = RouterIds[number];
        var router = await db.Routers.AsNoTracking().SingleAsync(r => r.Id == id, Ct);
        return router.Endpoint(await Services.Vault.OpenAsync(Company.Id, Ct));
    }

    public async Task ByHandAsync(Func<IRouterGateway, RouterEndpoint, Task<RouterOutcome>> act, int number = 0) => (await act(Gateway, await EndpointAsync(number))).Require();

    public async Task<IReadOnlyList<ExportRow>> HistoryAsync(int number = 0) =>
        (await AsAsync<ExportService, Domain.Common.PageOf<ExportRow>>(e => e.HistoryAsync(RouterIds[number], new Domain.Common.GridQuery(), Ct))).Items;

    public async Task<string> TextAsync(int number = 0)
    {
        var newest = (await HistoryAsync(number))[0].Id;
        return (await AsAsync<ExportService, (ExportRow Export, string Text)>(e => e.TextAsync(newest, Ct))).Text;
    }

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        await _world.DisposeAsync();
    }
}
