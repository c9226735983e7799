using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Lines;

/// <summary>
/// Carries out what is pending for one line. All of it is done at once, for what counts is the state that the line has now; the newest
/// command gets the outcome and the older ones are superseded by it.
/// </summary>
internal sealed partial class LineWorker(
    TenantScopes scopes, ISecretVault vault, SessionControl control, PushedLines pushed, LiveMetrics live, IOptions<LineControlOptions> options, TimeProvider clock, ILogger<LineWorker> log)
{
    private const int LongestDetail = 1000;

    private readonly ConcurrentDictionary<Guid, SemaphoreSlim> _nasTurns = new();

    public async Task RunAsync(Guid tenantId, Guid subscriptionId, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(tenantId, ct);
        LineJob job;
        await using (var scope = scopes.Open(tenantId, "line control"))
        {
            await using var db = await OpenAsync(scope, ct);
            var pending = await PendingAsync(db, subscriptionId, ct);
            if (pending.Count == 0)
            {
                return;
            }

            job = await LineJobs.LoadAsync(db, cipher, subscriptionId, pending, Now, ct);
            await SaveNoteIfWaitingAsync(db, job, pending, ct);
            if (job.LoginUnderWay)
            {
                return;
            }
        }

        var started = clock.GetTimestamp();
        var onRouters = await pushed.SettleAsync(tenantId, subscriptionId, $"{job.Username}: {job.Because}", job.Drop || job.Grant is null, ct);
        SessionOutcome[] outcomes = [.. onRouters, .. await Task.WhenAll(job.Sessions.Select(session => SettleAsync(job, session, ct)))];

        await using (var scope = scopes.Open(tenantId, "line control"))
        {
            await using var db = await OpenAsync(scope, ct);
            await ConcludeAsync(db, job, outcomes, ct);
        }

        live.Announce(tenantId);
        Settled(log, job.Username, outcomes.Length, clock.GetElapsedTime(started).TotalMilliseconds);
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private static Task<IDataDefenderDb> OpenAsync(AsyncServiceScope scope, CancellationToken ct) =>
        scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);

    private static Task<List<LineCommand>> PendingAsync(IDataDefenderDb db, Guid subscriptionId, CancellationToken ct) =>
        db.LineCommands.Where(c => c.SubscriptionId == subscriptionId && c.Status == LineCommandStatus.Pending).OrderBy(c => c.RequestedAt).ThenBy(c => c.Id).ToListAsync(ct);

    private async Task<SessionOutcome> SettleAsync(LineJob job, SessionPlace session, CancellationToken ct)
    {
        var turn = _nasTurns.GetOrAdd(session.NasId, _ => new SemaphoreSlim(options.Value.ParallelPerNas));
        await turn.WaitAsync(ct);
        try
        {
            return await control.SettleAsync(job, session, ct);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task SaveNoteIfWaitingAsync(IDataDefenderDb db, LineJob job, List<LineCommand> pending, CancellationToken ct)
    {
        if (!job.LoginUnderWay)
        {
            return;
        }

        foreach (var command in pending)
        {
            command.WaitUntil(Now + options.Value.FirstPause, "A login was let in moments ago and its session is not known yet; looking again.");
        }

        await db.SaveAsync(ct);
    }

    private async Task ConcludeAsync(IDataDefenderDb db, LineJob job, SessionOutcome[] outcomes, CancellationToken ct)
    {
        var pending = (await PendingAsync(db, job.SubscriptionId, ct)).FindAll(c => job.Commands.Contains(c.Id));
        if (pending.Count == 0)
        {
            return; // another process of this installation was faster
        }

        var now = Now;
        var detail = outcomes.Length == 0 ? "No open session; the next login gets the new state." : Cut(string.Join(" — ", outcomes.Select(o => o.Detail)));
        var newest = pending[^1];
        var waits = outcomes.OfType<SessionOutcome.Open>().Any(o => o.Waits);
        if (waits || (outcomes.OfType<SessionOutcome.Open>().Any() && newest.Attempts + 1 < options.Value.Attempts))
        {
            foreach (var command in pending)
            {
                command.TryAgainAt(now + options.Value.PauseAfter(command.Attempts + 1), Cut($"Not confirmed. {(waits ? "It is tried until the router can be reached. " : "")}{detail}"));
            }

            if (waits && newest.Attempts == options.Value.Attempts)
            {
                Report(db, job, newest, now); // once: it goes on trying
            }
        }
        else
        {
            newest.Complete(StatusOf(outcomes), PathOf(outcomes), detail, now);
            foreach (var older in pending.SkipLast(1))
            {
                older.Complete(LineCommandStatus.Superseded, null, $"Done together with: {newest.Because}", now);
            }

            Report(db, job, newest, now);
        }

        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Another process concluded the same commands; what it wrote stands.
        }
    }

    private static void Report(IDataDefenderDb db, LineJob job, LineCommand command, DateTime now)
    {
        if (command.Status is LineCommandStatus.Failed or LineCommandStatus.Pending)
        {
            db.NetworkEvents.Add(new NetworkEvent
            {
                TenantId = command.TenantId,
                At = now,
                Severity = EventSeverity.Critical,
                Kind = "line.failed",
                Message = Cut($"{job.Username}: “{command.Because}” {(command.Status is LineCommandStatus.Failed ? "did not reach" : "has not reached")} the router. {command.Detail}", 500),
                SubscriptionId = job.SubscriptionId,
            });
        }
        else if (command.Path is LinePath.DisconnectRequest or LinePath.RouterApi && command.Action is not LineAction.Drop)
        {
            db.NetworkEvents.Add(new NetworkEvent
            {
                TenantId = command.TenantId,
                At = now,
                Severity = EventSeverity.Warning,
                Kind = "line.fallback",
                Message = Cut($"{job.Username}: “{command.Because}” needed the session to be dropped. {command.Detail}", 500),
                SubscriptionId = job.SubscriptionId,
            });
        }
    }

    private static LineCommandStatus StatusOf(SessionOutcome[] outcomes) =>
        outcomes.OfType<SessionOutcome.Open>().Any() ? LineCommandStatus.Failed
        : outcomes.OfType<SessionOutcome.Done>().Any() ? LineCommandStatus.Done
        : LineCommandStatus.NoSession;

    // Of several sessions, the hardest way that was needed.
    private static LinePath? PathOf(SessionOutcome[] outcomes) =>
        outcomes.OfType<SessionOutcome.Done>().Select(o => (LinePath?)o.Path).Max();

    private static string Cut(string text, int length = LongestDetail) => text.Length <= length ? text : text[..(length - 1)] + "…";

    [LoggerMessage(Level = LogLevel.Debug, Message = "Line {Username}: {Sessions} sessions settled in {Milliseconds:0} ms")]
    private static partial void Settled(ILogger log, string username, int sessions, double milliseconds);
}
