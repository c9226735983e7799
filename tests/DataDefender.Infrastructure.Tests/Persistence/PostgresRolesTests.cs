using System.Text.RegularExpressions;
using DataDefender.Domain.Common;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace DataDefender.Infrastructure.Tests.Persistence;

/// <summary>Who connects to a real PostgreSQL, and whether its row-level security binds them.</summary>
public sealed partial class PostgresRolesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_role_that_owns_nothing_is_bound_and_nothing_is_said()
    {
        await using var services = await TestServices.CreateAsync(DatabaseProvider.PostgreSql);

        Assert.Null(await WeaknessAsync(services, services.Database.ConnectionString));
        Assert.DoesNotContain(services.Log.Lines, l => l.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_superuser_and_a_role_with_bypass_are_told_and_logged()
    {
        await using var services = await TestServices.CreateAsync(DatabaseProvider.PostgreSql);
        var cluster = await PostgresCluster.GetAsync();
        var name = new NpgsqlConnectionStringBuilder(services.Database.ConnectionString).Database!;
        var superuser = cluster.SuperuserConnectionString(name);

        Assert.Contains("is a superuser", await WeaknessAsync(services, superuser), StringComparison.Ordinal);
        Assert.Contains(services.Log.Lines, l => l.StartsWith("Warning", StringComparison.Ordinal) && l.Contains("is a superuser", StringComparison.Ordinal));

        var role = $"bypass_{Guid.CreateVersion7():N}";
        await cluster.ExecuteAsync(name, $"CREATE ROLE {role} LOGIN PASSWORD 'test' BYPASSRLS");
        try
        {
            Assert.Contains($"the role {role} has BYPASSRLS", await WeaknessAsync(services, cluster.ConnectionString(name, role)), StringComparison.Ordinal);
        }
        finally
        {
            await cluster.ExecuteAsync(name, $"DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task An_owner_is_bound_while_his_tables_force_it_and_told_which_does_not()
    {
        await using var services = await TestServices.CreateAsync(DatabaseProvider.PostgreSql);

        Assert.Null(await WeaknessAsync(services, services.Database.OwnerConnectionString));
        await services.Database.ExecuteAsOwnerAsync("ALTER TABLE clients NO FORCE ROW LEVEL SECURITY; ALTER TABLE routers DISABLE ROW LEVEL SECURITY");

        var owner = await WeaknessAsync(services, services.Database.OwnerConnectionString);
        Assert.Contains("owns tables that do not force row-level security: clients", owner, StringComparison.Ordinal);
        Assert.Contains("row-level security is off on routers", owner, StringComparison.Ordinal);
        var app = await WeaknessAsync(services, services.Database.ConnectionString);
        Assert.Contains("row-level security is off on routers", app, StringComparison.Ordinal);
        Assert.DoesNotContain("clients", app, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DatabaseProvider.Sqlite)]
    public async Task Other_databases_are_not_asked(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider);

        await services.Provider.GetRequiredService<RowSecurityWatch>().LookAsync(Ct);

        Assert.Null(services.Provider.GetRequiredService<RowSecurityWatch>().Weakness);
    }

    [Fact]
    public async Task The_statements_in_the_guide_make_two_roles_of_which_one_migrates_and_the_other_serves()
    {
        var cluster = await PostgresCluster.GetAsync();
        var mark = $"{Guid.CreateVersion7():N}"[^12..];
        var (database, owner, app) = ($"guide_{mark}", $"guide_{mark}_owner", $"guide_{mark}_app");
        var (roles, grants) = Guide(owner, app, database);
        try
        {
            foreach (var statement in roles)
            {
                await cluster.ExecuteAsync("postgres", statement); // CREATE DATABASE stands alone
            }

            await cluster.ExecuteAsync(database, grants);
            using var host = Host(Connection(cluster, database, app, "the-processes-secret"), Connection(cluster, database, owner, "the-owners-secret"));

            Assert.NotEmpty(await host.Services.GetRequiredService<DatabaseMigration>().ApplyAsync(Ct));
            Assert.True(await host.Services.GetRequiredService<DatabaseMigration>().IsCurrentAsync(Ct));

            await using (var db = await host.Services.GetRequiredService<IPlatformDbFactory>().OpenAsync(Ct))
            {
                db.Companies.Add(new Company("Savanna Fibre", "savanna", "Wanjiku Kamau", "owner@savanna.test", "254712000001", "Nairobi", new DateTime(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc)));
                await db.SaveChangesAsync(Ct);
                Assert.Equal(1, await db.Companies.CountAsync(Ct));
            }

            await host.Services.GetRequiredService<RowSecurityWatch>().LookAsync(Ct);
            Assert.Null(host.Services.GetRequiredService<RowSecurityWatch>().Weakness);
            using var withoutOwner = Host(Connection(cluster, database, app, "the-processes-secret"), owner: null);
            Assert.Empty(await withoutOwner.Services.GetRequiredService<DatabaseMigration>().ApplyAsync(Ct));
            var refused = await Assert.ThrowsAsync<PostgresException>(() => cluster.ExecuteAsync(database, $"SET ROLE {app}; CREATE TABLE own (id int)"));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
            await cluster.ExecuteAsync("postgres", $"DROP DATABASE IF EXISTS {database} WITH (FORCE)");
            await cluster.ExecuteAsync("postgres", $"DROP ROLE IF EXISTS {owner}; DROP ROLE IF EXISTS {app};");
        }
    }

    private static (string[] Roles, string Grants) Guide(string owner, string app, string database)
    {
        var sql = SqlBlock().Match(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "operations.md"))).Groups["sql"].Value;
        Assert.NotEmpty(sql);
        var parts = sql.Replace("datadefender_owner", owner, StringComparison.Ordinal).Replace("datadefender_app", app, StringComparison.Ordinal)
            .Replace("DATABASE datadefender ", $"DATABASE {database} ", StringComparison.Ordinal).Split("\\connect datadefender");
        Assert.Equal(2, parts.Length);
        return (parts[0].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), parts[1]);
    }

    private static string Connection(PostgresCluster cluster, string database, string role, string password) =>
        new NpgsqlConnectionStringBuilder(cluster.ConnectionString(database, role)) { Password = password }.ConnectionString;

    private static IHost Host(string app, string? owner)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ContentRootPath = Directory.CreateTempSubdirectory("ddroles").FullName });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Database:Provider"] = "PostgreSql", ["ConnectionStrings:DataDefender"] = app, ["ConnectionStrings:DataDefenderMigrations"] = owner, ["DataProtection:KeyDirectory"] = "keys",
        });
        builder.Services.AddDataDefenderData(builder.Configuration, builder.Environment);
        return builder.Build();
    }

    private static async Task<string?> WeaknessAsync(TestServices services, string connectionString)
    {
        var source = new ContextSource(Providers.Create(DatabaseProvider.PostgreSql, connectionString), services.Clock);
        using var watch = new RowSecurityWatch(source, services.Clock, services.Provider.GetRequiredService<ILogger<RowSecurityWatch>>());
        await watch.LookAsync(Ct);
        return watch.Weakness;
    }

    [GeneratedRegex("## PostgreSQL.*?```sql\\n(?<sql>.*?)```", RegexOptions.Singleline, 2000)]
    private static partial Regex SqlBlock();
}
