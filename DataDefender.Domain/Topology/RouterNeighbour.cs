using DataDefender.Domain.Common;

namespace DataDefender.Domain.Topology;

/// <summary>What a router last said that it sees on an interface (MNDP, LLDP, CDP). Replaced as a whole at each reading.</summary>
public sealed class RouterNeighbour : Entity, ITenantOwned
{
    private RouterNeighbour() { }

    public RouterNeighbour(Guid tenantId, Guid routerId, NeighbourReading seen, DateTime now)
    {
        (TenantId, RouterId, SeenAt) = (tenantId, routerId, now);
        (Interface, Mac, Identity, Address) = (Cut(seen.Interface, 100)!, seen.Mac, Cut(seen.Identity, 200), Cut(seen.Address, 45));
        (TheirInterface, Platform, Board, RouterOsVersion) = (Cut(seen.TheirInterface, 100), Cut(seen.Platform, 100), Cut(seen.Board, 100), Cut(seen.Version, 100));
    }

    public Guid TenantId { get; private set; }
    public Guid RouterId { get; private set; }
    public string Interface { get; private set; } = "";
    public string Mac { get; private set; } = "";
    public string? Identity { get; private set; }
    public string? Address { get; private set; }
    public string? TheirInterface { get; private set; }
    public string? Platform { get; private set; }
    public string? Board { get; private set; }
    public string? RouterOsVersion { get; private set; }
    public DateTime SeenAt { get; private set; }

    // What a stranger calls itself may be anything, NUL included (which PostgreSQL does not store).
    private static string? Cut(string? text, int length)
    {
        var clean = text?.Replace("\0", "", StringComparison.Ordinal).Trim();
        return string.IsNullOrEmpty(clean) ? null : clean.Length > length ? clean[..length] : clean;
    }
}

/// <summary>A row of <c>/ip/neighbor</c>.</summary>
public sealed record NeighbourReading(string Interface, string Mac, string? Identity, string? Address, string? TheirInterface, string? Platform, string? Board, string? Version);
