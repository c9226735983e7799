using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Provisioning;

/// <summary>A router, how to reach it, and what its design is worked out from.</summary>
/// <param name="Endpoint">Null when its password cannot be read.</param>
public sealed record ProvisioningTarget(ProvisioningFacts Facts, RouterEndpoint? Endpoint, bool IsEnabled);

/// <summary>Reads from the database what a plan is made of.</summary>
public static class ProvisioningFactsReading
{
    public static async Task<ProvisioningTarget> ReadAsync(IDataDefenderDb db, ITenantCipher cipher, Guid routerId, CancellationToken ct) =>
        await ReadAsync(db, cipher, [routerId], ct) is [var target] ? target : throw new NotFoundException("Router", routerId);

    /// <summary>The same of many routers at once, by name; one that is gone is missing.</summary>
    public static async Task<IReadOnlyList<ProvisioningTarget>> ReadAsync(IDataDefenderDb db, ITenantCipher cipher, IReadOnlyCollection<Guid> routerIds, CancellationToken ct)
    {
        var ids = routerIds.ToList();
        var routers = await db.Routers.AsNoTracking().Where(r => ids.Contains(r.Id)).OrderBy(r => r.Name).ToListAsync(ct);
        var settings = await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct) ?? new NetworkSettings(db.TenantId);
        var devices = await db.NasDevices.AsNoTracking().Where(n => n.RouterId != null && ids.Contains(n.RouterId.Value) && n.IsEnabled && n.Address != "").OrderBy(n => n.Name).ToListAsync(ct);
        var nasOf = devices.GroupBy(n => n.RouterId!.Value).ToDictionary(g => g.Key, g => g.First());
        var packages = await db.Packages.AsNoTracking().Where(p => p.Status == PackageStatus.Active).OrderBy(p => p.Name).ToListAsync(ct);
        var lines = await LinesAsync(db, cipher, routers, settings, ct);
        var (hub, tunnelled) = await TunnelsAsync(db, settings.Design, ct);
        var sites = await db.Sites.AsNoTracking().ToDictionaryAsync(s => s.Id, s => s.Name, ct);
        return routers.ConvertAll(router => Target(router, settings, nasOf.GetValueOrDefault(router.Id), packages, lines.GetValueOrDefault(router.Id) ?? [], router.SiteId is { } site ? sites.GetValueOrDefault(site) : null, router.Id == settings.Design.HubRouterId ? hub : null, tunnelled.Contains(router.Id), cipher));
    }

    /// <summary>Who is let in at the hub, and which routers are reached that way. Those that were let in once stay until their router is removed.</summary>
    private static async Task<(TunnelHub? Hub, HashSet<Guid> Tunnelled)> TunnelsAsync(IDataDefenderDb db, NetworkDesign design, CancellationToken ct)
    {
        if (design.Hub() is not { } hub)
        {
            return (null, []);
        }

        var enrolments = await db.Enrolments.AsNoTracking().Where(e => e.TunnelAddress != null).OrderBy(e => e.CreatedAt).ThenBy(e => e.Id)
            .Select(e => new { Enrolment = e, HasRouter = db.Routers.Any(r => r.Id == e.RouterId) }).ToListAsync(ct);
        var peers = enrolments.Where(e => e.Enrolment.IsToBeLetIn(e.HasRouter)).Select(e => new TunnelPeer(e.Enrolment.Id, e.Enrolment.Name, e.Enrolment.PublicKey!, e.Enrolment.TunnelAddress!));
        return (new TunnelHub(hub.Port, hub.Network, [.. peers]), enrolments.Select(e => e.Enrolment.RouterId).OfType<Guid>().ToHashSet());
    }

    /// <summary>The lines of each router that has them itself.</summary>
    private static async Task<Dictionary<Guid, List<RouterLine>>> LinesAsync(IDataDefenderDb db, ITenantCipher cipher, List<Router> routers, NetworkSettings settings, CancellationToken ct)
    {
        var pushed = routers.Where(r => r.Design.LinePush is not LinePush.None).ToList();
        if (pushed.Count == 0)
        {
            return [];
        }

        var routerOf = await db.NasDevices.AsNoTracking().Where(n => n.RouterId != null).ToDictionaryAsync(n => n.Id, n => n.RouterId!.Value, ct);
        var company = await db.Companies.AsNoTracking().Where(c => c.Id == db.TenantId).Select(c => c.Status).SingleAsync(ct);
        var packages = await db.Packages.AsNoTracking().ToDictionaryAsync(p => p.Id, ct);
        var subscriptions = await db.Subscriptions.AsNoTracking()
            .Where(s => s.State == SubscriptionState.Active || s.State == SubscriptionState.Suspended)
            .OrderBy(s => s.CreatedAt).ThenBy(s => s.Id).ToListAsync(ct);
        return pushed.ToDictionary(r => r.Id, router => subscriptions
            .Where(s => s.Binding.NasId is { } nas ? routerOf.GetValueOrDefault(nas) == router.Id : router.Design.PushUnbound)
            .Select(s => Line(s, packages[s.PackageId], settings, company, router, cipher)).ToList());
    }

    private static RouterLine Line(Subscription line, ServicePackage package, NetworkSettings settings, Tenancy.CompanyStatus company, Router router, ITenantCipher cipher)
    {
        var decision = LinePolicy.Decide(line, package, settings, company);
        if (decision is LineDecision.Granted granted)
        {
            decision = new LineDecision.Granted(LinePolicy.AtSite(granted.Grant, package, router.Id));
        }

        return new RouterLine(
            line.Id, line.Username, Revealed(() => cipher.Reveal(line.PasswordPlace(), line.PasswordCipher)), decision, package.Name,
            line.State is SubscriptionState.Active && line.Limit is Policies.LimitKind.None, line.StaticAddress, line.CallerLock);
    }

    private static ProvisioningTarget Target(Router router, NetworkSettings settings, Nas? nas, List<ServicePackage> packages, List<RouterLine> lines, string? site, TunnelHub? hub, bool isTunnelled, ITenantCipher cipher)
    {
        var pools = packages.Select(p => (p.Name, Pool: p.SitePools.At(router.Id) ?? p.AddressPool)).Where(p => p.Pool is not null).Select(p => (p.Name, p.Pool!));
        var facts = new ProvisioningFacts(
            router.TenantId, router.Id, router.Name, router.Design, settings.Design, nas is null ? null : Revealed(() => cipher.Reveal(nas.SecretPlace(), nas.SecretCipher)), nas?.CoaPort ?? 3799,
            settings.InterimSeconds, [.. settings.AddressLists.Order(StringComparer.Ordinal)], settings.RouterLogins, [.. pools])
        {
            PackageIpv6Pools = [.. packages.SelectMany(p => new[] { p.Ipv6Pool, p.DelegatedIpv6Pool }.OfType<string>().Select(pool => (p.Name, pool)))],
            ApiUser = router.Username, Site = site, Hub = hub, IsTunnelled = isTunnelled, MacLogins = settings.MacLogins is not MacLoginRule.Off, Lines = lines,
            SnmpPassword = settings.SnmpPasswordCipher is { } snmp ? Revealed(() => cipher.Reveal(settings.SnmpPasswordPlace(), snmp)) : null,
        };
        return new ProvisioningTarget(facts, Revealed(() => router.Endpoint(cipher)), router.IsEnabled);
    }

    private static T? Revealed<T>(Func<T> reveal) where T : class
    {
        try
        {
            return reveal();
        }
        catch (Exception ex) when (ex is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
