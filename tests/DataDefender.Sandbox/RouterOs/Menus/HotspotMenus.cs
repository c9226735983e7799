namespace DataDefender.Sandbox.RouterOs.Menus;

internal static class HotspotMenus
{
    public static IEnumerable<Menu> All =>
    [
        new Menu("/ip/hotspot", Verbs.Add | Verbs.Set | Verbs.Remove | Verbs.Toggle | Verbs.Listen,
            Field.Text("name").Required(), Field.Reference("interface", "/interface").Required(), Field.Reference("address-pool", "/ip/pool", "none", "none"), Field.Reference("profile", "/ip/hotspot/profile", "default"),
            Field.Duration("idle-timeout", "5m", "none"), Field.Duration("keepalive-timeout", "none", "none"), Field.Duration("login-timeout", "none", "none"), Field.Text("addresses-per-mac", "2"),
            Field.Shown("ip-of-dns-name", "0.0.0.0"), Field.Shown("proxy-status", "running"), Field.Shown("invalid", "false"), Field.Shown("HTTPS", "false"))
        { Unique = (["name"], "failure: hotspot with the same name already exists"), DeviceMode = "hotspot" },

        new Menu("/ip/hotspot/profile", Verbs.List,
            Field.Text("name").Required(), Field.Ip("hotspot-address", "0.0.0.0"), Field.Text("dns-name", ""), Field.Text("html-directory", "hotspot"), Field.Text("html-directory-override", ""), Field.RateLimit("rate-limit"),
            Field.Text("http-proxy", "0.0.0.0:0"), Field.Ip("smtp-server", "0.0.0.0"), Field.SetOf("login-by", "cookie,http-chap", "mac", "cookie", "http-chap", "https", "http-pap", "trial", "mac-cookie"),
            Field.Duration("http-cookie-lifetime", "3d"), Field.Bool("split-user-domain", value: false), Field.Bool("use-radius", value: false), Field.Bool("radius-accounting", value: true),
            Field.Duration("radius-interim-update", "received", "received"), Field.Text("radius-default-domain", ""), Field.Text("radius-location-id", ""), Field.Text("radius-location-name", ""),
            Field.OneOf("nas-port-type", "wireless-802.11", "cable", "ethernet", "wireless-802.11"), Field.Text("radius-mac-format", "XX:XX:XX:XX:XX:XX"),
            Field.OneOf("mac-auth-mode", "mac-as-username", "mac-as-username", "mac-as-username-and-password"), Field.Text("mac-auth-password", "").Sensitive(), Field.Text("ssl-certificate", "none"), Field.Shown("default", "false"))
        { Unique = (["name"], "failure: profile with the same name already exists") },

        new Menu("/ip/hotspot/user", Verbs.Items | Verbs.Reset,
            Field.Text("server", "all"), Field.Text("name").Required(), Field.Text("password", "").Sensitive(), Field.Ip("address"), Field.Mac("mac-address"), Field.Reference("profile", "/ip/hotspot/user/profile", "default"),
            Field.Text("routes", ""), Field.Text("email", ""), Field.Duration("limit-uptime"), Field.Number("limit-bytes-in", 0, long.MaxValue), Field.Number("limit-bytes-out", 0, long.MaxValue),
            Field.Number("limit-bytes-total", 0, long.MaxValue), Field.Shown("uptime", "0s"), Field.Shown("bytes-in", "0"), Field.Shown("bytes-out", "0"), Field.Shown("packets-in", "0"), Field.Shown("packets-out", "0"),
            Field.Shown("dynamic"), Field.Shown("default", "false"))
        { Unique = (["name", "server"], "failure: already have user with this name for this server"), Counters = ["uptime", "bytes-in", "bytes-out", "packets-in", "packets-out"] },

        new Menu("/ip/hotspot/user/profile", Verbs.List,
            Field.Text("name").Required(), Field.Reference("address-pool", "/ip/pool", null, "none"), Field.Duration("session-timeout"), Field.Duration("idle-timeout", "none", "none"),
            Field.Duration("keepalive-timeout", "2m", "none"), Field.Duration("status-autorefresh", "1m", "none"), Field.Text("shared-users", "1"), Field.Bool("add-mac-cookie", value: true), Field.Duration("mac-cookie-timeout", "3d"),
            Field.RateLimit("rate-limit"), Field.Text("address-list", ""), Field.Text("parent-queue"), Field.Text("queue-type"), Field.Text("on-login", ""), Field.Text("on-logout", ""),
            Field.Bool("transparent-proxy", value: false), Field.Shown("default", "false"))
        { Unique = (["name"], "failure: profile with the same name already exists") },

        new Menu("/ip/hotspot/active", Verbs.Listen | Verbs.Remove,
            Field.Shown("server"), Field.Shown("user"), Field.Shown("domain", ""), Field.Shown("address"), Field.Shown("mac-address"), Field.Shown("login-by"), Field.Shown("uptime"), Field.Shown("idle-time", "0s"),
            Field.Shown("session-time-left"), Field.Shown("idle-timeout"), Field.Shown("keepalive-timeout"), Field.Shown("bytes-in"), Field.Shown("bytes-out"), Field.Shown("packets-in"), Field.Shown("packets-out"),
            Field.Shown("limit-bytes-in"), Field.Shown("limit-bytes-out"), Field.Shown("limit-bytes-total"), Field.Shown("radius", "false")) { Key = null },

        new Menu("/ip/hotspot/host", Verbs.Listen | Verbs.Remove,
            Field.Shown("mac-address"), Field.Shown("address"), Field.Shown("to-address"), Field.Shown("server"), Field.Shown("bridge-port"), Field.Shown("uptime"), Field.Shown("idle-time", "0s"), Field.Shown("keepalive-timeout"),
            Field.Shown("bytes-in", "0"), Field.Shown("bytes-out", "0"), Field.Shown("found-by", "DHCP 0.0.0.0"), Field.Shown("authorized", "false"), Field.Shown("bypassed", "false"), Field.Shown("DHCP", "true"), Field.Shown("dynamic"))
        { Key = null },

        new Menu("/ip/hotspot/ip-binding", Verbs.Items | Verbs.Move,
            Field.Mac("mac-address"), Field.Text("address"), Field.Text("to-address"), Field.Text("server", "all"), Field.OneOf("type", "regular", "regular", "bypassed", "blocked"), Field.Shown("bypassed", "false"), Field.Shown("blocked", "false"))
        { Key = null },

        new Menu("/ip/hotspot/walled-garden", Verbs.Items | Verbs.Move | Verbs.Reset,
            Field.OneOf("action", "allow", "allow", "deny"), Field.Text("server"), Field.Text("src-address"), Field.Text("method"), Field.Text("dst-host"), Field.Text("dst-port"), Field.Text("path"), Field.Shown("hits", "0"), Field.Shown("dynamic"))
        { Key = null },

        new Menu("/ip/hotspot/walled-garden/ip", Verbs.Items | Verbs.Move,
            Field.OneOf("action", "accept", "accept", "drop", "reject"), Field.Text("server"), Field.Text("src-address"), Field.Text("src-address-list"), Field.Text("dst-address"), Field.Text("dst-address-list"), Field.Text("dst-host"),
            Field.Text("protocol"), Field.Text("dst-port"), Field.Shown("invalid", "false")) { Key = null },
    ];
}
