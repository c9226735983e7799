using Bunit;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Testing;
using DataDefender.Web.Components.Pages.Network;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using RouterList = DataDefender.Web.Components.Pages.Network.Routers;

namespace DataDefender.Web.Tests.Network;

public sealed class RouterListTests : PageTest
{
    [Fact]
    public void Without_routers_the_list_offers_the_first_one()
    {
        var page = Render<RouterList>();

        page.WaitForAssertion(() => Assert.Contains("No routers yet", page.Markup, StringComparison.Ordinal));
        Assert.Contains(page.FindAll("button"), b => b.TextContent.Trim() == "Add the first router");
    }

    [Fact]
    public async Task The_list_shows_this_companys_routers_with_their_live_state()
    {
        var router = await Company.AddRouterAsync("NBO-CORE");
        await (await OtherCompanyAsync()).AddRouterAsync("MSA-CORE");
        Services.GetRequiredService<LiveMetrics>().Publish(RouterPageTests.Snapshot(Company.Id, router.Id, Clock.Now, down: 55_000_000));

        var page = Render<RouterList>();

        page.WaitForAssertion(() => Assert.Contains("NBO-CORE", page.Markup, StringComparison.Ordinal));
        Assert.Contains("55.0 Mbps", page.Markup, StringComparison.Ordinal);
        Assert.Contains("Up", page.Find(".chip").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("MSA-CORE", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task News_of_a_router_changes_its_row_without_asking_the_database_again()
    {
        var router = await Company.AddRouterAsync("NBO-CORE");
        var page = Render<RouterList>();
        page.WaitForAssertion(() => Assert.Contains("NBO-CORE", page.Markup, StringComparison.Ordinal));

        Services.GetRequiredService<LiveMetrics>().Publish(RouterPageTests.Snapshot(Company.Id, router.Id, Clock.Now, state: RouterState.Down, reason: "It did not answer."));
        Clock.Advance(TimeSpan.FromMilliseconds(500));

        page.WaitForAssertion(() => Assert.Contains("Down", page.Find(".chip").TextContent, StringComparison.Ordinal));
    }
}

public sealed class RouterPageTests : PageTest
{
    private LiveMetrics Metrics => Services.GetRequiredService<LiveMetrics>();

    [Fact]
    public async Task A_router_shows_its_interfaces_sessions_and_events_and_the_busiest_ones_chart()
    {
        var router = await Company.AddRouterAsync("NBO-CORE");
        var nas = await Company.AddNasAsync(router: router);
        await Company.AddSessionAsync(nas, s => s.Username = "wanjiku.home");
        await Company.AddEventAsync("router.up", message: "It came up.", router: router.Id);
        Metrics.Publish(Snapshot(Company.Id, router.Id, Clock.Now, down: 10_000_000));

        var page = Open(router.Id);

        Assert.Equal(["ether1", "ether2"], page.FindAll(".interfaces tbody a").Select(a => a.TextContent));
        Assert.Contains("is-on", page.FindAll(".interfaces tbody tr")[1].ClassList);
        Assert.Equal("ether2", page.Find(".router-interface .tc-title").TextContent);
        Assert.Contains("wanjiku.home", page.Markup, StringComparison.Ordinal);
        Assert.Contains("It came up.", page.Find(".events").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_licence_of_a_CHR_says_until_when_it_holds()
    {
        var router = await Company.AddRouterAsync("NBO-CORE");
        Metrics.Publish(Snapshot(Company.Id, router.Id, Clock.Now) with { Licence = new RouterLicence("p10", new DateTime(2031, 5, 4, 3, 2, 1), new DateTime(2031, 4, 4, 3, 2, 1)) });

        var facts = Open(router.Id).Find("dl.facts").TextContent;

        Assert.Contains("level p10, until 4 May 2031, renewed next on 4 Apr 2031", facts, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_interface_in_the_address_is_the_one_that_is_charted()
    {
        var router = await Company.AddRouterAsync();
        Metrics.Publish(Snapshot(Company.Id, router.Id, Clock.Now));
        Navigation.NavigateTo($"/routers/{router.Id}?interface=ether1");

        var page = Open(router.Id);

        Assert.Equal("ether1", page.Find(".router-interface .tc-title").TextContent);
    }

    [Fact]
    public async Task A_router_that_is_down_says_since_when_why_and_who_is_on_it()
    {
        var router = await Company.AddRouterAsync();
        await Company.AddSessionAsync(await Company.AddNasAsync(router: router));
        await using (var db = Company.Open())
        {
            (await db.Routers.SingleAsync()).Observe(RouterState.Down, "It did not answer three times.", Clock.Now.AddMinutes(-4), Clock.Now.AddMinutes(-3));
            await db.SaveChangesAsync();
        }

        var note = Open(router.Id).Find(".note").TextContent;

        Assert.Contains("Down since 3 min ago", note, StringComparison.Ordinal);
        Assert.Contains("It did not answer three times.", note, StringComparison.Ordinal);
        Assert.Contains("1 session is open on it", note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_companys_router_is_not_found()
    {
        var router = await (await OtherCompanyAsync()).AddRouterAsync("MSA-CORE");

        var page = Render<RouterPage>(p => p.Add(r => r.Id, router.Id));

        page.WaitForAssertion(() => Assert.Contains("This was not found", page.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain("MSA-CORE", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switching_off_asks_first_and_then_says_so_on_the_page()
    {
        var router = await Company.AddRouterAsync("NBO-CORE");
        var page = Open(router.Id);

        var dialogs = Render<Radzen.Blazor.RadzenComponents>();
        Button(page, "Switch off").Click();
        dialogs.WaitForAssertion(() => Assert.Contains("Switch NBO-CORE off?", dialogs.Markup, StringComparison.Ordinal));
        dialogs.FindAll("button").Single(b => b.TextContent.Trim() == "Switch off").Click();

        page.WaitForAssertion(() => Assert.Contains("It is switched off here", page.Markup, StringComparison.Ordinal));
        Assert.Contains("NBO-CORE is switched off.", Notified());
    }

    internal static RouterSnapshot Snapshot(Guid tenant, Guid router, DateTime at, double? down = null, RouterState state = RouterState.Up, string? reason = null) =>
        new(tenant, router, "R", at, state, reason, at, 41, 600_000_000, 1_000_000_000, TimeSpan.FromDays(3), 10, down, 1_000_000, 12,
        [
            new InterfaceReading("ether1", "ether", true, false, 1, 2, 1_000, 2_000, 0, 0),
            new InterfaceReading("ether2", "ether", true, false, 1, 2, 9_000_000, 2_000, 3, 1),
        ]);

    private IRenderedComponent<RouterPage> Open(Guid id)
    {
        var page = Render<RouterPage>(p => p.Add(r => r.Id, id));
        page.WaitForState(() => page.FindAll(".router-tiles").Count == 1);
        return page;
    }
}

public sealed class RouterPageOfATechnicianTests : PageTest
{
    protected override Role Role => Role.Technician;

    [Fact]
    public async Task Who_may_only_look_is_offered_nothing_to_change()
    {
        var router = await Company.AddRouterAsync();

        var page = Render<RouterPage>(p => p.Add(r => r.Id, router.Id));

        page.WaitForState(() => page.FindAll(".router-tiles").Count == 1);
        Assert.Empty(page.FindAll(".page-actions button"));
    }
}

public sealed class RouterFormTests : PageTest
{
    protected override Licence? Licence => new("Small", 10, 1, LicensedModules.All, new DateOnly(2027, 1, 1));

    private static readonly RouterCertificate Certificate = new("aabbcc", "CN=nbo-core", new DateTime(2030, 1, 2, 0, 0, 0, DateTimeKind.Utc));

    [Fact]
    public async Task A_router_is_tested_its_certificate_trusted_and_then_added()
    {
        base.Routers.Test = new RouterTest.Passed("nbo-core", "7.22.1 (stable)", "CCR2004", Certificate);
        var form = Fill(Render<RouterForm>());

        Button(form, "Test connection").Click();
        form.WaitForAssertion(() => Assert.Equal(4, form.FindAll(".test-step.is-passed").Count));
        Assert.Contains("AA:BB:CC", form.Markup, StringComparison.Ordinal);
        Button(form, "Trust this certificate").Click();
        form.Find("form").Submit();

        form.WaitForAssertion(() => Assert.Contains("NBO-CORE added.", Notified()));
        await using var db = Company.Open();
        var router = await db.Routers.SingleAsync();
        Assert.Equal(("NBO-CORE", "10.0.0.1", 8729, true, "aabbcc"), (router.Name, router.Host, router.ApiPort, router.UseTls, router.CertificateFingerprint));
    }

    [Fact]
    public void A_test_that_fails_says_at_which_step_and_why()
    {
        base.Routers.Test = new RouterTest.Failed(new RouterConnectFailure(RouterConnectFailureKind.WrongPassword, "The router refuses this user or password."));
        var form = Fill(Render<RouterForm>());

        Button(form, "Test connection").Click();

        form.WaitForAssertion(() => Assert.Contains("The router refuses this user or password.", form.Find(".test-step.is-failed").TextContent, StringComparison.Ordinal));
        Assert.StartsWith("Sign in", form.Find(".test-step.is-failed b").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_is_gone_once_something_else_stands_in_the_form()
    {
        var form = Fill(Render<RouterForm>());
        Button(form, "Test connection").Click();
        form.WaitForAssertion(() => Assert.NotEmpty(form.FindAll(".test")));

        form.Find("#router-host").Change("10.0.0.2");

        Assert.Empty(form.FindAll(".test"));
    }

    [Fact]
    public void Refused_input_stands_beside_its_field()
    {
        var form = Render<RouterForm>();

        form.Find("form").Submit();

        form.WaitForAssertion(() => Assert.Contains("Give the router a name.", form.Find(".field-error").TextContent, StringComparison.Ordinal));
        Assert.NotEmpty(form.FindAll(".form-summary li"));
    }

    [Fact]
    public async Task The_licences_limit_is_said_in_words()
    {
        await Company.AddRouterAsync();
        var form = Fill(Render<RouterForm>());

        form.Find("form").Submit();

        form.WaitForAssertion(() => Assert.Contains(Notified(), n => n.Contains("covers 1 routers", StringComparison.Ordinal)));
    }

    [Fact]
    public void Turning_TLS_off_moves_the_usual_port_and_leaves_an_unusual_one()
    {
        var form = Render<RouterForm>();

        form.Find("input[type=checkbox]").Change(false);
        Assert.Equal("8728", form.Find("#router-port").GetAttribute("value"));
        form.Find("#router-port").Change("9000");
        form.Find("input[type=checkbox]").Change(true);

        Assert.Equal("9000", form.Find("#router-port").GetAttribute("value"));
    }

    private static IRenderedComponent<RouterForm> Fill(IRenderedComponent<RouterForm> form)
    {
        form.Find("#router-name").Change("NBO-CORE");
        form.Find("#router-host").Change("10.0.0.1");
        form.Find("#router-user").Change("datadefender");
        form.Find("#router-password").Change("sekret");
        return form;
    }
}

public sealed class NetworkSettingsPageTests : PageTest
{
    [Fact]
    public async Task Settings_are_shown_changed_and_saved()
    {
        var page = Render<NetworkSettingsPage>();
        page.WaitForState(() => page.FindAll("#interim").Count == 1);
        Assert.Equal("300", page.Find("#interim").GetAttribute("value"));

        page.Find("#interim").Change("30");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("60 to 3,600 seconds", page.Find(".field-error").TextContent, StringComparison.Ordinal));
        page.Find("#interim").Change("60");
        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Contains("Network settings saved.", Notified()));
        await using var db = Company.Open();
        Assert.Equal(60, (await db.NetworkSettings.SingleAsync()).InterimSeconds);
    }
}
