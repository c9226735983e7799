using static DataDefender.Sandbox.RouterOs.RouterFormat;

namespace DataDefender.Sandbox.RouterOs.Menus;

internal static class IpMenus
{
    private static readonly string[] Matchers =
    [
        "src-address", "dst-address", "src-address-list", "dst-address-list", "src-address-type", "dst-address-type", "protocol", "src-port", "dst-port", "port", "in-interface", "out-interface",
        "in-interface-list", "out-interface-list", "connection-state", "connection-nat-state", "connection-mark", "connection-type", "connection-limit", "connection-rate", "connection-bytes", "packet-mark", "routing-mark",
        "src-mac-address", "content", "layer7-protocol", "tls-host", "hotspot", "limit", "dst-limit", "time", "tcp-flags", "tcp-mss", "icmp-options", "packet-size", "dscp", "ttl", "random", "nth", "fragment", "psd",
        "per-connection-classifier", "ipsec-policy",
    ];

    public static IEnumerable<Menu> All =>
    [
        new Menu("/ip/address", Verbs.Items,
            Field.InterfaceAddress("address").Required(), Field.Ip("network"), Field.Ip("broadcast"), Field.Text("netmask"), Field.Reference("interface", "/interface").Required(),
            Field.Computed("actual-interface", (r, row) => r.Table("/ip/address").Value(row, "interface")), Field.Shown("invalid", "false"), Field.Shown("dynamic"))
        { Key = null, Unique = (["address", "interface"], "failure: already have such address"), Check = CompleteAddress },

        new Menu("/ip/pool", Verbs.List,
            Field.Text("name").Required(), Field.Ranges("ranges").Required(), Field.Reference("next-pool", "/ip/pool", null, "none"), Field.Text("comment"),
            Field.Computed("total", (r, row) => Number(r.Pools.Total(row))).From(7, 0), Field.Computed("used", (r, row) => Number(r.Pools.Used(row))).From(7, 0),
            Field.Computed("available", (r, row) => Number(r.Pools.Total(row) - r.Pools.Used(row))).From(7, 0))
        { Unique = (["name"], "failure: pool with such name exists") },

        new Menu("/ip/pool/used", Verbs.Print, Field.Shown("pool"), Field.Shown("address"), Field.Shown("owner"), Field.Shown("info")) { Key = null, Rows = static r => r.Pools.UsedRows() },

        new Menu("/ipv6/pool", Verbs.List, Field.Text("name").Required(), Field.Prefixes("prefix").Required(), Field.Number("prefix-length", 1, 128).Required(), Field.Shown("dynamic"))
        { Unique = (["name"], "failure: pool with such name exists"), Check = WithinPrefix, IsOfIpv6 = true },

        new Menu("/ip/firewall/address-list", Verbs.Items,
            Field.Text("list").Required(), Field.Of("address", null, Listed).Required(), Field.Duration("timeout", null, "none-dynamic", "none-static").ShownAs((r, row) => r.TimeLeft(row)),
            Field.Shown("creation-time"), Field.Shown("dynamic"))
        { Key = null, Unique = (["list", "address"], "failure: already have such entry"), Changed = static (r, row) => r.AddressListed(row) },

        Rules("/ip/firewall/filter", ["forward", "input", "output"], "accept", "add-dst-to-address-list", "add-src-to-address-list", "drop", "fasttrack-connection", "jump", "log", "passthrough", "reject", "return", "tarpit"),
        Rules("/ip/firewall/nat", ["srcnat", "dstnat", "input", "output"], "accept", "add-dst-to-address-list", "add-src-to-address-list", "dst-nat", "endpoint-independent-nat", "jump", "log", "masquerade", "netmap", "passthrough", "redirect", "return", "same", "src-nat"),
        Rules("/ip/firewall/mangle", ["prerouting", "input", "forward", "output", "postrouting"], "accept", "add-dst-to-address-list", "add-src-to-address-list", "change-mss", "jump", "log", "mark-connection", "mark-packet", "mark-routing", "passthrough", "return"),

        new Menu("/ip/dhcp-server", Verbs.Items,
            Field.Text("name").Required(), Field.Reference("interface", "/interface").Required(), Field.Reference("address-pool", "/ip/pool", "static-only", "static-only"), Field.Duration("lease-time", "10m"),
            Field.OneOf("use-radius", "no", "accounting", "no", "yes"), Field.Shown("invalid", "false"), Field.Shown("dynamic"))
        { Unique = (["name"], "failure: already have such name") },

        new Menu("/ip/dhcp-server/lease", Verbs.Items,
            Field.Ip("address"), Field.Mac("mac-address"), Field.Text("client-id"), Field.Text("address-lists", ""), Field.Reference("server", "/ip/dhcp-server", "all", "all"), Field.Text("dhcp-option", ""),
            Field.Duration("lease-time"), Field.RateLimit("rate-limit"), Field.Bool("block-access", value: false), Field.Bool("use-src-mac", value: false), Field.Shown("status", "waiting"), Field.Shown("expires-after"),
            Field.Shown("last-seen", "never"), Field.Shown("active-address"), Field.Shown("active-mac-address"), Field.Shown("active-client-id"), Field.Shown("active-server"), Field.Shown("host-name"),
            Field.Shown("radius", "false"), Field.Shown("blocked", "false"), Field.Shown("dynamic"))
        { Key = null, Unique = (["address", "server"], "failure: already have static lease with this IP address") },

        new Menu("/ip/neighbor", Verbs.Listen,
            Field.Shown("interface"), Field.Shown("address"), Field.Shown("address4"), Field.Shown("mac-address"), Field.Shown("identity"), Field.Shown("platform"), Field.Shown("version"), Field.Shown("unpack", "none"),
            Field.Computed("age", (r, row) => Duration(TimeSpan.FromSeconds(r.Uptime.Ticks / TimeSpan.TicksPerSecond % 60))), Field.Computed("uptime", (r, row) => Duration(r.Uptime + TimeSpan.FromHours(row.Id * 31))),
            Field.Shown("software-id", ""), Field.Shown("board"), Field.Shown("ipv6", "false"), Field.Shown("interface-name"), Field.Shown("system-description"), Field.Shown("system-caps", "bridge,router"),
            Field.Shown("discovered-by", "lldp,mndp").From(7, 0)) { Key = null },

        new Menu("/ip/service", Verbs.Set | Verbs.Toggle,
            Field.Text("name").ReadOnly(), Field.Number("port", 1, 65535), Field.Prefixes("address", ""), Field.Reference("certificate", "/certificate", "none", "none"),
            Field.OneOf("tls-version", "any", "any", "only-1.2"), Field.Text("vrf", "main").From(7, 0), Field.Number("max-sessions", 1, 1000, "20").From(7, 15), Field.Shown("invalid", "false"))
        { Changed = static (r, _) => r.ServicesChanged() },

        new Menu("/ip/route", Verbs.Items,
            Field.Prefixes("dst-address", "0.0.0.0/0"), Field.Text("gateway"), Field.Shown("immediate-gw"), Field.Number("distance", 0, 255, "1"), Field.Number("scope", 0, 255, "30"), Field.Number("target-scope", 0, 255, "10"),
            Field.Text("routing-table", "main").From(7, 0), Field.Text("routing-mark").Until(7, 0), Field.Ip("pref-src"), Field.OneOf("check-gateway", null, "arp", "none", "ping"), Field.Shown("active", "true"),
            Field.Shown("static", "true"), Field.Shown("dynamic")) { Key = null },

        new Menu("/ip/arp", Verbs.Items, Field.Ip("address").Required(), Field.Mac("mac-address"), Field.Reference("interface", "/interface").Required(), Field.Bool("published", value: false), Field.Shown("complete", "true"),
            Field.Shown("status", "reachable").From(7, 15), Field.Shown("invalid", "false"), Field.Shown("dynamic")) { Key = null },

        new Menu("/routing/filter", Verbs.Items, Field.Text("chain").Required(), Field.Text("prefix"), Field.Text("action", "passthrough")) { Key = null }.Until(7, 0),

        new Menu("/ip/dns", Verbs.Set,
            Field.Text("servers", ""), Field.Shown("dynamic-servers", ""), Field.Text("use-doh-server", ""), Field.Bool("verify-doh-cert", value: false), Field.Bool("allow-remote-requests", value: false),
            Field.Number("max-udp-packet-size", 50, 65507, "4096"), Field.Duration("query-server-timeout", "2s"), Field.Duration("query-total-timeout", "10s"), Field.Text("cache-size", "2048KiB"),
            Field.Duration("cache-max-ttl", "1w"), Field.Shown("cache-used", "53KiB")) { IsSingleton = true },
    ];

