using System.Collections.Concurrent;
using System.Collections.Immutable;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Notifications.Staff;

/// <summary>
/// How many unread notifications everybody of a company has, shared by all open screens of this process: a thousand bells ask the database
/// as often as one.
/// </summary>
public sealed class StaffInbox(TimeProvider clock)
{
    /// <summary>What another process wrote is seen after this.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<Guid, Counted> _counts = new();
    private ImmutableArray<Watcher> _watchers = [];

    /// <summary>Something was added or read: bells count anew.</summary>
    public void Announce(Guid tenantId)
    {
        _counts.TryRemove(tenantId, out _);
        foreach (var watcher in _watchers)
        {
            if (watcher.TenantId == tenantId)
            {
                watcher.Changed();
            }
        }
    }

    /// <summary>Calls <paramref name="changed"/> from any thread until the returned subscription is disposed.</summary>
    public IDisposable Watch(Guid tenantId, Action changed)
    {
        var watcher = new Watcher(this, tenantId, changed);
        ImmutableInterlocked.Update(ref _watchers, static (all, w) => all.Add(w), watcher);
        return watcher;
    }

    internal async Task<int> UnreadAsync(Guid tenantId, Guid staffId, Func<Task<IReadOnlyDictionary<Guid, int>>> load)
    {
        var now = clock.GetUtcNow();
        var counted = _counts.AddOrUpdate(
            tenantId, static (_, made) => new Counted(made.now, new Lazy<Task<IReadOnlyDictionary<Guid, int>>>(made.load)),
            static (_, known, made) => made.now - known.At < Fresh && !known.Failed ? known : new Counted(made.now, new Lazy<Task<IReadOnlyDictionary<Guid, int>>>(made.load)), (now, load));
        try
        {
            return (await counted.Counts.Value).GetValueOrDefault(staffId);
        }
        catch
        {
            counted.Failed = true; // the next to ask tries again
            throw;
        }
    }

    private sealed class Counted(DateTimeOffset at, Lazy<Task<IReadOnlyDictionary<Guid, int>>> counts)
    {
        public DateTimeOffset At => at;

        public Lazy<Task<IReadOnlyDictionary<Guid, int>>> Counts => counts;

        public bool Failed { get; set; }
    }

    private sealed class Watcher(StaffInbox owner, Guid tenantId, Action changed) : IDisposable
    {
        public Guid TenantId => tenantId;

        public void Changed() => changed();

        public void Dispose() => ImmutableInterlocked.Update(ref owner._watchers, static (all, w) => all.Remove(w), this);
    }
}

/// <summary>One notification as its reader sees it.</summary>
public sealed record StaffNotificationRow(Guid Id, DateTime At, EventSeverity Severity, string Kind, string Title, string Text, string? Href, DateTime? ReadAt);

/// <summary>The signed-in person's own notifications.</summary>
public sealed class StaffNotificationService(IDataDefenderDbFactory dbFactory, StaffInbox inbox, TenantContext tenant, CurrentUser user, TimeProvider clock)
{
    /// <summary>Of the last month; older ones are history and ask nothing of anybody.</summary>
    private static readonly TimeSpan Counted = TimeSpan.FromDays(30);

    public Task<int> UnreadAsync() => user.Id is { } me ? inbox.UnreadAsync(tenant.TenantId, me, CountAsync) : Task.FromResult(0);

    public async Task<PageOf<StaffNotificationRow>> ListAsync(bool unreadOnly, int page = 0, int pageSize = 25, CancellationToken ct = default)
    {
        if (user.Id is not { } me)
        {
            return new PageOf<StaffNotificationRow>([], 0);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var mine = db.StaffNotifications.AsNoTracking().Where(n => n.StaffId == me && (!unreadOnly || n.ReadAt == null));
        var rows = await mine.OrderByDescending(n => n.At).ThenByDescending(n => n.Id).Skip(page * pageSize).Take(pageSize)
            .Select(n => new StaffNotificationRow(n.Id, n.At, n.Severity, n.Kind, n.Title, n.Text, n.Href, n.ReadAt))
            .ToListAsync(ct);
        return new PageOf<StaffNotificationRow>(rows, await mine.CountAsync(ct));
    }

    /// <summary>Another person's notification looks like one that does not exist.</summary>
    public async Task ReadAsync(Guid id, CancellationToken ct = default)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var notification = await db.StaffNotifications.SingleOrDefaultAsync(n => n.Id == id && n.StaffId == user.Id, ct) ?? throw new NotFoundException("Notification", id);
        notification.Read(clock.GetUtcNow().UtcDateTime);
        await db.SaveChangesAsync(ct);
        inbox.Announce(db.TenantId);
    }

    public async Task ReadAllAsync(CancellationToken ct = default)
    {
        if (user.Id is not { } me)
        {
            return;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        await using var db = await dbFactory.OpenAsync(ct);
        await db.StaffNotifications.Where(n => n.StaffId == me && n.ReadAt == null).ExecuteUpdateAsync(set => set.SetProperty(n => n.ReadAt, now), ct);
        inbox.Announce(db.TenantId);
    }

    // Without a cancellation token: others may be waiting for the same answer.
    private async Task<IReadOnlyDictionary<Guid, int>> CountAsync()
    {
        var since = clock.GetUtcNow().UtcDateTime - Counted;
        await using var db = await dbFactory.OpenAsync();
        return await db.StaffNotifications.Where(n => n.ReadAt == null && n.At >= since).GroupBy(n => n.StaffId).Select(g => new { g.Key, Count = g.Count() })
            .ToDictionaryAsync(g => g.Key, g => g.Count);
    }
}
