using FluentValidation;

namespace DataDefender.Domain.Provisioning;

/// <summary>What an admin types about all routers.</summary>
public sealed record NetworkDesignInput
{
    public string RadiusServer { get; set; } = "";
    public int AuthenticationPort { get; set; } = 1812;
    public int AccountingPort { get; set; } = 1813;
    public string PortalHosts { get; set; } = "";
    public string PortalPage { get; set; } = "";
    public string DnsServers { get; set; } = "";
    public string NtpServers { get; set; } = "";
    public string ManagementNetworks { get; set; } = "";
    public string SnmpContact { get; set; } = "";
    public LineShaping Shaping { get; set; }
    public Guid? HubRouterId { get; set; }
    public string HubEndpoint { get; set; } = "";
    public string HubKey { get; set; } = "";
    public string HubNetwork { get; set; } = "";

    /// <summary>Empty keeps the one that is stored.</summary>
    public string? SnmpPassword { get; set; }

    public static NetworkDesignInput Of(NetworkDesign design) => new()
    {
        RadiusServer = design.RadiusServer, AuthenticationPort = design.AuthenticationPort, AccountingPort = design.AccountingPort, PortalHosts = design.PortalHosts,
        PortalPage = design.PortalPage, DnsServers = design.DnsServers, NtpServers = design.NtpServers,
        ManagementNetworks = design.ManagementNetworks, SnmpContact = design.SnmpContact, Shaping = design.Shaping, HubRouterId = design.HubRouterId, HubEndpoint = design.HubEndpoint, HubKey = design.HubKey, HubNetwork = design.HubNetwork,
    };

    public NetworkDesign ToDesign() => new()
    {
        RadiusServer = RadiusServer.Trim(), AuthenticationPort = AuthenticationPort, AccountingPort = AccountingPort, PortalHosts = PortalHosts.Trim(),
        PortalPage = PortalPage.Trim(), DnsServers = DnsServers.Trim(), NtpServers = NtpServers.Trim(),
        ManagementNetworks = ManagementNetworks.Trim(), SnmpContact = SnmpContact.Trim(), Shaping = Shaping, HubRouterId = HubRouterId, HubEndpoint = HubEndpoint.Trim(), HubKey = HubKey.Trim(), HubNetwork = HubNetwork.Trim(),
    };
}

public sealed class NetworkDesignValidator : AbstractValidator<NetworkDesignInput>
{
    public NetworkDesignValidator()
    {
        RuleFor(d => d.RadiusServer).Must(s => string.IsNullOrWhiteSpace(s) || DesignText.IsAddress(s.Trim())).WithMessage("RouterOS wants the RADIUS server as an IPv4 address.");
        RuleFor(d => d.AuthenticationPort).InclusiveBetween(1, 65535).WithMessage("A port is 1 to 65,535.");
        RuleFor(d => d.AccountingPort).InclusiveBetween(1, 65535).WithMessage("A port is 1 to 65,535.");
        RuleFor(d => d.PortalHosts).Must(h => DesignText.List(h).All(DesignText.IsHost)).WithMessage("Give addresses, prefixes or host names, separated by commas.");
        RuleFor(d => d.PortalPage).Must(p => string.IsNullOrWhiteSpace(p) || DesignText.Endpoint(p.Trim()) is not null).WithMessage("Give an IPv4 address and a port: 10.0.0.5:80.");
        RuleFor(d => d.DnsServers).Must(d => DesignText.List(d).All(DesignText.IsAddress)).WithMessage("Give IPv4 addresses, separated by commas.");
        RuleFor(d => d.ManagementNetworks).Must(m => DesignText.List(m).All(DesignText.IsPrefix)).WithMessage("Give addresses or prefixes, separated by commas.");
        RuleFor(d => d.HubEndpoint).Must(e => string.IsNullOrWhiteSpace(e) || DesignText.HostAndPort(e.Trim()) is not null).WithMessage("Give a host and a port: vpn.example.com:13231.");
        RuleFor(d => d.HubKey).Must(k => string.IsNullOrWhiteSpace(k) || k.Trim() is { Length: 44 } key && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '=')).WithMessage("A WireGuard key has 44 characters.");
        RuleFor(d => d.HubNetwork).Must(n => string.IsNullOrWhiteSpace(n) || (System.Net.IPNetwork.TryParse(n.Trim(), out var net) && net.BaseAddress.AddressFamily is System.Net.Sockets.AddressFamily.InterNetwork && net.PrefixLength is >= 16 and <= 30)).WithMessage("Give an IPv4 prefix of 16 to 30 bits: 10.99.0.0/22.");
        RuleFor(d => d.HubEndpoint).Must((d, e) => d.HubRouterId is null || !string.IsNullOrWhiteSpace(e)).WithMessage("Say under which host and port the routers reach the hub.");
        RuleFor(d => d.HubNetwork).Must((d, n) => d.HubRouterId is null || !string.IsNullOrWhiteSpace(n)).WithMessage("Say of which network the tunnels get their addresses.");
        RuleFor(d => d.SnmpContact).MaximumLength(100).WithMessage("At most 100 characters.");
        RuleFor(d => d.SnmpPassword).Must(p => string.IsNullOrEmpty(p) || p.Length is >= 8 and <= 64).WithMessage("SNMP version 3 wants 8 to 64 characters.");
        RuleFor(d => d.NtpServers).Must(n => DesignText.List(n).All(DesignText.IsHost)).WithMessage("Give addresses or host names, separated by commas.");
    }
}

