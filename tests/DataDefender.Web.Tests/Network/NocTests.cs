using Bunit;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Testing;
using DataDefender.Web.Components.Pages.Network;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Network;

public sealed class NocTests : PageTest
{
    protected override Role Role => Role.NocOperator;

    private LiveMetrics Metrics => Services.GetRequiredService<LiveMetrics>();

    [Fact]
    public void A_company_without_a_network_is_led_to_its_first_router()
    {
        var page = Render<Noc>();

        page.WaitForAssertion(() => Assert.Contains("No network yet", page.Markup, StringComparison.Ordinal));
        Assert.Equal("/routers?add=true", page.Find(".empty a").GetAttribute("href"));
    }

    [Fact]
    public async Task The_dashboard_shows_sessions_traffic_logins_and_routers_of_this_company_only()
    {
        var router = await Company.AddRouterAsync("NBO-CORE");
        var nas = await Company.AddNasAsync(router: router);
        await Company.AddSessionAsync(nas);
        await Company.AddLoginAsync(nas, outcome: LoginOutcome.WrongPassword);
        await Company.AddEventAsync("router.up", message: "NBO-CORE came up.", router: router.Id);
        var other = await OtherCompanyAsync();
        var foreign = await other.AddRouterAsync("MSA-CORE");
        await other.AddSessionAsync(await other.AddNasAsync(router: foreign));
        await other.AddEventAsync("router.down", EventSeverity.Critical, "MSA-CORE went down.", foreign.Id);
        Metrics.Publish(Snapshot(other.Id, foreign.Id, "MSA-CORE", down: 999_000_000));
        Metrics.Publish(Snapshot(Company.Id, router.Id, "NBO-CORE", down: 120_000_000, up: 20_000_000));

        var page = await OpenAsync();

        Assert.Equal(["1", "120 Mbps", "20.0 Mbps"], page.FindAll(".stat-value").Take(3).Select(v => v.TextContent));
        var card = page.Find(".router-card");
        Assert.Equal($"/routers/{router.Id}", card.GetAttribute("href"));
        Assert.Contains("41%", card.TextContent, StringComparison.Ordinal);
        Assert.Contains("Wrong password", page.Find(".reasons").TextContent, StringComparison.Ordinal);
        Assert.Contains("NBO-CORE came up.", page.Find(".events").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("MSA-CORE", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("999", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_without_RADIUS_are_counted_with_the_age_of_their_reading_and_strangers_on_the_router_are_not()
    {
        var router = await Company.AddRouterAsync("KILIMANI");
        await Company.AddSessionAsync(await Company.AddNasAsync());
        await Company.AddSubscriptionAsync(username: "jane");
        var online = ((string[])["jane", "somebody-else"]).ToDictionary(n => n, _ => new LineSighting(null, null, null, "its PPPoE session is open"));
        Services.GetRequiredService<LinesOnRouters>().Publish(new RouterLines(Company.Id, router.Id, "KILIMANI", Domain.Provisioning.LinePush.Secrets, true, Clock.Now.AddMinutes(-2), TimeSpan.FromMinutes(5), online));

        var page = await OpenAsync();

        Assert.Equal("2", page.FindAll(".stat-value")[0].TextContent);
        Assert.Contains("1 on routers without RADIUS, read 2 min ago", page.FindAll(".stat-note")[0].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RADIUS_that_is_not_heard_is_unknown_and_never_zero()
    {
        await Company.AddNasAsync(router: await Company.AddRouterAsync());
        Metrics.Publish(Company.Id, new RadiusPulse(Clock.Now, 5, 1, 40, 90, 300, 1200, 0));
        Metrics.Publish(new RadiusFeed(Clock.Now.AddMinutes(-3), "RadiusHost does not answer.", Clock.Now.AddMinutes(-3), 0, true, true));

        var page = await OpenAsync();

        var tiles = page.FindAll(".stat");
        Assert.All(tiles.Skip(3), t => Assert.Contains("is-unknown", t.ClassList));
        Assert.Equal(["–", "–", "–"], tiles.Skip(3).Select(t => t.QuerySelector(".stat-value")!.TextContent));
        Assert.Contains("unknown for 3 min", tiles[3].TextContent, StringComparison.Ordinal);
        Assert.Contains("RADIUS is not heard", page.Find(".wants").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pulse_is_shown_while_RADIUS_is_heard()
    {
        await Company.AddNasAsync(router: await Company.AddRouterAsync());
        Metrics.Publish(new RadiusFeed(Clock.Now, null, Clock.Now, 12, true, true));
        Metrics.Publish(Company.Id, new RadiusPulse(Clock.Now, 5, 1, 40, 90, 300, 1200, 12));

        var page = await OpenAsync();

        Assert.Equal(["1,200", "–", "–", "5/s", "1/s", "0.09 ms"], page.FindAll(".stat-value").Select(v => v.TextContent));
        Assert.Contains("99 of 100 within 0.30 ms", page.Markup, StringComparison.Ordinal);
        Assert.Contains("12 records", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_RadiusHost_of_two_that_is_down_is_said_and_the_figures_go_on()
    {
        await Company.AddNasAsync(router: await Company.AddRouterAsync());
        Metrics.Publish(new RadiusFeed(Clock.Now, null, Clock.Now, 12, true, true)
        {
            Hosts =
            [
                new RadiusHostState("10.0.0.1:5081", Clock.Now, null, 12, true, true),
                new RadiusHostState("10.0.0.2:5081", Clock.Now.AddMinutes(-3), "RadiusHost does not answer.", 5, true, true),
            ],
        });
        Metrics.Publish(Company.Id, new RadiusPulse(Clock.Now, 5, 1, 40, 90, 300, 1200, 12));

        var page = await OpenAsync();

        Assert.Equal("5/s", page.FindAll(".stat-value")[3].TextContent);
        Assert.Contains("RadiusHost 10.0.0.2:5081 is not heard", page.Find(".wants").TextContent, StringComparison.Ordinal);
        var facts = page.Find(".noc-side .noc-facts").TextContent;
        Assert.Contains("12 waiting", facts, StringComparison.Ordinal);
        Assert.Contains("last heard 3 min ago", string.Join(' ', facts.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RADIUS_is_told_by_NAS_for_the_last_minute_with_duplicates_and_the_age_of_what_waits()
    {
        var (quiet, busy) = (await Company.AddNasAsync(configure: n => n.Name = "A quiet one"), await Company.AddNasAsync(configure: n => n.Name = "Busy"));
        Metrics.Publish(new RadiusFeed(Clock.Now, null, Clock.Now, 12, true, true) { JournalOldest = TimeSpan.FromSeconds(75), DeadLetters = 2, LoginsNotLogged = 40_123 });
        Metrics.Publish(Company.Id, new RadiusPulse(Clock.Now, 5, 1, 40, 90, 300, 1200, 12) { DuplicatesPerSecond = 3 });
        Metrics.Publish(Company.Id, [new NasPulse(busy.Id, Clock.Now, 100, 10, 1000, 0, 7, true) { Reasons = [new(LoginOutcome.WrongPassword, 10)] }], Clock.Now.AddSeconds(-30));
        var now = new NasPulse(busy.Id, Clock.Now, 104, 12, 1500, 1, 7, true) { Reasons = [new(LoginOutcome.WrongPassword, 11), new(LoginOutcome.UnknownUser, 1)], MedianMicroseconds = 300, P99Microseconds = 1200 };
        Metrics.Publish(Company.Id, [now, new NasPulse(quiet.Id, null, 0, 0, 0, 0, 0, false)], Clock.Now);

        var page = await OpenAsync();

        var cells = page.FindAll(".noc-nas tbody tr")[0].QuerySelectorAll("td").Select(c => c.TextContent.Trim()).ToList();
        Assert.StartsWith("Busy", cells[0], StringComparison.Ordinal);
        Assert.Equal(["0 s ago", "4", "2", "0.30 ms · 1.2 ms", "500", "0", "1"], cells[1..]);
        Assert.Equal(["Wrong password 1", "Unknown user 1"], page.FindAll(".noc-nas-reason").Select(r => r.TextContent.Trim())); // of the minute, not since the start
        Assert.Equal(["A quiet one", "no packet yet", "0", "0", "–", "0", "0", "0"], page.FindAll(".noc-nas tbody tr")[1].QuerySelectorAll("td").Select(c => c.TextContent.Trim()));
        var facts = page.Find(".noc-side .noc-facts").TextContent;
        Assert.Contains("3/s", facts, StringComparison.Ordinal);
        Assert.Contains("Logins missing in the log40,123", facts, StringComparison.Ordinal);
        Assert.Contains("1 min 15 s", facts, StringComparison.Ordinal);
        Assert.Contains("2 records", facts, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_router_that_goes_down_leads_the_screen_with_who_is_hurt()
    {
        var router = await Company.AddRouterAsync("NBO-EDGE");
        var nas = await Company.AddNasAsync(router: router);
        await Company.AddSessionAsync(nas);
        await Company.AddSessionAsync(nas);
        var page = await OpenAsync();

        Metrics.Publish(Snapshot(Company.Id, router.Id, "NBO-EDGE", state: RouterState.Down, reason: "It did not answer three times."));
        Clock.Advance(TimeSpan.FromSeconds(1));

        page.WaitForAssertion(() => Assert.Contains("NBO-EDGE is down", page.Find(".want").TextContent, StringComparison.Ordinal));
        Assert.Equal("2 sessions", page.Find(".want-hurt").TextContent);
        Assert.Equal("Down", page.Find(".router-card .chip").TextContent);
    }

    [Fact]
    public async Task A_burst_of_news_renders_once_and_shows_the_newest()
    {
        var router = await Company.AddRouterAsync("NBO-CORE");
        var page = await OpenAsync();
        Clock.Advance(TimeSpan.FromSeconds(1.5)); // its own clock ticked and was shown
        page.WaitForState(() => page.RenderCount > 1);
        var before = page.RenderCount;

        for (var i = 1; i <= 200; i++)
        {
            Metrics.Publish(Snapshot(Company.Id, router.Id, "NBO-CORE", down: i * 1_000_000));
        }

        Clock.Advance(TimeSpan.FromMilliseconds(200));
        page.WaitForAssertion(() => Assert.Contains("200 Mbps", page.Find(".noc-tiles").TextContent, StringComparison.Ordinal));
        Assert.Equal(before + 1, page.RenderCount);
    }

    [Fact]
    public async Task A_page_that_was_left_hears_nothing_more()
    {
        var router = await Company.AddRouterAsync();
        var page = await OpenAsync();
        var renders = page.RenderCount;

        await DisposeComponentsAsync();
        Metrics.Publish(Snapshot(Company.Id, router.Id, "R", down: 1));
        Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(renders, page.RenderCount);
    }

    private async Task<IRenderedComponent<Noc>> OpenAsync()
    {
        var page = Render<Noc>();
        await page.WaitForStateAsync(() => page.FindAll(".noc").Count == 1);
        return page;
    }

    private RouterSnapshot Snapshot(Guid tenant, Guid router, string name, double? down = null, double? up = null, RouterState state = RouterState.Up, string? reason = null) =>
        new(tenant, router, name, Clock.Now, state, reason, Clock.Now, 41, 600_000_000, 1_000_000_000, TimeSpan.FromDays(3), 10, down, up, 12, []);
}
