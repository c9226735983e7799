using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Jobs;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Accounting;

/// <summary>
/// Removes what is older than it is kept: the feeds and the usage ledger each hour, the history each day. Each statement removes a few
/// thousand rows along an index and is a transaction of its own, so that nobody waits for it and it may end anywhere. On PostgreSQL whole
/// months of ended sessions go at once, and the months to come are made here.
/// </summary>
internal sealed partial class Retention(IPlatformDbFactory platform, LedgerUpkeep ledger, JobLeases leases, IOptions<RetentionOptions> options, TimeProvider clock, ILogger<Retention> log)
    : BackgroundService
{
    private const int RowsAtOnce = 5_000;
    private const int LinesAtOnce = 200;
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan HistoryInterval = TimeSpan.FromDays(1);

    /// <summary>Hours of <see cref="LinesAtOnce"/> lines that go in one statement.</summary>
    private static readonly TimeSpan UsageAtOnce = TimeSpan.FromDays(1);

    /// <summary>A RadiusHost that was away for longer reads everything anew.</summary>
    private static readonly TimeSpan FeedsKept = TimeSpan.FromDays(1);

    private DateTime _historyAt = DateTime.MinValue;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => leases.WhileHeldAsync("retention", WorkAsync, stoppingToken);

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        await TryMakeMonthsAsync(stoppingToken); // not in the first hour only: what ends meanwhile would have to be moved
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryMakeMonthsAsync(stoppingToken);
            try
            {
                await ledger.RemoveOldAsync(stoppingToken);
                await RemoveOldFeedsAsync(stoppingToken);
                if (Now - _historyAt >= HistoryInterval)
                {
                    var removed = await RemoveOldHistoryAsync(stoppingToken);
                    _historyAt = Now;
                    Removed(log, removed.Sessions, removed.UsageHours, removed.LoginAttempts, removed.Events);
                }
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                Postponed(log, failure);
            }
        }
    }

    /// <summary>Makes the partitions of the months to come, and of what waits for its own. Returns how many.</summary>
    public async Task<int> MakeMonthsAsync(CancellationToken ct)
    {
        await using var db = await platform.OpenAsync(ct);
        return await SessionMonths.MakeAsync(db, Now, ct);
    }

    /// <summary>What tells RadiusHosts of changes.</summary>
    public async Task<int> RemoveOldFeedsAsync(CancellationToken ct)
    {
        var before = Now - FeedsKept;
        await using var db = await platform.OpenAsync(ct);
        var removed = await RemoveAsync(db.RadiusChanges.Where(c => c.At < before).OrderBy(c => c.At), ct);
        foreach (var company in await CompaniesAsync(db, ct))
        {
            removed += await RemoveAsync(db.SessionChanges.AcrossTenants().Where(c => c.TenantId == company && c.At < before).OrderBy(c => c.At), ct);
        }

        return removed;
    }

    public async Task<RemovedHistory> RemoveOldHistoryAsync(CancellationToken ct)
    {
        var kept = options.Value;
        var now = Now;
        var (attempts, events) = (now.AddDays(-kept.LoginAttemptDays), now.AddMonths(-kept.EventMonths));
        await using var db = await platform.OpenAsync(ct);
        var removed = new RemovedHistory(await SessionMonths.DropAsync(db, now.AddMonths(-kept.SessionMonths), ct), 0, 0, 0);
        foreach (var company in await CompaniesAsync(db, ct))
        {
            removed += await RemoveSessionsAndUsageAsync(db, company, now.AddMonths(-kept.SessionMonths), now.AddMonths(-kept.UsageMonths), ct);
            removed += new RemovedHistory(
                0,
                0,
                await RemoveAsync(db.LoginAttempts.AcrossTenants().Where(a => a.TenantId == company && a.At < attempts).OrderBy(a => a.At), ct),
                await RemoveAsync(db.NetworkEvents.AcrossTenants().Where(e => e.TenantId == company && e.At < events).OrderBy(e => e.At), ct));
            await RemoveAsync(db.StaffNotifications.AcrossTenants().Where(n => n.TenantId == company && n.At < events).OrderBy(n => n.At), ct);
        }

        return removed;
    }

    private async Task TryMakeMonthsAsync(CancellationToken ct)
    {
        try
        {
            if (await MakeMonthsAsync(ct) is > 0 and var made)
            {
                MonthsMade(log, made);
            }
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            MonthsPostponed(log, failure);
        }
    }

    /// <summary>Line by line, as their indexes begin with the line; sessions of nobody's line are last.</summary>
    private static async Task<RemovedHistory> RemoveSessionsAndUsageAsync(IDataDefenderDb db, Guid company, DateTime sessionsBefore, DateTime usageBefore, CancellationToken ct)
    {
        var lines = await db.Subscriptions.AcrossTenants().Where(s => s.TenantId == company).Select(s => s.Id).ToListAsync(ct);
        var sessions = db.SessionRecords.AcrossTenants().Where(s => s.TenantId == company && s.StartedAt < sessionsBefore && s.StoppedAt < sessionsBefore);
        var removed = default(RemovedHistory);
        foreach (var some in lines.Chunk(LinesAtOnce))
        {
            removed += new RemovedHistory(
                await RemoveAsync(sessions.Where(s => s.SubscriptionId != null && some.Contains(s.SubscriptionId.Value)).OrderBy(s => s.Id), ct),
                await RemoveUsageAsync(db, company, some, usageBefore, ct),
                0,
                0);
        }

        return removed + new RemovedHistory(await RemoveAsync(sessions.Where(s => s.SubscriptionId == null).OrderBy(s => s.Id), ct), 0, 0, 0);
    }

    private static async Task<int> RemoveUsageAsync(IDataDefenderDb db, Guid company, Guid[] lines, DateTime before, CancellationToken ct)
    {
        var old = db.UsageHours.AcrossTenants().Where(u => u.TenantId == company && lines.Contains(u.SubscriptionId) && u.Hour < before);
        var removed = 0;
        while (await old.MinAsync(u => (DateTime?)u.Hour, ct) is { } oldest)
        {
            var until = oldest + UsageAtOnce;
            removed += await old.Where(u => u.Hour < until).ExecuteDeleteAsync(ct);
        }

        return removed;
    }

    private static async Task<int> RemoveAsync<T>(IOrderedQueryable<T> old, CancellationToken ct)
    {
        var removed = 0;
        int some;
        do
        {
            some = await old.Take(RowsAtOnce).ExecuteDeleteAsync(ct);
            removed += some;
        }
        while (some == RowsAtOnce);
        return removed;
    }

    private static Task<List<Guid>> CompaniesAsync(IDataDefenderDb db, CancellationToken ct) => db.Companies.Select(c => c.Id).ToListAsync(ct);

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed for their age: {Sessions} sessions, {UsageHours} hours of usage, {LoginAttempts} login attempts, {Events} events")]
    private static partial void Removed(ILogger log, int sessions, int usageHours, int loginAttempts, int events);

    [LoggerMessage(Level = LogLevel.Information, Message = "Made {Months} months for the history of sessions")]
    private static partial void MonthsMade(ILogger log, int months);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The months to come could not be made for the history of sessions; it will be tried again, and sessions are kept meanwhile")]
    private static partial void MonthsPostponed(ILogger log, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is older than it is kept could not be removed; it will be tried again")]
    private static partial void Postponed(ILogger log, Exception failure);
}

/// <summary>How many rows went.</summary>
internal readonly record struct RemovedHistory(int Sessions, int UsageHours, int LoginAttempts, int Events)
{
    public static RemovedHistory operator +(RemovedHistory left, RemovedHistory right) => new(
        left.Sessions + right.Sessions, left.UsageHours + right.UsageHours, left.LoginAttempts + right.LoginAttempts, left.Events + right.Events);
}
