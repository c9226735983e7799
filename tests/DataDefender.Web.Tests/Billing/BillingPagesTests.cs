using Bunit;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Documents;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Documents;
using DataDefender.Testing;
using DataDefender.Web.Components.Pages.Billing;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Billing;

/// <summary>First render, empty state and the main act of each page of billing.</summary>
public sealed class BillingPagesTests : PageTest
{
    protected override void AddServices(IServiceCollection services) => services.AddSingleton<IDocumentPrinter, DocumentPdf>();

    [Fact]
    public async Task The_list_of_invoices_says_what_is_open_and_what_is_overdue()
    {
        await Company.AddInvoiceAsync((await Company.AddClientAsync("Jane Wanjiku")).Id, 1_000m);

        var page = Render<Invoices>();

        page.WaitForAssertion(() => Assert.Contains("INV-2026-000001", page.Markup));
        Assert.Contains("Jane Wanjiku", page.Markup);
        Assert.Contains("KES 1,334 open, KES 0 of it overdue", page.Markup);
        Services.GetRequiredService<NavigationManager>().NavigateTo("/invoices?state=open&q=jane");
        page.WaitForAssertion(() => Assert.NotNull(page.Find("a[href='/billing/files/invoices.xlsx?q=jane&state=Open']")));
    }

    [Fact]
    public void Without_invoices_the_way_to_the_first_is_shown()
    {
        var page = Render<Invoices>();

        page.WaitForAssertion(() => Assert.Contains("No invoices yet", page.Markup));
        Assert.Contains("billing/runs", page.Markup);
    }

    [Fact]
    public async Task A_credit_note_is_given_from_the_invoice()
    {
        var invoice = await Company.AddInvoiceAsync((await Company.AddClientAsync()).Id, 1_000m);
        Assert.Contains("In the books", Render<InvoicePage>(p => p.Add(x => x.Id, invoice.Id)).Markup);
        var details = await Services.GetRequiredService<InvoiceService>().GetAsync(invoice.Id);

        var dialog = Render<CreditDialog>(p => p.Add(x => x.Details, details));
        await dialog.Find("#credit-reason").ChangeAsync(new ChangeEventArgs { Value = "Two days without service" });
        foreach (var wrong in new[] { "334.005", "-334" })
        {
            await dialog.Find("input[type=number]").ChangeAsync(new ChangeEventArgs { Value = wrong });
            await dialog.Find("form").SubmitAsync();
            Assert.Contains("above zero with at most two decimals", Notified()[^1], StringComparison.Ordinal);
        }

        await dialog.Find("input[type=number]").ChangeAsync(new ChangeEventArgs { Value = "334" });
        await dialog.Find("form").SubmitAsync();

        await using var db = Company.Open();
        Assert.Equal(Money.Of(334m), (await db.CreditNotes.SingleAsync()).Total);
        Assert.Equal("Credit note given.", Notified()[^1]);
    }

    [Fact]
    public async Task A_preview_is_approved_on_its_page()
    {
        await SellAsync();
        var run = await Services.GetRequiredService<BillingRunService>().StartAsync();
        await Services.GetRequiredService<BillingRunWork>().ContinueAsync(run);

        var page = Render<RunPage>(p => p.Add(x => x.Id, run));

        page.WaitForAssertion(() => Assert.Contains("first bill", page.Markup));
        Assert.Contains("Approve", page.Markup);
        Assert.Contains("Fingerprint of these bills", page.Markup);
    }

    [Fact]
    public async Task A_rate_without_a_day_is_refused_beside_its_field()
    {
        var page = Render<BillingSettingsPage>();
        page.WaitForAssertion(() => Assert.Contains("No rates yet", page.Markup));

        await page.FindAll("form")[^1].SubmitAsync();

        Assert.Contains("a rate without a start cannot be applied", page.Find("#rate-from-error").TextContent, StringComparison.Ordinal);
        await page.Find("#rate-percent").ChangeAsync(new ChangeEventArgs { Value = "16" });
        await page.Find("#rate-from").ChangeAsync(new ChangeEventArgs { Value = "2021-01-01" });
        await page.FindAll("form")[^1].SubmitAsync();
        page.WaitForAssertion(() => Assert.Contains("1 Jan 2021", page.Markup));
    }

