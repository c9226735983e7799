using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Tests.Tenancy;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace DataDefender.Infrastructure.Tests.Persistence.SqlServer;

/// <summary>The statements that the product's own code sends to SQL Server, parsed, bound against the schema, and searched for the company.</summary>
public sealed class SqlServerStatementTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_statement_of_the_services_is_parsed_bound_and_says_the_company()
    {
        var capture = new StatementCapture();
        var outcomes = await CodePaths.RunServicesAsync(capture);

        foreach (var ended in outcomes.Where(o => o.Ended is not (null or DomainException)).GroupBy(o => $"{o.Method}: {o.Ended!.GetType().Name} {o.Ended.Message}"))
        {
            output.WriteLine($"{ended.Key} ({ended.Count()} calls)");
        }

        output.WriteLine($"{CodePaths.Services().Count()} services, {outcomes.Select(o => o.Method).Distinct().Count()} methods, {outcomes.Count} calls, {capture.Statements.Count} distinct statements");
        Assert.True(capture.Statements.Count > 150);
        Assert.All(CodePaths.Services(), service =>
        {
            var own = outcomes.Where(o => o.Method.StartsWith(service.Name + ".", StringComparison.Ordinal)).ToList();
            Assert.True(own.Exists(o => o.Ended is null or DomainException), string.Join(Environment.NewLine, own.Select(o => $"{o.Method}: {o.Ended}")));
        });
        Assert.Contains(capture.Statements, s => s.Sql.Contains("UPDATE [subscriptions] SET", StringComparison.Ordinal));
        Assert.Contains(capture.Statements, s => s.Sql.Contains("INSERT INTO [clients]", StringComparison.Ordinal));
        Assert.Contains(capture.Statements, s => s.Sql.Contains("UPDATE [audit_heads]", StringComparison.Ordinal));

        SaysTheCompany(capture.Statements);
        await BindAsync(capture.Statements);
    }

    [Fact]
    public async Task Every_statement_of_the_background_work_of_both_processes_is_parsed_bound_and_says_the_company()
    {
        var capture = new StatementCapture();
        var outcomes = await HostPaths.RunAsync(capture);

        foreach (var ended in outcomes.Where(o => o.Ended is not null).GroupBy(o => $"{o.Method}: {o.Ended!.GetType().Name} {o.Ended.Message}"))
        {
            output.WriteLine($"{ended.Key} ({ended.Count()} calls)");
        }

        output.WriteLine($"{HostPaths.Workers().Count()} classes, {outcomes.Select(o => o.Method).Distinct().Count()} methods, {outcomes.Count} calls, {capture.Statements.Count} distinct statements");
        foreach (var (what, sql) in ((string, string)[])
            [("RadiusHost reads the lines", "FROM [subscriptions] AS"), ("RadiusHost reads the NAS", "FROM [nas_devices] AS"), ("RadiusHost follows changes", "FROM [radius_changes] AS"),
             ("RadiusHost books usage", "[usage_deltas]"), ("RadiusHost keeps sessions", "[session_records]"), ("RadiusHost marks its place", "[journal_positions]"),
             ("the poller reads the routers", "FROM [routers] AS"), ("retention removes", "DELETE FROM")])
        {
            Assert.True(capture.Statements.Any(s => s.Sql.Contains(sql, StringComparison.Ordinal)), $"No statement captured where {what}.");
        }

        string[] core =
        [
            "DirectoryLoader", "ChangeFeed", "SessionFeed", "SessionStore", "LearnedAuthenticators", "LoginLogWriter", "RouterDirectory", "RouterStore", "RadiusEvidence",
            "LineMeter", "WalledGardenSweep", "RouterReconciler", "RefusedLogins", "UsageVerifier", "LedgerUpkeep", "PolicyClock", "AuditVerifier", "SessionDirectory",
        ];
        Assert.All(core, worker => Assert.True(outcomes.Any(o => o.Method.StartsWith(worker + ".", StringComparison.Ordinal) && o.Ended is null), $"No call of {worker} went through."));
        SaysTheCompany(capture.Statements);
        await BindAsync(capture.Statements);
    }

    [Fact]
    public async Task Inserts_updates_and_removals_of_every_table_are_parsed_and_bound()
    {
        await using var sqlite = await TestServices.CreateAsync();
        var capture = new StatementCapture { Id = (await TestCompany.CreateFullAsync(sqlite)).Id };
        await using var source = sqlite.OpenPlatform();
        var entities = source.Model.GetEntityTypes().Where(e => RowPolicies.OwnerOf(e) is RowOwner.Company).ToList();
        foreach (var entity in entities)
        {
            var read = GetType().GetMethod(nameof(ReadAsync), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.MakeGenericMethod(entity.ClrType);
            foreach (var state in (EntityState[])[EntityState.Added, EntityState.Modified, EntityState.Deleted])
            {
                var row = await (Task<object>)read.Invoke(null, [source])!;
                await using var db = capture.Contexts()();
                db.Stamp(((ITenantOwned)row).TenantId, null, sqlite.Clock);
                db.Entry(row).State = state;
                if (state is EntityState.Added && entity.FindPrimaryKey()!.Properties is [var key] && key.ClrType == typeof(long))
                {
                    db.Entry(row).Property(key.Name).CurrentValue = 0L;
                }

                await db.SaveChangesAsync();
            }
        }

        var tables = entities.Select(e => e.GetTableName()!).ToList();
        Assert.All(tables, table => Assert.Contains(capture.Statements, s => s.Sql.Contains($"INSERT INTO [{table}]", StringComparison.Ordinal) || s.Sql.Contains($"MERGE [{table}]", StringComparison.Ordinal)));
        Assert.All(tables, table => Assert.Contains(capture.Statements, s => s.Sql.Contains($"DELETE FROM [{table}]", StringComparison.Ordinal)));
        SaysTheCompany(capture.Statements);
        await BindAsync(capture.Statements);
    }

    [Fact]
    public async Task A_batch_of_rows_with_numbers_from_the_database_is_one_merge()
    {
        var capture = new StatementCapture();
        await using var db = capture.Contexts()();
        db.Stamp(capture.Id, null, new ManualClock());
        for (var i = 0; i < 30; i++)
        {
            db.NetworkEvents.Add(new Domain.Monitoring.NetworkEvent { TenantId = capture.Id, At = DateTime.UnixEpoch, Kind = "test", Message = $"{i}" });
        }

        await db.SaveChangesAsync();

        Assert.Contains(capture.Statements, s => s.Sql.Contains("MERGE [network_events]", StringComparison.Ordinal));
        await BindAsync(capture.Statements);
    }

    /// <summary>SQL Server allows no plain OUTPUT on a table with a trigger (error 334).</summary>
    [Fact]
    public async Task The_audit_trail_is_written_without_a_plain_output_clause()
    {
        var capture = new StatementCapture();
        await using var db = capture.Contexts()();
        db.Stamp(capture.Id, null, new ManualClock());
        db.Clients.Add(new Domain.Clients.Client(capture.Id, "1000017", new Domain.Clients.ClientInput { Name = "A", Phone = "0712345678" }, DateTime.UnixEpoch));
        db.Clients.Add(new Domain.Clients.Client(capture.Id, "1000025", new Domain.Clients.ClientInput { Name = "B", Phone = "0712345679" }, DateTime.UnixEpoch));

        await db.SaveChangesAsync();

        var writes = capture.Statements.Where(s => s.Sql.Contains("INTO [audit_entries]", StringComparison.Ordinal) || s.Sql.Contains("MERGE [audit_entries]", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(writes);
        Assert.All(writes, s =>
        {
            var outputs = new PlainOutputs();
            Grammar.Parse(s.Sql).Accept(outputs);
            Assert.DoesNotContain("audit_entries", outputs.Tables);
        });
    }

    [Fact]
    public void Telling_the_database_whose_rows_it_may_show_is_T_SQL()
    {
        Assert.Empty(Grammar.Errors(TenantSession.SqlServer.SetTenantSql));
        Assert.Empty(Grammar.Errors(TenantSession.SqlServer.SetPlatformSql));
    }

    /// <summary>The search for the company is believed only because it misses it where it is missing.</summary>
    [Theory]
    [InlineData("SELECT c.name FROM clients AS c WHERE c.id = @id", false)]
    [InlineData("SELECT c.name FROM clients AS c WHERE c.tenant_id = @t", true)]
    [InlineData("SELECT c.name FROM clients AS c INNER JOIN subscriptions AS s ON s.client_id = c.id WHERE c.tenant_id = @t", false)]
    [InlineData("SELECT c.name FROM clients AS c INNER JOIN subscriptions AS s ON s.client_id = c.id AND s.tenant_id = @t WHERE c.tenant_id = @t", true)]
    [InlineData("DELETE FROM clients WHERE id = @id", false)]
    [InlineData("UPDATE clients SET name = N'x' WHERE id = @id AND tenant_id = @t", true)]
    [InlineData("SELECT 1 WHERE EXISTS (SELECT 1 FROM clients AS c WHERE c.name = N'x')", false)]
    public void A_statement_without_the_company_is_noticed(string sql, bool saysIt) => Assert.Equal(saysIt, CompanyLess(sql).Count == 0);

    private static async Task<object> ReadAsync<T>(DataDefenderDbContext db) where T : class => await db.Set<T>().AcrossTenants().AsNoTracking().FirstAsync();

    private static void SaysTheCompany(IEnumerable<CapturedStatement> statements) => Assert.All(statements.Where(s => !s.OfPlatform), s => Assert.Empty(CompanyLess(s.Sql)));

    private static List<string> CompanyLess(string sql)
    {
        using var db = ModelWallTests.Context(DatabaseProvider.SqlServer);
        var tables = db.GetService<IDesignTimeModel>().Model.GetEntityTypes().Where(e => RowPolicies.OwnerOf(e) is RowOwner.Company).Select(e => e.GetTableName()!).ToHashSet();
        var visitor = new TenantPredicates(tables);
        Grammar.Parse(sql).Accept(visitor);
        return visitor.Missing;
    }

    private static async Task BindAsync(ICollection<CapturedStatement> statements)
    {
        // sp_getapplock is of the master database, which a model of one database does not hold; it was parsed like the others.
        var procedures = statements.Where(s => !s.Sql.Contains("sp_getapplock", StringComparison.Ordinal)).Select((s, i) => (Name: $"statement_{i}", s)).ToDictionary(p => p.Name, p => p.s);
        var script = string.Join("\nGO\n", procedures.Select(p => p.Value.AsProcedure(p.Key)).Prepend(Grammar.BareDdl()));

        var messages = await DacFxModel.ValidateAsync(new Dictionary<string, string> { ["statements.sql"] = script });

        Assert.True(messages["statements.sql"].Count == 0, string.Join(Environment.NewLine, messages["statements.sql"].Take(20)));
    }

    private sealed class PlainOutputs : TSqlFragmentVisitor
    {
        public List<string> Tables { get; } = [];

        public override void Visit(DataModificationSpecification node)
        {
            if (node.OutputClause is not null && node.Target is NamedTableReference target)
            {
                Tables.Add(target.SchemaObject.BaseIdentifier.Value);
            }
        }
    }
}
