using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Monitoring;

/// <summary>One line of the event list.</summary>
public sealed record EventRow(long Id, DateTime At, EventSeverity Severity, string Kind, string Message, Guid? RouterId, string? RouterName, Guid? SubscriptionId);

/// <summary>Which events: at least this severe, of this family ("router" takes router.down and router.up), of one router or one line.</summary>
public sealed record EventFilter(EventSeverity AtLeast = EventSeverity.Info, string? Family = null, Guid? RouterId = null, Guid? SubscriptionId = null, string? Search = null);

/// <summary>What happened on the company's network, newest first.</summary>
public sealed class EventService(IDataDefenderDbFactory dbFactory, CurrentUser user)
{
    public async Task<PageOf<EventRow>> ListAsync(EventFilter filter, int page = 0, int pageSize = 25, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var events = Matching(db, filter);
        return new PageOf<EventRow>(await Rows(db, events, page * pageSize, pageSize).ToListAsync(ct), await events.CountAsync(ct));
    }

    /// <summary>The newest few without counting the rest, for dashboards.</summary>
    public async Task<IReadOnlyList<EventRow>> NewestAsync(EventFilter filter, int take, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await Rows(db, Matching(db, filter), 0, take).ToListAsync(ct);
    }

    private static IQueryable<NetworkEvent> Matching(IDataDefenderDb db, EventFilter filter)
    {
        var events = db.NetworkEvents.AsNoTracking();
        if (filter.AtLeast is not EventSeverity.Info)
        {
            // Severities are stored by name, which knows no order.
            var wanted = Enum.GetValues<EventSeverity>().Where(s => s >= filter.AtLeast).ToList();
            events = events.Where(e => wanted.Contains(e.Severity));
        }

        if (filter.Family is { Length: > 0 } family)
        {
            events = events.Where(e => e.Kind.StartsWith(family + "."));
        }

        if (filter.RouterId is { } router)
        {
            events = events.Where(e => e.RouterId == router);
        }

        if (filter.SubscriptionId is { } subscription)
        {
            events = events.Where(e => e.SubscriptionId == subscription);
        }

        if (!string.IsNullOrWhiteSpace(filter.Search))
        {
            var term = filter.Search.Trim().ToLowerInvariant();
            events = events.Where(e => e.Message.ToLower().Contains(term));
        }

        return events;
    }

    private static IQueryable<EventRow> Rows(IDataDefenderDb db, IQueryable<NetworkEvent> events, int skip, int take) =>
        events.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Skip(skip).Take(take)
            .Select(e => new EventRow(
                e.Id, e.At, e.Severity, e.Kind, e.Message, e.RouterId, db.Routers.Where(r => r.Id == e.RouterId).Select(r => r.Name).FirstOrDefault(), e.SubscriptionId));
}
