using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Domain.Tests.Subscriptions;

public sealed class LineHistoryServiceTests : IAsyncLifetime
{
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private AsyncServiceScope _scope;
    private Subscription _line = null!;
    private Nas _nas = null!;

    private LineHistoryService History => _scope.ServiceProvider.GetRequiredService<LineHistoryService>();

    private DateTime Now => _services.Clock.Now;

    public async ValueTask InitializeAsync()
    {
        _services = await TestServices.CreateAsync(configure: s => s.AddScoped<LineHistoryService>().AddScoped<LicenceGuard>().AddScoped<SubscriptionService>().AddSingleton<LineSignal>());
        _company = await TestCompany.CreateAsync(_services);
        _scope = _company.Scope();
        (_line, _nas) = (await _company.AddSubscriptionAsync(), await _company.AddNasAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _scope.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task Open_sessions_tell_where_the_line_is_and_how_old_that_news_is()
    {
        await SaveAsync(new LiveSession
        {
            TenantId = _company.Id,
            NasId = _nas.Id,
            AcctSessionId = "80100014",
            SubscriptionId = _line.Id,
            FramedAddress = "100.64.0.5",
            CallingStationId = "4C:5E:0C:11:22:33",
            StartedAt = Now.AddHours(-3),
            UpdatedAt = Now.AddSeconds(-40),
            UploadBytes = 7,
            DownloadBytes = 11,
        });

        var session = Assert.Single(await History.OpenSessionsAsync(_line.Id));

        Assert.Equal((_nas.Name, "100.64.0.5", "4C:5E:0C:11:22:33", 7, 11), (session.Nas, session.Address, session.Mac, session.UploadBytes, session.DownloadBytes));
        Assert.Equal(Now.AddSeconds(-40), session.UpdatedAt);
    }

    [Fact]
    public async Task Usage_is_by_the_companys_day_and_a_day_without_use_is_there()
    {
        // The company lives in Nairobi, UTC+3: 22:00 UTC of the 27th is the 28th there.
        await SaveAsync(
            Hour(new DateTime(2026, 2, 27, 20, 0, 0, DateTimeKind.Utc), 1, 10),
            Hour(new DateTime(2026, 2, 27, 22, 0, 0, DateTimeKind.Utc), 2, 20),
            Hour(new DateTime(2026, 2, 28, 10, 0, 0, DateTimeKind.Utc), 3, 30),
            Hour(new DateTime(2026, 1, 1, 10, 0, 0, DateTimeKind.Utc), 99, 99));

        var days = await History.UsageAsync(_line.Id, 3);

        Assert.Equal(
            [new UsageDay(new(2026, 2, 27), 1, 10), new UsageDay(new(2026, 2, 28), 5, 50), new UsageDay(new(2026, 3, 1), 0, 0)],
            days);
    }

    [Fact]
    public async Task Logins_come_newest_first_with_the_reason()
    {
        await SaveAsync([.. Enumerable.Range(1, 5).Select(minute => new LoginAttempt
        {
            TenantId = _company.Id,
            At = Now.AddMinutes(minute),
            NasId = _nas.Id,
            SubscriptionId = _line.Id,
            Username = _line.Username,
            Method = "PAP",
            Outcome = minute == 5 ? LoginOutcome.WrongPassword : LoginOutcome.Accepted,
            Detail = $"attempt {minute}",
        })]);

        var page = await History.LoginsAsync(_line.Id, new GridQuery(PageSize: 2));
        var next = await History.LoginsAsync(_line.Id, new GridQuery(Page: 1, PageSize: 2));

        Assert.Equal(["attempt 5", "attempt 4"], page.Items.Select(l => l.Detail));
        Assert.Equal(["attempt 3", "attempt 2"], next.Items.Select(l => l.Detail));
        Assert.Equal((5, LoginOutcome.WrongPassword, _nas.Name), (page.Total, page.Items[0].Outcome, page.Items[0].Nas));
    }

    [Fact]
    public async Task Ended_sessions_and_commands_are_listed()
    {
        await SaveAsync(new SessionRecord
        {
            TenantId = _company.Id,
            NasId = _nas.Id,
            AcctSessionId = "1",
            SubscriptionId = _line.Id,
            StartedAt = Now.AddHours(-5),
            StoppedAt = Now.AddHours(-4),
            DownloadBytes = 5,
            TerminateCause = "Lost-Carrier",
        });
        await _scope.ServiceProvider.GetRequiredService<SubscriptionService>().SuspendAsync(_line.Id, SuspendReason.Unpaid, null);

        Assert.Equal("Lost-Carrier", Assert.Single((await History.SessionsAsync(_line.Id, new GridQuery())).Items).TerminateCause);
        Assert.Equal("suspended: Unpaid", Assert.Single((await History.CommandsAsync(_line.Id, new GridQuery())).Items).Because);
        var acts = await History.ActsAsync(_line.ClientId, new GridQuery());
        Assert.Equal(["changed Subscription", "created Subscription", "created Client"], acts.Items.Select(a => $"{a.Action} {a.Entity}"));
    }

    [Fact]
    public async Task A_line_of_another_company_is_not_found()
    {
        var other = await TestCompany.CreateAsync(_services, "Rift Net");
        await using var scope = other.Scope();
        var history = scope.ServiceProvider.GetRequiredService<LineHistoryService>();

        await Assert.ThrowsAsync<NotFoundException>(() => history.OpenSessionsAsync(_line.Id));
        await Assert.ThrowsAsync<NotFoundException>(() => history.SessionsAsync(_line.Id, new GridQuery()));
        await Assert.ThrowsAsync<NotFoundException>(() => history.UsageAsync(_line.Id, 30));
        await Assert.ThrowsAsync<NotFoundException>(() => history.LoginsAsync(_line.Id, new GridQuery()));
        await Assert.ThrowsAsync<NotFoundException>(() => history.CommandsAsync(_line.Id, new GridQuery()));
        await Assert.ThrowsAsync<NotFoundException>(() => history.ActsAsync(_line.ClientId, new GridQuery()));
    }

    [Fact]
    public async Task Support_does_not_see_the_audit_trail()
    {
        await using var scope = _company.Scope(Role.Support);

        await Assert.ThrowsAsync<ForbiddenException>(() => scope.ServiceProvider.GetRequiredService<LineHistoryService>().ActsAsync(_line.ClientId, new GridQuery()));
    }

    private UsageHour Hour(DateTime hour, long up, long down) =>
        new() { TenantId = _company.Id, SubscriptionId = _line.Id, Hour = hour, UploadBytes = up, DownloadBytes = down };

    private async Task SaveAsync(params object[] rows)
    {
        await using var db = _company.Open();
        db.AddRange(rows);
        await db.SaveChangesAsync();
    }
}
