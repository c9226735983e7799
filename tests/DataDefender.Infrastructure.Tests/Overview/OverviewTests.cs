using DataDefender.Domain.Common;
using DataDefender.Domain.Overview;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Overview;

public sealed class OverviewTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Theory, EachDatabase]
    public async Task The_first_screen_counts_only_the_own_company(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider, s => s.AddScoped<OverviewService>());
        var company = await TestCompany.CreateFullAsync(services);
        await TestCompany.CreateFullAsync(services);
        await company.AddSubscriptionAsync(state: SubscriptionState.Suspended);
        await company.AddSubscriptionAsync(state: SubscriptionState.Pending);
        await using var scope = company.Scope(Role.Owner);
        var overview = scope.ServiceProvider.GetRequiredService<OverviewService>();

        var lines = await overview.LinesAsync();
        var network = await overview.NetworkAsync();

        Assert.Equal((1, 1, 1, 3), (lines.Active, lines.Suspended, lines.Pending, lines.NewClientsThisMonth));
        Assert.Equal(1, network.RoutersUp + network.RoutersUnknown + network.RoutersDown);
        Assert.Single(await overview.WaitingLinesAsync(10));
        Assert.Equal(3, (await overview.LicenceAsync())!.Subscribers);
        await Assert.ThrowsAsync<ForbiddenException>(() => overview.PlatformAsync());
    }

    [Theory, EachDatabase]
    public async Task The_platform_sees_how_many_companies_and_subscribers_there_are(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider, s => s.AddScoped<OverviewService>());
        await using var scope = services.Provider.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentUser>().Use(new Actor(Guid.CreateVersion7(), "Root", Permissions.Of(Role.SuperAdmin)));
        var overview = scope.ServiceProvider.GetRequiredService<OverviewService>();
        var before = await overview.PlatformAsync();

        await TestCompany.CreateFullAsync(services);

        var after = await overview.PlatformAsync();
        Assert.Equal((before.Active + 1, before.Subscribers + 1), (after.Active, after.Subscribers));
    }
}
