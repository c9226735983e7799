using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>
/// On PostgreSQL many changed rows of one table go in one statement over arrays (<c>unnest</c>), where EF sends a statement a row: a batch
/// of a billing run is thousands of them, and parsing and planning each costs more than doing it. COPY would be faster still,
/// but PostgreSQL refuses it where row-level security holds. For the types below; all others, and few rows, go as ever. Row-level security looks at
/// each row as ever. A save that failed after its bulk is not done again on its context: the turn takes all back, and who tries again reads anew.
/// </summary>
internal static class PostgresBulk
{
    /// <summary>Fewer go as ever.</summary>
    private const int Fewest = 8;

    /// <summary>From so many rows on plans are made anew for them.</summary>
    private const int Large = 500;

    /// <summary>Which changes go in bulk, in the order in which rows refer to each other.</summary>
    private static readonly Bulk[] Types =
    [
        new(typeof(Invoice), [EntityState.Added]),
        new(typeof(InvoiceLine), [EntityState.Added, EntityState.Modified]),
        new(typeof(TaxTransmission), [EntityState.Added]),
        new(typeof(JournalTransaction), [EntityState.Added]),
        new(typeof(JournalLine), [EntityState.Added]),
        new(typeof(RunBill), [EntityState.Added, EntityState.Modified]),
        new(typeof(Contract), [EntityState.Modified]),
    ];

    private static readonly Dictionary<Type, int> Places = Types.Index().ToDictionary(t => t.Item.Type, t => t.Index);

    private static readonly ConcurrentDictionary<IEntityType, Table> Tables = new();

    /// <summary>What has to be sent; more than one of them wants a transaction around it.</summary>
    public static IReadOnlyList<BulkRows> Find(DataDefenderDbContext db)
    {
        if (db is not PostgresDbContext { IsPlatform: false })
        {
            return [];
        }

        var groups = new Dictionary<(IEntityType, EntityState), List<EntityEntry>>();
        foreach (var entry in db.ChangeTracker.Entries())
        {
            if (entry.State is EntityState.Unchanged or EntityState.Detached)
            {
                continue;
            }

            if (entry is { State: EntityState.Added, Entity: LedgerAccount or Client or Subscription or BillingRun })
            {
                return []; // it must be there before the first row below that names it
            }

            if (Places.TryGetValue(entry.Metadata.ClrType, out var place) && Types[place].States.Contains(entry.State))
            {
                var key = (entry.Metadata, entry.State);
                if (!groups.TryGetValue(key, out var rows))
                {
                    groups[key] = rows = [];
                }

                rows.Add(entry);
            }
        }

        // All of them or none: what goes later, and one by one, must not be what the many refer to.
        return groups.Values.All(rows => rows.Count < Fewest) ? [] :
        [
            .. groups.OrderBy(g => Places[g.Key.Item1.ClrType]).Select(g => new BulkRows(g.Key.Item1, g.Key.Item2, g.Value)),
        ];
    }

    /// <summary>Sends them; what is left is the context's to save.</summary>
    /// <exception cref="DbUpdateException">As from a save.</exception>
    public static async Task SendAsync(DataDefenderDbContext db, IReadOnlyList<BulkRows> many, CancellationToken ct)
    {
        if (many.Sum(g => g.Rows.Count) >= Large)
        {
            // A connection keeps the plan by which it looks for the row that a new one refers to. One made while the table was nearly empty goes
            // through all rows of the company, and each batch takes longer than the one before, until the table is analyzed a minute later.
            await db.Database.ExecuteSqlAsync($"DISCARD PLANS", ct);
        }

        foreach (var (type, state, rows) in many)
        {
            var table = Tables.GetOrAdd(type, static type => new Table(type));
            if (rows.Find(e => ((ITenantOwned)e.Entity).TenantId != db.TenantId) is { } foreign)
            {
                throw new InvalidOperationException($"{foreign.Metadata.ClrType.Name} belongs to another company or to the platform.");
            }

            if (state is EntityState.Modified)
            {
                foreach (var alike in rows.GroupBy(table.Changed))
                {
                    await ExecuteAsync(db, table, state, table.Update(alike.Key, [.. alike]), alike.Count(), ct);
                }
            }
            else
            {
                await ExecuteAsync(db, table, state, table.Insert(rows), rows.Count, ct);
            }
        }

        foreach (var (type, state, rows) in many)
        {
            var isKnown = !Tables[type].IsNumbered; // a number that the database gave is one that nobody asked for
            foreach (var entry in rows)
            {
                if (isKnown && state is EntityState.Modified)
                {
                    entry.OriginalValues.SetValues(entry.CurrentValues); // or the row in memory would go back to what it was
                }

                entry.State = isKnown ? EntityState.Unchanged : EntityState.Detached;
            }
        }
    }

    private static async Task ExecuteAsync(DataDefenderDbContext db, Table table, EntityState state, FormattableString statement, int count, CancellationToken ct)
    {
        int written;
        try
        {
            written = await db.Database.ExecuteSqlAsync(statement, ct);
        }
        catch (PostgresException refused)
        {
            throw new DbUpdateException($"{count} rows of {table.Name} could not be {state.ToString().ToLowerInvariant()}: {refused.MessageText}", refused);
        }

        if (written != count)
        {
            throw new DbUpdateConcurrencyException($"Of {count} rows of {table.Name} only {written} were there.");
        }
    }

