using System.ComponentModel.DataAnnotations;

namespace DataDefender.Infrastructure.Persistence;

public enum DatabaseProvider
{
    Sqlite,
    SqlServer,
    PostgreSql,
}

/// <summary>Section "Database". The connection string is <c>ConnectionStrings:DataDefender</c>.</summary>
public sealed class DatabaseOptions
{
    [EnumDataType(typeof(DatabaseProvider))]
    public DatabaseProvider Provider { get; set; } = DatabaseProvider.Sqlite;

    /// <summary>Applies pending migrations at start; null means only on the embedded default.</summary>
    public bool? MigrateAtStart { get; set; }
}
