using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>
/// Brings the database to the model of this build, with a connection of its own where <c>ConnectionStrings:DataDefenderMigrations</c> names
/// one: the tables then belong to a role that serves nobody.
/// </summary>
public sealed partial class DatabaseMigration
{
    private readonly ContextSource _source;
    private readonly ContextSource _owner;
    private readonly ILogger<DatabaseMigration> _log;

    /// <param name="source">As the processes connect.</param>
    /// <param name="owner">As who may change tables connects; the same where there is no such role.</param>
    internal DatabaseMigration(ContextSource source, ContextSource owner, ILogger<DatabaseMigration> log) => (_source, _owner, _log) = (source, owner, log);

    /// <summary>Applies what is pending and returns the names of what was applied. The provider's own lock keeps two processes apart.</summary>
    public async Task<IReadOnlyList<string>> ApplyAsync(CancellationToken ct = default)
    {
        await using var db = _owner.CreateForMigrations();
        var pending = (await db.Database.GetPendingMigrationsAsync(ct)).ToList();
        if (pending.Count > 0)
        {
            await db.Database.MigrateAsync(ct);
            Applied(_log, string.Join(", ", pending));
        }

        return pending;
    }

    /// <summary>True when the database answers and has every migration.</summary>
    public async Task<bool> IsCurrentAsync(CancellationToken ct = default)
    {
        await using var db = _source.CreateForMigrations();
        return await db.Database.CanConnectAsync(ct) && !(await db.Database.GetPendingMigrationsAsync(ct)).Any();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Database migrated: {Migrations}")]
    private static partial void Applied(ILogger log, string migrations);
}
