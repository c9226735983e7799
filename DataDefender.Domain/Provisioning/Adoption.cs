using System.Collections.Immutable;

namespace DataDefender.Domain.Provisioning;

/// <summary>Which of a router's own values have a place in its design. What follows from secrets, or from settings that all routers share, has none.</summary>
public static class Adoption
{
    /// <summary>The property that would be adopted; null when the drift has none, or one that the design does not hold.</summary>
    public static string? Names(DriftRow row) => row.Kind is DriftKind.Differs ? Name(row.Menu, row.Values) : null;

    /// <summary>The design with the router's value in it; null when it has no place there.</summary>
    public static RouterDesign? Into(RouterDesign design, string menu, string itemKey, ImmutableArray<PlanValue> values)
    {
        if (Name(menu, values) is not { } name || values[0].Before is not { } actual)
        {
            return null;
        }

        return (menu, name) switch
        {
            ("/ip/pool", "ranges") => Pool(design, itemKey, actual),
            ("/ppp/profile", "local-address") when DesignText.IsAddress(actual) => design with { LocalAddress = actual },
            ("/interface/pppoe-server/server", "service-name") when DesignText.IsName(actual) => design with { ServiceName = actual },
            _ => null,
        };
    }

    private static string? Name(string menu, ImmutableArray<PlanValue> values) => values is [{ Before.Length: > 0, IsSecret: false } only] && (menu, only.Name) is
        ("/ip/pool", "ranges") or ("/ppp/profile", "local-address") or ("/interface/pppoe-server/server", "service-name")
        ? only.Name
        : null;

    private static RouterDesign? Pool(RouterDesign design, string itemKey, string ranges)
    {
        var name = itemKey[(itemKey.LastIndexOf('/') + 1)..];
        var pools = design.PoolList();
        return pools.Any(p => p.Name == name) && ranges.Split(',').All(DesignText.IsRange)
            ? design with { Pools = string.Join('\n', pools.Select(p => p.Name == name ? $"{p.Name} {ranges}" : $"{p.Name} {p.Ranges}")) }
            : null;
    }
}
