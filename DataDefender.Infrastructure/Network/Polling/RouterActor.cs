using System.Collections.Immutable;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;

namespace DataDefender.Infrastructure.Network.Polling;

/// <summary>
/// Polls one router for as long as it is configured as it is. It waits its turn among all routers, never has more than one poll in
/// flight, and asks less often while the router does not answer.
/// </summary>
internal sealed class RouterActor(PolledRouter router, PollingServices services)
{
    private readonly RouterReader _reader = new(services.Gateway, services.Clock);
    private readonly PushedLineReader _lines = new(services.Gateway, services.Clock);
    private readonly RouterHealth _health = new(services.Options);
    private readonly TrafficMeter _traffic = new(services.Clock);
    private DateTime? _lastSeenAt;
    private DateTime? _silentSince;
    private DateTime? _storedSeenAt;
    private TimeSpan? _uptime;
    private int? _sessions;
    private DateTime _sessionsDueAt;
    private DateTime _inventoryDueAt;
    private RouterSensors? _sensors;
    private DateTime _sensorsDueAt;
    private RouterLicence? _licence;
    private DateTime _linesDueAt;

    private DateTime Now => services.Clock.GetUtcNow().UtcDateTime;

    /// <param name="firstIn">So that a thousand routers do not start in one instant.</param>
    public async Task RunAsync(TimeSpan firstIn, CancellationToken ct)
    {
        Publish(null, null);
        if (router.Push is LinePush.None)
        {
            services.Lines.Forget(router.TenantId, router.RouterId); // it asks RADIUS by now
        }

        await Task.Delay(firstIn, services.Clock, ct);
        while (true)
        {
            TimeSpan next;
            var turn = _health.IsAnswering ? services.Turn : services.Probe;
            await turn.WaitAsync(ct);
            try
            {
                next = await PollAsync(ct);
            }
            finally
            {
                turn.Release();
            }

            await Task.Delay(next, services.Clock, ct);
        }
    }

