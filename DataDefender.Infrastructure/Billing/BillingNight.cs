using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Revenue;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Quartz;

namespace DataDefender.Infrastructure.Billing;

/// <summary>
/// Fired every few minutes: for each company whose own clock has reached its hour, once a day, earns what months brought, seals the books, brings
/// packages into force whose day has come and begins the day's billing run. What was missed while no process ran is caught up by the next.
/// </summary>
[DisallowConcurrentExecution]
public sealed partial class BillingNight(IPlatformDbFactory platform, TenantScopes scopes, TimeProvider clock, ILogger<BillingNight> log) : IJob
{
    public static readonly JobKey Key = new("billing-night");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await LookAsync(cancellationToken);

    public async Task LookAsync(CancellationToken ct)
    {
        List<Company> companies;
        try
        {
            await using var db = await platform.OpenAsync(ct);
            companies = await db.Companies.AsNoTracking().Where(c => c.Status == CompanyStatus.Active).ToListAsync(ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            Unreachable(log, failure);
            return;
        }

        foreach (var company in companies.Where(c => c.Licence?.Modules.HasFlag(LicensedModules.Billing) is true))
        {
            // Each by itself: a run that waits for a person must not keep the books open.
            await TryAsync(company, EarnAsync, ct);
            await TryAsync(company, SealAsync, ct);
            await TryAsync(company, SettleChangesAsync, ct);
            await TryAsync(company, BeginAsync, ct);
        }
    }

    private async Task TryAsync(Company company, Func<Company, IServiceProvider, CancellationToken, Task> part, CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.Open(company.Id, "billing");
            if (await IsNightAsync(company, scope.ServiceProvider, ct))
            {
                await part(company, scope.ServiceProvider, ct);
            }
        }
        catch (DomainException refused)
        {
            Waits(log, company.Name, refused.Message);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            Failed(log, company.Name, failure);
        }
    }

    private async Task<bool> IsNightAsync(Company company, IServiceProvider services, CancellationToken ct)
    {
        await using var db = await services.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        return TimeZoneInfo.ConvertTimeFromUtc(clock.GetUtcNow().UtcDateTime, TimeZoneInfo.FindSystemTimeZoneById(company.TimeZone)).Hour >= settings.RunHour;
    }

    private static Task EarnAsync(Company company, IServiceProvider services, CancellationToken ct) => services.GetRequiredService<RevenueRecognition>().EarnAsync(ct);

    private static Task SealAsync(Company company, IServiceProvider services, CancellationToken ct) => services.GetRequiredService<LedgerSealing>().SealAsync(ct);

    /// <summary>Before the run: it bills what the day's changes left.</summary>
    private static Task SettleChangesAsync(Company company, IServiceProvider services, CancellationToken ct) => services.GetRequiredService<PlanChangeService>().SettleDueAsync(ct);

    private async Task BeginAsync(Company company, IServiceProvider services, CancellationToken ct)
    {
        var today = company.Today(clock);
        await using (var db = await services.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct))
        {
            if (await SuspendedDays.NoteAsync(db, ct) > 0)
            {
                await db.SaveAsync(ct); // before what is due is looked for: a restored line may have days to charge
            }

            if (await ScheduledChanges.ApplyDueAsync(db, today, "billing", clock.GetUtcNow().UtcDateTime, ct) > 0)
            {
                await db.SaveAsync(ct);
                services.GetRequiredService<Domain.Subscriptions.LineSignal>().Wake();
            }

            if (await db.BillingRuns.AnyAsync(r => r.AsOf >= today && r.MadeById == null, ct)
                || (await BillingSnapshot.PayersAsync(db, today, null, 1, ct)).Count == 0)
            {
                return;
            }
        }

        await services.GetRequiredService<BillingRunService>().StartAsync(today, ct);
        Began(log, company.Name, today);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Billing run of {Company} for {Day} begun")]
    private static partial void Began(ILogger log, string company, DateOnly day);

    [LoggerMessage(Level = LogLevel.Information, Message = "No billing run of {Company} tonight: {Reason}")]
    private static partial void Waits(ILogger log, string company, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The billing night of {Company} failed; it is tried again")]
    private static partial void Failed(ILogger log, string company, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database did not answer; the billing night waits")]
    private static partial void Unreachable(ILogger log, Exception failure);
}
