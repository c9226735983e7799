using DataDefender.Domain.Fleet;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DataDefender.Infrastructure.Network.Fleet;

public static class FleetRegistration
{
    /// <summary>Exports, backups and firmware in the background of this process: Web only. Needs the data, <c>AddRouterOs</c> and the live metrics.</summary>
    public static IServiceCollection AddFleetCare(this IServiceCollection services)
    {
        services.AddOptions<FleetOptions>().BindConfiguration(FleetOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<FleetSignal>();
        services.AddSingleton<ExportKeeper>().AddSingleton<BackupTaker>().AddSingleton<FirmwareReader>().AddSingleton<NeighbourReader>().AddSingleton<FirmwareDriver>();
        services.AddSingleton<FirmwareConductor>().AddHostedService(provider => provider.GetRequiredService<FirmwareConductor>());
        services.AddSingleton<FleetWorker>().AddHostedService(provider => provider.GetRequiredService<FleetWorker>());
        return services;
    }
}
