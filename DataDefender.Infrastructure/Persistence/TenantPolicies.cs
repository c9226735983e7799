using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;
using Npgsql.EntityFrameworkCore.PostgreSQL.Migrations;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>
/// Row-level security: each migration that creates a tenant-owned table also creates its policy, so that nobody can forget it.
/// A session sees the rows of the tenant it was told (<see cref="TenantSession"/>), none when it was told nothing, and all as the platform.
/// </summary>
internal static class TenantPolicies
{
    public const string TenantOwnedAnnotation = "DataDefender:TenantOwned";

    public const string SqlServerPredicate = """
        IF OBJECT_ID(N'dbo.tenant_predicate', N'IF') IS NULL
            EXEC(N'CREATE FUNCTION dbo.tenant_predicate(@tenant_id uniqueidentifier) RETURNS TABLE WITH SCHEMABINDING AS
            RETURN SELECT 1 AS allowed WHERE @tenant_id = CAST(SESSION_CONTEXT(N''TenantId'') AS uniqueidentifier) OR CAST(SESSION_CONTEXT(N''Platform'') AS int) = 1');
        """;

    public static bool IsTenantOwned(IModel? model, string table) =>
        model?.GetEntityTypes().Any(e => e.GetTableName() == table && e.FindAnnotation(TenantOwnedAnnotation)?.Value is true) is true;

    public static string Postgres(string table) => $"""
        ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;
        ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant_isolation ON "{table}"
            USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid OR current_setting('app.platform', true) = 'on')
            WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid OR current_setting('app.platform', true) = 'on');
        """;

    public static string SqlServer(string table) => $"""
        CREATE SECURITY POLICY dbo.[tenant_isolation_{table}]
            ADD FILTER PREDICATE dbo.tenant_predicate(tenant_id) ON dbo.[{table}],
            ADD BLOCK PREDICATE dbo.tenant_predicate(tenant_id) ON dbo.[{table}] AFTER INSERT,
            ADD BLOCK PREDICATE dbo.tenant_predicate(tenant_id) ON dbo.[{table}] AFTER UPDATE,
            ADD BLOCK PREDICATE dbo.tenant_predicate(tenant_id) ON dbo.[{table}] BEFORE UPDATE,
            ADD BLOCK PREDICATE dbo.tenant_predicate(tenant_id) ON dbo.[{table}] BEFORE DELETE
            WITH (STATE = ON);
        """;
}

#pragma warning disable EF1001 // The Npgsql generator's constructor takes its options by an internal type.
internal sealed class PostgresMigrationsSql(MigrationsSqlGeneratorDependencies dependencies, INpgsqlSingletonOptions options)
    : NpgsqlMigrationsSqlGenerator(dependencies, options)
#pragma warning restore EF1001
{
    protected override void Generate(CreateTableOperation operation, IModel? model, MigrationCommandListBuilder builder, bool terminate = true)
    {
        base.Generate(operation, model, builder, terminate);
        if (TenantPolicies.IsTenantOwned(model, operation.Name))
        {
            builder.AppendLine(TenantPolicies.Postgres(operation.Name)).EndCommand();
        }
    }
}

internal sealed class SqlServerMigrationsSql(MigrationsSqlGeneratorDependencies dependencies, ICommandBatchPreparer preparer)
    : SqlServerMigrationsSqlGenerator(dependencies, preparer)
{
    protected override void Generate(CreateTableOperation operation, IModel? model, MigrationCommandListBuilder builder, bool terminate = true)
    {
        base.Generate(operation, model, builder, terminate);
        if (TenantPolicies.IsTenantOwned(model, operation.Name))
        {
            builder.AppendLine(TenantPolicies.SqlServerPredicate).EndCommand();
            builder.AppendLine(TenantPolicies.SqlServer(operation.Name)).EndCommand();
        }
    }
}
