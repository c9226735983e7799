using DataDefender.Domain.Common;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Security;

/// <summary>What to look for. Times are UTC, the first inclusive and the second exclusive.</summary>
public sealed record AuditFilter(string? Actor = null, string? Entity = null, string? Action = null, DateTime? From = null, DateTime? Until = null, string? EntityId = null);

/// <summary>One line of the trail as it is listed. <paramref name="Before"/> and <paramref name="After"/> are JSON objects.</summary>
public sealed record AuditRow(long Sequence, DateTime At, string Actor, string Action, string Entity, string EntityId, string Label, string? Before, string? After);

/// <summary>What occurs in the company's trail, for the filters.</summary>
public sealed record AuditVocabulary(IReadOnlyList<string> Actors, IReadOnlyList<string> Entities, IReadOnlyList<string> Actions);

/// <summary>Reads a company's audit trail.</summary>
public sealed class AuditService(IDataDefenderDbFactory dbFactory, IAuditVerifier verifier, TenantContext tenant, CurrentUser user)
{
    private const int VocabularySize = 200;

    public async Task<PageOf<AuditRow>> SearchAsync(GridQuery query, AuditFilter filter, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewAudit);
        await using var db = await dbFactory.OpenAsync(ct);
        var entries = Narrow(db.AuditEntries.AsNoTracking(), filter);
        if (query.Term is { } term)
        {
            entries = entries.Where(e => e.Label.ToLower().Contains(term) || e.Actor.ToLower().Contains(term) || e.Action.Contains(term)
                || (e.After != null && e.After.ToLower().Contains(term)) || (e.Before != null && e.Before.ToLower().Contains(term)));
        }

        var page = await (query is { SortBy: nameof(AuditRow.At), Descending: false } ? entries.OrderBy(e => e.Sequence) : entries.OrderByDescending(e => e.Sequence))
            .Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(e => new AuditRow(e.Sequence, e.At, e.Actor, e.Action, e.Entity, e.EntityId, e.Label, e.Before, e.After))
            .ToListAsync(ct);
        return new PageOf<AuditRow>(page, await entries.CountAsync(ct));
    }

    public async Task<AuditVocabulary> VocabularyAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewAudit);
        await using var db = await dbFactory.OpenAsync(ct);
        return new AuditVocabulary(
            await db.AuditEntries.Select(e => e.Actor).Distinct().OrderBy(a => a).Take(VocabularySize).ToListAsync(ct),
            await db.AuditEntries.Select(e => e.Entity).Distinct().OrderBy(a => a).Take(VocabularySize).ToListAsync(ct),
            await db.AuditEntries.Select(e => e.Action).Distinct().OrderBy(a => a).Take(VocabularySize).ToListAsync(ct));
    }

    /// <summary>Recomputes the whole chain of the company.</summary>
    public Task<AuditVerdict> VerifyAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewAudit);
        return verifier.VerifyAsync(tenant.TenantId, ct);
    }

    private static IQueryable<AuditEntry> Narrow(IQueryable<AuditEntry> entries, AuditFilter filter)
    {
        entries = filter.Actor is { } actor ? entries.Where(e => e.Actor == actor) : entries;
        entries = filter.Entity is { } entity ? entries.Where(e => e.Entity == entity) : entries;
        entries = filter.Action is { } action ? entries.Where(e => e.Action == action) : entries;
        entries = filter.EntityId is { } id ? entries.Where(e => e.EntityId == id) : entries;
        entries = filter.From is { } from ? entries.Where(e => e.At >= from) : entries;
        return filter.Until is { } until ? entries.Where(e => e.At < until) : entries;
    }
}
