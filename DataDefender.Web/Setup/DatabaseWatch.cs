using DataDefender.Infrastructure.Persistence;
using Microsoft.Extensions.Options;

namespace DataDefender.Web.Setup;

/// <summary>
/// Knows whether the database answers and fits this build. Migrates at start where that is wanted, keeps asking while it is away, and so
/// lets the application start, and come back, without a person.
/// </summary>
internal sealed partial class DatabaseWatch(
    DatabaseMigration migration, IOptions<DatabaseOptions> options, TimeProvider clock, ILogger<DatabaseWatch> log) : BackgroundService
{
    private static readonly TimeSpan WhileAway = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WhileWell = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _askNow = new(0, 1);
    private bool _migrated;

    /// <summary>Null while all is well; otherwise a sentence for people.</summary>
    public string? Problem { get; private set; } = "The database is being opened.";

    public bool IsReady => Problem is null;

    /// <summary>Somebody met an error of the database: look now, and be unready until it answers.</summary>
    public void Suspect()
    {
        Problem ??= "The database does not answer.";
        if (_askNow.CurrentCount == 0)
        {
            try
            {
                _askNow.Release();
            }
            catch (SemaphoreFullException)
            {
                // Another request has just asked the same.
            }
        }
    }

    public override void Dispose()
    {
        _askNow.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await LookAsync(stoppingToken);
            using var pause = new CancellationTokenSource(IsReady ? WhileWell : WhileAway, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, stoppingToken);
            try
            {
                await _askNow.WaitAsync(either.Token);
            }
            catch (OperationCanceledException)
            {
                // The pause is over, or the application ends.
            }
        }
    }

    private async Task LookAsync(CancellationToken ct)
    {
        try
        {
            if (!_migrated && (options.Value.MigrateAtStart ?? options.Value.Provider is DatabaseProvider.Sqlite))
            {
                await migration.ApplyAsync(ct);
                _migrated = true;
            }

            var current = await migration.IsCurrentAsync(ct);
            Become(current ? null : "The database does not answer, or it has not been migrated to this version.");
        }
        catch (Exception ex) when (!ct.IsCancellationRequested)
        {
            Become("The database does not answer.", ex);
        }
    }

    private void Become(string? problem, Exception? cause = null)
    {
        if (problem is not null && (Problem != problem || cause is not null))
        {
            Away(log, problem, cause?.Message ?? "no connection");
        }
        else if (problem is null && Problem is not null)
        {
            Ready(log);
        }

        Problem = problem;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The database is ready.")]
    private static partial void Ready(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem} ({Cause}) Asking again.")]
    private static partial void Away(ILogger log, string problem, string cause);
}
