using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataDefender.Infrastructure.Network.Polling;

/// <summary>What a poll makes worth keeping. A later observation of the same router takes the place of an earlier one, but keeps what only that one knew.</summary>
internal sealed record RouterObservation(Guid TenantId, Guid RouterId, DateTime At, RouterState State, string? Reason, DateTime? SeenAt)
{
    public RouterDescription? Description { get; init; }

    /// <summary>The certificate seen on the first connection, to be pinned.</summary>
    public string? Fingerprint { get; init; }

    public DateTime? RestartedAt { get; init; }

    public RouterObservation After(RouterObservation earlier) => this with
    {
        Description = Description ?? earlier.Description,
        Fingerprint = Fingerprint ?? earlier.Fingerprint,
        RestartedAt = RestartedAt ?? earlier.RestartedAt,
        SeenAt = SeenAt ?? earlier.SeenAt,
    };
}

/// <summary>
/// Writes what the polls saw, all routers of a company in one save, and turns changes of state into events. No database connection is
/// held while a router is asked. While the database is away the newest observation of each router waits.
/// </summary>
internal sealed partial class RouterStore(TenantScopes scopes, LiveMetrics metrics, ILogger<RouterStore> log)
{
    private const int AtOnce = 200;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, RouterObservation> _waiting = [];

    public void Post(RouterObservation observation)
    {
        lock (_lock)
        {
            _waiting[observation.RouterId] = _waiting.TryGetValue(observation.RouterId, out var earlier) ? observation.After(earlier) : observation;
        }
    }

    /// <summary>Writes what is waiting. What could not be written waits on.</summary>
    public async Task StoreAsync(CancellationToken ct)
    {
        List<RouterObservation> taken;
        lock (_lock)
        {
            taken = [.. _waiting.Values];
            _waiting.Clear();
        }

        foreach (var batch in taken.GroupBy(o => o.TenantId).SelectMany(company => company.Chunk(AtOnce)))
        {
            try
            {
                if (await StoreAsync(batch[0].TenantId, batch, ct))
                {
                    metrics.Announce(batch[0].TenantId); // after the save, so that whoever looks finds the new events
                }
            }
            catch (DbUpdateConcurrencyException)
            {
                PutBack(batch); // somebody edited one of them meanwhile: once more on what is there now
            }
            catch (Exception ex) when (ex is not OperationCanceledException)
            {
                PutBack(batch);
                NotStored(log, batch.Length, ex);
            }
        }
    }

    private async Task<bool> StoreAsync(Guid tenantId, RouterObservation[] batch, CancellationToken ct)
    {
        await using var scope = scopes.Open(tenantId, "router poller");
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        var ids = batch.Select(o => o.RouterId).ToList();
        var routers = await db.Routers.Where(r => ids.Contains(r.Id)).ToDictionaryAsync(r => r.Id, ct);
        var changed = false;
        var back = new List<Router>();
        foreach (var seen in batch)
        {
            if (routers.TryGetValue(seen.RouterId, out var router) && router.IsEnabled) // removed or switched off meanwhile
            {
                if (seen.State is RouterState.Up && router.State is not RouterState.Up)
                {
                    back.Add(router);
                }

                changed |= Apply(seen, router, db);
            }
        }

        await db.SaveChangesAsync(ct);
        await HastenLinesAsync(db, back, batch.Max(o => o.At), ct);
        return changed;
    }

