using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Radius;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Monitoring.Alerts;

/// <summary>Sessions of one company that have ended or begun since the last look.</summary>
internal sealed record SessionNews(Guid TenantId, IReadOnlyList<LineStop> Stops, IReadOnlyList<Guid> Online);

/// <summary>
/// Follows the sessions that accounting opens and closes, over all companies, by the feed that RadiusHosts follow too: what happened is
/// known here a moment after it was applied, long before a poll could notice.
/// </summary>
internal sealed class StopFeed(IPlatformDbFactory platform, TimeProvider clock)
{
    private const int Page = 2_000;

    /// <summary>In one look: a site with ten thousand clients goes dark at once, and must not come out by and by.</summary>
    private const int MostPages = 15;

    private const int LinesAtOnce = 400;

    /// <summary>Older ends are no news: a database that was away is being caught up with. A NAS whose clock is slow is believed up to five minutes.</summary>
    private static readonly TimeSpan News = TimeSpan.FromMinutes(6);

    /// <summary>A session that is open has been reported within this, or it is silent and ended long ago.</summary>
    private static readonly TimeSpan LongestReport = TimeSpan.FromMinutes(20);

    private long? _last;

    public async Task<IReadOnlyList<SessionNews>> ReadAsync(CancellationToken ct)
    {
        await using var db = await platform.OpenAsync(ct);
        if (_last is not { } last)
        {
            _last = await db.SessionChanges.AcrossTenants().MaxAsync(c => (long?)c.Id, ct) ?? 0;
            return [];
        }

        var news = new List<SessionNews>();
        for (var page = 0; page < MostPages; page++)
        {
            var after = last;
            var changes = await db.SessionChanges.AcrossTenants().AsNoTracking().Where(c => c.Id > after).OrderBy(c => c.Id).Take(Page)
                .Select(c => new { c.Id, c.TenantId, c.SubscriptionId, c.NasId }).ToListAsync(ct);
            foreach (var company in changes.GroupBy(c => c.TenantId))
            {
                Guid[] lines = [.. company.Select(c => c.SubscriptionId).OfType<Guid>().Distinct()];
                Guid[] restarted = [.. company.Select(c => c.NasId).OfType<Guid>().Distinct()];
                news.Add(await ReadAsync(db, company.Key, lines, restarted, ct));
            }

            last = changes.Count == 0 ? last : changes[^1].Id;
            if (changes.Count < Page)
            {
                break;
            }
        }

        _last = last; // only now: what failed is read again
        return [.. news.GroupBy(n => n.TenantId).Select(Together)];
    }

    /// <summary>One after the other: a line that was online on one page and ended on the next is not online.</summary>
    private static SessionNews Together(IGrouping<Guid, SessionNews> pages)
    {
        var online = new HashSet<Guid>();
        foreach (var page in pages)
        {
            online.ExceptWith(page.Stops.Select(s => s.SubscriptionId));
            online.UnionWith(page.Online);
        }

        return new SessionNews(pages.Key, [.. pages.SelectMany(p => p.Stops)], [.. online]);
    }

    private async Task<SessionNews> ReadAsync(IDataDefenderDb db, Guid company, Guid[] lines, Guid[] restarted, CancellationToken ct)
    {
        var since = clock.GetUtcNow().UtcDateTime - News;
        var ended = db.SessionRecords.AcrossTenants().Where(s => s.TenantId == company && s.StoppedAt >= since && s.SubscriptionId != null);
        var (stops, online) = (new List<LineStop>(), new HashSet<Guid>());
        foreach (var some in lines.Chunk(LinesAtOnce))
        {
            stops.AddRange(await ended.Where(s => some.Contains(s.SubscriptionId!.Value))
                .Select(s => new LineStop(s.SubscriptionId!.Value, s.NasId, s.NasPortId, s.StoppedAt, s.TerminateCause)).ToListAsync(ct));
            online.UnionWith(await db.LiveSessions.AcrossTenants().Where(s => s.TenantId == company && s.SubscriptionId != null && some.Contains(s.SubscriptionId.Value))
                .Select(s => s.SubscriptionId!.Value).ToListAsync(ct));
        }

        // The sessions of a NAS that restarted end at their last report, which may be minutes ago; their clients went offline together.
        var (now, reported) = (clock.GetUtcNow().UtcDateTime, clock.GetUtcNow().UtcDateTime - LongestReport);
        foreach (var nas in restarted)
        {
            stops.AddRange((await db.SessionRecords.AcrossTenants()
                    .Where(s => s.TenantId == company && s.NasId == nas && s.TerminateCause == OwnCauses.NasRestart && s.StoppedAt >= reported && s.SubscriptionId != null)
                    .Select(s => new { Line = s.SubscriptionId!.Value, s.NasId, s.NasPortId, s.TerminateCause }).ToListAsync(ct))
                .Select(s => new LineStop(s.Line, s.NasId, s.NasPortId, now, s.TerminateCause)));
        }

        return new SessionNews(company, stops, [.. online]);
    }
}
