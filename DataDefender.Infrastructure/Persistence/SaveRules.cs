using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>What happens to every row on its way to the database.</summary>
internal static class SaveRules
{
    public static void RaiseVersions(ChangeTracker changes)
    {
        foreach (var entry in changes.Entries<Entity>().Where(e => e.State is EntityState.Modified))
        {
            var version = entry.Property(e => e.Version);
            version.CurrentValue = version.OriginalValue + 1;
        }
    }

    /// <summary>Leaves a <see cref="RadiusChange"/> for each row that RadiusHost decides from.</summary>
    public static void TellRadius(DataDefenderDbContext db, DateTime now)
    {
        var changed = db.ChangeTracker.Entries<IFeedsRadius>()
            .Where(e => e.State is EntityState.Added or EntityState.Modified or EntityState.Deleted)
            .Select(e => new RadiusChange
            {
                TenantId = TenantOf(e.Entity),
                Kind = e.Metadata.ClrType.Name,
                EntityId = ((Entity)e.Entity).Id,
                At = now,
            })
            .ToList();
        db.RadiusChanges.AddRange(changed);
    }

    /// <summary>The company that a row belongs to; a company belongs to itself.</summary>
    public static Guid TenantOf(object row) => row switch
    {
        ITenantOwned owned => owned.TenantId,
        Company company => company.Id,
        _ => throw new InvalidOperationException($"{row.GetType().Name} belongs to no company."),
    };
}
