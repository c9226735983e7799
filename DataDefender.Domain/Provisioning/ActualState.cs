using DataDefender.Domain.Network;

namespace DataDefender.Domain.Provisioning;

/// <summary>What a router has in the menus that we write to, in its own order.</summary>
/// <param name="Menus">By path. A menu that this router does not have, or that was not read, is missing.</param>
public sealed record ActualState(string RouterOsVersion, IReadOnlyDictionary<string, IReadOnlyList<RouterRow>> Menus)
{
    /// <summary>The addresses from which the router sees the user that we sign in as; empty where it does not say.</summary>
    public IReadOnlyList<string> SeenFrom { get; init; } = [];

    /// <summary>Null when the router has no such menu.</summary>
    public IReadOnlyList<RouterRow>? Rows(RouterMenu menu) => Menus.GetValueOrDefault(menu.Path);

    /// <summary>6.49 of <c>6.49.17 (long-term)</c>.</summary>
    public Version Version => ReadVersion(RouterOsVersion);

    public static Version ReadVersion(string text) =>
        text.Split(' ')[0].Split('.') is [var major, var minor, ..] && int.TryParse(major, out var first) && int.TryParse(new string([.. minor.TakeWhile(char.IsAsciiDigit)]), out var second)
            ? new Version(first, second)
            : new Version(7, 0);
}

/// <summary>How reading a router ended.</summary>
public abstract record RouterReading
{
    private RouterReading() { }

    public sealed record Read(ActualState State) : RouterReading;

    /// <param name="CanBeTriedAgain">It did not answer; a refusal is refused again.</param>
    public sealed record Failed(string Reason, bool CanBeTriedAgain) : RouterReading;
}

/// <summary>Reads from a router what a plan is made of, with the properties that we compare and no others.</summary>
public static class ActualStateReader
{
    public static Task<RouterReading> ReadAsync(IRouterGateway gateway, RouterEndpoint router, CancellationToken ct) => ReadAsync(gateway, router, RouterMenu.All, static _ => Task.CompletedTask, ct);

    /// <param name="of">What is read; of other menus a plan says nothing that can be carried out.</param>
    /// <param name="between">Done after each menu: a slow router takes minutes for all of them.</param>
    public static async Task<RouterReading> ReadAsync(IRouterGateway gateway, RouterEndpoint router, IReadOnlyList<RouterMenu> of, Func<CancellationToken, Task> between, CancellationToken ct)
    {
        var resource = await gateway.PrintAsync(router, "/system/resource", properties: ["version"], ct: ct);
        if (resource is not RouterOutcome.Done { Rows: [var first, ..] })
        {
            return Failure(resource, "/system/resource");
        }

        var menus = new Dictionary<string, IReadOnlyList<RouterRow>>(StringComparer.Ordinal);
        foreach (var menu in of)
        {
            switch (await gateway.PrintAsync(router, menu.Path, menu.Query, [.. MenuProperties.Of(menu)], ct))
            {
                case RouterOutcome.Done done:
                    menus.Add(menu.Path, done.Rows);
                    break;
                case RouterOutcome.Refused { Kind: RouterRefusal.NoSuchCommand }:
                    break; // without its package the menu is not there
                case var other:
                    return Failure(other, menu.Path);
            }

            await between(ct);
        }

        var here = await gateway.PrintAsync(router, "/user/active", [RouterQuery.Is("name", router.Username)], ["address"], ct);
        return new RouterReading.Read(new ActualState(first["version"] ?? "", menus)
        {
            SeenFrom = here is RouterOutcome.Done active ? [.. active.Rows.Select(r => r["address"]).OfType<string>().Distinct(StringComparer.Ordinal)] : [],
        });
    }

    private static RouterReading.Failed Failure(RouterOutcome outcome, string menu) => outcome switch
    {
        RouterOutcome.Unknown { Connect: { } connect } => new(connect.Message, CanBeTriedAgain: true),
        RouterOutcome.Unknown unknown => new($"The router did not answer while {menu} was read: {unknown.Reason}", CanBeTriedAgain: true),
        RouterOutcome.Refused refused => new($"The router does not let us read {menu}: {refused.Message}", CanBeTriedAgain: false),
        _ => new($"The router answered nothing to {menu}.", CanBeTriedAgain: false),
    };
}

/// <summary>What is asked of each menu: a print without a list of properties may cost a router a hundred times as much.</summary>
public static class MenuProperties
{
    /// <summary>What a profile may do without: the pools of a line's own link and of the prefixes delegated to it, and how long a session may last or lie idle.</summary>
    private static readonly string[] OptionalOfProfile = ["remote-ipv6-prefix-pool", "dhcpv6-pd-pool", "session-timeout", "idle-timeout"];

