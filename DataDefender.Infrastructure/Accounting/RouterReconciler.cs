using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Accounting;

/// <summary>
/// Holds the open sessions of a router against the router's own list. One that is missing there twice in a row, and has not been reported
/// meanwhile, is closed; sessions that the router has and accounting has not are reported.
/// </summary>
internal sealed partial class RouterReconciler(IRouterGateway gateway, TenantScopes scopes, TimeProvider clock, ILogger<RouterReconciler> log)
{
    public const string UnaccountedKind = "session.unaccounted";

    private const int Named = 5;
    private const int EnoughToJudge = 5;

    /// <summary>A Start needs no longer to reach the database.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReportedEvery = TimeSpan.FromHours(1);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, Memory> _memories = new();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Returns how many sessions were closed. Does nothing when the router does not answer.</summary>
    public async Task<int> ReconcileAsync(PolledRouter router, CancellationToken ct)
    {
        var asked = Now;
        if (router.Endpoint is null || await RouterSessions.ReadAsync(gateway, router.Endpoint, null, ct) is not { } listed)
        {
            return 0;
        }

        await using var scope = scopes.Open(router.TenantId, "session healing");
        await using var db = (DataDefenderDbContext)await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        var open = await db.LiveSessions.AsNoTracking().Where(s => db.NasDevices.Any(n => n.RouterId == router.RouterId && n.Id == s.NasId)).ToListAsync(ct);
        var memory = _memories.GetOrAdd(router.RouterId, static _ => new Memory());
        var missing = open.Where(s => s.UpdatedAt < asked && !listed.Has(s)).ToList();
        if (missing.Count == open.Count && open.Count >= EnoughToJudge && listed.All.Count > 0)
        {
            // None of ours among many of its own: the RADIUS device hangs under another router than the one that sends its accounting.
            AnotherRouter(log, router.Name, open.Count, listed.All.Count);
            return 0;
        }

        var twice = missing.Where(s => memory.MissingSince.TryGetValue(s.Id, out var first) && s.UpdatedAt <= first).ToList();
        memory.MissingSince = missing.ToDictionary(s => s.Id, s => twice.Contains(s) ? memory.MissingSince[s.Id] : asked);
        var closed = await SessionCloser.CloseAsync(db, twice, OwnCauses.NotOnRouter, Now, ct);
        if (closed > 0)
        {
            Closed(log, closed, router.Name);
        }

        await ReportAsync(db, router, memory, [.. listed.Without(open).Where(s => s.ByRadius && (s.Uptime ?? Settled) >= Settled)], ct);
        return closed;
    }

    private async Task ReportAsync(DataDefenderDbContext db, PolledRouter router, Memory memory, List<ListedSession> unknown, CancellationToken ct)
    {
        var twice = unknown.Where(s => memory.Unknown.Contains(s.Key)).ToList();
        memory.Unknown = [.. unknown.Select(s => s.Key)];
        var since = Now - ReportedEvery;
        if (twice.Count == 0 || await db.NetworkEvents.AnyAsync(e => e.RouterId == router.RouterId && e.Kind == UnaccountedKind && e.At > since, ct))
        {
            return;
        }

        var names = string.Join(", ", twice.Take(Named).Select(s => s.Username)) + (twice.Count > Named ? " …" : "");
        var count = twice.Count == 1 ? "1 session" : $"{twice.Count} sessions";
        db.NetworkEvents.Add(new NetworkEvent
        {
            TenantId = router.TenantId,
            RouterId = router.RouterId,
            At = Now,
            Severity = EventSeverity.Warning,
            Kind = UnaccountedKind,
            Message = Cut($"{router.Name} has {count} without accounting: {names}. Their data is not counted; look at the router's RADIUS accounting settings."),
        });
        await db.SaveChangesAsync(ct);
    }

    private static string Cut(string text) => text.Length > 500 ? text[..500] : text;

    /// <summary>What the last reading of a router left open.</summary>
    private sealed class Memory
    {
        /// <summary>When a session was first missing in the list, by its row.</summary>
        public Dictionary<Guid, DateTime> MissingSince { get; set; } = [];

        public HashSet<string> Unknown { get; set; } = [];
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Sessions} sessions are not on {Router} any more and were closed")]
    private static partial void Closed(ILogger log, int sessions, string router);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Router} lists none of its {Open} open sessions but {Listed} others: is a RADIUS device linked to the wrong router? Nothing was closed")]
    private static partial void AnotherRouter(ILogger log, string router, int open, int listed);
}
