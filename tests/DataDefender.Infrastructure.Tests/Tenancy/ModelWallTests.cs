using DataDefender.Domain.Common;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

namespace DataDefender.Infrastructure.Tests.Tenancy;

/// <summary>A new entity fails here until it is walled in as all others are. Needs no database.</summary>
public sealed class ModelWallTests
{
    /// <summary>Unique on the whole platform, on purpose. Everything else starts with the company.</summary>
    private static readonly Dictionary<string, string> UniqueAcrossCompanies = new()
    {
        ["enrolments (TokenHash)"] = "A token leads to one company: whoever comes with it has said nothing else.",
        ["nas_devices (Certificate, Identifier)"] = "A RADIUS connection over TLS must lead to one NAS of one company.",
        ["nas_devices (Address, Identifier)"] = "A RADIUS packet must lead to one NAS of one company.",
    };

    public static TheoryData<DatabaseProvider> Providers => [.. Enum.GetValues<DatabaseProvider>()];

    [Fact]
    public void Every_entity_belongs_to_a_company_or_to_the_platform()
    {
        var entities = Entities().ToList();

        Assert.True(entities.Count > 20);
        Assert.All(entities, e => Assert.True(RowPolicies.OwnerOf(e) is not RowOwner.Nobody, $"{e.ClrType.Name} is neither ITenantOwned nor IPlatformOwned."));
        Assert.Contains(entities, e => RowPolicies.OwnerOf(e) is RowOwner.Company);
        Assert.Contains(entities, e => RowPolicies.OwnerOf(e) is RowOwner.Platform);
    }

    [Fact]
    public void Every_company_owned_entity_has_the_tenant_filter()
    {
        Assert.All(TenantEntities(), e => Assert.Contains(e.GetDeclaredQueryFilters(), f => f.Key == PlatformQueries.TenantFilter));
    }

    [Fact]
    public void Every_platform_owned_entity_is_hidden_from_companies()
    {
        var platform = Entities().Where(e => RowPolicies.OwnerOf(e) is RowOwner.Platform).ToList();

        Assert.NotEmpty(platform);
        Assert.All(platform, e => Assert.Contains(
            e.GetDeclaredQueryFilters(), f => f.Key == (e.ClrType == typeof(Company) ? PlatformQueries.TenantFilter : DataDefenderDbContext.PlatformFilter)));
    }

    [Fact]
    public void The_company_is_required_in_a_key_and_in_every_update()
    {
        Assert.All(TenantEntities(), e =>
        {
            var tenant = e.FindProperty(nameof(ITenantOwned.TenantId))!;
            Assert.False(tenant.IsNullable, e.ClrType.Name);
            Assert.True(tenant.IsConcurrencyToken, e.ClrType.Name);
            Assert.True(HangsUnderCompany(e, []), e.ClrType.Name);
            if (typeof(Entity).IsAssignableFrom(e.ClrType))
            {
                Assert.Contains(e.GetKeys(), key => key.Properties[0] == tenant);
            }
        });
    }

    /// <summary>By a key of its own, or by that of a parent that it must have.</summary>
    private static bool HangsUnderCompany(IReadOnlyEntityType entity, HashSet<IReadOnlyEntityType> below) => below.Add(entity) && entity.GetForeignKeys().Any(key =>
        key.IsRequired && key.Properties[0].Name == nameof(ITenantOwned.TenantId)
        && (key.Properties.Count == 1 ? key.PrincipalEntityType.ClrType == typeof(Company) : HangsUnderCompany(key.PrincipalEntityType, [.. below])));

    [Fact]
    public void Every_reference_between_rows_of_companies_carries_the_company()
    {
        var references = (from entity in TenantEntities()
                          from key in entity.GetForeignKeys()
                          where typeof(ITenantOwned).IsAssignableFrom(key.PrincipalEntityType.ClrType)
                          select key).ToList();

        Assert.NotEmpty(references);
        Assert.All(references, key =>
        {
            Assert.Equal(nameof(ITenantOwned.TenantId), key.Properties[0].Name);
            Assert.Equal(nameof(ITenantOwned.TenantId), key.PrincipalKey.Properties[0].Name);
        });
    }

    [Fact]
    public void Every_unique_index_of_a_company_starts_with_the_company()
    {
        var unique = (from entity in TenantEntities()
                      from index in entity.GetIndexes()
                      where index.IsUnique
                      select (Name: $"{entity.GetTableName()} ({string.Join(", ", index.Properties.Select(p => p.Name))})", First: index.Properties[0].Name)).ToList();

        Assert.True(unique.Count > 5);
        Assert.Empty(unique.Where(i => i.First != nameof(ITenantOwned.TenantId)).Select(i => i.Name).Except(UniqueAcrossCompanies.Keys));
        Assert.Empty(UniqueAcrossCompanies.Keys.Except(unique.Select(i => i.Name))); // the list holds nothing that is gone
    }

