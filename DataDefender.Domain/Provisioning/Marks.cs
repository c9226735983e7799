namespace DataDefender.Domain.Provisioning;

/// <summary>What everything of a company's on a router begins with: another company's items on the same router do not.</summary>
public static class Marks
{
    /// <summary>What the mark of a router's own tunnel to its hub begins with, after the company's prefix. It is what lets us in: no plan takes it away.</summary>
    public const string Tunnel = "tunnel";

    /// <summary>What makes a router the hub of the tunnels.</summary>
    public const string Hub = "hub";

    /// <summary>In a comment, and in a name where RouterOS takes no comment.</summary>
    public static (string Comment, string Name) Of(Guid tenantId) => ($"DD:{tenantId.ToString("N")[^8..]}:", $"dd-{tenantId.ToString("N")[^8..]}-");
}
