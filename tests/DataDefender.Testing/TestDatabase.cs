using DataDefender.Infrastructure.Persistence;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DataDefender.Testing;

/// <summary>
/// A migrated, empty database of one provider, removed when disposed. On PostgreSQL the tables belong to one role, and
/// <see cref="ConnectionString"/> is that of another, which row-level security holds: as the product is to be installed.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> SqliteTemplate = new(MakeSqliteTemplateAsync);
    private static readonly Lazy<Task<string>> PostgresTemplate = new(MakePostgresTemplateAsync);

    private readonly Func<Task> _remove;

    private TestDatabase(DatabaseProvider provider, string connectionString, string ownerConnectionString, DirectoryInfo folder, Func<Task> remove)
    {
        (Provider, ConnectionString, OwnerConnectionString, Folder, _remove) = (provider, connectionString, ownerConnectionString, folder, remove);
    }

    public DatabaseProvider Provider { get; }

    /// <summary>What the product is given.</summary>
    public string ConnectionString { get; }

    /// <summary>The same database with the right to change tables; on SQLite the same as <see cref="ConnectionString"/>.</summary>
    public string OwnerConnectionString { get; }

    /// <summary>A folder of this database's own, for keys, journals and the like.</summary>
    public DirectoryInfo Folder { get; }

    /// <summary>Why this provider cannot be tested here, or null when it can.</summary>
    public static string? Absence(DatabaseProvider provider) => provider switch
    {
        DatabaseProvider.PostgreSql => PostgresCluster.Absence,
        DatabaseProvider.SqlServer when SqlServerMaster is null => "DATADEFENDER_TEST_SQLSERVER does not hold a connection string.",
        _ => null,
    };

    private static string? SqlServerMaster => Environment.GetEnvironmentVariable("DATADEFENDER_TEST_SQLSERVER");

    public static async Task<TestDatabase> CreateAsync(DatabaseProvider provider = DatabaseProvider.Sqlite)
    {
        var name = $"dd_test_{Guid.CreateVersion7():N}";
        return provider switch
        {
            DatabaseProvider.Sqlite => await CreateSqliteAsync(),
            DatabaseProvider.PostgreSql => await CreatePostgresAsync(name),
            DatabaseProvider.SqlServer => await CreateSqlServerAsync(name),
            _ => throw new ArgumentOutOfRangeException(nameof(provider)),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _remove();
        for (var tries = 1; ; tries++)
        {
            try
            {
                Folder.Delete(recursive: true);
                return;
            }
            catch (IOException) when (tries < 40)
            {
                await Task.Delay(50); // a worker that a test has let go still writes a last row, and SQLite's files are there again
            }
        }
    }

    private static async Task<TestDatabase> CreateSqliteAsync()
    {
        var folder = Directory.CreateTempSubdirectory("dddb");
        var file = Path.Combine(folder.FullName, "datadefender.db");
        File.Copy(await SqliteTemplate.Value, file);
        var connectionString = $"Data Source={file}";
        return new TestDatabase(DatabaseProvider.Sqlite, connectionString, connectionString, folder, () =>
        {
            ClearSqlitePool(connectionString);
            return Task.CompletedTask;
        });
    }

    private static async Task<TestDatabase> CreatePostgresAsync(string name)
    {
        var cluster = await PostgresCluster.GetAsync();
        var template = await PostgresTemplate.Value;
        await cluster.ExecuteAsync("postgres", $"CREATE DATABASE {name} TEMPLATE {template} OWNER {PostgresCluster.Owner}");
        var (app, owner) = (cluster.ConnectionString(name, PostgresCluster.App), cluster.ConnectionString(name, PostgresCluster.Owner));
        return new TestDatabase(DatabaseProvider.PostgreSql, app, owner, Directory.CreateTempSubdirectory("dddb"), async () =>
        {
            foreach (var connectionString in (string[])[app, owner])
            {
                ClearPostgresPool(connectionString);
            }

            await cluster.ExecuteAsync("postgres", $"DROP DATABASE {name} WITH (FORCE)");
        });
    }

    private static async Task<TestDatabase> CreateSqlServerAsync(string name)
    {
        var absence = Absence(DatabaseProvider.SqlServer);
        Xunit.Assert.SkipWhen(absence is not null, absence ?? ""); // never demanded: there is none to install
        var database = new SqlConnectionStringBuilder(SqlServerMaster) { InitialCatalog = name }.ConnectionString;
        await using (var db = new SqlServerDbContext(Providers.SqlServer(database)))
        {
            await db.Database.MigrateAsync();
        }

        return new TestDatabase(DatabaseProvider.SqlServer, database, database, Directory.CreateTempSubdirectory("dddb"), async () =>
        {
            await using var db = new SqlServerDbContext(Providers.SqlServer(database));
            await db.Database.EnsureDeletedAsync();
        });
    }

    // Migrating takes half a second: it is done once a run, and each database is a copy.
    private static async Task<string> MakeSqliteTemplateAsync()
    {
        var folder = Directory.CreateTempSubdirectory("dddb");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        var file = Path.Combine(folder.FullName, "template.db");
        var connectionString = $"Data Source={file}";
        await using (var db = new SqliteDbContext(Providers.Sqlite(connectionString)))
        {
            await db.Database.MigrateAsync();
        }

        ClearSqlitePool(connectionString); // the last connection to close folds the write-ahead log into the file
        return file;
    }

    private static void ClearSqlitePool(string connectionString)
    {
        using var pool = new SqliteConnection(Providers.SqliteConnectionString(connectionString));
        SqliteConnection.ClearPool(pool);
    }

    private static async Task<string> MakePostgresTemplateAsync()
    {
        var cluster = await PostgresCluster.GetAsync();
        var name = $"dd_template_{Guid.CreateVersion7():N}";
        await cluster.ExecuteAsync("postgres", $"CREATE DATABASE {name} OWNER {PostgresCluster.Owner}");
        var owner = cluster.ConnectionString(name, PostgresCluster.Owner);
        await using (var db = new PostgresDbContext(Providers.Postgres(owner)))
        {
            await db.Database.MigrateAsync();
        }

        await cluster.ExecuteAsync(name, $"""
            GRANT USAGE ON SCHEMA public TO {PostgresCluster.App};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {PostgresCluster.App};
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {PostgresCluster.App};
            """);
        ClearPostgresPool(owner); // a template must have no sessions
        return name;
    }

    private static void ClearPostgresPool(string connectionString)
    {
        using var pool = new NpgsqlConnection(Providers.PostgresConnectionString(connectionString));
        NpgsqlConnection.ClearPool(pool);
    }
}
