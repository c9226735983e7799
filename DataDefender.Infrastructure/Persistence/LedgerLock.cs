using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>
/// The turn in a company's books: a transaction that holds the head row of its chain, so that one at a time posts in a company and no two
/// companies wait for each other. A process that stands still in its turn is thrown out by PostgreSQL after a while.
/// </summary>
internal static class LedgerLock
{
    private const string PostgresPatience = "30s";

    public static async Task<LedgerTurn> TakeAsync(DataDefenderDbContext db, string by, TimeProvider clock, CancellationToken ct)
    {
        if (db.IsPlatform || db.Database.CurrentTransaction is not null)
        {
            throw new InvalidOperationException("A ledger turn is taken on a company's context that is in no transaction yet.");
        }

        var company = await db.Companies.AsNoTracking().Where(c => c.Id == db.TenantId).Select(c => new { c.Currency, c.TimeZone }).SingleAsync(ct);
        if (!await db.LedgerHeads.AnyAsync(ct))
        {
            await MakeHeadAsync(db, ct);
        }

        var place = await SqliteWriteQueue.EnterAsync(db, ct);
        IDbContextTransaction? transaction = null;
        try
        {
            transaction = await db.Database.BeginTransactionAsync(ct);
            if (db is PostgresDbContext)
            {
                await db.Database.ExecuteSqlAsync($"SELECT set_config('idle_in_transaction_session_timeout', {PostgresPatience}, true)", ct);
            }

            await db.LedgerHeads.ExecuteUpdateAsync(set => set.SetProperty(h => h.Sequence, h => h.Sequence), ct);
            foreach (var stale in db.Held<LedgerHead>())
            {
                db.Entry(stale).State = EntityState.Detached; // an earlier turn of this context read it before others wrote
            }

            var head = await db.LedgerHeads.SingleAsync(ct);
            return new LedgerTurn(db, new LedgerCompany(db.TenantId, company.Currency, TimeZoneInfo.FindSystemTimeZoneById(company.TimeZone)), head, by, clock.GetUtcNow().UtcDateTime, transaction, place);
        }
        catch
        {
            using (place) // also when the transaction cannot be ended
            {
                if (transaction is not null)
                {
                    await transaction.DisposeAsync();
                }
            }

            throw;
        }
    }

    /// <summary>The first row of a company's books, in a transaction of its own: two who make it at once must not lose their turn by it.</summary>
    private static async Task MakeHeadAsync(DataDefenderDbContext db, CancellationToken ct)
    {
        var head = db.LedgerHeads.Add(new LedgerHead(db.TenantId));
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException) when (!ct.IsCancellationRequested)
        {
            head.State = EntityState.Detached;
            if (!await db.LedgerHeads.AnyAsync(ct))
            {
                throw;
            }
        }
    }
}
