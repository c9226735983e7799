namespace DataDefender.Domain.Provisioning;

/// <summary>What everything of a company's on a router begins with: another company's items on the same router do not.</summary>
public static class Marks
{
    /// <summary>In a comment, and in a name where RouterOS takes no comment.</summary>
    public static (string Comment, string Name) Of(Guid tenantId) => ($"DD:{tenantId.ToString("N")[^8..]}:", $"dd-{tenantId.ToString("N")[^8..]}-");
}
