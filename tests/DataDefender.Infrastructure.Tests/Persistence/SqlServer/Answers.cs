using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Tests.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace DataDefender.Infrastructure.Tests.Persistence.SqlServer;

/// <summary>What the made-up database holds: which word stands in a state column, whether a query finds a row, whether what is asked for exists.</summary>
internal sealed record Scenario(string Word, bool FindsRows, bool Exists)
{
    public static readonly Scenario[] All =
    [
        new("Active", true, false), new("Active", true, true), new("Suspended", true, false), new("Pending", true, false), new("Retired", true, false), new("Up", true, true), new("Active", false, false),
    ];
}

/// <summary>One result set of a batch: its rows are what EF's update pipeline counts on, and one for a query.</summary>
internal sealed record ResultSet(int Rows, IReadOnlyList<string> Texts, bool Truth, int? PositionColumn);

/// <summary>Reads a batch and makes up what a server would answer.</summary>
internal static class Answers
{
    private static readonly string[] Aggregates = ["COUNT", "COUNT_BIG", "SUM", "MAX", "MIN", "AVG"];
    private static readonly Lazy<ILookup<string, IProperty>> Columns = new(() =>
    {
        using var db = ModelWallTests.Context(DatabaseProvider.SqlServer);
        return db.GetService<IDesignTimeModel>().Model.GetEntityTypes().Where(e => !e.IsOwned()).SelectMany(e => e.GetProperties()).ToLookup(p => p.GetColumnName());
    });

    public static IReadOnlyList<ResultSet> To(string sql, Scenario scenario)
    {
        var tree = Grammar.Parse(sql);
        var aliases = new Aliases();
        tree.Accept(aliases);
        var sets = new Sets(scenario, aliases.Tables);
        tree.Accept(sets);
        return sets.Found.Count > 0 ? sets.Found : [new ResultSet(0, [], false, null)];
    }

    /// <summary>A word that the column can hold.</summary>
    private static string TextOf(SelectElement element, Dictionary<string, string> aliases, Scenario scenario)
    {
        if (element is not SelectScalarExpression { Expression: ColumnReferenceExpression { MultiPartIdentifier.Identifiers: [.., var last] all } })
        {
            return scenario.Word;
        }

        var table = all.Count > 1 ? aliases.GetValueOrDefault(all[0].Value) : null;
        var known = Columns.Value[last.Value].ToList();
        var column = known.Find(p => p.DeclaringType.ContainingEntityType.GetTableName() == table) ?? known.FirstOrDefault();
        var type = column is null ? null : Nullable.GetUnderlyingType(column.ClrType) ?? column.ClrType;
        return last.Value switch
        {
            "time_zone" => "Africa/Nairobi",
            "rules" or "site_pools" or "binding" or "states" or "design" or "values" or "lines" => "",
            "terms" => """{"Terms":[{"From":"2026-01-01","PackageId":"00000000-0000-7000-8000-000000000001","Package":"Home","Price":250000,"PeriodCount":1,"PeriodUnit":"Month"}],"Pauses":[]}""",
            "address" or "framed_address" or "static_address" => "100.64.0.9",
            _ when type is { IsEnum: true } => Enum.IsDefined(type, scenario.Word) ? scenario.Word : Enum.GetNames(type)[type.IsDefined(typeof(FlagsAttribute), false) ? ^1 : 0],
            _ when type is not null && type != typeof(string) && column!.GetTypeMapping().Converter?.ProviderClrType == typeof(string) => "", // a value in JSON: none yet
            _ => "text",
        };
    }

    private sealed class Aliases : TSqlFragmentVisitor
    {
        public Dictionary<string, string> Tables { get; } = [];

        public override void Visit(QueryDerivedTable node)
        {
            var inner = new Aliases();
            node.QueryExpression.Accept(inner);
            if (node.Alias is { } alias && inner.Tables.Count > 0)
            {
                Tables[alias.Value] = inner.Tables.Values.First();
            }
        }

        public override void Visit(NamedTableReference node) => Tables[node.Alias?.Value ?? node.SchemaObject.BaseIdentifier.Value] = node.SchemaObject.BaseIdentifier.Value;
    }

    private sealed class Sets(Scenario scenario, Dictionary<string, string> aliases) : TSqlConcreteFragmentVisitor
    {
        public List<ResultSet> Found { get; } = [];

        public override void ExplicitVisit(SelectStatement node)
        {
            var query = First(node.QueryExpression);

            // What EF reads back of rows that it has just written is there, whatever queries find; so is a count, and the answer to EXISTS.
            var always = query.FromClause is null || Text(node).Contains("@inserted", StringComparison.Ordinal) || Text(node).Contains("scope_identity", StringComparison.Ordinal) || (query.GroupByClause is null && query.SelectElements is [var only] && IsAggregate(only));
            Found.Add(new ResultSet(scenario.FindsRows || always ? 1 : 0, [.. query.SelectElements.Select(e => TextOf(e, aliases, scenario))], query.FromClause is null ? scenario.Exists : scenario.FindsRows, null));
        }

        public override void ExplicitVisit(UpdateStatement node) => Add(node.UpdateSpecification.OutputClause, 1);

        public override void ExplicitVisit(DeleteStatement node) => Add(node.DeleteSpecification.OutputClause, 1);

        public override void ExplicitVisit(InsertStatement node) =>
            Add(node.InsertSpecification.OutputClause, node.InsertSpecification.InsertSource is ValuesInsertSource values ? values.RowValues.Count : 1);

        public override void ExplicitVisit(MergeStatement node) =>
            Add(node.MergeSpecification.OutputClause, node.MergeSpecification.TableReference is InlineDerivedTable source ? source.RowValues.Count : 1);

        private static QuerySpecification First(QueryExpression query) => query switch
        {
            QuerySpecification plain => plain,
            BinaryQueryExpression union => First(union.FirstQueryExpression),
            QueryParenthesisExpression parenthesis => First(parenthesis.QueryExpression),
            _ => throw new NotSupportedException(query.GetType().Name),
        };

        private static bool IsAggregate(SelectElement element) => Aggregates.Any(a => Text(element).Contains(a + "(", StringComparison.OrdinalIgnoreCase));

        private static string Text(TSqlFragment node) => string.Concat(node.ScriptTokenStream.Skip(node.FirstTokenIndex).Take(node.LastTokenIndex - node.FirstTokenIndex + 1).Select(t => t.Text));

        private void Add(OutputClause? output, int rows)
        {
            if (output is null)
            {
                return;
            }

            var names = output.SelectColumns.Select(c => c is SelectScalarExpression { Expression: ColumnReferenceExpression column } ? column.MultiPartIdentifier?.Identifiers[^1].Value ?? "" : "").ToList();
            var position = names.IndexOf("_Position");
            Found.Add(new ResultSet(rows, names, true, position < 0 ? null : position));
        }
    }
}
