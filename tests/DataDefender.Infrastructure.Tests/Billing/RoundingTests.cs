using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Documents;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>Cents that whole-shilling payments leave on invoices: let off by an entry up to the company's tolerance, and owed again when the payment goes.</summary>
public sealed class RoundingTests
{
    [Theory, EachDatabase]
    public async Task Cents_that_a_payment_leaves_are_let_off_by_an_entry_that_invoice_and_statement_show(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        await ChooseAsync(money, 0.50m);
        var (client, invoice) = await BillAsync(money, 999.40m);

        await money.PayAsync(client.Id, 999m);

        var paid = await money.ReadAsync(db => db.Invoices.SingleAsync(i => i.Id == invoice));
        Assert.Equal((InvoiceStatus.Paid, Money.Of(999m), Money.Of(0.40m), Money.Zero), (paid.Status, paid.Paid, paid.Rounded, paid.Balance));
        Assert.Equal((Money.Of(0.40m), Money.Zero), await StandAsync(money, client));
        await money.WithAsync<DocumentService>(async d =>
        {
            Assert.Contains((await d.InvoiceAsync(invoice)).Sums, s => s is { Label: "Let off, rounding", Value: "-0.40" });
            Assert.Contains((await d.StatementAsync(client.Id, money.Today, money.Today)).Rows, r => r[1].Contains("let off, rounding", StringComparison.Ordinal) && r[3] == "0.40");
        });
        Assert.Null(await money.FaultAsync());
    }

    [Theory]
    [InlineData(0, 40)] // nobody chose otherwise
    [InlineData(39, 40)]
    [InlineData(40, 0)]
    public async Task More_than_the_tolerance_stays_open(int tolerance, int open)
    {
        await using var money = await MoneyCompany.StartAsync();
        await ChooseAsync(money, tolerance / 100m);
        var (client, _) = await BillAsync(money, 999.40m);

        await money.PayAsync(client.Id, 999m);

        Assert.Equal(new Money(open), await money.ReadAsync(db => Receivables.BalanceAsync(db, client.Id)));
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task What_the_wallet_leaves_is_let_off_too_and_an_unpaid_invoice_of_cents_is_not()
    {
        await using var money = await MoneyCompany.StartAsync();
        await ChooseAsync(money, 0.99m);
        var client = await money.Company.AddClientAsync();
        await money.PayAsync(client.Id, 1_500m);
        await BillAsync(money, 1_500.99m, client);
        await BillAsync(money, 0.30m, client);

        Assert.Equal((Money.Of(0.99m), Money.Of(0.30m)), await StandAsync(money, client));
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task When_a_part_of_the_payment_goes_back_the_cents_are_owed_again_and_a_credit_note_gives_no_more_than_was_paid()
    {
        await using var money = await MoneyCompany.StartAsync();
        await ChooseAsync(money, 0.99m);
        var ((first, _), (second, credited)) = (await BillAsync(money, 999.40m), await BillAsync(money, 999.40m));
        var (payment, _) = (await money.PayAsync(first.Id, 999m), await money.PayAsync(second.Id, 999m));

        await money.WithAsync<OrphanService>(async o => Assert.True(await o.RefundAsync(new RefundInput { PaymentId = payment, Amount = 100m, Reason = "Paid too much", IdempotencyKey = "part" })));
        await money.WithAsync<InvoiceService>(i => i.CreditAsync(credited, [new LineCredit(1, Money.Of(999.40m))], "Never delivered"));

        Assert.Equal((Money.Zero, Money.Of(100.40m)), await StandAsync(money, first));
        Assert.Equal(Money.Of(999m), await money.WalletAsync(second.Id));
        Assert.Null(await money.FaultAsync());
        await money.PayAsync(first.Id, 100m);
        Assert.Equal((Money.Of(0.40m), Money.Zero), await StandAsync(money, first));
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task A_whole_shilling_is_not_let_off()
    {
        await using var money = await MoneyCompany.StartAsync();

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => ChooseAsync(money, 1m));

        Assert.Contains("a whole shilling can be paid", Assert.Single(refused.Errors).Message, StringComparison.Ordinal);
    }

    private static async Task<(Client Client, Guid Invoice)> BillAsync(MoneyCompany money, decimal price, Client? client = null)
    {
        var (who, id) = (client ?? await money.Company.AddClientAsync(), Guid.Empty);
        await money.WithAsync<InvoiceService>(async i => await i.IssueAsync(id = await i.DraftAsync(who.Id, [new InvoiceLineInput { Description = "Cable", Price = price }])));
        return (who, id);
    }

    private static Task ChooseAsync(MoneyCompany money, decimal tolerance) => money.WithAsync<BillingSettingsService>(async s =>
    {
        var now = await s.GetAsync();
        await s.ChangeAsync(now.Version, now.Input with { RoundingTolerance = tolerance });
    });

    /// <summary>What the Rounding account has, and what the client owes by the ledger.</summary>
    private static Task<(Money Rounding, Money Owes)> StandAsync(MoneyCompany money, Client client) => money.ReadAsync(async db =>
        (await LedgerBalances.OfAccountAsync(db, AccountKind.Rounding), await LedgerBalances.OfClientAsync(db, AccountKind.Receivable, client.Id)));
}
