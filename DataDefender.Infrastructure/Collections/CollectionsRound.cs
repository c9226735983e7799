using DataDefender.Domain.Billing;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Quartz;

namespace DataDefender.Infrastructure.Collections;

/// <summary>
/// Fired every ten minutes: has each company's debtors looked at. Which steps are due, and at which hours of which day, the company's rules
/// say by its own clock; a look that finds nothing due does nothing. What was missed while no process ran is caught up by the next, and one
/// company's trouble does not keep the others waiting.
/// </summary>
[DisallowConcurrentExecution]
public sealed partial class CollectionsRound(IPlatformDbFactory platform, TenantScopes scopes, ILogger<CollectionsRound> log) : IJob
{
    public static readonly JobKey Key = new("collections");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await LookAsync(cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            Unreachable(log, failure);
        }
    }

    private async Task LookAsync(CancellationToken ct)
    {
        List<Guid> companies;
        await using (var db = await platform.OpenAsync(ct))
        {
            companies = await db.Companies.Where(c => c.Status == CompanyStatus.Active).Select(c => c.Id).ToListAsync(ct);
        }

        foreach (var company in companies)
        {
            try
            {
                await using var scope = scopes.Open(company, "collections");
                await scope.ServiceProvider.GetRequiredService<PaidLines>().RestoreAsync(ct);
                var result = await scope.ServiceProvider.GetRequiredService<CollectionsRun>().RunAsync(ct);
                if (result != CollectionsResult.None)
                {
                    Looked(log, company, result.Debtors, result.Told, result.LateFees, result.Suspended, result.Disconnected);
                }

                if (await scope.ServiceProvider.GetRequiredService<QuietPayments>().LookAsync(ct) is { IsQuiet: true } hour)
                {
                    Quiet(log, company, hour.Came, hour.From, hour.Usual);
                }
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                Failed(log, company, failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Company {CompanyId}: {Debtors} debtors looked at; {Told} told, {Fees} late fees, {Suspended} lines suspended, {Disconnected} disconnected")]
    private static partial void Looked(ILogger log, Guid companyId, int debtors, int told, int fees, int suspended, int disconnected);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Company {CompanyId}: {Came} payments came in the hour from {From}, where {Usual} are usual")]
    private static partial void Quiet(ILogger log, Guid companyId, int came, DateTime from, double usual);

    [LoggerMessage(Level = LogLevel.Error, Message = "The debtors of company {CompanyId} could not be looked at; the next round tries again")]
    private static partial void Failed(ILogger log, Guid companyId, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database did not answer; collections wait")]
    private static partial void Unreachable(ILogger log, Exception failure);
}

/// <summary>
/// Brings lines back for which money came, at once when it is booked in this process: paid time that ran out is bought anew from the wallet,
/// a line treated as run out is let go, and what was suspended for a debt is restored; the last within two seconds also of what another process did.
/// </summary>
internal sealed partial class PaidLineWatch(IPlatformDbFactory platform, TenantScopes scopes, CollectionsSignal signal, TimeProvider clock, ILogger<PaidLineWatch> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // One company's trouble does not keep the lines of the others, nor one kind of line the others.
    private async Task BringBackAsync(Guid company, bool moved, CancellationToken ct)
    {
        if (moved)
        {
            await InCompanyAsync(company, services => services.GetRequiredService<AutoRenewal>().RenewPaidAsync(ct), ct);
            await InCompanyAsync(company, services => services.GetRequiredService<PolicyEvaluation>().EvaluatePaidAsync(ct), ct);
        }

        var restored = await InCompanyAsync(company, services => services.GetRequiredService<PaidLines>().RestoreAsync(ct), ct);
        if (restored > 0)
        {
            Restored(log, company, restored);
        }
    }

    private async Task<int> InCompanyAsync(Guid company, Func<IServiceProvider, Task<int>> work, CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.Open(company, "collections");
            return await work(scope.ServiceProvider);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            Failed(log, failure);
            return 0;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var moved = signal.Take().ToHashSet();
                foreach (var company in moved.Union(await PaidAsync(stoppingToken)))
                {
                    await BringBackAsync(company, moved.Contains(company), stoppingToken);
                }
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(log, failure); // the next look tries again
            }
            catch (OperationCanceledException)
            {
                break;
            }

            await signal.WaitAsync(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Yesterday in every time zone: a company whose day began later is only looked at a little too often.
    private async Task<List<Guid>> PaidAsync(CancellationToken ct)
    {
        await using var db = await platform.OpenAsync(ct);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime.AddHours(-12));
        return await PaidLines.Paid(db.Subscriptions.AcrossTenants(), db.Invoices.AcrossTenants(), db.BillingProfiles.AcrossTenants(), today).Select(l => l.TenantId).Distinct().ToListAsync(ct);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Company {CompanyId}: {Lines} lines restored after payment")]
    private static partial void Restored(ILogger log, Guid companyId, int lines);

    [LoggerMessage(Level = LogLevel.Error, Message = "Paid lines could not be brought back; the next look tries again")]
    private static partial void Failed(ILogger log, Exception failure);
}

public static class CollectionsRegistration
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>Takes the steps of the companies' ladders and restores what was paid, in the background of this process, which hosts Quartz.</summary>
    public static IServiceCollection AddCollections(this IServiceCollection services)
    {
        services.TryAddSingleton<CollectionsSignal>();
        services.TryAddScoped<QuietPayments>();
        services.TryAddSingleton<StaffNotifier>();
        services.TryAddSingleton<StaffInbox>();
        services.AddQuartz(quartz =>
        {
            quartz.AddJob<CollectionsRound>(job => job.WithIdentity(CollectionsRound.Key));
            quartz.AddTrigger(trigger => trigger.ForJob(CollectionsRound.Key).WithIdentity("collections-round").StartNow().WithSimpleSchedule(schedule => schedule.WithInterval(Interval).RepeatForever()));
        });
        return services.AddHostedService<PaidLineWatch>();
    }
}
