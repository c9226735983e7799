using System.Globalization;
using System.Security.Cryptography;
using DataDefender.Sandbox.RouterOs.Menus;
using DataDefender.Sandbox.RouterOs.Wire;

namespace DataDefender.Sandbox.RouterOs;

/// <summary>What a router of an ISP is configured with on the day that it is handed over.</summary>
public sealed partial class SimulatedRouter
{
    private void Configure()
    {
        Table("/system/identity").Only["name"] = Name;
        ConfigureUsers();
        ConfigureInterfaces();
        ConfigurePpp();
        ConfigureHotspot();
        ConfigureQueuesAndFirewall();
        ConfigureRadius();
        ConfigureSystem();
        Log("system,info", "router rebooted");
    }

    private void ConfigureUsers()
    {
        var groups = Table("/user/group");
        groups.Insert(("name", "read"), ("policy", "local,telnet,ssh,reboot,read,test,winbox,password,web,sniff,sensitive,api,romon,rest-api"));
        groups.Insert(("name", "write"), ("policy", "local,telnet,ssh,reboot,read,write,test,winbox,password,web,sniff,sensitive,api,romon,rest-api"));
        groups.Insert(("name", "full"), ("policy", string.Join(',', SystemMenus.EveryPolicy)));
        Table("/user").Insert(("name", Options.User), ("group", "full"), ("password", Options.Password), ("comment", "system default user"));
    }

    private void ConfigureInterfaces()
    {
        var ethernet = Table("/interface/ethernet");
        for (var i = 0; i < Personality.EthernetPorts.Count; i++)
        {
            var name = Personality.EthernetPorts[i];
            var row = ethernet.Insert(("name", name), ("default-name", name), ("l2mtu", "1580"), ("mac-address", Seeded.Mac(Seed, $"{Name}:{name}")));
            row["orig-mac-address"] = row["mac-address"];
            row["max-l2mtu"] = "9578";
            row["running"] = RouterFormat.Bool(i < 4);
            row["link-downs"] = RouterFormat.Number((long)(Seeded.Hash(Seed, $"{Name}:{name}:downs") % 4));
            row["last-link-up-time"] = RouterFormat.DateTime(BootedAt.ToUniversalTime() + LocalOffset + TimeSpan.FromSeconds(9), Personality);
        }

        Table("/interface").Find(UplinkInterface)!["comment"] = "uplink";
        Table("/interface").Find(AccessInterface)!["comment"] = "access";
        var bridge = Table("/interface/bridge").Insert(("name", "bridge-hotspot"));
        bridge["mac-address"] = Seeded.Mac(Seed, $"{Name}:bridge-hotspot");
        Table("/interface/bridge/port").Insert(("interface", Personality.EthernetPorts[2]), ("bridge", "bridge-hotspot"));
        Table("/interface/vlan").Insert(("name", "vlan99-management"), ("vlan-id", "99"), ("interface", UplinkInterface));

        var second = 1 + (int)(Seeded.Hash(Seed, $"{Name}:net") % 200);
        Table("/ip/address").Insert(("address", $"172.29.{second}.2/30"), ("network", $"172.29.{second}.0"), ("interface", UplinkInterface));
        Table("/ip/route").Insert(("dst-address", "0.0.0.0/0"), ("gateway", $"172.29.{second}.1"));
        Table("/ip/dns").Only["servers"] = "1.1.1.1,9.9.9.9";
        Table("/ip/neighbor").Insert(("interface", UplinkInterface), ("address", $"172.29.{second}.1"), ("address4", $"172.29.{second}.1"), ("mac-address", Seeded.Mac(Seed, $"{Name}:core")),
            ("identity", "core-1"), ("platform", "MikroTik"), ("version", Personality.FullVersion), ("board", "CCR2216-1G-12XS-2XQ"), ("software-id", "K7TV-9QPL"), ("interface-name", "sfp28-3"));

        foreach (var cable in Options.Neighbours)
        {
            var other = World.Routers.First(r => r.Name == cable.Router);
            Table("/ip/neighbor").Insert(("interface", cable.Interface), ("address", other.Address), ("address4", other.Address), ("mac-address", Seeded.Mac(Seed, $"{other.Name}:{cable.TheirInterface}")),
                ("identity", other.Name), ("platform", "MikroTik"), ("version", Personality.Find(other.Personality).FullVersion), ("board", Personality.Find(other.Personality).Board), ("interface-name", cable.TheirInterface));
        }

        // WinBox of old wrote windows-1252: "é" as the byte 0xE9.
        Table("/ip/neighbor").Insert(("interface", AccessInterface), ("address", "192.168.88.20"), ("address4", "192.168.88.20"), ("mac-address", Seeded.Mac(Seed, $"{Name}:ap")),
            ("identity", Personality.Version.Major < 7 ? $"Caf{ApiText.Raw(0xE9)}-AP" : "Café-AP"), ("platform", "MikroTik"), ("version", "6.49.10 (stable)"), ("board", "RBLHG-5nD"), ("interface-name", "ether1"));
    }