    [Fact]
    public async Task A_line_gets_its_contract_on_the_clients_billing_page()
    {
        var line = await Company.AddSubscriptionAsync();

        var page = Render<ClientBillingPage>(p => p.Add(x => x.Id, line.ClientId));
        page.WaitForAssertion(() => Assert.Contains("Nobody has said yet how this line is billed", page.Markup));
        Assert.NotNull(Button(page, "Say how it is billed"));
        var details = (await Services.GetRequiredService<ClientService>().GetAsync(line.ClientId)).Lines[0];
        Clock.Advance(TimeSpan.FromDays(4));

        var dialog = Render<OpenContractDialog>(p => p.Add(x => x.Line, details));
        Assert.Contains("bills 4 days that have passed as well", dialog.Markup, StringComparison.Ordinal);
        await dialog.Find("#open-price").ChangeAsync(new ChangeEventArgs { Value = "1900.005" });
        await dialog.Find("form").SubmitAsync();
        Assert.Contains("two decimals", dialog.Find("#open-price-error").TextContent, StringComparison.Ordinal);
        await dialog.Find("#open-price").ChangeAsync(new ChangeEventArgs { Value = "1900" });
        await dialog.Find("form").SubmitAsync();

        await using var db = Company.Open();
        var contract = await db.Contracts.SingleAsync();
        Assert.Equal((BillingMode.Advance, Today.AddDays(-4), 190_000L), (contract.Mode, contract.StartsOn, contract.Terms.Terms[0].Price));
        page = Render<ClientBillingPage>(p => p.Add(x => x.Id, line.ClientId));
        page.WaitForAssertion(() => Assert.Contains("Monthly, ahead, on day 1", page.Markup));
    }

    [Fact]
    public async Task An_invoice_is_written_by_hand_as_a_draft_and_dated_when_it_is_issued()
    {
        var client = await Company.AddClientAsync("Kibera Primary School");
        var dialog = Render<NewInvoiceDialog>(p => p.Add(x => x.ClientId, client.Id));
        await dialog.Find("form").SubmitAsync();
        Assert.Contains("Say what the line is for", dialog.Markup, StringComparison.Ordinal);
        Button(dialog, "Another line").Click(); // two that are still the same
        dialog.FindAll("button[title='Leave this line out']")[0].Click();
        await dialog.Find("#inv-text-0").ChangeAsync(new ChangeEventArgs { Value = "Cabling of two rooms" });
        await dialog.Find("#inv-price-0").ChangeAsync(new ChangeEventArgs { Value = "12000" });
        Button(dialog, "Another line").Click();
        await dialog.Find("#inv-text-1").ChangeAsync(new ChangeEventArgs { Value = "Router" });
        await dialog.Find("#inv-price-1").ChangeAsync(new ChangeEventArgs { Value = "4500" });
        await dialog.Find("form").SubmitAsync();

        await using var db = Company.Open();
        var draft = await db.Invoices.Include(i => i.Lines).SingleAsync();
        Assert.Equal((InvoiceStatus.Draft, 2), (draft.Status, draft.Lines.Count));
        Assert.Contains("Pro-forma", Render<InvoicePage>(p => p.Add(x => x.Id, draft.Id)).Markup, StringComparison.Ordinal);
        await Services.GetRequiredService<LedgerService>().CloseAsync(Today.AddDays(-3));
        Assert.Contains("closed", (await Assert.ThrowsAsync<DomainException>(() => Services.GetRequiredService<InvoiceService>().IssueAsync(draft.Id, Today.AddDays(-3)))).Message, StringComparison.Ordinal);
        await Services.GetRequiredService<InvoiceService>().IssueAsync(draft.Id, Today.AddDays(-1));
        Assert.Equal(Today.AddDays(-1), (await Services.GetRequiredService<InvoiceService>().GetAsync(draft.Id)).Invoice.IssuedOn);
    }

