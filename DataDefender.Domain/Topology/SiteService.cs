using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Topology;

/// <summary>A site as the list shows it.</summary>
/// <param name="Lines">Lines that belong to it, by choice or by the router that they are online on.</param>
public sealed record SiteRow(Guid Id, string Name, SiteKind Kind, decimal? Latitude, decimal? Longitude, string? Address, string? Notes, int Routers, int RoutersDown, int OpenSessions, int Lines)
{
    public SiteInput ToInput() => new() { Name = Name, Kind = Kind, Latitude = Latitude, Longitude = Longitude, Address = Address, Notes = Notes };
}

/// <summary>For pickers.</summary>
public sealed record NamedSite(Guid Id, string Name);

/// <summary>The company's sites.</summary>
public sealed class SiteService(IDataDefenderDbFactory dbFactory, CurrentUser user, TimeProvider clock)
{
    private static readonly SiteInputValidator Validator = new();

    public async Task<PageOf<SiteRow>> ListAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var sites = db.Sites.AsNoTracking();
        if (query.Term is { } term)
        {
            sites = sites.Where(s => s.Name.ToLower().Contains(term) || s.Address!.ToLower().Contains(term));
        }

        var sorted = (query.SortBy, query.Descending) switch
        {
            (nameof(SiteRow.Kind), false) => sites.OrderBy(s => s.Kind),
            (nameof(SiteRow.Kind), true) => sites.OrderByDescending(s => s.Kind),
            (nameof(SiteRow.Routers), false) => sites.OrderBy(s => db.Routers.Count(r => r.SiteId == s.Id)),
            (nameof(SiteRow.Routers), true) => sites.OrderByDescending(s => db.Routers.Count(r => r.SiteId == s.Id)),
            (_, true) => sites.OrderByDescending(s => s.Name),
            _ => sites.OrderBy(s => s.Name),
        };
        var page = sorted.ThenBy(s => s.Id).Skip(query.Page * query.PageSize).Take(query.PageSize);
        return new PageOf<SiteRow>(await Rows(db, page).ToListAsync(ct), await sites.CountAsync(ct));
    }

    public async Task<SiteRow> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await Rows(db, db.Sites.AsNoTracking().Where(s => s.Id == id)).SingleOrDefaultAsync(ct) ?? throw new NotFoundException("Site", id);
    }

    /// <summary>All names, for pickers.</summary>
    public async Task<IReadOnlyList<NamedSite>> NamesAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.Sites.OrderBy(s => s.Name).Select(s => new NamedSite(s.Id, s.Name)).ToListAsync(ct);
    }

    public async Task<Guid> AddAsync(SiteInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        await RequireFreeNameAsync(db, input.Name.Trim(), null, ct);
        var site = new Site(db.TenantId, input, clock.GetUtcNow().UtcDateTime);
        db.Sites.Add(site);
        await SaveAsync(db, site, ct);
        return site.Id;
    }

    public async Task ChangeAsync(Guid id, SiteInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var site = await FindAsync(db, id, ct);
        await RequireFreeNameAsync(db, input.Name.Trim(), id, ct);
        site.Change(input);
        await SaveAsync(db, site, ct);
    }

    /// <exception cref="DomainException">Something belongs to it still.</exception>
    public async Task RemoveAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var site = await FindAsync(db, id, ct);
        if (await db.Routers.Where(r => r.SiteId == id).OrderBy(r => r.Name).Select(r => r.Name).FirstOrDefaultAsync(ct) is { } router)
        {
            throw InUse(site, $"the router {router}");
        }

        if (await db.NetworkLinks.Where(l => l.FromSiteId == id || l.ToSiteId == id).OrderBy(l => l.Name).Select(l => l.Name).FirstOrDefaultAsync(ct) is { } link)
        {
            throw InUse(site, $"the link {link}");
        }

        if (await db.AddressPrefixes.Where(p => p.SiteId == id).OrderBy(p => p.Network).Select(p => p.Network).FirstOrDefaultAsync(ct) is { } prefix)
        {
            throw InUse(site, $"the prefix {prefix}");
        }

        if (await db.Subscriptions.CountAsync(s => s.SiteId == id, ct) is > 0 and var lines)
        {
            throw InUse(site, lines == 1 ? "a line" : $"{lines} lines");
        }

        db.Sites.Remove(site);
        await db.SaveAsync(() => Task.FromResult<DomainException?>(InUse(site, "something")), ct);
    }

    private static DomainException InUse(Site site, string what) => new("site.in_use", $"{what.ToUpperInvariant()[0]}{what[1..]} belongs to {site.Name}. Move it first.");

    /// <summary>The site of that name, made when there is none.</summary>
    public static async Task<Guid> NamedAsync(IDataDefenderDb db, string name, DateTime now, CancellationToken ct)
    {
        var lower = name.ToLowerInvariant();
        if (await db.Sites.Where(s => s.Name.ToLower() == lower).Select(s => (Guid?)s.Id).FirstOrDefaultAsync(ct) is { } id)
        {
            return id;
        }

        var site = new Site(db.TenantId, new SiteInput { Name = name }, now);
        db.Sites.Add(site);
        return site.Id;
    }

    private static IQueryable<SiteRow> Rows(IDataDefenderDb db, IQueryable<Site> sites) => sites.Select(s => new SiteRow(
        s.Id, s.Name, s.Kind, s.Latitude, s.Longitude, s.Address, s.Notes,
        db.Routers.Count(r => r.SiteId == s.Id),
        db.Routers.Count(r => r.SiteId == s.Id && r.State == Network.RouterState.Down),
        db.LiveSessions.Count(l => db.NasDevices.Any(n => n.Id == l.NasId && db.Routers.Any(r => r.Id == n.RouterId && r.SiteId == s.Id))),
        db.Subscriptions.Count(l => l.SiteId == s.Id || (l.SiteId == null && db.LiveSessions.Any(x =>
            x.SubscriptionId == l.Id && db.NasDevices.Any(n => n.Id == x.NasId && db.Routers.Any(r => r.Id == n.RouterId && r.SiteId == s.Id)))))));

    private static async Task<Site> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.Sites.SingleOrDefaultAsync(s => s.Id == id, ct) ?? throw new NotFoundException("Site", id);

    private static Task SaveAsync(IDataDefenderDb db, Site site, CancellationToken ct) => db.SaveAsync(
        async () => await db.Sites.AsNoTracking().AnyAsync(s => s.Name == site.Name && s.Id != site.Id, ct) ? Taken(site.Name) : null, ct);

    private static async Task RequireFreeNameAsync(IDataDefenderDb db, string name, Guid? except, CancellationToken ct)
    {
        var lower = name.ToLowerInvariant();
        if (await db.Sites.AnyAsync(s => s.Name.ToLower() == lower && s.Id != except, ct))
        {
            throw Taken(name);
        }
    }

    private static InvalidInputException Taken(string name) => new([new FieldError(nameof(SiteInput.Name), $"Another site is called {name} already.")]);
}
