using static DataDefender.Sandbox.RouterOs.RouterFormat;

namespace DataDefender.Sandbox.RouterOs.Menus;

internal static class SystemMenus
{
    public static IEnumerable<Menu> All =>
    [
        new Menu("/system/resource", Verbs.Print,
            Field.Computed("uptime", r => Duration(r.Uptime)),
            Field.Computed("version", r => r.Personality.FullVersion),
            Field.Computed("build-time", r => r.Personality.BuildTime),
            Field.Computed("factory-software", r => r.Personality.Version.Major >= 7 ? "7.6" : "6.44.6"),
            Field.Computed("free-memory", r => Number(r.FreeMemory)),
            Field.Computed("total-memory", r => Number(r.Personality.MemoryBytes)),
            Field.Computed("cpu", r => r.Personality.Cpu),
            Field.Computed("cpu-count", r => Number(r.Personality.CpuCount)),
            Field.Computed("cpu-frequency", r => Number(r.Personality.CpuMegahertz)),
            Field.Computed("cpu-load", r => Number(r.CpuLoad)),
            Field.Computed("free-hdd-space", r => Number(r.FreeDisk)),
            Field.Computed("total-hdd-space", r => Number(r.Personality.DiskBytes)),
            Field.Computed("write-sect-since-reboot", r => Number((long)(r.Uptime.TotalHours * 240) + 511)),
            Field.Computed("write-sect-total", r => Number((long)(r.Uptime.TotalHours * 240) + 190_233)),
            Field.Shown("bad-blocks", "0"),
            Field.Computed("architecture-name", r => r.Personality.Architecture),
            Field.Computed("board-name", r => r.Personality.Board),
            Field.Shown("platform", "MikroTik")) { IsSingleton = true },

        new Menu("/system/identity", Verbs.Set, Field.Text("name", "MikroTik")) { IsSingleton = true },

        new Menu("/system/routerboard", Verbs.Print,
            Field.Shown("routerboard", "true"),
            Field.Computed("board-name", r => r.Personality.Board),
            Field.Computed("model", r => r.Personality.Model),
            Field.Computed("serial-number", r => r.SerialNumber),
            Field.Computed("firmware-type", r => r.Personality.Architecture == "arm64" ? "al64" : "al2"),
            Field.Computed("factory-firmware", r => r.Personality.Version.Major >= 7 ? "7.6" : "6.44.6"),
            Field.Computed("current-firmware", r => r.Firmware),
            Field.Computed("upgrade-firmware", r => r.Release)) { IsSingleton = true },

        new Menu("/system/clock", Verbs.Set,
            Field.Computed("time", r => Time(r.LocalTime)),
            Field.Computed("date", r => Date(r.LocalTime, r.Personality)),
            Field.Bool("time-zone-autodetect", value: true),
            Field.Text("time-zone-name", "Africa/Nairobi"),
            Field.Shown("gmt-offset", "+03:00"),
            Field.Shown("dst-active", "false")) { IsSingleton = true },

        new Menu("/system/health", Verbs.Print,
            Field.Computed("voltage", r => Tenths(r.Voltage)),
            Field.Computed("temperature", r => Number(r.Temperature))) { IsSingleton = true }.Until(7, 0),

        new Menu("/system/health", Verbs.Print, Field.Text("name"), Field.Shown("value"), Field.Shown("type"))
        {
            Rows = static r =>
            [
                Health(1, "voltage", Tenths(r.Voltage), "V"), Health(2, "temperature", Number(r.Temperature), "C"),
                Health(3, "cpu-temperature", Number(r.Temperature + 9), "C"), Health(4, "fan1-speed", Number(4100 + (r.Temperature * 7)), "RPM"),
                Health(5, "power-consumption", Tenths(28.4 + (r.CpuLoad * 0.2)), "W"),
            ],
        }.From(7, 0),

        new Menu("/system/package", Verbs.Toggle,
            Field.Text("name").ReadOnly(), Field.Shown("version"), Field.Shown("build-time"), Field.Shown("scheduled", ""), Field.Shown("size").From(7, 18)),

        new Menu("/system/package/update", Verbs.Set,
            Field.OneOf("channel", "stable", "long-term", "stable", "testing", "development", "upgrade"),
            Field.Computed("installed-version", r => r.Release),
            Field.Shown("latest-version"), Field.Shown("status")) { IsSingleton = true },

        new Menu("/system/license", Verbs.Print,
            Field.Computed("software-id", r => r.Options.ChrLevel is null ? r.SoftwareId : null), Field.Computed("nlevel", r => r.Options.ChrLevel is null ? "6" : null), Field.Computed("features", r => r.Options.ChrLevel is null ? "" : null),
            Field.Computed("system-id", r => r.Options.ChrLevel is null ? null : $"{r.SoftwareId}/Chr"), Field.Computed("level", r => r.Options.ChrLevel),
            Field.Computed("deadline-at", r => r.Options.LicenceDeadline is { } at ? RouterFormat.DateTime(at, r.Personality) : null),
            Field.Computed("next-renewal-at", r => r.Options.LicenceDeadline is { } at ? RouterFormat.DateTime(at.AddDays(-30), r.Personality) : null)) { IsSingleton = true },

        new Menu("/system/script", Verbs.List,
            Field.Text("name").Required(), Field.Text("owner", "admin"), Field.Text("policy", "ftp,reboot,read,write,policy,test,password,sniff,sensitive,romon"),
            Field.Bool("dont-require-permissions", value: false), Field.Shown("last-started"), Field.Shown("run-count", "0"), Field.Text("source", ""),
            Field.Text("comment"), Field.Shown("invalid", "false"))
        { Unique = (["name"], "failure: item with the same name already exists") },

        new Menu("/system/scheduler", Verbs.Items,
            Field.Text("name").Required(), Field.Text("start-date"), Field.Text("start-time", "startup"), Field.Duration("interval", "0s"),
            Field.Text("on-event", ""), Field.Text("owner", "admin"), Field.Text("policy", "ftp,reboot,read,write,policy,test,password,sniff,sensitive,romon"),
            Field.Shown("run-count", "0"), Field.Computed("next-run", (r, row) => r.NextRun(row)))
        { Unique = (["name"], "failure: item with the same name already exists"), DeviceMode = "scheduler", Changed = static (r, row) => r.Scheduled(row) },

        new Menu("/system/ntp/client", Verbs.Set,
            Field.Bool("enabled", value: false), Field.OneOf("mode", "unicast", "broadcast", "manycast", "multicast", "unicast").From(7, 0), Field.Text("servers", "").From(7, 0), Field.Text("vrf", "main").From(7, 0),
            Field.Shown("freq-drift", "0 PPM").From(7, 0), Field.Computed("status", (_, row) => row["enabled"] == "true" ? "synchronized" : "stopped").From(7, 0),
            Field.Ip("primary-ntp", "0.0.0.0").Until(7, 0), Field.Ip("secondary-ntp", "0.0.0.0").Until(7, 0), Field.Text("server-dns-names", "").Until(7, 0), Field.Shown("mode", "unicast").Until(7, 0)) { IsSingleton = true },

        new Menu("/log", Verbs.Listen, Field.Shown("time"), Field.Shown("topics"), Field.Shown("message"), Field.Shown("buffer", "memory"), Field.Shown("extra-info", "").From(7, 15)) { Key = null },

        new Menu("/user", Verbs.Items,
            Field.Text("name").Required(), Field.Reference("group", "/user/group").Required(), Field.Prefixes("address", ""),
            Field.Text("password", "").Hidden(), Field.Shown("last-logged-in"), Field.Shown("expired", "false").From(7, 0))
        { Unique = (["name"], "failure: user with the same name already exists"), WritePolicy = "policy" },

        new Menu("/user/group", Verbs.List,
            Field.Text("name").Required(), Policies("policy"), Field.Text("skin", "default"), Field.Text("comment"))
        { Unique = (["name"], "failure: group with the same name already exists"), WritePolicy = "policy" },

        new Menu("/user/active", Verbs.Listen | Verbs.Remove,
            Field.Shown("when"), Field.Shown("name"), Field.Shown("address"), Field.Shown("via"), Field.Shown("group"), Field.Shown("radius", "false")) { Key = null },

        new Menu("/certificate", Verbs.Add | Verbs.Set | Verbs.Remove | Verbs.Listen,
            Field.Text("name").Required(), Field.Shown("digest-algorithm"), Field.Shown("key-type"), Field.Text("key-size"), Field.Text("common-name"),
            Field.Number("days-valid", 1, 36500, "365"), Field.Bool("trusted", value: false), Field.Text("key-usage"), Field.Shown("serial-number"), Field.Shown("fingerprint"),
            Field.Shown("invalid-before"), Field.Shown("invalid-after"), Field.Computed("expires-after", (r, row) => r.ExpiresAfter(row)),
            Field.Shown("private-key", "true"), Field.Shown("expired", "false")),

        new Menu("/snmp", Verbs.Set, Field.Bool("enabled", value: false), Field.Text("contact", ""), Field.Text("location", ""), Field.Text("trap-community", "public"), Field.OneOf("trap-version", "1", "1", "2", "3"))
        { IsSingleton = true },

        new Menu("/snmp/community", Verbs.List,
            Field.Text("name").Required(), Field.Prefixes("addresses", "0.0.0.0/0"), Field.OneOf("security", "none", "none", "authorized", "private"), Field.Bool("read-access", value: true), Field.Bool("write-access", value: false),
            Field.OneOf("authentication-protocol", "MD5", "MD5", "SHA1"), Field.OneOf("encryption-protocol", "DES", "DES", "AES"), Field.Text("authentication-password", "").Sensitive(), Field.Text("encryption-password", "").Sensitive())
        { Unique = (["name"], "failure: already have community with such name") },

        new Menu("/file", Verbs.Set | Verbs.Remove | Verbs.Listen,
            Field.Text("name").ReadOnly(), Field.Shown("type"), Field.Shown("size"), Field.Shown("creation-time").Until(7, 16),
            Field.Shown("last-modified").From(7, 16), Field.Text("contents")) { Changed = static (r, row) => r.Files.Sized(row) },
    ];

    private static readonly string[] PolicyNames =
    [
        "local", "telnet", "ssh", "ftp", "reboot", "read", "write", "policy", "test", "winbox", "password", "web", "sniff", "sensitive", "api", "romon", "rest-api",
    ];

    /// <summary>Every policy is printed, those not granted with a <c>!</c>.</summary>
    public static string FullPolicy(IEnumerable<string> granted)
    {
        var names = granted.ToHashSet(StringComparer.Ordinal);
        return string.Join(',', PolicyNames.OrderBy(n => !names.Contains(n)).Select(n => names.Contains(n) ? n : $"!{n}"));
    }

    public static IReadOnlyList<string> EveryPolicy => PolicyNames;

    private static Field Policies(string name) => Field.Of(name, FullPolicy([]), text =>
    {
        var words = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.All(w => PolicyNames.Contains(w.TrimStart('!')) || w.TrimStart('!') is "dude" or "tikapp")
            ? FullPolicy(words.Where(w => !w.StartsWith('!')))
            : throw RouterTrapException.NoMatch(name);
    });

    private static Row Health(uint id, string name, string value, string type) => new(id, source: null) { ["name"] = name, ["value"] = value, ["type"] = type };
}
