using System.Diagnostics;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Documents;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Infrastructure.Documents;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>The documents as files: qpdf finds nothing to say against them, and their text is what was written.</summary>
public sealed class DocumentPdfTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Fact]
    public async Task An_invoice_of_a_company_is_a_sound_file_with_its_figures_and_how_to_pay()
    {
        var (company, client) = await StartAsync();
        var invoice = await company.AddInvoiceAsync(client, 1_000m);

        var text = await PrintAsync(company, documents => documents.InvoiceAsync(invoice.Id), "invoice");

        Assert.Contains("TAX INVOICE", text, StringComparison.Ordinal);
        Assert.Contains("INV-2026-000001", text, StringComparison.Ordinal);
        Assert.Contains("Wanjiku & Sons (Café)", text, StringComparison.Ordinal); // ũ is not in the font: the letter stays, its tilde goes
        Assert.Contains("1,334.00", text, StringComparison.Ordinal);
        Assert.Contains("PIN P051234567X", text, StringComparison.Ordinal);
        Assert.Contains("business number 400200", text, StringComparison.Ordinal);
        Assert.Contains("Band B: VAT 16 % on net and excise, excise 15 %", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credit_note_receipt_and_statement_say_what_happened()
    {
        var (company, client) = await StartAsync();
        var invoice = await company.AddInvoiceAsync(client, 1_000m);
        var (note, receipt) = await CreditAndPayAsync(company, client, invoice.Id);

        Assert.Contains("Credited KES", await PrintAsync(company, d => d.CreditNoteAsync(note), "credit-note"), StringComparison.Ordinal);
        Assert.Contains("500.00", await PrintAsync(company, d => d.ReceiptAsync(receipt), "receipt"), StringComparison.Ordinal);
        var statement = await PrintAsync(company, d => d.StatementAsync(client, new DateOnly(2026, 2, 1), new DateOnly(2026, 3, 1)), "statement");
        Assert.Contains("Balance brought forward", statement, StringComparison.Ordinal);
        Assert.Contains("734.00", statement, StringComparison.Ordinal); // 1,334 - 100 - 500
    }

    [Fact]
    public async Task A_statement_with_several_parts_a_payment_has_every_payment_in_its_balance()
    {
        var (company, client) = await StartAsync();
        await using (var db = company.Open())
        {
            await using var turn = await db.TakeLedgerTurnAsync();
            await turn.PostAsync([.. Enumerable.Range(1, 2_600).Select(n => new JournalPosting("payment.received", $"mpesa:LONG{n}", turn.Now, $"M-Pesa LONG{n}", "Payment", client,
                [PostingLeg.OnDebit(AccountKind.Clearing, Money.Of(3m), channel: "M-Pesa"), PostingLeg.OnCredit(AccountKind.Receivable, Money.Of(1m), client), PostingLeg.OnCredit(AccountKind.Wallet, Money.Of(2m), client)]))]);
            await turn.CommitAsync();
        }

        await using var scope = company.Scope();
        var statement = await scope.ServiceProvider.GetRequiredService<DocumentService>().StatementAsync(client, new DateOnly(2026, 1, 1), new DateOnly(2026, 12, 31));

        Assert.Equal(2_601, statement.Rows.Count); // with the balance brought forward
        Assert.Equal("7,800.00", statement.Sums[0].Value);
    }

    [Fact]
    public async Task A_long_document_goes_over_several_pages_and_breaks_words_that_are_too_long()
    {
        var document = new PrintedDocument
        {
            Brand = new DocumentBrand("Savanna Fibre Networks Limited (in every county of the Republic of Kenya)", "#0F766E", ["P.O. Box 1"]),
            Title = "STATEMENT",
            Reference = "All of it",
            FileName = "all",
            Recipient = ["Somebody"],
            Facts = [new("Account", "1000016")],
            Columns = [new("What", 6), new("Amount", 2, true)],
            Rows = [.. Enumerable.Range(1, 120).Select(n => (IReadOnlyList<string>)[n == 60 ? new string('x', 300) : $"Row {n} (with \\ and ( in it)", $"{n}.00"])],
            Sums = [new("Total", "7,260.00", Strong: true)],
            Stamp = "PRO FORMA",
            Qr = "https://example.co.ke/check?id=1",
        };

        var text = await CheckAsync(new DocumentPdf().Print(document), "long");

        Assert.Contains("Row 120 (with \\ and ( in it)", text, StringComparison.Ordinal);
        Assert.Contains("Page 4 of 4", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_document_is_the_same_file()
    {
        var document = new PrintedDocument
        {
            Brand = new DocumentBrand("A", "#123456", []), Title = "INVOICE", Reference = "1", FileName = "1", Recipient = ["B"], Facts = [], Columns = [new("What", 1)], Rows = [["x"]],
        };

        Assert.Equal(new DocumentPdf().Print(document), new DocumentPdf().Print(document));
    }

    private static async Task<(Guid Note, Guid Payment)> CreditAndPayAsync(TestCompany company, Guid client, Guid invoiceId)
    {
        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var open = await Receivables.OpenAsync(db, client);
        var note = await Invoicing.CreditAsync(db, turn, open.Single(i => i.Id == invoiceId), [new LineCredit(1, Money.Of(100m))], "Two days without service", new BillingSettings(company.Id));
        await Receivables.SettleAsync(db, turn, open[0], Money.Of(500m));
        var payment = new ProviderTransaction(company.Id, PaymentMethod.BankTransfer, null, "SKA7", Money.Of(500m), EvidenceSource.Staff, turn.Now, turn.Now);
        payment.Describe(7, null, "Jane Wanjiku", null);
        payment.ApplyTo(client, "test", null, turn.Now);
        db.AddRange(payment, new PaymentAllocation { TenantId = company.Id, TransactionId = payment.Id, ClientId = client, Target = AllocationTarget.Invoice, InvoiceId = invoiceId, InvoiceNumber = open[0].Reference, Amount = Money.Of(500m), At = turn.Now });
        await turn.PostAsync(new JournalPosting("payment.received", $"payment:{payment.Id}", turn.Now, "Bank transfer SKA7", "Payment", payment.Id,
            [PostingLeg.OnDebit(AccountKind.Bank, Money.Of(500m), channel: "main"), PostingLeg.OnCredit(AccountKind.Receivable, Money.Of(500m), client)]));
        await turn.CommitAsync();
        return (note.Id, payment.Id);
    }

    private static async Task<string> PrintAsync(TestCompany company, Func<DocumentService, Task<PrintedDocument>> put, string name)
    {
        await using var scope = company.Scope();
        return await CheckAsync(new DocumentPdf().Print(await put(scope.ServiceProvider.GetRequiredService<DocumentService>())), name);
    }

    /// <summary>Lets qpdf look at the file and returns its text by pdftotext. DATADEFENDER_KEEP_PDFS names a folder where the files stay, to be looked at.</summary>
    private static async Task<string> CheckAsync(byte[] pdf, string name)
    {
        var (qpdf, pdftotext) = (Requires.Program("qpdf", "qpdf is not installed."), Requires.Program("pdftotext", "poppler-utils is not installed."));
        var kept = Environment.GetEnvironmentVariable("DATADEFENDER_KEEP_PDFS");
        var folder = kept is null ? Directory.CreateTempSubdirectory("ddpdf") : Directory.CreateDirectory(kept);
        try
        {
            var file = Path.Combine(folder.FullName, $"{name}.pdf");
            await File.WriteAllBytesAsync(file, pdf);
            var (code, said) = await RunAsync(qpdf, "--check", file);
            Assert.True(code == 0, said);
            return (await RunAsync(pdftotext, "-layout", file, "-")).Said;
        }
        finally
        {
            if (kept is null)
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private static async Task<(int Code, string Said)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var said = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }

    private async Task<(TestCompany Company, Guid Client)> StartAsync()
    {
        var services = await databases.GetAsync(DatabaseProvider.Sqlite, s => s.AddScoped<DocumentService>());
        var company = await TestCompany.CreateAsync(services);
        await using var db = company.Open();
        var settings = new BillingSettings(company.Id);
        settings.Change(new BillingSettingsInput { OwesVat = true, OwesExcise = true, TaxPin = "P051234567X", Paybill = "400200", BankDetails = "Family Bank, Nairobi\nAccount 0123456789", Footer = "Thank you for your business." });
        db.Add(settings);
        await db.SaveChangesAsync();
        return (company, (await company.AddClientAsync("Wanjikũ & Sons (Café)")).Id);
    }
}
