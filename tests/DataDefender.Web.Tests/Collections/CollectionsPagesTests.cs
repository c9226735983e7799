using Bunit;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Pages.Collections;
using DataDefender.Web.Components.Pages.Finance;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Collections;

public sealed class CollectionsPagesTests : PageTest
{
    [Fact]
    public async Task The_clients_card_says_what_is_owed_why_and_what_comes_and_takes_a_promise()
    {
        var client = await DebtorAsync(daysAgo: 2);
        var card = Render<ClientCollectionsCard>(p => p.Add(c => c.ClientId, client));

        card.WaitForAssertion(() => Assert.Contains("KES 2,500", card.Markup, StringComparison.Ordinal));
        Assert.Contains("Warn of suspension", card.Markup, StringComparison.Ordinal); // what comes next

        Button(card, "Promise to pay").Click();
        card.Find("#promise-note").Change("After payday");
        await card.Find("form").SubmitAsync();

        card.WaitForAssertion(() => Assert.Contains("The client promised to pay: After payday", card.Markup, StringComparison.Ordinal));
        Assert.Contains("What ends it:", card.Markup, StringComparison.Ordinal);
        Assert.Contains("Promised to pay by", card.Find("ol.dunning").TextContent, StringComparison.Ordinal); // and what was done
    }

    [Fact]
    public async Task A_promise_beyond_the_rules_is_refused_beside_its_day()
    {
        var client = await DebtorAsync(daysAgo: 2);
        var card = Render<ClientCollectionsCard>(p => p.Add(c => c.ClientId, client));
        card.WaitForAssertion(() => Button(card, "Promise to pay"));
        Button(card, "Promise to pay").Click();
        card.Find("#promise-day").Change("2031-01-01");
        await card.Find("form").SubmitAsync();

        card.WaitForAssertion(() => Assert.Contains("A promise ends between today and", card.Find("#promise-day-error").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_rules_page_shows_whom_it_would_suspend_before_anything_is_saved()
    {
        await DebtorAsync(daysAgo: 20, name: "Wanjiku Kamau");
        var page = Render<CollectionsRulesPage>();
        page.WaitForAssertion(() => Button(page, "Preview"));
        await Button(page, "Preview").ClickAsync(new());

        page.WaitForAssertion(() => Assert.Contains("Wanjiku Kamau", page.Find(".preview").TextContent, StringComparison.Ordinal));
        await using var db = Company.Open();
        Assert.Equal(0, await db.CollectionsSettings.CountAsync());
    }

    [Fact]
    public async Task A_ladder_that_makes_no_sense_is_refused_with_the_reason()
    {
        var page = Render<CollectionsRulesPage>();
        page.WaitForElements(".step select")[0].Change(DunningAct.Suspend); // three days before the last day to pay
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains("at least a day after the last day to pay", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void Steps_of_the_ladder_may_be_the_same_while_somebody_types()
    {
        var page = Render<CollectionsRulesPage>();
        page.WaitForElements(".step");
        Button(page, "Add a step").Click();
        Button(page, "Add a step").Click();
        var days = page.FindAll(".step input[type=number]");
        days[^1].Change(days[^2].GetAttribute("value")); // as the one before it in everything
        var steps = page.FindAll(".step").Count;

        page.FindAll("button[title='Take this step away']")[^1].Click();

        Assert.Equal(steps - 1, page.FindAll(".step").Count);
    }

    [Fact]
    public async Task Unpaid_by_age_lists_the_client_ties_to_the_ledger_and_leads_to_the_file()
    {
        await DebtorAsync(daysAgo: 40, name: "Wanjiku Kamau");
        var page = Render<FinanceReportPage>(p => p.Add(f => f.Name, "unpaid"));

        page.WaitForAssertion(() => Assert.Contains("Wanjiku Kamau", page.Find("table").TextContent, StringComparison.Ordinal));
        Assert.Contains("The table and the ledger agree on what clients owe.", page.Markup, StringComparison.Ordinal);
        Assert.StartsWith("/finance/files/unpaid.xlsx?from=", page.Find("a[target=_top]").GetAttribute("href"), StringComparison.Ordinal);
        Assert.Contains("31–60 days", page.Find("figure").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_report_opens_without_any_data()
    {
        foreach (var report in Enum.GetValues<FinanceReport>())
        {
            var page = Render<FinanceReportPage>(p => p.Add(f => f.Name, report.ToString()));
            page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll(".stat")));
            Assert.Empty(page.FindAll(".is-error"));
        }
    }

    private async Task<Guid> DebtorAsync(int daysAgo, string? name = null)
    {
        var line = await Company.AddSubscriptionAsync(await Company.AddClientAsync(name));
        await using var db = Company.Open();
        if (daysAgo < 10)
        {
            var settings = new CollectionsSettings(Company.Id);
            settings.Change(DunningPolicy.Standard with { IsOn = true });
            db.CollectionsSettings.Add(settings);
            await db.SaveChangesAsync();
        }

        await using var turn = await db.TakeLedgerTurnAsync();
        var invoice = new Invoice(Company.Id, line.ClientId, "KES", "test", [new LineDraft(LineKind.OneTime, "Internet", Money.Of(2_500), TaxRule.None, line.ClientId, line.Id)], turn.Now);
        db.Invoices.Add(invoice);
        await Invoicing.IssueAsync(db, turn, [invoice], await CurrentBillingSettings.OfAsync(db), turn.Today.AddDays(-daysAgo), turn.Today.AddDays(-daysAgo));
        await turn.CommitAsync();
        return line.ClientId;
    }
}
