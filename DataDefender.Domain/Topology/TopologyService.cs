using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Topology;

/// <summary>A router, or a site with all that stands there.</summary>
/// <param name="ParentId">The node it is reached over.</param>
/// <param name="State">Of a site the worst of its routers that is known. What hangs under something that is down is unknown, not down.</param>
/// <param name="Why">When it is not up.</param>
public sealed record TopologyNode(Guid Id, bool IsSite, string Name, string? Note, Guid? ParentId, RouterState State, string? Why, int Routers, int Sessions, decimal? Latitude, decimal? Longitude);

public enum LinkSource
{
    /// <summary>Drawn by a person.</summary>
    Drawn,

    /// <summary>The routers see one another.</summary>
    Seen,

    /// <summary>Only that one is reached over the other is known.</summary>
    Upstream,
}

/// <param name="BitsPerSecond">The busier direction, null when it is not measured.</param>
/// <param name="Percent">Of its capacity; null when either is not known.</param>
/// <param name="State">Unknown when an end is not known; down when the interface does not run.</param>
public sealed record TopologyLink(
    Guid? LinkId, Guid From, Guid To, string Name, LinkSource Source, LinkKind? Kind, int? CapacityKbps, double? BitsPerSecond, double? Percent, RouterState State, string Detail);

/// <summary>A device that routers see and that is none of ours.</summary>
public sealed record Stranger(Guid RouterId, string Router, string Interface, string Name, string? Address, string Mac, string? Board, DateTime SeenAt);

public sealed record NetworkPicture(IReadOnlyList<TopologyNode> Nodes, IReadOnlyList<TopologyLink> Links, IReadOnlyList<TopologyNode> Unplaced, int Strangers, DateTime? SeenAt);

public sealed record LinkRow(Guid Id, string Name, LinkKind Kind, int? CapacityKbps, string From, string? FromInterface, string To, string? ToInterface, LinkInput Input);

/// <summary>How the network hangs together: what people have drawn, what routers see of one another, and what flows now.</summary>
public sealed class TopologyService(IDataDefenderDbFactory dbFactory, LiveMetrics metrics, CurrentUser user, TimeProvider clock)
{
    private static readonly LinkInputValidator Validator = new();

