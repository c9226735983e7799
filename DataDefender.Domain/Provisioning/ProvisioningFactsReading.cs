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
    public static async Task<ProvisioningTarget> ReadAsync(IDataDefenderDb db, ITenantCipher cipher, Guid routerId, CancellationToken ct)
    {
        var router = await db.Routers.AsNoTracking().SingleOrDefaultAsync(r => r.Id == routerId, ct) ?? throw new NotFoundException("Router", routerId);
        var settings = await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct) ?? new NetworkSettings(db.TenantId);
        var nas = await db.NasDevices.AsNoTracking().Where(n => n.RouterId == routerId && n.IsEnabled && n.Address != "").OrderBy(n => n.Name).FirstOrDefaultAsync(ct);
        var packages = await db.Packages.AsNoTracking().Where(p => p.Status == PackageStatus.Active).OrderBy(p => p.Name).ToListAsync(ct);
        var pools = packages.Select(p => (p.Name, Pool: p.SitePools.At(routerId) ?? p.AddressPool)).Where(p => p.Pool is not null).Select(p => (p.Name, p.Pool!));
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
