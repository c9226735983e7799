using System.IO.Compression;
using System.Xml;
using ClosedXML.Excel;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Exports;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Tests.Billing;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Reports;

/// <summary>Files of lists: all of them, up to what Excel holds.</summary>
public sealed class ReportFileTests
{
    private const int MostRows = ReportFile.MostExcelRows - 7; // title, company, currency, two empty lines, the names of columns, the total

    [Fact]
    public async Task All_who_owe_are_in_the_file_and_its_total_is_what_is_owed()
    {
        const int Clients = 10_500; // the page lists ten thousand
        await using var services = await TestServices.CreateAsync(DatabaseProvider.Sqlite, s => s.AddScoped<FinanceReports>());
        var company = await TestCompany.CreateAsync(services);
        foreach (var chunk in Enumerable.Range(1, Clients).Chunk(1_500))
        {
            await using var db = company.Open();
            var settings = await CurrentBillingSettings.OfAsync(db);
            var clients = chunk.Select(i => new Client(company.Id, AccountNumbers.WithCheckDigit(500_000 + i), new ClientInput { Name = $"Client {i}", Phone = $"0722{i:D6}" }, company.Now)).ToList();
            db.Clients.AddRange(clients);
            await db.SaveChangesAsync();
            await using var turn = await db.TakeLedgerTurnAsync();
            var invoices = clients.ConvertAll(c => new Invoice(company.Id, c.Id, "KES", "test", [new LineDraft(LineKind.OneTime, "Internet", Money.Of(10), TaxRule.None, c.Id)], turn.Now)); // all owe the same
            db.Invoices.AddRange(invoices);
            await Invoicing.IssueAsync(db, turn, invoices, settings, turn.Today, turn.Today);
            await turn.CommitAsync();
        }

        await using var scope = company.Scope(Role.Finance);
        var reports = scope.ServiceProvider.GetRequiredService<FinanceReports>();
        var query = new ReportQuery(company.Company.Today(services.Clock), company.Company.Today(services.Clock));
        var (page, file) = (await reports.GetAsync(FinanceReport.Unpaid, query), await reports.FileAsync(FinanceReport.Unpaid, query));
        var rows = await file.Rows.ToListAsync();

        Assert.Equal(10_000, page.Rows.Count);
        Assert.Contains(page.Facts, f => f.Label == "Clients not listed");
        Assert.DoesNotContain(file.Facts, f => f.Label == "Clients not listed");
        Assert.Equal((Clients, Clients, Clients), (file.Count, rows.Count, rows.Select(r => r.Link).Distinct().Count()));
        using var spool = new MemoryStream();
        await new ReportWriter().ExcelAsync(file, "Savanna Fibre", services.Clock.Now, spool);
        using var workbook = new XLWorkbook(spool);
        var sheet = workbook.Worksheets.Single();
        Assert.Equal(Clients * 10d, Convert.ToDouble(sheet.Evaluate(sheet.LastRowUsed().Cell(10).FormulaA1), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory, EachDatabase]
    public async Task Pages_of_a_file_follow_each_other_without_a_gap_or_a_row_twice(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        List<Guid> clients = [];
        for (var i = 0; i < 5; i++)
        {
            clients.Add((await money.SellAsync(1_000m + (i % 2))).ClientId);
        }

        var run = await money.PreviewAsync();
        await money.WithAsync<BillingRunService>(async runs => Assert.Equal(
            (await runs.BillsAsync(run, new GridQuery())).Items.Select(b => b.ClientId),
            (await AllAsync<RunBillRow>((last, ct) => runs.BillsAfterAsync(run, last is null ? null : new RunBillKey(last.StandsOut, last.Deviation, last.ClientId), 2, ct))).Select(b => b.ClientId)));
        await money.ApproveAsync(run);
        await money.WorkAsync(run);
        await money.WithAsync<InvoiceService>(async invoices =>
        {
            var all = await AllAsync<InvoiceRow>((last, ct) => invoices.AfterAsync(null, InvoiceFilter.Open, last is null ? null : new ListKey(last.CreatedAt, last.Id), 2, ct));
            Assert.Equal(clients.Order(), all.Select(i => i.ClientId).Order());
            var file = await invoices.FileAsync(null, InvoiceFilter.Open);
            Assert.Equal((5, 5), (file.Count, await file.Rows.CountAsync()));
            Assert.Equal((0, 0), (await invoices.FileAsync("nothing like it", InvoiceFilter.All)) is var none ? (none.Count, await none.Rows.CountAsync()) : default);
        });

        foreach (var client in clients)
        {
            await money.PayAsync(client, 100m); // all at the same moment
        }

        await money.WithAsync<CounterService>(c => c.OpenAsync("Office", 0m));
        await money.WithAsync<PaymentQueries>(async payments => Assert.Equal(
            (await payments.ListAsync(new GridQuery(), new PaymentFilter())).Page.Items.Select(p => p.Number),
            (await AllAsync<PaymentRow>((last, ct) => payments.AfterAsync(null, new PaymentFilter(), last is null ? null : new PaymentKey(last.OccurredAt, last.Number), 2, ct))).Select(p => p.Number)));
        foreach (var export in Enum.GetValues<PaymentExport>())
        {
            await money.WithAsync<PaymentExports>(async exports =>
            {
                var file = await exports.GetAsync(export, new PaymentExportQuery());
                Assert.Equal(file.Count, await file.Rows.CountAsync());
                Assert.Equal(export is PaymentExport.Payments ? 5 : file.Count, file.Count);
            });
        }
    }

    [Fact]
    public async Task The_trial_balance_is_a_file_with_both_sides()
    {
        await using var money = await MoneyCompany.StartAsync();
        await money.PayAsync((await money.Company.AddClientAsync()).Id, 300m);

        await money.WithAsync<LedgerService>(async ledger =>
        {
            var file = await ledger.TrialBalanceFileAsync();
            Assert.Equal((Money.Of(300), Money.Of(300)), ((Money)file.Total(2)!, (Money)file.Total(3)!));
            Assert.Equal("Both sides are equal.", file.Facts.Single().Note);
        });
    }

    [Fact]
    public async Task A_sheet_is_filled_to_what_Excel_holds_and_one_row_more_is_refused_in_words()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.CreateVersion7():N}.xlsx");
        await using var spool = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
        await new ReportWriter().ExcelAsync(Rows(MostRows, MostRows), "Savanna Fibre", default, spool);
        spool.Position = 0;
        await using (var archive = new ZipArchive(spool, ZipArchiveMode.Read, leaveOpen: true))
        await using (var sheet = await archive.GetEntry("xl/worksheets/sheet1.xml")!.OpenAsync())
        using (var xml = XmlReader.Create(sheet))
        {
            var (last, formula) = ("", "");
            while (xml.Read())
            {
                last = xml is { NodeType: XmlNodeType.Element, LocalName: "row" } ? xml.GetAttribute("r")! : last;
                formula = xml is { NodeType: XmlNodeType.Element, LocalName: "f" } ? xml.ReadElementContentAsString() : formula;
            }

            Assert.Equal(("1048576", "SUM(A7:A1048575)"), (last, formula));
        }

        foreach (var counted in (int[])[MostRows + 1, 0]) // also when they came while it was written
        {
            using var nowhere = new FileStream(path + counted, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
            var refused = await Assert.ThrowsAsync<DomainException>(() => new ReportWriter().ExcelAsync(Rows(MostRows + 1, counted), "Savanna Fibre", default, nowhere));
            Assert.Equal("export.rows", refused.Code);
            Assert.Contains("has 1,048,570 rows, and Excel holds 1,048,576", refused.Message, StringComparison.Ordinal);
        }

        static ReportFile Rows(int rows, int counted) => new(
            "numbers", "Numbers", "For the test.", "KES", [new("Number", CellKind.Count, 12, true)], [], counted, Enumerable.Range(0, rows).Select(i => new ReportRow([(long)i])).ToAsyncEnumerable());
    }

    [Fact]
    public async Task Text_that_no_workbook_may_hold_does_not_break_it()
    {
        var text = $"Wanjiku\u0001 <& \"Kamau\" \ud83d\ude00 \ud83d {new string('x', 40_000)}";
        using var spool = new MemoryStream();
        await new ReportWriter().ExcelAsync(ReportFile.Of(new ReportTable("a", "A/B: [what] a long name for a sheet of Excel", "For the test.", "KES", [new("Client", CellKind.Text)], [new([text])], [])), "A & B", default, spool);

        using var workbook = new XLWorkbook(spool);
        var read = workbook.Worksheets.Single().Cell(7, 1).GetString();
        Assert.StartsWith("Wanjiku\ufffd <& \"Kamau\" \ud83d\ude00 \ufffd xxx", read, StringComparison.Ordinal);
        Assert.Equal(32_767, read.Length);
    }

    private static async Task<List<T>> AllAsync<T>(Func<T?, CancellationToken, Task<IReadOnlyList<T>>> after) where T : class => await ReportFile.PagesAsync(after, 2).ToListAsync();
}
