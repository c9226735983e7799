using Bunit;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Testing;
using DataDefender.Web.Components.Live;
using DataDefender.Web.Components.Pages.Radius;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Radius;

public sealed class NasPagesTests : PageTest
{
    [Fact]
    public async Task The_list_says_who_was_heard_and_whose_secret_does_not_fit()
    {
        var (heard, wrong) = (await Company.AddNasAsync(configure: n => n.Name = "Edge"), await Company.AddNasAsync(configure: n => n.Name = "Hotspot"));
        await (await OtherCompanyAsync()).AddNasAsync(configure: n => n.Name = "Foreign");
        var metrics = Services.GetRequiredService<LiveMetrics>();
        metrics.Publish(new RadiusFeed(Clock.Now, null, Clock.Now, 0, true, true));
        metrics.Publish(Company.Id, [new NasPulse(heard.Id, Clock.Now.AddSeconds(-5), 3, 0, 9, 0, 0, true), new NasPulse(wrong.Id, null, 0, 0, 0, 17, 0, false)], Clock.Now);

        var page = Render<NasList>();

        page.WaitForAssertion(() => Assert.Contains("Edge", page.Markup, StringComparison.Ordinal));
        Assert.Equal("5 s ago", page.Find(".nas-heard time").TextContent);
        Assert.Equal("17 with a wrong secret", page.Find(".nas-note.is-bad").TextContent);
        Assert.DoesNotContain("Foreign", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_NAS_shows_its_secret_in_commands_that_can_be_pasted()
    {
        var router = await Company.AddRouterAsync("NBO-EDGE");
        var form = Render<NasForm>();
        form.WaitForState(() => form.FindAll("#nas-router option").Count == 2);
        form.Find("#nas-name").Change("NBO-EDGE");
        form.Find("#nas-address").Change("10.20.0.1");
        form.Find("#nas-router").Change(router.Id.ToString());

        form.Find("form").Submit();

        form.WaitForState(() => form.FindAll(".paste pre").Count > 0);
        await using var db = Company.Open();
        var nas = await db.NasDevices.SingleAsync();
        Assert.Equal((router.Id, MessageAuthenticatorRule.Learn), (nas.RouterId, nas.MessageAuthenticator));
        var secret = await Services.GetRequiredService<NasService>().RevealSecretAsync(nas.Id);
        form.Find("#nas-server").Input("10.0.0.2");
        Assert.Contains($"address=10.0.0.2 secret=\"{secret}\"", form.Find(".paste pre").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_existing_NAS_shows_its_secret_only_when_asked()
    {
        var nas = await Company.AddNasAsync(secret: "stored-secret");
        var row = (await Services.GetRequiredService<NasService>().GetAsync(nas.Id))!;
        var form = Render<NasForm>(p => p.Add(f => f.Row, row));
        Assert.DoesNotContain("stored-secret", form.Markup, StringComparison.Ordinal);

        Button(form, "Show secret").Click();

        form.WaitForAssertion(() => Assert.Contains("stored-secret", form.Find(".paste pre").TextContent, StringComparison.Ordinal));
        await using var db = Company.Open();
        Assert.True(await db.AuditEntries.AnyAsync(a => a.Action == "revealed secret"));
    }

    [Fact]
    public async Task The_vendor_the_certificate_and_the_rule_are_kept_as_they_were_chosen()
    {
        var form = Render<NasForm>();
        form.Find("#nas-name").Change("Edge across town");
        form.Find("#nas-vendor").Change(NasVendor.Cisco.ToString());
        Assert.Contains("DD-IN-5000", form.Find(".nas-vendor-help").TextContent, StringComparison.Ordinal);
        form.Find("#nas-rule").Change(MessageAuthenticatorRule.Required.ToString());
        form.Find("#nas-identifier").Change("edge-1");
        form.Find("#nas-coa").Change("1700");
        form.Find("#nas-certificate").Input("Edge-1.Savanna.Example");

        form.Find("form").Submit();

        form.WaitForState(() => form.FindAll(".paste").Count > 0);
        await using var db = Company.Open();
        var nas = await db.NasDevices.SingleAsync();
        Assert.Equal(
            (NasVendor.Cisco, MessageAuthenticatorRule.Required, "edge-1", 1700, "edge-1.savanna.example", ""),
            (nas.Vendor, nas.MessageAuthenticator, nas.Identifier, nas.CoaPort, nas.Certificate, nas.Address));
        Assert.Empty(form.FindAll(".paste pre")); // a Cisco understands no RouterOS commands
        Assert.Contains("TCP 2083", form.Find(".paste-facts").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_RouterOS_router_with_a_certificate_is_set_up_for_TLS()
    {
        var form = Render<NasForm>();
        form.Find("#nas-name").Change("Edge");
        form.Find("#nas-certificate").Input("edge-1.savanna.example");

        form.Find("form").Submit();

        form.WaitForAssertion(() => Assert.Contains("protocol=radsec certificate=ROUTER-CERTIFICATE", form.Find(".paste pre").TextContent, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("#nas-certificate", "sha256:1234", "SHA-256 fingerprint")]
    [InlineData("#nas-coa", "70000", "The CoA port is 1 to 65535")]
    [InlineData("#nas-secret", "short", "8 to 128 characters")]
    public void What_is_wrong_stands_beside_its_field_and_is_summed_up_above(string field, string value, string message)
    {
        var form = Render<NasForm>();
        form.Find("#nas-name").Change("Edge");
        form.Find("#nas-address").Change("10.20.0.1");
        if (field == "#nas-certificate")
        {
            form.Find(field).Input(value);
        }
        else
        {
            form.Find(field).Change(value);
        }

        form.Find("form").Submit();

        form.WaitForAssertion(() => Assert.Contains(message, form.Find($"{field}-error").TextContent, StringComparison.Ordinal));
        Assert.Contains(message, form.Find(".form-summary").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 0, "no login of it has been heard yet")]
    [InlineData(false, 12, "its 12 logins since RADIUS started had none")]
    [InlineData(true, 12, "Learnt: it sends one")]
    public async Task The_form_says_what_learning_has_come_to(bool seen, int logins, string words)
    {
        var nas = await Company.AddNasAsync();
        Services.GetRequiredService<LiveMetrics>().Publish(Company.Id, [new NasPulse(nas.Id, Clock.Now, logins, 0, 0, 0, 0, seen)], Clock.Now);
        var row = (await Services.GetRequiredService<NasService>().GetAsync(nas.Id))!;

        var form = Render<NasForm>(p => p.Add(f => f.Row, row));

        Assert.Contains(words, form.Find(".nas-learnt").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_says_how_many_still_learn_and_how_many_have_learnt()
    {
        await Company.AddNasAsync();
        var learnt = await Company.AddNasAsync();
        await Company.AddNasAsync(configure: n => n.MessageAuthenticator = MessageAuthenticatorRule.Required);
        await using (var db = Company.Open())
        {
            (await db.NasDevices.SingleAsync(n => n.Id == learnt.Id)).LearnMessageAuthenticator();
            await db.SaveChangesAsync();
        }

        var page = Render<NasList>();

        page.WaitForAssertion(() => Assert.Contains("One NAS is still learning", page.Find(".nas-learning").TextContent, StringComparison.Ordinal));
        Assert.Contains("Learnt so far: 1 sends one", page.Find(".nas-learning").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Refused_input_stands_beside_its_field()
    {
        var form = Render<NasForm>();
        form.Find("#nas-name").Change("Edge");
        form.Find("#nas-address").Change("10");

        form.Find("form").Submit();

        form.WaitForAssertion(() => Assert.Contains("Enter the IP address", form.Find(".field-error").TextContent, StringComparison.Ordinal));
    }
}

public sealed class SessionsPageTests : PageTest
{
    [Fact]
    public void When_nobody_is_online_the_page_says_so()
    {
        var page = Render<Sessions>();

        page.WaitForAssertion(() => Assert.Contains("Nobody is online", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sessions_show_their_age_and_those_that_fell_silent_stand_out()
    {
        var nas = await Company.AddNasAsync();
        await Company.AddSessionAsync(nas, s => s.Username = "fresh");
        await Company.AddSessionAsync(nas, s => (s.Username, s.UpdatedAt) = ("silent", Clock.Now.AddMinutes(-20)));
        var other = await OtherCompanyAsync();
        await other.AddSessionAsync(await other.AddNasAsync(), s => s.Username = "foreign");

        var page = Render<Sessions>();

        page.WaitForAssertion(() => Assert.Contains("2 open, 1 of them silent", page.Markup, StringComparison.Ordinal));
        Assert.Equal("20 min ago", page.Find(".session-silent").TextContent);
        Assert.DoesNotContain("foreign", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_in_the_address_is_what_is_listed()
    {
        var nas = await Company.AddNasAsync();
        await Company.AddSessionAsync(nas, s => s.Username = "wanjiku");
        await Company.AddSessionAsync(nas, s => s.Username = "otieno");
        Navigation.NavigateTo("/sessions?q=wanj");

        var page = Render<Sessions>();

        page.WaitForAssertion(() => Assert.Contains("wanjiku", page.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain("otieno", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dropping_a_session_asks_first_and_orders_it()
    {
        var line = await Company.AddSubscriptionAsync(username: "wanjiku");
        await Company.AddSessionAsync(await Company.AddNasAsync(), s => (s.Username, s.SubscriptionId) = ("wanjiku", line.Id));
        var dialogs = Render<Radzen.Blazor.RadzenComponents>();
        var page = Render<Sessions>();
        page.WaitForState(() => page.FindAll(".btn-small").Count == 1);

        page.Find(".btn-small").Click();
        dialogs.WaitForAssertion(() => Assert.Contains("goes offline now", dialogs.Markup, StringComparison.Ordinal));
        dialogs.FindAll("button").Single(b => b.TextContent.Trim() == "Drop session").Click();

        page.WaitForAssertion(() => Assert.Contains("The session of wanjiku is being dropped.", Notified()));
        await using var db = Company.Open();
        Assert.Equal((line.Id, LineAction.Drop), await db.LineCommands.Select(c => new ValueTuple<Guid, LineAction>(c.SubscriptionId, c.Action)).SingleAsync());
    }
}

public sealed class LoginsPageTests : PageTest
{
    protected override Role Role => Role.Support;

    [Fact]
    public async Task A_refusal_is_explained_with_what_to_do_next()
    {
        var nas = await Company.AddNasAsync();
        await Company.AddLoginAsync(nas, "wanjiku", LoginOutcome.WrongCaller, mac: "AA:BB:CC:00:00:01");
        await Company.AddLoginAsync(nas, "otieno");
        var other = await OtherCompanyAsync();
        await other.AddLoginAsync(await other.AddNasAsync(), "foreign", LoginOutcome.UnknownUser);

        var page = Render<Logins>();

        page.WaitForAssertion(() => Assert.Contains("wanjiku", page.Markup, StringComparison.Ordinal));
        Assert.Equal(LoginExplanation.Of(LoginOutcome.WrongCaller).NextAction, page.Find(".login-next").TextContent);
        Assert.Equal("1 of 2 logins", page.Find(".logins-sum").TextContent);
        Assert.DoesNotContain("foreign", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Unknown user", page.Find(".logins-reasons").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_filters_in_the_address_are_what_is_listed()
    {
        var nas = await Company.AddNasAsync();
        await Company.AddLoginAsync(nas, "refused", LoginOutcome.WrongPassword);
        await Company.AddLoginAsync(nas, "unknown", LoginOutcome.UnknownUser);
        await Company.AddLoginAsync(nas, "accepted");
        await Company.AddLoginAsync(nas, "long-ago", LoginOutcome.WrongPassword, at: Clock.Now.AddHours(-3));
        Navigation.NavigateTo("/logins?period=1h&outcome=WrongPassword");
        var page = Render<Logins>();

        page.WaitForAssertion(() => Assert.Equal(["refused"], page.FindAll(".login-user").Select(u => u.TextContent)));
        Assert.Contains("Unknown user", page.Find(".logins-reasons").TextContent, StringComparison.Ordinal); // the other reasons stay in view

        Navigation.NavigateTo("/logins?refused=true");
        page.WaitForAssertion(() => Assert.Equal(3, page.FindAll(".login-user").Count));
    }

    [Fact]
    public async Task One_NAS_one_reason_or_the_accepted_alone_can_be_listed_and_nothing_is_too_old_to_be_found()
    {
        var (edge, hotspot) = (await Company.AddNasAsync(), await Company.AddNasAsync());
        await Company.AddLoginAsync(edge, "accepted", at: Clock.Now.AddDays(-200));
        await Company.AddLoginAsync(edge, "refused", LoginOutcome.WrongPassword);
        await Company.AddLoginAsync(hotspot, "elsewhere");
        Navigation.NavigateTo($"/logins?period=all&accepted=true&nas={edge.Id}");
        var page = Render<Logins>();
        page.WaitForAssertion(() => Assert.Equal(["accepted"], page.FindAll(".login-user").Select(u => u.TextContent)));

        page.Find("select[aria-label=NAS]").Change("");
        page.WaitForAssertion(() => Assert.Equal(["elsewhere", "accepted"], page.FindAll(".login-user").Select(u => u.TextContent)));
        page.Find("select[aria-label=Reason]").Change(LoginOutcome.WrongPassword.ToString());
        page.WaitForAssertion(() => Assert.Equal(["refused"], page.FindAll(".login-user").Select(u => u.TextContent)));
    }

    [Fact]
    public async Task A_test_of_our_own_people_is_marked_and_counts_nowhere()
    {
        var nas = await Company.AddNasAsync();
        await Company.AddLoginAsync(nas, "customer");
        await Company.AddLoginAsync(nas, "tried", LoginOutcome.WrongPassword, isTest: true);

        var page = Render<Logins>();

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".login-user").Count));
        Assert.Equal(1, page.FindAll(".chip").Count(c => c.TextContent == "Test"));
        Assert.Equal("0 of 1 logins", page.Find(".logins-sum").TextContent);
    }

    [Fact]
    public async Task Following_shows_each_login_once_as_it_comes_and_only_those_that_fit()
    {
        var nas = await Company.AddNasAsync();
        await Company.AddLoginAsync(nas, "before", LoginOutcome.WrongPassword);
        Heard();
        Navigation.NavigateTo("/logins?follow=true&refused=true");
        var page = Render<Logins>();
        page.WaitForAssertion(() => Assert.Equal(["before"], Users(page)));

        await Company.AddLoginAsync(nas, "accepted");
        await Company.AddLoginAsync(nas, "refused", LoginOutcome.UnknownUser, at: Clock.Now);
        for (var pulse = 0; pulse < 20; pulse++)
        {
            Services.GetRequiredService<LiveMetrics>().Announce(Company.Id);
        }

        Clock.Advance(TimeSpan.FromSeconds(1));
        page.WaitForAssertion(() => Assert.Equal(["refused", "before"], Users(page)));
        Services.GetRequiredService<LiveMetrics>().Announce(Company.Id);
        Clock.Advance(TimeSpan.FromSeconds(1));
        page.WaitForAssertion(() => Assert.Equal(["refused", "before"], Users(page)));
    }

    [Fact]
    public async Task Scrolled_down_it_stands_still_and_says_how_many_wait()
    {
        var nas = await Company.AddNasAsync();
        Heard();
        Navigation.NavigateTo("/logins?follow=true");
        var page = Render<Logins>();
        page.WaitForState(() => page.FindAll(".follow").Count == 1);
        var follow = page.FindComponent<LoginFollow>();
        await page.InvokeAsync(() => follow.Instance.Scrolled(isAtTop: false));

        await Company.AddLoginAsync(nas, "meanwhile", at: Clock.Now);
        Services.GetRequiredService<LiveMetrics>().Announce(Company.Id);
        Clock.Advance(TimeSpan.FromSeconds(1));

        page.WaitForAssertion(() => Assert.Contains("1 new: show them", page.Find(".follow-head").TextContent, StringComparison.Ordinal));
        Assert.Empty(Users(page));
        page.Find(".follow-head button").Click();
        page.WaitForAssertion(() => Assert.Equal(["meanwhile"], Users(page)));
    }

    private void Heard() => Services.GetRequiredService<LiveMetrics>().Publish(new RadiusFeed(Clock.Now, null, Clock.Now, 0, true, true));

    private static IEnumerable<string> Users(IRenderedComponent<Logins> page) => page.FindAll(".follow-list tbody td:nth-child(2) > .mono").Select(u => u.TextContent);

    [Fact]
    public async Task A_search_without_a_match_says_what_was_searched()
    {
        await Company.AddLoginAsync(await Company.AddNasAsync());
        Navigation.NavigateTo("/logins?q=nobody");

        var page = Render<Logins>();

        page.WaitForAssertion(() => Assert.Contains("Nobody called “nobody” tried to log in", page.Markup, StringComparison.Ordinal));
    }
}

public sealed class LineThroughputTests : PageTest
{
    protected override Role Role => Role.Support;

    [Fact]
    public async Task A_line_is_measured_at_its_router_while_it_is_looked_at_and_no_longer()
    {
        var counter = 0L;
        base.Routers.Answer("/interface/print", _ => new RouterOutcome.Done([RouterRow.Of(("rx-byte", $"{counter / 10}"), ("tx-byte", $"{counter += 2_500_000}"))], null));
        var line = await OnlineAsync(await Company.AddRouterAsync("NBO-EDGE"));
        var watch = Services.GetRequiredService<LineWatch>();
        var view = Render<LineThroughput>(p => p.Add(l => l.SubscriptionId, line).Add(l => l.DownloadKbps, 20_000));

        await NextAsync(view, "Live from NBO-EDGE");
        await NextAsync(view, "10.0 Mbps");
        Assert.Contains("of 20 Mbps", view.Markup, StringComparison.Ordinal);
        Assert.Equal(1, watch.Lines);

        await DisposeComponentsAsync();
        Assert.Equal(0, watch.Lines);
    }

    [Fact]
    public async Task When_the_router_cannot_be_read_accounting_stands_in_and_says_why_and_how_old_it_is()
    {
        base.Routers.Answer("/interface/print", _ => new RouterOutcome.Unknown("It did not answer in time.", false));
        var line = await OnlineAsync(await Company.AddRouterAsync("NBO-EDGE"));
        var view = Render<LineThroughput>(p => p.Add(l => l.SubscriptionId, line));

        await NextAsync(view, "By accounting");

        Assert.Contains("NBO-EDGE: It did not answer in time.", view.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_without_a_session_says_that_nothing_flows()
    {
        var line = await Company.AddSubscriptionAsync();
        var view = Render<LineThroughput>(p => p.Add(l => l.SubscriptionId, line.Id));

        await NextAsync(view, "no open session");
    }

    // A measure runs beside the clock: time moves on until the screen shows it.
    private async Task NextAsync(IRenderedComponent<LineThroughput> view, string text)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Xunit.TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (!view.Markup.Contains(text, StringComparison.Ordinal))
        {
            patience.Token.ThrowIfCancellationRequested();
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, patience.Token);
        }
    }

    private async Task<Guid> OnlineAsync(Router router)
    {
        var line = await Company.AddSubscriptionAsync(username: "wanjiku");
        await Company.AddSessionAsync(await Company.AddNasAsync(router: router), s => (s.Username, s.SubscriptionId) = ("wanjiku", line.Id));
        return line.Id;
    }
}

public sealed class LineThroughputOfASellerTests : PageTest
{
    protected override Role Role => Role.Sales;

    [Fact]
    public async Task Who_may_not_see_the_network_sees_no_traffic_and_starts_no_measuring()
    {
        var line = await Company.AddSubscriptionAsync();

        var view = Render<LineThroughput>(p => p.Add(l => l.SubscriptionId, line.Id));

        Assert.Equal("", view.Markup.Trim());
        Assert.Equal(0, Services.GetRequiredService<LineWatch>().Lines);
    }
}