    /// <param name="bySite">Routers of one site are one node.</param>
    public async Task<NetworkPicture> GetAsync(bool bySite, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var sites = await db.Sites.AsNoTracking().ToDictionaryAsync(s => s.Id, ct);
        var routers = await db.Routers.AsNoTracking().Where(r => r.IsEnabled)
            .Select(r => new { r.Id, r.Name, r.Model, r.SiteId, r.ParentRouterId, r.State, r.StateReason, r.Identity, r.Host }).ToListAsync(ct);
        var sessions = await (from session in db.LiveSessions
                              join nas in db.NasDevices on session.NasId equals nas.Id
                              where nas.RouterId != null
                              group session by nas.RouterId!.Value into g
                              select new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var links = await db.NetworkLinks.AsNoTracking().OrderBy(l => l.Name).ToListAsync(ct);
        var neighbours = await db.RouterNeighbours.AsNoTracking().ToListAsync(ct);
        var live = metrics.Latest(db.TenantId).ToDictionary(s => s.RouterId);
        var upstreams = new Upstreams(routers.Select(r => (r.Id, r.ParentRouterId)));
        var byId = routers.ToDictionary(r => r.Id);

        (RouterState State, string? Why) StateOf(Guid id)
        {
            var router = byId[id];
            var (state, why) = live.TryGetValue(id, out var snapshot) ? (snapshot.State, snapshot.Reason) : (router.State, router.StateReason);
            return state is RouterState.Down && upstreams.Above(id).FirstOrDefault(p => byId.ContainsKey(p) && Raw(p) is RouterState.Down) is var over && over != Guid.Empty
                ? (RouterState.Unknown, $"It is reached over {byId[over].Name}, which is down: nothing is known of it.")
                : (state, why);
        }

        RouterState Raw(Guid id) => live.TryGetValue(id, out var snapshot) ? snapshot.State : byId[id].State;

        Guid NodeOf(Guid router) => bySite && byId[router].SiteId is { } site ? site : router;

        var nodes = new List<TopologyNode>();
        foreach (var group in routers.GroupBy(r => NodeOf(r.Id)))
        {
            var first = group.First();
            var states = group.Select(r => StateOf(r.Id)).ToList();
            var worst = states.OrderByDescending(s => s.State switch { RouterState.Down => 3, RouterState.Degraded => 2, RouterState.Unknown => 1, _ => 0 }).First();
            var parent = group.Select(r => r.ParentRouterId).OfType<Guid>().Where(byId.ContainsKey).Select(p => (Guid?)NodeOf(p)).FirstOrDefault(p => p != group.Key);
            var site = first.SiteId is { } at ? sites[at] : null;
            nodes.Add(bySite && site is not null
                ? new TopologyNode(site.Id, true, site.Name, null, parent, worst.State, worst.Why, group.Count(), group.Sum(r => sessions.GetValueOrDefault(r.Id)), site.Latitude, site.Longitude)
                : new TopologyNode(first.Id, false, first.Name, site?.Name ?? first.Model, parent, worst.State, worst.Why, 1, sessions.GetValueOrDefault(first.Id), site?.Latitude, site?.Longitude));
        }

        var present = nodes.Select(n => n.Id).ToHashSet();
        foreach (var site in sites.Values.Where(s => !present.Contains(s.Id) && (bySite || links.Exists(l => l.FromSiteId == s.Id || l.ToSiteId == s.Id))))
        {
            nodes.Add(new TopologyNode(site.Id, true, site.Name, "no router of ours", null, RouterState.Unknown, "No router of ours stands there, so nothing is known of it.", 0, 0, site.Latitude, site.Longitude));
        }

        var drawn = new List<TopologyLink>();
        foreach (var link in links)
        {
            if (End(link.FromRouterId, link.FromSiteId) is { } from && End(link.ToRouterId, link.ToSiteId) is { } to && from != to)
            {
                drawn.Add(Measured(link, from, to));
            }
        }

        Guid? End(Guid? router, Guid? site) => router is { } r ? byId.ContainsKey(r) ? NodeOf(r) : null : site is { } s && nodes.Exists(n => n.Id == s) ? s : null;

        TopologyLink Measured(NetworkLink link, Guid from, Guid to)
        {
            var readings = new[] { Reading(link.FromRouterId, link.FromInterface), Reading(link.ToRouterId, link.ToInterface) }.OfType<InterfaceReading>().ToList();
            var rates = readings.SelectMany(r => new[] { r.RxBitsPerSecond, r.TxBitsPerSecond }).OfType<double>().ToList();
            double? rate = rates.Count == 0 ? null : rates.Max();
            var state = readings.Count == 0 ? RouterState.Unknown : readings.Exists(r => r.Disabled || !r.Running) ? RouterState.Down : RouterState.Up;
            double? percent = state is RouterState.Up && rate is { } bits && link.CapacityKbps is { } capacity ? Math.Min(100, bits / 10 / capacity) : null;
            var detail = readings.Count == 0
                ? link.FromInterface is null && link.ToInterface is null ? "No interface is named for it, so it is not measured." : "Its interface has not been read lately."
                : state is RouterState.Down ? $"{readings.First(r => r.Disabled || !r.Running).Name} does not run." : "";
            return new TopologyLink(link.Id, from, to, link.Name, LinkSource.Drawn, link.Kind, link.CapacityKbps, rate, percent, state, detail);
        }

        InterfaceReading? Reading(Guid? router, string? name) =>
            router is { } r && name is not null && live.TryGetValue(r, out var snapshot) && snapshot.State is not (RouterState.Down or RouterState.Unknown) ? snapshot.Interfaces.FirstOrDefault(i => i.Name == name) : null;

        // Seen between two of ours: told by identity or by the address that we poll.
        var byIdentity = routers.GroupBy(r => r.Identity ?? r.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() == 1).ToDictionary(g => g.Key, g => g.Single().Id, StringComparer.OrdinalIgnoreCase);
        var byHost = routers.GroupBy(r => r.Host).Where(g => g.Count() == 1).ToDictionary(g => g.Key, g => g.Single().Id);
        var joined = drawn.Select(l => Pair(l.From, l.To)).ToHashSet();
        var strangers = 0;
        foreach (var seen in neighbours.Where(n => byId.ContainsKey(n.RouterId)))
        {
            if (Ours(seen) is not { } other)
            {
                strangers++;
                continue;
            }

            var (from, to) = (NodeOf(seen.RouterId), NodeOf(other));
            if (from != to && joined.Add(Pair(from, to)))
            {
                var reading = Reading(seen.RouterId, seen.Interface.Split(',')[0]);
                double? rate = reading is null ? null : new[] { reading.RxBitsPerSecond, reading.TxBitsPerSecond }.Max();
                drawn.Add(new TopologyLink(
                    null, from, to, $"{byId[seen.RouterId].Name} {seen.Interface} – {byId[other].Name} {seen.TheirInterface}", LinkSource.Seen, null, null, rate, null,
                    reading is null ? RouterState.Unknown : reading.Running ? RouterState.Up : RouterState.Down, reading is null ? "Its interface has not been read lately." : ""));
            }
        }

        Guid? Ours(RouterNeighbour seen) =>
            seen.Identity is { } identity && byIdentity.TryGetValue(identity, out var named) && named != seen.RouterId ? named
            : seen.Address is { } address && byHost.TryGetValue(address, out var hosted) && hosted != seen.RouterId ? hosted : null;

        foreach (var node in nodes.Where(n => n.ParentId is { } parent && joined.Add(Pair(n.Id, parent))).ToList())
        {
            drawn.Add(new TopologyLink(null, node.ParentId!.Value, node.Id, "Upstream", LinkSource.Upstream, null, null, null, null, RouterState.Unknown, "Nobody has drawn this link, and the routers do not say that they see one another."));
        }

        var ordered = nodes.OrderBy(n => n.Name, StringComparer.OrdinalIgnoreCase).ToList();
        return new NetworkPicture(ordered, drawn, [.. ordered.Where(n => n.Latitude is null)], strangers, neighbours.Count == 0 ? null : neighbours.Max(n => n.SeenAt));
    }

    /// <summary>Which view says more at first sight: past so many routers one node a site.</summary>
    public async Task<int> CountAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.Routers.CountAsync(r => r.IsEnabled, ct);
    }

