using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using DataDefender.Infrastructure.Persistence;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DataDefender.Infrastructure.Tests.Persistence.SqlServer;

/// <summary>
/// The SQL Server provider without a server: each statement is recorded as it would have been sent, and answered with made-up rows,
/// so that the code that sent it goes on to its next one.
/// </summary>
internal sealed class StatementCapture
{
    private readonly ConcurrentDictionary<string, CapturedStatement> _statements = new();

    /// <summary>Each distinct statement with its parameters.</summary>
    public ICollection<CapturedStatement> Statements => _statements.Values;

    public Scenario Scenario { get; set; } = Scenario.All[0];

    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Func<DataDefenderDbContext> Contexts()
    {
        var options = new DbContextOptionsBuilder<SqlServerDbContext>()
            .UseSqlServer("Server=nowhere;Database=none;TrustServerCertificate=true")
            .AddInterceptors(new TenantGuard(), TrailCleaner.Instance, new Connections(), new Transactions(), new Commands(this))
            .Options;
        return () => new SqlServerDbContext(options);
    }

    private void Record(DbCommand command, DbContext? context) =>
        _statements.TryAdd(command.CommandText, new CapturedStatement(command.CommandText, context is DataDefenderDbContext { IsPlatform: true }, [.. command.Parameters.Cast<SqlParameter>().Select(p => (p.ParameterName, TypeOf(p)))]));

    private static string TypeOf(SqlParameter parameter) => parameter.SqlDbType switch
    {
        SqlDbType.NVarChar or SqlDbType.VarBinary or SqlDbType.VarChar => $"{parameter.SqlDbType}({(parameter.Size is > 0 and <= 4000 ? parameter.Size : "max")})",
        SqlDbType.Decimal => $"decimal({parameter.Precision},{parameter.Scale})",
        _ => parameter.SqlDbType.ToString(),
    };

    private sealed class Connections : DbConnectionInterceptor
    {
        public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) => InterceptionResult.Suppress();

        public override ValueTask<InterceptionResult> ConnectionOpeningAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(InterceptionResult.Suppress());
    }

    private sealed class Transactions : DbTransactionInterceptor
    {
        public override InterceptionResult<DbTransaction> TransactionStarting(DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result) =>
            InterceptionResult<DbTransaction>.SuppressWithResult(new NoTransaction(connection));

        public override ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
            DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(TransactionStarting(connection, eventData, result));
    }

    private sealed class NoTransaction(DbConnection connection) : DbTransaction
    {
        public override IsolationLevel IsolationLevel => IsolationLevel.ReadCommitted;

        protected override DbConnection DbConnection => connection;

        public override void Commit() { }

        public override void Rollback() { }
    }

    private sealed class Commands(StatementCapture capture) : DbCommandInterceptor
    {
        // EF would hand our transaction to the real command, which takes only its own kind.
        public override InterceptionResult<DbCommand> CommandCreating(CommandCorrelatedEventData eventData, InterceptionResult<DbCommand> result) =>
            InterceptionResult<DbCommand>.SuppressWithResult(new UnboundCommand());

        public override InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
        {
            capture.Record(command, eventData.Context);
            return InterceptionResult<DbDataReader>.SuppressWithResult(new MadeUpReader(Answers.To(command.CommandText, capture.Scenario), capture.Id));
        }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(ReaderExecuting(command, eventData, result));

        public override InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
        {
            capture.Record(command, eventData.Context);
            return InterceptionResult<int>.SuppressWithResult(capture.Scenario.FindsRows ? 1 : 0);
        }

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(NonQueryExecuting(command, eventData, result));

        public override InterceptionResult<object> ScalarExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
        {
            capture.Record(command, eventData.Context);
            return InterceptionResult<object>.SuppressWithResult(1);
        }

        public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(ScalarExecuting(command, eventData, result));
    }

    /// <summary>Holds SqlClient's own parameters, for their types, and cares for no connection.</summary>
    private sealed class UnboundCommand : DbCommand
    {
        private readonly SqlCommand _parameters = new();

        [System.Diagnostics.CodeAnalysis.AllowNull]
        public override string CommandText { get; set; } = "";

        public override int CommandTimeout { get; set; }

        public override CommandType CommandType { get; set; } = CommandType.Text;

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection { get; set; }

        protected override DbParameterCollection DbParameterCollection => _parameters.Parameters;

        protected override DbTransaction? DbTransaction { get; set; }

        public override void Cancel() { }

        public override int ExecuteNonQuery() => throw new NotSupportedException();

        public override object? ExecuteScalar() => throw new NotSupportedException();

        public override void Prepare() { }

        protected override DbParameter CreateDbParameter() => _parameters.CreateParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _parameters.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>A statement as it would have reached SQL Server, first sent by the platform or by a company.</summary>
internal sealed record CapturedStatement(string Sql, bool OfPlatform, IReadOnlyList<(string Name, string Type)> Parameters)
{
    /// <summary>As a procedure, in whose body a model binds every name.</summary>
    public string AsProcedure(string name) =>
        $"CREATE PROCEDURE dbo.[{name}] {string.Join(", ", Parameters.Select(p => $"@{p.Name.TrimStart('@')} {p.Type}"))} AS\n{Sql}";
}
