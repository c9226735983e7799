using System.Collections.Immutable;
using System.Globalization;
using DataDefender.Domain.Network;

namespace DataDefender.Domain.Provisioning;

/// <summary>How two spellings of one value are told to be the same.</summary>
public enum ValueKind
{
    Text,
    Boolean,
    Duration,

    /// <summary>A comma list whose order says nothing.</summary>
    Set,

    /// <summary>Upload and download of a queue: the router prints bits.</summary>
    Rates,

    /// <summary>Lengths of time for upload and download of a queue: the router prints <c>12s/12s</c> or <c>1m/1m</c>.</summary>
    Durations,

    /// <summary>One rate: the router prints bits, or k and M.</summary>
    Rate,

    /// <summary>The rights of a group: what is granted counts, not what is spelt out as refused.</summary>
    Policies,

    /// <summary>Addresses and prefixes whose order says nothing; the router writes a single address with its /32.</summary>
    Prefixes,

    /// <summary>Whatever is there is right; only nothing is wrong.</summary>
    Given,
}

/// <param name="IsSecret">Never shown or stored in the clear; a router that does not show it is taken to have it.</param>
public sealed record DesiredValue(string Name, string Value, ValueKind Kind = ValueKind.Text, bool IsSecret = false)
{
    /// <summary>Whether the router's own spelling means the same. RouterOS leaves out what is unset.</summary>
    public bool Is(string? actual) => Kind is ValueKind.Given ? actual is not (null or "" or "none" or "*0") : Value.Length == 0 && actual == "none" ? true // as RouterOS prints of some properties that they are not set
        : actual is null ? IsSecret || Canonical("") == Canonical(Value) : Canonical(actual) == Canonical(Value);

    private string Canonical(string text) => Kind switch
    {
        ValueKind.Boolean => RouterOsValues.Boolean(text) is true ? "yes" : "no",
        ValueKind.Duration => RouterOsValues.Duration(text) is { } span ? span.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) : text,
        ValueKind.Set => string.Join(',', RouterOsValues.List(text).Select(v => v.Trim()).Where(v => v.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
        ValueKind.Prefixes => string.Join(',', RouterOsValues.List(text).Select(v => v.Trim()).Where(v => v.Length > 0).Select(v => v.EndsWith("/32", StringComparison.Ordinal) ? v[..^3] : v).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
        ValueKind.Rates => RouterOsValues.Pair(text) is { } pair ? $"{pair.Upload}/{pair.Download}" : text,
        ValueKind.Durations => string.Join('/', text.Split('/').Select(t => RouterOsValues.Duration(t) is { } span ? span.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) : t)),
        ValueKind.Rate => RouterOsValues.Pair($"{(text.Length > 0 ? text : "0")}/0") is { } rate ? rate.Upload.ToString(CultureInfo.InvariantCulture) : text,
        ValueKind.Policies => string.Join(',', RouterOsValues.List(text).Where(p => !p.StartsWith('!')).Order(StringComparer.Ordinal)),
        _ => text,
    };
}

/// <summary>One thing that a router is to have.</summary>
/// <param name="Mark">The comment that says that it is ours; empty for a menu that is a single record.</param>
/// <param name="What">For people: "pool home".</param>
public sealed record DesiredItem(RouterMenu Menu, string Mark, string What, ImmutableArray<DesiredValue> Values)
{
    public string? this[string name] => Values.FirstOrDefault(v => v.Name == name)?.Value;

