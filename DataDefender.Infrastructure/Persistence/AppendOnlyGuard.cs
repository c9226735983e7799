using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>Refuses to change or remove a row that is only ever added. The database's triggers do so too, for whoever comes another way.</summary>
internal sealed class AppendOnlyGuard : SaveChangesInterceptor
{
    public static readonly AppendOnlyGuard Instance = new();

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        var changed = eventData.Context!.ChangeTracker.Entries<IAppendOnly>().FirstOrDefault(e => e.State is EntityState.Modified or EntityState.Deleted);
        return changed is null
            ? ValueTask.FromResult(result)
            : throw new InvalidOperationException($"{changed.Metadata.ClrType.Name} is only ever added; correct it by a new entry.");
    }
}
