using Bunit;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Documents;
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
        await dialog.Find("input[type=number]").ChangeAsync(new ChangeEventArgs { Value = "334" });
        await dialog.Find("#credit-reason").ChangeAsync(new ChangeEventArgs { Value = "Two days without service" });
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
        Button(page, "Monthly, ahead").Click();

        page.WaitForAssertion(() => Assert.Contains("Monthly, ahead, on day 1", page.Markup));
        await using var db = Company.Open();
        Assert.Equal(BillingMode.Advance, (await db.Contracts.SingleAsync()).Mode);
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

    private async Task<Contract> SellAsync()
    {
        var line = await Company.AddSubscriptionAsync();
        await Services.GetRequiredService<ContractService>().OpenAsync(line.Id, new ContractInput { Mode = BillingMode.Advance });
        await using var db = Company.Open();
        return await db.Contracts.SingleAsync();
    }
}
