using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Documents;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>Every payment that is a client's has its receipt, however it came to be his.</summary>
public sealed class ReceiptTests
{
    [Theory, EachDatabase]
    public async Task A_cheque_is_acknowledged_when_it_is_taken_and_receipted_with_its_invoices_when_it_is_paid(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var client = await money.Company.AddClientAsync("Kibera Primary School");
        var invoice = await money.Company.AddInvoiceAsync(client.Id, 1_000m);
        var cheque = Guid.Empty;
        await money.WithAsync<CounterService>(async c => cheque = await c.ReceiveAsync(
            new ReceivedInput { ClientId = client.Id, Method = PaymentMethod.Cheque, Amount = 1_500m, Reference = "000123", Bank = "KCB", PaidBy = "The county", IdempotencyKey = "c" }));

        var taken = await PrintAsync(money, cheque);
        Assert.Equal(["Cheque; it counts when the bank has paid it", "1,500.00"], Assert.Single(taken.Rows));

        await money.WithAsync<CounterService>(c => c.ChequeClearedAsync(cheque));
        var receipt = await PrintAsync(money, cheque);

        Assert.Equal("R-000001", receipt.Reference);
        Assert.Equal([$"Invoice {invoice.Reference}|{invoice.Total.Amount:#,##0.00}", $"Put on your account for what comes|{(Money.Of(1_500m) - invoice.Total).Amount:#,##0.00}"], receipt.Rows.Select(r => string.Join('|', r)));
        Assert.Contains(receipt.Facts, f => f is { Label: "Received by", Value: "Cheque 000123 KCB" });
        Assert.Contains(receipt.Facts, f => f is { Label: "Paid by", Value: "The county" });
        Assert.Equal("Kibera Primary School", receipt.Recipient[0]);
        Assert.Contains("R-000001", receipt.Qr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_pays_for_somebody_elses_invoice_gets_the_receipt_for_all_of_it()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (parent, child) = (await money.Company.AddClientAsync("Head office"), await money.Company.AddClientAsync("Branch"));
        await money.WithAsync<ContractService>(c => c.ChangeProfileAsync(child.Id, parent.AccountNumber, null, null, null));
        var invoice = await money.Company.AddInvoiceAsync(parent.Id, 1_000m);

        var due = Money.Zero;
        await money.WithAsync<PaymentQueries>(async q => due = await q.DueAsync(child.Id));
        Assert.Equal(invoice.Total, due); // what is proposed to be asked of the branch
        var receipt = await PrintAsync(money, await money.PayAsync(child.Id, 2_000m));

        Assert.Equal("Branch", receipt.Recipient[0]);
        Assert.Equal($"Invoice {invoice.Reference} of Head office", receipt.Rows[0][0]);
        Assert.Equal("2,000.00", receipt.Sums[0].Value);
    }

    [Fact]
    public async Task Money_that_is_no_clients_has_no_receipt_and_a_paper_says_every_way_to_pay_that_collects()
    {
        await using var money = await MoneyCompany.StartAsync();
        var client = await money.Company.AddClientAsync();
        var payment = await money.PayAsync(client.Id, 100m);
        await money.WithAsync<OrphanService>(o => o.ReverseAsync(payment, "Entered twice"));
        Assert.Equal("receipt.none", (await Assert.ThrowsAsync<DomainException>(() => PrintAsync(money, payment))).Code);

        await money.Company.AddChannelAsync(ChannelKind.Paybill, c => c.ShortCode = "522522");
        await money.Company.AddChannelAsync(ChannelKind.Till, c => (c.ShortCode, c.TillNumber) = ("600100", "771122"));
        await money.Company.AddChannelAsync(ChannelKind.FamilyBank, c => c.ShortCode = "222169");
        await money.Company.AddChannelAsync(ChannelKind.Paybill, c => (c.ShortCode, c.IsLive) = ("999999", false));
        var invoice = await money.Company.AddInvoiceAsync(client.Id, 1_000m);
        PrintedDocument? paper = null;
        await money.WithAsync<DocumentService>(async d => paper = await d.InvoiceAsync(invoice.Id));

        var how = string.Join('\n', paper!.Instructions);
        Assert.Contains($"business number 522522, account number {client.AccountNumber}", how, StringComparison.Ordinal);
        Assert.Contains("till number 771122", how, StringComparison.Ordinal);
        Assert.Contains("Family Bank: business number 222169", how, StringComparison.Ordinal);
        Assert.DoesNotContain("999999", how, StringComparison.Ordinal); // a test channel: nobody is asked to pay there
    }

    private static async Task<PrintedDocument> PrintAsync(MoneyCompany money, Guid payment)
    {
        PrintedDocument? receipt = null;
        await money.WithAsync<DocumentService>(async d => receipt = await d.ReceiptAsync(payment));
        return receipt!;
    }
}
