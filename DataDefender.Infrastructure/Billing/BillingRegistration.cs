using DataDefender.Domain.Billing.Documents;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Infrastructure.Billing.Etims;
using DataDefender.Infrastructure.Documents;
using DataDefender.Infrastructure.Persistence;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quartz;

namespace DataDefender.Infrastructure.Billing;

public static class BillingRegistration
{
    private static readonly TimeSpan NightInterval = TimeSpan.FromMinutes(10);

    /// <summary>What the command line and Web need of billing beside the Domain's services.</summary>
    public static IServiceCollection AddBilling(this IServiceCollection services) => services
        .AddSingleton(provider => new LedgerVerifier(provider.GetRequiredService<ContextSource>()))
        .AddSingleton<IDocumentPrinter, DocumentPdf>()
        .AddTaxAuthority();

    private static IServiceCollection AddTaxAuthority(this IServiceCollection services)
    {
        services.AddOptions<EtimsOptions>().BindConfiguration(EtimsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<TaxSignal>();

        // A redirect would take the key somewhere that nobody checked.
        services.AddHttpClient(OscuClient.ClientName, client => client.Timeout = Timeout.InfiniteTimeSpan).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        });
        return services.AddSingleton<ITaxInvoiceTransmitter, OscuClient>();
    }

    /// <summary>The work in the background, in Web only: carrying runs on, the billing night, and documents to the tax authority.</summary>
    public static IServiceCollection AddBillingWork(this IServiceCollection services)
    {
        services.AddHostedService<BillingRunWorker>();
        services.AddHostedService<TaxInvoiceWorker>();
        services.AddQuartz(quartz =>
        {
            quartz.AddJob<BillingNight>(job => job.WithIdentity(BillingNight.Key));
            quartz.AddTrigger(trigger => trigger.ForJob(BillingNight.Key).WithIdentity("billing-night").StartNow().WithSimpleSchedule(schedule => schedule.WithInterval(NightInterval).RepeatForever()));
        });
        return services.AddQuartzHostedService(hosting => hosting.WaitForJobsToComplete = true);
    }
}
