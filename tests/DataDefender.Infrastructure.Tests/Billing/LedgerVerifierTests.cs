using DataDefender.Domain.Billing;
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
        { "UPDATE invoices SET paid_minor = paid_minor + 5 WHERE number = 2", "clients" },
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
}
