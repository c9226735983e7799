namespace DataDefender.Domain.Provisioning;

/// <summary>A menu of RouterOS that we write to.</summary>
/// <param name="IsSingle">One record without an id; only the properties that a design names are ours.</param>
/// <param name="IsOrdered">The order of its items counts within a chain: firewall rules.</param>
/// <param name="Twins">Properties that no two items may share: an unmarked item that has them is in the way of ours.</param>
public sealed record RouterMenu(string Path, string Title, bool IsSingle = false, bool IsOrdered = false, params string[] Twins)
{
    public static RouterMenu Pool { get; } = new("/ip/pool", "Address pool", Twins: "name");
    public static RouterMenu Profile { get; } = new("/ppp/profile", "PPP profile", Twins: "name");
    public static RouterMenu Radius { get; } = new("/radius", "RADIUS client", Twins: ["address", "authentication-port"]);
    public static RouterMenu Incoming { get; } = new("/radius/incoming", "Incoming RADIUS", IsSingle: true);
    public static RouterMenu Accounting { get; } = new("/ppp/aaa", "PPP authentication", IsSingle: true);
    public static RouterMenu PppoeServer { get; } = new("/interface/pppoe-server/server", "PPPoE server", Twins: ["interface", "service-name"]);
    public static RouterMenu AddressList { get; } = new("/ip/firewall/address-list", "Address list", Twins: ["list", "address"]);
    public static RouterMenu Nat { get; } = new("/ip/firewall/nat", "NAT rule", IsOrdered: true);
    public static RouterMenu Filter { get; } = new("/ip/firewall/filter", "Firewall rule", IsOrdered: true);
    public static RouterMenu Clock { get; } = new("/system/ntp/client", "Time", IsSingle: true);

    /// <summary>In the order in which they are written: what is referred to comes before what refers to it. Removal goes the other way.</summary>
    public static IReadOnlyList<RouterMenu> All { get; } = [Clock, Pool, Profile, AddressList, Nat, Filter, Radius, Incoming, Accounting, PppoeServer];

    public static RouterMenu Of(string path) => All.Single(m => m.Path == path);
}
