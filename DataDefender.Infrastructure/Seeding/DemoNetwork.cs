using DataDefender.Domain.Addresses;
using DataDefender.Domain.Network;
using DataDefender.Domain.Topology;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Seeding;

/// <summary>How the demonstration's routers hang together, where they stand, and the address plan.</summary>
internal static class DemoNetwork
{
    private static readonly (string Site, SiteKind Kind, decimal Latitude, decimal Longitude, string Address)[] Sites =
    [
        ("Kilimani POP", SiteKind.PointOfPresence, -1.2907m, 36.7833m, "Argwings Kodhek Road, Nairobi"), ("Kasarani POP", SiteKind.PointOfPresence, -1.2216m, 36.8970m, "Thika Road, Nairobi"),
        ("Ruiru POP", SiteKind.Cabinet, -1.1466m, 36.9609m, "Eastern Bypass, Ruiru"), ("Ngong hill", SiteKind.Tower, -1.3667m, 36.6333m, "Ngong"),
    ];

    private static readonly (string Name, LinkKind Kind, int Mbps, string From, string FromInterface, string To, string ToInterface)[] Links =
    [
        ("Kilimani – Kasarani", LinkKind.Fibre, 1_000, "NBO-KILIMANI-1", "ether3", "NBO-KASARANI-1", "ether1"), ("Kasarani – Ruiru", LinkKind.Fibre, 500, "NBO-KASARANI-1", "sfp-sfpplus3", "KBU-RUIRU-1", "ether1"),
        ("Kilimani – Ngong", LinkKind.Radio, 200, "NBO-KILIMANI-1", "ether4", "KJD-NGONG-1", "ether1"),
    ];

    /// <summary>What a router sees at the other end of its cables.</summary>
    public static IEnumerable<(string Interface, string Router, string TheirInterface)> CablesOf(string router) =>
        Links.Where(l => l.From == router).Select(l => (l.FromInterface, l.To, l.ToInterface)).Concat(Links.Where(l => l.To == router).Select(l => (l.ToInterface, l.From, l.FromInterface)));

    public static async Task AddAsync(IServiceProvider scope, CancellationToken ct)
    {
        var (sites, routers, topology, plan) = (scope.GetRequiredService<SiteService>(), scope.GetRequiredService<RouterService>(), scope.GetRequiredService<TopologyService>(), scope.GetRequiredService<AddressPlanService>());
        var siteIds = (await sites.NamesAsync(ct)).ToDictionary(s => s.Name, s => s.Id);
        foreach (var (name, kind, latitude, longitude, address) in Sites)
        {
            await sites.ChangeAsync(siteIds[name], new SiteInput { Name = name, Kind = kind, Latitude = latitude, Longitude = longitude, Address = address }, ct);
        }

        var ids = (await routers.NamesAsync(ct)).ToDictionary(r => r.Name, r => r.Id);
        foreach (var link in Links)
        {
            var child = await routers.GetAsync(ids[link.To], ct);
            await routers.ChangeAsync(child.Id, child.ToInput() with { ParentRouterId = ids[link.From] }, ct: ct);
            await topology.AddLinkAsync(
                new LinkInput { Name = link.Name, Kind = link.Kind, CapacityKbps = link.Mbps * 1000, FromRouterId = ids[link.From], FromInterface = link.FromInterface, ToRouterId = ids[link.To], ToInterface = link.ToInterface }, ct);
        }

        await plan.AddAsync(new PrefixInput { Network = "100.64.0.0/10", Name = "Lines (RFC 6598)" }, ct);
        foreach (var (name, i) in ids.Keys.Order(StringComparer.Ordinal).Select((n, i) => (n, i)))
        {
            var router = await routers.GetAsync(ids[name], ct);
            await plan.AddAsync(new PrefixInput { Network = $"100.{64 + i}.0.0/16", Name = $"PPPoE of {name}", Use = PrefixUse.Pool, PoolName = "pppoe-pool", RouterId = router.Id, SiteId = router.SiteId, Gateway = $"100.{64 + i}.0.1" }, ct);
        }

        await plan.AddAsync(new PrefixInput { Network = "203.0.113.0/24", Name = "Public (documentation)" }, ct);
        await plan.AddAsync(new PrefixInput { Network = "203.0.113.0/26", Name = "Business lines", Use = PrefixUse.Lines, Gateway = "203.0.113.1" }, ct);
        await plan.AddAsync(new PrefixInput { Network = "203.0.113.128/26", Name = "Carrier-grade NAT", Use = PrefixUse.Shared }, ct);
        await plan.AddAsync(new PrefixInput { Network = "2001:db8::/32", Name = "IPv6 (documentation)" }, ct);
        await plan.AddAsync(new PrefixInput { Network = "2001:db8:100::/40", Name = "Homes", Use = PrefixUse.Delegation, DelegatedLength = 56 }, ct);
        await scope.GetRequiredService<CgnatService>().AddAsync(
            new CgnatMapInput { Name = "Homes Nairobi", Inside = "100.64.0.0/20", Outside = "203.0.113.128/26", BlockSize = 1008, ValidFrom = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc) }, ct);
    }
}
