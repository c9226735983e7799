using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Common;

/// <summary>Saving where the database may have the last word.</summary>
public static class Saving
{
    /// <summary>
    /// Saves. When the database refuses (a unique value was taken between our look and our write), <paramref name="explain"/> is asked
    /// on the same context which rule it was; without an answer the database's own exception goes on.
    /// </summary>
    /// <exception cref="DomainException">A unique value is taken, or the row was changed by somebody else meanwhile.</exception>
    public static async Task SaveAsync(this IDataDefenderDb db, Func<Task<DomainException?>> explain, CancellationToken ct = default)
    {
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            throw ChangedMeanwhile();
        }
        catch (DbUpdateException) when (!ct.IsCancellationRequested)
        {
            if (await explain() is { } broken)
            {
                throw broken;
            }

            throw;
        }
    }

    /// <inheritdoc cref="SaveAsync(IDataDefenderDb, Func{Task{DomainException?}}, CancellationToken)"/>
    public static Task SaveAsync(this IDataDefenderDb db, CancellationToken ct = default) =>
        db.SaveAsync(static () => Task.FromResult<DomainException?>(null), ct);

    /// <summary>The row that a person edits is no longer the one that was shown.</summary>
    public static DomainException ChangedMeanwhile() =>
        new("changed_meanwhile", "Somebody else has just changed this. Load it again and repeat your change.");
}
