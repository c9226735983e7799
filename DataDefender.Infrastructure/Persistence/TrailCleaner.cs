using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>
/// Takes back what a failed save had added by itself. The caller may correct his rows and save again; the audit lines of the first
/// attempt would then be written a second time, under numbers that somebody else may have taken.
/// </summary>
internal sealed class TrailCleaner : SaveChangesInterceptor
{
    public static readonly TrailCleaner Instance = new();

    public override Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Clean(eventData.Context!);
        return Task.CompletedTask;
    }

    public override Task SaveChangesCanceledAsync(DbContextEventData eventData, CancellationToken cancellationToken = default)
    {
        Clean(eventData.Context!);
        return Task.CompletedTask;
    }

    private static void Clean(DbContext db)
    {
        foreach (var entry in db.ChangeTracker.Entries().Where(e => e.Entity is AuditEntry or AuditHead or RadiusChange).ToList())
        {
            entry.State = EntityState.Detached;
        }
    }
}
