using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Tests.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

namespace DataDefender.Infrastructure.Tests.Persistence.SqlServer;

/// <summary>What can be known of SQL Server's schema without a server: Microsoft's grammar and model accept it, and our own checks cover what the model misses.</summary>
public sealed class SqlServerSchemaTests
{
    private const int ClusteredKeyBytes = 900;
    private const int NonclusteredKeyBytes = 1700;

    [Theory]
    [InlineData(MigrationsSqlGenerationOptions.Default)]
    [InlineData(MigrationsSqlGenerationOptions.Idempotent)]
    public void The_migration_script_is_T_SQL(MigrationsSqlGenerationOptions options)
    {
        var script = Grammar.MigrationScript(options);

        Assert.Contains("CREATE TABLE [subscriptions]", script, StringComparison.Ordinal);
        Assert.Empty(Grammar.Errors(script));
    }

    [Theory]
    [InlineData("SELECT id FROM clients LIMIT 1")]
    [InlineData("SELECT '1'::text")]
    [InlineData("INSERT INTO clients (id) VALUES (1) RETURNING id")]
    public void The_grammar_refuses_what_is_not_T_SQL(string sql) => Assert.NotEmpty(Grammar.Errors(sql));

    [Fact]
    public async Task Microsofts_model_binds_every_table_key_policy_and_trigger()
    {
        var ddl = Grammar.BareDdl();
        Assert.Contains("CREATE SECURITY POLICY dbo.[tenant_isolation_clients]", ddl, StringComparison.Ordinal);
        Assert.Contains("CREATE TRIGGER", ddl, StringComparison.Ordinal);
        Assert.DoesNotContain("EXEC(", ddl, StringComparison.Ordinal);

        var messages = await DacFxModel.ValidateAsync(new Dictionary<string, string> { ["schema.sql"] = ddl });

        Assert.Empty(messages["schema.sql"]);
    }

