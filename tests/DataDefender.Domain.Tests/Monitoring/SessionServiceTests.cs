using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tests.Network;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;

namespace DataDefender.Domain.Tests.Monitoring;

public sealed class SessionServiceTests(NetworkFixture network) : IClassFixture<NetworkFixture>
{
    [Theory, EachDatabase]
    public async Task Open_sessions_are_found_by_user_address_MAC_and_client(DatabaseProvider provider)
    {
        var company = await network.CompanyAsync(provider);
        var nas = await company.AddNasAsync();
        var line = await company.AddSubscriptionAsync(await company.AddClientAsync("Achieng Otieno"));
        var wanted = await company.AddSessionAsync(nas, s =>
        {
            (s.Username, s.FramedAddress, s.CallingStationId, s.SubscriptionId) = ("Achieng.home", "100.64.7.7", "DE:AD:BE:EF:00:01", line.Id);
        });
        await company.AddSessionAsync(nas);
        var other = await network.CompanyAsync(provider);
        await other.AddSessionAsync(await other.AddNasAsync(), s => s.Username = "achieng.home.foreign");

        foreach (var text in (string[])["achieng.HOME", "100.64.7", "deadbeef0001", "de-ad-be-ef-00-01", "be:ef", "otieno"])
        {
            var page = await ListAsync(company, new SessionFilter(text));
            Assert.Equal(wanted.Id, Assert.Single(page.Items).Id);
            Assert.Equal(("Achieng Otieno", nas.Name), (page.Items[0].ClientName, page.Items[0].NasName));
        }

        Assert.Equal(2, (await ListAsync(company, new SessionFilter())).Total);
    }

    [Theory, EachDatabase]
    public async Task Sessions_come_by_the_page_and_sorted_as_asked(DatabaseProvider provider)
    {
        var company = await network.CompanyAsync(provider);
        var nas = await company.AddNasAsync();
        foreach (var gigabytes in (int[])[3, 1, 2])
        {
            await company.AddSessionAsync(nas, s => s.DownloadBytes = gigabytes * 1_000_000_000L);
        }

        var page = await ListAsync(company, new SessionFilter(), new GridQuery(Page: 1, PageSize: 2, SortBy: nameof(OpenSessionRow.DownloadBytes), Descending: true));

        Assert.Equal(3, page.Total);
        Assert.Equal(1_000_000_000L, Assert.Single(page.Items).DownloadBytes);
    }

    [Fact]
    public async Task Sessions_of_a_router_are_those_of_its_NAS()
    {
        var company = await network.CompanyAsync();
        var router = await company.AddRouterAsync();
        var session = await company.AddSessionAsync(await company.AddNasAsync(router: router));
        await company.AddSessionAsync(await company.AddNasAsync());

        Assert.Equal(session.Id, Assert.Single((await ListAsync(company, new SessionFilter(RouterId: router.Id))).Items).Id);
    }

    [Theory, EachDatabase]
    public async Task The_summary_tells_open_from_silent(DatabaseProvider provider)
    {
        var company = await network.CompanyAsync(provider);
        Assert.Equal(new SessionSummary(0, 0, null), await SummariseAsync(company));
        var nas = await company.AddNasAsync();
        await company.AddSessionAsync(nas);
        await company.AddSessionAsync(nas, s => s.UpdatedAt = Observations.Now.AddSeconds(-749));
        await company.AddSessionAsync(nas, s => s.UpdatedAt = Observations.Now.AddSeconds(-751));

        Assert.Equal(new SessionSummary(3, 1, Observations.Now), await SummariseAsync(company));
    }

    [Theory, EachDatabase]
    public async Task A_lines_history_is_newest_first_and_its_own(DatabaseProvider provider)
    {
        var company = await network.CompanyAsync(provider);
        var nas = await company.AddNasAsync();
        var (mine, other) = (await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync());
        await using (var db = company.Open())
        {
            db.SessionRecords.AddRange(Enumerable.Range(1, 3).Select(day => new SessionRecord
            {
                TenantId = company.Id, NasId = nas.Id, SubscriptionId = mine.Id, AcctSessionId = $"{day}", StartedAt = Observations.Now.AddDays(-day), StoppedAt = Observations.Now.AddDays(-day).AddHours(5),
                TerminateCause = "User-Request",
            }));
            db.SessionRecords.Add(new SessionRecord { TenantId = company.Id, NasId = nas.Id, SubscriptionId = other.Id, AcctSessionId = "x", StartedAt = Observations.Now, StoppedAt = Observations.Now });
            await db.SaveChangesAsync();
        }

        var page = await company.AsAsync<SessionService, PageOf<PastSessionRow>>(Role.Support, s => s.HistoryAsync(mine.Id, 0, 2));

        Assert.Equal(3, page.Total);
        Assert.Equal([1, 2], page.Items.Select(s => (Observations.Now - s.StartedAt).Days));
        Assert.Equal((nas.Name, DateTimeKind.Utc), (page.Items[0].NasName, page.Items[0].StartedAt.Kind));
    }

    private static Task<PageOf<OpenSessionRow>> ListAsync(TestCompany company, SessionFilter filter, GridQuery? query = null) =>
        company.AsAsync<SessionService, PageOf<OpenSessionRow>>(Role.Technician, s => s.ListOpenAsync(filter, query ?? new GridQuery()));

    private static Task<SessionSummary> SummariseAsync(TestCompany company) => company.AsAsync<SessionService, SessionSummary>(Role.Technician, s => s.SummariseAsync());
}
