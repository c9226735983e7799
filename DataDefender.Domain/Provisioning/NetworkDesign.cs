using System.Globalization;
using System.Net;

namespace DataDefender.Domain.Provisioning;

/// <summary>What all routers of a company are to have in common. Lists are kept as people type them, separated by commas or blanks.</summary>
public sealed record NetworkDesign
{
    public static NetworkDesign None { get; } = new();

    /// <summary>Our RADIUS server as the routers reach it. CoA and Disconnect-Requests come from there too.</summary>
    public string RadiusServer { get; init; } = "";

    public int AuthenticationPort { get; init; } = 1812;
    public int AccountingPort { get; init; } = 1813;

    /// <summary>What a line in the walled garden still reaches: the portal, the payment page. Addresses, prefixes or names.</summary>
    public string PortalHosts { get; init; } = "";

    /// <summary>Where web requests out of the walled garden are sent: <c>address:port</c>. Empty sends them nowhere.</summary>
    public string PortalPage { get; init; } = "";

    public string DnsServers { get; init; } = "";
    public string NtpServers { get; init; } = "";

    /// <summary>From where routers are managed: our user and SNMP answer there only. Empty for anywhere.</summary>
    public string ManagementNetworks { get; init; } = "";

    public string SnmpContact { get; init; } = "";

    /// <summary>How lines with fixed addresses are held to their speed.</summary>
    public LineShaping Shaping { get; init; }

    /// <summary>The router of the company that is the WireGuard hub, and is written as such by its own plan; null for a hub that somebody else looks after.</summary>
    public Guid? HubRouterId { get; init; }

    /// <summary>Where routers behind NAT dial in to by WireGuard: <c>host:port</c>. Empty for no hub.</summary>
    public string HubEndpoint { get; init; } = "";

    /// <summary>The hub's public key. That of a hub of our own is read from it.</summary>
    public string HubKey { get; init; } = "";

    /// <summary>Of which each router gets an address; the first one is the hub's own.</summary>
    public string HubNetwork { get; init; } = "";

    /// <summary>Null when the design names no hub.</summary>
    public (string Host, int Port, IPNetwork Network)? Hub() =>
        (HubKey.Length > 0 || HubRouterId is not null) && DesignText.HostAndPort(HubEndpoint) is { } endpoint && IPNetwork.TryParse(HubNetwork, out var network) ? (endpoint.Host, endpoint.Port, network) : null;

    /// <summary>From where a router is managed: what the design says, and the tunnels' network for one that dials in. Empty for anywhere.</summary>
    public IReadOnlyList<string> ManagersOf(bool isTunnelled) =>
        isTunnelled && HubNetwork.Length > 0 ? [HubNetwork, .. DesignText.List(ManagementNetworks)] : DesignText.List(ManagementNetworks);
}

/// <summary>What one router is to serve. A part that is empty or off is none of our business on that router.</summary>
public sealed record RouterDesign
{
    public static RouterDesign None { get; } = new();

    /// <summary>It asks our RADIUS and takes our changes.</summary>
    public bool Radius { get; init; }

    /// <summary>The interfaces that PPPoE is offered on.</summary>
    public string PppoeInterfaces { get; init; } = "";

    public string ServiceName { get; init; } = "internet";
    public string ProfileName { get; init; } = "datadefender";

    /// <summary>The router's own end of each line.</summary>
    public string LocalAddress { get; init; } = "";

    /// <summary>One pool a line, <c>name ranges</c>: <c>home 100.64.0.2-100.64.3.254</c>. The first one is for lines that are given no other.</summary>
    public string Pools { get; init; } = "";

    /// <summary>One IPv6 pool a line, <c>name prefix length</c>, where the length is that of each prefix given out of it: <c>pd 2001:db8:1000::/40 56</c>.</summary>
    public string Ipv6Pools { get; init; } = "";

    /// <summary>Which of them gives a line's own link its /64, where its package names no other; empty for none.</summary>
    public string Ipv6LinkPool { get; init; } = "";

    /// <summary>Which of them prefixes are delegated from (DHCPv6-PD), where the package names no other; empty for none.</summary>
    public string Ipv6DelegationPool { get; init; } = "";

    /// <summary>The firewall that keeps suspended lines in the walled garden.</summary>
    public bool WalledGarden { get; init; }

    /// <summary>It takes its time from the company's servers.</summary>
    public bool Clock { get; init; }

    /// <summary>One VLAN a line, <c>name id interface service</c>: <c>vlan100 100 ether2 pppoe</c>. The service, pppoe or hotspot, is offered on it; it may be left out.</summary>
    public string Vlans { get; init; } = "";

    public string HotspotInterfaces { get; init; } = "";

    /// <summary>The router's own address on the hotspot.</summary>
    public string HotspotAddress { get; init; } = "";

    public string HotspotPool { get; init; } = "";
    public string HotspotDnsName { get; init; } = "";

    /// <summary>The router's default hotspot user profile, which logins by RADIUS get, is as we say.</summary>
    public bool HotspotUsers { get; init; }

    /// <summary>For how many days a device that has logged in gets in again by itself; 0 for never.</summary>
    public int HotspotCookieDays { get; init; } = 3;
    public bool Snmp { get; init; }

    /// <summary>Our user is in a group of its own that has no more rights than we need.</summary>
    public bool Users { get; init; }

