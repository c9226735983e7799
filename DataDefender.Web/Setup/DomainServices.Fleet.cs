using DataDefender.Domain.Addresses;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Topology;

namespace DataDefender.Web.Setup;

internal static class FleetServices
{
    public static IServiceCollection AddFleetServices(this IServiceCollection services) => services
        .AddSingleton<FleetSignal>().AddScoped<ExportService>().AddScoped<BackupService>().AddScoped<FirmwareService>()
        .AddScoped<AddressPlanService>().AddScoped<CgnatService>()
        .AddScoped<LinePlaces>().AddScoped<SiteService>().AddScoped<TopologyService>();
}
