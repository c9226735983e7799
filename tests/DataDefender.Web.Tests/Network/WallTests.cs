using Bunit;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Monitoring.History;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Testing;
using DataDefender.Web.Components.Pages.History;
using DataDefender.Web.Components.Pages.Wall;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Network;

public sealed class WallTests : PageTest
{
    protected override Role Role => Role.NocOperator;

    private LiveMetrics Metrics => Services.GetRequiredService<LiveMetrics>();

    [Fact]
    public async Task The_wall_turns_by_itself_and_says_how_old_its_data_is()
    {
        var router = await Company.AddRouterAsync("NBO-1");
        Metrics.Publish(Snapshot(router, Clock.Now, RouterState.Up));
        var page = Render<Wall>();
        page.WaitForAssertion(() => Assert.Contains("All well", page.Markup, StringComparison.Ordinal));

        Assert.Equal("is-on", page.FindAll(".wall-foot > span").Select(dot => dot.ClassName ?? "").Aggregate((marks, next) => $"{marks}{next}")); // of two scenes that are alike, one
        Clock.Advance(TimeSpan.FromSeconds(16));

        page.WaitForAssertion(() => Assert.Contains("NBO-1", page.Find(".wall-sites").TextContent, StringComparison.Ordinal));
        Clock.Advance(TimeSpan.FromSeconds(60));
        page.WaitForAssertion(() => Assert.Contains("old", page.Find(".wall-name .is-old").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_wall_shows_the_same_incidents_as_the_board()
    {
        var router = await Company.AddRouterAsync("NBO-1");
        var alert = new ActiveAlert(null, AlertKind.RouterDown, EventSeverity.Critical, AlertSubject.OfRouter(router.Id, "NBO-1", null), Clock.Now, 1, "No answer.", true);
        await using (var db = Company.Open())
        {
            db.Incidents.Add(new Incident(Company.Id, 1, RootCause.Group([alert], NetworkShape.Empty)[0], Clock.Now));
            await db.SaveChangesAsync();
        }

        var page = Render<Wall>();

        page.WaitForAssertion(() => Assert.Contains("NBO-1 is down", page.Find(".wall-causes").TextContent, StringComparison.Ordinal));
        Assert.Contains("nobody has it", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("button, a")); // nothing to touch
    }

    [Fact]
    public async Task The_history_of_a_router_is_drawn_over_the_range_in_the_address()
    {
        var router = await Company.AddRouterAsync("NBO-1");
        await using (var db = Company.Open())
        {
            var block = MetricSample.OfRouter(Enumerable.Range(0, 30).Select(i => Snapshot(router, Clock.Now.AddMinutes(-20).AddSeconds(10 * i), RouterState.Up)));
            db.MetricChunks.Add(new MetricChunk(Company.Id, router.Id, MetricStep.Raw, block.Times[0], block.Times[^1].AddSeconds(1), block.Pack()));
            await db.SaveChangesAsync();
        }

        Navigation.NavigateTo($"/history?router={router.Id}&range=1h");
        var page = Render<HistoryPage>();

        page.WaitForAssertion(() => Assert.Contains("History of NBO-1", page.Markup, StringComparison.Ordinal));
        Assert.Contains("highest 55.0 Mbps", page.Find(".tc-body").GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Contains("every ten seconds", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_history_of_an_interface_shows_when_its_errors_began_in_errors_a_minute()
    {
        var router = await Company.AddRouterAsync("NBO-1");
        await using (var db = Company.Open())
        {
            var block = MetricSample.OfRouter(Enumerable.Range(0, 30).Select(i => Snapshot(router, Clock.Now.AddMinutes(-20).AddSeconds(10 * i), RouterState.Up) with
            {
                Interfaces = [new InterfaceReading("ether1", "ether", true, false, 0, 0, 1e6, 1e6, 0, 0) { ErrorsPerMinute = i < 20 ? 0 : 42 }, new InterfaceReading("ether2", "ether", true, false, 0, 0, 1e6, 1e6, 0, 0)],
            }));
            db.MetricChunks.Add(new MetricChunk(Company.Id, router.Id, MetricStep.Raw, block.Times[0], block.Times[^1].AddSeconds(1), block.Pack()));
            await db.SaveChangesAsync();
        }

        Navigation.NavigateTo($"/history?router={router.Id}&range=1h&link=ether1");
        var page = Render<HistoryPage>();
        page.WaitForAssertion(() => Assert.Contains("Errors on ether1", page.Markup, StringComparison.Ordinal));
        Assert.Contains("highest 42/min", page.FindAll(".tc-body")[1].GetAttribute("aria-label"), StringComparison.Ordinal);

        Navigation.NavigateTo($"/history?router={router.Id}&range=1h&link=ether2"); // it counts none
        page.WaitForAssertion(() => Assert.Contains("Traffic on ether2", page.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain("Errors on", page.Markup, StringComparison.Ordinal);
    }

    private RouterSnapshot Snapshot(Router router, DateTime at, RouterState state) =>
        new(Company.Id, router.Id, router.Name, at, state, null, at, 20, 400, 1000, TimeSpan.FromDays(1), 12, 55_000_000, 5_000_000, 12, []);
}
