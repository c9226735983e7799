using DataDefender.Domain.Common;

namespace DataDefender.Domain.Topology;

public enum LinkKind
{
    Fibre,
    Radio,
    Copper,
    Leased,
}

/// <summary>
/// A link between two ends that an admin has drawn. An end is a router, or a site where no router of ours stands. What flows over it is
/// read from the interface of an end, when one is named.
/// </summary>
public sealed class NetworkLink : Entity, ITenantOwned, IAudited
{
    private NetworkLink() { }

    public NetworkLink(Guid tenantId, LinkInput input, DateTime now)
    {
        (TenantId, CreatedAt) = (tenantId, now);
        Change(input);
    }

    public Guid TenantId { get; private set; }
    public string Name { get; private set; } = "";
    public LinkKind Kind { get; private set; }

    /// <summary>What it carries in each direction, kbit/s; null when nobody has said.</summary>
    public int? CapacityKbps { get; private set; }

    public Guid? FromRouterId { get; private set; }
    public Guid? FromSiteId { get; private set; }
    public string? FromInterface { get; private set; }
    public Guid? ToRouterId { get; private set; }
    public Guid? ToSiteId { get; private set; }
    public string? ToInterface { get; private set; }
    public DateTime CreatedAt { get; private set; }

    public string AuditLabel => Name;

    public void Change(LinkInput input)
    {
        (Name, Kind, CapacityKbps) = (input.Name.Trim(), input.Kind, input.CapacityKbps);
        (FromRouterId, FromSiteId, FromInterface) = End(input.FromRouterId, input.FromSiteId, input.FromInterface);
        (ToRouterId, ToSiteId, ToInterface) = End(input.ToRouterId, input.ToSiteId, input.ToInterface);
    }

    // A router knows its own site; an interface belongs to a router.
    private static (Guid? Router, Guid? Site, string? Interface) End(Guid? router, Guid? site, string? name) =>
        router is null ? (null, site, null) : (router, null, string.IsNullOrWhiteSpace(name) ? null : name.Trim());
}

/// <summary>What an admin says about a link.</summary>
public sealed record LinkInput
{
    public string Name { get; set; } = "";
    public LinkKind Kind { get; set; }
    public int? CapacityKbps { get; set; }
    public Guid? FromRouterId { get; set; }
    public Guid? FromSiteId { get; set; }
    public string? FromInterface { get; set; }
    public Guid? ToRouterId { get; set; }
    public Guid? ToSiteId { get; set; }
    public string? ToInterface { get; set; }
}
