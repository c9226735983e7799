using DataDefender.Domain.Common;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Policies;

public sealed class PolicyEvaluationTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private const long Gb = 1_000_000_000;

    private static readonly PolicyRules TenGigabytesADay = new()
    {
        FairUse = [new FairUseTier("Daily fair use", UsageWindow.Day, CountedBytes.Total, 10 * Gb, 2_000, 1_000)],
    };

    [Theory, EachDatabase]
    public async Task A_line_that_passes_its_tier_is_throttled_once_and_freed_when_the_day_ends(DatabaseProvider provider)
    {
        var (services, company, line) = await LineWithAsync(provider, TenGigabytesADay);
        await UseAsync(services, company, line, 11 * Gb);

        Assert.Equal(1, await EvaluateAsync(company));
        Assert.Equal(0, await EvaluateAsync(company));

        var limited = await ReloadAsync(company, line);
        Assert.Equal((LimitKind.FairUse, 2_000, 1_000), (limited.Limit, limited.LimitDownloadKbps, limited.LimitUploadKbps));
        Assert.Equal(services.Clock.Now, limited.LimitSince);
        Assert.Equal("Daily fair use: more than 10 GB today.", await LastCommandAsync(company, line));

        services.Clock.Advance(limited.LimitUntil!.Value - services.Clock.Now);

        Assert.Equal(1, await EvaluateAsync(company));
        Assert.Equal(LimitKind.None, (await ReloadAsync(company, line)).Limit);
        Assert.Equal("back to the speed that was sold", await LastCommandAsync(company, line));
    }

    [Theory, EachDatabase]
    public async Task A_line_nobody_used_and_no_rule_waits_for_is_not_looked_at(DatabaseProvider provider)
    {
        var (services, company, line) = await LineWithAsync(provider, TenGigabytesADay);
        await EvaluateAsync(company);
        var check = await NextCheckAsync(company, line);

        services.Clock.Advance(TimeSpan.FromMinutes(1));
        await EvaluateAsync(company);

        Assert.Equal(check, await NextCheckAsync(company, line));
    }

    [Theory, EachDatabase]
    public async Task A_top_up_opens_a_line_that_had_run_out_at_once(DatabaseProvider provider)
    {
        var rules = new PolicyRules { Data = new DataQuota(UsageWindow.Month, CountedBytes.Total, 5 * Gb, QuotaAction.Refuse, null, false, 0) };
        var (services, company, line) = await LineWithAsync(provider, rules);
        await UseAsync(services, company, line, 6 * Gb);
        await EvaluateAsync(company);
        Assert.Equal(QuotaAction.Refuse, (await ReloadAsync(company, line)).LimitAction);

        await using var scope = company.Scope(Role.Support);
        await scope.ServiceProvider.GetRequiredService<LineRulesService>().GrantTopUpAsync(line.Id, new TopUpInput { Gigabytes = 3, ValidDays = 30, Note = "Goodwill" });

        Assert.Equal(LimitKind.None, (await ReloadAsync(company, line)).Limit);
    }

    [Theory, EachDatabase]
    public async Task Changed_rules_reach_their_lines_and_the_preview_had_said_so(DatabaseProvider provider)
    {
        var (services, company, line) = await LineWithAsync(provider, PolicyRules.None);
        await UseAsync(services, company, line, 11 * Gb);
        await EvaluateAsync(company);
        await using var scope = company.Scope(Role.Owner);
        var policies = scope.ServiceProvider.GetRequiredService<UsagePolicyService>();
        var row = Assert.Single((await policies.ListAsync(new GridQuery())).Items);
        Assert.Equal((1, 1), (row.Packages, row.Lines));

        var impact = Assert.Single((await scope.ServiceProvider.GetRequiredService<PolicyPreviewService>().ImpactAsync(new PreviewScope(row.Id, null), TenGigabytesADay)).Rows);
        await policies.ChangeAsync(row.Id, 0, new UsagePolicyInput("Fair", TenGigabytesADay));
        services.Clock.Advance(TimeSpan.FromMinutes(1));
        await EvaluateAsync(company);

        Assert.Equal((0, 1, 11 * Gb), (impact.LimitedDaysNow, impact.LimitedDaysThen, impact.Bytes));
        Assert.Equal(LimitKind.FairUse, (await ReloadAsync(company, line)).Limit);
    }

    [Theory, EachDatabase]
    public async Task What_is_left_of_a_time_quota_is_kept_for_the_next_login_and_left_alone_while_the_line_is_online(DatabaseProvider provider)
    {
        var rules = new PolicyRules { Time = new TimeQuota(UsageWindow.Day, 150, QuotaAction.Refuse, null) };
        var (services, company, line) = await LineWithAsync(provider, rules);
        await EvaluateAsync(company);
        Assert.Equal(150 * 60, (await ReloadAsync(company, line)).OnlineSecondsLeft);

        await UseAsync(services, company, line, 1); // an hour
        await using (var db = company.Open())
        {
            db.LiveSessions.Add(new LiveSession { TenantId = company.Id, NasId = (await company.AddNasAsync()).Id, AcctSessionId = "81", SubscriptionId = line.Id, Username = line.Username, StartedAt = services.Clock.Now.AddHours(-1), UpdatedAt = services.Clock.Now });
            await db.SaveChangesAsync();
        }

        await EvaluateAsync(company);
        Assert.Equal(150 * 60, (await ReloadAsync(company, line)).OnlineSecondsLeft);

        await using (var db = company.Open())
        {
            var session = await db.LiveSessions.SingleAsync();
            db.SessionRecords.Add(session.ToRecord(services.Clock.Now, "User-Request"));
            db.LiveSessions.Remove(session);
            await db.SaveChangesAsync();
        }

        await EvaluateAsync(company);
        var known = await ReloadAsync(company, line);
        Assert.Equal((90 * 60, LimitKind.None), (known.OnlineSecondsLeft, known.Limit));
        Assert.InRange(known.OnlineLeftUntil!.Value - services.Clock.Now, TimeSpan.Zero, TimeSpan.FromDays(1));
        await using var audited = company.Open();
        Assert.DoesNotContain(await audited.AuditEntries.Select(a => a.After).ToListAsync(), a => a?.Contains("OnlineSecondsLeft", StringComparison.OrdinalIgnoreCase) is true);
    }

    [Theory, EachDatabase]
    public async Task Policies_of_another_company_are_neither_seen_nor_changed(DatabaseProvider provider)
    {
        var (services, company, line) = await LineWithAsync(provider, TenGigabytesADay);
        var stranger = await TestCompany.CreateFullAsync(services);
        Guid id;
        await using (var db = company.Open())
        {
            id = await db.UsagePolicies.Select(p => p.Id).FirstAsync();
        }

        await using var scope = stranger.Scope(Role.Owner);
        var policies = scope.ServiceProvider.GetRequiredService<UsagePolicyService>();

        await Assert.ThrowsAsync<NotFoundException>(() => policies.GetAsync(id));
        await Assert.ThrowsAsync<NotFoundException>(() => policies.ChangeAsync(id, 0, new UsagePolicyInput("Mine", PolicyRules.None)));
        await Assert.ThrowsAsync<NotFoundException>(() => policies.RemoveAsync(id));
        await Assert.ThrowsAsync<NotFoundException>(() =>
            scope.ServiceProvider.GetRequiredService<LineRulesService>().GrantTopUpAsync(line.Id, new TopUpInput { Gigabytes = 1, Note = "x" }));
        await Assert.ThrowsAsync<NotFoundException>(() =>
            scope.ServiceProvider.GetRequiredService<PolicyPreviewService>().ReplayAsync(line.Id, PolicyRules.None));
        Assert.Equal(0, (await scope.ServiceProvider.GetRequiredService<PolicyPreviewService>().ImpactAsync(new PreviewScope(id, null), PolicyRules.None)).Lines);
        Assert.DoesNotContain((await policies.ListAsync(new GridQuery())).Items, p => p.Id == id);
    }

    private static async Task<int> EvaluateAsync(TestCompany company)
    {
        await using var scope = company.Scope(Role.Owner);
        var evaluation = scope.ServiceProvider.GetRequiredService<PolicyEvaluation>();
        return await evaluation.EvaluateAsync(scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime.AddSeconds(-30));
    }

    private static async Task UseAsync(TestServices services, TestCompany company, Subscription line, long bytes)
    {
        await using var db = company.Open();
        var now = services.Clock.Now;
        var hour = new DateTime(now.Year, now.Month, now.Day, now.Hour, 0, 0, DateTimeKind.Utc);
        db.UsageHours.Add(new UsageHour { TenantId = company.Id, SubscriptionId = line.Id, Hour = hour, DownloadBytes = bytes, OnlineSeconds = 3_600 });
        await db.SaveChangesAsync();
    }

    private static async Task<Subscription> ReloadAsync(TestCompany company, Subscription line)
    {
        await using var db = company.Open();
        return await db.Subscriptions.AsNoTracking().SingleAsync(s => s.Id == line.Id);
    }

    private static async Task<string> LastCommandAsync(TestCompany company, Subscription line)
    {
        await using var db = company.Open();
        return await db.LineCommands.Where(c => c.SubscriptionId == line.Id).OrderByDescending(c => c.RequestedAt).Select(c => c.Because).FirstAsync();
    }

    private static async Task<DateTime> NextCheckAsync(TestCompany company, Subscription line)
    {
        await using var db = company.Open();
        return await db.PolicyChecks.Where(c => c.SubscriptionId == line.Id).Select(c => c.NextAt).SingleAsync();
    }

    private async Task<(TestServices Services, TestCompany Company, Subscription Line)> LineWithAsync(DatabaseProvider provider, PolicyRules rules)
    {
        var services = await databases.GetAsync(provider, s => s
            .AddScoped<PolicyEvaluation>().AddScoped<UsagePolicyService>().AddScoped<PolicyPreviewService>().AddScoped<LineRulesService>().AddSingleton<LineSignal>());
        var company = await TestCompany.CreateAsync(services, $"ISP {Guid.CreateVersion7():N}");
        await company.AddSettingsAsync();
        var policy = new UsagePolicy(company.Id, "Fair", rules, services.Clock.Now);
        await using (var db = company.Open())
        {
            db.UsagePolicies.Add(policy);
            await db.SaveChangesAsync();
        }

        var package = await company.AddPackageAsync("Home 20", 20_000, 10_000, configure: input => input.PolicyId = policy.Id);
        var client = await company.AddClientAsync("Wanjiku Kamau", "0712345678");
        return (services, company, await company.AddSubscriptionAsync(client, package, "wanjiku", "secret-pass-1", SubscriptionState.Active));
    }
}
