namespace DataDefender.Web.Setup;

/// <summary>Where a module of the product adds what only Web runs: background work, hubs, endpoints. One line each.</summary>
internal static class WebModules
{
    public static void Add(WebApplicationBuilder builder) => ArgumentNullException.ThrowIfNull(builder);

    public static void Map(WebApplication app) => ArgumentNullException.ThrowIfNull(app);
}
