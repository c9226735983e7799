namespace DataDefender.Sandbox.RouterOs.Menus;

internal static class PppMenus
{
    private static readonly string[] DefaultYesNo = ["default", "no", "yes"];

    public static IEnumerable<Menu> All =>
    [
        new Menu("/ppp/profile", Verbs.List,
            Field.Text("name").Required(), Field.AddressOrPool("local-address"), Field.AddressOrPool("remote-address"), Field.Text("bridge-learning", "default"),
            Field.Duration("session-timeout"), Field.Duration("idle-timeout"), Field.OneOf("use-mpls", "default", "default", "no", "required", "yes"),
            Field.OneOf("use-compression", "default", DefaultYesNo), Field.OneOf("use-encryption", "default", "default", "no", "required", "yes"),
            Field.OneOf("only-one", "default", DefaultYesNo), Field.OneOf("change-tcp-mss", "default", DefaultYesNo), Field.OneOf("use-upnp", "default", DefaultYesNo),
            Field.OneOf("use-ipv6", "yes", "default", "no", "required", "yes"), Field.RateLimit("rate-limit"), Field.Text("address-list", ""), Field.Text("dns-server"), Field.Text("wins-server"),
            Field.Text("incoming-filter"), Field.Text("outgoing-filter"), Field.Text("parent-queue"), Field.Text("insert-queue-before"), Field.Text("queue-type"), Field.Text("interface-list"),
            Field.Text("bridge"), Field.Reference("dhcpv6-pd-pool", "/ipv6/pool").OfIpv6(), Field.Reference("remote-ipv6-prefix-pool", "/ipv6/pool").OfIpv6(), Field.Text("on-up", ""), Field.Text("on-down", ""), Field.Text("comment"), Field.Shown("default", "false"))
        {
            Unique = (["name"], "failure: profile with the same name already exists"),
            Removing = Menu.Keep("default", "true", "failure: can not remove default profile"),
        },

        new Menu("/ppp/secret", Verbs.Items,
            Field.Text("name").Required(), Field.OneOf("service", "any", "any", "async", "l2tp", "ovpn", "pppoe", "pptp", "sstp"), Field.Text("caller-id", ""),
            Field.Text("password", "").Sensitive(), Field.Reference("profile", "/ppp/profile", "default"), Field.Ip("local-address"), Field.AddressOrPool("remote-address"),
            Field.Text("routes", ""), Field.Text("ipv6-routes", "").From(7, 0), Field.Number("limit-bytes-in", 0, long.MaxValue, "0"), Field.Number("limit-bytes-out", 0, long.MaxValue, "0"),
            Field.Shown("last-logged-out"), Field.Shown("last-caller-id"), Field.Shown("last-disconnect-reason"))
        { Unique = (["name"], "failure: secret with the same name already exists") },

        new Menu("/ppp/active", Verbs.Listen | Verbs.Remove,
            Field.Shown("name"), Field.Shown("service"), Field.Shown("caller-id"), Field.Shown("address"), Field.Shown("uptime"), Field.Shown("encoding", ""), Field.Shown("session-id"),
            Field.Shown("limit-bytes-in", "0"), Field.Shown("limit-bytes-out", "0"), Field.Shown("radius", "false")),

        new Menu("/ppp/aaa", Verbs.Set,
            Field.Bool("use-radius", value: false), Field.Bool("accounting", value: true), Field.Duration("interim-update", "0s"),
            Field.Bool("use-circuit-id-in-nas-port-id", value: false), Field.Bool("enable-ipv6-accounting", value: false).From(7, 5)) { IsSingleton = true },

        new Menu("/radius", Verbs.Items | Verbs.Move | Verbs.Reset,
            Field.SetOf("service", "", "ppp", "login", "hotspot", "wireless", "dhcp", "ipsec", "dot1x"), Field.Text("called-id", ""), Field.Text("domain", ""), Field.Ip("address").Required(),
            Field.Text("secret", "").Sensitive(), Field.Number("authentication-port", 1, 65535, "1812"), Field.Number("accounting-port", 1, 65535, "1813"),
            Field.Duration("timeout", "300ms").Until(7, 0), Field.Duration("timeout", "1s100ms").From(7, 0), Field.Bool("accounting-backup", value: false), Field.Text("realm", ""),
            Field.OneOf("protocol", "udp", "radsec", "udp"), Field.Text("certificate", "none"), Field.Ip("src-address", "0.0.0.0"),
            Field.OneOf("require-message-auth", "yes-for-request-resp", "no", "yes-for-request-resp").From(7, 15)) { Key = null },

        new Menu("/radius/incoming", Verbs.Set, Field.Bool("accept", value: false), Field.Number("port", 0, 65535, "3799"), Field.Text("vrf", "main").From(7, 0))
        { IsSingleton = true, Changed = static (r, _) => r.IncomingChanged() },
    ];
}
