using System.Globalization;
using DataDefender.Domain.Addresses;

namespace DataDefender.Web.Components.Pages.Addresses;

/// <summary>How the parts of an address plan are called.</summary>
internal static class AddressWords
{
    public static string Name(PrefixUse use) => use switch
    {
        PrefixUse.Container => "Container",
        PrefixUse.Pool => "Pool",
        PrefixUse.Lines => "Fixed addresses",
        PrefixUse.Delegation => "Delegated prefixes",
        PrefixUse.Infrastructure => "Own equipment",
        PrefixUse.Shared => "Shared (CGNAT)",
        _ => use.ToString(),
    };

    public static string Help(PrefixUse use) => use switch
    {
        PrefixUse.Container => "It is divided into smaller prefixes.",
        PrefixUse.Pool => "A router gives its addresses to whoever dials in.",
        PrefixUse.Lines => "Its addresses are given to lines by hand or as the next free one.",
        PrefixUse.Delegation => "Lines are given IPv6 prefixes out of it.",
        PrefixUse.Infrastructure => "Routers, links and servers of the company.",
        PrefixUse.Shared => "Public addresses that lines share behind carrier-grade NAT.",
        _ => "",
    };

    /// <summary>A number of addresses in few characters: 1,022, 65.5 k, 2^64.</summary>
    public static string Many(double? count) => count switch
    {
        null => "–",
        < 100_000 => count.Value.ToString("#,##0", CultureInfo.InvariantCulture),
        < 1e9 => (count.Value / 1e6).ToString("#,##0.#", CultureInfo.InvariantCulture) + " M",
        _ => $"2^{Math.Log2(count.Value):0}",
    };
}
