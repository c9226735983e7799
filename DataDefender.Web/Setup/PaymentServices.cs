using DataDefender.Domain.Payments;

namespace DataDefender.Web.Setup;

/// <summary>The Domain's services around payments.</summary>
internal static class PaymentServices
{
    public static IServiceCollection AddPaymentServices(this IServiceCollection services) => services
        .AddScoped<ChannelService>().AddScoped<PaymentService>().AddScoped<PaymentIntake>().AddScoped<PaymentQueries>().AddScoped<InboundDesk>().AddScoped<CounterService>()
        .AddScoped<OrphanService>().AddScoped<StatementService>().AddScoped<CustodyBoard>().AddScoped<OpeningBalances>().AddScoped<WalletService>().AddScoped<AutoRenewal>()
        .AddScoped<PushInquiry>().AddScoped<PullFeed>().AddScoped<RefundService>().AddScoped<StatusInquiry>().AddScoped<CardService>().AddScoped<PaymentSettingsService>().AddScoped<PaymentAlerts>()
        .AddScoped<PaymentExports>().AddSingleton<IMoneyWatcher, CollectionsWatcher>();
}
