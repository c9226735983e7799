using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Policies;

/// <summary>Reads the usage ledger of lines in the form that the rules look at.</summary>
public static class UsageLedger
{
    /// <summary>One query for all lines. <paramref name="from"/> is UTC and included.</summary>
    public static async Task<ILookup<Guid, HourOfUse>> LoadAsync(IDataDefenderDb db, Guid[] subscriptionIds, DateTime from, CancellationToken ct = default)
    {
        var rows = await db.UsageHours.AsNoTracking()
            .Where(u => subscriptionIds.Contains(u.SubscriptionId) && u.Hour >= from)
            .Select(u => new { u.SubscriptionId, Use = new { u.Hour, u.UploadBytes, u.DownloadBytes, u.OnlineSeconds } })
            .ToListAsync(ct);
        return rows.ToLookup(r => r.SubscriptionId, r => new HourOfUse(r.Use.Hour, r.Use.UploadBytes, r.Use.DownloadBytes, r.Use.OnlineSeconds));
    }
}
