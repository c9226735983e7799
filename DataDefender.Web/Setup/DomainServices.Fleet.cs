using DataDefender.Domain.Topology;

namespace DataDefender.Web.Setup;

internal static class FleetServices
{
    public static IServiceCollection AddFleetServices(this IServiceCollection services) => services.AddScoped<SiteService>();
}
