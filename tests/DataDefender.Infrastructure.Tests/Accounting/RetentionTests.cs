using System.ComponentModel.DataAnnotations;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Accounting;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Accounting;

public sealed class RetentionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task What_is_older_than_it_is_kept_goes_and_the_rest_stays(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider, s => s.AddAccountingLedgers());
        TestCompany[] companies = [await TestCompany.CreateAsync(services), await TestCompany.CreateAsync(services, "Rift Wireless")];
        var now = services.Clock.Now;
        foreach (var company in companies)
        {
            await FillAsync(company, [now.AddMonths(-12), now.AddMonths(-25), now.AddDays(-90), now.AddMonths(-12), now.AddDays(-1)]);
        }

        var retention = services.Provider.GetRequiredService<Retention>();
        var feeds = await retention.RemoveOldFeedsAsync(Ct);
        var history = await retention.RemoveOldHistoryAsync(Ct);

        Assert.Equal((4, new RemovedHistory(6, 4, 4, 4)), (feeds, history));
        await using var db = services.OpenPlatform();
        Assert.All(await db.SessionRecords.AcrossTenants().ToListAsync(Ct), s => Assert.Equal("young", s.AcctSessionId));
        Assert.Equal(4 + 2, await db.SessionRecords.AcrossTenants().CountAsync(Ct)); // and those of nobody's line
        Assert.Equal(
            (4, 4, 4, 2, 2),
            (await db.UsageHours.AcrossTenants().CountAsync(Ct), await db.LoginAttempts.AcrossTenants().CountAsync(Ct), await db.NetworkEvents.AcrossTenants().CountAsync(Ct),
                await db.SessionChanges.AcrossTenants().CountAsync(Ct), await db.RadiusChanges.CountAsync(c => c.Kind == "test", Ct)));
        Assert.Equal(default, await retention.RemoveOldHistoryAsync(Ct));
    }

    [Theory]
    [EachDatabase]
    public async Task More_rows_than_one_statement_takes_all_go(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider, s => s.AddAccountingLedgers());
        var company = await TestCompany.CreateAsync(services);
        await using (var db = company.Open())
        {
            db.LoginAttempts.AddRange(Enumerable.Range(0, 5_001).Select(i => new LoginAttempt { TenantId = company.Id, At = services.Clock.Now.AddDays(-91).AddSeconds(-i), Username = "u" }));
            await db.SaveChangesAsync(Ct);
        }

        Assert.Equal(5_001, (await services.Provider.GetRequiredService<Retention>().RemoveOldHistoryAsync(Ct)).LoginAttempts);
    }

    [Fact]
    public void Times_that_quotas_could_not_live_with_are_refused()
    {
        var wrong = new RetentionOptions { SessionMonths = 0, UsageMonths = 2, LoginAttemptDays = 0, EventMonths = 0 };
        var problems = new List<ValidationResult>();

        Assert.False(Validator.TryValidateObject(wrong, new ValidationContext(wrong), problems, validateAllProperties: true));
        Assert.Equal(4, problems.Count);
        var usual = new RetentionOptions();
        Assert.True(Validator.TryValidateObject(usual, new ValidationContext(usual), null, validateAllProperties: true));
    }

    /// <summary>On both sides of each border, for two lines.</summary>
    private static async Task FillAsync(TestCompany company, DateTime[] borders)
    {
        var nas = await company.AddNasAsync();
        Guid[] lines = [(await company.AddSubscriptionAsync()).Id, (await company.AddSubscriptionAsync()).Id];
        await using var db = company.Open();
        db.SessionRecords.AddRange(Session(company.Id, nas, null, borders[0], "old"), Session(company.Id, nas, null, borders[0].AddMinutes(5), "young"));
        foreach (var line in lines)
        {
            db.SessionRecords.AddRange(Session(company.Id, nas, line, borders[0], "old"), Session(company.Id, nas, line, borders[0].AddMinutes(5), "young"));
            db.UsageHours.AddRange(Usage(company.Id, line, borders[1].AddHours(-2)), Usage(company.Id, line, borders[1].AddHours(1)));
            db.LoginAttempts.AddRange(Attempt(company.Id, nas, borders[2].AddMinutes(-1)), Attempt(company.Id, nas, borders[2].AddMinutes(1)));
            db.NetworkEvents.AddRange(Event(company.Id, borders[3].AddMinutes(-1)), Event(company.Id, borders[3].AddMinutes(1)));
        }

        foreach (var minutes in (int[])[-1, 1])
        {
            db.SessionChanges.Add(new SessionChange { TenantId = company.Id, SubscriptionId = lines[0], At = borders[4].AddMinutes(minutes) });
            db.RadiusChanges.Add(new RadiusChange { TenantId = company.Id, Kind = "test", EntityId = lines[0], At = borders[4].AddMinutes(minutes) });
        }

        await db.SaveChangesAsync(Ct);
    }

    private static SessionRecord Session(Guid tenant, Nas nas, Guid? line, DateTime stoppedAt, string id) => new()
    {
        TenantId = tenant, NasId = nas.Id, SubscriptionId = line, AcctSessionId = id, StartedAt = stoppedAt.AddHours(-1), StoppedAt = stoppedAt.AddMinutes(-1),
    };

    private static UsageHour Usage(Guid tenant, Guid line, DateTime hour) => new() { TenantId = tenant, SubscriptionId = line, Hour = UsageDelta.HourOf(hour), UploadBytes = 1 };

    private static LoginAttempt Attempt(Guid tenant, Nas nas, DateTime at) => new() { TenantId = tenant, NasId = nas.Id, At = at, Username = "u" };

    private static NetworkEvent Event(Guid tenant, DateTime at) => new() { TenantId = tenant, At = at, Kind = "router.down", Message = "It is down." };
}
