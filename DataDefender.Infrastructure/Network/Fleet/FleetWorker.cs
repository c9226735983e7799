using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Jobs;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Fleet;

/// <summary>
/// Looks after the routers of every company: an export each night in the company's own time and after each change of a router, backups
/// that were asked for, what firmware there is. What is due is told by the database, so that a restart loses nothing.
/// </summary>
internal sealed partial class FleetWorker(
    IPlatformDbFactory platform, TenantScopes scopes, ExportKeeper exports, BackupTaker backups, FirmwareReader firmware, NeighbourReader neighbours, FleetSignal signal, JobLeases leases, IOptions<FleetOptions> options, TimeProvider clock, ILogger<FleetWorker> log)
    : BackgroundService
{
    private const int TextsAtOnce = 500;

    private readonly ConcurrentDictionary<Guid, bool> _routers = new();
    private DateTime _tidiedAt;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => options.Value.Enabled ? leases.WhileHeldAsync("fleet care", WorkAsync, stoppingToken) : Task.CompletedTask;

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        while (options.Value.Enabled && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception trouble)
            {
                NotRead(log, trouble); // the database is away: the next look may find it
            }

            await signal.WaitAsync(options.Value.Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Does what is due now, and returns when it is done.</summary>
    public async Task LookAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var work = new List<Due>();
        foreach (var (company, zone) in await CompaniesAsync(ct))
        {
            try
            {
                work.AddRange(await DueAsync(company, Night(zone, now), now, ct));
            }
            catch (Exception trouble) when (!ct.IsCancellationRequested)
            {
                NotRead(log, trouble);
            }
        }

        await Parallel.ForEachAsync(work.GroupBy(w => w.RouterId), new ParallelOptions { MaxDegreeOfParallelism = options.Value.Parallel, CancellationToken = ct }, async (router, stop) =>
        {
            if (!_routers.TryAdd(router.Key, true))
            {
                return;
            }

            try
            {
                foreach (var due in router)
                {
                    await DoAsync(due, stop);
                }
            }
            catch (Exception trouble) when (!stop.IsCancellationRequested)
            {
                Broke(log, router.Key, trouble);
            }
            finally
            {
                _routers.TryRemove(router.Key, out _);
            }
        });

        if (now - _tidiedAt > TimeSpan.FromHours(6))
        {
            _tidiedAt = now;
            foreach (var (company, _) in await CompaniesAsync(ct))
            {
                await RemoveOldAsync(company, now.AddDays(-options.Value.ExportDays), ct);
            }
        }
    }

    /// <summary>The last time that the night's work was to begin, UTC.</summary>
    internal DateTime Night(TimeZoneInfo zone, DateTime now)
    {
        var local = TimeZoneInfo.ConvertTimeFromUtc(now, zone);
        var night = local.Date + options.Value.NightlyAt;
        var begun = night <= local ? night : night.AddDays(-1);
        return zone.IsInvalidTime(begun) ? TimeZoneInfo.ConvertTimeToUtc(begun.AddHours(1), zone) : TimeZoneInfo.ConvertTimeToUtc(begun, zone);
    }

    private Task DoAsync(Due due, CancellationToken ct) => due switch
    {
        Due.Export export => exports.TakeAsync(due.TenantId, due.RouterId, export.Reason, ct),
        Due.Neighbours => neighbours.ReadAsync(due.TenantId, due.RouterId, ct),
        Due.Backup backup => backups.TakeAsync(due.TenantId, backup.BackupId, ct),
        _ => firmware.ReadAsync(due.TenantId, due.RouterId, ct),
    };

    private async Task<List<Due>> DueAsync(Guid company, DateTime night, DateTime now, CancellationToken ct)
    {
        await using var scope = scopes.Open(company, "fleet care");
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        var routers = await (from router in db.Routers.AsNoTracking()
                             join kept in db.RouterCare.AsNoTracking() on router.Id equals kept.RouterId into cares
                             from care in cares.DefaultIfEmpty()
                             where router.IsEnabled && router.State != Domain.Network.RouterState.Down
                             select new
                             {
                                 router.Id,
                                 ExportedAt = (DateTime?)care!.ExportedAt,
                                 NextExportAt = (DateTime?)care!.NextExportAt,
                                 Wanted = (ExportReason?)care!.ExportWanted,
                                 FirmwareReadAt = (DateTime?)care!.FirmwareReadAt,
                                 NeighboursReadAt = (DateTime?)care!.NeighboursReadAt,
                                 ChangedAt = db.ProvisioningRuns.Where(r => r.RouterId == router.Id && (r.Status == RunStatus.Done || r.Status == RunStatus.TakenBack || r.Status == RunStatus.Failed)).Max(r => r.FinishedAt),
                             }).ToListAsync(ct);
        var wanted = await db.RouterBackups.AsNoTracking().Where(b => b.State == BackupState.Wanted).OrderBy(b => b.RequestedAt).Select(b => new { b.Id, b.RouterId }).ToListAsync(ct);
        var due = new List<Due>();
        foreach (var router in routers)
        {
            ExportReason? reason = router.Wanted
                ?? (router.ChangedAt is { } changed && (router.ExportedAt is null || changed > router.ExportedAt) ? ExportReason.Applied
                : router.ExportedAt is null || router.ExportedAt < night ? ExportReason.Nightly : null);
            if (reason is { } why && (router.NextExportAt is null || router.NextExportAt <= now))
            {
                due.Add(new Due.Export(company, router.Id, why));
            }

            if (router.NeighboursReadAt is null || now - router.NeighboursReadAt > options.Value.NeighbourInterval)
            {
                due.Add(new Due.Neighbours(company, router.Id));
            }

            if (router.FirmwareReadAt is null || router.FirmwareReadAt < night)
            {
                due.Add(new Due.Firmware(company, router.Id));
            }
        }

        due.AddRange(wanted.Select(b => new Due.Backup(company, b.RouterId, b.Id)));
        return due;
    }

    /// <summary>Exports past their time but the newest of each router, and texts that no export names any more.</summary>
    internal async Task RemoveOldAsync(Guid company, DateTime before, CancellationToken ct)
    {
        await using var scope = scopes.Open(company, "fleet care");
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        var old = await db.ConfigurationExports.AsNoTracking()
            .Where(e => e.TakenAt < before && db.ConfigurationExports.Any(later => later.RouterId == e.RouterId && later.TakenAt > e.TakenAt))
            .Select(e => e.Id).ToListAsync(ct);
        foreach (var ids in old.Chunk(TextsAtOnce))
        {
            await db.ConfigurationExports.Where(e => ids.Contains(e.Id)).ExecuteDeleteAsync(ct);
        }

        // A day's grace: an export under way may be about to name it.
        var grace = clock.GetUtcNow().UtcDateTime.AddDays(-1);
        var unused = await db.ConfigurationTexts.AsNoTracking().Where(t => t.CreatedAt < grace && !db.ConfigurationExports.Any(e => e.TextId == t.Id)).Select(t => t.Id).ToListAsync(ct);
        foreach (var ids in unused.Chunk(TextsAtOnce))
        {
            await db.ConfigurationTexts.Where(t => ids.Contains(t.Id) && !db.ConfigurationExports.Any(e => e.TextId == t.Id)).ExecuteDeleteAsync(ct);
        }
    }

    private async Task<IReadOnlyList<(Guid Id, TimeZoneInfo Zone)>> CompaniesAsync(CancellationToken ct)
    {
        await using var db = await platform.OpenAsync(ct);
        var companies = await db.Companies.AsNoTracking().Where(c => c.Status == CompanyStatus.Active).Select(c => new { c.Id, c.TimeZone }).ToListAsync(ct);
        return [.. companies.Select(c => (c.Id, TimeZoneInfo.FindSystemTimeZoneById(c.TimeZone)))];
    }

    private abstract record Due(Guid TenantId, Guid RouterId)
    {
        public sealed record Export(Guid Company, Guid Router, ExportReason Reason) : Due(Company, Router);

        public sealed record Backup(Guid Company, Guid Router, Guid BackupId) : Due(Company, Router);

        public sealed record Neighbours(Guid Company, Guid Router) : Due(Company, Router);

        public sealed record Firmware(Guid Company, Guid Router) : Due(Company, Router);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What is due to the routers could not be read")]
    private static partial void NotRead(ILogger log, Exception trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "Looking after router {RouterId} broke off; it is done at the next look")]
    private static partial void Broke(ILogger log, Guid routerId, Exception trouble);
}
