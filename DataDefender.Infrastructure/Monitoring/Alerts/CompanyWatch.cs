using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Monitoring.Alerts;

/// <summary>
/// The alerts of one company: reads what the database knows now and then, judges what is live each time, and writes only what changed.
/// What could not be written is done again: the incidents follow the alerts, never the other way.
/// </summary>
internal sealed class CompanyWatch(
    Guid tenantId, TenantScopes scopes, LiveMetrics metrics, AlertSignal signal, StaffNotifier notifier, StaffInbox inbox, AlertWatchOptions options, TimeProvider clock)
{
    private const int SamplesKept = 7;
    private static readonly TimeSpan SampleEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CountsKept = TimeSpan.FromMinutes(12);
    private static readonly TimeSpan OutageLimit = TimeSpan.FromDays(1);

    /// <summary>So much of an outage's lines online again, and it is over.</summary>
    private const double NearlyAll = 0.8;
    private const int HoursInAMonth = 730;

    private readonly AlertEngine _engine = new();
    private readonly MassDisconnects _mass = new();
    private readonly Dictionary<string, IReadOnlyList<LostLine>> _lost = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, List<(DateTime At, int Open)>> _counts = [];
    private readonly Dictionary<Guid, Queue<RouterSnapshot>> _earlier = [];
    private Knowledge? _known;
    private DateTime _knownAt;
    private DateTime _upkeepAt;
    private bool _restored;
    private bool _unsaved;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task TickAsync(SessionNews? news, CancellationToken ct)
    {
        var now = Now;
        Take(news); // first: the feed has moved on, and a database that fails below must not lose what it said
        if (_known is null || now - _knownAt >= options.ReadInterval || signal.Take(tenantId))
        {
            await ReadAsync(ct);
        }

        _unsaved |= await FindMassAsync(now, ct);
        _unsaved |= Judge(now);
        if (_unsaved)
        {
            await SaveAsync(ct);
            _unsaved = false;
        }

        if (now - _upkeepAt >= options.UpkeepInterval)
        {
            await UpkeepAsync(ct);
            _upkeepAt = now;
        }
    }

    private bool Judge(DateTime now)
    {
        var known = _known!;
        var live = metrics.Latest(tenantId).ToDictionary(s => s.RouterId);
        foreach (var snapshot in live.Values)
        {
            Sample(snapshot);
        }

        var network = new WatchedNetwork(
            now, known.Routers, [.. known.Nas.Select(n => new WatchedNas(n.NasId, n.Name, n.RouterId, n.Site, _counts.GetValueOrDefault(n.NasId) ?? []))], live,
            _earlier.ToDictionary(e => e.Key, e => (IReadOnlyCollection<RouterSnapshot>)e.Value), metrics.Feed, metrics.PulseHistory(tenantId), known.LicenceDaysLeft);
        return _engine.Evaluate(now, known.Rules, AlertReadings.Of(network, known.Rules), known.Damping, subject => known.Windows.Any(w => w.Holds(now) && w.Covers(subject, known.Shape)),
            subject => AlertReadings.IsUnread(network, subject));
    }

    private void Sample(RouterSnapshot snapshot)
    {
        if (snapshot.Interfaces.IsDefaultOrEmpty)
        {
            return;
        }

        if (!_earlier.TryGetValue(snapshot.RouterId, out var samples))
        {
            _earlier[snapshot.RouterId] = samples = new Queue<RouterSnapshot>();
        }

        if (samples.Count == 0 || snapshot.At - samples.Last().At >= SampleEvery)
        {
            samples.Enqueue(snapshot);
            if (samples.Count > SamplesKept)
            {
                samples.Dequeue();
            }
        }
    }

    private void Take(SessionNews? news)
    {
        foreach (var stop in news?.Stops ?? [])
        {
            _mass.Add(stop, Now);
        }

        foreach (var line in news?.Online ?? [])
        {
            _mass.Back(line);
        }
    }

    private async Task<bool> FindMassAsync(DateTime now, CancellationToken ct)
    {
        var known = _known!;
        var places = known.Nas.ToDictionary(n => n.NasId);
        if (known.Rules.FirstOrDefault(r => r is { Kind: AlertKind.MassDisconnect, IsEnabled: true }) is not { } rule || _mass.Suspects((int)rule.Threshold, places) is not { Count: > 0 } suspects)
        {
            return false;
        }

        Dictionary<Guid, IReadOnlyList<(string?, int)>> open;
        await using (var scope = scopes.Open(tenantId, "alerts"))
        await using (var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct))
        {
            open = (await db.LiveSessions.Where(s => suspects.Contains(s.NasId)).GroupBy(s => new { s.NasId, s.NasPortId }).Select(g => new { g.Key.NasId, g.Key.NasPortId, Count = g.Count() }).ToListAsync(ct))
                .GroupBy(p => p.NasId).ToDictionary(g => g.Key, g => (IReadOnlyList<(string?, int)>)[.. g.Select(p => (p.NasPortId, p.Count))]);
        }

        var changed = false;
        foreach (var outage in _mass.Find(now, (int)rule.Threshold, places, open))
        {
            if (known.Windows.Any(w => w.Holds(now) && w.Covers(outage.Subject, known.Shape)))
            {
                continue;
            }

            var before = _lost.GetValueOrDefault(outage.Subject.Key) ?? [];
            // A line that went, came back and went again has gone when it last did.
            var lines = before.Concat(outage.Lines).GroupBy(l => l.SubscriptionId).Select(g => g.MaxBy(l => l.At)).ToList();
            if (lines.Count > before.Count || lines.Except(before).Any())
            {
                _lost[outage.Subject.Key] = lines;
                _engine.Raise(new ActiveAlert(null, AlertKind.MassDisconnect, rule.Severity, outage.Subject, outage.Since, lines.Count, outage.Detail, rule.Notifies));
                changed = true;
            }
        }

        return changed;
    }

    private async Task SaveAsync(CancellationToken ct)
    {
        await using var scope = scopes.Open(tenantId, "alerts");
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        await new IncidentKeeper(db, notifier, _known!.Shape, _lost, Answering(), Now).KeepAsync(_engine.Active, ct);
        if (await db.SaveChangesAsync(ct) > 0)
        {
            metrics.Announce(tenantId);
            inbox.Announce(tenantId);
        }
    }

    /// <summary>Routers that were read just now and answered.</summary>
    private Dictionary<Guid, RouterAnswer> Answering()
    {
        var now = Now;
        var up = _known!.Routers.Where(r => r.State is RouterState.Up or RouterState.Degraded).ToDictionary(r => r.Id, r => r.StateSince);
        return metrics.Latest(tenantId).Where(s => s.State is RouterState.Up or RouterState.Degraded && now - s.At <= AlertReadings.Fresh)
            .ToDictionary(s => s.RouterId, s => new RouterAnswer(up.TryGetValue(s.RouterId, out var since) ? since : s.At, s.At));
    }

    /// <summary>Notes who is back, what it costs, and ends outages whose lines are back.</summary>
    private async Task UpkeepAsync(CancellationToken ct)
    {
        await using var scope = scopes.Open(tenantId, "alerts");
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        var open = await db.Incidents.Where(i => i.ResolvedAt == null && i.Affected > 0).ToListAsync(ct);
        if (open.Count == 0)
        {
            return;
        }

        var now = Now;
        var ids = open.ConvertAll(i => i.Id);
        var back = await db.IncidentLines
            .Where(l => ids.Contains(l.IncidentId) && l.BackAt == null && db.LiveSessions.Any(s => s.SubscriptionId == l.SubscriptionId && s.UpdatedAt > l.LostAt))
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.BackAt, now), ct);
        var prices = await (from line in db.IncidentLines
                            where ids.Contains(line.IncidentId)
                            join subscription in db.Subscriptions on line.SubscriptionId equals subscription.Id
                            join package in db.Packages on subscription.PackageId equals package.Id
                            group package.Price.Minor by line.IncidentId into each
                            select new { each.Key, Sum = each.Sum(), Count = each.Count() }).ToDictionaryAsync(p => p.Key, ct);
        var costed = false;
        foreach (var incident in open)
        {
            if (prices.TryGetValue(incident.Id, out var price))
            {
                costed |= incident.Cost(new Money(price.Sum / HoursInAMonth));
            }
        }

        if (costed)
        {
            await db.SaveChangesAsync(ct);
        }

        await EndOutagesAsync(db, ids, now, ct);
        if (back > 0 || costed)
        {
            metrics.Announce(tenantId);
        }
    }

    private async Task EndOutagesAsync(IDataDefenderDb db, List<Guid> incidents, DateTime now, CancellationToken ct)
    {
        List<ActiveAlert> outages = [.. _engine.Active.Where(a => a.Kind is AlertKind.MassDisconnect)];
        if (outages.Count == 0)
        {
            return;
        }

        var earliest = outages.Min(o => o.Since);
        var online = (await db.LiveSessions
                .Where(s => s.SubscriptionId != null && s.UpdatedAt > earliest && db.IncidentLines.Any(l => incidents.Contains(l.IncidentId) && l.SubscriptionId == s.SubscriptionId))
                .Select(s => new { Line = s.SubscriptionId!.Value, s.UpdatedAt }).ToListAsync(ct))
            .GroupBy(s => s.Line).ToDictionary(g => g.Key, g => g.Max(s => s.UpdatedAt));
        foreach (var alert in outages)
        {
            var lines = _lost.GetValueOrDefault(alert.Subject.Key) ?? [];
            var back = lines.Count(l => online.TryGetValue(l.SubscriptionId, out var heard) && heard > alert.Since);
            if (back >= NearlyAll * lines.Count || now - alert.Since > OutageLimit)
            {
                _engine.End(alert);
                _lost.Remove(alert.Subject.Key);
                _unsaved = true;
            }
        }
    }

    private async Task ReadAsync(CancellationToken ct)
    {
        var now = Now;
        await using var scope = scopes.Open(tenantId, "alerts");
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        await AlertRuleService.EnsureDefaultsAsync(db, ct);
        await using var fresh = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        var routers = await fresh.Routers.AsNoTracking().Select(r => new WatchedRouter(r.Id, r.Name, fresh.Sites.Where(s => s.Id == r.SiteId).Select(s => s.Name).FirstOrDefault(), r.State, r.StateSince, r.StateReason, r.IsEnabled)).ToListAsync(ct);
        var sites = routers.ToDictionary(r => r.Id, r => r.Site);
        var nas = await fresh.NasDevices.AsNoTracking().Where(n => n.IsEnabled).Select(n => new { n.Id, n.Name, n.RouterId }).ToListAsync(ct);
        var open = await fresh.LiveSessions.GroupBy(s => s.NasId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        foreach (var device in nas)
        {
            if (!_counts.TryGetValue(device.Id, out var counts))
            {
                _counts[device.Id] = counts = [];
            }

            counts.RemoveAll(c => now - c.At > CountsKept);
            counts.Add((now, open.GetValueOrDefault(device.Id)));
        }

        var company = await fresh.Companies.AsNoTracking().SingleAsync(c => c.Id == tenantId, ct);
        _known = new Knowledge(
            routers,
            [.. nas.Select(n => new StopPlace(n.Id, n.Name, n.RouterId, n.RouterId is { } router ? sites.GetValueOrDefault(router) : null))],
            new NetworkShape(await ShapeAsync(fresh, ct)),
            await fresh.AlertRules.AsNoTracking().ToListAsync(ct),
            (await fresh.AlertSettings.AsNoTracking().SingleOrDefaultAsync(ct))?.Damping ?? AlertDamping.Default,
            await fresh.MaintenanceWindows.AsNoTracking().Where(w => w.Until > now).ToListAsync(ct),
            company.LicenceExpiresOn is { } ends ? ends.DayNumber - company.Today(clock).DayNumber : null);
        _knownAt = now;
        if (!_restored)
        {
            await RestoreAsync(fresh, ct);
            _restored = true;
        }
    }

    private static async Task<List<ShapeRouter>> ShapeAsync(IDataDefenderDb db, CancellationToken ct) =>
        await db.Routers.AsNoTracking().Select(r => new ShapeRouter(r.Id, r.Name, db.Sites.Where(s => s.Id == r.SiteId).Select(s => s.Name).FirstOrDefault(), r.ParentRouterId)).ToListAsync(ct);

    /// <summary>What was on when the process before this one ended is still on until a reading says otherwise.</summary>
    private async Task RestoreAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var since = Now - _known!.Damping.Within;
        var raised = (await db.IncidentAlerts.Where(a => a.RaisedAt >= since).Select(a => new { a.RuleId, a.SubjectKey, a.RaisedAt }).ToListAsync(ct)).ToLookup(a => (a.RuleId, a.SubjectKey), a => a.RaisedAt);
        foreach (var alert in await db.IncidentAlerts.AsNoTracking().Where(a => a.ClearedAt == null).ToListAsync(ct))
        {
            _engine.Restore(alert.ToActive(), raised[alert.Key]);
            if (alert.Kind is AlertKind.MassDisconnect)
            {
                _lost[alert.SubjectKey] = await db.IncidentLines.Where(l => l.IncidentId == alert.IncidentId).Select(l => new LostLine(l.SubscriptionId, l.LostAt)).ToListAsync(ct);
            }
        }
    }

    private sealed record Knowledge(
        IReadOnlyList<WatchedRouter> Routers, IReadOnlyList<StopPlace> Nas, NetworkShape Shape, IReadOnlyList<AlertRule> Rules, AlertDamping Damping, IReadOnlyList<MaintenanceWindow> Windows, int? LicenceDaysLeft);
}
