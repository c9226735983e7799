using System.Collections;
using System.Data.Common;
using System.Globalization;

namespace DataDefender.Infrastructure.Tests.Persistence.SqlServer;

/// <summary>Answers whatever type it is asked for. Numbers count up, so that rows that were written get keys of their own.</summary>
internal sealed class MadeUpReader(IReadOnlyList<ResultSet> sets, Guid id) : DbDataReader
{
    private static readonly DateTime Now = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);
    private static long _serial;

    private int _set;
    private int _row = -1;

    public override int Depth => 0;

    public override int FieldCount => Math.Max(1, Set.Texts.Count);

    public override bool HasRows => Set.Rows > 0;

    public override bool IsClosed => false;

    public override int RecordsAffected => sets.Sum(s => s.Rows);

    private ResultSet Set => sets[_set];

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => "text";

    public override bool Read() => ++_row < Set.Rows;

    public override bool NextResult()
    {
        if (_set + 1 >= sets.Count)
        {
            return false;
        }

        (_set, _row) = (_set + 1, -1);
        return true;
    }

    public override bool GetBoolean(int ordinal) => Set.Truth;

    public override byte GetByte(int ordinal) => 1;

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) => 0;

    public override char GetChar(int ordinal) => 'x';

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => 0;

    public override string GetDataTypeName(int ordinal) => "sql_variant";

    public override DateTime GetDateTime(int ordinal) => Now;

    public override decimal GetDecimal(int ordinal) => 1;

    public override double GetDouble(int ordinal) => 1;

    public override IEnumerator GetEnumerator() => new DbEnumerator(this);

    public override Type GetFieldType(int ordinal) => typeof(object);

    public override float GetFloat(int ordinal) => 1;

    public override Guid GetGuid(int ordinal) => id;

    public override short GetInt16(int ordinal) => 1;

    public override int GetInt32(int ordinal) => ordinal == Set.PositionColumn ? _row : 1;

    public override long GetInt64(int ordinal) => Interlocked.Increment(ref _serial);

    public override string GetName(int ordinal) => $"c{ordinal}";

    public override int GetOrdinal(string name) => 0;

    public override string GetString(int ordinal) => Set.Texts[ordinal];

    public override object GetValue(int ordinal) => Set.Texts[ordinal];

    public override int GetValues(object[] values) => 0;

    public override bool IsDBNull(int ordinal) => false;

    public override T GetFieldValue<T>(int ordinal) => (T)(object)(typeof(T) switch
    {
        var t when t == typeof(Guid) => id,
        var t when t == typeof(string) => GetString(ordinal),
        var t when t == typeof(int) => GetInt32(ordinal),
        var t when t == typeof(long) => GetInt64(ordinal),
        var t when t == typeof(bool) => Set.Truth,
        var t when t == typeof(DateTime) => Now,
        var t when t == typeof(DateTimeOffset) => new DateTimeOffset(Now),
        var t when t == typeof(DateOnly) => new DateOnly(2030, 1, 1),
        var t when t == typeof(TimeOnly) => new TimeOnly(8, 0),
        var t when t == typeof(decimal) => 1m,
        var t when t == typeof(double) => 1d,
        var t when t == typeof(byte[]) => new byte[32],
        var t => Convert.ChangeType(1, t, CultureInfo.InvariantCulture),
    });
}
