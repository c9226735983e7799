namespace DataDefender.Domain.Fleet;

/// <summary>Something of a RouterOS 6 that 7 does not take over as it is.</summary>
/// <param name="Menu">Where anything stands when it is used.</param>
/// <param name="Why">What becomes of it, for people.</param>
public sealed record NotCarriedOver(string Menu, string Why);

/// <summary>
/// Whether a router may go from RouterOS 6 to 7, by MikroTik's "Moving from ROSv6 to v7": first the newest of 6, then the channel
/// "upgrade", which stops at a first version of 7. The newest of 7 is another upgrade. Pure.
/// </summary>
public static class SevenRules
{
    /// <summary>The channel in which a RouterOS 6 finds the first version of 7.</summary>
    public const string Channel = "upgrade";

    /// <summary>What that channel has; a router whose server has another is left as it is.</summary>
    public const string FirstVersion = "7.12.1";

    /// <summary>Our margin: MikroTik says 64 MB for 7, and boxes with less have been seen to restart under it. Bytes.</summary>
    public const long LeastMemory = 60L << 20;

    /// <summary>Our margin for a box of 16 MB flash: with less free, the new system and what it writes at its first start do not both fit. Bytes.</summary>
    public const long LeastDisk = 4L << 20;

    /// <summary>The last line of 6, from which alone the channel leads on.</summary>
    private static readonly Version LastOfSix = new(6, 49, 0, 0);

    private static readonly string[] Architectures = ["arm", "arm64", "mipsbe", "mmips", "smips", "ppc", "powerpc", "tile", "x86", "x86_64"];

    // In 7 they are one package, "routeros".
    private static readonly string[] Merged = ["advanced-tools", "dhcp", "hotspot", "ipv6", "mpls", "multicast", "ntp", "ppp", "routing", "security", "system", "wireless", "routeros"];

    private static readonly string[] Lost = ["kvm", "openflow", "user-manager", "dude", "lcd"];

    /// <summary>What is looked at on the router itself before anything is written.</summary>
    public static IReadOnlyList<NotCarriedOver> Configuration { get; } =
    [
        new("/routing/filter", "routing filters are written in another language in 7, and what is made of them by itself has to be read by a person before it decides about routes"),
        new("/routing/bgp/peer", "BGP is configured anew in 7, and what is made of it by itself has to be checked while somebody is there"),
        new("/routing/prefix-lists", "prefix lists are part of the new routing filters in 7"),
        new("/routing/rip/interface", "RIP is configured anew in 7"),
        new("/routing/mme/interface", "MME is not in 7"),
        new("/mpls/traffic-eng/interface", "MPLS traffic engineering is configured anew in 7"),
        new("/interface/vpls/bgp-vpls", "BGP based VPLS is configured anew in 7"),
        new("/metarouter", "MetaROUTER is not in 7"),
        new("/tool/user-manager/user", "the User Manager of 7 is another one, and its people have to be moved by hand"),
    ];

    /// <summary>Whether a package of 6 is no package of its own in 7.</summary>
    public static bool IsMerged(string package) => Merged.Contains(package) || package.StartsWith("routeros-", StringComparison.Ordinal);

    /// <summary>The newest of 6 that its own channel has, when that is newer than what it runs; null when it is there.</summary>
    public static string? NewestOfSix(FirmwareReading router) =>
        UpgradeRules.Parse(router.Installed) is { } installed && router.Latest is { } latest && UpgradeRules.Parse(latest) is { Major: 6 } newest && newest > installed ? latest : null;

    /// <summary>Null when what it is and what it runs allow it. Its configuration is another matter: <see cref="Configuration"/>.</summary>
    public static string? Forbids(FirmwareReading router)
    {
        if (UpgradeRules.Parse(router.Installed) is not { Major: 6 } installed)
        {
            return $"It runs {router.Installed}, which is no RouterOS 6.";
        }

        if (router.Status?.StartsWith("ERROR", StringComparison.OrdinalIgnoreCase) is true)
        {
            return $"It cannot reach the update server: {router.Status["ERROR".Length..].TrimStart(':', ' ')}.";
        }

        if (NewestOfSix(router) is null && installed < LastOfSix)
        {
            return $"It runs {router.Installed}, and its update server has nothing newer of 6. Only 6.49 goes on to 7.";
        }

        if (router.Architecture is not { } architecture || !Architectures.Contains(architecture))
        {
            return $"There is no RouterOS 7 for its processor ({router.Architecture ?? "it does not say which"}).";
        }

        if (router.TotalMemory is not { } memory || memory < LeastMemory)
        {
            return router.TotalMemory is { } little ? $"It has {little >> 20} MiB of memory; RouterOS 7 wants 64." : "It does not say how much memory it has.";
        }

        if (router.FreeDisk is not { } free || free < LeastDisk)
        {
            return router.FreeDisk is { } few ? $"Only {few / 1024} KiB are free on its disk; RouterOS 7 wants {LeastDisk / 1024}." : "It does not say how much of its disk is free.";
        }

        return router.Packages.FirstOrDefault(p => Lost.Contains(p)) is { } lost ? $"Its package {lost} has no counterpart in RouterOS 7 that takes over what it holds." : null;
    }
}
