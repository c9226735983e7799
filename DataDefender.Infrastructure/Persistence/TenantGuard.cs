using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>Refuses to write a row of another company. The query filter guards reads; this guards writes.</summary>
internal sealed class TenantGuard : SaveChangesInterceptor
{
    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        var db = (DataDefenderDbContext)eventData.Context!;
        if (db.IsPlatform)
        {
            return ValueTask.FromResult(result);
        }

        foreach (var entry in db.ChangeTracker.Entries<ITenantOwned>())
        {
            if (entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted && entry.Entity.TenantId != db.TenantId)
            {
                throw new InvalidOperationException($"{entry.Metadata.ClrType.Name} belongs to another company.");
            }
        }

        return ValueTask.FromResult(result);
    }
}
