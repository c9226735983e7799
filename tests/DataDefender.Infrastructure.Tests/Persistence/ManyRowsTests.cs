using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Persistence;

/// <summary>Many rows of one save, which PostgreSQL takes in one statement a table: the same as one by one on every database.</summary>
public sealed class ManyRowsTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private const int Rows = 40;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Many_rows_are_added_changed_and_removed_as_they_are(DatabaseProvider provider)
    {
        var (services, company, line, nas) = await SetUpAsync(provider);
        var sessions = Enumerable.Range(0, Rows).Select(n => Session(company.Id, nas, n % 3 == 0 ? null : line, n)).ToList();
        var hour = UsageDelta.HourOf(services.Clock.Now);
        await using (var db = services.OpenPlatform())
        {
            db.AddRange(sessions);
            db.AddRange(Enumerable.Range(0, Rows).Select(n => new UsageHour { TenantId = company.Id, SubscriptionId = line.Id, Hour = hour.AddHours(-n), UploadBytes = n, OnlineSeconds = n }));
            db.AddRange(Enumerable.Range(0, Rows).Select(n => Delta(company.Id, line, hour, n)));
            db.AddRange(Enumerable.Range(0, Rows).Select(n => new SessionChange { TenantId = company.Id, SubscriptionId = line.Id, At = hour.AddSeconds(n) }));
            db.AddRange(Enumerable.Range(0, Rows).Select(n => new LoginAttempt { TenantId = company.Id, NasId = nas, At = hour.AddSeconds(n), Username = $"ünï {n}", Method = "PAP", Outcome = LoginOutcome.WrongPassword, Detail = "", IsTest = n % 2 == 0 }));
            Assert.Equal(5 * Rows, await db.SaveChangesAsync(Ct));
            Assert.Equal(0, await db.SaveChangesAsync(Ct)); // nothing is left to be saved

            sessions.ForEach(s => { s.UploadBytes = (long)int.MaxValue * 5; s.FramedAddress = s.FramedAddress is null ? "100.64.0.9" : null; s.UpdatedAt = s.UpdatedAt.AddSeconds(1.5); });
            (await db.UsageHours.AcrossTenants().Where(u => u.TenantId == company.Id).ToListAsync(Ct)).ForEach(u => u.UploadBytes += 100);
            Assert.Equal(2 * Rows, await db.SaveChangesAsync(Ct));

            db.AddRange(sessions.Take(10).Select(s => s.ToRecord(s.UpdatedAt, "User-Request")));
            db.RemoveRange(sessions.Take(10));
            Assert.Equal(20, await db.SaveChangesAsync(Ct));
        }

        await using var read = company.Open();
        var left = await read.LiveSessions.AsNoTracking().OrderBy(s => s.AcctSessionId).ToListAsync(Ct);
        Assert.Equal(sessions.Skip(10).Select(Everything), left.Select(Everything));
        Assert.Equal(sessions.Take(10).Select(s => (s.AcctSessionId, s.SubscriptionId, s.UploadBytes, s.FramedAddress)), (await read.SessionRecords.OrderBy(s => s.AcctSessionId).ToListAsync(Ct)).Select(s => (s.AcctSessionId, s.SubscriptionId, s.UploadBytes, s.FramedAddress)));
        Assert.Equal(Enumerable.Range(0, Rows).Sum(n => n + 100L), await read.UsageHours.SumAsync(u => u.UploadBytes, Ct));
        Assert.Equal(Enumerable.Range(0, Rows).Select(n => (long)n), await read.UsageDeltas.OrderBy(d => d.Sequence).Select(d => d.Sequence).ToListAsync(Ct));
        Assert.Equal(Rows, await read.SessionChanges.CountAsync(Ct));
        Assert.Equal(Rows / 2, await read.LoginAttempts.CountAsync(a => a.IsTest && a.Outcome == LoginOutcome.WrongPassword && a.Username.StartsWith("ünï"), Ct));
    }

    [Theory, EachDatabase]
    public async Task One_row_that_is_refused_or_gone_leaves_nothing_of_the_save(DatabaseProvider provider)
    {
        var (services, company, line, nas) = await SetUpAsync(provider);
        var sessions = Enumerable.Range(0, Rows).Select(n => Session(company.Id, nas, line, n)).ToList();
        await using (var db = services.OpenPlatform())
        {
            db.AddRange(sessions.Append(Session(company.Id, nas, line, Rows - 1))); // the last one twice
            db.Add(new SessionChange { TenantId = company.Id, SubscriptionId = line.Id, At = services.Clock.Now });
            await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync(Ct));
        }

        await using (var db = services.OpenPlatform())
        {
            Assert.False(await db.LiveSessions.AcrossTenants().AnyAsync(s => s.TenantId == company.Id, Ct));
            db.AddRange(sessions);
            await db.SaveChangesAsync(Ct);
            await using (var other = services.OpenPlatform())
            {
                await other.LiveSessions.AcrossTenants().Where(s => s.Id == sessions[7].Id).ExecuteDeleteAsync(Ct);
            }

            sessions.ForEach(s => s.UploadBytes++);
            await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync(Ct));
        }

        await using var read = company.Open();
        Assert.Equal(0, await read.LiveSessions.SumAsync(s => s.UploadBytes, Ct));
        Assert.False(await read.SessionChanges.AnyAsync(Ct));
    }

    [Theory, EachDatabase]
    public async Task A_company_still_writes_no_row_of_another_however_many(DatabaseProvider provider)
    {
        var (services, company, line, nas) = await SetUpAsync(provider);
        var other = await TestCompany.CreateAsync(services, $"Other {Guid.CreateVersion7():N}");
        await using var db = other.Open();
        db.AddRange(Enumerable.Range(0, Rows).Select(n => Session(company.Id, nas, line, n)));

        await Assert.ThrowsAsync<InvalidOperationException>(() => db.SaveChangesAsync(Ct));
    }

    private static string Everything(LiveSession session) => System.Text.Json.JsonSerializer.Serialize(session);

    private static LiveSession Session(Guid tenant, Guid nas, Subscription? line, int number) => new()
    {
        TenantId = tenant, NasId = nas, AcctSessionId = $"{number:D4}", SubscriptionId = line?.Id, Username = line?.Username ?? "nobody's", FramedAddress = number % 2 == 0 ? null : $"100.64.0.{number}",
        StartedAt = new DateTime(2026, 3, 1, 10, 0, number, DateTimeKind.Utc), UpdatedAt = new DateTime(2026, 3, 1, 11, 0, number, DateTimeKind.Utc), SessionSeconds = 3600,
    };

    private static UsageDelta Delta(Guid tenant, Subscription line, DateTime hour, int number) => new()
    {
        TenantId = tenant, Hour = hour, JournalId = line.Id, Sequence = number, SubscriptionId = line.Id, NasId = line.Id, AcctSessionId = "81", At = hour.AddMinutes(1), UploadBytes = 5, Source = UsageSource.Healed,
    };

    private async Task<(TestServices Services, TestCompany Company, Subscription Line, Guid Nas)> SetUpAsync(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateAsync(services, $"ISP {Guid.CreateVersion7():N}");
        return (services, company, await company.AddSubscriptionAsync(), (await company.AddNasAsync()).Id);
    }
}
