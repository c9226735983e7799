using Bunit;
using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Pages.Policies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Policies;

public sealed class LineRulesTests : PolicyTest
{
    [Fact]
    public async Task A_line_that_has_what_was_sold_shows_its_rules_and_its_data()
    {
        var (line, _) = await LineAsync(Bundle(100));
        await UseAsync(line, days: 1, gigabytesADay: 30);
        await EvaluateAsync();

        var card = Render<LineRules>(p => p.Add(x => x.SubscriptionId, line.Id));

        card.WaitForAssertion(() => Assert.Contains("As sold", card.Markup, StringComparison.Ordinal));
        Assert.Contains("100 GB each month; then the walled garden", card.Markup, StringComparison.Ordinal);
        Assert.Contains("30.0 GB of 100 GB used 70.0 GB left until 1 Apr, 00:00", Text(card.Find(".quota-text").TextContent), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limited_line_says_which_rule_since_when_until_when_and_what_ends_it()
    {
        var (line, _) = await LineAsync(Bundle(20));
        await UseAsync(line, days: 1, gigabytesADay: 30);
        await EvaluateAsync();
        Clock.Advance(TimeSpan.FromMinutes(5));

        var card = Render<LineRules>(p => p.Add(x => x.SubscriptionId, line.Id));

        card.WaitForAssertion(() => Assert.Contains("Data used up", card.Markup, StringComparison.Ordinal));
        var facts = Text(string.Join(' ', card.FindAll("dl").Select(d => d.TextContent)));
        Assert.Contains("This month’s data is used up: 30 GB.", facts, StringComparison.Ordinal);
        Assert.Contains("5 min ago", facts, StringComparison.Ordinal);
        Assert.Contains("1 Apr 2026, 00:00:00", facts, StringComparison.Ordinal);
        Assert.Contains("the end of the window, or a top-up", facts, StringComparison.Ordinal);
        Assert.Contains("10.0 GB moved after that", card.Find(".quota-parts").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suspended_line_says_what_a_login_gets_now_and_no_speed_that_it_does_not_have()
    {
        var (line, _) = await LineAsync(Bundle(20));
        await using (var db = Company.Open())
        {
            (await db.Subscriptions.SingleAsync(s => s.Id == line.Id)).Suspend(SuspendReason.Unpaid, null, Clock.Now);
            await db.SaveChangesAsync();
        }

        var card = Render<LineRules>(p => p.Add(x => x.SubscriptionId, line.Id));

        card.WaitForAssertion(() => Assert.Contains("Walled garden (suspended: unpaid), address list suspended, 512k/512k", Text(card.Find("dl").TextContent), StringComparison.Ordinal));
        Assert.DoesNotContain("As sold", card.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Paid_time_that_ended_a_moment_ago_is_told_before_the_next_look_at_the_line()
    {
        var (line, _) = await LineAsync(Bundle(20));
        await using (var db = Company.Open())
        {
            (await db.Subscriptions.SingleAsync(s => s.Id == line.Id)).ExpireAt(Clock.Now.AddMinutes(-1));
            await db.SaveChangesAsync();
        }

        var card = Render<LineRules>(p => p.Add(x => x.SubscriptionId, line.Id));

        card.WaitForAssertion(() => Assert.Contains("Walled garden (The paid time has ended.)", Text(card.Find("dl").TextContent), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_rules_say_and_the_line_does_not_do_yet_is_announced()
    {
        var (line, _) = await LineAsync(Bundle(20));
        await UseAsync(line, days: 1, gigabytesADay: 30);

        var card = Render<LineRules>(p => p.Add(x => x.SubscriptionId, line.Id));

        card.WaitForAssertion(() => Assert.Contains("Within a minute: The walled garden.", card.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_top_up_says_what_it_changes_before_it_is_given_and_then_opens_the_line()
    {
        var (line, _) = await LineAsync(Bundle(20));
        await UseAsync(line, days: 1, gigabytesADay: 30);
        await EvaluateAsync();

        var dialog = Render<TopUpDialog>(p => p.Add(x => x.SubscriptionId, line.Id));

        dialog.WaitForAssertion(() => Assert.Contains("20 Mbps down, 10 Mbps up at once, in place of the walled garden.", dialog.Markup, StringComparison.Ordinal));
        dialog.Find("#topup-gb").Change("5");
        dialog.WaitForAssertion(() => Assert.Contains("Nothing is left now, 5.00 GB then", dialog.Markup, StringComparison.Ordinal));
        dialog.Find("form").Submit();
        dialog.WaitForAssertion(() => Assert.Contains("Say why it is given", dialog.Markup, StringComparison.Ordinal));
        dialog.Find("#topup-note").Change("Goodwill");
        dialog.Find("form").Submit();

        dialog.WaitForAssertion(() => Assert.Contains("5 GB given.", Notified()));
        await using var db = Company.Open();
        Assert.Equal(LimitKind.None, (await db.Subscriptions.SingleAsync()).Limit);
        Assert.Equal(5 * Gb, (await db.TopUps.SingleAsync()).Bytes);
    }

    [Fact]
    public async Task More_paid_time_counts_from_the_end_of_what_is_paid_and_is_kept_by_the_companys_clock()
    {
        var (line, _) = await LineAsync(PolicyRules.None);
        await Services.GetRequiredService<LineRulesService>().SetPaidUntilAsync(line.Id, new DateTime(2026, 3, 5, 20, 59, 0, DateTimeKind.Utc));
        var view = await Services.GetRequiredService<LineRulesService>().GetAsync(line.Id);

        var dialog = Render<PaidUntilDialog>(p => p.Add(x => x.View, view));
        Button(dialog, "+ 7 days").Click();
        Assert.Contains("The line expires on 12 Mar 2026, 23:59:00 unless it is paid again.", dialog.Markup, StringComparison.Ordinal);
        dialog.Find("form").Submit();

        dialog.WaitForAssertion(() => Assert.Contains("The paid time is set.", Notified()));
        await using var db = Company.Open();
        Assert.Equal(new DateTime(2026, 3, 12, 20, 59, 0, DateTimeKind.Utc), (await db.Subscriptions.SingleAsync()).ExpiresAt);
    }

    [Fact]
    public async Task Setting_the_end_into_the_past_warns_that_the_line_expires()
    {
        var (line, _) = await LineAsync(PolicyRules.None);
        await Services.GetRequiredService<LineRulesService>().SetPaidUntilAsync(line.Id, Clock.Now.AddDays(3));
        var view = await Services.GetRequiredService<LineRulesService>().GetAsync(line.Id);
        var dialog = Render<PaidUntilDialog>(p => p.Add(x => x.View, view));

        dialog.Find("#paid-until").Change("2026-02-20T10:00");

        Assert.Contains("is-warning", dialog.Find(".note").ClassName, StringComparison.Ordinal);
        Assert.Contains("the line expires at once", dialog.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_is_bound_to_equipment_and_a_wrong_address_is_refused_beside_its_field()
    {
        var (line, _) = await LineAsync(PolicyRules.None);
        var card = Render<LineAccessCard>(p => p.Add(x => x.SubscriptionId, line.Id));
        card.WaitForAssertion(() => Assert.Contains("Where it may log in", card.Markup, StringComparison.Ordinal));
        var view = await Services.GetRequiredService<LineAccessService>().GetAsync(line.Id);
        var dialog = Render<LineAccessDialog>(p => p.Add(x => x.View, view));

        dialog.Find("#access-callers").Change("not a mac");
        dialog.Find("form").Submit();
        dialog.WaitForAssertion(() => Assert.Contains("Write MAC addresses", dialog.Find(".field-error").TextContent, StringComparison.Ordinal));
        dialog.Find("#access-callers").Change("4c5e0c112233");
        dialog.Find("#access-prefix").Change("2001:db8:7::/56");
        dialog.Find("form").Submit();

        dialog.WaitForAssertion(() => Assert.Contains("Saved.", Notified()));
        await using var db = Company.Open();
        Assert.Equal("4C:5E:0C:11:22:33", Assert.Single((await db.Subscriptions.SingleAsync()).Binding.MoreCallers));
    }

    [Fact]
    public async Task The_company_decides_what_an_unpaid_line_gets_and_is_told_how_many_that_touches()
    {
        var (line, _) = await LineAsync(PolicyRules.None);
        await Services.GetRequiredService<SubscriptionService>().SuspendAsync(line.Id, SuspendReason.Unpaid, null);
        var page = Render<LineStates>();

        page.WaitForElement("#unpaid-access").Change(nameof(LineAccess.Refused));
        page.Find("#unpaid-message").Change("Please pay to 400200");
        page.Find("#grace-days").Change("3");

        Assert.Contains("1 line is in a state that changes", page.Markup, StringComparison.Ordinal);
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("The line states are saved.", Notified()));
        await using var db = Company.Open();
        var states = (await db.NetworkSettings.SingleAsync()).States;
        Assert.Equal((3, new Treatment(LineAccess.Refused, Message: "Please pay to 400200")), (states.GraceDays, states.Unpaid));
    }

    [Fact]
    public async Task A_packages_form_offers_the_policies_and_pools_by_site()
    {
        await LineAsync(FairUse(100));
        var router = await Company.AddRouterAsync("NBO-CORE");
        var input = new ServicePackageInput();

        var fields = Render<PackageRules>(p => p.Add(x => x.Input, input).Add(x => x.Errors, new()));
        fields.WaitForElement($"#package-site-{router.Id}").Change("ruiru");
        var policy = fields.Find("#package-policy option:last-child");
        fields.Find("#package-policy").Change(policy.GetAttribute("value"));

        Assert.Equal("ruiru", input.SitePools.At(router.Id));
        Assert.NotNull(input.PolicyId);
        Assert.Contains("over 100 GB a month 2 Mbps", fields.Markup, StringComparison.Ordinal);
    }

    private static string Text(string markup) => string.Join(' ', markup.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>Who sells and does not control lines.</summary>
public sealed class LineRulesForSalesTests : PolicyTest
{
    protected override Role Role => Role.Sales;

    [Fact]
    public async Task Sees_the_limit_and_gives_nothing()
    {
        var (line, _) = await LineAsync(Bundle(20));

        var card = Render<LineRules>(p => p.Add(x => x.SubscriptionId, line.Id));

        card.WaitForAssertion(() => Assert.Contains("Paid until", card.Markup, StringComparison.Ordinal));
        Assert.Empty(card.FindAll("button"));
    }
}
