using DataDefender.Domain.Payments;

namespace DataDefender.Web.Setup;

/// <summary>The Domain's services around payments.</summary>
internal static class PaymentServices
{
    public static IServiceCollection AddPaymentServices(this IServiceCollection services) => services
        .AddScoped<ChannelService>().AddScoped<PaymentService>().AddScoped<PaymentIntake>().AddScoped<PaymentQueries>().AddScoped<InboundDesk>().AddScoped<CounterService>()
        .AddScoped<OrphanService>().AddScoped<StatementService>().AddScoped<CustodyBoard>().AddScoped<OpeningBalances>().AddScoped<WalletService>().AddScoped<AutoRenewal>().AddSingleton<IMoneyWatcher, CollectionsWatcher>();
}
