namespace DataDefender.Domain.Security;

/// <summary>What a member of staff may do on the company's routers, in RouterOS's own steps.</summary>
public enum RouterAccess
{
    None,
    Read,
    Write,
    Full,
}

public static class RouterAccessRules
{
    /// <summary>
    /// What a role may do when it logs in to a router by RADIUS. Who manages the network changes it; the owner also its users; a
    /// technician looks.
    /// </summary>
    public static RouterAccess OnRouters(this Role role) => role switch
    {
        Role.Owner => RouterAccess.Full,
        Role.NocOperator => RouterAccess.Write,
        Role.Technician => RouterAccess.Read,
        _ => RouterAccess.None,
    };
}