    private sealed record Bulk(Type Type, EntityState[] States);

    /// <summary>The statements of a table, with a place for the array of each column.</summary>
    private sealed class Table
    {
        private readonly Column[] _all;
        private readonly Column[] _inserted;

        /// <summary>By which a company's row that is to be changed is found: its key, and what must still be as it was.</summary>
        private readonly Column[] _known;

        public Table(IEntityType type)
        {
            Name = type.GetTableName()!;
            _all = [.. type.GetFlattenedProperties().Select(p => new Column(p))];
            _inserted = [.. _all.Where(c => !c.IsNumber)];
            _known = [.. _all.Where(c => c.IsKey || c.IsToken)];
        }

        public string Name { get; }

        /// <summary>Whether the database gives the rows their numbers.</summary>
        public bool IsNumbered => _inserted.Length < _all.Length;

        /// <summary>The changed columns of a row: a bit each.</summary>
        public UInt128 Changed(EntityEntry entry)
        {
            var changed = UInt128.Zero;
            for (var i = 0; i < _all.Length; i++)
            {
                if (_all[i].IsModified(entry))
                {
                    changed |= UInt128.One << i;
                }
            }

            return changed;
        }

        public FormattableString Insert(List<EntityEntry> rows) =>
            Fill($"INSERT INTO {Name} ({Names(_inserted)}) SELECT * FROM unnest({Places(0, _inserted.Length)})", [.. _inserted.Select(c => c.Of(rows, original: false))]);

        public FormattableString Update(UInt128 changed, List<EntityEntry> rows) => Update([.. _all.Where((_, i) => (changed & (UInt128.One << i)) != 0)], _known, rows);

        private FormattableString Update(Column[] set, Column[] known, List<EntityEntry> rows)
        {
            var sql = $"""
                UPDATE {Name} AS t SET {string.Join(", ", set.Select((c, i) => $"{c.Name} = u.c{i}"))}
                FROM unnest({Places(0, set.Length + known.Length)}) AS u({Aliases('c', set.Length)}, {Aliases('k', known.Length)})
                WHERE {Match(known)}
                """;
            return Fill(sql, [.. set.Select(c => c.Of(rows, original: false)), .. known.Select(c => c.Of(rows, original: true))]);
        }

        private static string Match(Column[] known) => string.Join(" AND ", known.Select((c, i) => $"t.{c.Name} = u.k{i}"));

        private static string Aliases(char letter, int count) => string.Join(", ", Enumerable.Range(0, count).Select(i => $"{letter}{i}"));

        private static FormattableString Fill(string statement, NpgsqlParameter[] values) => FormattableStringFactory.Create(statement, [.. values]);

        private static string Names(IEnumerable<Column> columns) => string.Join(", ", columns.Select(c => c.Name));

        private static string Places(int first, int count) => string.Join(", ", Enumerable.Range(first, count).Select(i => $"{{{i}}}"));
    }

    private sealed class Column
    {
        private readonly IProperty _property;
        private readonly IClrPropertyGetter _getter;
        private readonly Func<object?, object?>? _convert;
        private readonly Type _element;
        private readonly string _type;
        private readonly bool _isPlain;

        public Column(IProperty property)
        {
            _property = property;
            _getter = property.GetGetter();
            var mapping = property.GetRelationalTypeMapping();
            (Name, _convert, _type) = ($"\"{property.GetColumnName()}\"", mapping.Converter?.ConvertToProvider, $"{mapping.StoreTypeNameBase}[]");
            var stored = mapping.Converter?.ProviderClrType ?? property.ClrType;
            _element = stored.IsValueType && property.IsNullable && Nullable.GetUnderlyingType(stored) is null ? typeof(Nullable<>).MakeGenericType(stored) : stored;
            _isPlain = property.DeclaringType is IEntityType;
            (IsKey, IsToken) = (property.IsPrimaryKey(), property.IsConcurrencyToken);
            IsNumber = IsKey && property.ValueGenerated is ValueGenerated.OnAdd && _element == typeof(long);
        }

        public string Name { get; }

        public bool IsKey { get; }

        public bool IsToken { get; }

        public bool IsNumber { get; }

        public bool IsModified(EntityEntry entry) => Property(entry).IsModified;

        public NpgsqlParameter Of(List<EntityEntry> entries, bool original)
        {
            var values = Array.CreateInstance(_element, entries.Count);
            for (var i = 0; i < entries.Count; i++)
            {
                var value = original && IsToken && !IsKey ? entries[i].Property(_property.Name).OriginalValue : _getter.GetClrValueUsingContainingEntity(entries[i].Entity);
                values.SetValue(value is not null && _convert is not null ? _convert(value) : value, i);
            }

            return new NpgsqlParameter { Value = values, DataTypeName = _type };
        }

        /// <summary>Also of a value within a complex one, such as the cents of an amount.</summary>
        private PropertyEntry Property(EntityEntry entry) => _isPlain
            ? entry.Property(_property.Name)
            : entry.ComplexProperty(((IComplexType)_property.DeclaringType).ComplexProperty.Name).Property(_property.Name);
    }
}

/// <summary>Rows of one table that are to be written alike.</summary>
internal sealed record BulkRows(IEntityType Type, EntityState State, List<EntityEntry> Rows);
