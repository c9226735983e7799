using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Accounting;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace DataDefender.Infrastructure.Tests.Persistence;

/// <summary>The history of sessions by months, on a real PostgreSQL.</summary>
public sealed class SessionMonthsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Months_are_made_ahead_once_and_each_session_is_in_the_month_it_began_in()
    {
        await using var services = await CreateAsync();
        var company = await TestCompany.CreateAsync(services);
        var nas = await company.AddNasAsync();
        var now = services.Clock.Now;

        Assert.Equal(3, await MakeAsync(services));
        Assert.Equal(0, await MakeAsync(services));
        await AddAsync(company, nas, "first", First(now));
        await AddAsync(company, nas, "last", First(now).AddMonths(1).AddTicks(-10));
        await AddAsync(company, nas, "next", First(now).AddMonths(1));

        Assert.Equal([("first", Name(now)), ("last", Name(now)), ("next", Name(now.AddMonths(1)))], await PlacesAsync(company));
    }

    [Fact]
    public async Task What_came_before_its_month_was_made_waits_and_is_moved_there_whole()
    {
        await using var services = await CreateAsync();
        var company = await TestCompany.CreateAsync(services);
        var nas = await company.AddNasAsync();
        var now = services.Clock.Now;
        await AddAsync(company, nas, "now", now);
        await AddAsync(company, nas, "in spring", now.AddMonths(-7));
        await AddAsync(company, nas, "a wrong clock", new DateTime(1970, 1, 1, 0, 5, 0, DateTimeKind.Utc));
        Assert.All(await PlacesAsync(company), p => Assert.Equal(SessionMonths.Rest, p.Place));

        Assert.Equal(4, await MakeAsync(services));

        Assert.Equal([("a wrong clock", SessionMonths.Rest), ("in spring", Name(now.AddMonths(-7))), ("now", Name(now))], await PlacesAsync(company));
        await using var db = company.Open();
        var moved = await db.SessionRecords.SingleAsync(s => s.AcctSessionId == "in spring", Ct);
        Assert.Equal((company.Id, nas.Id, 7L, "User-Request"), (moved.TenantId, moved.NasId, moved.UploadBytes, moved.TerminateCause));
        (moved.UploadBytes, moved.StoppedAt) = (8, moved.StoppedAt.AddMinutes(1));
        await db.SaveChangesAsync(Ct);
        db.SessionRecords.Remove(moved);
        Assert.Equal(1, await db.SaveChangesAsync(Ct));
    }

    [Fact]
    public async Task A_month_goes_whole_when_its_last_session_ended_long_enough_ago()
    {
        await using var services = await CreateAsync();
        var company = await TestCompany.CreateAsync(services);
        var nas = await company.AddNasAsync();
        var now = services.Clock.Now;
        await AddAsync(company, nas, "gone", First(now).AddMonths(-14).AddDays(3));
        await AddAsync(company, nas, "gone too", First(now).AddMonths(-14).AddDays(9));
        await AddAsync(company, nas, "began long ago", First(now).AddMonths(-15), stoppedAt: now.AddMonths(-2));
        await AddAsync(company, nas, "old, of that month", First(now).AddMonths(-15).AddHours(1));
        await AddAsync(company, nas, "young", now.AddMonths(-1));
        await MakeAsync(services);

        var removed = await services.Provider.GetRequiredService<Retention>().RemoveOldHistoryAsync(Ct);

        Assert.Equal(3, removed.Sessions); // two with their month, one by its age
        Assert.Equal([("began long ago", Name(now.AddMonths(-15))), ("young", Name(now.AddMonths(-1)))], await PlacesAsync(company));
        Assert.DoesNotContain(Name(now.AddMonths(-14)), await PartitionsAsync(services));
    }

    [Fact]
    public async Task Each_company_sees_its_own_in_every_month_by_whatever_name_it_is_asked()
    {
        await using var services = await CreateAsync();
        TestCompany[] companies = [await TestCompany.CreateAsync(services), await TestCompany.CreateAsync(services, "Rift Wireless")];
        var now = services.Clock.Now;
        foreach (var company in companies)
        {
            var nas = await company.AddNasAsync();
            await AddAsync(company, nas, "before", now.AddMonths(-1));
            await AddAsync(company, nas, "now", now);
            await AddAsync(company, nas, "a wrong clock", new DateTime(1970, 1, 1, 0, 5, 0, DateTimeKind.Utc));
        }

        await MakeAsync(services);

        foreach (var table in (string[])[SessionMonths.Table, .. await PartitionsAsync(services)])
        {
            await services.Database.ExecuteAsOwnerAsync($"GRANT SELECT, UPDATE, DELETE ON {table} TO {PostgresCluster.App}"); // as default privileges would
            await using var own = companies[0].Open();
            await using var nobody = Providers.Create(DatabaseProvider.PostgreSql, services.Database.ConnectionString)(); // says no company
            await using var platform = services.OpenPlatform();
            Assert.Equal(await platform.CountAsync($"{table} WHERE tenant_id = '{companies[0].Id}'"), await own.CountAsync(table));
            Assert.Equal(0, await nobody.CountAsync(table));
            if (await own.CountAsync(table) > 0)
            {
                var moved = await Assert.ThrowsAsync<PostgresException>(() => own.ExecuteAsync($"UPDATE {table} SET tenant_id = '{companies[1].Id}'"));
                Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, moved.SqlState);
            }

            Assert.Equal(0, await own.ExecuteAsync($"DELETE FROM {table} WHERE tenant_id = '{companies[1].Id}'"));
        }

        await using var all = services.OpenPlatform();
        Assert.Equal(6, await all.SessionRecords.AcrossTenants().CountAsync(Ct));
    }

    [Fact]
    public async Task A_company_may_neither_make_nor_drop_months_and_nobody_may_by_hand()
    {
        await using var services = await CreateAsync();
        var company = await TestCompany.CreateAsync(services);
        await MakeAsync(services);
        await using var db = company.Open();

        foreach (var statement in (string[])["SELECT session_records_make_months(now(), 2, 60)", "SELECT session_records_drop_months(now())", $"DROP TABLE {Name(services.Clock.Now)}", $"ALTER TABLE {SessionMonths.Rest} DISABLE ROW LEVEL SECURITY"])
        {
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => db.ExecuteAsync(statement))).SqlState);
        }
    }

    [Fact]
    public async Task A_clients_history_reads_the_months_in_order_and_a_time_leaves_the_others_out()
    {
        await using var services = await CreateAsync();
        var company = await TestCompany.CreateAsync(services);
        var nas = await company.AddNasAsync();
        for (var month = 0; month < 6; month++)
        {
            await AddAsync(company, nas, $"{month}", services.Clock.Now.AddMonths(-month));
        }

        await MakeAsync(services);
        await using var db = company.Open();

        var plan = await db.ScalarAsync($"""
            CREATE OR REPLACE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE line text; whole text := ''; BEGIN FOR line IN EXECUTE 'EXPLAIN ' || query LOOP whole := whole || line; END LOOP; RETURN whole; END $$;
            SELECT pg_temp.plan('SELECT * FROM session_records WHERE started_at >= ''{services.Clock.Now.AddMonths(-1):O}'' AND started_at < ''{services.Clock.Now:O}''');
            """) as string;

        Assert.Contains(Name(services.Clock.Now.AddMonths(-1)), plan, StringComparison.Ordinal);
        Assert.DoesNotContain(Name(services.Clock.Now.AddMonths(-3)), plan, StringComparison.Ordinal);
        Assert.Equal(["0", "1", "2", "3", "4", "5"], await db.SessionRecords.OrderByDescending(s => s.StartedAt).Select(s => s.AcctSessionId).ToListAsync(Ct));
    }

    private static Task<TestServices> CreateAsync() => TestServices.CreateAsync(DatabaseProvider.PostgreSql, s => s.AddAccountingLedgers());

    private static Task<int> MakeAsync(TestServices services) => services.Provider.GetRequiredService<Retention>().MakeMonthsAsync(Ct);

    private static DateTime First(DateTime at) => new(at.Year, at.Month, 1, 0, 0, 0, DateTimeKind.Utc);

    private static string Name(DateTime at) => $"session_records_y{at.Year:D4}m{at.Month:D2}";

    private static async Task AddAsync(TestCompany company, Nas nas, string id, DateTime startedAt, DateTime? stoppedAt = null)
    {
        await using var db = company.Open();
        db.SessionRecords.Add(new SessionRecord
        {
            TenantId = company.Id, NasId = nas.Id, AcctSessionId = id, Username = "u", StartedAt = startedAt, StoppedAt = stoppedAt ?? startedAt.AddMinutes(5), UploadBytes = 7, TerminateCause = "User-Request",
        });
        await db.SaveChangesAsync(Ct);
    }

    /// <summary>By the names of the sessions.</summary>
    private static async Task<List<(string Session, string Place)>> PlacesAsync(TestCompany company)
    {
        await using var db = company.Open();
        var places = (string?)await db.ScalarAsync("SELECT string_agg(acct_session_id || '|' || tableoid::regclass, ';' ORDER BY acct_session_id) FROM session_records") ?? "";
        return [.. places.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('|')).Select(p => (p[0], p[1]))];
    }

    private static async Task<string[]> PartitionsAsync(TestServices services)
    {
        await using var db = services.OpenPlatform();
        return ((string)(await db.ScalarAsync("SELECT string_agg(inhrelid::regclass::text, ';' ORDER BY 1) FROM pg_inherits WHERE inhparent = 'session_records'::regclass"))!).Split(';');
    }
}
