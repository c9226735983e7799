using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Topology;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Tests.Network;

public sealed class TopologyServiceTests(NetworkFixture network) : IClassFixture<NetworkFixture>
{
    [Fact]
    public async Task What_hangs_under_a_router_that_is_down_is_unknown_and_not_down()
    {
        var company = await network.CompanyAsync();
        var (core, tower, cabinet) = (await company.AddRouterAsync("Core"), await company.AddRouterAsync("Tower"), await company.AddRouterAsync("Cabinet"));
        await ReachAsync(company, (tower, core), (cabinet, tower));
        Say(company, core, RouterState.Down);
        Say(company, tower, RouterState.Down);
        Say(company, cabinet, RouterState.Down);

        var nodes = (await PictureAsync(company)).Nodes.ToDictionary(n => n.Name);

        Assert.Equal(RouterState.Down, nodes["Core"].State);
        Assert.Equal((RouterState.Unknown, RouterState.Unknown), (nodes["Tower"].State, nodes["Cabinet"].State));
        Assert.Contains("reached over Core, which is down", nodes["Tower"].Why, StringComparison.Ordinal);
        Assert.Equal(tower.Id, nodes["Cabinet"].ParentId);
    }

    [Fact]
    public async Task A_drawn_link_is_as_full_as_its_busier_direction_and_unmeasured_it_is_unknown()
    {
        var company = await network.CompanyAsync();
        var (core, tower) = (await company.AddRouterAsync("Core"), await company.AddRouterAsync("Tower"));
        await LinkAsync(company, new LinkInput { Name = "Backhaul", Kind = LinkKind.Radio, CapacityKbps = 400_000, FromRouterId = core.Id, FromInterface = "sfp1", ToRouterId = tower.Id, ToInterface = "ether1" });

        Assert.Equal((RouterState.Unknown, null), ((await PictureAsync(company)).Links[0].State, (await PictureAsync(company)).Links[0].Percent));
        Say(company, core, RouterState.Up, new InterfaceReading("sfp1", "ether", true, false, 0, 0, 300e6, 40e6, 0, 0));

        var link = Assert.Single((await PictureAsync(company)).Links);
        Assert.Equal((RouterState.Up, 75.0, 300e6), (link.State, link.Percent!.Value, link.BitsPerSecond!.Value));
        Say(company, core, RouterState.Up, new InterfaceReading("sfp1", "ether", false, false, 0, 0, 0, 0, 0, 1));
        Assert.Equal(RouterState.Down, (await PictureAsync(company)).Links[0].State);
        Say(company, core, RouterState.Down, new InterfaceReading("sfp1", "ether", false, false, 0, 0, 0, 0, 0, 1));
        Assert.Equal(RouterState.Unknown, (await PictureAsync(company)).Links[0].State); // a router that does not answer says nothing of its link
    }

    [Fact]
    public async Task Routers_that_see_one_another_are_linked_once_and_strangers_are_counted()
    {
        var company = await network.CompanyAsync();
        var (core, tower) = (await company.AddRouterAsync("Core", host: "192.0.2.1"), await company.AddRouterAsync("Tower", host: "192.0.2.2"));
        await using (var db = company.Open())
        {
            db.AddRange(
                new RouterNeighbour(company.Id, core.Id, new NeighbourReading("sfp1", "4C:5E:0C:00:00:02", "tower", null, "ether1", "MikroTik", null, null), DateTime.UnixEpoch),
                new RouterNeighbour(company.Id, tower.Id, new NeighbourReading("ether1", "4C:5E:0C:00:00:01", null, "192.0.2.1", "sfp1", null, null, null), DateTime.UnixEpoch),
                new RouterNeighbour(company.Id, tower.Id, new NeighbourReading("ether5", "4C:5E:0C:00:00:09", "Caf\u00e9-AP\0", "192.168.88.20", null, "MikroTik", null, null), DateTime.UnixEpoch));
            await db.SaveChangesAsync();
        }

        var picture = await PictureAsync(company);

        Assert.Equal((LinkSource.Seen, 1), (Assert.Single(picture.Links).Source, picture.Strangers));
        var strangers = await company.AsAsync<TopologyService, PageOf<Stranger>>(Role.Technician, t => t.StrangersAsync(new GridQuery(Search: "café")));
        Assert.Equal(("Café-AP", "Tower"), (Assert.Single(strangers.Items).Name, strangers.Items[0].Router));
    }

    [Fact]
    public async Task By_site_the_worst_that_is_known_counts_and_links_within_a_site_are_not_drawn()
    {
        var company = await network.CompanyAsync();
        var site = await company.AddSiteAsync("Ngong hill", -1.36m, 36.65m);
        var (one, two, far) = (await company.AddRouterAsync("R1"), await company.AddRouterAsync("R2"), await company.AddRouterAsync("R3"));
        await using (var db = company.Open())
        {
            foreach (var router in await db.Routers.Where(r => r.Name == "R1" || r.Name == "R2").ToListAsync())
            {
                router.StandAt(site.Id);
            }

            await db.SaveChangesAsync();
        }

        await ReachAsync(company, (two, one), (far, two));
        Say(company, one, RouterState.Up);
        Say(company, two, RouterState.Down);
        Say(company, far, RouterState.Up);

        var picture = await PictureAsync(company, bySite: true);

        Assert.Equal([("Ngong hill", true, RouterState.Down, 2), ("R3", false, RouterState.Up, 1)], picture.Nodes.Select(n => (n.Name, n.IsSite, n.State, n.Routers)));
        Assert.Equal((site.Id, far.Id, LinkSource.Upstream), (Assert.Single(picture.Links).From, picture.Links[0].To, picture.Links[0].Source));
    }

    [Fact]
    public async Task A_link_has_two_different_ends_of_this_company()
    {
        var (company, other) = (await network.CompanyAsync(), await network.CompanyAsync());
        var (core, theirs) = (await company.AddRouterAsync("Core"), await other.AddRouterAsync("Theirs"));

        await Assert.ThrowsAsync<InvalidInputException>(() => LinkAsync(company, new LinkInput { Name = "Loop", FromRouterId = core.Id, ToRouterId = core.Id }));
        await Assert.ThrowsAsync<NotFoundException>(() => LinkAsync(company, new LinkInput { Name = "Over", FromRouterId = core.Id, ToRouterId = theirs.Id }));
    }

    private void Say(TestCompany company, Router router, RouterState state, params InterfaceReading[] interfaces) => network.Metrics.Publish(new RouterSnapshot(
        company.Id, router.Id, router.Name, DateTime.UnixEpoch, state, state is RouterState.Up ? null : "said by the test", null, null, null, null, null, null, null, null, null, [.. interfaces]));

    private static async Task ReachAsync(TestCompany company, params (Router Child, Router Parent)[] pairs)
    {
        await using var db = company.Open();
        foreach (var (child, parent) in pairs)
        {
            (await db.Routers.SingleAsync(r => r.Id == child.Id)).ReachOver(parent.Id);
        }

        await db.SaveChangesAsync();
    }

    private static Task<NetworkPicture> PictureAsync(TestCompany company, bool bySite = false) => company.AsAsync<TopologyService, NetworkPicture>(Role.Technician, t => t.GetAsync(bySite));

    private static Task<Guid> LinkAsync(TestCompany company, LinkInput input) => company.AsAsync<TopologyService, Guid>(Role.Owner, t => t.AddLinkAsync(input));
}
