using DataDefender.Domain.Network;

namespace DataDefender.Domain.Provisioning;

/// <summary>A menu of RouterOS that we write to.</summary>
/// <param name="IsSingle">One record without an id; only the properties that a design names are ours.</param>
/// <param name="IsOrdered">The order of its items counts within a chain: firewall rules.</param>
/// <param name="Twins">Properties that no two items may share: an unmarked item that has them is in the way of ours.</param>
public sealed record RouterMenu(string Path, string Title, bool IsSingle = false, bool IsOrdered = false, params string[] Twins)
{
    /// <summary>The property that says that an item is ours: the comment, or the name where RouterOS has no comment.</summary>
    public string MarkField { get; init; } = "comment";

    /// <summary>The items are the router's own and always there, told by this property; only what a design names of them is ours.</summary>
    public string? FixedBy { get; init; }

    /// <summary>What is written here cannot cut the router off from us.</summary>
    public bool IsHarmless { get; init; }

    /// <summary>What is written here decides whether we are let in again.</summary>
    public bool CanCutOff { get; init; }

    /// <summary>What is ours here is what lets us in: it stays when it is not designed any more.</summary>
    public bool Stays { get; init; }

    /// <summary>Narrows what is read: a router lists thousands of items of its own here.</summary>
    public string[] Query { get; init; } = [];

    public static RouterMenu Pool { get; } = new("/ip/pool", "Address pool", Twins: "name");
    /// <summary>RouterOS takes no comment here, so the name bears the mark. A version 6 without its package ipv6 does not have the menu.</summary>
    public static RouterMenu Ipv6Pool { get; } = new("/ipv6/pool", "IPv6 pool") { MarkField = "name" };

    public static RouterMenu Profile { get; } = new("/ppp/profile", "PPP profile", Twins: "name");
    public static RouterMenu Radius { get; } = new("/radius", "RADIUS client", Twins: ["address", "authentication-port"]);
    public static RouterMenu Incoming { get; } = new("/radius/incoming", "Incoming RADIUS", IsSingle: true);
    public static RouterMenu Accounting { get; } = new("/ppp/aaa", "PPP authentication", IsSingle: true);
    public static RouterMenu PppoeServer { get; } = new("/interface/pppoe-server/server", "PPPoE server", Twins: ["interface", "service-name"]);
    public static RouterMenu AddressList { get; } = new("/ip/firewall/address-list", "Address list", Twins: ["list", "address"]);
    public static RouterMenu Nat { get; } = new("/ip/firewall/nat", "NAT rule", IsOrdered: true) { CanCutOff = true };
    public static RouterMenu Filter { get; } = new("/ip/firewall/filter", "Firewall rule", IsOrdered: true) { CanCutOff = true };
    public static RouterMenu Clock { get; } = new("/system/ntp/client", "Time", IsSingle: true);

    public static RouterMenu Vlan { get; } = new("/interface/vlan", "VLAN", Twins: "name") { CanCutOff = true };
    public static RouterMenu Secret { get; } = new("/ppp/secret", "PPP secret", Twins: "name") { IsHarmless = true };
    public static RouterMenu SimpleQueue { get; } = new("/queue/simple", "Queue", Twins: "name") { IsHarmless = true, Query = [RouterQuery.Is("dynamic", "false")] };
    public static RouterMenu QueueType { get; } = new("/queue/type", "Queue type", Twins: "name") { MarkField = "name", IsHarmless = true };
    public static RouterMenu QueueTree { get; } = new("/queue/tree", "Queue of a tree", Twins: "name") { IsHarmless = true };
    public static RouterMenu Mangle { get; } = new("/ip/firewall/mangle", "Packet mark") { IsHarmless = true, Query = [RouterQuery.Is("dynamic", "false")] };
    public static RouterMenu WireGuard { get; } = new("/interface/wireguard", "WireGuard interface", Twins: "listen-port") { CanCutOff = true };
    public static RouterMenu WireGuardPeer { get; } = new("/interface/wireguard/peers", "WireGuard peer", Twins: ["interface", "public-key"]) { IsHarmless = true };
    public static RouterMenu Address { get; } = new("/ip/address", "Address", Twins: ["address", "interface"]) { CanCutOff = true };
    public static RouterMenu Lease { get; } = new("/ip/dhcp-server/lease", "DHCP lease", Twins: "address") { IsHarmless = true, Query = [RouterQuery.Is("dynamic", "false")] };
    public static RouterMenu HotspotProfile { get; } = new("/ip/hotspot/profile", "Hotspot profile") { MarkField = "name" };
    public static RouterMenu Hotspot { get; } = new("/ip/hotspot", "Hotspot server") { MarkField = "name" };
    public static RouterMenu HotspotUserProfile { get; } = new("/ip/hotspot/user/profile", "Hotspot user profile") { FixedBy = "name" };
    public static RouterMenu HotspotGarden { get; } = new("/ip/hotspot/walled-garden", "Hotspot walled garden");
    public static RouterMenu HotspotGardenIp { get; } = new("/ip/hotspot/walled-garden/ip", "Hotspot walled garden address");
    public static RouterMenu Snmp { get; } = new("/snmp", "SNMP", IsSingle: true);
    public static RouterMenu SnmpCommunity { get; } = new("/snmp/community", "SNMP user") { MarkField = "name" };
    public static RouterMenu UserGroup { get; } = new("/user/group", "User group") { MarkField = "name", Stays = true, CanCutOff = true };
    public static RouterMenu User { get; } = new("/user", "User") { FixedBy = "name", CanCutOff = true };
    public static RouterMenu Certificate { get; } = new("/certificate", "Certificate") { MarkField = "name", Stays = true };
    public static RouterMenu Service { get; } = new("/ip/service", "Service") { FixedBy = "name", CanCutOff = true };

    /// <summary>In the order in which they are written: what is referred to comes before what refers to it. Removal goes the other way.</summary>
    public static IReadOnlyList<RouterMenu> All { get; } =
    [
        Clock, Snmp, SnmpCommunity, UserGroup, Certificate, Service, WireGuard, WireGuardPeer, Address, Vlan, Pool, Ipv6Pool, Profile, Secret, SimpleQueue, Lease, AddressList, Mangle, QueueType, QueueTree, HotspotProfile, HotspotUserProfile, Hotspot, HotspotGarden, HotspotGardenIp, Nat, Filter,
        Radius, Incoming, Accounting, PppoeServer, User,
    ];

    /// <summary>Where a line's items are, and what they refer to: enough to bring one line to a router.</summary>
    public static IReadOnlyList<RouterMenu> OfLines { get; } = [Ipv6Pool, Profile, Secret, SimpleQueue, Lease, AddressList, Mangle, QueueType, QueueTree];

    public static RouterMenu Of(string path) => All.Single(m => m.Path == path);
}
