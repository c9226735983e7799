using DataDefender.Infrastructure.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Accounting;

public static class AccountingRegistration
{
    /// <summary>Check and upkeep of what accounting leaves in the database, and the removal of what is older than it is kept. Needs <c>AddDataDefenderData</c>.</summary>
    public static IServiceCollection AddAccountingLedgers(this IServiceCollection services)
    {
        services.AddOptions<UsageLedgerOptions>().BindConfiguration(UsageLedgerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => new UsageVerifier(
            provider.GetRequiredService<ContextSource>(), provider.GetRequiredService<IOptions<UsageLedgerOptions>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<LedgerUpkeep>().AddSingleton<Retention>();
        return services.AddHostedService(provider => provider.GetRequiredService<Retention>());
    }

    /// <summary>Holds open sessions against the routers' own lists. One process of an installation runs it. Needs <c>AddRouterOs</c> and <c>AddRouterPolling</c>.</summary>
    public static IServiceCollection AddSessionHealing(this IServiceCollection services)
    {
        services.AddOptions<HealingOptions>().BindConfiguration(HealingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<RouterReconciler>().AddSingleton<RefusedLogins>();
        return services.AddHostedService<SessionHealing>();
    }
}