    [Fact]
    public async Task Lines_that_nobody_bills_are_found()
    {
        var page = Render<UnbilledLines>();
        page.WaitForAssertion(() => Assert.Contains("Every line is billed", page.Markup));

        var line = await Company.AddSubscriptionAsync(await Company.AddClientAsync("Baraka Otieno"));
        page = Render<UnbilledLines>();
        page.WaitForAssertion(() => Assert.Contains("Baraka Otieno", page.Markup));
        Assert.Contains($"clients/{line.ClientId}/billing", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_quote_that_is_shown_is_the_change_that_is_made()
    {
        var contract = await SellAsync();
        var large = await Company.AddPackageAsync("Home 50", 50_000, 50_000, 5_600m);
        var runs = Services.GetRequiredService<BillingRunService>();
        var run = await runs.StartAsync();
        await Services.GetRequiredService<BillingRunWork>().ContinueAsync(run);
        await runs.ApproveAsync(run);
        await Services.GetRequiredService<BillingRunWork>().ContinueAsync(run);
        Clock.Advance(TimeSpan.FromDays(10));
        var row = (await Services.GetRequiredService<ContractService>().GetAsync(contract.ClientId)).Contracts[0];

        var dialog = Render<PlanChangeDialog>(p => p.Add(x => x.Contract, row));
        dialog.WaitForAssertion(() => Assert.Contains("Home 50", dialog.Markup));
        await dialog.Find("#change-package").ChangeAsync(new ChangeEventArgs { Value = large.Id.ToString() });
        dialog.WaitForAssertion(() => Assert.Contains("An upgrade", dialog.Markup));
        Assert.Contains("credited on INV-2026-000001", dialog.Markup);
        Button(dialog, "Change package").Click();

        dialog.WaitForAssertion(() => Assert.Contains("The package is changed.", Notified()));
        await using var db = Company.Open();
        var (credit, invoice) = (await db.CreditNotes.SingleAsync(), await db.Invoices.SingleAsync(i => i.Number == 2));
        Assert.Equal(Money.Of(2_500m) - Proration.Slice(Money.Of(2_500m), 31, 0, 10), credit.Total);
        Assert.Equal(Proration.Slice(Money.Of(5_600m), 31, 10, 31), invoice.Total);
        Assert.Equal(large.Id, (await db.Subscriptions.SingleAsync()).PackageId);
    }

    [Fact]
    public async Task A_change_on_a_day_is_quoted_agreed_shown_and_taken_back()
    {
        var line = await SellAsync();
        var large = await Company.AddPackageAsync("Home 50", price: 5_600m);
        var row = (await Services.GetRequiredService<ContractService>().GetAsync(line.ClientId)).Contracts[0];
        var dialog = Render<PlanChangeDialog>(p => p.Add(x => x.Contract, row));
        dialog.WaitForAssertion(() => Assert.Contains("Home 50", dialog.Markup));
        await dialog.Find("#change-package").ChangeAsync(new ChangeEventArgs { Value = large.Id.ToString() });
        dialog.WaitForAssertion(() => Button(dialog, "On a day"));
        Button(dialog, "On a day").Click();
        dialog.WaitForAssertion(() => Assert.Contains("Nothing is charged before that day", dialog.Markup));
        await dialog.Find("#change-day").ChangeAsync(new ChangeEventArgs { Value = Today.AddDays(20).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) });
        Button(dialog, "Change package").Click();
        dialog.WaitForAssertion(() => Assert.Contains("The change is agreed.", Notified()));

        var page = Render<ClientBillingPage>(p => p.Add(x => x.Id, line.ClientId));
        page.WaitForAssertion(() => Assert.Contains("Changes to Home 50", page.Markup));
        Button(page, "Take back").Click();

        page.WaitForAssertion(() => Assert.DoesNotContain("Changes to Home 50", page.Markup));
    }

    [Fact]
    public async Task A_line_on_another_billing_day_is_named_and_brought_to_the_clients_day()
    {
        var line = await SellAsync();
        await Services.GetRequiredService<ContractService>().ChangeProfileAsync(line.ClientId, null, null, 15, null);

        var page = Render<ClientBillingPage>(p => p.Add(x => x.Id, line.ClientId));
        page.WaitForAssertion(() => Assert.Contains($"{line.Label} is billed on day 1 and keeps it", page.Markup));
        var dialog = Render<BillingDayDialog>(p => p.Add(x => x.ClientId, line.ClientId));
        dialog.WaitForAssertion(() => Assert.Contains("day 1 until now", dialog.Markup));
        Button(dialog, "Change the day").Click();
        dialog.WaitForAssertion(() => Assert.Contains("The billing day is changed.", Notified()));
        dialog.WaitForAssertion(() => Assert.True(Button(dialog, "Change the day").HasAttribute("disabled"))); // a second click of two changes nothing more and says nothing else

        await using var db = Company.Open();
        Assert.Equal(15, (await db.Contracts.SingleAsync()).BillingDay);
    }

    [Fact]
    public async Task The_ledger_shows_two_equal_sides()
    {
        await Company.AddInvoiceAsync((await Company.AddClientAsync()).Id, 1_000m);

        var page = Render<LedgerPage>();

        page.WaitForAssertion(() => Assert.Contains("Both sides are equal", page.Markup));
        Assert.Contains("VAT payable", page.Markup);
        Assert.NotNull(page.Find("a[href='/ledger/files/trial-balance.xlsx?asof=']"));
        var transaction = Render<JournalPage>(p => p.Add(x => x.Sequence, 1));
        transaction.WaitForAssertion(() => Assert.Contains("Invoice INV-2026-000001", transaction.Markup));
    }

    private DateOnly Today => Company.Company.Today(Clock);

    private async Task<Contract> SellAsync()
    {
        var line = await Company.AddSubscriptionAsync();
        await Services.GetRequiredService<ContractService>().OpenAsync(line.Id, new ContractInput { Mode = BillingMode.Advance });
        await using var db = Company.Open();
        return await db.Contracts.SingleAsync();
    }
}
