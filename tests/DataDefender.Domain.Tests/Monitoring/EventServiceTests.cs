using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tests.Network;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;

namespace DataDefender.Domain.Tests.Monitoring;

public sealed class EventServiceTests(NetworkFixture network) : IClassFixture<NetworkFixture>
{
    [Theory, EachDatabase]
    public async Task Events_are_newest_first_and_filtered_by_severity_family_and_router(DatabaseProvider provider)
    {
        var company = await network.CompanyAsync(provider);
        var router = await company.AddRouterAsync();
        await company.AddEventAsync("router.down", EventSeverity.Critical, "It is down", router.Id, minutesAgo: 3);
        await company.AddEventAsync("router.degraded", EventSeverity.Warning, "It is slow", router.Id, minutesAgo: 2);
        await company.AddEventAsync("line.suspended", minutesAgo: 1);
        await (await network.CompanyAsync(provider)).AddEventAsync("router.down", EventSeverity.Critical);

        Assert.Equal(["line.suspended", "router.degraded", "router.down"], await KindsAsync(new EventFilter()));
        Assert.Equal(["router.degraded", "router.down"], await KindsAsync(new EventFilter(EventSeverity.Warning)));
        Assert.Equal(["line.suspended"], await KindsAsync(new EventFilter(Family: "line")));
        Assert.Equal(["router.degraded", "router.down"], await KindsAsync(new EventFilter(RouterId: router.Id)));
        Assert.Equal(["router.degraded"], await KindsAsync(new EventFilter(Search: "SLOW")));

        var newest = await company.AsAsync<EventService, IReadOnlyList<EventRow>>(Role.Technician, e => e.NewestAsync(new EventFilter(RouterId: router.Id), 1));
        Assert.Equal(("router.degraded", router.Name), (Assert.Single(newest).Kind, newest[0].RouterName));

        async Task<IEnumerable<string>> KindsAsync(EventFilter filter)
        {
            var page = await company.AsAsync<EventService, PageOf<EventRow>>(Role.Technician, e => e.ListAsync(filter));
            Assert.Equal(page.Total, page.Items.Count);
            return page.Items.Select(e => e.Kind);
        }
    }
}
