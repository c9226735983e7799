namespace DataDefender.Domain.Monitoring.Alerts;

/// <summary>A router in the shape of the network.</summary>
/// <param name="ParentId">The router through which it is reached; null when nobody has said, or it stands at the edge.</param>
public sealed record ShapeRouter(Guid Id, string Name, string? Site, Guid? ParentId);

/// <summary>What hangs on what, for finding the cause behind several alerts.</summary>
public sealed class NetworkShape(IEnumerable<ShapeRouter> routers)
{
    private readonly Dictionary<Guid, ShapeRouter> _routers = routers.ToDictionary(r => r.Id);

    public static NetworkShape Empty { get; } = new([]);

    public IReadOnlyCollection<ShapeRouter> Routers => _routers.Values;

    public ShapeRouter? Find(Guid? id) => id is { } known ? _routers.GetValueOrDefault(known) : null;

    /// <summary>The router itself and those above it, nearest first. A loop that somebody drew ends where it began.</summary>
    public IEnumerable<ShapeRouter> UpFrom(Guid id)
    {
        var seen = new HashSet<Guid>();
        for (var router = Find(id); router is not null && seen.Add(router.Id); router = Find(router.ParentId))
        {
            yield return router;
        }
    }

    /// <summary>The routers that are reached through this one, itself first.</summary>
    public IReadOnlyList<ShapeRouter> DownFrom(Guid id) => [.. _routers.Values.Where(r => UpFrom(r.Id).Any(up => up.Id == id)).OrderBy(r => r.Id == id ? 0 : 1)];
}
