using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Policies;

/// <summary>Pages about rules, with the services that the rules' module adds.</summary>
public abstract class PolicyTest : PageTest
{
    protected const long Gb = 1_000_000_000;

    protected static PolicyRules FairUse(long gigabytes) => new() { FairUse = [new FairUseTier("Fair use", UsageWindow.Month, CountedBytes.Total, gigabytes * Gb, 2_000, 1_000)] };

    protected static PolicyRules Bundle(long gigabytes, QuotaAction action = QuotaAction.WalledGarden) =>
        new() { Data = new DataQuota(UsageWindow.Month, CountedBytes.Total, gigabytes * Gb, action, null, false, 0) };

    protected async Task<(Subscription Line, UsagePolicy Policy)> LineAsync(PolicyRules rules)
    {
        var policy = new UsagePolicy(Company.Id, "Fair", rules, Clock.Now);
        await using (var db = Company.Open())
        {
            db.UsagePolicies.Add(policy);
            await db.SaveChangesAsync();
        }

        var package = await Company.AddPackageAsync("Home 20", 20_000, 10_000, configure: input => input.PolicyId = policy.Id);
        var client = await Company.AddClientAsync("Wanjiku Kamau", "0712345678");
        return (await Company.AddSubscriptionAsync(client, package, "wanjiku", "secret-pass-1", SubscriptionState.Active), policy);
    }

    /// <summary>One hour of use on each of the past days, today (the first of a month) included.</summary>
    protected async Task UseAsync(Subscription line, int days, int gigabytesADay)
    {
        await using var db = Company.Open();
        for (var day = 0; day < days; day++)
        {
            var at = Clock.Now.AddDays(-day);
            db.UsageHours.Add(new UsageHour
            {
                TenantId = Company.Id, SubscriptionId = line.Id, Hour = new DateTime(at.Year, at.Month, at.Day, at.Hour, 0, 0, DateTimeKind.Utc),
                DownloadBytes = gigabytesADay * Gb, OnlineSeconds = 3_600,
            });
        }

        await db.SaveChangesAsync();
    }

    protected Task EvaluateAsync() => Services.GetRequiredService<PolicyEvaluation>().EvaluateAsync(Clock.Now.AddHours(-1));
}
