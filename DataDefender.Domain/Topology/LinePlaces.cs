using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Topology;

/// <summary>The site that a line counts for.</summary>
/// <param name="ChosenId">Null: that of the router it is online on.</param>
public sealed record LinePlace(Guid? ChosenId, string? Chosen, string? Online, IReadOnlyList<NamedSite> Sites);

/// <summary>Lines that no site was chosen for, and how many of them are online on the router of one.</summary>
public sealed record UnplacedLines(int All, int Online);

/// <summary>Which site lines count for, in the reports and when a site is down.</summary>
public sealed class LinePlaces(IDataDefenderDbFactory dbFactory, CurrentUser user, TimeProvider clock)
{
    private const int Batch = 500;

    public async Task<LinePlace> GetAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        await using var db = await dbFactory.OpenAsync(ct);
        var sites = await db.Sites.AsNoTracking().OrderBy(s => s.Name).Select(s => new NamedSite(s.Id, s.Name)).ToListAsync(ct);
        var chosen = await db.Subscriptions.Where(s => s.Id == subscriptionId).Select(s => s.SiteId).SingleOrDefaultAsync(ct);
        var online = chosen is null ? await SiteLines.Of(db).Where(l => l.SubscriptionId == subscriptionId).Select(l => (Guid?)l.SiteId).FirstOrDefaultAsync(ct) : null;
        return new LinePlace(chosen, sites.Find(s => s.Id == chosen)?.Name, sites.Find(s => s.Id == online)?.Name, sites);
    }

    /// <param name="siteId">Null leaves it to the router that the line is online on.</param>
    public async Task ChooseAsync(Guid subscriptionId, Guid? siteId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ControlLines);
        await using var db = await dbFactory.OpenAsync(ct);
        var line = await db.Subscriptions.SingleOrDefaultAsync(s => s.Id == subscriptionId, ct) ?? throw new NotFoundException("Line", subscriptionId);
        var name = siteId is { } id ? await db.Sites.Where(s => s.Id == id).Select(s => s.Name).SingleOrDefaultAsync(ct) ?? throw new NotFoundException("Site", id) : null;
        line.ServeFrom(siteId);
        db.Report(line, "line.site", $"{line.Username}: {(name is null ? "counts for the site it is online at" : $"counts for {name}")}, by {user.Name}.", clock.GetUtcNow().UtcDateTime);
        await db.SaveAsync(ct);
    }

    public async Task<UnplacedLines> UnplacedAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewReports);
        await using var db = await dbFactory.OpenAsync(ct);
        var all = await db.Subscriptions.CountAsync(s => s.SiteId == null && s.State != SubscriptionState.Disconnected, ct);
        return new UnplacedLines(all, all == 0 ? 0 : await Found(db).CountAsync(ct));
    }

    /// <summary>Chooses, for each line without a site, that of the router it is online on now; returns how many. One online at two sites is left to a person.</summary>
    public async Task<int> AdoptAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var found = (await Found(db).ToListAsync(ct)).ToDictionary(f => f.SubscriptionId, f => f.SiteId);
        foreach (var ids in found.Keys.Chunk(Batch))
        {
            await using var writing = await dbFactory.OpenAsync(ct);
            foreach (var line in await writing.Subscriptions.Where(s => ids.Contains(s.Id) && s.SiteId == null).ToListAsync(ct))
            {
                line.ServeFrom(found[line.Id]);
            }

            await writing.SaveAsync(ct);
        }

        return found.Count;
    }

    /// <summary>Lines without a chosen site that are online at exactly one.</summary>
    private static IQueryable<SiteLine> Found(IDataDefenderDb db)
    {
        var places = SiteLines.Of(db);
        return from place in places
               join line in db.Subscriptions on place.SubscriptionId equals line.Id
               where line.SiteId == null && places.Count(o => o.SubscriptionId == place.SubscriptionId) == 1
               select place;
    }
}