    private void ConfigurePpp()
    {
        var block = 64 + (Math.Max(World.Routers.IndexOf(Options), 0) % 64); // 100.64.0.0/10, RFC 6598; the 65th router's are the first one's again
        var pools = Table("/ip/pool");
        pools.Insert(("name", "pppoe-pool"), ("ranges", Options.PppoePool.Length > 0 ? Options.PppoePool : $"100.{block}.0.2-100.{block}.255.254"));
        pools.Insert(("name", "hotspot-pool"), ("ranges", Options.HotspotPool.Length > 0 ? Options.HotspotPool : $"10.{block}.0.2-10.{block}.255.254"));

        var profiles = Table("/ppp/profile");
        var plain = profiles.Insert(("name", "default"), ("local-address", $"100.{block}.0.1"), ("remote-address", "pppoe-pool"), ("change-tcp-mss", "yes"));
        var encrypted = profiles.Insert(("name", "default-encryption"), ("use-encryption", "yes"), ("change-tcp-mss", "yes"));
        plain["default"] = encrypted["default"] = "true";
        Table("/interface/pppoe-server/server").Insert(("service-name", "internet"), ("interface", AccessInterface), ("default-profile", "default"), ("one-session-per-host", "yes"));
        Table("/ppp/aaa").Only["use-radius"] = "true";
    }

    private void ConfigureHotspot()
    {
        var profile = Table("/ip/hotspot/profile").Insert(("name", "default"), ("use-radius", "yes"), ("dns-name", "hotspot.local"), ("login-by", "http-chap,http-pap,mac-cookie"));
        profile["default"] = "true";
        Table("/ip/hotspot/user/profile").Insert(("name", "default"))["default"] = "true";
        var server = Table("/ip/hotspot").Insert(("name", "hotspot1"), ("interface", "bridge-hotspot"), ("address-pool", "hotspot-pool"), ("profile", "default"));
        server["disabled"] = "false";
        Table("/ip/dhcp-server").Insert(("name", "dhcp-hotspot"), ("interface", "bridge-hotspot"), ("address-pool", "hotspot-pool"), ("lease-time", "1h"));
        var lease = Table("/ip/dhcp-server/lease").Insert(("address", "192.168.88.10"), ("mac-address", Seeded.Mac(Seed, $"{Name}:cpe")), ("server", "dhcp-hotspot"), ("comment", "site camera"));
        (lease["status"], lease["last-seen"], lease["host-name"], lease["expires-after"]) = ("bound", "3m12s", "camera", "56m48s");
    }