    private static Menu Rules(string path, string[] chains, params string[] actions) => new(path, Verbs.Items | Verbs.Move | Verbs.Reset,
    [
        Field.Text("chain").Required(), Field.OneOf("action", "accept", actions), .. Matchers.Select(m => Field.Text(m)), Field.Text("jump-target"), Field.Text("reject-with"), Field.Text("to-addresses"), Field.Text("to-ports"),
        Field.Text("address-list"), Field.Text("address-list-timeout"), Field.Text("new-mss"), Field.Text("new-connection-mark"), Field.Text("new-packet-mark"), Field.Text("new-routing-mark"), Field.Bool("passthrough"),
        Field.Bool("log", value: false), Field.Text("log-prefix", ""), Field.Computed("bytes", (r, row) => r.Traffic.RuleBytes(row)), Field.Computed("packets", (r, row) => r.Traffic.RulePackets(row)),
        Field.Shown("invalid", "false"), Field.Shown("dynamic"),
    ]) { Key = null };

    private static string Listed(string text) => System.Net.IPAddress.TryParse(text, out _) || text.Contains('/', StringComparison.Ordinal) || text.Contains('-', StringComparison.Ordinal) || Uri.CheckHostName(text) == UriHostNameType.Dns
        ? text.EndsWith("/32", StringComparison.Ordinal) ? text[..^3] : text
        : throw new RouterTrapException($"failure: {text} is not a valid dns name", 1);

    private static void WithinPrefix(SimulatedRouter router, Row row)
    {
        if (!System.Net.IPNetwork.TryParse(row["prefix"], out var prefix) || prefix.BaseAddress.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6
            || int.Parse(row["prefix-length"]!, System.Globalization.CultureInfo.InvariantCulture) < prefix.PrefixLength)
        {
            throw new RouterTrapException("failure: prefix length must be equal or greater than the prefix");
        }
    }

    private static void CompleteAddress(SimulatedRouter router, Row row)
    {
        var at = row["address"]!.IndexOf('/', StringComparison.Ordinal);
        if (System.Net.IPAddress.TryParse(row["address"]![..at], out var ip) && ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
        {
            var bits = int.Parse(row["address"]!.AsSpan(at + 1), System.Globalization.CultureInfo.InvariantCulture);
            row["network"] ??= ToAddress(bits == 0 ? 0 : ToNumber(ip) & (uint.MaxValue << (32 - bits))).ToString();
        }
    }
}