    /// <summary>The model is believed only because it refuses each of these.</summary>
    [Fact]
    public async Task Microsofts_model_refuses_what_is_wrong()
    {
        var ddl = Grammar.BareDdl();
        var wrong = new Dictionary<string, string>
        {
            ["index on a missing column"] = "CREATE INDEX ix_wrong ON clients (missing)",
            ["foreign key to a missing table"] = "CREATE TABLE wrong (id int PRIMARY KEY, CONSTRAINT fk_wrong FOREIGN KEY (id) REFERENCES missing (id))",
            ["foreign key of another type"] = "CREATE TABLE wrong (id int PRIMARY KEY, CONSTRAINT fk_wrong FOREIGN KEY (id) REFERENCES companies (id))",
            ["table that is there already"] = "CREATE TABLE clients (id int PRIMARY KEY)",
            ["computed column on a missing one"] = "CREATE TABLE wrong (id int PRIMARY KEY, twice AS missing * 2)",
            ["view of a missing column"] = "CREATE VIEW wrong AS SELECT missing FROM dbo.clients",
            ["procedure with a missing column"] = "CREATE PROCEDURE wrong AS SELECT c.missing FROM dbo.clients AS c",
            ["policy on a missing column"] = "CREATE SECURITY POLICY wrong ADD FILTER PREDICATE dbo.tenant_predicate(missing) ON dbo.clients",
            ["trigger on a missing table"] = "CREATE TRIGGER wrong ON dbo.missing INSTEAD OF DELETE AS RETURN",
        };

        var messages = await DacFxModel.ValidateAsync(wrong.ToDictionary(w => w.Key, w => $"{ddl}\nGO\n{w.Value}"));

        Assert.All(wrong.Keys, name => Assert.Contains(messages[name], m => m.StartsWith("Error", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_key_and_index_fits_SqlServers_limits()
    {
        using var db = ModelWallTests.Context(DatabaseProvider.SqlServer);
        var model = db.GetService<IDesignTimeModel>().Model;
        var checkedKeys = 0;
        foreach (var entity in model.GetEntityTypes().Where(e => !e.IsOwned()))
        {
            foreach (var key in entity.GetKeys())
            {
                Check(key.GetName()!, key.Properties, key.IsPrimaryKey() && key.IsClustered() is not false ? ClusteredKeyBytes : NonclusteredKeyBytes);
            }

            foreach (var index in entity.GetIndexes())
            {
                Check(index.GetDatabaseName()!, index.Properties, NonclusteredKeyBytes);
            }
        }

        Assert.True(checkedKeys > 50);

        void Check(string name, IReadOnlyList<IProperty> columns, int limit)
        {
            checkedKeys++;
            var bytes = columns.Sum(Bytes);
            Assert.True(bytes <= limit, $"{name}: {bytes} bytes, SQL Server takes {limit}.");
        }
    }

    [Fact]
    public void The_key_check_sees_a_key_that_is_too_long()
    {
        using var db = ModelWallTests.Context(DatabaseProvider.SqlServer);
        var entity = db.GetService<IDesignTimeModel>().Model.FindEntityType(typeof(Domain.Clients.Client))!;

        Assert.Equal(400 + 4000, Bytes(entity.FindProperty("Name")!) + Bytes(entity.FindProperty("Notes")!));
        Assert.Equal(int.MaxValue, Bytes(db.GetService<IDesignTimeModel>().Model.FindEntityType(typeof(Domain.Security.AuditEntry))!.FindProperty("After")!));
    }

    /// <summary>SQL Server refuses a table that two cascades reach (error 1785).</summary>
    [Fact]
    public void No_removal_reaches_a_table_by_two_paths()
    {
        using var db = ModelWallTests.Context(DatabaseProvider.SqlServer);
        var model = db.GetService<IDesignTimeModel>().Model;
        var cascades = model.GetEntityTypes().Where(e => !e.IsOwned()).SelectMany(e => e.GetForeignKeys())
            .Where(k => k.DeleteBehavior is DeleteBehavior.Cascade or DeleteBehavior.SetNull && !k.IsOwnership)
            .ToLookup(k => k.PrincipalEntityType.GetTableName()!, k => k.DeclaringEntityType.GetTableName()!);
        Assert.NotEmpty(cascades);

        foreach (var root in cascades.Select(c => c.Key))
        {
            var reached = new HashSet<string> { root };
            Walk(root);

            void Walk(string table)
            {
                foreach (var next in cascades[table])
                {
                    Assert.True(reached.Add(next), $"{next} is reached twice from {root}.");
                    Walk(next);
                }
            }
        }
    }

    [Fact]
    public void Every_money_and_time_column_has_one_convention()
    {
        using var db = ModelWallTests.Context(DatabaseProvider.SqlServer);
        var columns = db.GetService<IDesignTimeModel>().Model.GetEntityTypes().Where(e => !e.IsOwned()).SelectMany(e => e.GetProperties()).ToList();

        Assert.DoesNotContain(columns, c => c.GetColumnType() is "datetime" or "smalldatetime" or "money" or "float" or "text" or "ntext");
        Assert.DoesNotContain(columns, c => c.GetColumnType().StartsWith("decimal", StringComparison.Ordinal) && c.GetPrecision() is null);
        Assert.Equal(["lockout_end"], columns.Where(c => c.GetColumnType() == "datetimeoffset").Select(c => c.GetColumnName())); // ASP.NET Core Identity's own
    }

    /// <summary>SQL Server counts a null as a value: a unique index over a column that may be null has to leave nulls out.</summary>
    [Fact]
    public void Unique_indexes_leave_nulls_out()
    {
        using var db = ModelWallTests.Context(DatabaseProvider.SqlServer);
        var unique = db.GetService<IDesignTimeModel>().Model.GetEntityTypes().Where(e => !e.IsOwned()).SelectMany(e => e.GetIndexes())
            .Where(i => i.IsUnique && i.Properties.Any(p => p.IsNullable)).ToList();

        Assert.NotEmpty(unique);
        Assert.All(unique, i => Assert.Contains("IS NOT NULL", i.GetFilter() ?? "", StringComparison.Ordinal));
    }

    private static int Bytes(IProperty column)
    {
        var type = column.GetRelationalTypeMapping();
        return type.StoreTypeNameBase switch
        {
            "uniqueidentifier" => 16,
            "bigint" or "datetime2" => 8,
            "int" => 4,
            "bit" => 1,
            "date" => 3,
            "datetimeoffset" => 10,
            "nvarchar" when type.Size is { } characters and > 0 => characters * 2,
            "varbinary" when type.Size is { } bytes and > 0 => bytes,
            _ => int.MaxValue,
        };
    }
}
