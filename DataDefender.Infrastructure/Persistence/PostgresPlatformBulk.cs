using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DataDefender.Domain.Radius;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>
/// On PostgreSQL many changed rows of one table go in one statement over arrays (<c>unnest</c>), where EF sends a statement a row: a batch
/// of accounting is a thousand of them, and parsing and planning each costs more than doing it. For the rows that RADIUS moves, which have
/// neither versions nor an audit trail, and for the platform alone, whose writes the tenant guard does not look at. Row-level security
/// looks at each row as ever.
/// </summary>
internal static class PostgresPlatformBulk
{
    /// <summary>Fewer go as ever.</summary>
    private const int Fewest = 8;

    private static readonly HashSet<Type> Inserted =
        [typeof(LiveSession), typeof(SessionRecord), typeof(UsageDelta), typeof(UsageHour), typeof(SessionChange), typeof(LoginAttempt)];

    /// <summary>Not ended sessions, of which few change: a join over all of their months would find them slower than one by one.</summary>
    private static readonly HashSet<Type> Changed = [typeof(LiveSession), typeof(UsageHour)];

    private static readonly ConcurrentDictionary<IEntityType, Plan> Plans = new();

    /// <summary>What has to be sent; more than one of them wants a transaction around it.</summary>
    public static IReadOnlyList<IGrouping<(IEntityType Type, EntityState State), EntityEntry>> Find(DataDefenderDbContext db) => db is not PostgresDbContext { IsPlatform: true }
        ? []
        : [.. db.ChangeTracker.Entries()
            .Where(e => e.State is EntityState.Added ? Inserted.Contains(e.Metadata.ClrType) : e.State is EntityState.Modified or EntityState.Deleted && Changed.Contains(e.Metadata.ClrType))
            .GroupBy(e => (e.Metadata, e.State))
            .Where(g => g.Skip(Fewest - 1).Any())
            .OrderBy(g => g.Key.State is EntityState.Deleted ? 0 : 1)];

    /// <summary>Sends them; what is left is the context's to save.</summary>
    /// <exception cref="DbUpdateException">As from a save.</exception>
    public static async Task SendAsync(DataDefenderDbContext db, IReadOnlyList<IGrouping<(IEntityType Type, EntityState State), EntityEntry>> many, CancellationToken ct)
    {
        foreach (var group in many)
        {
            var plan = Plans.GetOrAdd(group.Key.Type, static type => new Plan(type));
            var entries = group.ToList();
            int written;
            try
            {
                written = await db.Database.ExecuteSqlAsync(plan.Statement(group.Key.State, entries), ct);
            }
            catch (PostgresException refused)
            {
                throw new DbUpdateException($"{entries.Count} rows of {plan.Table} could not be {group.Key.State.ToString().ToLowerInvariant()}: {refused.MessageText}", refused);
            }

            if (written != entries.Count)
            {
                throw new DbUpdateConcurrencyException($"Of {entries.Count} rows of {plan.Table} only {written} were there.");
            }
        }

        foreach (var entry in many.SelectMany(g => g))
        {
            // The database has numbered it, and nobody asked by what.
            var isKnown = entry.State is not EntityState.Deleted && !Plans[entry.Metadata].IsNumbered;
            if (isKnown)
            {
                entry.OriginalValues.SetValues(entry.CurrentValues); // or the row in memory would go back to what it was
            }

            entry.State = isKnown ? EntityState.Unchanged : EntityState.Detached;
        }
    }

    /// <summary>The statements of a table, with a place for the array of each column.</summary>
    private sealed class Plan
    {
        private readonly Column[] _all;
        private readonly Column[] _keys;
        private readonly Column[] _inserted;
        private readonly string _insert;
        private readonly string _update;
        private readonly string _delete;

        public Plan(IEntityType type)
        {
            Table = type.GetTableName()!;
            var table = StoreObjectIdentifier.Table(Table);
            _all = [.. type.GetProperties().OrderByDescending(p => p.IsPrimaryKey()).Select(p => new Column(p, table))];
            _keys = [.. _all.TakeWhile(c => c.IsKey)];
            _inserted = [.. _all.Where(c => !c.IsNumber)];
            var matches = string.Join(" AND ", _keys.Select(c => $"t.{c.Name} = u.{c.Name}"));
            _insert = $"INSERT INTO {Table} ({Names(_inserted)}) SELECT * FROM unnest({Places(_inserted)})";
            _update = $"UPDATE {Table} t SET {string.Join(", ", _all.Skip(_keys.Length).Select(c => $"{c.Name} = u.{c.Name}"))} FROM unnest({Places(_all)}) AS u({Names(_all)}) WHERE {matches}";
            _delete = $"DELETE FROM {Table} t USING unnest({Places(_keys)}) AS u({Names(_keys)}) WHERE {matches}";
        }

        public string Table { get; }

        /// <summary>Whether the database gives the rows their numbers.</summary>
        public bool IsNumbered => _inserted.Length < _all.Length;

        public FormattableString Statement(EntityState state, List<EntityEntry> entries) => state switch
        {
            EntityState.Added => Fill(_insert, _inserted, entries),
            EntityState.Modified => Fill(_update, _all, entries),
            _ => Fill(_delete, _keys, entries),
        };

        private static FormattableString Fill(string statement, Column[] columns, List<EntityEntry> entries) =>
            FormattableStringFactory.Create(statement, [.. columns.Select(c => c.Of(entries))]);

        private static string Names(IEnumerable<Column> columns) => string.Join(", ", columns.Select(c => c.Name));

        private static string Places(IEnumerable<Column> columns) => string.Join(", ", columns.Select((_, i) => $"{{{i}}}"));
    }

    private sealed class Column
    {
        private readonly IProperty _property;
        private readonly Func<object?, object?>? _convert;
        private readonly Type _element;
        private readonly string _type;

        public Column(IProperty property, StoreObjectIdentifier table)
        {
            _property = property;
            var mapping = property.GetRelationalTypeMapping();
            (Name, IsKey, _convert, _type) = (property.GetColumnName(table)!, property.IsPrimaryKey(), mapping.Converter?.ConvertToProvider, $"{mapping.StoreTypeNameBase}[]");
            var stored = mapping.Converter?.ProviderClrType ?? property.ClrType;
            _element = stored.IsValueType && property.IsNullable && Nullable.GetUnderlyingType(stored) is null ? typeof(Nullable<>).MakeGenericType(stored) : stored;
        }

        public string Name { get; }

        public bool IsKey { get; }

        public bool IsNumber => IsKey && _property.ValueGenerated is ValueGenerated.OnAdd && _element == typeof(long);

        public NpgsqlParameter Of(List<EntityEntry> entries)
        {
            var values = Array.CreateInstance(_element, entries.Count);
            var getter = _property.GetGetter();
            for (var i = 0; i < entries.Count; i++)
            {
                var value = getter.GetClrValue(entries[i].Entity);
                values.SetValue(value is not null && _convert is not null ? _convert(value) : value, i);
            }

            return new NpgsqlParameter { Value = values, DataTypeName = _type };
        }
    }
}
