using DataDefender.Domain.Common;

namespace DataDefender.Domain.Topology;

/// <summary>A line and the site that it counts for.</summary>
public sealed record SiteLine
{
    public required Guid SubscriptionId { get; init; }

    public required Guid SiteId { get; init; }
}

/// <summary>Which lines belong to which site: the one that was chosen, else that of the router a session of the line is open on.</summary>
public static class SiteLines
{
    /// <summary>A line that is online on routers of two sites appears once for each; one that is offline and was given no site is missing.</summary>
    public static IQueryable<SiteLine> Of(IDataDefenderDb db)
    {
        var chosen = db.Subscriptions.Where(s => s.SiteId != null).Select(s => new { SubscriptionId = s.Id, SiteId = s.SiteId!.Value });
        var online = from session in db.LiveSessions
                     join nas in db.NasDevices on session.NasId equals nas.Id
                     join router in db.Routers on nas.RouterId equals router.Id
                     join line in db.Subscriptions on session.SubscriptionId equals line.Id
                     where router.SiteId != null && line.SiteId == null
                     select new { SubscriptionId = line.Id, SiteId = router.SiteId!.Value };
        return chosen.Union(online).Select(l => new SiteLine { SubscriptionId = l.SubscriptionId, SiteId = l.SiteId });
    }
}