    /// <summary>Rules are ordered within their chain.</summary>
    public string Chain => this["chain"] ?? "";
}

/// <summary>What a router is to have, and what stands in the way of saying so.</summary>
public sealed record DesiredState(ImmutableArray<DesiredItem> Items, ImmutableArray<PlanFinding> Findings);

/// <summary>What the design of a router is worked out from.</summary>
/// <param name="RadiusSecret">Null when no RADIUS device is linked to the router, or its secret cannot be read.</param>
/// <param name="GardenLists">Every address list that may hold suspended lines.</param>
/// <param name="PackagePools">The pools that packages on sale name for this router, with the package's name.</param>
public sealed record ProvisioningFacts(
    Guid TenantId, Guid RouterId, string RouterName, RouterDesign Design, NetworkDesign Network, string? RadiusSecret, int CoaPort, int InterimSeconds,
    IReadOnlyList<string> GardenLists, bool RouterLogins, IReadOnlyList<(string Package, string Pool)> PackagePools)
{
    /// <summary>The IPv6 pools that packages on sale name, for links and for delegation, with the package's name.</summary>
    public IReadOnlyList<(string Package, string Pool)> PackageIpv6Pools { get; init; } = [];

    /// <summary>An earlier state of the router that is to come back, in the place of what the design says; null as a rule.</summary>
    public DesiredState? Restoring { get; init; }

    /// <summary>Everything that is ours on a router begins with this: another company's items on the same router do not.</summary>
    public string MarkPrefix => Marks.Of(TenantId).Comment;

    /// <summary>The same for what RouterOS takes no comment on.</summary>
    public string NamePrefix => Marks.Of(TenantId).Name;

    /// <summary>The user that we sign in as.</summary>
    public string ApiUser { get; init; } = "";

    public string? Site { get; init; }

    /// <summary>Null when none was set.</summary>
    public string? SnmpPassword { get; init; }

    /// <summary>Equipment may log in by its address.</summary>
    public bool MacLogins { get; init; }

    /// <summary>The lines that live on the router, where it does not ask RADIUS for them; in an order that does not change when lines come or go elsewhere.</summary>
    public IReadOnlyList<RouterLine> Lines { get; init; } = [];

    /// <summary>The tunnels that end here; null when this router is not the hub.</summary>
    public TunnelHub? Hub { get; init; }

    /// <summary>It is reached through its own tunnel to the hub.</summary>
    public bool IsTunnelled { get; init; }

    public string PrefixOf(RouterMenu menu) => menu.MarkField == "name" ? NamePrefix : MarkPrefix;
}

/// <summary>From what was designed and sold to what a router is to have. Pure.</summary>
public static partial class DesiredStates
{
    private const string PortalList = "portal-allow";

    /// <summary>Of subscribers' lines, which come and go all day, and not of the router's design.</summary>
    public static bool IsOfLines(ProvisioningFacts facts, RouterMenu menu, string mark) =>
        menu.IsHarmless || (mark.StartsWith(facts.PrefixOf(menu), StringComparison.Ordinal) && mark[facts.PrefixOf(menu).Length..] is var key && (key.StartsWith("line/", StringComparison.Ordinal) || key.StartsWith("lines/", StringComparison.Ordinal)));

    /// <param name="version">The router's RouterOS: 6 and 7 spell some menus differently.</param>
    /// <param name="actual">What the router has; null when it has not been read.</param>
    public static DesiredState Of(ProvisioningFacts facts, Version version, ActualState? actual = null)
    {
        if (facts.Restoring is { } earlier)
        {
            var lines = Of(facts with { Restoring = null }, version, actual).Items.Where(i => IsOfLines(facts, i.Menu, i.Mark));
            return earlier with { Items = [.. earlier.Items, .. lines] };
        }

        var build = new Builder(facts, actual);
        if (facts.Design.Clock)
        {
            build.Clock(version);
        }

        if (facts.Design.Snmp)
        {
            build.Snmp();
        }

        if (facts.Design.Users)
        {
            build.Users(version);
        }

        if (facts.Design.ApiCertificate)
        {
            build.ApiCertificate();
        }

        build.Hub(version);
        build.Vlans();
        build.Pppoe();
        build.Hotspot();
        build.Lines();
        if (facts.Design.WalledGarden)
        {
            build.Garden();
        }

        if (facts.Design.Radius)
        {
            build.Radius();
        }

        build.Packages();
        return build.Done();
    }

    private sealed partial class Builder(ProvisioningFacts facts, ActualState? actual)
    {
        private readonly List<DesiredItem> _items = [];
        private readonly List<PlanFinding> _findings = [];

        private RouterDesign Design => facts.Design;

        private NetworkDesign Network => facts.Network;

        public DesiredState Done() => new([.. RouterMenu.All.SelectMany(m => _items.Where(i => i.Menu == m))], [.. _findings]);

