using DataDefender.Domain.Billing;
using DataDefender.Domain.Payments;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>Somebody with a database client and the triggers off changes one row; the verifier names it.</summary>
public sealed class LedgerVerifierTests
{
    public static TheoryData<string, string> Forgeries => new()
    {
        { "UPDATE journal_lines SET debit_minor = debit_minor + 100 WHERE sequence = 3 AND debit_minor > 0", "journal_transactions 3 was changed" },
        { "UPDATE journal_lines SET debit_minor = debit_minor + 100, credit_minor = credit_minor WHERE sequence = 2 AND number = 1", "journal_transactions 2 was changed" },
        { "UPDATE journal_transactions SET memo = 'another' WHERE sequence = 4", "journal_transactions 4 was changed" },
        { "DELETE FROM journal_lines WHERE sequence = 5", "journal_transactions 5 was changed" },
        { "DELETE FROM journal_lines WHERE sequence = 6; DELETE FROM journal_transactions WHERE sequence = 6", "journal_transactions 6 is missing" },
        { "UPDATE ledger_accounts SET kind = 'BadDebt' WHERE kind = 'VatPayable'", "journal_transactions 1 was changed" },
        { "UPDATE invoices SET paid_minor = paid_minor + 5 WHERE number = 2", "invoices INV-2026-000002 says that 0.05 were paid, and payments and wallets put 0.00 on it" },
        { "UPDATE invoices SET paid_minor = 5, returned_minor = 5 WHERE number = 2", "invoices INV-2026-000002 says that 0.05 were paid" },
        { "UPDATE invoices SET written_off_minor = 100 WHERE number = 3", "invoices INV-2026-000003 says that 1.00 are given up, and the ledger says 0.00" },
        { "UPDATE invoices SET total_minor = total_minor - 1 WHERE number = 3", "invoices INV-2026-000003 is not the sum of its lines" },
        { "UPDATE invoice_lines SET description = 'cheaper' WHERE invoice_id = (SELECT id FROM invoices WHERE number = 4)", "invoices INV-2026-000004 was changed" },
        { "UPDATE invoices SET due_on = '2027-01-01' WHERE number = 5", "invoices INV-2026-000005 was changed" },
        { "UPDATE invoices SET number = 99, reference = 'INV-2026-000099' WHERE number = 6", "invoices INV-2026-000006 is missing" },
    };

    [Theory, MemberData(nameof(Forgeries))]
    public async Task Each_forgery_is_named(string sql, string fault)
    {
        await using var services = await TestServices.CreateAsync(configure: s => s.AddBilling());
        var company = await TestCompany.CreateAsync(services);
        var client = (await company.AddClientAsync()).Id;
        for (var i = 0; i < 6; i++)
        {
            await company.AddInvoiceAsync(client, 1_000m + i);
        }

        var verifier = services.Provider.GetRequiredService<LedgerVerifier>();
        var before = await verifier.VerifyAsync();
        Assert.Null(before.Fault);
        Assert.Equal((6, 6), (before.Transactions, before.Invoices));

        await services.Database.ExecuteAsOwnerAsync($"""
            DROP TRIGGER journal_lines_append_only_update; DROP TRIGGER journal_lines_append_only_delete;
            DROP TRIGGER journal_transactions_append_only_update; DROP TRIGGER journal_transactions_append_only_delete;
            PRAGMA foreign_keys = OFF; {sql};
            """);

        var found = (await verifier.VerifyAsync()).Fault;
        Assert.NotNull(found);
        Assert.Equal(company.Id, found.CompanyId);
        Assert.StartsWith(fault, $"{found.Row} {found.Reason}", StringComparison.Ordinal);
    }

