namespace DataDefender.Sandbox.RouterOs;

/// <summary>Which ways of logging in a version takes.</summary>
[Flags]
public enum LoginWays
{
    Plain = 1,
    Challenge = 2,
}

/// <summary>
/// What differs from one RouterOS to the next: version and board, and with them login, dates, health, <c>!empty</c>.
/// </summary>
public sealed record Personality
{
    public required string Name { get; init; }

    /// <summary>As the router prints it: <c>7.22.3 (stable)</c>.</summary>
    public required string FullVersion { get; init; }

    public required Version Version { get; init; }

    public required LoginWays Login { get; init; }

    public required string Board { get; init; }

    public required string Model { get; init; }

    public required string Architecture { get; init; }

    public required string Cpu { get; init; }

    public required int CpuCount { get; init; }

    public required int CpuMegahertz { get; init; }

    public required long MemoryBytes { get; init; }

    public required long DiskBytes { get; init; }

    public required string BuildTime { get; init; }

    public required IReadOnlyList<string> EthernetPorts { get; init; }

    /// <summary>IPv6 is there: version 6 has it in a package of its own, which may be missing.</summary>
    public bool HasIpv6 { get; init; } = true;

    /// <summary>7.18 and later say <c>!empty</c> before the <c>!done</c> of a list without rows.</summary>
    public bool SaysEmpty => Version >= new Version(7, 18);

    /// <summary>7.10 and later write 2023-01-02 15:04:05; before it was jan/02/2023 15:04:05.</summary>
    public bool IsoDates => Version >= new Version(7, 10);

    /// <summary>v7 prints one health row for each sensor, v6 one row for all.</summary>
    public bool HealthRows => Version.Major >= 7;

    /// <summary>Message-Authenticator in Access-Requests, and demanded in the replies.</summary>
    public bool SignsAccessRequests => Version >= new Version(7, 15);

    public static Personality V6_42 { get; } = new()
    {
        Name = "v6.42", FullVersion = "6.42.12 (bugfix)", Version = new Version(6, 42), Login = LoginWays.Challenge,
        Board = "RB951Ui-2HnD", Model = "951Ui-2HnD", Architecture = "mipsbe", Cpu = "MIPS 74Kc V4.12", CpuCount = 1, CpuMegahertz = 600,
        MemoryBytes = 128L << 20, DiskBytes = 128L << 20, BuildTime = "Feb/12/2019 08:23:13", EthernetPorts = Ports("ether", 5),
    };

    public static Personality V6_49 { get; } = new()
    {
        Name = "v6.49", FullVersion = "6.49.17 (long-term)", Version = new Version(6, 49), Login = LoginWays.Plain,
        Board = "RB4011iGS+", Model = "RB4011iGS+RM", Architecture = "arm", Cpu = "ARMv7", CpuCount = 4, CpuMegahertz = 1400,
        MemoryBytes = 1L << 30, DiskBytes = 512L << 20, BuildTime = "Aug/06/2024 11:30:00", EthernetPorts = [.. Ports("ether", 10), "sfp-sfpplus1"],
    };

    public static Personality V7_9 { get; } = new()
    {
        Name = "v7.9", FullVersion = "7.9.2 (stable)", Version = new Version(7, 9), Login = LoginWays.Plain,
        Board = "CCR2004-1G-12S+2XS", Model = "CCR2004-1G-12S+2XS", Architecture = "arm64", Cpu = "ARM64", CpuCount = 4, CpuMegahertz = 1700,
        MemoryBytes = 4L << 30, DiskBytes = 128L << 20, BuildTime = "May/30/2023 10:04:55",
        EthernetPorts = ["ether1", .. Ports("sfp-sfpplus", 12), .. Ports("sfp28-", 2)],
    };

    public static Personality V7_22 { get; } = new()
    {
        Name = "v7.22", FullVersion = "7.22.3 (stable)", Version = new Version(7, 22), Login = LoginWays.Plain,
        Board = "CCR2116-12G-4S+", Model = "CCR2116-12G-4S+", Architecture = "arm64", Cpu = "ARM64", CpuCount = 16, CpuMegahertz = 2000,
        MemoryBytes = 16L << 30, DiskBytes = 128L << 20, BuildTime = "2026-05-19 09:12:41",
        EthernetPorts = [.. Ports("ether", 13), .. Ports("sfp-sfpplus", 4)],
    };

    public static IReadOnlyList<Personality> All { get; } = [V6_42, V6_49, V7_9, V7_22];

    /// <summary>By name, with or without the v: <c>v7.22</c> or <c>7.22</c>.</summary>
    public static Personality Find(string name) =>
        All.FirstOrDefault(p => string.Equals(p.Name.TrimStart('v'), name.TrimStart('v', 'V'), StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"No personality '{name}'. There are {string.Join(", ", All.Select(p => p.Name))}.", nameof(name));

    private static IReadOnlyList<string> Ports(string prefix, int count) => [.. Enumerable.Range(1, count).Select(n => $"{prefix}{n}")];
}
