using Bunit;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Pages.Provisioning;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Web.Tests.Network;

public abstract class DriftPageTest : PageTest
{
    protected async Task DriftAsync(params DriftFound[] found)
    {
        var router = await Company.AddRouterAsync("NBO-CORE");
        await using var db = Company.Open();
        (await db.Routers.SingleAsync()).Plan(new RouterDesign { Pools = "home 100.64.0.2-100.64.3.254" });
        var look = new DriftLook(Company.Id, router.Id);
        look.Succeed(Clock.Now, Clock.Now.AddMinutes(15));
        db.Add(look);
        db.AddRange(found.Select(f => new Drift(Company.Id, router.Id, f, Clock.Now)));
        await db.SaveChangesAsync();
    }

    protected static DriftFound Pool => new(DriftKind.Differs, "Set /ip/pool DD:x:pool/home", "/ip/pool", "pool home", [new PlanValue("ranges", "10.1.0.2-10.1.0.9", "100.64.0.2-100.64.3.254")]);
}

public sealed class DriftPageTests : DriftPageTest
{
    [Fact]
    public async Task Each_drift_says_where_what_and_what_it_costs_a_day()
    {
        var line = await Company.AddSubscriptionAsync(username: "jane");
        await DriftAsync(Pool, new DriftFound(DriftKind.NotAllowed, "NotAllowed jane", "/ppp/active", "jane: The subscription has ended.", [], line.Id, "jane", Money.Of(83.50m)));

        var page = Render<DriftPage>();

        page.WaitForAssertion(() => Assert.Contains("10.1.0.2-10.1.0.9", page.Markup, StringComparison.Ordinal));
        Assert.Contains("KES 83.50", page.Find(".drift-figures").TextContent, StringComparison.Ordinal);
        Assert.Contains("Online, not allowed", page.Markup, StringComparison.Ordinal);
        Assert.Contains("NBO-CORE", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adopting_asks_first_and_the_design_follows_the_router()
    {
        await DriftAsync(Pool);
        var page = Render<DriftPage>();
        page.WaitForState(() => page.FindAll("button").Any(b => b.TextContent.Trim() == "Adopt"));
        var dialogs = Render<Radzen.Blazor.RadzenComponents>();
        Button(page, "Adopt").Click();
        dialogs.WaitForAssertion(() => Assert.Contains("Take 10.1.0.2-10.1.0.9 into the design?", dialogs.Markup, StringComparison.Ordinal));
        dialogs.FindAll("button").Single(b => b.TextContent.Trim() == "Adopt").Click();

        page.WaitForAssertion(() => Assert.Contains("The design follows the router.", Notified()));
        await using var db = Company.Open();
        Assert.Equal("home 10.1.0.2-10.1.0.9", (await db.Routers.SingleAsync()).Design.Pools);
    }

    [Fact]
    public async Task Routers_that_could_not_be_read_are_named()
    {
        await DriftAsync();
        await using (var db = Company.Open())
        {
            (await db.DriftLooks.SingleAsync()).Fail("It did not answer when it was read.", Clock.Now, Clock.Now.AddMinutes(15));
            await db.SaveChangesAsync();
        }

        var page = Render<DriftPage>();

        page.WaitForAssertion(() => Assert.Contains("NBO-CORE", page.Find(".drift-unread").TextContent, StringComparison.Ordinal));
    }
}

public sealed class DriftPageOfATechnicianTests : DriftPageTest
{
    protected override Role Role => Role.Technician;

    [Fact]
    public async Task Who_may_only_look_can_neither_adopt_nor_repair()
    {
        await DriftAsync(Pool);
        var page = Render<DriftPage>();
        page.WaitForAssertion(() => Assert.Contains("pool home", page.Markup, StringComparison.OrdinalIgnoreCase));

        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.Trim() is "Adopt" or "Repair");
    }
}