    public async Task<PageOf<LinkRow>> LinksAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var links = db.NetworkLinks.AsNoTracking();
        if (query.Term is { } term)
        {
            links = links.Where(l => l.Name.ToLower().Contains(term));
        }

        var page = await links.OrderBy(l => l.Name).ThenBy(l => l.Id).Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct);
        var routerIds = page.SelectMany(l => new[] { l.FromRouterId, l.ToRouterId }).OfType<Guid>().ToList();
        var siteIds = page.SelectMany(l => new[] { l.FromSiteId, l.ToSiteId }).OfType<Guid>().ToList();
        var routers = await db.Routers.Where(r => routerIds.Contains(r.Id)).ToDictionaryAsync(r => r.Id, r => r.Name, ct);
        var sites = await db.Sites.Where(s => siteIds.Contains(s.Id)).ToDictionaryAsync(s => s.Id, s => s.Name, ct);
        string End(Guid? router, Guid? site) => router is { } r ? routers[r] : site is { } s ? sites[s] : "";
        return new PageOf<LinkRow>(
            [.. page.Select(l => new LinkRow(l.Id, l.Name, l.Kind, l.CapacityKbps, End(l.FromRouterId, l.FromSiteId), l.FromInterface, End(l.ToRouterId, l.ToSiteId), l.ToInterface, new LinkInput
            {
                Name = l.Name, Kind = l.Kind, CapacityKbps = l.CapacityKbps, FromRouterId = l.FromRouterId, FromSiteId = l.FromSiteId, FromInterface = l.FromInterface, ToRouterId = l.ToRouterId, ToSiteId = l.ToSiteId, ToInterface = l.ToInterface,
            }))],
            await links.CountAsync(ct));
    }

    /// <summary>The interfaces of a router as the poller last read them, for a picker.</summary>
    public IReadOnlyList<string> Interfaces(Guid tenantId, Guid routerId) => [.. (metrics.Latest(tenantId, routerId)?.Interfaces ?? []).Select(i => i.Name)];

    /// <summary>Devices that are none of ours, as the routers see them.</summary>
    public async Task<PageOf<Stranger>> StrangersAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var seen = from neighbour in db.RouterNeighbours.AsNoTracking()
                   join router in db.Routers on neighbour.RouterId equals router.Id
                   where !db.Routers.Any(r => r.Id != router.Id && ((neighbour.Identity != null && r.Identity == neighbour.Identity) || (neighbour.Address != null && r.Host == neighbour.Address)))
                   select new { neighbour, router };
        if (query.Term is { } term)
        {
            seen = seen.Where(s => s.neighbour.Identity!.ToLower().Contains(term) || s.neighbour.Mac.ToLower().Contains(term) || s.neighbour.Address!.Contains(term) || s.router.Name.ToLower().Contains(term));
        }

        var page = await seen.OrderBy(s => s.router.Name).ThenBy(s => s.neighbour.Interface).ThenBy(s => s.neighbour.Id).Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(s => new Stranger(s.router.Id, s.router.Name, s.neighbour.Interface, s.neighbour.Identity ?? s.neighbour.Mac, s.neighbour.Address, s.neighbour.Mac, s.neighbour.Board, s.neighbour.SeenAt)).ToListAsync(ct);
        return new PageOf<Stranger>(page, await seen.CountAsync(ct));
    }

    public async Task<Guid> AddLinkAsync(LinkInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var link = new NetworkLink(db.TenantId, input, clock.GetUtcNow().UtcDateTime);
        await RequireEndsAsync(db, link, ct);
        db.NetworkLinks.Add(link);
        await db.SaveAsync(() => TakenAsync(db, link, ct), ct);
        return link.Id;
    }

    public async Task ChangeLinkAsync(Guid id, LinkInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var link = await db.NetworkLinks.SingleOrDefaultAsync(l => l.Id == id, ct) ?? throw new NotFoundException("Link", id);
        link.Change(input);
        await RequireEndsAsync(db, link, ct);
        await db.SaveAsync(() => TakenAsync(db, link, ct), ct);
    }

    public async Task RemoveLinkAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        db.NetworkLinks.Remove(await db.NetworkLinks.SingleOrDefaultAsync(l => l.Id == id, ct) ?? throw new NotFoundException("Link", id));
        await db.SaveAsync(ct);
    }

    private static async Task RequireEndsAsync(IDataDefenderDb db, NetworkLink link, CancellationToken ct)
    {
        foreach (var router in new[] { link.FromRouterId, link.ToRouterId }.OfType<Guid>())
        {
            _ = await db.Routers.AnyAsync(r => r.Id == router, ct) ? router : throw new NotFoundException("Router", router);
        }

        foreach (var site in new[] { link.FromSiteId, link.ToSiteId }.OfType<Guid>())
        {
            _ = await db.Sites.AnyAsync(s => s.Id == site, ct) ? site : throw new NotFoundException("Site", site);
        }

        if (await TakenAsync(db, link, ct) is { } taken)
        {
            throw taken;
        }
    }

    private static async Task<DomainException?> TakenAsync(IDataDefenderDb db, NetworkLink link, CancellationToken ct) =>
        await db.NetworkLinks.AsNoTracking().AnyAsync(l => l.Name == link.Name && l.Id != link.Id, ct) ? new InvalidInputException([new FieldError(nameof(LinkInput.Name), $"Another link is called {link.Name} already.")]) : null;

    private static (Guid, Guid) Pair(Guid one, Guid other) => one.CompareTo(other) < 0 ? (one, other) : (other, one);
}