/// <summary>What an admin types about one router's services.</summary>
public sealed record RouterDesignInput
{
    public bool Radius { get; set; }
    public string PppoeInterfaces { get; set; } = "";
    public string ServiceName { get; set; } = "internet";
    public string ProfileName { get; set; } = "datadefender";
    public string LocalAddress { get; set; } = "";
    public string Pools { get; set; } = "";
    public string Ipv6Pools { get; set; } = "";
    public string Ipv6LinkPool { get; set; } = "";
    public string Ipv6DelegationPool { get; set; } = "";
    public bool WalledGarden { get; set; }
    public bool Clock { get; set; }
    public string Vlans { get; set; } = "";
    public string HotspotInterfaces { get; set; } = "";
    public string HotspotAddress { get; set; } = "";
    public string HotspotPool { get; set; } = "";
    public string HotspotDnsName { get; set; } = "";
    public bool HotspotUsers { get; set; }
    public int HotspotCookieDays { get; set; } = 3;
    public bool Snmp { get; set; }
    public bool Users { get; set; }
    public bool ApiCertificate { get; set; }
    public LinePush LinePush { get; set; }
    public LineShaping? Shaping { get; set; }
    public bool PushUnbound { get; set; }
    public string DhcpServer { get; set; } = "";

    public static RouterDesignInput Of(RouterDesign design) => new()
    {
        Radius = design.Radius, PppoeInterfaces = design.PppoeInterfaces, ServiceName = design.ServiceName, ProfileName = design.ProfileName,
        LocalAddress = design.LocalAddress, Pools = design.Pools, Ipv6Pools = design.Ipv6Pools, Ipv6LinkPool = design.Ipv6LinkPool, Ipv6DelegationPool = design.Ipv6DelegationPool, WalledGarden = design.WalledGarden, Clock = design.Clock,
        Vlans = design.Vlans, HotspotInterfaces = design.HotspotInterfaces, HotspotAddress = design.HotspotAddress, HotspotPool = design.HotspotPool, HotspotDnsName = design.HotspotDnsName, HotspotUsers = design.HotspotUsers, HotspotCookieDays = design.HotspotCookieDays,
        Snmp = design.Snmp, Users = design.Users, ApiCertificate = design.ApiCertificate, LinePush = design.LinePush, Shaping = design.Shaping, PushUnbound = design.PushUnbound, DhcpServer = design.DhcpServer,
    };

    public RouterDesign ToDesign() => new()
    {
        Radius = Radius, PppoeInterfaces = PppoeInterfaces.Trim(), ServiceName = ServiceName.Trim(), ProfileName = ProfileName.Trim(),
        LocalAddress = LocalAddress.Trim(), Pools = Pools.Trim(), Ipv6Pools = Ipv6Pools.Trim(), Ipv6LinkPool = Ipv6LinkPool.Trim(), Ipv6DelegationPool = Ipv6DelegationPool.Trim(), WalledGarden = WalledGarden, Clock = Clock,
        Vlans = Vlans.Trim(), HotspotInterfaces = HotspotInterfaces.Trim(), HotspotAddress = HotspotAddress.Trim(), HotspotPool = HotspotPool.Trim(), HotspotDnsName = HotspotDnsName.Trim(), HotspotUsers = HotspotUsers, HotspotCookieDays = HotspotCookieDays,
        Snmp = Snmp, Users = Users, ApiCertificate = ApiCertificate, LinePush = LinePush, Shaping = Shaping, PushUnbound = PushUnbound, DhcpServer = DhcpServer.Trim(),
    };
}

