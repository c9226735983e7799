using DataDefender.Domain.Common;

namespace DataDefender.Domain.Topology;

public enum SiteKind
{
    PointOfPresence,
    Tower,
    Cabinet,
    Building,
    DataCentre,
}

/// <summary>A place where equipment of the company stands. Routers, pools, lines and costs may belong to one.</summary>
public sealed class Site : Entity, ITenantOwned, IAudited
{
    public const int NameLength = 80;

    private Site() { }

    public Site(Guid tenantId, SiteInput input, DateTime now)
    {
        (TenantId, CreatedAt) = (tenantId, now);
        Change(input);
    }

    public Guid TenantId { get; private set; }
    public string Name { get; private set; } = "";
    public SiteKind Kind { get; private set; }

    /// <summary>WGS 84, degrees; both are known or neither.</summary>
    public decimal? Latitude { get; private set; }
    public decimal? Longitude { get; private set; }

    public string? Address { get; private set; }
    public string? Notes { get; private set; }
    public DateTime CreatedAt { get; private set; }

    public string AuditLabel => Name;

    public void Change(SiteInput input)
    {
        (Name, Kind) = (input.Name.Trim(), input.Kind);
        (Latitude, Longitude) = (input.Latitude, input.Longitude);
        (Address, Notes) = (OrNull(input.Address), OrNull(input.Notes));
    }

    private static string? OrNull(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>What an admin types about a site.</summary>
public sealed record SiteInput
{
    public string Name { get; set; } = "";
    public SiteKind Kind { get; set; }
    public decimal? Latitude { get; set; }
    public decimal? Longitude { get; set; }
    public string? Address { get; set; }
    public string? Notes { get; set; }
}