    private void ConfigureQueuesAndFirewall()
    {
        var types = Table("/queue/type");
        foreach (var (name, kind) in new[] { ("default", "pfifo"), ("ethernet-default", "pfifo"), ("wireless-default", "sfq"), ("synchronous-default", "red"), ("hotspot-default", "sfq"),
            ("pcq-upload-default", "pcq"), ("pcq-download-default", "pcq"), ("only-hardware-queue", "none"), ("multi-queue-ethernet-default", "mq-pfifo"), ("default-small", "pfifo") })
        {
            types.Insert(("name", name), ("kind", kind))["default"] = "true";
        }

        var filter = Table("/ip/firewall/filter");
        foreach (var list in Options.WalledLists)
        {
            filter.Insert(("chain", "forward"), ("action", "accept"), ("src-address-list", list), ("dst-address-list", "portal-allow"), ("comment", "walled garden: portal"));
            filter.Insert(("chain", "forward"), ("action", "reject"), ("protocol", "tcp"), ("dst-port", "443"), ("src-address-list", list), ("reject-with", "tcp-reset"), ("comment", "walled garden: https"));
            filter.Insert(("chain", "forward"), ("action", "drop"), ("src-address-list", list), ("comment", "walled garden: rest"));
        }

        filter.Insert(("chain", "input"), ("action", "drop"), ("connection-state", "invalid"));
        Table("/ip/firewall/nat").Insert(("chain", "srcnat"), ("action", "masquerade"), ("out-interface", UplinkInterface));
    }

    private void ConfigureRadius()
    {
        var server = World.Radius;
        var row = Table("/radius").Insert(("service", "ppp,hotspot"), ("address", server.Address), ("secret", Options.RadiusSecret ?? server.Secret),
            ("authentication-port", server.AuthenticationPort.ToString(CultureInfo.InvariantCulture)), ("accounting-port", server.AccountingPort.ToString(CultureInfo.InvariantCulture)));
        if (server.TimeoutMilliseconds > 0)
        {
            row["timeout"] = RouterFormat.Duration(TimeSpan.FromMilliseconds(server.TimeoutMilliseconds));
        }

        var incoming = Table("/radius/incoming").Only;
        incoming["accept"] = RouterFormat.Bool(Options.CoaPort is not null);
        incoming["port"] = RouterFormat.Number(Options.CoaPort ?? 3799);
    }

    private void ConfigureSystem()
    {
        var services = Table("/ip/service");
        var certificate = Table("/certificate").Insert(("name", "api-ssl"), ("digest-algorithm", "sha256"), ("key-type", "ec"), ("key-size", "prime256v1"), ("common-name", Name), ("days-valid", "365"),
            ("key-usage", "tls-server"), ("serial-number", Certificate.SerialNumber), ("fingerprint", Certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()),
            ("invalid-before", RouterFormat.DateTime(new DateTimeOffset(Certificate.NotBefore), Personality)), ("invalid-after", RouterFormat.DateTime(new DateTimeOffset(Certificate.NotAfter), Personality)));
        foreach (var (name, port, open) in new (string, int, bool)[] { ("telnet", 23, false), ("ftp", 21, false), ("www", 80, false), ("ssh", 22, true), ("www-ssl", 443, false),
            ("api", Options.ApiPort ?? 8728, Options.ApiPort is not null), ("winbox", 8291, true), ("api-ssl", Options.TlsPort ?? 8729, Options.TlsPort is not null) })
        {
            var row = services.Insert(("name", name));
            (row["port"], row["disabled"]) = (RouterFormat.Number(port), RouterFormat.Bool(!open));
            if (name == "api-ssl")
            {
                row["certificate"] = certificate.PrintedId;
            }
        }

        var packages = Table("/system/package");
        foreach (var name in Personality.Version.Major < 7 ? new[] { "routeros-arm", "ppp", "hotspot", "security", "system", "dhcp" }.Concat(Personality.HasIpv6 ? ["ipv6"] : []) : ["routeros"])
        {
            packages.Insert(("name", name), ("version", Release), ("build-time", Personality.BuildTime), ("size", "12.6MiB"));
        }

        Table("/system/package/update").Only["latest-version"] = Release;
        Table("/system/script").Insert(("name", "backup"), ("source", "/system backup save name=nightly"), ("comment", "nightly backup"));
        Table("/system/scheduler").Insert(("name", "nightly-backup"), ("interval", "1d"), ("on-event", "backup"), ("start-time", "02:00:00"));
    }
}
