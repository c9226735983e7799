using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Network.Provisioning;
using DataDefender.Infrastructure.Radius;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DataDefender.Infrastructure.Lines;

public static class LineServices
{
    /// <summary>Brings changes of lines to the routers, in the background of this process. Needs the data, <c>AddRouterOs</c> and the live metrics.</summary>
    public static IServiceCollection AddLineControl(this IServiceCollection services)
    {
        services.AddOptions<LineControlOptions>().BindConfiguration(LineControlOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<LineSignal>();
        services.TryAddSingleton<RadiusClient>();
        services.TryAddSingleton<CoaClient>();
        services.AddSingleton<SilentNas>().AddSingleton<WalledGarden>().AddSingleton<SessionControl>().AddSingleton<PushedLines>().AddSingleton<LineWorker>().AddSingleton<LineReview>();
        services.AddProvisioningRuns();
        services.AddHostedService<LineCommandDispatcher>();
        services.AddHostedService<WalledGardenSweep>();
        return services;
    }
}
