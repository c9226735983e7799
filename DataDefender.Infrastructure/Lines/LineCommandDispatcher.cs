using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Lines;

/// <summary>
/// Brings line commands to the routers: woken at once by whoever wrote one in this process, and looking by itself for those of others and
/// for second attempts. One line is worked on by one task at a time; lines do not wait for each other.
/// </summary>
internal sealed partial class LineCommandDispatcher(
    IPlatformDbFactory dbFactory, LineWorker worker, LineReview review, LineSignal signal, IOptions<LineControlOptions> options, TimeProvider clock, ILogger<LineCommandDispatcher> log) : BackgroundService
{
    private readonly ConcurrentDictionary<(Guid Tenant, Guid Line), bool> _underWay = new();
    private readonly List<Task> _tasks = [];
    private long _reviewedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StartDueAsync(stoppingToken);
                await ReviewAsync(stoppingToken); // last: what is due waits for no look back
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception trouble)
            {
                NotRead(log, trouble); // the database is away: the next look may find it
            }

            await signal.WaitAsync(options.Value.PollInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(_tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ReviewAsync(CancellationToken ct)
    {
        if (clock.GetElapsedTime(_reviewedAt) > options.Value.ReviewInterval)
        {
            _reviewedAt = clock.GetTimestamp(); // also when it fails: not at every poll
            if (await review.RunAsync(ct) > 0)
            {
                signal.Wake();
            }
        }
    }

    private async Task StartDueAsync(CancellationToken ct)
    {
        _tasks.RemoveAll(static task => task.IsCompleted);
        var free = options.Value.Parallel - _underWay.Count;
        if (free <= 0)
        {
            return; // the next one to finish wakes us
        }

        foreach (var line in await DueAsync(free, ct))
        {
            if (_underWay.TryAdd(line, true))
            {
                _tasks.Add(RunAsync(line, ct));
            }
        }
    }

    // Newest first: one client at the counter does not wait behind a change of a package with ten thousand lines.
    private async Task<IReadOnlyList<(Guid Tenant, Guid Line)>> DueAsync(int free, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await using var db = await dbFactory.OpenAsync(ct);
        var due = await db.LineCommands.AcrossTenants().AsNoTracking()
            .Where(c => c.Status == LineCommandStatus.Pending && c.NextAttemptAt <= now)
            .OrderByDescending(c => c.RequestedAt)
            .Take(free + (2 * _underWay.Count))
            .Select(c => new { c.TenantId, c.SubscriptionId })
            .ToListAsync(ct);
        return [.. due.Select(c => (c.TenantId, c.SubscriptionId)).Distinct().Where(line => !_underWay.ContainsKey(line)).Take(free)];
    }

    private async Task RunAsync((Guid Tenant, Guid Line) line, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            await worker.RunAsync(line.Tenant, line.Line, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Left pending; the next start of the product carries on.
        }
        catch (Exception trouble)
        {
            LineBroke(log, line.Line, trouble);
            await Task.Delay(options.Value.FirstPause, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // still due: not at once again
        }
        finally
        {
            _underWay.TryRemove(line, out _);
            signal.Wake();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Pending line commands could not be read")]
    private static partial void NotRead(ILogger log, Exception trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "The commands of line {Line} could not be carried out")]
    private static partial void LineBroke(ILogger log, Guid line, Exception trouble);
}
