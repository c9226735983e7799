using DataDefender.Domain.Network;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Network.RouterOs;

public static class RouterOsServices
{
    /// <summary>The gateway to routers over the RouterOS API, as a singleton. Needs a <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection AddRouterOs(this IServiceCollection services)
    {
        services.AddOptions<RouterOsOptions>().BindConfiguration(RouterOsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton<IRouterGateway, RouterOsGateway>();
    }
}
