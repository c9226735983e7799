using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>
/// Writes many rows of billing at once: one statement a table with a column of values a parameter (unnest), in place of one statement a row.
/// COPY would be faster still, but PostgreSQL refuses it where row-level security holds. Only inside a transaction, so that what it wrote and
/// what EF writes after it stand or fall together.
/// </summary>
internal static class PostgresBulk
{
    private const int WorthIt = 100;

    /// <summary>In the order in which they refer to each other.</summary>
    private static readonly Type[] Inserted = [typeof(Invoice), typeof(InvoiceLine), typeof(JournalTransaction), typeof(JournalLine), typeof(RunBill)];

    private static readonly Type[] Updated = [typeof(Contract), typeof(RunBill)];

    public static async Task WriteAsync(PostgresDbContext db, CancellationToken ct)
    {
        var entries = db.ChangeTracker.Entries().Where(e => e.State is EntityState.Added or EntityState.Modified).ToList();
        if (entries.Count < WorthIt || entries.Any(e => e is { State: EntityState.Added, Entity: LedgerAccount }))
        {
            return; // a new account must be there before the first line on it
        }

        var byType = entries.ToLookup(e => (e.Metadata.ClrType, e.State));
        foreach (var type in Inserted)
        {
            if (byType[(type, EntityState.Added)].ToList() is { Count: > 0 } added)
            {
                await InsertAsync(db, added, ct);
            }
        }

        foreach (var type in Updated)
        {
            foreach (var alike in byType[(type, EntityState.Modified)].GroupBy(e => string.Join(' ', Changed(e).Select(p => p.Name))).ToList())
            {
                await UpdateAsync(db, [.. alike], ct);
            }
        }
    }

    private static async Task InsertAsync(PostgresDbContext db, List<EntityEntry> entries, CancellationToken ct)
    {
        var entity = entries[0].Metadata;
        var properties = entity.GetFlattenedProperties().ToList();
        var sql = $"INSERT INTO {entity.GetTableName()} ({string.Join(", ", properties.Select(Column))}) SELECT * FROM unnest({Parameters(properties.Count)})";
        await ExecuteAsync(db, sql, Columns(entries, properties, original: false), entries, ct);
    }

    private static async Task UpdateAsync(PostgresDbContext db, List<EntityEntry> entries, CancellationToken ct)
    {
        var entity = entries[0].Metadata;
        var changed = Changed(entries[0]);
        var known = entity.GetProperties().Where(p => p.IsPrimaryKey() || p.IsConcurrencyToken).ToList();
        var sql = $"""
            UPDATE {entity.GetTableName()} AS row SET {string.Join(", ", changed.Select((p, i) => $"{Column(p)} = new.c{i}"))}
            FROM unnest({Parameters(changed.Count + known.Count)}) AS new({string.Join(", ", changed.Select((_, i) => $"c{i}").Concat(known.Select((_, i) => $"k{i}")))})
            WHERE {string.Join(" AND ", known.Select((p, i) => $"row.{Column(p)} = new.k{i}"))}
            """;
        await ExecuteAsync(db, sql, [.. Columns(entries, changed, original: false), .. Columns(entries, known, original: true)], entries, ct);
    }

    private static async Task ExecuteAsync(PostgresDbContext db, string sql, Array[] columns, List<EntityEntry> entries, CancellationToken ct)
    {
        foreach (var foreign in entries.Where(e => e.Entity is ITenantOwned row && row.TenantId != db.TenantId))
        {
            throw new InvalidOperationException($"{foreign.Metadata.ClrType.Name} belongs to another company or to the platform.");
        }

        var parameters = columns.Select((values, index) => (object)new NpgsqlParameter($"p{index}", values)).ToArray();
#pragma warning disable RS0030 // Names of tables and columns come from the model, values are parameters, and row-level security holds.
        var written = await db.Database.ExecuteSqlRawAsync(sql, parameters, ct);
#pragma warning restore RS0030
        if (written != entries.Count)
        {
            throw new DbUpdateConcurrencyException($"{written} of {entries.Count} rows of {entries[0].Metadata.GetTableName()} were written.");
        }

        entries.ForEach(e => e.State = EntityState.Unchanged);
    }

    private static List<IProperty> Changed(EntityEntry entry) => [.. entry.Metadata.GetProperties().Where(p => entry.Property(p.Name).IsModified)];

    /// <summary>The values of all rows, an array a property.</summary>
    private static Array[] Columns(List<EntityEntry> entries, List<IProperty> properties, bool original)
    {
        var converters = properties.ConvertAll(p => p.GetTypeMapping().Converter);
        var columns = properties.Select((p, i) =>
        {
            var type = converters[i]?.ProviderClrType ?? p.ClrType;
            return Array.CreateInstance(type.IsValueType && Nullable.GetUnderlyingType(type) is null ? typeof(Nullable<>).MakeGenericType(type) : type, entries.Count);
        }).ToArray();
        foreach (var (row, entry) in entries.Index())
        {
            var values = original ? entry.OriginalValues : entry.CurrentValues;
            for (var i = 0; i < columns.Length; i++)
            {
                var value = values[properties[i]];
                columns[i].SetValue(converters[i] is { } converter ? converter.ConvertToProvider(value) : value, row);
            }
        }

        return columns;
    }

    private static string Column(IProperty property) => $"\"{property.GetColumnName()}\"";

    private static string Parameters(int count) => string.Join(", ", Enumerable.Range(0, count).Select(i => $"@p{i}"));
}
