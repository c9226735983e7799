using DataDefender.Domain.Billing.Documents;
using DataDefender.Infrastructure.Documents;
using DataDefender.Infrastructure.Persistence;
using Quartz;

namespace DataDefender.Infrastructure.Billing;

public static class BillingRegistration
{
    private static readonly TimeSpan NightInterval = TimeSpan.FromMinutes(10);

    /// <summary>What the command line and Web need of billing beside the Domain's services.</summary>
    public static IServiceCollection AddBilling(this IServiceCollection services) => services
        .AddSingleton(provider => new LedgerVerifier(provider.GetRequiredService<ContextSource>()))
        .AddSingleton<IDocumentPrinter, DocumentPdf>();

    /// <summary>The work in the background, in Web only: carrying runs on, and the billing night.</summary>
    public static IServiceCollection AddBillingWork(this IServiceCollection services)
    {
        services.AddHostedService<BillingRunWorker>();
        services.AddQuartz(quartz =>
        {
            quartz.AddJob<BillingNight>(job => job.WithIdentity(BillingNight.Key));
            quartz.AddTrigger(trigger => trigger.ForJob(BillingNight.Key).WithIdentity("billing-night").StartNow().WithSimpleSchedule(schedule => schedule.WithInterval(NightInterval).RepeatForever()));
        });
        return services.AddQuartzHostedService(hosting => hosting.WaitForJobsToComplete = true);
    }
}
