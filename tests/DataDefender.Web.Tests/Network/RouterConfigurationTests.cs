using Bunit;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Testing;
using DataDefender.Web.Components.Pages.Provisioning;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Network;

/// <summary>The configuration page of a router that has nothing of ours yet.</summary>
public abstract class RouterConfigurationTest : PageTest
{
    protected override void AddServices(IServiceCollection services)
    {
        Routers.Answer("/system/resource/print", RouterRow.Of(("version", "7.22.3 (stable)")));
        foreach (var menu in RouterMenu.All)
        {
            Routers.Answer($"{menu.Path}/print");
        }
    }

    protected async Task<Guid> RouterAsync(Action<RouterDesignInput> design)
    {
        var router = await Company.AddRouterAsync("NBO-CORE");
        var input = new RouterDesignInput();
        design(input);
        await using var db = Company.Open();
        (await db.Routers.SingleAsync()).Plan(input.ToDesign());
        await db.SaveChangesAsync();
        return router.Id;
    }

    protected IRenderedComponent<RouterConfiguration> Open(Guid id)
    {
        var page = Render(id);
        page.WaitForState(() => page.FindAll(".plan-head").Count == 1);
        return page;
    }

    protected IRenderedComponent<RouterConfiguration> Render(Guid id) => Render<RouterConfiguration>(p => p.Add(r => r.Id, id));
}

