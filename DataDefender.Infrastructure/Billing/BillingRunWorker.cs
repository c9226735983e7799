using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace DataDefender.Infrastructure.Billing;

/// <summary>Carries on every company's billing runs that are being computed or written, also those that another process left in the middle.</summary>
public sealed partial class BillingRunWorker(IPlatformDbFactory platform, TenantScopes scopes, BillingSignal signal, TimeProvider clock, ILogger<BillingRunWorker> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await LookAsync(stoppingToken);
            await signal.WaitAsync(Interval, clock, stoppingToken);
        }
    }

    internal async Task LookAsync(CancellationToken ct)
    {
        List<Guid> companies;
        try
        {
            await using var db = await platform.OpenAsync(ct);
            companies = await db.BillingRuns.AcrossTenants().Where(r => r.State == RunState.Computing || r.State == RunState.Committing).Select(r => r.TenantId).Distinct().ToListAsync(ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            Unreachable(log, failure);
            return;
        }

        foreach (var company in companies)
        {
            try
            {
                await using var scope = scopes.Open(company, "billing");
                var work = scope.ServiceProvider.GetRequiredService<BillingRunWork>();
                foreach (var run in await work.UnfinishedAsync(ct))
                {
                    await work.ContinueAsync(run, ct);
                }
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                Failed(log, company, failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The billing run of company {CompanyId} stopped; it goes on in a while")]
    private static partial void Failed(ILogger log, Guid companyId, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database did not answer; billing runs wait")]
    private static partial void Unreachable(ILogger log, Exception failure);
}
