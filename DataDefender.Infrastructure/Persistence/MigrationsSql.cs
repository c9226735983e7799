using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;
using Npgsql.EntityFrameworkCore.PostgreSQL.Migrations;

namespace DataDefender.Infrastructure.Persistence;

#pragma warning disable EF1001 // The Npgsql generator's constructor takes its options by an internal type.
/// <summary>Creates a table with its policy (<see cref="RowPolicies"/>), the history of sessions by months (<see cref="SessionMonths"/>).</summary>
internal sealed class PostgresMigrationsSql(MigrationsSqlGeneratorDependencies dependencies, INpgsqlSingletonOptions options)
    : NpgsqlMigrationsSqlGenerator(dependencies, options)
#pragma warning restore EF1001
{
    protected override void Generate(CreateTableOperation operation, IModel? model, MigrationCommandListBuilder builder, bool terminate = true)
    {
        if (operation.Name != SessionMonths.Table)
        {
            base.Generate(operation, model, builder, terminate);
            builder.AppendEach(RowPolicies.Postgres(model, operation.Name));
            return;
        }

        base.Generate(operation, model, builder, terminate: false);
        builder.AppendLine($" PARTITION BY RANGE ({SessionMonths.Column});").EndCommand();
        builder.AppendEach(RowPolicies.Postgres(model, operation.Name).Concat(SessionMonths.Postgres()));
    }
}

/// <summary>Creates a table with its policy (<see cref="RowPolicies"/>).</summary>
internal sealed class SqlServerMigrationsSql(MigrationsSqlGeneratorDependencies dependencies, ICommandBatchPreparer preparer)
    : SqlServerMigrationsSqlGenerator(dependencies, preparer)
{
    protected override void Generate(CreateTableOperation operation, IModel? model, MigrationCommandListBuilder builder, bool terminate = true)
    {
        base.Generate(operation, model, builder, terminate);
        builder.AppendEach(RowPolicies.SqlServer(model, operation.Name));
    }
}

/// <summary>Creates the audit trail's table with its triggers (<see cref="RowPolicies"/>).</summary>
internal sealed class SqliteMigrationsSql(MigrationsSqlGeneratorDependencies dependencies, IRelationalAnnotationProvider annotations)
    : SqliteMigrationsSqlGenerator(dependencies, annotations)
{
    protected override void Generate(CreateTableOperation operation, IModel? model, MigrationCommandListBuilder builder, bool terminate = true)
    {
        base.Generate(operation, model, builder, terminate);
        builder.AppendEach(RowPolicies.Sqlite(model, operation.Name));
    }
}

file static class Batches
{
    public static void AppendEach(this MigrationCommandListBuilder builder, IEnumerable<string> batches)
    {
        foreach (var batch in batches)
        {
            builder.AppendLine(batch).EndCommand();
        }
    }
}
