using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>Invoices with their postings and numbers, on each database.</summary>
public sealed class InvoicingTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Theory, EachDatabase]
    public async Task An_invoice_stands_in_the_books_as_what_is_owed_revenue_and_taxes(DatabaseProvider provider)
    {
        var (_, company, client) = await StartAsync(provider);

        var invoice = await company.AddInvoiceAsync(client, 1_000m);

        Assert.Equal("INV-2026-000001", invoice.Reference);
        Assert.Equal(Money.Of(1_334m), invoice.Total);
        await using var db = company.Open();
        Assert.Equal(Money.Of(1_334m), await LedgerBalances.OfClientAsync(db, AccountKind.Receivable, client));
        Assert.Equal(Money.Of(1_000m), await LedgerBalances.OfAccountAsync(db, AccountKind.Revenue));
        Assert.Equal(Money.Of(150m), await LedgerBalances.OfAccountAsync(db, AccountKind.ExcisePayable));
        Assert.Equal(Money.Of(184m), await LedgerBalances.OfAccountAsync(db, AccountKind.VatPayable));
        Assert.Equal(Money.Of(1_334m), await Receivables.BalanceAsync(db, client));
    }

    [Theory, EachDatabase]
    public async Task Money_goes_on_the_oldest_invoice_first_and_what_is_too_much_comes_back(DatabaseProvider provider)
    {
        var (_, company, client) = await StartAsync(provider);
        var (first, second) = (await company.AddInvoiceAsync(client, 100m, tax: TaxRule.None), await company.AddInvoiceAsync(client, 200m, tax: TaxRule.None));

        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var allocation = await Receivables.AllocateAsync(db, turn, await Receivables.OpenAsync(db, client), Money.Of(150m));
        Assert.Equal([(first.Id, Money.Of(100m)), (second.Id, Money.Of(50m))], allocation.Applied.Select(a => (a.Invoice.Id, a.Amount)));
        Assert.Equal(Money.Zero, allocation.Left);
        var rest = await Receivables.AllocateAsync(db, turn, allocation.Applied.Select(a => a.Invoice), Money.Of(500m));
        Assert.Equal(Money.Of(350m), rest.Left);
        Assert.All(allocation.Applied, a => Assert.Equal(InvoiceStatus.Paid, a.Invoice.Status));
    }

    [Theory, EachDatabase]
    public async Task Credit_notes_take_a_line_back_at_its_own_rates_and_never_more_than_it_was(DatabaseProvider provider)
    {
        var (services, company, client) = await StartAsync(provider);
        var invoice = await company.AddInvoiceAsync(client, 1_000m);
        await PayAsync(company, client, Money.Of(1_000m));

        Assert.Equal(Money.Of(100m), (await CreditAsync(company, invoice.Id, 434m)).ToWallet); // 334 were open
        Assert.Equal(Money.Of(900m), (await CreditAsync(company, invoice.Id, 900m)).ToWallet);
        Assert.Equal("credit.amount", (await Assert.ThrowsAsync<DomainException>(() => CreditAsync(company, invoice.Id, 0.01m))).Code);

        await using var db = company.Open();
        Assert.Equal(InvoiceStatus.Credited, (await db.Invoices.SingleAsync()).Status);
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(db, AccountKind.ExcisePayable));
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(db, AccountKind.VatPayable));
        Assert.Equal(Money.Of(1_000m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client));
        Assert.Equal(["CN-2026-000001", "CN-2026-000002"], await db.CreditNotes.OrderBy(n => n.Number).Select(n => n.Reference).ToListAsync());
        Assert.Null((await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault);
    }

    [Fact]
    public async Task A_credit_on_a_balance_that_was_brought_along_lowers_that_and_no_revenue()
    {
        var (services, company, client) = await StartAsync(DatabaseProvider.Sqlite);
        Guid invoice;
        await using (var db = company.Open())
        {
            await using var turn = await db.TakeLedgerTurnAsync();
            var brought = db.Invoices.Add(new Invoice(company.Id, client, "KES", "test", [new LineDraft(LineKind.OpeningBalance, "Balance brought along", Money.Of(1_000m), TaxRule.None, client)], turn.Now)).Entity;
            await Invoicing.IssueAsync(db, turn, [brought], new BillingSettings(company.Id), turn.Today, turn.Today);
            await turn.CommitAsync();
            invoice = brought.Id;
        }

        await CreditAsync(company, invoice, 400m);

        await using var after = company.Open();
        Assert.Equal(Money.Of(600m), await LedgerBalances.OfAccountAsync(after, AccountKind.OpeningBalances));
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(after, AccountKind.CreditNotes));
        Assert.Null((await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault);
    }

    [Theory, EachDatabase]
    public async Task A_void_invoice_keeps_its_number_and_frees_what_it_charged(DatabaseProvider provider)
    {
        var (services, company, client) = await StartAsync(provider);
        await IssueAsync(company, client, "line:1:2026-03");
        await Assert.ThrowsAsync<DbUpdateException>(() => IssueAsync(company, client, "line:1:2026-03")); // the same month twice

        await using (var db = company.Open())
        {
            await using var turn = await db.TakeLedgerTurnAsync();
            await Invoicing.VoidAsync(turn, await db.Invoices.Include(i => i.Lines).SingleAsync(), "Wrong client");
            await turn.CommitAsync();
        }

        await IssueAsync(company, client, "line:1:2026-03");
        await using var after = company.Open();
        Assert.Equal(
            [("INV-2026-000001", InvoiceStatus.Void), ("INV-2026-000002", InvoiceStatus.Issued)],
            (await after.Invoices.OrderBy(i => i.Number).ToListAsync()).ConvertAll(i => (i.Reference!, i.Status)));
        Assert.Null((await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault);
    }

    /// <summary>64 at once, a third of whom change their mind: on SQLite and PostgreSQL the numbers are 1 to N.</summary>
    [Theory, EachDatabase]
    public async Task Numbers_have_no_gap_whoever_issues_at_once_and_whoever_takes_back(DatabaseProvider provider)
    {
        var (services, company, client) = await StartAsync(provider);
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("DATADEFENDER_NUMBERING_ROUNDS"), out var asked) ? asked : 4;
        var kept = 0;

        await Task.WhenAll(Enumerable.Range(0, 64).Select(worker => Task.Run(async () =>
        {
            var dice = new Random(worker);
            for (var round = 0; round < rounds; round++)
            {
                await using var db = company.Open();
                await using var turn = await db.TakeLedgerTurnAsync();
                var lines = new[] { new LineDraft(LineKind.OneTime, "Anything", new Money(dice.Next(1, 1_000_000)), TestCompany.KenyanTax, client) };
                var invoice = db.Invoices.Add(new Invoice(company.Id, client, "KES", "test", lines, services.Clock.Now)).Entity;
                await Invoicing.IssueAsync(db, turn, [invoice], new BillingSettings(company.Id), turn.Today, turn.Today);
                if (dice.Next(10) < 3)
                {
                    await db.SaveChangesAsync(); // written, and then taken back
                    continue;
                }

                await turn.CommitAsync();
                Interlocked.Increment(ref kept);
            }
        })));

        await using var after = company.Open();
        Assert.Equal(Enumerable.Range(1, kept).Select(n => (long?)n), await after.Invoices.OrderBy(i => i.Number).Select(i => i.Number).ToListAsync());
        Assert.Null((await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault);
    }

    private static async Task PayAsync(TestCompany company, Guid client, Money amount)
    {
        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var allocation = await Receivables.AllocateAsync(db, turn, await Receivables.OpenAsync(db, client), amount);
        foreach (var (invoice, part) in allocation.Applied)
        {
            await turn.PostAsync(Paid(part, Invoice.SourceType, invoice.Id, PostingLeg.OnCredit(AccountKind.Receivable, part, client)));
        }

        if (allocation.Left > Money.Zero)
        {
            await turn.PostAsync(Paid(allocation.Left, "Client", client, PostingLeg.OnCredit(AccountKind.Wallet, allocation.Left, client)));
        }

        await turn.CommitAsync();

        JournalPosting Paid(Money part, string source, Guid of, PostingLeg to) =>
            new("payment.received", $"test:{Guid.CreateVersion7()}", turn.Now, "Paid", source, of, [PostingLeg.OnDebit(AccountKind.Cash, part, channel: "desk"), to]);
    }

    private static async Task<CreditNote> CreditAsync(TestCompany company, Guid id, decimal amount)
    {
        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var note = await Invoicing.CreditAsync(db, turn, await db.Invoices.Include(i => i.Lines).SingleAsync(i => i.Id == id), [new LineCredit(1, Money.Of(amount))], "Outage", new BillingSettings(company.Id));
        await turn.CommitAsync();
        return note;
    }

    private static async Task IssueAsync(TestCompany company, Guid client, string key)
    {
        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var line = new LineDraft(LineKind.Subscription, "Home 10, March", Money.Of(2_500m), TestCompany.KenyanTax, client, Key: key);
        var invoice = db.Invoices.Add(new Invoice(company.Id, client, "KES", "test", [line], turn.Now)).Entity;
        await Invoicing.IssueAsync(db, turn, [invoice], new BillingSettings(company.Id), turn.Today, turn.Today);
        await turn.CommitAsync();
    }

    private async Task<(TestServices Services, TestCompany Company, Guid Client)> StartAsync(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider, s => s.AddBilling());
        var company = await TestCompany.CreateAsync(services);
        return (services, company, (await company.AddClientAsync()).Id);
    }
}
