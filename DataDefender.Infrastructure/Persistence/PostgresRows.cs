using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Npgsql;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>
/// On PostgreSQL the platform's streams of rows (accounting, logins) go in one statement over arrays (<c>unnest</c>), without a context that
/// knows them: a batch of accounting is a thousand rows, and what a context holds of each is several times its size. For rows that have neither
/// versions nor an audit trail, and for the platform alone, whose writes the tenant guard does not look at; <see cref="PostgresBulk"/> is for what a
/// context has changed. Row-level security looks at each row as ever.
/// </summary>
internal static class PostgresRows
{
    private static readonly HashSet<Type> Inserted =
        [typeof(LiveSession), typeof(SessionRecord), typeof(UsageDelta), typeof(UsageHour), typeof(SessionChange), typeof(LoginAttempt)];

    /// <summary>Not ended sessions, of which few change: a join over all of their months would find them slower than one by one.</summary>
    private static readonly HashSet<Type> Changed = [typeof(LiveSession), typeof(UsageHour)];

    private static readonly ConcurrentDictionary<IEntityType, Plan> Plans = new();

    /// <summary>Sends the rows, which no context has to know, in one statement. False when they go as ever: another database, or rows of which few are changed at once.</summary>
    /// <exception cref="DbUpdateException">As from a save.</exception>
    public static async Task<bool> TrySendAsync<T>(DataDefenderDbContext db, RowWrite write, IReadOnlyList<T> rows, CancellationToken ct)
        where T : class
    {
        if (db is not PostgresDbContext { IsPlatform: true } || !(write is RowWrite.Insert ? Inserted : Changed).Contains(typeof(T)))
        {
            return false;
        }

        var state = write switch { RowWrite.Insert => EntityState.Added, RowWrite.Update => EntityState.Modified, _ => EntityState.Deleted };
        await SendAsync(db, PlanOf(db.Model.FindEntityType(typeof(T))!), state, rows, ct);
        return true;
    }

    private static async Task SendAsync(DataDefenderDbContext db, Plan plan, EntityState state, IReadOnlyList<object> rows, CancellationToken ct)
    {
        int written;
        try
        {
            written = await db.Database.ExecuteSqlAsync(plan.Statement(state, rows), ct);
        }
        catch (PostgresException refused)
        {
            throw new DbUpdateException($"{rows.Count} rows of {plan.Table} could not be {state.ToString().ToLowerInvariant()}: {refused.MessageText}", refused);
        }

        if (written != rows.Count)
        {
            throw new DbUpdateConcurrencyException($"Of {rows.Count} rows of {plan.Table} only {written} were there.");
        }
    }

    private static Plan PlanOf(IEntityType type) => Plans.GetOrAdd(type, static key => new Plan(key));

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
            _all = [.. type.GetProperties().OrderByDescending(p => p.IsPrimaryKey()).Select(p => Column.Make(p, table))];
            _keys = [.. _all.TakeWhile(c => c.IsKey)];
            _inserted = [.. _all.Where(c => !c.IsNumber)];
            var matches = string.Join(" AND ", _keys.Select(c => $"t.{c.Name} = u.{c.Name}"));
            _insert = $"INSERT INTO {Table} ({Names(_inserted)}) SELECT * FROM unnest({Places(_inserted)})";
            _update = $"UPDATE {Table} t SET {string.Join(", ", _all.Skip(_keys.Length).Select(c => $"{c.Name} = u.{c.Name}"))} FROM unnest({Places(_all)}) AS u({Names(_all)}) WHERE {matches}";
            _delete = $"DELETE FROM {Table} t USING unnest({Places(_keys)}) AS u({Names(_keys)}) WHERE {matches}";
        }

        public string Table { get; }

        public FormattableString Statement(EntityState state, IReadOnlyList<object> rows) => state switch
        {
            EntityState.Added => Fill(_insert, _inserted, rows),
            EntityState.Modified => Fill(_update, _all, rows),
            _ => Fill(_delete, _keys, rows),
        };

        private static FormattableString Fill(string statement, Column[] columns, IReadOnlyList<object> rows) =>
            FormattableStringFactory.Create(statement, [.. columns.Select(c => c.Of(rows))]);

        private static string Names(IEnumerable<Column> columns) => string.Join(", ", columns.Select(c => c.Name));

        private static string Places(IEnumerable<Column> columns) => string.Join(", ", columns.Select((_, i) => $"{{{i}}}"));
    }

    private abstract class Column(IProperty property, StoreObjectIdentifier table)
    {
        public string Name { get; } = property.GetColumnName(table)!;

        public bool IsKey { get; } = property.IsPrimaryKey();

        public bool IsNumber { get; } = property.IsPrimaryKey() && property.ValueGenerated is ValueGenerated.OnAdd && property.ClrType == typeof(long);

        protected string ArrayType { get; } = $"{property.GetRelationalTypeMapping().StoreTypeNameBase}[]";

        /// <summary>Typed by row, value and what is stored of it, so that thousands of values a second are read without a box each.</summary>
        public static Column Make(IProperty property, StoreObjectIdentifier table)
        {
            var stored = property.GetRelationalTypeMapping().Converter?.ProviderClrType ?? property.ClrType;
            var column = typeof(Column<,,>).MakeGenericType(property.DeclaringType.ClrType, property.ClrType, stored);
            return (Column)Activator.CreateInstance(column, property, table)!;
        }

        /// <summary>The values of all rows as one parameter.</summary>
        public abstract NpgsqlParameter Of(IReadOnlyList<object> rows);
    }

    private sealed class Column<TRow, TValue, TStored>(IProperty property, StoreObjectIdentifier table) : Column(property, table)
        where TRow : class
    {
        private readonly Func<TRow, TValue> _value = property.PropertyInfo!.GetMethod!.CreateDelegate<Func<TRow, TValue>>();
        private readonly Func<TValue, TStored>? _convert = ((ValueConverter<TValue, TStored>?)property.GetRelationalTypeMapping().Converter)?.ConvertToProviderTyped;

        public override NpgsqlParameter Of(IReadOnlyList<object> rows)
        {
            var values = new TStored[rows.Count];
            for (var i = 0; i < values.Length; i++)
            {
                var value = _value((TRow)rows[i]);
                values[i] = _convert is null ? Unsafe.As<TValue, TStored>(ref value) : _convert(value); // without a converter they are one type
            }

            return new NpgsqlParameter { Value = values, DataTypeName = ArrayType };
        }
    }
}
