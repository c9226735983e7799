using DataDefender.Domain.Network;

namespace DataDefender.Domain.Provisioning;

public static partial class DesiredStates
{
    /// <summary>What our own user on the router may do: everything over the API that the product does, and no way in for a person.</summary>
    private static readonly string[] ApiGrants = ["api", "read", "write", "policy", "test", "sensitive", "password", "ftp", "reboot"];

    private static readonly string[] OtherPolicies = ["local", "telnet", "ssh", "winbox", "web", "sniff", "romon"];

    private sealed partial class Builder
    {
        public void Vlans()
        {
            foreach (var vlan in Design.VlanList())
            {
                Item(
                    RouterMenu.Vlan, $"vlan/{vlan.Name}", $"VLAN {vlan.Id} on {vlan.Interface}",
                    new("name", vlan.Name), new("vlan-id", Text(vlan.Id)), new("interface", vlan.Interface), Enabled);
            }
        }

        public void Hotspot()
        {
            var interfaces = Design.HotspotInterfaceList();
            if (interfaces.Count == 0)
            {
                return;
            }

            var profile = $"{facts.NamePrefix}hotspot";
            Named(
                RouterMenu.HotspotProfile, profile, "hotspot profile",
                new("hotspot-address", Design.HotspotAddress.Length > 0 ? Design.HotspotAddress : "0.0.0.0"), new("dns-name", Design.HotspotDnsName),
                new("login-by", facts.MacLogins ? "mac,mac-cookie,http-chap,http-pap" : "mac-cookie,http-chap,http-pap", ValueKind.Set), new("use-radius", "yes", ValueKind.Boolean),
                new("radius-accounting", "yes", ValueKind.Boolean), new("radius-interim-update", RouterOsValues.FormatDuration(TimeSpan.FromSeconds(facts.InterimSeconds)), ValueKind.Duration));
            HotspotUsers();
            foreach (var name in interfaces)
            {
                Named(
                    RouterMenu.Hotspot, $"{facts.NamePrefix}hotspot-{name}", $"hotspot on {name}",
                    new("interface", name), new("address-pool", Design.HotspotPool.Length > 0 ? Design.HotspotPool : "none"), new("profile", profile), Enabled);
            }

            foreach (var host in DesignText.List(Network.PortalHosts))
            {
                // The HTTP walled garden does not match secure pages; the IP one does, and takes names too.
                var place = DesignText.IsAddress(host) || host.Contains('/', StringComparison.Ordinal) ? "dst-address" : "dst-host";
                Item(RouterMenu.HotspotGardenIp, $"hotspot-garden/{host}", $"hotspot walled garden entry {host}", new("action", "accept"), new(place, host), Enabled);
                if (place == "dst-host")
                {
                    Item(RouterMenu.HotspotGarden, $"hotspot-garden/{host}", $"hotspot walled garden entry {host} over HTTP", new("action", "allow"), new(place, host), Enabled);
                }
            }
        }

        /// <summary>
        /// Who logs in by RADIUS gets the router's default user profile. It is the router's own and serves its local users too, so it is changed
        /// only where the design says so. How many devices a login may have is counted by our server, not by each router.
        /// </summary>
        private void HotspotUsers()
        {
            if (!Design.HotspotUsers)
            {
                return;
            }

            List<DesiredValue> users = [new("name", "default"), new("shared-users", "unlimited"), new("keepalive-timeout", "2m", ValueKind.Duration), new("add-mac-cookie", Design.HotspotCookieDays > 0 ? "yes" : "no", ValueKind.Boolean)];
            if (Design.HotspotCookieDays > 0)
            {
                users.Add(new("mac-cookie-timeout", RouterOsValues.FormatDuration(TimeSpan.FromDays(Design.HotspotCookieDays)), ValueKind.Duration));
            }

            _items.Add(new(RouterMenu.HotspotUserProfile, "", "default hotspot user profile", [.. users]));
        }

        public void Snmp()
        {
            if (facts.SnmpPassword is not { } password)
            {
                Block(RouterMenu.SnmpCommunity, "The network design has no SNMP password.");
                return;
            }

            Single(RouterMenu.Snmp, "SNMP", new("enabled", "yes", ValueKind.Boolean), new("contact", Network.SnmpContact), new("location", facts.Site ?? ""));
            Named(
                RouterMenu.SnmpCommunity, $"{facts.NamePrefix}snmp", "SNMP version 3 user",
                new("addresses", Network.ManagementNetworks.Length > 0 ? string.Join(',', DesignText.List(Network.ManagementNetworks)) : "0.0.0.0/0", ValueKind.Set), new("security", "private"),
                new("authentication-protocol", "SHA1"), new("authentication-password", password, IsSecret: true), new("encryption-protocol", "AES"), new("encryption-password", password, IsSecret: true),
                new("read-access", "yes", ValueKind.Boolean), new("write-access", "no", ValueKind.Boolean));
        }

        /// <summary>Our own user in a group that can do what the product does over the API, and nothing in person.</summary>
        public void Users(Version version)
        {
            var group = $"{facts.NamePrefix}api";
            IEnumerable<string> denied = version.Major >= 7 ? [.. OtherPolicies, "rest-api"] : OtherPolicies;
            Named(RouterMenu.UserGroup, group, "group of our API user", new DesiredValue("policy", string.Join(',', ApiGrants.Concat(denied.Select(p => $"!{p}"))), ValueKind.Policies));
            List<DesiredValue> user = [new("name", facts.ApiUser), new("group", group), Enabled];
            if (Network.ManagersOf(facts.IsTunnelled) is { Count: > 0 } networks)
            {
                user.Add(new("address", string.Join(',', networks), ValueKind.Prefixes));
            }

            // The user that we sign in as was there before this and stays after it: its rights are ours to set, itself is not.
            _items.Add(new(RouterMenu.User, "", $"user {facts.ApiUser}", [.. user]));
        }

        /// <summary>The API over TLS. A certificate that the service has already is the one that we have pinned: it stays.</summary>
        public void ApiCertificate()
        {
            var service = actual?.Rows(RouterMenu.Service)?.FirstOrDefault(r => r["name"] == "api-ssl");
            DesiredValue certificate = new("certificate", $"{facts.NamePrefix}api", ValueKind.Given);
            var ours = actual?.Rows(RouterMenu.Certificate)?.Any(r => r["name"] == certificate.Value) is true;
            if (ours || service is null || !certificate.Is(service["certificate"]))
            {
                Named(RouterMenu.Certificate, certificate.Value, "certificate of the API", new("common-name", certificate.Value), new("key-usage", "tls-server", ValueKind.Set), new("days-valid", "3650"));
            }

            List<DesiredValue> api = [new("name", "api-ssl"), certificate, new("tls-version", "only-1.2"), Enabled];
            if (Network.ManagersOf(facts.IsTunnelled) is { Count: > 0 } networks)
            {
                api.Add(new("address", string.Join(',', networks), ValueKind.Prefixes));
            }

            _items.Add(new(RouterMenu.Service, "", "API over TLS", [.. api]));
        }

        private void Named(RouterMenu menu, string name, string what, params DesiredValue[] values) => _items.Add(new(menu, name, what, [new("name", name), .. values]));
    }
}
