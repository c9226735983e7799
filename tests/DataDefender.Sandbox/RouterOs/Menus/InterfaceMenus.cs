using static DataDefender.Sandbox.RouterOs.RouterFormat;

namespace DataDefender.Sandbox.RouterOs.Menus;

internal static class InterfaceMenus
{
    private static readonly string[] ArpModes = ["disabled", "enabled", "local-proxy-arp", "proxy-arp", "reply-only"];

    private static Field[] Counters =>
    [
        Counter("rx-byte", t => t.RxBytes), Counter("tx-byte", t => t.TxBytes), Counter("rx-packet", t => t.RxPackets), Counter("tx-packet", t => t.TxPackets),
        Counter("rx-drop", _ => 0), Counter("tx-drop", _ => 0), Counter("tx-queue-drop", t => t.TxPackets / 90_000), Counter("rx-error", t => t.RxErrors), Counter("tx-error", _ => 0),
        Counter("fp-rx-byte", t => t.RxBytes), Counter("fp-tx-byte", t => t.TxBytes), Counter("fp-rx-packet", t => t.RxPackets), Counter("fp-tx-packet", t => t.TxPackets),
    ];

    public static IEnumerable<Menu> All =>
    [
        new Menu("/interface", Verbs.Set | Verbs.Toggle | Verbs.Listen | Verbs.Remove,
        [
            Field.Text("name").Required(), Field.Shown("default-name"), Field.Shown("type"), Field.Text("mtu", "1500"), Field.Computed("actual-mtu", (_, row) => row["mtu"] ?? "1500"),
            Field.Number("l2mtu", 0, 65536), Field.Shown("max-l2mtu"), Field.Shown("mac-address"), Field.Shown("last-link-down-time"), Field.Shown("last-link-up-time"),
            Field.Shown("link-downs", "0"), .. Counters, Field.Computed("running", Running), Field.Shown("dynamic"), Field.Shown("slave", "false"),
        ])
        {
            Unique = (["name"], "failure: already have interface with such name"),
            Removing = Menu.Keep("type", "ether", "failure: can not remove ethernet interface"),
        },

        new Menu("/interface/ethernet", Verbs.Set | Verbs.Toggle | Verbs.Listen,
            Field.Text("name").Required(), Field.Shown("default-name"), Field.Text("mtu", "1500"), Field.Number("l2mtu", 0, 65536), Field.Mac("mac-address"), Field.Mac("orig-mac-address"),
            Field.OneOf("arp", "enabled", ArpModes), Field.Text("arp-timeout", "auto"), Field.OneOf("loop-protect", "default", "default", "off", "on"), Field.Shown("loop-protect-status", "off"),
            Field.Bool("auto-negotiation", value: true), Field.Text("speed").Until(7, 0), Field.Text("advertise", "10M-baseT-half,10M-baseT-full,100M-baseT-half,100M-baseT-full,1G-baseT-full"),
            Field.OneOf("rx-flow-control", "off", "auto", "off", "on"), Field.OneOf("tx-flow-control", "off", "auto", "off", "on"),
            Field.Computed("rx-bytes", (r, row) => Number(r.Traffic.Of(row).RxBytes)), Field.Computed("tx-bytes", (r, row) => Number(r.Traffic.Of(row).TxBytes)),
            Field.Computed("rx-packet", (r, row) => Number(r.Traffic.Of(row).RxPackets)), Field.Computed("tx-packet", (r, row) => Number(r.Traffic.Of(row).TxPackets)),
            Field.Computed("rx-fcs-error", (r, row) => Number(r.Traffic.Of(row).RxErrors)), Field.Computed("running", Running), Field.Shown("slave", "false"))
        { SharedWith = "/interface", SharedType = "ether", Unique = (["name"], "failure: already have interface with such name") },

        new Menu("/interface/vlan", Verbs.Items,
            Field.Text("name").Required(), Field.Text("mtu", "1500"), Field.Shown("l2mtu", "1588"), Field.Shown("mac-address"), Field.OneOf("arp", "enabled", ArpModes),
            Field.Text("arp-timeout", "auto"), Field.OneOf("loop-protect", "default", "default", "off", "on"), Field.Number("vlan-id", 1, 4094, "1"),
            Field.Reference("interface", "/interface").Required(), Field.Bool("use-service-tag", value: false), Field.Bool("mvrp", value: false).From(7, 15), Field.Computed("running", Running))
        { SharedWith = "/interface", SharedType = "vlan", Unique = (["name"], "failure: already have interface with such name") },

        new Menu("/interface/wireguard", Verbs.Items,
            Field.Text("name").Required(), Field.Number("listen-port", 1, 65535, "13231"), Field.Text("mtu", "1420"), Field.Text("private-key").Sensitive(),
            Field.Computed("public-key", (r, row) => Seeded.Key(r.Seed, $"{r.Name}:{row["name"]}")), Field.Computed("running", Running))
        { SharedWith = "/interface", SharedType = "wg", Unique = (["name"], "failure: already have interface with such name") }.From(7, 1),

        new Menu("/interface/wireguard/peers", Verbs.Items,
            Field.Reference("interface", "/interface").Required(), Field.Text("public-key").Required(), Field.Text("endpoint-address", ""), Field.Number("endpoint-port", 0, 65535, "0"), Field.Text("allowed-address", ""),
            Field.Duration("persistent-keepalive", "0s"), Field.Shown("last-handshake")) { Key = null }.From(7, 1),

        new Menu("/interface/bridge", Verbs.Items,
            Field.Text("name").Required(), Field.Text("mtu", "auto"), Field.Shown("actual-mtu", "1500"), Field.Shown("l2mtu", "1592"), Field.OneOf("arp", "enabled", ArpModes), Field.Text("arp-timeout", "auto"),
            Field.Shown("mac-address"), Field.OneOf("protocol-mode", "rstp", "mstp", "none", "rstp", "stp"), Field.Bool("fast-forward", value: true), Field.Bool("igmp-snooping", value: false),
            Field.Bool("auto-mac", value: true), Field.Mac("admin-mac"), Field.Duration("ageing-time", "5m"), Field.Text("priority", "0x8000"), Field.Bool("vlan-filtering", value: false),
            Field.Number("pvid", 1, 4094, "1"), Field.Bool("dhcp-snooping", value: false), Field.Computed("running", Running))
        { SharedWith = "/interface", SharedType = "bridge", Unique = (["name"], "failure: already have interface with such name") },

        new Menu("/interface/bridge/port", Verbs.Items | Verbs.Move,
            Field.Reference("interface", "/interface").Required(), Field.Reference("bridge", "/interface/bridge").Required(), Field.Text("priority", "0x80"),
            Field.Number("path-cost", 1, 200_000_000, "10"), Field.Text("edge", "auto"), Field.Text("learn", "auto"), Field.Text("horizon", "none"), Field.Bool("hw", value: true),
            Field.Number("pvid", 1, 4094, "1"), Field.OneOf("frame-types", "admit-all", "admit-all", "admit-only-untagged-and-priority-tagged", "admit-only-vlan-tagged"),
            Field.Bool("ingress-filtering", value: true), Field.Shown("status", "in-bridge"), Field.Shown("role", "designated-port"), Field.Shown("inactive", "false"), Field.Shown("dynamic"))
        { Key = null, Unique = (["interface"], "failure: device already added as bridge port") },

        new Menu("/interface/pppoe-server/server", Verbs.Items,
            Field.Text("service-name", ""), Field.Reference("interface", "/interface").Required(), Field.Text("max-mtu", "auto"), Field.Text("max-mru", "auto"), Field.Text("mrru", "disabled"),
            Field.SetOf("authentication", "pap,chap,mschap1,mschap2", "pap", "chap", "mschap1", "mschap2"), Field.Duration("keepalive-timeout", "10s", "disabled"),
            Field.Bool("one-session-per-host", value: false), Field.Text("max-sessions", "unlimited"), Field.Number("pado-delay", 0, 60_000, "0"),
            Field.Reference("default-profile", "/ppp/profile", "default"), Field.Bool("accept-empty-service", value: true).From(7, 0), Field.Text("pppoe-over-vlan-range", "").From(7, 0), Field.Shown("invalid", "false"))
        { Key = "service-name", Unique = (["interface", "service-name"], "failure: service with such name already exists on this interface") },

        new Menu("/interface/pppoe-server", Verbs.Listen | Verbs.Remove,
            Field.Shown("name"), Field.Shown("user"), Field.Shown("service"), Field.Shown("interface"), Field.Shown("remote-address"), Field.Shown("encoding", ""), Field.Shown("mtu", "1480"), Field.Shown("mru", "1480"),
            Field.Shown("uptime"), Field.Shown("running", "true"), Field.Shown("disabled", "false"), Field.Shown("dynamic"))
        { SharedWith = "/interface", SharedType = "pppoe-in" },
    ];

    private static Field Counter(string name, Func<InterfaceCounters, long> value) => Field.Computed(name, (router, row) => Number(value(router.Traffic.Of(row))));

    private static string Running(SimulatedRouter router, Row row) => Bool(row["disabled"] != "true" && row["running"] != "false");
}
