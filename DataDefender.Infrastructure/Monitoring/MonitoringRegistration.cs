using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Monitoring;

public static class MonitoringRegistration
{
    /// <summary>RadiusHost's pulse, test logins and the watching of single lines. Needs <c>AddRouterOs</c> and <c>AddDataDefenderData</c>.</summary>
    public static IServiceCollection AddMonitoring(this IServiceCollection services)
    {
        services.TryAddSingleton<LiveMetrics>();
        services.AddSingleton<ILineMeter, LineMeter>().AddSingleton<LineWatch>();
        services.TryAddSingleton<RadiusClient>();
        services.AddSingleton<ILoginTester, LoginTester>();
        services.AddOptions<RadiusStatusOptions>().BindConfiguration("Radius").ValidateOnStart();
        services.AddSingleton<IValidateOptions<RadiusStatusOptions>, RadiusStatusOptions>();

        // One request a second would be a log line a second.
        services.AddHttpClient(RadiusPulseFeed.ClientName, client => client.Timeout = TimeSpan.FromSeconds(2)).RemoveAllLoggers();
        return services.AddHostedService<RadiusPulseFeed>();
    }
}