    /// <summary>The API answers over TLS, with a certificate of the router's own.</summary>
    public bool ApiCertificate { get; init; }

    /// <summary>How lines reach it without RADIUS.</summary>
    public LinePush LinePush { get; init; }

    /// <summary>How its lines with fixed addresses are held to their speed; null as the network design says.</summary>
    public LineShaping? Shaping { get; init; }

    /// <summary>Lines that are bound to no device live here too.</summary>
    public bool PushUnbound { get; init; }

    /// <summary>The DHCP server that leases are for; empty for all.</summary>
    public string DhcpServer { get; init; } = "";

    public IReadOnlyList<DesignedVlan> VlanList() =>
    [
        .. Vlans.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(p => new DesignedVlan(p[0], p.Length > 1 && int.TryParse(p[1], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0, p.ElementAtOrDefault(2) ?? "", p.ElementAtOrDefault(3)?.ToLowerInvariant())),
    ];

    /// <summary>Named ones, and the VLANs that PPPoE is offered on.</summary>
    public IReadOnlyList<string> PppoeInterfaceList() => [.. DesignText.List(PppoeInterfaces).Concat(VlanList().Where(v => v.Service == "pppoe").Select(v => v.Name)).Distinct(StringComparer.Ordinal)];

    public IReadOnlyList<string> HotspotInterfaceList() => [.. DesignText.List(HotspotInterfaces).Concat(VlanList().Where(v => v.Service == "hotspot").Select(v => v.Name)).Distinct(StringComparer.Ordinal)];

    public IReadOnlyList<DesignedPool> PoolList() =>
    [
        .. Pools.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split([' ', '\t', '='], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(parts => new DesignedPool(parts[0], parts.Length > 1 ? string.Join(',', DesignText.List(parts[1])) : "")),
    ];

    public IReadOnlyList<DesignedIpv6Pool> Ipv6PoolList() =>
    [
        .. Ipv6Pools.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split([' ', '\t', '='], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(p => new DesignedIpv6Pool(p[0], p.Length > 1 ? Addresses.Prefixes.Canonical(p[1]) ?? "" : "", p.Length == 3 && int.TryParse(p[2], NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : 0)),
    ];
}

/// <param name="Prefix">Canonical; empty for what is none.</param>
/// <param name="Length">Bits of each prefix that is given out of it; 0 for what is no number.</param>
public sealed record DesignedIpv6Pool(string Name, string Prefix, int Length);

public sealed record DesignedPool(string Name, string Ranges);

/// <param name="Service">pppoe, hotspot, or null for a VLAN that only carries.</param>
public sealed record DesignedVlan(string Name, int Id, string Interface, string? Service);

/// <summary>Reads what people type into a design.</summary>
public static class DesignText
{
    /// <summary>The address with this number in the network: 1 is the first.</summary>
    public static string Nth(IPNetwork network, long number)
    {
        var bytes = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(Number(network.BaseAddress.ToString()) + number));
        return new IPAddress(bytes).ToString();
    }

    private static readonly char[] Separators = [',', ' ', ';', '\n', '\r', '\t'];

    public static IReadOnlyList<string> List(string? text) =>
        [.. (text ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];

    public static bool IsAddress(string text) => IPAddress.TryParse(text, out var ip) && ip.AddressFamily is System.Net.Sockets.AddressFamily.InterNetwork && text.Count(c => c == '.') == 3;

    /// <summary>An IPv4 address, a prefix, or a name that DNS could know.</summary>
    public static bool IsHost(string text) =>
        IsAddress(text) || (text.Contains('/', StringComparison.Ordinal) ? IPNetwork.TryParse(text, out _) : Uri.CheckHostName(text) is UriHostNameType.Dns);

    /// <summary>Null when the text is not <c>host:port</c>.</summary>
    public static (string Host, int Port)? HostAndPort(string text) =>
        text.Split(':') is [var host, var port] && IsHost(host) && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65536 ? (host, number) : null;

    /// <summary>Whether the address is this one or lies in this prefix; what cannot be read is taken to hold it.</summary>
    public static bool Holds(string network, string address) =>
        !IPAddress.TryParse(address, out var asked)
        || !IPNetwork.TryParse(network.Contains('/', StringComparison.Ordinal) ? network : $"{network}/{(network.Contains(':', StringComparison.Ordinal) ? 128 : 32)}", out var held)
        || held.Contains(asked.IsIPv4MappedToIPv6 ? asked.MapToIPv4() : asked);

    public static bool IsPrefix(string text) => IsAddress(text) || IPNetwork.TryParse(text, out _);

    public static bool IsRange(string text) => text.Split('-') switch
    {
        [var from, var until] => IsAddress(from) && IsAddress(until) && Number(from) <= Number(until),
        [var one] => IsAddress(one) || IPNetwork.TryParse(one, out _),
        _ => false,
    };

    /// <summary>Null when the text is not <c>address:port</c>.</summary>
    public static (string Address, int Port)? Endpoint(string text) =>
        text.Split(':') is [var address, var port] && IsAddress(address) && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65536
            ? (address, number)
            : null;

    /// <summary>What RouterOS takes as a name without quoting, and what goes into our mark in a comment.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= 60 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static uint Number(string address) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(IPAddress.Parse(address).GetAddressBytes());
}
