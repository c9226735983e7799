using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Lines;

/// <summary>
/// Looks again at changes that ended with no session of the line open, where a session is open after all that still has what the line got
/// before: a hotspot's client that was ended and came back by its cookie before RADIUS had heard of the change, or a session that was
/// taken for silent and reported again.
/// </summary>
internal sealed class LineReview(IPlatformDbFactory platform, TenantScopes scopes, LiveMetrics live, IOptions<LineControlOptions> options, TimeProvider clock)
{
    /// <summary>Longer than most routers' interim reports are apart.</summary>
    private static readonly TimeSpan LooksBack = TimeSpan.FromMinutes(15);

    /// <summary>Within this RADIUS answers by what was changed; the second is for clocks that tell whole ones.</summary>
    private static readonly TimeSpan RadiusKnows = TimeSpan.FromSeconds(2);

    private const int Most = 5_000;

    /// <summary>Returns how many were taken up again.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var (since, attempts) = (now - LooksBack, options.Value.Attempts);
        List<Ended> ended;
        await using (var db = await platform.OpenAsync(ct))
        {
            ended = await (
                from command in db.LineCommands.AcrossTenants().AsNoTracking()
                join session in db.LiveSessions.AcrossTenants() on new { command.TenantId, Line = (Guid?)command.SubscriptionId } equals new { session.TenantId, Line = session.SubscriptionId }
                where command.NextAttemptAt >= since && command.CompletedAt != null && command.Attempts < attempts
                    && (command.Status == LineCommandStatus.NoSession
                        || (command.Status == LineCommandStatus.Done && (command.Path == LinePath.DisconnectRequest || command.Path == LinePath.RouterApi)))
                orderby command.RequestedAt descending
                select new Ended(command.TenantId, command.Id, command.Action, command.RequestedAt, command.CompletedAt!.Value, session.StartedAt, session.UpdatedAt)).Take(Most).ToListAsync(ct);
        }

        var again = 0;
        foreach (var company in ended.Where(e => e.IsOpenStill).GroupBy(e => e.TenantId))
        {
            await using var scope = scopes.Open(company.Key, "line control");
            await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
            Guid[] ids = [.. company.Select(e => e.CommandId).Distinct()];
            var commands = await db.LineCommands.Where(c => ids.Contains(c.Id)).ToListAsync(ct);
            commands.ForEach(c => c.TakeUpAgain(now, "A session that began before this change reached RADIUS is open; it is brought to the change too."));
            try
            {
                await db.SaveChangesAsync(ct);
            }
            catch (DbUpdateConcurrencyException)
            {
                continue; // another process was faster
            }

            live.Announce(company.Key);
            again += commands.Count;
        }

        return again;
    }

    private sealed record Ended(Guid TenantId, Guid CommandId, LineAction Action, DateTime RequestedAt, DateTime CompletedAt, DateTime StartedAt, DateTime UpdatedAt)
    {
        /// <summary>It began with the old state, and it is not merely the one that was ended and whose Stop was lost. Who was only thrown off may come back at once.</summary>
        public bool IsOpenStill => StartedAt < RequestedAt ? UpdatedAt > CompletedAt : Action is not LineAction.Drop && StartedAt < RequestedAt + RadiusKnows;
    }
}
