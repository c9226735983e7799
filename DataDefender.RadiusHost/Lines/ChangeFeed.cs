using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Lines;

/// <summary>
/// Which changes have been seen. Ids are given when a row is inserted, not when its transaction ends, so a smaller one may show up
/// after a larger: the newest ids are looked at again at each look, and those of the last hour now and then, for a transaction that stood
/// still for long (a process that was paused, a lock, the network).
/// </summary>
internal sealed class ChangeFeed(IPlatformDbFactory databases, DirectoryLoader loader, LineDirectory directory, TimeProvider clock)
{
    /// <summary>More at once than this (a bulk import) is quicker to take by reading everything.</summary>
    public const int TooMany = 5000;

    /// <summary>How many ids behind the newest are looked at again at each look after a start.</summary>
    private const int StartWindow = 500;

    /// <summary>How many of them now and then.</summary>
    private const int StartDepth = 20_000;

    private const int Chunk = 500;

    /// <summary>Hardly a transaction that changes these rows lasts longer.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    /// <summary>None lasts longer, and none that stood still is let on after it.</summary>
    private static readonly TimeSpan LongWindow = TimeSpan.FromHours(1);

    private static readonly TimeSpan BetweenDeepLooks = TimeSpan.FromSeconds(20);

    private readonly Queue<(long Id, long SeenAt)> _recent = new();
    private readonly Queue<(long Id, long SeenAt)> _older = new();
    private readonly HashSet<long> _seen = [];

    // Above the floor all ids are looked at each time; between the depth and the floor now and then; what is deeper is settled.
    private long _floor;
    private long _depth;
    private long _deepAt;

    /// <summary>Takes what is there now as known, since everything is about to be read.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        var newest = await db.RadiusChanges.MaxAsync(c => (long?)c.Id, ct) ?? 0;
        _recent.Clear();
        _older.Clear();
        _seen.Clear();
        (_floor, _depth, _deepAt) = (Math.Max(0, newest - StartWindow), Math.Max(0, newest - StartDepth), clock.GetTimestamp());
        Remember(await db.RadiusChanges.Where(c => c.Id > _depth).Select(c => c.Id).ToListAsync(ct));
    }

    /// <summary>Brings the directory up to date. False when there was too much: read everything.</summary>
    public async Task<bool> ApplyAsync(CancellationToken ct)
    {
        List<RadiusChange> changes;
        await using (var db = await databases.OpenAsync(ct))
        {
            changes = await db.RadiusChanges.AsNoTracking().Where(c => c.Id > _floor).OrderBy(c => c.Id).Take(_recent.Count + TooMany).ToListAsync(ct);
            changes.RemoveAll(c => _seen.Contains(c.Id));
            if (changes.Count < TooMany && clock.GetElapsedTime(_deepAt) >= BetweenDeepLooks)
            {
                changes.AddRange(await LateAsync(db, ct));
                _deepAt = clock.GetTimestamp();
            }
        }

        if (changes.Count >= TooMany)
        {
            return false;
        }

        if (changes.Count > 0)
        {
            await ApplyAsync(changes, ct);
        }

        Remember(changes.Select(c => c.Id));
        Forget();
        return true;
    }

    /// <summary>Changes whose ids were passed over, because their transaction ended long after others that began later.</summary>
    private async Task<List<RadiusChange>> LateAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var there = await db.RadiusChanges.Where(c => c.Id > _depth && c.Id <= _floor).OrderBy(c => c.Id).Select(c => c.Id).ToListAsync(ct);
        var late = new List<RadiusChange>();
        foreach (var ids in there.Where(id => !_seen.Contains(id)).Take(TooMany).Chunk(Chunk))
        {
            late.AddRange(await db.RadiusChanges.AsNoTracking().Where(c => ids.Contains(c.Id)).ToListAsync(ct));
        }

        return late;
    }

    private async Task ApplyAsync(List<RadiusChange> changes, CancellationToken ct)
    {
        foreach (var tenantId in changes.Where(c => c.Kind is nameof(Company) or nameof(NetworkSettings)).Select(c => c.TenantId).Distinct())
        {
            await loader.RefreshCompanyAsync(tenantId, ct);
        }

        if (changes.Any(c => c.Kind is nameof(Nas) or nameof(Company)))
        {
            await loader.RefreshNasAsync(ct);
        }

        foreach (var tenantId in changes.Where(c => c.Kind == nameof(StaffMember)).Select(c => c.TenantId).Distinct())
        {
            await loader.RefreshStaffAsync(tenantId, ct);
        }

        if (Ids(nameof(UsagePolicy)) is { Count: > 0 } policies)
        {
            await loader.RefreshPoliciesAsync(policies, ct);
        }

        if (Ids(nameof(ServicePackage)) is { Count: > 0 } packages)
        {
            await loader.RefreshPackagesAsync(packages, ct);
        }

        if (Ids(nameof(Subscription)) is { Count: > 0 } subscriptions)
        {
            await loader.RefreshSubscriptionsAsync(subscriptions, ct);
        }

        directory.Changed();

        List<Guid> Ids(string kind) => [.. changes.Where(c => c.Kind == kind).Select(c => c.EntityId).Distinct()];
    }

    private void Remember(IEnumerable<long> ids)
    {
        var now = clock.GetTimestamp();
        foreach (var id in ids)
        {
            _seen.Add(id);
            _recent.Enqueue((id, now));
        }
    }

    private void Forget()
    {
        while (_recent.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.SeenAt) > Window)
        {
            _older.Enqueue(_recent.Dequeue());
            _floor = Math.Max(_floor, oldest.Id);
        }

        while (_older.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.SeenAt) > LongWindow)
        {
            _older.Dequeue();
            _seen.Remove(oldest.Id);
            _depth = Math.Max(_depth, oldest.Id);
        }
    }
}
