using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Topology;

/// <summary>
/// Which router is reached over which: <c>Router.ParentRouterId</c>, a forest. When a router is down, what hangs under it cannot be
/// reached either and says nothing of itself.
/// </summary>
public sealed class Upstreams
{
    private readonly Dictionary<Guid, Guid> _parents;

    public Upstreams(IEnumerable<(Guid Router, Guid? Parent)> routers) =>
        _parents = routers.Where(r => r.Parent is not null).ToDictionary(r => r.Router, r => r.Parent!.Value);

    public static async Task<Upstreams> ReadAsync(IDataDefenderDb db, CancellationToken ct = default)
    {
        var routers = await db.Routers.AsNoTracking().Where(r => r.ParentRouterId != null).Select(r => new { r.Id, r.ParentRouterId }).ToListAsync(ct);
        return new Upstreams(routers.Select(r => (r.Id, r.ParentRouterId)));
    }

    /// <summary>The router it is reached over, that one's own, and so on; the nearest first. Ends also where two people drew a ring at once.</summary>
    public IEnumerable<Guid> Above(Guid router)
    {
        var seen = new HashSet<Guid> { router };
        while (_parents.TryGetValue(router, out var parent) && seen.Add(parent))
        {
            yield return parent;
            router = parent;
        }
    }

    /// <summary>All routers that are reached over this one.</summary>
    public IReadOnlyList<Guid> Below(Guid router) => [.. _parents.Keys.Where(child => Above(child).Contains(router))];

    /// <summary>Whether the router would be reached over itself.</summary>
    public bool WouldClose(Guid router, Guid parent) => router == parent || Above(parent).Contains(router);
}
