using System.Data;
using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Accounting;

/// <summary>Octets and seconds online of one line in one hour.</summary>
public readonly record struct UsageSum(long UploadBytes, long DownloadBytes, int Seconds)
{
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{UploadBytes} B up, {DownloadBytes} B down, {Seconds} s");
}

/// <summary>An hour of a line for which the ledger's sum and what is kept by the hour disagree.</summary>
public sealed record UsageDifference(Guid TenantId, Guid SubscriptionId, DateTime Hour, UsageSum Ledger, UsageSum Kept);

/// <summary>What was compared, and the first difference by time, or null when all agree.</summary>
/// <param name="Compared">Hours of lines.</param>
public sealed record UsageVerdict(int Companies, long Compared, UsageDifference? Difference);

/// <summary>
/// Adds the usage ledger up anew and holds the sums against what is kept by the hour. Hours are compared that the ledger covers wholly:
/// those after the one that it begins in, and none that retention has reached.
/// </summary>
public sealed class UsageVerifier
{
    private readonly ContextSource _source;
    private readonly UsageLedgerOptions _options;
    private readonly TimeProvider _clock;

    internal UsageVerifier(ContextSource source, IOptions<UsageLedgerOptions> options, TimeProvider clock) =>
        (_source, _options, _clock) = (source, options.Value, clock);

    public async Task<UsageVerdict> VerifyAsync(CancellationToken ct = default)
    {
        await using var db = _source.Create(null, null);
        var companies = await db.Companies.AsNoTracking().OrderBy(c => c.Id).Select(c => c.Id).ToListAsync(ct);
        var (walked, compared) = (0, 0L);
        foreach (var company in companies)
        {
            if (await BeginAsync(db, company, ct) is not { } from)
            {
                continue;
            }

            walked++;
            for (var day = from; day <= _clock.GetUtcNow().UtcDateTime.AddDays(1); day = day.Date.AddDays(1))
            {
                var (lines, difference) = await CompareAsync(db, company, day, day.Date.AddDays(1), ct);
                compared += lines;
                if (difference is not null)
                {
                    return new UsageVerdict(walked, compared, difference);
                }
            }
        }

        return new UsageVerdict(walked, compared, null);
    }

    /// <summary>The first hour to be compared, or null when the company has no entries.</summary>
    private async Task<DateTime?> BeginAsync(DataDefenderDbContext db, Guid company, CancellationToken ct)
    {
        var first = await db.UsageDeltas.AcrossTenants().Where(d => d.TenantId == company).MinAsync(d => (DateTime?)d.Hour, ct);
        var kept = _options.KeptFrom(_clock.GetUtcNow().UtcDateTime);
        return first < kept ? kept : first?.AddHours(1);
    }

    private static async Task<(long Compared, UsageDifference? First)> CompareAsync(DataDefenderDbContext db, Guid company, DateTime from, DateTime until, CancellationToken ct)
    {
        // Both are read as of one moment: RadiusHost goes on writing. SQL Server's repeatable read would let new entries in between.
        await using var moment = await db.Database.BeginTransactionAsync(
            db is SqlServerDbContext ? IsolationLevel.Serializable : IsolationLevel.RepeatableRead, ct);
        var ledger = await db.UsageDeltas.AcrossTenants()
            .Where(d => d.TenantId == company && d.Hour >= from && d.Hour < until)
            .GroupBy(d => new { d.SubscriptionId, d.Hour })
            .Select(g => new { g.Key.SubscriptionId, g.Key.Hour, Up = g.Sum(d => d.UploadBytes), Down = g.Sum(d => d.DownloadBytes), Seconds = g.Sum(d => d.Seconds) })
            .ToDictionaryAsync(s => (s.Hour, s.SubscriptionId), s => new UsageSum(s.Up, s.Down, s.Seconds), ct);
        var kept = await db.UsageHours.AcrossTenants().AsNoTracking()
            .Where(u => u.TenantId == company && u.Hour >= from && u.Hour < until)
            .ToDictionaryAsync(u => (u.Hour, u.SubscriptionId), u => new UsageSum(u.UploadBytes, u.DownloadBytes, u.OnlineSeconds), ct);
        await moment.CommitAsync(ct);

        var keys = ledger.Keys.Union(kept.Keys).ToList();
        var differing = keys.Where(k => ledger.GetValueOrDefault(k) != kept.GetValueOrDefault(k)).Order().Take(1)
            .Select(k => new UsageDifference(company, k.SubscriptionId, k.Hour, ledger.GetValueOrDefault(k), kept.GetValueOrDefault(k)));
        return (keys.Count, differing.FirstOrDefault());
    }
}
