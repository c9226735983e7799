using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>Refuses to write a row of another company, or of the platform. The query filter guards reads; this guards writes.</summary>
internal sealed class TenantGuard : SaveChangesInterceptor
{
    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result) =>
        throw new NotSupportedException("Save with SaveChangesAsync.");

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        var db = (DataDefenderDbContext)eventData.Context!;
        if (db.IsPlatform)
        {
            return ValueTask.FromResult(result);
        }

        foreach (var entry in db.ChangeTracker.Entries().Where(e => e.State is EntityState.Added or EntityState.Modified or EntityState.Deleted))
        {
            var owner = entry.Entity switch
            {
                ITenantOwned row => row.TenantId,
                RadiusChange change => change.TenantId,
                Company company when entry.State is EntityState.Modified => company.Id,
                _ => Guid.Empty,
            };
            if (!db.IsStamped || owner != db.TenantId)
            {
                throw new InvalidOperationException($"{entry.Metadata.ClrType.Name} belongs to another company or to the platform.");
            }
        }

        return ValueTask.FromResult(result);
    }
}
