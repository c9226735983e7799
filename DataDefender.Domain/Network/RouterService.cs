using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Domain.Topology;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Network;

/// <summary>The company's routers: which there are, how to reach them, and their certificates.</summary>
public sealed class RouterService(
    IDataDefenderDbFactory dbFactory, ISecretVault vault, IRouterGateway gateway, LiveMetrics metrics, LicenceGuard licence, CurrentUser user, TimeProvider clock)
{
    private static readonly RouterInputValidator Validator = new();

    public async Task<PageOf<RouterListItem>> ListAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var routers = db.Routers.AsNoTracking();
        if (query.Term is { } term)
        {
            routers = routers.Where(r =>
                r.Name.ToLower().Contains(term) || r.Host.ToLower().Contains(term) || db.Sites.Any(s => s.Id == r.SiteId && s.Name.ToLower().Contains(term)) || r.Model!.ToLower().Contains(term));
        }

        var sorted = (query.SortBy, query.Descending) switch
        {
            (nameof(RouterListItem.Site), false) => routers.OrderBy(r => db.Sites.Where(s => s.Id == r.SiteId).Select(s => s.Name).FirstOrDefault()),
            (nameof(RouterListItem.Site), true) => routers.OrderByDescending(r => db.Sites.Where(s => s.Id == r.SiteId).Select(s => s.Name).FirstOrDefault()),
            (nameof(RouterListItem.Model), false) => routers.OrderBy(r => r.Model),
            (nameof(RouterListItem.Model), true) => routers.OrderByDescending(r => r.Model),
            (nameof(RouterListItem.State), false) => routers.OrderBy(r => r.State),
            (nameof(RouterListItem.State), true) => routers.OrderByDescending(r => r.State),
            (_, true) => routers.OrderByDescending(r => r.Name),
            _ => routers.OrderBy(r => r.Name),
        };

        var page = await sorted.ThenBy(r => r.Id)
            .Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(r => new RouterListItem(
                r.Id, r.Name, db.Sites.Where(s => s.Id == r.SiteId).Select(s => s.Name).FirstOrDefault(), r.Host, r.ApiPort, r.UseTls, r.IsEnabled, r.Identity, r.Model, r.RouterOsVersion,
                r.State, r.StateSince, r.StateReason, r.LastSeenAt,
                db.NasDevices.Count(n => n.RouterId == r.Id),
                db.LiveSessions.Count(s => db.NasDevices.Any(n => n.RouterId == r.Id && n.Id == s.NasId))))
            .ToListAsync(ct);
        return new PageOf<RouterListItem>(page, await routers.CountAsync(ct));
    }

    /// <summary>All names, for pickers.</summary>
    public async Task<IReadOnlyList<NamedRouter>> NamesAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.Routers.OrderBy(r => r.Name).Select(r => new NamedRouter(r.Id, r.Name)).ToListAsync(ct);
    }

    public async Task<RouterDetails> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var r = await FindAsync(db, id, ct);
        var nas = await db.NasDevices.Where(n => n.RouterId == id).OrderBy(n => n.Name)
            .Select(n => new RouterNas(n.Id, n.Name, n.Address, n.Identifier, n.IsEnabled, db.LiveSessions.Count(s => s.NasId == n.Id)))
            .ToListAsync(ct);
        var site = await db.Sites.Where(s => s.Id == r.SiteId).Select(s => s.Name).SingleOrDefaultAsync(ct);
        var parent = await db.Routers.Where(p => p.Id == r.ParentRouterId).Select(p => p.Name).SingleOrDefaultAsync(ct);
        return new RouterDetails(
            r.Id, r.Name, r.SiteId, site, r.ParentRouterId, parent, r.Host, r.ApiPort, r.UseTls, r.Username, r.CertificateFingerprint, r.IsEnabled, r.CreatedAt,
            r.Identity, r.Model, r.RouterOsVersion, r.SerialNumber, r.State, r.StateSince, r.StateReason, r.LastSeenAt, nas, nas.Sum(n => n.OpenSessions));
    }

    /// <param name="trustedFingerprint">The certificate that the person saw and confirmed in a test; null pins the first one seen.</param>
    public async Task<Guid> AddAsync(RouterInput input, string? trustedFingerprint = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        if (string.IsNullOrEmpty(input.Password))
        {
            throw new InvalidInputException([new FieldError(nameof(RouterInput.Password), "Enter the API user's password.")]);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        await licence.DemandRouterAsync(db, ct);
        await RequireFreeNameAsync(db, input.Name.Trim(), except: null, ct);
        var router = new Router(db.TenantId, input, Now);
        router.SetPassword((await vault.OpenAsync(db.TenantId, ct)).Protect(router.PasswordPlace(), input.Password));
        router.PinCertificate(input.UseTls ? trustedFingerprint : null);
        await PlaceAsync(db, router, input, ct);
        db.Routers.Add(router);
        await db.SaveChangesAsync(ct);
        metrics.Announce(db.TenantId);
        return router.Id;
    }

    /// <param name="trustedFingerprint">As with <see cref="AddAsync"/>; null keeps what is pinned unless the host or TLS changed.</param>
    public async Task ChangeAsync(Guid id, RouterInput input, string? trustedFingerprint = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var router = await FindAsync(db, id, ct);
        await RequireFreeNameAsync(db, input.Name.Trim(), id, ct);
        router.Change(input);
        await PlaceAsync(db, router, input, ct);
        if (!string.IsNullOrEmpty(input.Password))
        {
            router.SetPassword((await vault.OpenAsync(db.TenantId, ct)).Protect(router.PasswordPlace(), input.Password));
        }

        if (input.UseTls && trustedFingerprint is not null)
        {
            router.PinCertificate(trustedFingerprint);
        }

        await db.SaveChangesAsync(ct);
        await AfterAsync(db.TenantId, router);
    }

    /// <summary>A router that is switched off is neither polled nor changed.</summary>
    public async Task SetEnabledAsync(Guid id, bool isEnabled, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var router = await FindAsync(db, id, ct);
        if (router.IsEnabled == isEnabled)
        {
            throw new DomainException("router.enabled", $"{router.Name} is switched {(isEnabled ? "on" : "off")} already.");
        }

        router.SetEnabled(isEnabled, Now);
        await db.SaveChangesAsync(ct);
        await AfterAsync(db.TenantId, router);
    }

    /// <summary>Trusts this certificate from now on; any other is refused until somebody confirms it in turn.</summary>
    public async Task PinCertificateAsync(Guid id, string fingerprint, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var router = await FindAsync(db, id, ct);
        if (!router.UseTls)
        {
            throw new DomainException("router.no_tls", $"{router.Name} is reached without TLS; there is no certificate to trust.");
        }

        router.PinCertificate(fingerprint);
        await db.SaveChangesAsync(ct);
        await AfterAsync(db.TenantId, router);
    }

    /// <exception cref="DomainException">A NAS stands on it.</exception>
    public async Task RemoveAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var router = await FindAsync(db, id, ct);
        var nas = await db.NasDevices.Where(n => n.RouterId == id).OrderBy(n => n.Name).Select(n => n.Name).ToListAsync(ct);
        if (nas.Count > 0)
        {
            throw new DomainException("router.in_use", $"{router.Name} carries the NAS {string.Join(", ", nas)}. Move or remove {(nas.Count == 1 ? "it" : "them")} first.");
        }

        if (await db.Routers.Where(r => r.ParentRouterId == id).OrderBy(r => r.Name).Select(r => r.Name).FirstOrDefaultAsync(ct) is { } child)
        {
            throw new DomainException("router.in_use", $"{child} is reached over {router.Name}. Say first what it is reached over instead.");
        }

        if (await db.NetworkLinks.Where(l => l.FromRouterId == id || l.ToRouterId == id).OrderBy(l => l.Name).Select(l => l.Name).FirstOrDefaultAsync(ct) is { } link)
        {
            throw new DomainException("router.in_use", $"The link {link} ends at {router.Name}. Change or remove it first.");
        }

        if (await db.AddressPrefixes.Where(p => p.RouterId == id).OrderBy(p => p.Network).Select(p => p.Network).FirstOrDefaultAsync(ct) is { } prefix)
        {
            throw new DomainException("router.in_use", $"The prefix {prefix} of the address plan belongs to {router.Name}. Change that first.");
        }

        if ((await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct))?.Design.HubRouterId == id)
        {
            throw new DomainException("router.in_use", $"{router.Name} is the WireGuard hub of the network design. Choose another one there first.");
        }

        db.Drifts.RemoveRange(await db.Drifts.Where(d => d.RouterId == id).ToListAsync(ct));
        db.DriftLooks.RemoveRange(await db.DriftLooks.Where(l => l.RouterId == id).ToListAsync(ct));
        db.RouterNeighbours.RemoveRange(await db.RouterNeighbours.Where(n => n.RouterId == id).ToListAsync(ct));
        db.RouterCare.RemoveRange(await db.RouterCare.Where(c => c.RouterId == id).ToListAsync(ct));
        db.Routers.Remove(router);
        await db.SaveChangesAsync(ct);
        metrics.Forget(db.TenantId, id);
        await gateway.ForgetAsync(id);
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    // The next command opens a connection with the new settings; one that is off keeps none.
    private async Task AfterAsync(Guid tenantId, Router router)
    {
        await gateway.ForgetAsync(router.Id);
        if (router.IsEnabled)
        {
            metrics.Announce(tenantId);
        }
        else
        {
            metrics.Forget(tenantId, router.Id);
        }
    }

    private async Task PlaceAsync(IDataDefenderDb db, Router router, RouterInput input, CancellationToken ct)
    {
        router.StandAt(string.IsNullOrWhiteSpace(input.Site) ? null : await SiteService.NamedAsync(db, input.Site.Trim(), Now, ct));
        if (input.ParentRouterId is { } parent)
        {
            var name = await db.Routers.Where(r => r.Id == parent).Select(r => r.Name).SingleOrDefaultAsync(ct) ?? throw new NotFoundException("Router", parent);
            if ((await Upstreams.ReadAsync(db, ct)).WouldClose(router.Id, parent))
            {
                throw new InvalidInputException([new FieldError(nameof(RouterInput.ParentRouterId), $"{name} is itself reached over {router.Name}.")]);
            }
        }

        router.ReachOver(input.ParentRouterId);
    }

    private static async Task<Router> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.Routers.SingleOrDefaultAsync(r => r.Id == id, ct) ?? throw new NotFoundException("Router", id);

    private static async Task RequireFreeNameAsync(IDataDefenderDb db, string name, Guid? except, CancellationToken ct)
    {
        if (await db.Routers.AnyAsync(r => r.Name == name && r.Id != except, ct))
        {
            throw new InvalidInputException([new FieldError(nameof(RouterInput.Name), $"Another router is called {name} already.")]);
        }
    }
}
