using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace DataDefender.Infrastructure.Tests.Persistence.SqlServer;

/// <summary>Finds each use of a company's table that no comparison binds to the company.</summary>
internal sealed class TenantPredicates(HashSet<string> tables) : TSqlFragmentVisitor
{
    private readonly List<(string Table, string Alias)> _used = [];
    private readonly HashSet<string> _bound = [];

    public List<string> Missing => [.. _used.Where(u => !_bound.Contains(u.Alias)).Select(u => $"{u.Table} AS {u.Alias}")];

    public override void Visit(NamedTableReference node)
    {
        var table = node.SchemaObject.BaseIdentifier.Value;
        if (tables.Contains(table))
        {
            _used.Add((table, node.Alias?.Value ?? table));
        }
    }

    // EF's "WHERE 0 = 1" reads nothing, and "id = scope_identity()" only what this very batch has written.
    public override void Visit(QuerySpecification node)
    {
        var condition = new Conditions();
        node.WhereClause?.Accept(condition);
        if (condition.ReadsNothingForeign)
        {
            foreach (var table in node.FromClause.TableReferences)
            {
                var outermost = table;
                while (outermost is QualifiedJoin join)
                {
                    outermost = join.FirstTableReference;
                }

                if (outermost is NamedTableReference named)
                {
                    _bound.Add(named.Alias?.Value ?? named.SchemaObject.BaseIdentifier.Value);
                }
            }
        }
    }

    public override void Visit(BooleanComparisonExpression node)
    {
        if (node.ComparisonType is BooleanComparisonType.Equals)
        {
            Bind(node.FirstExpression);
            Bind(node.SecondExpression);
        }
    }

    // What an INSERT or a MERGE writes carries its company as a value; the write guard has seen it.
    public override void ExplicitVisit(InsertStatement node) => node.InsertSpecification.InsertSource.Accept(this);

    public override void ExplicitVisit(MergeStatement node) { }

    public override void Visit(DataModificationSpecification node)
    {
        if (node.Target is NamedTableReference { Alias: null } target && node is UpdateSpecification { WhereClause: { } } or DeleteSpecification { WhereClause: { } })
        {
            var columns = new Unqualified();
            (node as UpdateDeleteSpecificationBase)?.WhereClause.Accept(columns);
            if (columns.SaysTenant)
            {
                _bound.Add(((NamedTableReference)node.Target).SchemaObject.BaseIdentifier.Value);
            }
        }
    }

    private void Bind(ScalarExpression side)
    {
        if (side is ColumnReferenceExpression { MultiPartIdentifier.Identifiers: [.., var alias, { Value: "tenant_id" }] })
        {
            _bound.Add(alias.Value);
        }
    }

    private sealed class Conditions : TSqlFragmentVisitor
    {
        public bool ReadsNothingForeign { get; private set; }

        public override void Visit(BooleanComparisonExpression node) => ReadsNothingForeign |=
            node is { FirstExpression: IntegerLiteral { Value: "0" }, SecondExpression: IntegerLiteral { Value: "1" } }
            || node.SecondExpression is FunctionCall { FunctionName.Value: "scope_identity" };
    }

    private sealed class Unqualified : TSqlFragmentVisitor
    {
        public bool SaysTenant { get; private set; }

        public override void Visit(BooleanComparisonExpression node) =>
            SaysTenant |= node.FirstExpression is ColumnReferenceExpression { MultiPartIdentifier.Identifiers: [{ Value: "tenant_id" }] };
    }
}