    /// <summary>One poll.</summary>
    /// <returns>How long to wait for the next.</returns>
    public async Task<TimeSpan> PollAsync(CancellationToken ct)
    {
        var started = services.Clock.GetTimestamp();
        var (reading, miss) = await ReadAsync(ct);
        if (reading is not null)
        {
            Take(reading);
            await ReadLinesAsync(ct);
        }
        else
        {
            await TakeAsync(miss!, ct);
        }

        var next = _health.NextIn(services.Chance());
        if (reading is null)
        {
            return next;
        }

        // Polls start at even distances, however long each takes.
        var rest = next - services.Clock.GetElapsedTime(started);
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    private async Task<(RouterReading? Reading, PollMiss? Miss)> ReadAsync(CancellationToken ct)
    {
        if (router.Endpoint is null)
        {
            return (null, new PollMiss(MissKind.Misdirected, "The stored password of this router cannot be read. Enter it again."));
        }

        using var budget = new CancellationTokenSource(services.Options.Budget, services.Clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, ct);
        try
        {
            var tiers = (Now >= _sessionsDueAt ? PollTiers.Sessions : PollTiers.Basic) | (Now >= _inventoryDueAt ? PollTiers.Inventory : PollTiers.Basic)
                | (Now >= _sensorsDueAt ? PollTiers.Health : PollTiers.Basic);
            return await _reader.ReadAsync(router.Endpoint, tiers, stop.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return (null, new PollMiss(MissKind.NoAnswer, $"It did not answer within {services.Options.Budget.TotalSeconds:0} seconds."));
        }
    }

    /// <summary>Who is online where RADIUS does not know it. At the pace of the count of sessions, with a budget of its own: a long list that does not come through says nothing about the router.</summary>
    private async Task ReadLinesAsync(CancellationToken ct)
    {
        if (router.Push is LinePush.None || router.Endpoint is null || Now < _linesDueAt)
        {
            return;
        }

        _linesDueAt = Now + services.Options.SessionInterval;
        using var budget = new CancellationTokenSource(services.Options.Budget, services.Clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, ct);
        try
        {
            if (await _lines.ReadAsync(router, router.Endpoint, (2 * services.Options.SessionInterval) + TimeSpan.FromSeconds(30), stop.Token) is { } lines)
            {
                services.Lines.Publish(lines);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // What was known of its lines gets older, and is shown with its age.
        }
    }

    private void Take(RouterReading reading)
    {
        var now = Now;
        var uptime = RouterOsValues.Duration(reading.Resource["uptime"]);
        var restarted = uptime < _uptime;
        _uptime = uptime;
        (_lastSeenAt, _silentSince) = (now, null);
        if (reading.Sessions is not null)
        {
            (_sessions, _sessionsDueAt) = (reading.Sessions, now + services.Options.SessionInterval);
        }

        if (reading.Description is not null)
        {
            (_licence, _inventoryDueAt) = (reading.Licence, now + services.Options.InventoryInterval);
        }

        if (now >= _sensorsDueAt)
        {
            (_sensors, _sensorsDueAt) = (reading.Sensors, now + services.Options.SensorInterval);
        }

        if (restarted)
        {
            (_sessions, _sessionsDueAt, _inventoryDueAt) = (null, now, now);
        }

        var before = (_health.State, _health.Reason);
        _health.Answered(reading.Gap, reading.Took);
        Publish(reading, reading.Interfaces is null ? null : _traffic.Read(reading.Interfaces, restarted));

        var certificate = router.Endpoint is { UseTls: true, CertificateFingerprint: null } ? services.Gateway.CertificateOf(router.RouterId)?.Fingerprint : null;
        var isNews = before != (_health.State, _health.Reason) || restarted || reading.Description is not null || certificate is not null;
        if (isNews || _storedSeenAt is null || now - _storedSeenAt >= services.Options.LastSeenInterval)
        {
            _storedSeenAt = now;
            services.Store.Post(new RouterObservation(router.TenantId, router.RouterId, now, _health.State, _health.Reason, now)
            {
                Description = reading.Description,
                Fingerprint = certificate,
                RestartedAt = restarted ? now - uptime : null,
            });
        }
    }

    private async Task TakeAsync(PollMiss miss, CancellationToken ct)
    {
        var before = (_health.State, _health.Reason);
        _silentSince = miss.Kind is MissKind.NoAnswer ? _silentSince ?? Now : null;
        var heard = _silentSince is { } silent && _health.NextMissDecides && await services.Evidence.HeardAsync(router.TenantId, router.RouterId, silent, ct);
        _health.Missed(miss.Kind, miss.Reason, heard);
        Publish(null, null);
        if (before != (_health.State, _health.Reason))
        {
            services.Store.Post(new RouterObservation(router.TenantId, router.RouterId, Now, _health.State, _health.Reason, _lastSeenAt));
        }
    }

    private void Publish(RouterReading? reading, (ImmutableArray<InterfaceReading> Interfaces, double? Download, double? Upload)? traffic)
    {
        var total = RouterOsValues.Number(reading?.Resource["total-memory"]);
        services.Metrics.Publish(new RouterSnapshot(
            router.TenantId,
            router.RouterId,
            router.Name,
            Now,
            _health.State,
            _health.Reason,
            _lastSeenAt,
            (int?)RouterOsValues.Number(reading?.Resource["cpu-load"]),
            total - RouterOsValues.Number(reading?.Resource["free-memory"]),
            total,
            reading is null ? null : _uptime,
            reading is null ? null : _sessions,
            traffic?.Download,
            traffic?.Upload,
            reading?.Took.TotalMilliseconds,
            traffic?.Interfaces ?? [])
        {
            Temperature = reading is null ? null : _sensors?.Temperature,
            Voltage = reading is null ? null : _sensors?.Voltage,
            Licence = _licence,
            CertificateExpiresAt = reading is null ? null : services.Gateway.CertificateOf(router.RouterId)?.ExpiresAt,
        });
    }
}
