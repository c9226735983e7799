using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Topology;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Tests.Network;

public sealed class SiteTests(NetworkFixture network) : IClassFixture<NetworkFixture>
{
    [Fact]
    public async Task Naming_a_site_at_a_router_makes_it_once_whatever_the_case()
    {
        var company = await network.CompanyAsync();

        var first = await AddRouterAsync(company, "R1", "Ngong hill");
        var second = await AddRouterAsync(company, "R2", " NGONG HILL ");

        await using var db = company.Open();
        var site = await db.Sites.SingleAsync();
        Assert.Equal("Ngong hill", site.Name);
        Assert.All(await db.Routers.Where(r => r.Id == first || r.Id == second).ToListAsync(), r => Assert.Equal(site.Id, r.SiteId));
    }

    [Fact]
    public async Task A_router_cannot_be_reached_over_itself_nor_over_one_that_is_reached_over_it()
    {
        var company = await network.CompanyAsync();
        var core = await AddRouterAsync(company, "Core");
        var tower = await AddRouterAsync(company, "Tower", parent: core);
        var cabinet = await AddRouterAsync(company, "Cabinet", parent: tower);

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => company.AsAsync<RouterService>(Role.Owner, r => r.ChangeAsync(core, Input("Core", parent: cabinet))));

        Assert.Equal(nameof(RouterInput.ParentRouterId), Assert.Single(refused.Errors).Field);
        await using var db = company.Open();
        var upstreams = await Upstreams.ReadAsync(db);
        Assert.Equal([tower, core], upstreams.Above(cabinet));
        Assert.Equivalent(new[] { tower, cabinet }, upstreams.Below(core), strict: true);
    }

    [Fact]
    public void A_ring_drawn_by_two_people_at_once_ends_the_walk()
    {
        var (one, two) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        Assert.Equal([two], new Upstreams([(one, two), (two, one)]).Above(one));
    }

    [Fact]
    public async Task What_something_belongs_to_stays()
    {
        var company = await network.CompanyAsync();
        var core = await AddRouterAsync(company, "Core", "Kilimani");
        await AddRouterAsync(company, "Tower", parent: core);
        await using var db = company.Open();
        var site = await db.Sites.SingleAsync();

        var inUse = await Assert.ThrowsAsync<DomainException>(() => company.AsAsync<SiteService>(Role.Owner, s => s.RemoveAsync(site.Id)));
        var parent = await Assert.ThrowsAsync<DomainException>(() => company.AsAsync<RouterService>(Role.Owner, r => r.RemoveAsync(core)));

        Assert.Contains("The router Core belongs to Kilimani", inUse.Message, StringComparison.Ordinal);
        Assert.Contains("Tower is reached over Core", parent.Message, StringComparison.Ordinal);
    }

    [Theory]
    [EachDatabase]
    public async Task A_site_counts_its_routers_sessions_and_lines(DatabaseProvider provider)
    {
        var company = await network.CompanyAsync(provider);
        var id = await AddRouterAsync(company, "Core", "Kilimani");
        await using var db = company.Open();
        var router = await db.Routers.SingleAsync(r => r.Id == id);
        var nas = await company.AddNasAsync(router: router);
        var online = await company.AddSubscriptionAsync();
        var offline = await company.AddSubscriptionAsync();
        await company.AddSubscriptionAsync();
        db.Add(new DataDefender.Domain.Radius.LiveSession { TenantId = company.Id, NasId = nas.Id, AcctSessionId = "81000001", SubscriptionId = online.Id, Username = online.Username, StartedAt = DateTime.UnixEpoch, UpdatedAt = DateTime.UnixEpoch });
        (await db.Subscriptions.SingleAsync(s => s.Id == offline.Id)).ServeFrom(router.SiteId);
        await db.SaveChangesAsync();

        var sites = await company.AsAsync<SiteService, PageOf<SiteRow>>(Role.Technician, s => s.ListAsync(new GridQuery(Search: "KILI")));

        var row = Assert.Single(sites.Items);
        Assert.Equal((1, 0, 1, 2), (row.Routers, row.RoutersDown, row.OpenSessions, row.Lines));
        Assert.Equivalent(new[] { online.Id, offline.Id }, await SiteLines.Of(db).Where(l => l.SiteId == row.Id).Select(l => l.SubscriptionId).ToListAsync(), strict: true);
    }

    [Theory]
    [EachDatabase]
    public async Task Lines_without_a_site_take_that_of_the_router_they_are_online_on_and_keep_it(DatabaseProvider provider)
    {
        var company = await network.CompanyAsync(provider);
        var (kilimani, ngong) = (await AddRouterAsync(company, "Core", "Kilimani"), await AddRouterAsync(company, "Mast", "Ngong"));
        var (online, twice, offline) = (await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync());
        await using var db = company.Open();
        var sites = await db.Routers.ToDictionaryAsync(r => r.Id, r => r.SiteId);
        foreach (var (line, router, session) in new[] { (online, kilimani, "81000001"), (twice, kilimani, "81000002"), (twice, ngong, "81000003") })
        {
            var nas = await company.AddNasAsync(router: await db.Routers.SingleAsync(r => r.Id == router));
            db.Add(new DataDefender.Domain.Radius.LiveSession { TenantId = company.Id, NasId = nas.Id, AcctSessionId = session, SubscriptionId = line.Id, Username = line.Username, StartedAt = DateTime.UnixEpoch, UpdatedAt = DateTime.UnixEpoch });
        }

        await db.SaveChangesAsync();

        Assert.Equal(new UnplacedLines(3, 1), await company.AsAsync<LinePlaces, UnplacedLines>(Role.Finance, p => p.UnplacedAsync()));
        Assert.Equal(1, await company.AsAsync<LinePlaces, int>(Role.Finance, p => p.AdoptAsync()));
        await company.AsAsync<LinePlaces>(Role.Owner, p => p.ChooseAsync(offline.Id, sites[ngong]));

        await using var after = company.Open();
        Assert.Equal((sites[kilimani], null, sites[ngong]), (await SiteOf(online), await SiteOf(twice), await SiteOf(offline)));

        Task<Guid?> SiteOf(Subscription line) => after.Subscriptions.Where(s => s.Id == line.Id).Select(s => s.SiteId).SingleAsync();
    }

    [Fact]
    public async Task A_latitude_without_its_longitude_is_refused_beside_its_field()
    {
        var company = await network.CompanyAsync();

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => company.AsAsync<SiteService, Guid>(Role.Owner, s => s.AddAsync(new SiteInput { Name = "Mast", Latitude = -1.29m })));

        Assert.Equal(nameof(SiteInput.Longitude), Assert.Single(refused.Errors).Field);
        await Assert.ThrowsAsync<ForbiddenException>(() => company.AsAsync<SiteService, Guid>(Role.Support, s => s.AddAsync(new SiteInput { Name = "Mast" })));
    }

    private static RouterInput Input(string name, string? site = null, Guid? parent = null) =>
        new() { Name = name, Host = "10.0.0.1", Username = "dd", Password = "Sekret-123", Site = site, ParentRouterId = parent };

    private static Task<Guid> AddRouterAsync(TestCompany company, string name, string? site = null, Guid? parent = null) =>
        company.AsAsync<RouterService, Guid>(Role.Owner, r => r.AddAsync(Input(name, site, parent)));
}
