using Bunit;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Infrastructure.Billing;
using DataDefender.Web.Components.Pages.Billing;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Billing;

/// <summary>Documents as pages, coupons, and the queue to the tax authority: first render, empty state, main act.</summary>
public sealed class PaperAndTaxPagesTests : PageTest
{
    protected override void AddServices(IServiceCollection services) => services.AddBilling();

    [Fact]
    public async Task An_invoice_and_its_credit_note_are_pages_with_brand_figures_and_a_code()
    {
        var client = await Company.AddClientAsync("Jane Wanjiku");
        var invoice = await Company.AddInvoiceAsync(client.Id, 1_000m);
        await Services.GetRequiredService<InvoiceService>().CreditAsync(invoice.Id, [new LineCredit(1, Money.Of(334m))], "Two days without service");
        await using var db = Company.Open();
        var note = await db.CreditNotes.SingleAsync();

        var paper = Render<InvoiceDocumentPage>(p => p.Add(x => x.Id, invoice.Id));
        paper.WaitForAssertion(() => Assert.Contains("1,334.00", paper.Markup));
        Assert.Contains(Company.Company.Name, paper.Find(".paper-brand").TextContent, StringComparison.Ordinal);
        Assert.NotNull(paper.Find(".paper-pay svg"));
        var credit = Render<CreditNotePage>(p => p.Add(x => x.Id, note.Id));
        credit.WaitForAssertion(() => Assert.Contains("Two days without service", credit.Markup));
        Assert.Contains($"credit-notes/{note.Id}/pdf", credit.Markup);
    }

    [Fact]
    public async Task A_statement_follows_its_days_and_a_receipt_that_is_none_says_so()
    {
        var client = await Company.AddClientAsync();
        await Company.AddInvoiceAsync(client.Id, 1_000m);

        var statement = Render<StatementPage>(p => p.Add(x => x.Id, client.Id));
        statement.WaitForAssertion(() => Assert.Contains("Balance brought forward", statement.Markup));
        Assert.Contains("You owe KES", statement.Markup);
        await statement.FindAll("input[type=date]")[1].ChangeAsync(new ChangeEventArgs { Value = "2026-02-01" });
        Assert.EndsWith("until=2026-02-01", Navigation.Uri, StringComparison.Ordinal);

        var receipt = Render<ReceiptPage>(p => p.Add(x => x.Id, Guid.CreateVersion7()));
        receipt.WaitForAssertion(() => Assert.Contains("was not found", receipt.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_coupon_is_made_on_its_page_and_a_wrong_one_is_refused_beside_its_field()
    {
        var list = Render<Coupons>();
        list.WaitForAssertion(() => Assert.Contains("No coupons yet", list.Markup));

        var dialog = Render<CouponDialog>();
        await dialog.Find("form").SubmitAsync();
        Assert.Contains("3 to 30 letters and digits", dialog.Find("#coupon-code-error").TextContent, StringComparison.Ordinal);
        await dialog.Find("#coupon-code").ChangeAsync(new ChangeEventArgs { Value = "karibu10" });
        await dialog.Find("#coupon-worth").ChangeAsync(new ChangeEventArgs { Value = "10" });
        await dialog.Find("#coupon-months").ChangeAsync(new ChangeEventArgs { Value = "3" });
        await dialog.Find("form").SubmitAsync();

        var again = Render<Coupons>();
        again.WaitForAssertion(() => Assert.Contains("10 % off for 3 months", again.Markup));
        await using var db = Company.Open();
        var page = Render<CouponPage>(p => p.Add(x => x.Id, db.Coupons.Single().Id));
        page.WaitForAssertion(() => Assert.Contains("Nobody yet", page.Markup));
    }

    [Fact]
    public async Task What_the_authority_refused_is_shown_with_its_reason_and_sent_again()
    {
        var empty = Render<TaxTransmissions>();
        empty.WaitForAssertion(() => Assert.Contains("Nothing waits.", empty.Markup));
        Assert.Contains("Documents are not sent to KRA", empty.Markup);
        await using (var db = Company.Open())
        {
            var invoice = await Company.AddInvoiceAsync((await Company.AddClientAsync()).Id, 1_000m);
            var transmission = db.TaxTransmissions.Add(new TaxTransmission(Company.Id, 1, TaxDocumentKind.Invoice, invoice.Id, invoice.Label, invoice.Id, null, Clock.Now)).Entity;
            transmission.Begin(Clock.Now, TimeSpan.FromMinutes(1));
            transmission.Refuse("910", "KRA: custTin is not known (910).", Clock.Now);
            await db.SaveChangesAsync();
        }

        Navigation.NavigateTo("billing/etims?state=refused");
        var page = Render<TaxTransmissions>();
        page.WaitForAssertion(() => Assert.Contains("custTin is not known", page.Markup));
        await Button(page, "Send again").ClickAsync(new());

        await using var read = Company.Open();
        Assert.Equal(TransmissionState.Waiting, (await read.TaxTransmissions.SingleAsync()).State);
    }

    [Fact]
    public async Task The_control_unit_is_saved_and_sending_waits_for_its_key()
    {
        var page = Render<TaxDevicePage>();
        page.WaitForAssertion(() => Assert.Contains("As registered at KRA", page.Markup));

        await page.Find("form").SubmitAsync();
        Assert.Contains("Write the serial number", page.Find("#etims-serial-error").TextContent, StringComparison.Ordinal);
        await page.Find("#etims-serial").ChangeAsync(new ChangeEventArgs { Value = "KRA0001" });
        await page.Find("form").SubmitAsync();

        Assert.Equal("Control unit saved.", Notified()[^1]);
        Assert.DoesNotContain("Send documents from now on", page.Markup);
        Assert.Equal("tax.device", (await Assert.ThrowsAsync<DomainException>(() => Services.GetRequiredService<TaxTransmissionService>().SwitchAsync(true))).Code);
    }

    [Fact]
    public async Task The_seals_of_the_books_are_on_the_ledger()
    {
        await Company.AddInvoiceAsync((await Company.AddClientAsync()).Id, 1_000m);
        await Services.GetRequiredService<LedgerSealing>().SealAsync();

        var page = Render<LedgerPage>();

        page.WaitForAssertion(() => Assert.Contains("genuine", page.Markup));
    }
}
