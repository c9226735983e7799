using DataDefender.Domain.Common;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Jobs;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace DataDefender.Infrastructure.Policies;

/// <summary>Has each company's lines looked at by their rules, every half minute. One company's trouble does not keep the others waiting.</summary>
public sealed partial class PolicyClock(IPlatformDbFactory platform, TenantScopes scopes, JobLeases leases, TimeProvider clock, ILogger<PolicyClock> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    // Accounting reaches the database in batches, a little after the session row's own time, and that time is the router's, which is believed
    // when it is up to five minutes slow.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2) + TimeSpan.FromMinutes(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => leases.WhileHeldAsync("policies", WorkAsync, stoppingToken);

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        var since = clock.GetUtcNow().UtcDateTime - TimeSpan.FromHours(1);
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            var began = clock.GetUtcNow().UtcDateTime;
            if (await LookAsync(since - Overlap, stoppingToken))
            {
                since = began;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Returns false when some company could not be looked at, so that the next look reaches back as far.</summary>
    private async Task<bool> LookAsync(DateTime since, CancellationToken ct)
    {
        var all = true;
        if (await CompaniesAsync(ct) is not { } companies)
        {
            return false;
        }

        foreach (var company in companies)
        {
            try
            {
                await using var scope = scopes.Open(company, "policy");
                await scope.ServiceProvider.GetRequiredService<PolicyEvaluation>().EvaluateAsync(since, ct);
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                all = false;
                Failed(log, company, failure);
            }
        }

        return all;
    }

    /// <summary>Null when the database did not answer.</summary>
    private async Task<List<Guid>?> CompaniesAsync(CancellationToken ct)
    {
        try
        {
            await using var db = await platform.OpenAsync(ct);
            return await db.Companies.Where(c => c.Status == CompanyStatus.Active).Select(c => c.Id).ToListAsync(ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            Unreachable(log, failure);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The rules of company {CompanyId} could not be applied; the next round tries again")]
    private static partial void Failed(ILogger log, Guid companyId, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database did not answer; the lines' rules wait")]
    private static partial void Unreachable(ILogger log, Exception failure);
}

public static class PolicyRegistration
{
    /// <summary>Only where the rules are applied: Web. The services themselves are the Domain's.</summary>
    public static IServiceCollection AddPolicies(this IServiceCollection services) => services.AddHostedService<PolicyClock>();
}
