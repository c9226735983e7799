using System.Collections.Concurrent;
using DataDefender.Domain.Provisioning;

namespace DataDefender.Domain.Monitoring;

/// <summary>That a line without RADIUS is online, as its router shows it.</summary>
/// <param name="Since">UTC, from how long the router says that it has been; null where it does not say.</param>
/// <param name="Evidence">For people: "its PPPoE session is open".</param>
public sealed record LineSighting(string? Address, string? Mac, DateTime? Since, string Evidence);

/// <summary>Who is online on a router that has its lines itself, at one reading of it.</summary>
/// <param name="TakesUnbound">Lines that are bound to no device live there too.</param>
/// <param name="At">When it was read, UTC.</param>
/// <param name="GoodFor">How long that says something about now.</param>
/// <param name="Online">By <see cref="LinesOnRouters.KeyOf"/>.</param>
public sealed record RouterLines(Guid TenantId, Guid RouterId, string Router, LinePush Push, bool TakesUnbound, DateTime At, TimeSpan GoodFor, IReadOnlyDictionary<string, LineSighting> Online)
{
    /// <summary>
    /// Who is not listed is offline. Of fixed addresses only the opposite can be told: nobody logs in, and equipment that sends nothing is not
    /// seen though it may well be there.
    /// </summary>
    public bool TellsAbsence => Push is LinePush.Secrets or LinePush.Leases;

    public bool IsFresh(DateTime now) => now - At <= GoodFor;
}

/// <summary>What the router of a line without RADIUS says of it.</summary>
/// <param name="Seen">Null when it was not among those that are online.</param>
/// <param name="IsFresh">The reading still says something about now.</param>
/// <param name="TellsAbsence">Not to be seen means to be offline.</param>
public sealed record LineOnRouter(Guid RouterId, string Router, LineSighting? Seen, DateTime At, TimeSpan GoodFor, bool IsFresh, bool TellsAbsence)
{
    public bool IsOnline => IsFresh && Seen is not null;

    /// <summary>The line is bound to a device there; one that is bound to none may as well come in by RADIUS elsewhere.</summary>
    public bool IsBound { get; init; }
}

/// <summary>How many lines are online on routers that have their lines themselves.</summary>
/// <param name="Routers">That were read lately.</param>
/// <param name="Unread">That were not: nothing is known of their lines.</param>
/// <param name="OldestAt">Of the readings that are counted; null without any.</param>
public sealed record PushedOnline(int Online, int Routers, int Unread, DateTime? OldestAt);

/// <summary>
/// The newest reading of each router that has its lines itself, in this process: filled by the poller, asked by screens. A line whose router
/// was not read since the start of the process is unknown.
/// </summary>
public sealed class LinesOnRouters
{
    private readonly ConcurrentDictionary<Guid, ConcurrentDictionary<Guid, RouterLines>> _companies = new();

    /// <summary>What a line is called in a reading: by its user name where it logs in, else by the mark that its items bear.</summary>
    public static string KeyOf(LinePush push, Guid subscriptionId, string username) => push is LinePush.Secrets ? username.ToLowerInvariant() : subscriptionId.ToString("N");

    public void Publish(RouterLines lines) => _companies.GetOrAdd(lines.TenantId, static _ => new())[lines.RouterId] = lines;

    /// <summary>The router is not polled any more, or asks RADIUS for its lines.</summary>
    public void Forget(Guid tenantId, Guid routerId) => _companies.GetValueOrDefault(tenantId)?.TryRemove(routerId, out _);

    public IReadOnlyList<RouterLines> Of(Guid tenantId) => _companies.TryGetValue(tenantId, out var routers) ? [.. routers.Values] : [];

    /// <summary>Null when no router has the line itself, or none has been read yet.</summary>
    /// <param name="router">That of the device that the line is bound to; null for a line that is bound to none.</param>
    public LineOnRouter? Find(Guid tenantId, Guid subscriptionId, string username, Guid? router, DateTime now)
    {
        var here = Of(tenantId).Where(r => router is null ? r.TakesUnbound : r.RouterId == router)
            .Select(r => new LineOnRouter(r.RouterId, r.Router, r.Online.GetValueOrDefault(KeyOf(r.Push, subscriptionId, username)), r.At, r.GoodFor, r.IsFresh(now), r.TellsAbsence) { IsBound = router is not null });
        return here.OrderByDescending(l => l.IsOnline).ThenByDescending(l => l.Seen is not null).ThenBy(l => l.IsFresh).ThenByDescending(l => l.At).FirstOrDefault();
    }

    /// <summary>Those that are online by readings that still count: by user name and by id.</summary>
    public (List<string> Usernames, List<Guid> Ids) OnlineNow(Guid tenantId, DateTime now)
    {
        var fresh = Of(tenantId).Where(r => r.IsFresh(now)).ToList();
        return (
            [.. fresh.Where(r => r.Push is LinePush.Secrets).SelectMany(r => r.Online.Keys).Distinct()],
            [.. fresh.Where(r => r.Push is not LinePush.Secrets).SelectMany(r => r.Online.Keys).Distinct().Where(k => Guid.TryParse(k, out _)).Select(Guid.Parse)]);
    }
}
