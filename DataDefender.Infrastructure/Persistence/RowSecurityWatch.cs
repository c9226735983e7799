using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>
/// Asks PostgreSQL once at start whether its row-level security binds the role that this process connects as. It does not bind a
/// superuser, a role with BYPASSRLS, nor a table's owner where the table does not force it: the third wall between companies would be
/// missing and nothing else would show it.
/// </summary>
public sealed partial class RowSecurityWatch : BackgroundService
{
    private static readonly TimeSpan WhileAway = TimeSpan.FromSeconds(5);

    private readonly ContextSource _source;
    private readonly TimeProvider _clock;
    private readonly ILogger<RowSecurityWatch> _log;

    internal RowSecurityWatch(ContextSource source, TimeProvider clock, ILogger<RowSecurityWatch> log) => (_source, _clock, _log) = (source, clock, log);

    /// <summary>Why the database does not keep companies apart by itself, in words; null when it does, or has not been asked yet.</summary>
    public string? Weakness { get; private set; }

    /// <summary>Asks the catalogue; no company's rows are read.</summary>
    internal async Task LookAsync(CancellationToken ct)
    {
        await using var db = _source.CreateForMigrations();
        if (db is not PostgresDbContext)
        {
            return; // SQL Server's policies bind everybody; SQLite has none and is one installation's file
        }

        var walled = db.Model.GetEntityTypes().Where(e => RowPolicies.OwnerOf(e) is not RowOwner.Nobody).Select(e => e.GetTableName()).OfType<string>().Distinct().ToArray();
        var weaknesses = await db.Database.SqlQuery<string>($"""
            SELECT 'the role ' || rolname || CASE WHEN rolsuper THEN ' is a superuser' ELSE ' has BYPASSRLS' END AS "Value"
              FROM pg_catalog.pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)
            UNION ALL
            SELECT 'row-level security is off on ' || string_agg(relname, ', ' ORDER BY relname)
              FROM pg_catalog.pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname = ANY ({walled}) AND NOT relrowsecurity
              HAVING count(*) > 0
            UNION ALL
            SELECT 'the role ' || current_user || ' owns tables that do not force row-level security: ' || string_agg(relname, ', ' ORDER BY relname)
              FROM pg_catalog.pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname = ANY ({walled})
               AND relrowsecurity AND NOT relforcerowsecurity AND pg_has_role(relowner, 'USAGE')
              HAVING count(*) > 0
            """).ToListAsync(ct);
        Weakness = weaknesses.Count == 0 ? null : $"The database does not keep companies apart by itself: {string.Join("; ", weaknesses)}.";
        if (Weakness is not null)
        {
            NotBound(_log, Weakness);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await LookAsync(stoppingToken);
                return;
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                await Task.Delay(WhileAway, _clock, stoppingToken); // the database is away, which others say
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Weakness} Connect as a role of its own, as docs/operations.md says under PostgreSQL.")]
    private static partial void NotBound(ILogger log, string weakness);
}
