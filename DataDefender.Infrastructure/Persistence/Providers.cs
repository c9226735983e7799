using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>Builds the options of each provider. Used by the product, by the design-time tools and by tests alike.</summary>
internal static class Providers
{
    public static Func<DataDefenderDbContext> Create(DatabaseProvider provider, string connectionString, params IInterceptor[] more)
    {
        switch (provider)
        {
            case DatabaseProvider.Sqlite:
                var sqlite = Sqlite(connectionString, more);
                return () => new SqliteDbContext(sqlite);
            case DatabaseProvider.PostgreSql:
                var postgres = Postgres(connectionString, more);
                return () => new PostgresDbContext(postgres);
            case DatabaseProvider.SqlServer:
                var sqlServer = SqlServer(connectionString, more);
                return () => new SqlServerDbContext(sqlServer);
            default:
                throw new NotSupportedException($"Database:Provider “{provider}” is none of Sqlite, SqlServer, PostgreSql.");
        }
    }

    public static DbContextOptions<SqliteDbContext> Sqlite(string connectionString, params IInterceptor[] more) =>
        new DbContextOptionsBuilder<SqliteDbContext>()
            .UseSqlite(SqliteConnectionString(connectionString))
            .ReplaceService<IMigrationsSqlGenerator, SqliteMigrationsSql>()
            .AddInterceptors([new TenantGuard(), AppendOnlyGuard.Instance, TrailCleaner.Instance, SqliteTuning.Instance, .. more])
            .Options;

    /// <summary>With a private cache: a shared one turns contention into SQLITE_LOCKED, which the busy time-out does not cover.</summary>
    public static string SqliteConnectionString(string connectionString) =>
        new SqliteConnectionStringBuilder(connectionString) { Cache = SqliteCacheMode.Private, ForeignKeys = true, DefaultTimeout = 30 }.ConnectionString;

    /// <summary>
    /// With statements that come again kept prepared: a batch of accounting is a thousand statements of a dozen kinds, of which planning each
    /// anew costs more than doing it. A connection string that says something about it stands.
    /// </summary>
    public static string PostgresConnectionString(string connectionString) => connectionString.Contains("Auto Prepare", StringComparison.OrdinalIgnoreCase)
        ? connectionString
        : new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 100, AutoPrepareMinUsages = 3 }.ConnectionString;

    public static DbContextOptions<PostgresDbContext> Postgres(string connectionString, params IInterceptor[] more) =>
        new DbContextOptionsBuilder<PostgresDbContext>()
            .UseNpgsql(PostgresConnectionString(connectionString))
            .ReplaceService<IMigrationsSqlGenerator, PostgresMigrationsSql>()
            .AddInterceptors([new TenantGuard(), AppendOnlyGuard.Instance, TrailCleaner.Instance, TenantSession.Postgres, .. more])
            .Options;

    public static DbContextOptions<SqlServerDbContext> SqlServer(string connectionString, params IInterceptor[] more) =>
        new DbContextOptionsBuilder<SqlServerDbContext>()
            .UseSqlServer(connectionString)
            .ReplaceService<IMigrationsSqlGenerator, SqlServerMigrationsSql>()
            .AddInterceptors([new TenantGuard(), AppendOnlyGuard.Instance, TrailCleaner.Instance, TenantSession.SqlServer, .. more])
            .Options;
}

/// <summary>WAL lets Web and RadiusHost read while one of them writes; NORMAL is safe in WAL but for the last commits at a power cut, which the RADIUS journal covers.</summary>
internal sealed class SqliteTuning : DbConnectionInterceptor
{
    public static readonly SqliteTuning Instance = new();

    // The patience comes first: changing to WAL needs the file for itself for a moment.
    private const string Pragmas = "PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;";

    public override void ConnectionOpened(System.Data.Common.DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(System.Data.Common.DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

internal sealed class SqliteDesign : IDesignTimeDbContextFactory<SqliteDbContext>
{
    public SqliteDbContext CreateDbContext(string[] args) => new(Providers.Sqlite("Data Source=design.db"));
}

internal sealed class PostgresDesign : IDesignTimeDbContextFactory<PostgresDbContext>
{
    public PostgresDbContext CreateDbContext(string[] args) => new(Providers.Postgres("Host=localhost;Database=design"));
}

internal sealed class SqlServerDesign : IDesignTimeDbContextFactory<SqlServerDbContext>
{
    public SqlServerDbContext CreateDbContext(string[] args) => new(Providers.SqlServer("Server=localhost;Database=design;TrustServerCertificate=true"));
}
