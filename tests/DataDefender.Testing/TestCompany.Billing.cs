using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Revenue;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Testing;

public sealed partial class TestCompany
{
    /// <summary>The Kenyan rule of a net price: 15 % excise, 16 % VAT on both.</summary>
    public static TaxRule KenyanTax { get; } = new("B", 1_500, 1_600, VatBase.NetPlusExcise, false);

    /// <summary>An issued invoice of one line.</summary>
    public async Task<Invoice> AddInvoiceAsync(Guid clientId, decimal price = 2_500m, Guid? subscriptionId = null, TaxRule? tax = null)
    {
        await using var db = Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var draft = new LineDraft(LineKind.OneTime, "Something sold", Money.Of(price), tax ?? KenyanTax, clientId, subscriptionId);
        var invoice = db.Invoices.Add(new Invoice(Id, clientId, Company.Currency, "test", [draft], Now)).Entity;
        await Invoicing.IssueAsync(db, turn, [invoice], new BillingSettings(Id), turn.Today, turn.Today.AddDays(7));
        await turn.CommitAsync();
        return invoice;
    }

    /// <summary>What billing leaves behind: an invoice with a credit note, the postings of both, a rate, the settings.</summary>
    private async Task AddBooksAsync(Subscription line)
    {
        var invoice = await AddInvoiceAsync(line.ClientId, subscriptionId: line.Id);
        await using (var db = Open())
        {
            await using var turn = await db.TakeLedgerTurnAsync();
            var tracked = await db.Invoices.FindAsync(invoice.Id);
            await db.Entry(tracked!).Collection(i => i.Lines).LoadAsync();
            await Invoicing.CreditAsync(db, turn, tracked!, [new LineCredit(1, Money.Of(100m))], "Credited by the test", new BillingSettings(Id));
            await turn.CommitAsync();
        }

        var today = DateOnly.FromDateTime(Now);
        await AddAsync(new Contract(Id, line.Id, line.ClientId, line.Username, BillingMode.Advance, 1, new ContractTerm(today, line.PackageId, "Home", 250_000, 1, PeriodUnit.Month)));
        await AddAsync(new Charge(Id, line.ClientId, line.Id, new ChargeInput { Description = "Cable", Price = 100m }, today));
        var coupon = new Coupon(Id, "JUMBO", 10, 0, 3, today, null, null);
        await AddAsync(coupon);
        await using (var db = Open())
        {
            var contract = await db.Contracts.SingleAsync(c => c.SubscriptionId == line.Id);
            db.CouponUses.Add(new CouponUse(coupon, contract, "test", Now));
            db.TaxTransmissions.Add(new TaxTransmission(Id, 1, TaxDocumentKind.Invoice, invoice.Id, invoice.Label, invoice.Id, null, Now));
            db.TaxDevices.Add(new TaxDevice(Id));
            var key = db.LedgerSealKeys.Add(new LedgerSealKey(Id, [1, 2, 3], Now)).Entity;
            var account = await db.LedgerAccounts.FirstAsync();
            var snapshot = new LedgerSnapshot(Id, today, account.Id, Money.Of(1m), Money.Zero);
            db.LedgerSeals.Add(new LedgerSeal(Id, today, await db.LedgerHeads.SingleAsync(), [snapshot], [], key, _ => [1], Now));
            db.LedgerSnapshots.Add(snapshot);
            db.EarnedRevenue.Add(new EarnedRevenue(invoice.Lines[0], today, Money.Of(1m), 1));
            await db.SaveChangesAsync();
        }

        await AddAsync(new BillingProfile(Id, line.ClientId));
        await AddAsync(new PackageTerms(Id, line.PackageId));
        var run = new BillingRun(Id, 1, today, "test", null, Now);
        await AddAsync(run);
        var bill = new LineDraft(LineKind.Subscription, "Home", Money.Of(2_500m), KenyanTax, line.ClientId, line.Id);
        await AddAsync(new RunBill(run, new AccountBill(line.ClientId, [bill], new Dictionary<Guid, DateOnly>(), new Dictionary<Guid, DateOnly?>()), [1], [1], new RunLines([bill]), null, "first bill", 100, false));
        await AddAsync(new BillingSettings(Id));
        await AddAsync(new TaxRate(Id, Tax.Vat, "B", 1_600, VatBase.NetPlusExcise, new DateOnly(2020, 1, 1)));
    }
}