    /// <summary>Changes that waited for these routers are due at once, of lines and those that broke off; whoever carries them out looks by itself.</summary>
    private static async Task HastenLinesAsync(IDataDefenderDb db, List<Router> back, DateTime now, CancellationToken ct)
    {
        if (back.Count == 0)
        {
            return;
        }

        // A router that has its lines itself: which of them are its own is decided when they are brought there.
        var (ids, all) = (back.ConvertAll(r => (Guid?)r.Id), back.Exists(r => r.Design.LinePush is not LinePush.None));
        await db.LineCommands
            .Where(c => c.Status == LineCommandStatus.Pending && c.NextAttemptAt > now
                && (all || db.LiveSessions.Any(s => s.SubscriptionId == c.SubscriptionId && db.NasDevices.Any(n => n.Id == s.NasId && ids.Contains(n.RouterId)))))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.NextAttemptAt, now), ct);
        var these = back.ConvertAll(r => r.Id);
        await db.ProvisioningRuns
            .Where(r => r.Status == RunStatus.Interrupted && r.NextAttemptAt > now && these.Contains(r.RouterId))
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.NextAttemptAt, now), ct); // or lines would wait for it
    }

    private static bool Apply(RouterObservation seen, Router router, IDataDefenderDb db)
    {
        var events = new List<NetworkEvent>();
        if (seen.RestartedAt is { } restarted)
        {
            events.Add(Event(seen, EventSeverity.Warning, "router.restarted", $"{router.Name} was restarted at {restarted:HH:mm:ss} UTC."));
        }

        if (seen.State != router.State)
        {
            events.Add(StateEvent(seen, router));
        }

        router.Observe(seen.State, Cut(seen.Reason, 500), seen.SeenAt, seen.At);
        if (seen.Description is { } box)
        {
            if (router.RouterOsVersion is { } before && box.Version is { } after && before != after)
            {
                events.Add(Event(seen, EventSeverity.Info, "router.version", $"{router.Name} runs RouterOS {after}, before {before}."));
            }

            router.Describe(Cut(box.Identity, 200), Cut(box.Model, 200), Cut(box.Version, 200), Cut(box.Serial, 200));
        }

        if (seen.Fingerprint is { } fingerprint && router is { UseTls: true, CertificateFingerprint: null })
        {
            router.PinCertificate(fingerprint);
        }

        db.NetworkEvents.AddRange(events);
        return events.Count > 0;
    }

    private static NetworkEvent StateEvent(RouterObservation seen, Router router)
    {
        var was = seen.At - router.StateSince;
        return seen.State switch
        {
            RouterState.Up when router.State is RouterState.Down => Event(seen, EventSeverity.Info, "router.up", $"{router.Name} is back after {InWords(was)}."),
            RouterState.Up when router.State is RouterState.Degraded => Event(seen, EventSeverity.Info, "router.up", $"{router.Name} works as it should again after {InWords(was)}."),
            RouterState.Up => Event(seen, EventSeverity.Info, "router.up", $"{router.Name} answers."),
            RouterState.Down => Event(seen, EventSeverity.Critical, "router.down", $"{router.Name} is down: {seen.Reason}"),
            RouterState.Degraded => Event(seen, EventSeverity.Warning, "router.degraded", $"{router.Name} is degraded: {seen.Reason}"),
            _ => Event(seen, EventSeverity.Warning, "router.unknown", $"Nothing is known of {router.Name}: {seen.Reason}"),
        };
    }

    private static NetworkEvent Event(RouterObservation seen, EventSeverity severity, string kind, string message) =>
        new() { TenantId = seen.TenantId, At = seen.At, Severity = severity, Kind = kind, Message = Cut(message, 500)!, RouterId = seen.RouterId };

    private static string InWords(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => $"{time.TotalSeconds:0} seconds",
        { TotalHours: < 2 } => $"{time.TotalMinutes:0} minutes",
        { TotalDays: < 2 } => $"{time.TotalHours:0} hours",
        _ => $"{time.TotalDays:0} days",
    };

    private static string? Cut(string? text, int length) => text?.Length > length ? text[..length] : text;

    private void PutBack(RouterObservation[] batch)
    {
        lock (_lock)
        {
            foreach (var seen in batch)
            {
                _waiting[seen.RouterId] = _waiting.TryGetValue(seen.RouterId, out var later) ? later.After(seen) : seen;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What was seen of {Count} routers could not be stored; it will be tried again")]
    private static partial void NotStored(ILogger log, int count, Exception exception);
}
