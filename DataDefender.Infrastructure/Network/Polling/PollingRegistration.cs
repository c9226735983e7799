using DataDefender.Domain.Monitoring;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DataDefender.Infrastructure.Network.Polling;

public static class PollingRegistration
{
    /// <summary>The router poller as a hosted service. One process of an installation runs it. Needs <c>AddRouterOs</c> and <c>AddDataDefenderData</c>.</summary>
    public static IServiceCollection AddRouterPolling(this IServiceCollection services)
    {
        services.AddOptions<PollingOptions>().BindConfiguration(PollingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<LiveMetrics>();
        services.TryAddSingleton<LinesOnRouters>();
        services.AddSingleton<RouterDirectory>().AddSingleton<RouterStore>().AddSingleton<RadiusEvidence>();
        return services.AddHostedService<RouterPoller>();
    }
}