        public void Clock(Version version)
        {
            var servers = DesignText.List(Network.NtpServers);
            if (servers.Count == 0)
            {
                Block(RouterMenu.Clock, "The network design names no time servers.");
                return;
            }

            DesiredValue on = new("enabled", "yes", ValueKind.Boolean);
            if (version.Major >= 7)
            {
                Single(RouterMenu.Clock, "time servers", on, new("servers", string.Join(',', servers), ValueKind.Set));
                return;
            }

            // Version 6 has two places for addresses and another for names.
            var addresses = servers.Where(DesignText.IsAddress).ToList();
            Single(
                RouterMenu.Clock, "time servers", on,
                new("primary-ntp", addresses.ElementAtOrDefault(0) ?? "0.0.0.0"), new("secondary-ntp", addresses.ElementAtOrDefault(1) ?? "0.0.0.0"),
                new("server-dns-names", string.Join(',', servers.Where(s => !DesignText.IsAddress(s))), ValueKind.Set));
        }

        public void Pppoe()
        {
            var pools = Design.PoolList();
            foreach (var pool in pools)
            {
                Item(RouterMenu.Pool, $"pool/{pool.Name}", $"pool {pool.Name}", new("name", pool.Name), new("ranges", pool.Ranges, ValueKind.Set));
            }

            Ipv6Pools();
            var interfaces = Design.PppoeInterfaceList();
            if (interfaces.Count == 0)
            {
                return;
            }

            List<DesiredValue> profile = [new("name", Design.ProfileName), new("local-address", Design.LocalAddress), new("change-tcp-mss", "yes")];
            if (pools.Count > 0)
            {
                profile.Add(new("remote-address", pools[0].Name));
            }

            if (DesignText.List(Network.DnsServers) is { Count: > 0 } dns)
            {
                profile.Add(new("dns-server", string.Join(',', dns), ValueKind.Set));
            }

            profile.AddRange(Ipv6Of($"profile/{Design.ProfileName}", Ipv6Pool(Design.Ipv6LinkPool), Ipv6Pool(Design.Ipv6DelegationPool)));
            Item(RouterMenu.Profile, $"profile/{Design.ProfileName}", $"profile {Design.ProfileName}", [.. profile]);
            foreach (var name in interfaces)
            {
                Item(
                    RouterMenu.PppoeServer, $"pppoe/{name}", $"PPPoE on {name}",
                    new("service-name", Design.ServiceName), new("interface", name), new("default-profile", Design.ProfileName), new("authentication", "pap,chap,mschap2", ValueKind.Set),
                    new("one-session-per-host", "yes", ValueKind.Boolean), new("keepalive-timeout", "10s", ValueKind.Duration), Enabled);
            }
        }

        public void Radius()
        {
            if (Network.RadiusServer.Length == 0)
            {
                Block(RouterMenu.Radius, "The network design does not say where the routers reach our RADIUS server.");
                return;
            }

            if (facts.RadiusSecret is not { } secret)
            {
                Block(RouterMenu.Radius, "No RADIUS device with a readable secret is linked to this router.");
                return;
            }

            Item(
                RouterMenu.Radius, "radius", $"RADIUS client of {Network.RadiusServer}",
                new("service", NasSetup.Services(facts.MacLogins, facts.RouterLogins), ValueKind.Set), new("address", Network.RadiusServer), new("secret", secret, IsSecret: true),
                new("authentication-port", Text(Network.AuthenticationPort)), new("accounting-port", Text(Network.AccountingPort)), new("timeout", "3s", ValueKind.Duration), Enabled);
            Single(RouterMenu.Incoming, "changes and disconnects from our server", new("accept", "yes", ValueKind.Boolean), new("port", Text(facts.CoaPort)));
            Single(
                RouterMenu.Accounting, "RADIUS for PPP", new("use-radius", "yes", ValueKind.Boolean), new("accounting", "yes", ValueKind.Boolean),
                new("interim-update", RouterOsValues.FormatDuration(TimeSpan.FromSeconds(facts.InterimSeconds)), ValueKind.Duration));
        }

