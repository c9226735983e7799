using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>Turns the changes of a save into lines of the companies' audit chains, in the same transaction.</summary>
internal static class AuditTrail
{
    private static readonly JsonSerializerOptions Json = new()
    {
        // For reading by people: names like "Wanjikũ" stay as they are. It is never put into a page unencoded.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    private static readonly ConcurrentDictionary<(Type, string), Treatment> Treatments = new();

    private enum Treatment
    {
        Record,
        RecordThatItChanged,
        Skip,
    }

    public static List<AuditAct> Collect(ChangeTracker changes)
    {
        var acts = new List<AuditAct>();
        foreach (var entry in changes.Entries<IAudited>())
        {
            var act = entry.State switch
            {
                EntityState.Added => new AuditAct(entry, "created", null, Values(entry, _ => true, original: false)),
                EntityState.Deleted => new AuditAct(entry, "removed", Values(entry, _ => true, original: true), null),
                EntityState.Modified => Modification(entry),
                _ => null,
            };
            if (act is not null)
            {
                acts.Add(act);
            }
        }

        return acts;
    }

    /// <summary>
    /// Appends the acts to their companies' chains. The update of the head row comes first: the database holds other writers of the
    /// same company back until this transaction ends, so that two lines never follow the same one.
    /// </summary>
    public static async Task AppendAsync(DataDefenderDbContext db, IReadOnlyCollection<AuditAct> acts, DateTime now, CancellationToken ct)
    {
        foreach (var company in acts.GroupBy(a => a.TenantId))
        {
            var head = await LockHeadAsync(db, company.Key, ct);
            foreach (var act in company)
            {
                var line = new AuditEntry(
                    company.Key, head.Sequence + 1, now, db.Actor.Id, db.Actor.Name, act.Action, act.Entity, act.EntityId, act.Label, act.Before, act.After, head.Hash);
                head.Advance(line);
                db.AuditEntries.Add(line);
            }

            db.Entry(head).DetectChanges(); // a bulk load has switched off what else would notice
        }
    }

    public static string? ToJson(object? values) => values is null ? null : JsonSerializer.Serialize(values, Json);

    private static async Task<AuditHead> LockHeadAsync(DataDefenderDbContext db, Guid tenantId, CancellationToken ct)
    {
        var heads = db.AuditHeads.AcrossTenants().Where(h => h.TenantId == tenantId);
        if (await heads.ExecuteUpdateAsync(set => set.SetProperty(h => h.Sequence, h => h.Sequence), ct) == 0)
        {
            return db.AuditHeads.Add(new AuditHead(tenantId)).Entity;
        }

        foreach (var stale in db.ChangeTracker.Entries<AuditHead>().Where(e => e.Entity.TenantId == tenantId).ToList())
        {
            stale.State = EntityState.Detached; // an earlier save of this context read it before others wrote
        }

        return await heads.SingleAsync(ct);
    }

    private static AuditAct? Modification(EntityEntry<IAudited> entry)
    {
        var after = Values(entry, Changed, original: false);
        return after is null ? null : new AuditAct(entry, "changed", Values(entry, Changed, original: true), after);

        static bool Changed(PropertyEntry property) => property.IsModified && !Equals(property.OriginalValue, property.CurrentValue);
    }

    private static string? Values(EntityEntry entry, Func<PropertyEntry, bool> include, bool original)
    {
        var values = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        Collect(entry.Properties, "");
        foreach (var complex in entry.ComplexProperties)
        {
            Collect(complex.Properties, complex.Metadata.Name + ".");
        }

        return values.Count == 0 ? null : JsonSerializer.Serialize(values, Json);

        void Collect(IEnumerable<PropertyEntry> properties, string prefix)
        {
            foreach (var property in properties.Where(include))
            {
                switch (TreatmentOf(property))
                {
                    case Treatment.Record:
                        values[prefix + property.Metadata.Name] = original ? property.OriginalValue : property.CurrentValue;
                        break;
                    case Treatment.RecordThatItChanged:
                        values[prefix + property.Metadata.Name] = "(not shown)";
                        break;
                    case Treatment.Skip:
                    default:
                        break;
                }
            }
        }
    }

    private static Treatment TreatmentOf(PropertyEntry property) =>
        Treatments.GetOrAdd((property.Metadata.DeclaringType.ClrType, property.Metadata.Name), static (_, metadata) =>
        {
            if (metadata.Name is nameof(Entity.Version) or nameof(Entity.Id) or nameof(ITenantOwned.TenantId))
            {
                return Treatment.Skip;
            }

            return metadata.PropertyInfo switch
            {
                null => Treatment.Skip,
                var info when info.GetCustomAttribute<ObservedAttribute>() is not null => Treatment.Skip,
                var info when info.GetCustomAttribute<SensitiveAttribute>() is not null => Treatment.RecordThatItChanged,
                _ => Treatment.Record,
            };
        }, property.Metadata);
}

/// <summary>One act to be recorded.</summary>
internal sealed record AuditAct(Guid TenantId, string Action, string Entity, string EntityId, string Label, string? Before, string? After)
{
    public AuditAct(string action, IAudited row, string? details)
        : this(SaveRules.TenantOf(row), action, row.GetType().Name, ((Entity)row).Id.ToString(), row.AuditLabel, null, details)
    {
    }

    public AuditAct(EntityEntry<IAudited> entry, string action, string? before, string? after)
        : this(SaveRules.TenantOf(entry.Entity), action, entry.Metadata.ClrType.Name, ((Entity)entry.Entity).Id.ToString(), entry.Entity.AuditLabel, before, after)
    {
    }
}
