using System.Globalization;
using System.Text;

namespace DataDefender.Domain.Network;

/// <summary>What to paste into a RouterOS terminal, so that a router asks our RADIUS and takes our changes. The same for versions 6 and 7.</summary>
public static class NasSetup
{
    /// <param name="server">Our address as the router reaches it; RouterOS takes CoA only from there.</param>
    /// <param name="macLogins">Equipment may log in by its address, also at the DHCP server.</param>
    public static string Commands(string server, int authenticationPort, int accountingPort, int coaPort, int interimSeconds, string secret, bool macLogins = false) =>
        string.Join('\n',
            string.Create(CultureInfo.InvariantCulture, $"/radius add service={Services(macLogins)} address={server} secret={Quote(secret)} authentication-port={authenticationPort} accounting-port={accountingPort} timeout=3s comment=DataDefender"),
            string.Create(CultureInfo.InvariantCulture, $"/radius incoming set accept=yes port={coaPort}"),
            $"/ppp aaa set use-radius=yes accounting=yes interim-update={RouterOsValues.FormatDuration(TimeSpan.FromSeconds(interimSeconds))}");

    /// <summary>The same over TLS (RFC 6614), where the certificate proves the router and the secret is the same for all. Changes of open sessions still go over UDP.</summary>
    public static string TlsCommands(string server, int coaPort, int interimSeconds, bool macLogins = false) =>
        string.Join('\n',
            $"/radius add service={Services(macLogins)} address={server} protocol=radsec certificate=ROUTER-CERTIFICATE timeout=3300ms comment=DataDefender",
            string.Create(CultureInfo.InvariantCulture, $"/radius incoming set accept=yes port={coaPort}"),
            $"/ppp aaa set use-radius=yes accounting=yes interim-update={RouterOsValues.FormatDuration(TimeSpan.FromSeconds(interimSeconds))}");

    /// <summary>What a router asks RADIUS for.</summary>
    public static string Services(bool macLogins, bool routerLogins = false) => $"ppp,hotspot{(macLogins ? ",dhcp" : "")}{(routerLogins ? ",login" : "")}";

    /// <summary>The firewall of the walled garden: DNS and <paramref name="portal"/> stay reachable, the rest is refused. Goes before the accept rules.</summary>
    public static string WalledGarden(string list, string portal)
    {
        var source = $"src-address-list={Quote(list)}";
        return string.Join('\n',
            $"/ip firewall address-list add list=portal-allow address={portal} comment=DataDefender",
            $"/ip firewall filter add chain=forward {source} protocol=udp dst-port=53 action=accept comment=DataDefender",
            $"/ip firewall filter add chain=forward {source} dst-address-list=portal-allow action=accept comment=DataDefender",
            $"/ip firewall filter add chain=forward {source} protocol=tcp dst-port=443 action=reject reject-with=tcp-reset comment=DataDefender",
            $"/ip firewall filter add chain=forward {source} action=drop comment=DataDefender");
    }

    /// <summary>A RouterOS string literal. In one, $ starts a variable and ? once asked for help.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var c in text)
        {
            if (c is '"' or '\\' or '$' or '?')
            {
                quoted.Append('\\');
            }

            quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }
}
