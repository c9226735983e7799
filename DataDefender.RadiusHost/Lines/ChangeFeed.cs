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
/// after a larger: the newest ids are looked at again for a while.
/// </summary>
internal sealed class ChangeFeed(IPlatformDbFactory databases, DirectoryLoader loader, LineDirectory directory, TimeProvider clock)
{
    /// <summary>More at once than this (a bulk import) is quicker to take by reading everything.</summary>
    public const int TooMany = 5000;

    /// <summary>How many ids behind the newest are looked at again after a start.</summary>
    private const int StartWindow = 500;

    /// <summary>No transaction that changes these rows lasts longer.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private readonly Queue<(long Id, long SeenAt)> _recent = new();
    private readonly HashSet<long> _seen = [];
    private long _floor;

    /// <summary>Takes what is there now as known, since everything is about to be read.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        var newest = await db.RadiusChanges.MaxAsync(c => (long?)c.Id, ct) ?? 0;
        _recent.Clear();
        _seen.Clear();
        _floor = Math.Max(0, newest - StartWindow);
        Remember(await db.RadiusChanges.Where(c => c.Id > _floor).Select(c => c.Id).ToListAsync(ct));
    }

    /// <summary>Brings the directory up to date. False when there was too much: read everything.</summary>
    public async Task<bool> ApplyAsync(CancellationToken ct)
    {
        List<RadiusChange> changes;
        await using (var db = await databases.OpenAsync(ct))
        {
            changes = await db.RadiusChanges.AsNoTracking().Where(c => c.Id > _floor).OrderBy(c => c.Id).Take(_seen.Count + TooMany).ToListAsync(ct);
        }

        changes.RemoveAll(c => _seen.Contains(c.Id));
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
            _recent.Dequeue();
            _seen.Remove(oldest.Id);
            _floor = Math.Max(_floor, oldest.Id);
        }
    }
}
