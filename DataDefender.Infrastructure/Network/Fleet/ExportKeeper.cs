using DataDefender.Domain.Common;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Fleet;

/// <summary>Takes the export of one router and keeps it. No database connection is held while the router is read.</summary>
internal sealed partial class ExportKeeper(
    TenantScopes scopes, ISecretVault vault, IRouterGateway gateway, LiveMetrics live, IOptions<FleetOptions> options, TimeProvider clock, ILogger<ExportKeeper> log)
{
    private const string Part = "fleet care";

    /// <summary>Null when it was kept; else why not.</summary>
    public async Task<string?> TakeAsync(Guid tenantId, Guid routerId, ExportReason reason, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(tenantId, ct);
        if (await EndpointAsync(tenantId, routerId, cipher, ct) is not { } endpoint)
        {
            return null; // removed or switched off since it was due
        }

        ExportReading reading;
        try
        {
            reading = await new ExportReader(gateway, options.Value).ReadAsync(endpoint, ct);
        }
        catch (Exception surprise) when (!ct.IsCancellationRequested)
        {
            Broke(log, routerId, surprise);
            reading = new ExportReading.Failed("Reading its configuration ended in an error of ours; the log says more.");
        }

        try
        {
            await KeepAsync(tenantId, routerId, reason, reading, cipher, ct);
        }
        catch (DbUpdateException) when (!ct.IsCancellationRequested)
        {
            // Two routers brought the same new text at once: this time it is there.
            await KeepAsync(tenantId, routerId, reason, reading, cipher, ct);
        }

        live.Announce(tenantId);
        return (reading as ExportReading.Failed)?.Reason;
    }

    internal async Task<RouterEndpoint?> EndpointAsync(Guid tenantId, Guid routerId, ITenantCipher cipher, CancellationToken ct)
    {
        await using var scope = scopes.Open(tenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        var router = await db.Routers.AsNoTracking().SingleOrDefaultAsync(r => r.Id == routerId && r.IsEnabled, ct);
        try
        {
            return router?.Endpoint(cipher);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null; // the poller says so to people
        }
    }

    private async Task KeepAsync(Guid tenantId, Guid routerId, ExportReason reason, ExportReading reading, ITenantCipher cipher, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await using var scope = scopes.Open(tenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        if (!await db.Routers.AnyAsync(r => r.Id == routerId, ct))
        {
            return;
        }

        var care = await db.CareOfAsync(routerId, ct);
        if (reading is not ExportReading.Taken taken)
        {
            care.ExportFailed(((ExportReading.Failed)reading).Reason, now);
            await db.SaveChangesAsync(ct);
            return;
        }

        var hash = ExportText.Hash(taken.Text);
        var lines = ExportText.Lines(taken.Text);
        var kept = await db.ConfigurationTexts.SingleOrDefaultAsync(t => t.Hash == hash, ct);
        if (kept is null)
        {
            kept = new ConfigurationText(tenantId, hash, lines.Count, taken.Text.Length, now);
            kept.Keep(ConfigurationTexts.Seal(cipher, kept.Place(), taken.Text));
            db.ConfigurationTexts.Add(kept);
        }

        var export = new ConfigurationExport(tenantId, routerId, kept.Id, reason, taken.Source, taken.RouterOsVersion, now);
        var before = await db.ConfigurationExports.AsNoTracking().Where(e => e.RouterId == routerId).OrderByDescending(e => e.TakenAt).FirstOrDefaultAsync(ct);
        if (before is not null)
        {
            var (added, removed) = before.TextId == kept.Id ? (0, 0) : await DifferenceAsync(db, before.TextId, lines, cipher, ct);
            export.Differ(added, removed);
            if (added + removed > 0 && reason is ExportReason.Nightly)
            {
                var name = await db.Routers.Where(r => r.Id == routerId).Select(r => r.Name).SingleAsync(ct);
                db.NetworkEvents.Add(new NetworkEvent
                {
                    TenantId = tenantId, At = now, RouterId = routerId, Severity = EventSeverity.Info, Kind = "router.config_changed",
                    Message = $"The configuration of {name} differs from the export before: {added} lines more, {removed} lines less.",
                });
            }
        }

        db.ConfigurationExports.Add(export);
        care.Exported(now);
        await db.SaveChangesAsync(ct);
    }

    private static async Task<(int Added, int Removed)> DifferenceAsync(IDataDefenderDb db, Guid textId, IReadOnlyList<ExportLine> lines, ITenantCipher cipher, CancellationToken ct)
    {
        var old = await db.ConfigurationTexts.AsNoTracking().SingleAsync(t => t.Id == textId, ct);
        var diff = TextDiff.Compare(ExportText.Lines(ConfigurationTexts.Open(cipher, old)), lines);
        return (diff.Count(l => l.Kind is DiffKind.Added), diff.Count(l => l.Kind is DiffKind.Removed));
    }

    private static Task<IDataDefenderDb> OpenAsync(AsyncServiceScope scope, CancellationToken ct) =>
        scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);

    [LoggerMessage(Level = LogLevel.Error, Message = "The export of router {RouterId} could not be read")]
    private static partial void Broke(ILogger log, Guid routerId, Exception surprise);
}
