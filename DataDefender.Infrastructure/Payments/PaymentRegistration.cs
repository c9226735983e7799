using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Payments;
using DataDefender.Infrastructure.Payments.Daraja;
using DataDefender.Infrastructure.Payments.FamilyBank;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DataDefender.Infrastructure.Payments;

public static class PaymentRegistration
{
    /// <summary>The providers behind their port, and the background work on payments. Needs the data.</summary>
    public static IServiceCollection AddPayments(this IServiceCollection services)
    {
        services.AddPaymentGateways();
        services.TryAddSingleton<StaffNotifier>();
        services.TryAddSingleton<StaffInbox>();
        services.AddSingleton<PaymentWorker>().AddHostedService(provider => provider.GetRequiredService<PaymentWorker>());
        services.AddHostedService(provider => provider.GetRequiredService<ProviderRequestLog>());
        return services;
    }

    /// <summary>Without the background work.</summary>
    public static IServiceCollection AddPaymentGateways(this IServiceCollection services)
    {
        services.AddOptions<PaymentOptions>().BindConfiguration(PaymentOptions.Section).ValidateDataAnnotations().ValidateOnStart();

        // A redirect would take credentials somewhere that nobody checked; cookies have no business here.
        services.AddHttpClient(ProviderHttp.ClientName, client => client.Timeout = System.Threading.Timeout.InfiniteTimeSpan).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        });
        services.TryAddSingleton<PaymentSignal>();
        services.TryAddSingleton<ChannelCallbacks>();
        services.AddSingleton<ICallbackAddresses, CallbackAddresses>();
        services.AddSingleton<ProviderRequestLog>().AddSingleton<ProviderHttp>();
        services.AddSingleton<IMobileMoneyGateway, FamilyBankGateway>().AddSingleton<IMobileMoneyGateway, DarajaGateway>();
        services.AddSingleton<IStatementReader, StatementReader>();
        return services;
    }
}