public sealed class RouterConfigurationTests : RouterConfigurationTest
{
    [Fact]
    public async Task Without_a_design_nothing_on_the_router_is_ours()
    {
        var page = Open(await RouterAsync(_ => { }));

        Assert.Contains("has no design yet", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.StartsWith("Apply", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_plan_shows_each_change_before_and_after_and_applying_asks_first()
    {
        var page = Open(await RouterAsync(d => (d.LocalAddress, d.Pools) = ("", "home 100.64.0.2-100.64.3.254")));

        var change = Assert.Single(page.FindAll(".plan-change")).TextContent;
        Assert.Contains("Pool home", change, StringComparison.Ordinal);
        Assert.Contains("100.64.0.2-100.64.3.254", change, StringComparison.Ordinal);
        var dialogs = Render<Radzen.Blazor.RadzenComponents>();
        Button(page, "Apply 1 change").Click();
        dialogs.WaitForAssertion(() => Assert.Contains("Apply 1 change to NBO-CORE?", dialogs.Markup, StringComparison.Ordinal));
        dialogs.FindAll("button").Single(b => b.TextContent.Trim() == "Apply").Click();

        page.WaitForAssertion(() => Assert.Contains("0 of 1 change settled", page.Find(".run").TextContent, StringComparison.Ordinal));
        await using var db = Company.Open();
        Assert.Equal(("Owner of the test", RunStatus.Waiting), await db.ProvisioningRuns.Select(r => new ValueTuple<string, RunStatus>(r.RequestedBy, r.Status)).SingleAsync());
        Assert.DoesNotContain(Routers.Commands, c => c.Command.Path.EndsWith("/add", StringComparison.Ordinal)); // the page writes nothing itself
    }

    [Fact]
    public async Task The_design_has_a_place_for_IPv6_pools_and_says_how_the_router_calls_them()
    {
        var router = await Company.AddRouterAsync("NBO-CORE");
        var form = Render<RouterDesignForm>(p => p.Add(f => f.RouterId, router.Id));
        form.WaitForState(() => form.FindAll("#design-pools6").Count == 1);

        form.Find("#design-pools6").Change("pd 2001:db8:1000::/40 56");
        form.Find("#design-pd6").Change("pd");
        Assert.Contains(DesiredStates.Ipv6PoolName(Company.Id, "name"), form.Markup, StringComparison.Ordinal);
        form.Find("form").Submit();

        await using var db = Company.Open();
        form.WaitForAssertion(() => Assert.Equal("pd", db.Routers.AsNoTracking().Single().Design.Ipv6DelegationPool));
    }

    [Fact]
    public async Task What_is_in_the_way_is_named_and_can_be_taken_over()
    {
        Routers.Answer("/ip/pool/print", RouterRow.Of((".id", "*1"), ("name", "home"), ("ranges", "10.1.0.2-10.1.0.9"), ("comment", "old")));
        var page = Open(await RouterAsync(d => d.Pools = "home 100.64.0.2-100.64.3.254"));

        Assert.Contains("“old”", page.Find(".note.is-warning").TextContent, StringComparison.Ordinal);
        page.Find(".plan-take input").Change(true);

        page.WaitForAssertion(() => Assert.Contains("taken over", page.Find(".plan-change").TextContent, StringComparison.Ordinal));
        Assert.Equal("10.1.0.2-10.1.0.9", page.FindAll(".plan-change del")[1].TextContent);
    }

    [Fact]
    public async Task A_router_that_does_not_answer_says_why_there_is_no_plan()
    {
        Routers.Answer("/system/resource/print", _ => new RouterOutcome.Unknown("no answer", Sent: false, new RouterConnectFailure(RouterConnectFailureKind.Silent, "It does not answer.")));

        var page = Render(await RouterAsync(_ => { }));

        page.WaitForAssertion(() => Assert.Contains("It does not answer.", page.Find(".note.is-bad").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_router_that_a_roll_out_holds_says_so_and_offers_no_apply()
    {
        var id = await RouterAsync(d => d.Pools = "home 100.64.0.2-100.64.3.254");
        await using (var db = Company.Open())
        {
            var change = new PlanChange(ChangeKind.Add, RouterMenu.Pool, "m", "pool home", null, [new PlanValue("name", null, "home")], null);
            var run = new ProvisioningRun(new RouterPlan(id, "NBO-CORE", "7.22", [change], []), Company.Id, false, null, "Akinyi", Clock.Now);
            run.Hold();
            db.AddRange(run, new ProvisioningStep(run, 1, change));
            await db.SaveChangesAsync();
        }

        var page = Open(id);

        Assert.Single(page.FindAll(".plan-change"));
        Assert.Contains("holds an approved change", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.StartsWith("Apply", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_history_opens_to_what_was_written()
    {
        var id = await RouterAsync(_ => { });
        await using (var db = Company.Open())
        {
            var change = new PlanChange(ChangeKind.Set, RouterMenu.Incoming, "", "changes from our server", null, [new PlanValue("port", "1700", "3799")], null);
            var run = new ProvisioningRun(new RouterPlan(id, "NBO-CORE", "7.22", [change], []), Company.Id, false, null, "Akinyi", Clock.Now);
            run.Take(Clock.Now);
            run.End(RunStatus.TakenBack, "The router said no.", Clock.Now);
            db.AddRange(run, new ProvisioningStep(run, 1, change));
            await db.SaveChangesAsync();
        }

        var page = Open(id);
        Button(page, "Steps").Click();

        page.WaitForAssertion(() => Assert.Contains("1700", page.Find(".step").TextContent, StringComparison.Ordinal));
        Assert.Contains("Akinyi", page.Markup, StringComparison.Ordinal);
        Assert.Contains("The router said no.", page.Markup, StringComparison.Ordinal);
    }
}

public sealed class RouterConfigurationOfATechnicianTests : RouterConfigurationTest
{
    protected override Role Role => Role.Technician;

    [Fact]
    public async Task Who_may_only_look_sees_the_plan_and_cannot_apply_it()
    {
        var page = Open(await RouterAsync(d => d.Pools = "home 100.64.0.2-100.64.3.254"));

        Assert.Single(page.FindAll(".plan-change"));
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.StartsWith("Apply", StringComparison.Ordinal) || b.TextContent.Contains("design", StringComparison.Ordinal));
    }
}

public sealed class NetworkDesignPageTests : PageTest
{
    [Fact]
    public async Task The_design_is_saved_and_what_is_wrong_in_it_stands_beside_its_field()
    {
        var page = Render<NetworkDesignPage>();
        page.WaitForState(() => page.FindAll("#design-radius").Count == 1);

        page.Find("#design-radius").Change("radius.example.com");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("IPv4 address", page.Find(".field-error").TextContent, StringComparison.Ordinal));
        page.Find("#design-radius").Change("10.9.8.7");
        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Contains("Network design saved.", Notified()));
        await using var db = Company.Open();
        Assert.Equal("10.9.8.7", (await db.NetworkSettings.SingleAsync()).Design.RadiusServer);
    }

    [Fact]
    public async Task A_router_of_the_company_as_the_hub_needs_no_key_and_must_say_where_it_is_reached()
    {
        var hub = await Company.AddRouterAsync("HUB");
        var page = Render<NetworkDesignPage>();
        page.WaitForState(() => page.FindAll("#design-hub-router").Count == 1);
        Assert.Single(page.FindAll("#design-hub-key"));

        page.Find("#design-hub-router").Change(hub.Id.ToString());
        Assert.Empty(page.FindAll("#design-hub-key"));
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains(page.FindAll(".field-error"), e => e.TextContent.Contains("under which host and port", StringComparison.Ordinal)));
        page.Find("#design-hub").Change("vpn.example.com:13231");
        page.Find("#design-hub-network").Change("10.99.0.0/24");
        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Contains("Network design saved.", Notified()));
        await using var db = Company.Open();
        Assert.Equal(hub.Id, (await db.NetworkSettings.SingleAsync()).Design.HubRouterId);
    }
}