    [Fact]
    public void A_company_can_only_be_removed_when_nothing_of_it_is_left()
    {
        Assert.All(TenantEntities(), e => Assert.All(e.GetForeignKeys(), key => Assert.Equal(DeleteBehavior.Restrict, key.DeleteBehavior)));
    }

    [Theory, MemberData(nameof(Providers))]
    public void The_model_has_no_change_without_a_migration(DatabaseProvider provider)
    {
        using var db = Context(provider);

        Assert.False(db.Database.HasPendingModelChanges());
        Assert.NotEmpty(db.Database.GetMigrations());
    }

    [Fact]
    public void The_migrations_of_PostgreSql_wall_in_every_table()
    {
        using var db = Context(DatabaseProvider.PostgreSql);
        var script = db.GetService<IMigrator>().GenerateScript();

        foreach (var (table, column) in WalledTables(RowPolicies.TenantColumnAnnotation))
        {
            Assert.Contains($"ALTER TABLE {table} FORCE ROW LEVEL SECURITY", script, StringComparison.Ordinal);
            Assert.Contains($"CREATE POLICY tenant_isolation ON {table} USING ({column} = ", script, StringComparison.Ordinal);
        }

        foreach (var (table, _) in WalledTables(RowPolicies.PlatformColumnAnnotation))
        {
            Assert.Contains($"CREATE POLICY tenant_isolation ON {table} USING ((SELECT current_setting('app.platform'", script, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_migrations_of_SqlServer_wall_in_every_table()
    {
        using var db = Context(DatabaseProvider.SqlServer);
        var script = db.GetService<IMigrator>().GenerateScript();

        foreach (var (annotation, predicate) in ((string, string)[])[(RowPolicies.TenantColumnAnnotation, "tenant_predicate"), (RowPolicies.PlatformColumnAnnotation, "platform_predicate")])
        {
            foreach (var (table, column) in WalledTables(annotation))
            {
                Assert.Contains($"CREATE SECURITY POLICY dbo.[tenant_isolation_{table}]", script, StringComparison.Ordinal);
                Assert.Contains($"ADD FILTER PREDICATE dbo.{predicate}({column}) ON dbo.[{table}]", script, StringComparison.Ordinal);
                foreach (var block in (string[])["AFTER INSERT", "AFTER UPDATE", "BEFORE UPDATE", "BEFORE DELETE"])
                {
                    Assert.Contains($"ADD BLOCK PREDICATE dbo.{predicate}({column}) ON dbo.[{table}] {block}", script, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public void Every_migrated_table_is_known_to_the_walls()
    {
        using var db = Context(DatabaseProvider.PostgreSql);
        var created = db.GetService<IMigrationsAssembly>().Migrations.Keys
            .SelectMany(id => db.GetService<IMigrationsAssembly>().CreateMigration(db.GetService<IMigrationsAssembly>().Migrations[id], db.Database.ProviderName!).UpOperations)
            .OfType<Microsoft.EntityFrameworkCore.Migrations.Operations.CreateTableOperation>().Select(t => t.Name).ToList();
        var walled = WalledTables(RowPolicies.TenantColumnAnnotation).Concat(WalledTables(RowPolicies.PlatformColumnAnnotation)).Select(t => t.Table);

        Assert.NotEmpty(created);
        Assert.Empty(created.Except(walled));
    }

    internal static DataDefenderDbContext Context(DatabaseProvider provider) => Infrastructure.Persistence.Providers.Create(provider, provider switch
    {
        DatabaseProvider.PostgreSql => "Host=nowhere;Database=none",
        DatabaseProvider.SqlServer => "Server=nowhere;Database=none",
        DatabaseProvider.Sqlite => "Data Source=none.db",
        _ => throw new ArgumentOutOfRangeException(nameof(provider)),
    })();

    private static IEnumerable<IEntityType> Entities()
    {
        using var db = Context(DatabaseProvider.Sqlite);
        return [.. db.GetService<IDesignTimeModel>().Model.GetEntityTypes().Where(e => !e.IsOwned())];
    }

    private static List<IEntityType> TenantEntities()
    {
        var entities = Entities().Where(e => typeof(ITenantOwned).IsAssignableFrom(e.ClrType)).ToList();
        Assert.True(entities.Count > 15);
        return entities;
    }

    private static List<(string Table, string Column)> WalledTables(string annotation)
    {
        var tables = Entities().Where(e => e.FindAnnotation(annotation) is not null).Select(e => (e.GetTableName()!, (string)e.FindAnnotation(annotation)!.Value!)).ToList();
        Assert.NotEmpty(tables);
        return tables;
    }
}
