using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>
/// SQLite has one writer at a time, and whoever waits for his turn blocks a thread and gets it by luck. Savers of this process queue
/// here first, in order and without a thread; only the first of them contends with the other processes.
/// </summary>
internal static class SqliteWriteQueue
{
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Queues = new();

    /// <summary>Waits for the turn of a save of its own; whoever is in a transaction already has it.</summary>
    public static async ValueTask<IDisposable?> EnterAsync(DbContext db, CancellationToken ct)
    {
        if (db is not SqliteDbContext || db.Database.CurrentTransaction is not null)
        {
            return null;
        }

        var queue = Queues.GetOrAdd(db.Database.GetConnectionString()!, static _ => new SemaphoreSlim(1, 1));
        await queue.WaitAsync(ct);
        return new Turn(queue);
    }

    private sealed class Turn(SemaphoreSlim queue) : IDisposable
    {
        public void Dispose() => queue.Release();
    }
}
