using DataDefender.Domain.Common;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Fleet;

/// <summary>Makes the target of a run that brings an earlier export back.</summary>
public static class ExportRestoring
{
    /// <exception cref="DomainException">The export was removed meanwhile.</exception>
    public static async Task<ProvisioningTarget> WithAsync(IDataDefenderDb db, ITenantCipher cipher, Guid? exportId, ProvisioningTarget target, CancellationToken ct)
    {
        if (exportId is not { } id)
        {
            return target;
        }

        var kept = await db.ConfigurationTexts.AsNoTracking().SingleOrDefaultAsync(t => db.ConfigurationExports.Any(e => e.Id == id && e.TextId == t.Id), ct)
            ?? throw new NotFoundException("Export", id);
        var version = await db.ConfigurationExports.Where(e => e.Id == id).Select(e => e.RouterOsVersion).SingleAsync(ct);
        return target with { Facts = target.Facts with { Restoring = RestoreState.Of(target.Facts, ExportText.Lines(ConfigurationTexts.Open(cipher, kept)), ActualState.ReadVersion(version)) } };
    }
}
