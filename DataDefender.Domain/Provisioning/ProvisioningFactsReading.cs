using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
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
        return routers.ConvertAll(router => Target(router, settings, nasOf.GetValueOrDefault(router.Id), packages, cipher));
    }

    private static ProvisioningTarget Target(Router router, NetworkSettings settings, Nas? nas, List<ServicePackage> packages, ITenantCipher cipher)
    {
        var pools = packages.Select(p => (p.Name, Pool: p.SitePools.At(router.Id) ?? p.AddressPool)).Where(p => p.Pool is not null).Select(p => (p.Name, p.Pool!));
        var facts = new ProvisioningFacts(
            router.TenantId, router.Id, router.Name, router.Design, settings.Design, nas is null ? null : Revealed(() => cipher.Reveal(nas.SecretPlace(), nas.SecretCipher)), nas?.CoaPort ?? 3799,
            settings.InterimSeconds, [.. settings.AddressLists.Order(StringComparer.Ordinal)], settings.RouterLogins, [.. pools]);
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
