using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Messaging;

/// <summary>
/// Sends the companies' messages: woken at once by whoever wrote one in this process, and looking by itself for those of others and for
/// second attempts. A company has one batch under way at a time; companies do not wait for each other.
/// </summary>
internal sealed partial class MessageDispatcher(
    IPlatformDbFactory dbFactory, TenantScopes scopes, MessageSignal signal, IOptions<MessagingOptions> options, TimeProvider clock, ILogger<MessageDispatcher> log) : BackgroundService
{
    private const int MostCompanies = 8;

    private readonly ConcurrentDictionary<Guid, bool> _underWay = new();
    private readonly List<Task> _tasks = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StartDueAsync(stoppingToken);
            }
            catch (Exception trouble) when (!stoppingToken.IsCancellationRequested)
            {
                NotRead(log, trouble); // the database is away: the next look may find it
            }
            catch (OperationCanceledException)
            {
                break;
            }

            await signal.WaitAsync(options.Value.PollInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(_tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task StartDueAsync(CancellationToken ct)
    {
        _tasks.RemoveAll(static task => task.IsCompleted);
        if (_underWay.Count >= MostCompanies)
        {
            return; // the next one to finish wakes us
        }

        var now = clock.GetUtcNow().UtcDateTime;
        List<Guid> companies;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            // What is still being sent is looked at too: its process may be gone.
            companies = await db.Messages.AcrossTenants()
                .Where(m => (m.Status == MessageStatus.Queued || m.Status == MessageStatus.Sending) && m.NextAttemptAt <= now)
                .Select(m => m.TenantId).Distinct().Take(MostCompanies * 4).ToListAsync(ct);
        }

        foreach (var company in companies.Where(c => !_underWay.ContainsKey(c)).Take(MostCompanies - _underWay.Count))
        {
            _underWay.TryAdd(company, true);
            _tasks.Add(RunAsync(company, ct));
        }
    }

    private async Task RunAsync(Guid company, CancellationToken ct)
    {
        await Task.Yield();
        var sent = 0;
        try
        {
            await using var scope = scopes.Open(company, "messages");
            sent = await scope.ServiceProvider.GetRequiredService<MessageDelivery>().SendDueAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // What was not begun stays queued.
        }
        catch (Exception trouble)
        {
            CompanyBroke(log, company, trouble);
        }
        finally
        {
            _underWay.TryRemove(company, out _);
            if (sent > 0)
            {
                signal.Wake(); // there may be more
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Messages that are due could not be read")]
    private static partial void NotRead(ILogger log, Exception trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "The messages of company {Company} could not be sent")]
    private static partial void CompanyBroke(ILogger log, Guid company, Exception trouble);
}
