using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace DataDefender.Infrastructure.Persistence;

internal enum RowOwner
{
    Nobody,
    Company,
    Platform,
}

/// <summary>
/// What the database itself enforces, whatever statement reaches it: each migration that creates a table also creates its row-level
/// security policy, so that nobody can forget it. A session sees the rows of the company it was told (<see cref="TenantSession"/>),
/// none when it was told nothing, and all as the platform; the platform's own tables it sees as the platform only. The audit trail
/// and the journal of the ledger (<see cref="IAppendOnly"/>) take new lines and nothing else.
/// </summary>
internal static class RowPolicies
{
    /// <summary>On an entity: the column that says whose its rows are.</summary>
    public const string TenantColumnAnnotation = "DataDefender:TenantColumn";

    /// <summary>On an entity that is the platform's alone: a uniqueidentifier column, since SQL Server's predicates want an argument.</summary>
    public const string PlatformColumnAnnotation = "DataDefender:PlatformColumn";

    private const string AppendOnlySuffix = "_append_only";

    private const string PostgresTenant = "(SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)";
    private const string PostgresPlatform = "(SELECT current_setting('app.platform', true)) = 'on'";

    /// <summary>The trigger that keeps a table of <see cref="IAppendOnly"/> rows as it is. An entity has it when its configuration declares it.</summary>
    public static string AppendOnlyTrigger(string table) => table + AppendOnlySuffix;

    /// <summary>While the model is being built it also holds types that EF found on the way and drops at the end: they are nobody's.</summary>
    public static RowOwner OwnerOf(IReadOnlyEntityType entity) =>
        typeof(ITenantOwned).IsAssignableFrom(entity.ClrType) ? RowOwner.Company
        : entity.IsOwned() ? RowOwner.Nobody
        : typeof(IPlatformOwned).IsAssignableFrom(entity.ClrType) || entity.ClrType.Namespace == typeof(IdentityUserToken<>).Namespace ? RowOwner.Platform
        : RowOwner.Nobody;

    public static void Annotate(IMutableModel model)
    {
        foreach (var entity in model.GetEntityTypes().Where(e => OwnerOf(e) is not RowOwner.Nobody))
        {
            var tenant = entity.ClrType == typeof(Company) ? nameof(Entity.Id)
                : OwnerOf(entity) is RowOwner.Company || entity.ClrType == typeof(RadiusChange) ? nameof(ITenantOwned.TenantId)
                : null;
            if (tenant is not null)
            {
                entity.SetAnnotation(TenantColumnAnnotation, entity.FindProperty(tenant)!.GetColumnName());
            }
            else
            {
                entity.SetAnnotation(PlatformColumnAnnotation, entity.GetProperties().First(p => p.ClrType == typeof(Guid)).GetColumnName());
            }
        }
    }

    /// <summary>The statements that wall a new table in, one batch each; none when the model does not know it.</summary>
    public static IEnumerable<string> Postgres(IModel? model, string table)
    {
        var (tenantColumn, platformColumn) = WallOf(model, table);
        if (tenantColumn is null && platformColumn is null)
        {
            yield break;
        }

        var allowed = tenantColumn is null ? PostgresPlatform : $"{tenantColumn} = {PostgresTenant} OR {PostgresPlatform}";
        yield return $"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
            CREATE POLICY tenant_isolation ON {table} USING ({allowed}) WITH CHECK ({allowed});
            """;
        if (IsAppendOnly(model, table))
        {
            yield return $"""
                CREATE FUNCTION {AppendOnlyTrigger(table)}() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'insufficient_privilege'; END $$;
                CREATE TRIGGER {AppendOnlyTrigger(table)} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {AppendOnlyTrigger(table)}();
                """;
        }
    }

    /// <summary>Each of these may stand only first in a batch, hence EXEC: a script may wrap it in conditions.</summary>
    public static IEnumerable<string> SqlServer(IModel? model, string table)
    {
        var (tenantColumn, platformColumn) = WallOf(model, table);
        if (tenantColumn is null && platformColumn is null)
        {
            yield break;
        }

        yield return SqlServerFunction("tenant_predicate", "@id = CAST(SESSION_CONTEXT(N'TenantId') AS uniqueidentifier) OR CAST(SESSION_CONTEXT(N'Platform') AS int) = 1");
        yield return SqlServerFunction("platform_predicate", "CAST(SESSION_CONTEXT(N'Platform') AS int) = 1");
        var predicate = tenantColumn is null ? $"dbo.platform_predicate({platformColumn})" : $"dbo.tenant_predicate({tenantColumn})";
        yield return Exec($"""
            CREATE SECURITY POLICY dbo.[tenant_isolation_{table}]
                ADD FILTER PREDICATE {predicate} ON dbo.[{table}],
                ADD BLOCK PREDICATE {predicate} ON dbo.[{table}] AFTER INSERT,
                ADD BLOCK PREDICATE {predicate} ON dbo.[{table}] AFTER UPDATE,
                ADD BLOCK PREDICATE {predicate} ON dbo.[{table}] BEFORE UPDATE,
                ADD BLOCK PREDICATE {predicate} ON dbo.[{table}] BEFORE DELETE
                WITH (STATE = ON)
            """);
        if (IsAppendOnly(model, table))
        {
            yield return Exec($"CREATE TRIGGER dbo.[{AppendOnlyTrigger(table)}] ON dbo.[{table}] INSTEAD OF UPDATE, DELETE AS THROW 50001, N'{table} is append-only.', 1;");
        }
    }

    /// <summary>SQLite has no row-level security; it is one file that belongs to one installation.</summary>
    public static IEnumerable<string> Sqlite(IModel? model, string table) => !IsAppendOnly(model, table)
        ? []
        : new[] { "UPDATE", "DELETE" }.Select(act =>
            $"CREATE TRIGGER {AppendOnlyTrigger(table)}_{act.ToLowerInvariant()} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;");

    private static string SqlServerFunction(string name, string condition) => $"""
        IF OBJECT_ID(N'dbo.{name}', N'IF') IS NULL
            {Exec($"CREATE FUNCTION dbo.{name}(@id uniqueidentifier) RETURNS TABLE WITH SCHEMABINDING AS RETURN SELECT 1 AS allowed WHERE {condition}")}
        """;

    private static string Exec(string statement) => $"EXEC(N'{statement.Replace("'", "''", StringComparison.Ordinal)}');";

    private static (string? Tenant, string? Platform) WallOf(IModel? model, string table)
    {
        var entity = EntityOf(model, table);
        return (entity?.FindAnnotation(TenantColumnAnnotation)?.Value as string, entity?.FindAnnotation(PlatformColumnAnnotation)?.Value as string);
    }

    private static bool IsAppendOnly(IModel? model, string table) => EntityOf(model, table)?.FindDeclaredTrigger(AppendOnlyTrigger(table)) is not null;

    private static IEntityType? EntityOf(IModel? model, string table) => model?.GetEntityTypes().FirstOrDefault(e => !e.IsOwned() && e.GetTableName() == table);
}
