using System.Data.Common;
using DataDefender.Domain.Radius;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>
/// One lock for all who move sessions and usage, held until the transaction ends. On SQLite that is its one writer's place. A process that
/// is stopped in its turn, or whose machine is gone, is thrown out by PostgreSQL after a while, so that the others do not wait for it.
/// </summary>
internal static class AccountingLock
{
    private const long PostgresKey = 0x4444_4143_4354; // "DDACCT"
    private const string PostgresPatience = "10s";

    public static async Task<AccountingTurn> TakeAsync(DataDefenderDbContext db, CancellationToken ct)
    {
        IDisposable? place = null;
        try
        {
            place = await SqliteWriteQueue.EnterAsync(db, ct);
            var transaction = await db.Database.BeginTransactionAsync(ct);
            try
            {
                await LockAsync(db, ct);
                return new AccountingTurn(transaction, place);
            }
            catch
            {
                await transaction.DisposeAsync();
                throw;
            }
        }
        catch (Exception failed)
        {
            place?.Dispose();
            if (failed is DbException or TimeoutException or InvalidOperationException)
            {
                throw new NoAccountingTurnException(failed);
            }

            throw;
        }
    }

    private static Task LockAsync(DataDefenderDbContext db, CancellationToken ct) => db switch
    {
        PostgresDbContext => db.Database.ExecuteSqlAsync(
            $"SELECT set_config('idle_in_transaction_session_timeout', {PostgresPatience}, true), pg_advisory_xact_lock({PostgresKey})", ct),
        SqlServerDbContext => db.Database.ExecuteSqlAsync(
            $"""
            DECLARE @answer int;
            EXEC @answer = sp_getapplock @Resource = N'datadefender.accounting', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 20000;
            IF @answer < 0 THROW 50000, N'Another process holds the accounting turn.', 1;
            """,
            ct),
        _ => Task.CompletedTask, // the transaction of SQLite has begun as its writer (BEGIN IMMEDIATE)
    };
}