        public void Garden()
        {
            var hosts = DesignText.List(Network.PortalHosts);
            if (hosts.Count == 0)
            {
                Block(RouterMenu.AddressList, "The network design names nothing that a line in the walled garden may reach.");
                return;
            }

            foreach (var host in hosts)
            {
                Item(RouterMenu.AddressList, $"portal/{host}", $"walled garden entry {host}", new("list", PortalList), new("address", host), Enabled);
            }

            foreach (var list in facts.GardenLists)
            {
                if (DesignText.Endpoint(Network.PortalPage) is { } page)
                {
                    Rule(
                        RouterMenu.Nat, list, "page", $"web requests of lines in {list} go to the portal", "dstnat", "dst-nat",
                        new("protocol", "tcp"), new("dst-port", "80"), new("dst-address-list", $"!{PortalList}"), new("to-addresses", page.Address), new("to-ports", Text(page.Port)));
                }

                Rule(RouterMenu.Filter, list, "dns-udp", $"lines in {list} may ask DNS", "forward", "accept", new("protocol", "udp"), new("dst-port", "53"));
                Rule(RouterMenu.Filter, list, "dns-tcp", $"lines in {list} may ask DNS over TCP", "forward", "accept", new("protocol", "tcp"), new("dst-port", "53"));
                Rule(RouterMenu.Filter, list, "portal", $"lines in {list} may reach the portal", "forward", "accept", new DesiredValue("dst-address-list", PortalList));

                // A secure connection cannot be sent elsewhere without a certificate error: it is refused at once instead.
                Rule(RouterMenu.Filter, list, "https", $"lines in {list} are refused secure pages at once", "forward", "reject", new("protocol", "tcp"), new("dst-port", "443"), new("reject-with", "tcp-reset"));
                Rule(RouterMenu.Filter, list, "rest", $"lines in {list} reach nothing else", "forward", "drop");
            }
        }

        /// <summary>A pool that a package names and no router has makes every login of that package end without an address.</summary>
        public void Packages()
        {
            if (Design.PppoeInterfaceList().Count == 0)
            {
                return;
            }

            var names = Design.PoolList().Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var pool in facts.PackagePools.Where(p => !names.Contains(p.Pool)).GroupBy(p => p.Pool))
            {
                var packages = pool.Select(p => p.Package).ToList();
                Note(RouterMenu.Pool, $"{string.Join(", ", packages)} {(packages.Count == 1 ? "takes its" : "take their")} addresses from the pool {pool.Key}, which this design does not have.");
            }

            foreach (var pool in facts.PackageIpv6Pools.Where(p => Ipv6Pool(p.Pool) is null).GroupBy(p => p.Pool))
            {
                var packages = pool.Select(p => p.Package).Distinct().ToList();
                Note(RouterMenu.Ipv6Pool, $"{string.Join(", ", packages)} {(packages.Count == 1 ? "takes its" : "take their")} IPv6 prefixes from the pool {pool.Key}, which this router neither has nor is designed to have.");
            }

            if (Design is { Radius: true, WalledGarden: true } && Design.Ipv6LinkPool.Length + Design.Ipv6DelegationPool.Length > 0)
            {
                Note(RouterMenu.Profile, "The profile gives IPv6 to every line that logs in by RADIUS, suspended ones too, and the walled garden's rules are of IPv4. Let the packages name the IPv6 pools instead, so that RADIUS gives none to a suspended line.");
            }
        }

        private static DesiredValue Enabled => new("disabled", "no", ValueKind.Boolean);

        private void Rule(RouterMenu menu, string list, string key, string what, string chain, string action, params DesiredValue[] more) =>
            Item(menu, $"garden/{list}/{key}", what, [new("chain", chain), new("action", action), new("src-address-list", list), .. more, Enabled]);

        private void Item(RouterMenu menu, string key, string what, params DesiredValue[] values) => _items.Add(new(menu, facts.MarkPrefix + key, what, [.. values]));

        private void Single(RouterMenu menu, string what, params DesiredValue[] values) => _items.Add(new(menu, "", what, [.. values]));

        private void Block(RouterMenu menu, string text) => _findings.Add(new(FindingKind.Blocks, menu.Path, text));

        private void Note(RouterMenu menu, string text) => _findings.Add(new(FindingKind.Note, menu.Path, text));

        private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
