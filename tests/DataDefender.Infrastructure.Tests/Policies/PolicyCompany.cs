using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Policies;

/// <summary>A company with one policy, one package of it and one active line, and an owner at work. Its clock is its own database's.</summary>
internal sealed class PolicyCompany : IAsyncDisposable
{
    public const long Gb = 1_000_000_000;

    private readonly TestServices _services;
    private readonly AsyncServiceScope _scope;
    private readonly ServicePackage _package;

    private PolicyCompany(TestServices services, TestCompany company, UsagePolicy policy, ServicePackage package, Subscription line) =>
        (_services, Company, Policy, _package, Line, _scope) = (services, company, policy, package, line, company.Scope(Role.Owner));

    public TestCompany Company { get; }

    public UsagePolicy Policy { get; }

    public Subscription Line { get; }

    public DateTime Now => _services.Clock.Now;

    public static async Task<PolicyCompany> CreateAsync(TestDatabases databases, DatabaseProvider provider, PolicyRules rules)
    {
        var services = await databases.GetAsync(provider, s => s
            .AddScoped<PolicyEvaluation>().AddScoped<UsagePolicyService>().AddScoped<PolicyPreviewService>().AddScoped<LineRulesService>()
            .AddScoped<StateTreatmentService>().AddScoped<LineAccessService>().AddSingleton<LineSignal>());
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
        var line = await company.AddSubscriptionAsync(client, package, "wanjiku", "secret-pass-1", SubscriptionState.Active);
        return new PolicyCompany(services, company, policy, package, line);
    }

    public T Get<T>() where T : notnull => _scope.ServiceProvider.GetRequiredService<T>();

    public void Advance(TimeSpan by) => _services.Clock.Advance(by);

    public Task<int> EvaluateAsync() => Get<PolicyEvaluation>().EvaluateAsync(Now.AddSeconds(-30));

    public async Task<Subscription> AddLineAsync(string username) =>
        await Company.AddSubscriptionAsync(await Company.AddClientAsync(username, $"07{Random.Shared.Next(10_000_000, 99_999_999)}"), _package, username, "secret-pass-1", SubscriptionState.Active);

    public async Task UseAsync(long bytes, DateTime? at = null, Subscription? line = null)
    {
        var time = at ?? Now;
        await using var db = Company.Open();
        db.UsageHours.Add(new UsageHour
        {
            TenantId = Company.Id,
            SubscriptionId = (line ?? Line).Id,
            Hour = new DateTime(time.Year, time.Month, time.Day, time.Hour, 0, 0, DateTimeKind.Utc),
            DownloadBytes = bytes,
            OnlineSeconds = 3_600,
        });
        await db.SaveChangesAsync();
    }

    /// <summary>A session of the line that has just ended.</summary>
    public async Task EndSessionAsync()
    {
        await using var db = Company.Open();
        db.SessionRecords.Add(new SessionRecord
        {
            TenantId = Company.Id, SubscriptionId = Line.Id, NasId = Guid.CreateVersion7(), AcctSessionId = "81", Username = Line.Username,
            StartedAt = Now.AddMinutes(-3), StoppedAt = Now, TerminateCause = "User-Request",
        });
        await db.SaveChangesAsync();
    }

    public async Task ChangeLineAsync(Action<Subscription> change)
    {
        await using var db = Company.Open();
        change(await db.Subscriptions.SingleAsync(s => s.Id == Line.Id));
        await db.SaveChangesAsync();
    }

    public async Task<Subscription> ReloadAsync()
    {
        await using var db = Company.Open();
        return await db.Subscriptions.AsNoTracking().SingleAsync(s => s.Id == Line.Id);
    }

    public async Task<LineAction> LastActionAsync()
    {
        await using var db = Company.Open();
        return (await db.LineCommands.Where(c => c.SubscriptionId == Line.Id).ToListAsync()).MaxBy(c => (c.RequestedAt, c.Id))!.Action;
    }

    public ValueTask DisposeAsync() => _scope.DisposeAsync();
}
