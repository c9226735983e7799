using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Domain.Tests.Network;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Domain.Tests.Tenancy;

/// <summary>The licence is enforced where things are created: by the services themselves, whatever a page shows.</summary>
public sealed class LicenceTests : IAsyncLifetime
{
    private TestServices _services = null!;

    private DateOnly Today => DateOnly.FromDateTime(_services.Clock.Now);

    public async ValueTask InitializeAsync() => _services = await TestServices.CreateAsync(configure: s => s
        .AddScoped<LicenceGuard>().AddScoped<ClientService>().AddScoped<SubscriptionService>().AddScoped<RouterService>().AddScoped<NasService>()
        .AddSingleton<IRouterGateway>(new ScriptedRouters()).AddSingleton<LiveMetrics>().AddSingleton<LineSignal>());

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task A_licence_with_room_lets_each_thing_be_created()
    {
        var company = await CompanyAsync(Licence());

        foreach (var create in Creations(company))
        {
            await create();
        }

        await using var db = company.Open();
        Assert.Equal((1, 1), (await db.Routers.CountAsync(), await db.NasDevices.CountAsync()));
    }

    [Fact]
    public async Task A_licence_that_ran_out_lets_nothing_new_be_created_and_what_exists_stays()
    {
        var company = await CompanyAsync(Licence() with { ExpiresOn = Today });
        var line = await company.AddSubscriptionAsync();
        _services.Clock.Advance(TimeSpan.FromDays(1));

        await RefusesAllAsync(company, "licence.expired");

        await using var db = company.Open();
        Assert.Equal(SubscriptionState.Active, (await db.Subscriptions.SingleAsync(s => s.Id == line.Id)).State);
    }

    [Fact]
    public async Task A_company_that_the_platform_suspended_creates_nothing() =>
        await RefusesAllAsync(await CompanyAsync(Licence(), CompanyStatus.Suspended), "licence.inactive");

    [Fact]
    public async Task Routers_need_the_network_module_and_lines_and_NAS_the_RADIUS_module()
    {
        var withoutNetwork = await CompanyAsync(Licence() with { Modules = LicensedModules.All & ~LicensedModules.Network });
        var withoutRadius = await CompanyAsync(Licence() with { Modules = LicensedModules.All & ~LicensedModules.Radius });

        await RefusesAsync("licence.module", () => AddRouterAsync(withoutNetwork));
        await AddNasAsync(withoutNetwork);
        await RefusesAsync("licence.module", () => AddNasAsync(withoutRadius));
        await RefusesAsync("licence.module", () => AddLineAsync(withoutRadius));
        await AddRouterAsync(withoutRadius);
    }

    [Fact]
    public async Task The_cap_holds_for_routers_and_lines_but_not_for_clients_without_a_line()
    {
        var company = await CompanyAsync(Licence() with { MaxRouters = 1, MaxSubscribers = 1 });
        await AddRouterAsync(company);
        await AddLineAsync(company);

        await RefusesAsync("licence.cap", () => AddRouterAsync(company));
        await RefusesAsync("licence.cap", () => AddLineAsync(company));
        await AddClientAsync(company);
    }

    private static async Task RefusesAllAsync(TestCompany company, string code)
    {
        foreach (var create in Creations(company))
        {
            await RefusesAsync(code, create);
        }

        await using var db = company.Open();
        Assert.Equal((0, 0), (await db.Routers.CountAsync(), await db.NasDevices.CountAsync()));
    }

    private static Func<Task>[] Creations(TestCompany company) =>
        [() => AddRouterAsync(company), () => AddNasAsync(company), () => AddClientAsync(company), () => AddLineAsync(company)];

    private static async Task RefusesAsync(string code, Func<Task> create) => Assert.Equal(code, (await Assert.ThrowsAsync<DomainException>(create)).Code);

    private static Task AddRouterAsync(TestCompany company) =>
        company.AsAsync<RouterService>(Role.Owner, r => r.AddAsync(RouterServiceTests.Input() with { Name = $"Core {Guid.CreateVersion7()}" }));

    private static Task AddNasAsync(TestCompany company) =>
        company.AsAsync<NasService>(Role.Owner, n => n.AddAsync(new NasInput { Name = "Edge", Address = "10.78.0.1" }, null));

    private static Task AddClientAsync(TestCompany company) =>
        company.AsAsync<ClientService>(Role.Owner, c => c.CreateAsync(new ClientInput { Name = "Wanjiku Kamau", Phone = "0712345678" }));

    private static async Task AddLineAsync(TestCompany company)
    {
        var (client, package) = (await company.AddClientAsync(), await company.AddPackageAsync());
        await company.AsAsync<SubscriptionService>(Role.Owner, s => s.CreateAsync(client.Id, new SubscriptionInput { PackageId = package.Id }));
    }

    private Licence Licence() => new("Test", 10, 10, LicensedModules.All, Today.AddDays(30));

    private Task<TestCompany> CompanyAsync(Licence licence, CompanyStatus status = CompanyStatus.Active) => TestCompany.CreateAsync(_services, status: status, licence: licence);
}
