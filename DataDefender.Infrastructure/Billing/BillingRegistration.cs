using DataDefender.Infrastructure.Persistence;

namespace DataDefender.Infrastructure.Billing;

public static class BillingRegistration
{
    /// <summary>What the command line and Web need of billing beside the Domain's services.</summary>
    public static IServiceCollection AddBilling(this IServiceCollection services) =>
        services.AddSingleton(provider => new LedgerVerifier(provider.GetRequiredService<ContextSource>()));
}
