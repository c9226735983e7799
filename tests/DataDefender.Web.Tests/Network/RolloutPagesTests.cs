using Bunit;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Testing;
using DataDefender.Web.Components.Pages.Provisioning;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Network;

public abstract class RolloutPagesTest : PageTest
{
    protected override void AddServices(IServiceCollection services)
    {
        Routers.Answer("/system/resource/print", RouterRow.Of(("version", "7.22.3 (stable)")));
        foreach (var menu in RouterMenu.All)
        {
            Routers.Answer($"{menu.Path}/print");
        }
    }

    protected async Task<Guid> RouterAsync(string name)
    {
        var router = await Company.AddRouterAsync(name);
        await using var db = Company.Open();
        (await db.Routers.SingleAsync(r => r.Id == router.Id)).Plan(new RouterDesign { Pools = "home 100.64.0.2-100.64.3.254" });
        await db.SaveChangesAsync();
        return router.Id;
    }

    protected async Task<Guid> RolloutAsync(Action<Rollout, RolloutRouter, RolloutRouter> become)
    {
        var change = new PlanChange(ChangeKind.Add, RouterMenu.Pool, "DD:x", "pool home", null, [new PlanValue("name", null, "home")], null);
        await using var db = Company.Open();
        var rollout = new Rollout(Company.Id, 2, 2, new RolloutOptions(), null, "Akinyi", Clock.Now);
        db.Add(rollout);
        var routers = new List<RolloutRouter>();
        foreach (var (name, sequence) in new[] { ("NBO-CORE", 1), ("KSM-EDGE", 2) })
        {
            var run = new ProvisioningRun(new RouterPlan(await RouterAsync(name), name, "7.22", [change], []), Company.Id, false, null, "Akinyi", Clock.Now);
            run.Hold();
            routers.Add(new RolloutRouter(rollout, sequence, sequence == 1, run, name));
            db.AddRange(run, new ProvisioningStep(run, 1, change), routers[^1]);
        }

        become(rollout, routers[0], routers[1]);
        rollout.Follow(routers, Clock.Now);
        await db.SaveChangesAsync();
        return rollout.Id;
    }
}

public sealed class RolloutPagesTests : RolloutPagesTest
{
    [Fact]
    public async Task Routers_are_chosen_read_and_shown_together_and_approved_after_a_question()
    {
        await RouterAsync("NBO-CORE");
        await RouterAsync("KSM-EDGE");
        await Company.AddRouterAsync("NO-DESIGN");
        var page = Render<NewRollout>();
        page.WaitForState(() => page.FindAll("table").Count == 1);
        Assert.DoesNotContain("NO-DESIGN", page.Markup, StringComparison.Ordinal);

        Button(page, "Read 2 routers and plan").Click();
        page.WaitForState(() => page.FindAll(".plan-change").Count > 0);
        Assert.Contains("on KSM-EDGE, NBO-CORE", Assert.Single(page.FindAll(".plan-change")).TextContent, StringComparison.Ordinal);
        var dialogs = Render<Radzen.Blazor.RadzenComponents>();
        Button(page, "Roll out to 2 routers").Click();
        dialogs.WaitForAssertion(() => Assert.Contains("Roll out to 2 routers?", dialogs.Markup, StringComparison.Ordinal));
        dialogs.FindAll("button").Single(b => b.TextContent.Trim() == "Roll out").Click();

        page.WaitForAssertion(() => Assert.Contains("/rollouts/", Navigation.Uri, StringComparison.Ordinal));
        await using var db = Company.Open();
        Assert.Equal([RunStatus.Held, RunStatus.Held], await db.ProvisioningRuns.Select(r => r.Status).ToListAsync());
        Assert.Single(await db.RolloutRouters.Where(r => r.IsCanary).ToListAsync());
    }

    [Fact]
    public async Task A_stopped_one_says_which_router_and_why_and_can_be_given_up()
    {
        var id = await RolloutAsync((_, first, _) =>
        {
            first.Begin(40, Clock.Now);
            first.Fail("It does not answer since its change.", Clock.Now);
        });
        var page = Render<RolloutPage>(p => p.Add(r => r.Id, id));
        page.WaitForState(() => page.FindAll("tbody tr").Count == 2);

        Assert.Contains("NBO-CORE: It does not answer since its change.", page.Find(".note.is-bad").TextContent, StringComparison.Ordinal);
        Assert.Contains("0 of 2 done, 1 failed", page.Find(".rollout-now").TextContent, StringComparison.Ordinal);
        var dialogs = Render<Radzen.Blazor.RadzenComponents>();
        Button(page, "Give up").Click();
        dialogs.WaitForAssertion(() => Assert.Contains("1 router that it has not come to", dialogs.Markup, StringComparison.Ordinal));
        dialogs.FindAll("button").Single(b => b.TextContent.Trim() == "Give up").Click();

        page.WaitForAssertion(() => Assert.Contains("Left as it was", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_list_shows_how_far_each_has_come()
    {
        await RolloutAsync((_, first, _) =>
        {
            first.Begin(40, Clock.Now);
            first.Applied(Clock.Now);
            first.Pass(39, null, Clock.Now);
        });

        var page = Render<Rollouts>();

        page.WaitForAssertion(() => Assert.Contains("1 of 2 done", page.Markup, StringComparison.Ordinal));
        Assert.Contains("Akinyi", page.Markup, StringComparison.Ordinal);
    }
}

public sealed class RolloutPagesOfATechnicianTests : RolloutPagesTest
{
    protected override Role Role => Role.Technician;

    [Fact]
    public async Task Who_may_only_look_sees_a_roll_out_and_cannot_stop_it()
    {
        var id = await RolloutAsync((_, _, _) => { });
        var page = Render<RolloutPage>(p => p.Add(r => r.Id, id));
        page.WaitForState(() => page.FindAll("tbody tr").Count == 2);

        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.Contains("Stop", StringComparison.Ordinal));
    }
}
