using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Search;
using DataDefender.Domain.Tenancy;
using FluentValidation;

namespace DataDefender.Web.Setup;

/// <summary>The services of the Domain, a line each, in the order of its folders; validators are found by themselves.</summary>
internal static class DomainServices
{
    public static IServiceCollection AddDomainServices(this IServiceCollection services)
    {
        services.AddSingleton<LiveMetrics>();
        services.AddScoped<SearchService>();
        services.AddScoped<LicenceGuard>();
        return services.AddValidators();
    }

    private static IServiceCollection AddValidators(this IServiceCollection services)
    {
        foreach (var type in typeof(LicenceGuard).Assembly.GetTypes().Where(t => t is { IsAbstract: false, IsGenericTypeDefinition: false }))
        {
            foreach (var contract in type.GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IValidator<>)))
            {
                services.AddScoped(contract, type);
            }
        }

        return services;
    }
}
