using System.Data.Common;
using DataDefender.Infrastructure.Persistence;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DataDefender.Testing;

/// <summary>Statements that pass by the model, as somebody with a database client would send them. The product may not; tests of the walls must.</summary>
public static class RawSql
{
    /// <summary>On the context's own connection, opened by EF as for any query, so with the company told to the database.</summary>
    public static async Task<int> ExecuteAsync(this DataDefenderDbContext db, string sql)
    {
        await db.Database.OpenConnectionAsync();
        try
        {
            await using var command = Command(db, sql);
            return await command.ExecuteNonQueryAsync();
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>The first value of the first row; null for NULL.</summary>
    public static async Task<object?> ScalarAsync(this DataDefenderDbContext db, string sql)
    {
        await db.Database.OpenConnectionAsync();
        try
        {
            await using var command = Command(db, sql);
            return await command.ExecuteScalarAsync() is { } value and not DBNull ? value : null;
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    public static async Task<long> CountAsync(this DataDefenderDbContext db, string fromWhere) =>
        Convert.ToInt64(await db.ScalarAsync($"SELECT count(*) FROM {fromWhere}"), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>On a connection of its own with the rights of the tables' owner: for taking a wall away.</summary>
    public static async Task ExecuteAsOwnerAsync(this TestDatabase database, string sql)
    {
        await using DbConnection connection = database.Provider switch
        {
            DatabaseProvider.Sqlite => new SqliteConnection(Providers.SqliteConnectionString(database.OwnerConnectionString)),
            DatabaseProvider.PostgreSql => new NpgsqlConnection(database.OwnerConnectionString),
            DatabaseProvider.SqlServer => new SqlConnection(database.OwnerConnectionString),
            _ => throw new ArgumentOutOfRangeException(nameof(database)),
        };
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the tests' own.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private static DbCommand Command(DataDefenderDbContext db, string sql)
    {
#pragma warning disable RS0030, CA2100 // The one place in the tests that asks EF for its connection.
        var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
#pragma warning restore RS0030, CA2100
        return command;
    }
}