    public static TheoryData<string, string> PaymentForgeries => new()
    {
        { "UPDATE provider_transactions SET amount_minor = amount_minor + 100 WHERE number = 1", "provider_transactions 1 is Applied over 601.00, and 600.00 lie somewhere by the ledger" },
        { "UPDATE provider_transactions SET state = 'Reversed' WHERE number = 2", "provider_transactions 2 is Reversed over 900.00, of which 0.00 went back" },
        { "UPDATE provider_transactions SET given_back_minor = given_back_minor + 100 WHERE number = 2", "provider_transactions 2 is Applied over 900.00, and 900.00 lie somewhere by the ledger" },
        { "UPDATE provider_transactions SET going_back_minor = going_back_minor + 100 WHERE number = 2", "provider_transactions 2 says that 1.00 are on their way back, and open orders are over 0.00" },
        { "UPDATE payment_allocations SET amount_minor = amount_minor - 1 WHERE transaction_id = (SELECT id FROM provider_transactions WHERE number = 2) AND target = 'Wallet'", "provider_transactions 2 is Applied over 900.00, and its parts are 899.99" },
        { "DELETE FROM payment_events; DELETE FROM payment_allocations WHERE transaction_id = (SELECT id FROM provider_transactions WHERE number = 1)", "provider_transactions 1 is Applied over 600.00, and its parts are 0.00" },
        { "UPDATE provider_transactions SET number = 9 WHERE number = 3", "provider_transactions 3 is missing" },
        { "UPDATE invoices SET paid_minor = paid_minor - 100, status = 'PartlyPaid' WHERE number = 1", "invoices INV-2026-000001 says that 999.00 were paid, and payments and wallets put 1,000.00 on it" },
        { "UPDATE cash_sessions SET expected_minor = expected_minor - 5000", "cash_sessions Front desk should hold 150.00, and 200.00 lie there by the ledger" },
    };

    [Theory, MemberData(nameof(PaymentForgeries))]
    public async Task Each_forgery_of_a_payment_is_named(string sql, string fault)
    {
        await using var money = await MoneyCompany.StartAsync();
        var client = await money.Company.AddClientAsync();
        await money.WithAsync<InvoiceService>(async i => await i.IssueAsync(await i.DraftAsync(client.Id, [new InvoiceLineInput { Description = "Cable", Price = 1_000m }])));
        await money.PayAsync(client.Id, 600m);
        await money.PayAsync(client.Id, 900m);
        await money.WithAsync<OrphanService>(async o => await o.ReverseAsync(await money.PayAsync(client.Id, 50m), "Entered twice"));
        await money.WithAsync<CounterService>(async c =>
        {
            await c.OpenAsync("Front desk", 0m);
            await c.ReceiveAsync(new ReceivedInput { ClientId = client.Id, Method = PaymentMethod.Cash, Amount = 200m, IdempotencyKey = "cash" });
        });
        Assert.Null(await money.FaultAsync());

        await money.ExecuteAsOwnerAsync($"PRAGMA foreign_keys = OFF; {sql};");

        Assert.Contains(fault, await money.FaultAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invoice_that_a_wallet_paid_beside_others_is_named_when_its_paid_is_raised_by_hand()
    {
        await using var money = await MoneyCompany.StartAsync();
        var client = await money.Company.AddClientAsync();
        await money.PayAsync(client.Id, 1_500m);
        await money.WithAsync<WalletService>(w => w.GrantAsync(client.Id, 100m, "An apology", "gift"));
        for (var i = 0; i < 3; i++)
        {
            await money.WithAsync<InvoiceService>(async s => await s.IssueAsync(await s.DraftAsync(client.Id, [new InvoiceLineInput { Description = "Cable", Price = 600m }])));
        }

        Assert.Null(await money.FaultAsync());
        Assert.Equal((600m, 600m, 400m), await money.ReadAsync(async db => await db.Invoices.OrderBy(i => i.Number).Select(i => i.Paid.Minor).ToListAsync() is [var first, var second, var third] ? (first / 100m, second / 100m, third / 100m) : default));

        // From one to the other, so that the client's sum stays right.
        await money.ExecuteAsOwnerAsync("UPDATE invoices SET paid_minor = paid_minor - 10000, status = 'PartlyPaid' WHERE number = 2; UPDATE invoices SET paid_minor = paid_minor + 10000 WHERE number = 3;");

        Assert.Contains("invoices INV-2026-000002 says that 500.00 were paid, and payments and wallets put 600.00 on it", await money.FaultAsync(), StringComparison.Ordinal);
    }
}