public sealed class RouterDesignValidator : AbstractValidator<RouterDesignInput>
{
    public RouterDesignValidator()
    {
        RuleFor(d => d.ServiceName).Must(n => DesignText.IsName(n.Trim())).WithMessage("Name it with letters, digits, dots, dashes or underscores.");
        RuleFor(d => d.ProfileName).Must(n => DesignText.IsName(n.Trim())).WithMessage("Name it with letters, digits, dots, dashes or underscores.");
        RuleFor(d => d.ProfileName).Must(n => n.Trim() is not ("default" or "default-encryption")).WithMessage("The router's own default profiles stay as they are; choose another name.");
        RuleFor(d => d.LocalAddress).Must(a => string.IsNullOrWhiteSpace(a) || DesignText.IsAddress(a.Trim())).WithMessage("Give an IPv4 address.");
        RuleFor(d => d.LocalAddress).Must((d, a) => string.IsNullOrWhiteSpace(d.PppoeInterfaces) || !string.IsNullOrWhiteSpace(a)).WithMessage("PPPoE needs the router's own address on the lines.");
        RuleFor(d => d.Pools).Must(ArePools).WithMessage("Write a pool a line: its name, then its ranges, as in home 100.64.0.2-100.64.3.254.");
        RuleFor(d => d.Pools).Must(HaveOneNameEach).WithMessage("Two pools have the same name.");
        RuleFor(d => d.Pools).Must((d, p) => string.IsNullOrWhiteSpace(d.PppoeInterfaces) || !string.IsNullOrWhiteSpace(p)).WithMessage("PPPoE needs at least one pool.");
        RuleFor(d => d.Ipv6Pools).Must(AreIpv6Pools).WithMessage("Write an IPv6 pool a line: its name, its prefix, and how long each prefix given out of it is (at most 64), as in pd 2001:db8:1000::/40 56.");
        RuleFor(d => d.Ipv6Pools).Must(p => Ipv6PoolsOf(p) is var pools && pools.DistinctBy(x => x.Name).Count() == pools.Count).WithMessage("Two IPv6 pools have the same name.");
        RuleFor(d => d.Ipv6LinkPool).Must((d, p) => string.IsNullOrWhiteSpace(p) || Ipv6PoolsOf(d.Ipv6Pools).Any(x => x.Name == p.Trim() && x.Length == 64)).WithMessage("Name one of this router's IPv6 pools that gives out prefixes of 64 bits: equipment takes its own address from no other.");
        RuleFor(d => d.Ipv6DelegationPool).Must((d, p) => string.IsNullOrWhiteSpace(p) || Ipv6PoolsOf(d.Ipv6Pools).Any(x => x.Name == p.Trim())).WithMessage("Name one of this router's IPv6 pools.");
        RuleFor(d => d.Vlans).Must(AreVlans).WithMessage("Write a VLAN a line: its name, number and interface, and pppoe or hotspot when one is offered on it, as in vlan100 100 ether2 pppoe.");
        RuleFor(d => d.Vlans).Must(v => new RouterDesign { Vlans = v }.VlanList() is var vlans && vlans.DistinctBy(x => x.Name).Count() == vlans.Count).WithMessage("Two VLANs have the same name.");
        RuleFor(d => d.HotspotAddress).Must(a => string.IsNullOrWhiteSpace(a) || DesignText.IsAddress(a.Trim())).WithMessage("Give an IPv4 address.");
        RuleFor(d => d.HotspotPool).Must((d, p) => string.IsNullOrWhiteSpace(p) || new RouterDesign { Pools = d.Pools }.PoolList().Any(x => x.Name == p.Trim())).WithMessage("Name one of this router's pools.");
        RuleFor(d => d.HotspotDnsName).Must(n => string.IsNullOrWhiteSpace(n) || Uri.CheckHostName(n.Trim()) is UriHostNameType.Dns).WithMessage("Give a name that DNS could know.");
        RuleFor(d => d.HotspotCookieDays).InclusiveBetween(0, 365).WithMessage("0 to 365 days.");
        RuleFor(d => d.DhcpServer).Must(n => string.IsNullOrWhiteSpace(n) || DesignText.IsName(n.Trim())).WithMessage("Name it as the router does.");
        RuleFor(d => d.LinePush).Must((d, p) => p is LinePush.None || !d.Radius).WithMessage("A router asks RADIUS for its lines, or has them itself; choose one.");
        RuleFor(d => d.LocalAddress).Must((d, a) => d.LinePush is not LinePush.Secrets || !string.IsNullOrWhiteSpace(a)).WithMessage("Secrets need the router's own address on the lines.");
    }

    private static bool AreVlans(string text) => new RouterDesign { Vlans = text }.VlanList()
        .All(v => DesignText.IsName(v.Name) && v.Id is > 0 and < 4095 && v.Interface.Length > 0 && v.Service is null or "pppoe" or "hotspot");

    private static IReadOnlyList<DesignedIpv6Pool> Ipv6PoolsOf(string text) => new RouterDesign { Ipv6Pools = text }.Ipv6PoolList();

    private static bool AreIpv6Pools(string text) => Ipv6PoolsOf(text)
        .All(p => DesignText.IsName(p.Name) && p.Prefix.Contains(':', StringComparison.Ordinal) && p.Length is > 0 and <= 64 && p.Length >= System.Net.IPNetwork.Parse(p.Prefix).PrefixLength);

    private static bool ArePools(string text) => new RouterDesign { Pools = text }.PoolList()
        .All(p => DesignText.IsName(p.Name) && p.Ranges.Length > 0 && p.Ranges.Split(',').All(DesignText.IsRange));

    private static bool HaveOneNameEach(string text) => new RouterDesign { Pools = text }.PoolList() is var pools && pools.DistinctBy(p => p.Name).Count() == pools.Count;
}