    private static readonly Dictionary<string, string[]> Written = new(StringComparer.Ordinal)
    {
        [RouterMenu.Clock.Path] = ["enabled", "servers", "primary-ntp", "secondary-ntp", "server-dns-names"],
        [RouterMenu.Pool.Path] = ["name", "ranges"],
        [RouterMenu.Ipv6Pool.Path] = ["name", "prefix", "prefix-length"],
        [RouterMenu.Vlan.Path] = ["name", "vlan-id", "interface", "disabled"],
        [RouterMenu.Secret.Path] = ["name", "password", "service", "profile", "remote-address", "caller-id", "disabled"],
        [RouterMenu.SimpleQueue.Path] = ["name", "target", "max-limit", "burst-limit", "burst-threshold", "burst-time", "priority", "parent", "disabled"],
        [RouterMenu.QueueType.Path] = ["name", "kind", "pcq-rate", "pcq-classifier"],
        [RouterMenu.QueueTree.Path] = ["name", "parent", "packet-mark", "queue", "max-limit", "disabled"],
        [RouterMenu.Mangle.Path] = ["chain", "action", "src-address-list", "dst-address-list", "new-packet-mark", "passthrough", "disabled"],
        [RouterMenu.WireGuard.Path] = ["name", "listen-port", "disabled"],
        [RouterMenu.WireGuardPeer.Path] = ["interface", "public-key", "allowed-address", "disabled"],
        [RouterMenu.Address.Path] = ["address", "interface", "disabled"],
        [RouterMenu.Lease.Path] = ["address", "mac-address", "server", "rate-limit", "address-lists", "block-access", "disabled"],
        [RouterMenu.HotspotProfile.Path] = ["name", "hotspot-address", "dns-name", "login-by", "use-radius", "radius-accounting", "radius-interim-update"],
        [RouterMenu.Hotspot.Path] = ["name", "interface", "address-pool", "profile", "disabled"],
        [RouterMenu.HotspotUserProfile.Path] = ["name", "shared-users", "keepalive-timeout", "add-mac-cookie", "mac-cookie-timeout"],
        [RouterMenu.HotspotGarden.Path] = ["action", "dst-host", "disabled"],
        [RouterMenu.HotspotGardenIp.Path] = ["action", "dst-host", "dst-address", "disabled"],
        [RouterMenu.Snmp.Path] = ["enabled", "contact", "location"],
        [RouterMenu.SnmpCommunity.Path] = ["name", "addresses", "security", "authentication-protocol", "authentication-password", "encryption-protocol", "encryption-password", "read-access", "write-access"],
        [RouterMenu.UserGroup.Path] = ["name", "policy"],
        [RouterMenu.User.Path] = ["name", "group", "address", "disabled"],
        [RouterMenu.Certificate.Path] = ["name", "common-name", "key-usage", "days-valid"],
        [RouterMenu.Service.Path] = ["name", "certificate", "tls-version", "address", "disabled"],
        [RouterMenu.Profile.Path] = ["name", "local-address", "remote-address", "change-tcp-mss", "dns-server", "rate-limit", "only-one", "address-list", .. OptionalOfProfile],
        [RouterMenu.PppoeServer.Path] = ["service-name", "interface", "default-profile", "authentication", "one-session-per-host", "keepalive-timeout", "disabled"],
        [RouterMenu.Radius.Path] = ["service", "address", "secret", "authentication-port", "accounting-port", "timeout", "disabled"],
        [RouterMenu.Incoming.Path] = ["accept", "port"],
        [RouterMenu.Accounting.Path] = ["use-radius", "accounting", "interim-update"],
        [RouterMenu.AddressList.Path] = ["list", "address", "disabled"],
        [RouterMenu.Nat.Path] = ["chain", "action", "src-address-list", "dst-address-list", "out-interface", "protocol", "dst-port", "to-addresses", "to-ports", "disabled"],
        [RouterMenu.Filter.Path] = ["chain", "action", "src-address-list", "dst-address-list", "protocol", "dst-port", "reject-with", "disabled"],
    };

    /// <summary>Whether "nothing" is written there by unset: the router takes no empty text for it.</summary>
    public static bool IsUnset(RouterMenu menu, string name) => menu == RouterMenu.Profile && OptionalOfProfile.Contains(name);

    /// <summary>What we may write there.</summary>
    public static IReadOnlyList<string> OfDesign(RouterMenu menu) => Written[menu.Path];

    public static IEnumerable<string> Of(RouterMenu menu) => menu switch
    {
        { IsSingle: true } => Written[menu.Path],
        { MarkField: "name" } or { FixedBy: not null } => [".id", "dynamic", .. Written[menu.Path], .. menu == RouterMenu.Certificate ? ["fingerprint"] : Array.Empty<string>()],
        _ => [".id", "comment", "dynamic", .. Written[menu.Path]],
    };
}
