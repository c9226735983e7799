using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Network.Polling;

/// <summary>What the poller reads across companies and writes within each, behind each provider's walls.</summary>
public sealed class PollingOnEachDatabaseTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Routers_of_all_companies_are_found_and_each_observation_is_written_to_its_own(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider, s => s.AddSingleton<IRouterGateway, FakeGateway>().AddRouterPolling());
        var (first, second) = (await TestCompany.CreateAsync(services, "Savanna Fibre"), await TestCompany.CreateAsync(services, "Rift Net"));
        var routers = new Dictionary<TestCompany, Router> { [first] = await first.AddRouterAsync(password: "one"), [second] = await second.AddRouterAsync(password: "two") };
        var store = services.Provider.GetRequiredService<RouterStore>();

        var listed = await services.Provider.GetRequiredService<RouterDirectory>().LoadAsync(Ct);
        foreach (var router in listed)
        {
            store.Post(new RouterObservation(router.TenantId, router.RouterId, services.Clock.Now, RouterState.Down, "It did not answer.", null));
        }

        await store.StoreAsync(Ct);

        Assert.Equal(["one", "two"], listed.Where(r => routers.Values.Any(x => x.Id == r.RouterId)).Select(r => r.Endpoint!.Password).Order());
        foreach (var (company, router) in routers)
        {
            await using var db = company.Open();
            Assert.Equal(RouterState.Down, (await db.Routers.SingleAsync(r => r.Id == router.Id, Ct)).State);
            var happened = await db.NetworkEvents.SingleAsync(Ct);
            Assert.Equal(("router.down", EventSeverity.Critical, router.Id), (happened.Kind, happened.Severity, happened.RouterId!.Value));
        }
    }

    [Theory, EachDatabase]
    public async Task Radius_is_asked_about_the_routers_own_sessions_only(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider, s => s.AddSingleton<IRouterGateway, FakeGateway>().AddRouterPolling());
        var company = await TestCompany.CreateAsync(services);
        var (heard, silent) = (await company.AddRouterAsync(), await company.AddRouterAsync());
        var nas = await company.AddNasAsync(router: heard);
        await company.AddNasAsync(router: silent);
        await using (var db = company.Open())
        {
            db.LiveSessions.Add(new() { TenantId = company.Id, NasId = nas.Id, AcctSessionId = "1", Username = "wanjiku", StartedAt = services.Clock.Now, UpdatedAt = services.Clock.Now });
            await db.SaveChangesAsync(Ct);
        }

        var evidence = services.Provider.GetRequiredService<RadiusEvidence>();

        Assert.True(await evidence.HeardAsync(company.Id, heard.Id, services.Clock.Now.AddMinutes(-1), Ct));
        Assert.False(await evidence.HeardAsync(company.Id, silent.Id, services.Clock.Now.AddMinutes(-1), Ct));
    }
}
