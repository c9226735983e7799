using DataDefender.Domain.Tenancy;
using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace DataDefender.Infrastructure.Tests.Tenancy;

/// <summary>
/// The database's own wall on PostgreSQL, reached as the product reaches it: as a role that owns nothing. The statements here pass by
/// the model altogether, so nothing else can hold them.
/// </summary>
public sealed class RowLevelSecurityTests(TestDatabases databases) : IClassFixture<TestDatabases>, IAsyncLifetime
{
    private TestServices _services = null!;
    private TestCompany _mine = null!;
    private TestCompany _theirs = null!;

    public async ValueTask InitializeAsync()
    {
        _services = await databases.GetAsync(DatabaseProvider.PostgreSql);
        _mine = await TestCompany.CreateFullAsync(_services, "Mine");
        _theirs = await TestCompany.CreateFullAsync(_services, "Theirs");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_products_role_is_neither_owner_nor_superuser()
    {
        await using var db = _mine.Open();

        Assert.Equal(1L, await db.CountAsync("pg_roles WHERE rolname = current_user AND NOT rolsuper AND NOT rolbypassrls"));
        Assert.Equal(0L, await db.CountAsync("pg_tables WHERE tableowner = current_user"));
    }

    [Fact]
    public async Task Raw_statements_reach_no_foreign_row_of_any_table()
    {
        await using var mine = _mine.Open();
        await using var platform = _services.OpenPlatform();
        var inspected = 0;
        foreach (var (table, column) in TenantTables(mine))
        {
            var foreign = $"{table} WHERE {column} <> '{_mine.Id}'";
            Assert.True(await platform.CountAsync(foreign) > 0, $"{table} has no row of another company to look for.");

            Assert.Equal(0L, await mine.CountAsync(foreign));
            if (!IsAppendOnly(mine, table)) // whose trigger refuses these for everybody
            {
                Assert.Equal(0, await mine.ExecuteAsync($"UPDATE {table} SET {column} = {column} WHERE {column} <> '{_mine.Id}'"));
                Assert.Equal(0, await mine.ExecuteAsync($"DELETE FROM {table} WHERE {column} <> '{_mine.Id}'"));
            }

            inspected++;
        }

        Assert.True(inspected > 15);
    }

    private static bool IsAppendOnly(DataDefenderDbContext db, string table) =>
        db.Model.GetEntityTypes().Any(e => e.GetTableName() == table && typeof(IAppendOnly).IsAssignableFrom(e.ClrType));

    [Fact]
    public async Task Raw_statements_reach_no_row_of_the_platforms_tables()
    {
        await using var mine = _mine.Open();
        await using var platform = _services.OpenPlatform();
        Assert.True(await platform.CountAsync("tenant_keys") > 0);

        foreach (var table in PlatformTables(mine))
        {
            Assert.Equal(0L, await mine.CountAsync(table));
        }
    }

    [Fact]
    public async Task No_row_can_be_given_to_another_company()
    {
        await using var mine = _mine.Open();
        foreach (var (table, column) in TenantTables(mine).Where(t => !IsAppendOnly(mine, t.Table)))
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => mine.ExecuteAsync($"UPDATE {table} SET {column} = '{_theirs.Id}' WHERE {column} = '{_mine.Id}'"));
            Assert.True(refused.SqlState == PostgresErrorCodes.InsufficientPrivilege, $"{table}: {refused.MessageText}");
        }
    }

    [Fact]
    public async Task A_foreign_insert_is_refused_although_the_write_guard_is_off()
    {
        var options = new DbContextOptionsBuilder<PostgresDbContext>().UseNpgsql(_services.Database.ConnectionString).AddInterceptors(TenantSession.Postgres).Options;
        await using var db = new PostgresDbContext(options);
        db.Stamp(_mine.Id, null, _services.Clock);
        db.Add(new NumberSequence(_theirs.Id, "smuggled", 1));

        var refused = await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, Assert.IsType<PostgresException>(refused.InnerException).SqlState);
    }

    [Fact]
    public async Task The_filter_switched_off_still_shows_no_foreign_row()
    {
        await using var db = _mine.Open();

        Assert.All(await db.Clients.AcrossTenants().ToListAsync(), c => Assert.Equal(_mine.Id, c.TenantId));
        Assert.Equal(0, await db.NetworkEvents.AcrossTenants().Where(e => e.TenantId == _theirs.Id).ExecuteDeleteAsync());
    }

    [Fact]
    public async Task A_session_that_was_told_no_company_sees_no_row()
    {
        await using var connection = new NpgsqlConnection(_services.Database.ConnectionString);
        await connection.OpenAsync();
        await using var db = _mine.Open();
        foreach (var table in TenantTables(db).Select(t => t.Table).Concat(PlatformTables(db)))
        {
            await using var command = new NpgsqlCommand($"SELECT count(*) FROM {table}", connection);
            Assert.Equal(0L, await command.ExecuteScalarAsync());
        }
    }

    [Fact]
    public async Task Two_companies_and_the_platform_share_one_pooled_connection_without_mixing()
    {
        var one = new NpgsqlConnectionStringBuilder(_services.Database.ConnectionString) { MaxPoolSize = 1, ApplicationName = "pool of one" }.ConnectionString;
        var create = Providers.Create(DatabaseProvider.PostgreSql, one);
        var backends = new HashSet<object?>();
        for (var round = 0; round < 5; round++)
        {
            foreach (var company in (TestCompany[])[_mine, _theirs])
            {
                await using (var db = create())
                {
                    db.Stamp(company.Id, null, _services.Clock);
                    Assert.Equal(company.Id, await db.ScalarAsync("SELECT tenant_id FROM clients GROUP BY tenant_id"));
                    backends.Add(await db.ScalarAsync("SELECT pg_backend_pid()"));
                }

                await using var platform = create();
                platform.Stamp(null, null, _services.Clock);
                Assert.True(await platform.CountAsync("(SELECT DISTINCT tenant_id FROM clients) t") > 1);
            }
        }

        Assert.Single(backends); // it really was the same connection

        // What the pool hands to somebody who says nothing is clean too.
        await using var bare = new NpgsqlConnection(Providers.PostgresConnectionString(one));
        await bare.OpenAsync();
        await using var count = new NpgsqlCommand("SELECT count(*) FROM clients", bare);
        Assert.Equal(0L, await count.ExecuteScalarAsync());
        NpgsqlConnection.ClearPool(bare);
    }

    [Fact]
    public async Task Without_the_policies_raw_statements_see_every_company()
    {
        await using var services = await TestServices.CreateAsync(DatabaseProvider.PostgreSql);
        var mine = await TestCompany.CreateFullAsync(services, "Mine");
        await TestCompany.CreateFullAsync(services, "Theirs");
        await using var db = mine.Open();
        Assert.Equal(0L, await db.CountAsync($"clients WHERE tenant_id <> '{mine.Id}'"));

        await services.Database.ExecuteAsOwnerAsync("ALTER TABLE clients DISABLE ROW LEVEL SECURITY");

        Assert.Equal(1L, await db.CountAsync($"clients WHERE tenant_id <> '{mine.Id}'"));
        Assert.NotEqual(0, await db.ExecuteAsync($"UPDATE clients SET notes = 'leak' WHERE tenant_id <> '{mine.Id}'"));
    }

    [Fact]
    public async Task Even_the_owner_of_the_tables_is_held()
    {
        await using var owner = new NpgsqlConnection(_services.Database.OwnerConnectionString);
        await owner.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM clients", owner);

        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    private static IEnumerable<(string Table, string Column)> TenantTables(DbContext db) => Tables(db, RowPolicies.TenantColumnAnnotation);

    private static IEnumerable<string> PlatformTables(DbContext db) => Tables(db, RowPolicies.PlatformColumnAnnotation).Select(t => t.Table);

    private static IEnumerable<(string Table, string Column)> Tables(DbContext db, string annotation) =>
        from entity in db.GetService<IDesignTimeModel>().Model.GetEntityTypes()
        where entity.FindAnnotation(annotation) is not null
        select (entity.GetTableName()!, (string)entity.FindAnnotation(annotation)!.Value!);
}
