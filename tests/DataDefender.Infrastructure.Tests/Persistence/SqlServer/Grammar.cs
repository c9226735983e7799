using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Tests.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace DataDefender.Infrastructure.Tests.Persistence.SqlServer;

/// <summary>The grammar of SQL Server 2019, from Microsoft's parser. It knows no names and no types.</summary>
internal static class Grammar
{
    public static IReadOnlyList<string> Errors(string sql)
    {
        new TSql150Parser(initialQuotedIdentifiers: true).Parse(new StringReader(sql), out var errors);
        return [.. errors.Select(e => $"{e.Line}:{e.Column} {e.Message}")];
    }

    public static TSqlFragment Parse(string sql)
    {
        var tree = new TSql150Parser(initialQuotedIdentifiers: true).Parse(new StringReader(sql), out var errors);
        Assert.True(errors.Count == 0, $"{string.Join("; ", errors.Select(e => e.Message))}\n{sql}");
        return tree;
    }

    /// <summary>The script that the operator runs, or <c>migrate</c> sends.</summary>
    public static string MigrationScript(MigrationsSqlGenerationOptions options = MigrationsSqlGenerationOptions.Default)
    {
        using var db = ModelWallTests.Context(DatabaseProvider.SqlServer);
        return db.GetService<IMigrator>().GenerateScript(options: options);
    }

    /// <summary>The DDL with what stands in EXEC('…') laid open, each object once, so that a model can read it.</summary>
    public static string BareDdl()
    {
        using var db = ModelWallTests.Context(DatabaseProvider.SqlServer);
        var batches = new List<string>();
        foreach (var batch in db.Database.GenerateCreateScript().Split("\nGO", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var dynamic = new DynamicSql();
            Parse(batch).Accept(dynamic);
            batches.AddRange(dynamic.Texts.Count > 0 ? dynamic.Texts : [batch]);
        }

        return string.Join("\nGO\n", batches.Distinct());
    }

    private sealed class DynamicSql : TSqlFragmentVisitor
    {
        public List<string> Texts { get; } = [];

        public override void Visit(ExecutableStringList node) => Texts.AddRange(node.Strings.OfType<StringLiteral>().Select(s => s.Value));
    }
}
