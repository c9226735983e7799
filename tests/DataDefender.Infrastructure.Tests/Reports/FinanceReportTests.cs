using ClosedXML.Excel;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Exports;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Reports;

/// <summary>The reports of finance over random histories: what they say is what the ledger says.</summary>
public sealed class FinanceReportTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private static readonly TaxRule Taxed = new("B", 1_500, 1_600, VatBase.NetPlusExcise, true);

    [Theory, EachDatabase]
    public async Task Revenue_tax_and_what_is_unpaid_tie_to_the_ledger_after_invoices_credits_payments_and_voids(DatabaseProvider provider)
    {
        var (company, query) = await HistoryAsync(provider, seed: 7);
        foreach (var by in Enum.GetValues<RevenueBy>())
        {
            var revenue = await ReportAsync(company, FinanceReport.Revenue, query with { By = by });
            Assert.DoesNotContain(revenue.Facts, f => f.Differs);
            Assert.Equal(await LedgerAsync(company, AccountKind.Revenue, AccountKind.CreditNotes), (Money)revenue.Total(2)!);
        }

        var sites = await ReportAsync(company, FinanceReport.Sites, query);
        Assert.DoesNotContain(sites.Facts, f => f.Differs);
        Assert.Equal(await LedgerAsync(company, AccountKind.Revenue, AccountKind.CreditNotes), (Money)sites.Total(2)!);

        var tax = await ReportAsync(company, FinanceReport.Tax, query);
        Assert.DoesNotContain(tax.Facts, f => f.Differs);
        Assert.Equal(await LedgerAsync(company, AccountKind.VatPayable), (Money)tax.Total(11)!);
        Assert.Equal(await LedgerAsync(company, AccountKind.ExcisePayable), (Money)tax.Total(10)!);
        Assert.True(tax.Rows.Count >= 2); // two rates

        var unpaid = await ReportAsync(company, FinanceReport.Unpaid, query);
        Assert.DoesNotContain(unpaid.Facts, f => f.Differs);
        Assert.Equal(-await LedgerAsync(company, AccountKind.Receivable), (Money)unpaid.Total(9)!);

        await using (var finance = company.Scope(Role.Finance))
        {
            var reports = finance.ServiceProvider.GetRequiredService<FinanceReports>();
            var pages = ReportFile.PagesAsync<Debtor>((last, ct) => reports.DebtorsAsync(query.Until, last is null ? null : new DebtorKey(last.All, last.ClientId), 1, ct), pageRows: 1);
            Assert.Equal(unpaid.Rows.Select(r => r.Link), await pages.Select(d => $"clients/{d.ClientId}").ToListAsync());
        }

        var collected = await ReportAsync(company, FinanceReport.Collected, query);
        Assert.Equal(-await LedgerAsync(company, AccountKind.Cash), (Money)collected.Total(1)!);
        Assert.True((Money)collected.Total(1)! > Money.Zero);

        await using var scope = company.Scope(Role.Finance);
        var desk = await scope.ServiceProvider.GetRequiredService<FinanceDesk>().GetAsync(TestContext.Current.CancellationToken);
        Assert.Equal((Money)unpaid.Total(9)!, desk.Open.NotDue + desk.Open.Overdue);
        Assert.Equal(-await LedgerAsync(company, AccountKind.Cash), desk.CollectedToday); // all was paid today
        Assert.Equal(-await LedgerAsync(company, AccountKind.Cash), desk.Custody!.Single(c => c.State is CustodyState.InDrawers).Total);
    }

    [Theory, EachDatabase]
    public async Task What_is_taken_back_comes_off_the_package_and_site_that_it_was_billed_for_and_a_balance_brought_along_is_no_revenue(DatabaseProvider provider)
    {
        var company = await TestCompany.CreateAsync(await ServicesAsync(provider));
        var (home, office) = (await company.AddPackageAsync("Home 10"), await company.AddPackageAsync("Office 50"));
        var (hill, town) = (await company.AddSiteAsync("Hill"), await company.AddSiteAsync("Town"));
        var (at, of) = (await company.AddSubscriptionAsync(package: home), await company.AddSubscriptionAsync(package: office));
        await using var db = company.Open();
        await db.Subscriptions.Where(s => s.Id == at.Id).ExecuteUpdateAsync(set => set.SetProperty(s => s.SiteId, hill.Id));
        await db.Subscriptions.Where(s => s.Id == of.Id).ExecuteUpdateAsync(set => set.SetProperty(s => s.SiteId, town.Id));
        var settings = await CurrentBillingSettings.OfAsync(db);
        await using var turn = await db.TakeLedgerTurnAsync();
        var before = turn.Today.AddDays(-60);
        var credited = await IssueAsync(new LineDraft(LineKind.Subscription, "Home", Money.Of(1_000), TaxRule.None, at.ClientId, at.Id));
        await IssueAsync(new LineDraft(LineKind.Subscription, "Office", Money.Of(2_000), TaxRule.None, of.ClientId, of.Id));
        var wrong = await IssueAsync(new LineDraft(LineKind.Subscription, "Office again", Money.Of(2_000), TaxRule.None, of.ClientId, of.Id));
        var brought = await IssueAsync(new LineDraft(LineKind.OpeningBalance, "Balance brought along", Money.Of(900), TaxRule.None, at.ClientId));
        await Invoicing.CreditAsync(db, turn, credited, [new LineCredit(1, Money.Of(300))], "Outage", settings);
        await Invoicing.CreditAsync(db, turn, brought, [new LineCredit(1, Money.Of(100))], "Was paid before", settings);
        await Invoicing.VoidAsync(turn, wrong, "Billed twice");
        await turn.CommitAsync();

        var query = new ReportQuery(before, turn.Today);
        Assert.Equal([("Office 50", Money.Of(2_000)), ("Home 10", Money.Of(700))], await RevenueAsync(query));
        Assert.Equal([("Town", Money.Of(2_000)), ("Hill", Money.Of(700))], await RevenueAsync(query with { By = RevenueBy.Site }));
        Assert.Equal([("Subscription", Money.Of(2_700))], await RevenueAsync(query with { By = RevenueBy.Kind }));
        Assert.Equal(
            [(Month(before), Money.Of(5_000)), (Month(turn.Today), Money.Of(-2_300))], // what is taken back counts when it is
            (await ReportAsync(company, FinanceReport.Revenue, query with { By = RevenueBy.Month })).Rows.Select(r => ((DateOnly)r.Cells[0]!, (Money)r.Cells[2]!)));

        var sites = await ReportAsync(company, FinanceReport.Sites, query);
        Assert.Equal([("Town", Money.Of(2_000)), ("Hill", Money.Of(700))], sites.Rows.Select(r => ((string)r.Cells[0]!, (Money)r.Cells[2]!)));
        Assert.Equal((Money.Of(2_700), false), sites.Facts.Where(f => f.Label == "By the ledger").Select(f => ((Money)f.Value!, f.Differs)).Single());
        Assert.DoesNotContain((await ReportAsync(company, FinanceReport.Sites, query with { From = turn.Today })).Facts, f => f.Differs);

        var tax = await ReportAsync(company, FinanceReport.Tax, query);
        Assert.Equal((Money.Of(5_000), Money.Of(-2_300)), ((Money)tax.Total(4)!, (Money)tax.Total(7)!));

        async Task<Invoice> IssueAsync(LineDraft line)
        {
            var invoice = db.Invoices.Add(new Invoice(company.Id, line.ClientId, "KES", "test", [line], turn.Now)).Entity;
            await Invoicing.IssueAsync(db, turn, [invoice], settings, before, before);
            return invoice;
        }

        async Task<IEnumerable<(string, Money)>> RevenueAsync(ReportQuery of)
        {
            var report = await ReportAsync(company, FinanceReport.Revenue, of);
            Assert.DoesNotContain(report.Facts, f => f.Differs);
            return report.Rows.Select(r => ((string)r.Cells[0]!, (Money)r.Cells[2]!));
        }

        static DateOnly Month(DateOnly day) => new(day.Year, day.Month, 1);
    }

    [Theory, EachDatabase]
    public async Task A_cheque_is_collected_when_the_bank_has_paid_it_and_the_desk_says_what_the_report_says(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider, s => s.AddScoped<FinanceReports>().AddScoped<FinanceDesk>().AddScoped<CustodyBoard>().AddScoped<CounterService>());
        var company = await TestCompany.CreateAsync(services);
        var client = await company.AddClientAsync();
        await using var scope = company.Scope(Role.Finance);
        var counter = scope.ServiceProvider.GetRequiredService<CounterService>();
        await TakeAsync(PaymentMethod.BankTransfer, 100m, "FT1");
        var (good, bad) = (await TakeAsync(PaymentMethod.Cheque, 900m, "000123"), await TakeAsync(PaymentMethod.Cheque, 400m, "000124"));
        var taken = company.Company.Today(services.Clock);
        Assert.Equal([Money.Of(100)], await CollectedAsync());

        services.Clock.Advance(TimeSpan.FromDays(2));
        await counter.ChequeClearedAsync(good);
        await counter.ChequeBouncedAsync(bad, "No funds");
        Assert.Equal([Money.Of(900), Money.Zero, Money.Of(100)], await CollectedAsync());

        Task<Guid> TakeAsync(PaymentMethod how, decimal amount, string reference) =>
            counter.ReceiveAsync(new ReceivedInput { ClientId = client.Id, Method = how, Amount = amount, Reference = reference, IdempotencyKey = reference });

        async Task<List<Money>> CollectedAsync()
        {
            var report = await ReportAsync(company, FinanceReport.Collected, new ReportQuery(taken, company.Company.Today(services.Clock)));
            var desk = await scope.ServiceProvider.GetRequiredService<FinanceDesk>().GetAsync();
            Assert.Equal(desk.CollectedToday, report.Facts.Single(f => f.Label == "Collected today").Value);
            Assert.Equal(desk.CollectedToday, report.Rows[0].Cells[1]);
            return [.. report.Rows.Select(r => (Money)r.Cells[1]!)];
        }
    }

    [Fact]
    public async Task Recurring_revenue_is_brought_to_a_month_and_churn_counts_what_ended_with_its_reason()
    {
        var services = await ServicesAsync(DatabaseProvider.Sqlite);
        var company = await TestCompany.CreateAsync(services);
        var (monthly, yearly) = (await company.AddPackageAsync("Monthly", price: 2_000m), await company.AddPackageAsync("Yearly", price: 12_000m, configure: p => (p.PeriodCount, p.PeriodUnit) = (1, PeriodUnit.Year)));
        await company.AddSubscriptionAsync(package: monthly);
        await company.AddSubscriptionAsync(package: yearly);
        await company.AddSubscriptionAsync(package: monthly, state: SubscriptionState.Suspended);
        var gone = await company.AddSubscriptionAsync(package: monthly);
        await using (var db = company.Open())
        {
            (await db.Subscriptions.SingleAsync(s => s.Id == gone.Id)).Disconnect("Moved to Mombasa", services.Clock.Now.AddMinutes(1));
            await db.SaveChangesAsync();
        }

        var today = company.Company.Today(services.Clock);
        var query = new ReportQuery(new DateOnly(today.Year, today.Month, 1), today);
        var recurring = await ReportAsync(company, FinanceReport.Recurring, query);
        Assert.Equal([Money.Of(3_000), 2L, Money.Of(1_500)], recurring.Facts.Select(f => f.Value));
        Assert.Equal(Money.Of(2_000), recurring.Total(5)); // what the suspended line does not earn

        await using (var db = company.Open())
        {
            // 1,500 a month agreed with the first of the active ones, and a tenth off.
            var line = await db.Subscriptions.OrderBy(s => s.Id).FirstAsync(s => s.PackageId == monthly.Id && s.State == SubscriptionState.Active);
            var contract = new Contract(company.Id, line.Id, line.ClientId, line.Username, BillingMode.Advance, 1, new ContractTerm(today.AddDays(-40), monthly.Id, "Monthly", 150_000, 1, PeriodUnit.Month));
            contract.Grant(1_000, null, "Ten percent");
            db.Contracts.Add(contract);
            await db.SaveChangesAsync();
        }

        Assert.Equal(Money.Of(1_350 + 1_000), (await ReportAsync(company, FinanceReport.Recurring, query)).Facts[0].Value);

        var churn = await ReportAsync(company, FinanceReport.Churn, query);
        Assert.Contains(churn.Rows, r => Equals(r.Cells[1], "Moved to Mombasa") && Equals(r.Cells[4], 1L));
    }

    [Theory, EachDatabase]
    public async Task Prepaid_lines_that_nobody_bought_again_for_a_month_have_churned_and_those_that_rest_have_not(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider, s => s.AddScoped<FinanceReports>()); // 1 March 2026
        var company = await TestCompany.CreateAsync(services);
        var start = services.Clock.Now;
        await AddAsync(null);
        await AddAsync(start.AddDays(100)); // runs
        var (lost, rests, left) = (await AddAsync(start.AddDays(10)), await AddAsync(start.AddDays(10)), await AddAsync(start.AddDays(10))); // lost on 10 April
        var late = await AddAsync(start.AddDays(31)); // 1 April: lost on 1 May
        services.Clock.Advance(TimeSpan.FromDays(5));
        await ChangeAsync(rests, l => l.Suspend(SuspendReason.Requested, "Rests until May", services.Clock.Now));
        services.Clock.Advance(TimeSpan.FromDays(50)); // 25 April
        await ChangeAsync(left, l => l.Disconnect("Moved away", services.Clock.Now)); // had been lost before

        Assert.Equal([(0L, 0L), (6L, 2L)], await MonthsAsync());
        services.Clock.Advance(TimeSpan.FromDays(10)); // 5 May
        await ChangeAsync(late, l => l.ExpireAt(services.Clock.Now.AddDays(30))); // bought again
        Assert.Equal((4L, 0L), (await MonthsAsync())[2]);
        await ChangeAsync(late, l => l.ExpireAt(start.AddDays(31)));
        await ChangeAsync(lost, l => l.Disconnect("Never came back", services.Clock.Now)); // that counted in April
        Assert.Equal((4L, 1L), (await MonthsAsync())[2]);

        async Task<List<(long Start, long Ended)>> MonthsAsync()
        {
            var today = company.Company.Today(services.Clock);
            return [.. (await ReportAsync(company, FinanceReport.Churn, new ReportQuery(new DateOnly(2026, 3, 1), today))).Rows.Where(r => Equals(r.Cells[1], "All")).Select(r => ((long)r.Cells[2]!, (long)r.Cells[4]!))];
        }

        async Task<Guid> AddAsync(DateTime? ends)
        {
            var line = await company.AddSubscriptionAsync();
            await ChangeAsync(line.Id, l => l.ExpireAt(ends));
            return line.Id;
        }

        async Task ChangeAsync(Guid line, Action<Subscription> act)
        {
            await using var db = company.Open();
            act(await db.Subscriptions.SingleAsync(l => l.Id == line));
            await db.SaveChangesAsync();
        }
    }

    [Fact]
    public async Task A_workbook_holds_numbers_as_numbers_days_as_days_and_totals_as_formulas()
    {
        var report = new ReportTable(
            "test", "Unpaid by age", "For the test.", "KES", [new("Client", CellKind.Text, 30), new("Day", CellKind.Date), new("Share", CellKind.Percent), new("Owed", CellKind.Money, 16, true)],
            [new(["=HYPERLINK(\"http://evil\")", new DateOnly(2026, 3, 3), 0.16m, Money.Of(2_500.50m)]), new(["Wanjiku", null, null, Money.Of(-100)])], [new("Overdue", Money.Of(2_400.50m), CellKind.Money)]);
        using var file = new MemoryStream();
        await new ReportWriter().ExcelAsync(ReportFile.Of(report), "Savanna Fibre", new DateTime(2026, 3, 3, 9, 0, 0, DateTimeKind.Utc), file);

        using (var package = DocumentFormat.OpenXml.Packaging.SpreadsheetDocument.Open(file, false))
        {
            Assert.Empty(new DocumentFormat.OpenXml.Validation.OpenXmlValidator().Validate(package).Select(e => $"{e.Path?.XPath}: {e.Description}"));
        }

        using var workbook = new XLWorkbook(file);
        var sheet = workbook.Worksheets.Single();
        var head = sheet.CellsUsed().First(c => c.GetString() == "Client").Address.RowNumber;
        Assert.Equal((XLDataType.Text, "=HYPERLINK(\"http://evil\")", false), (sheet.Cell(head + 1, 1).DataType, sheet.Cell(head + 1, 1).GetString(), sheet.Cell(head + 1, 1).HasFormula));
        Assert.Equal((XLDataType.DateTime, new DateTime(2026, 3, 3)), (sheet.Cell(head + 1, 2).DataType, sheet.Cell(head + 1, 2).GetDateTime()));
        Assert.Equal((XLDataType.Number, 2_500.5), (sheet.Cell(head + 1, 4).DataType, sheet.Cell(head + 1, 4).GetDouble()));
        Assert.Equal($"SUM(D{head + 1}:D{head + 2})", sheet.Cell(head + 3, 4).FormulaA1);
        Assert.Equal(2_400.5, Convert.ToDouble(sheet.Evaluate($"SUM(D{head + 1}:D{head + 2})"), System.Globalization.CultureInfo.InvariantCulture));
        using var text = new MemoryStream();
        await new ReportWriter().CsvAsync(ReportFile.Of(report), text);
        var csv = System.Text.Encoding.UTF8.GetString(text.ToArray());
        Assert.Contains("\"'=HYPERLINK(\"\"http://evil\"\")\",\"2026-03-03\",\"0.16\",\"2500.50\"\r\n", csv, StringComparison.Ordinal);
    }

    /// <summary>Fifty invoices over two months, some with two rates; a third paid, some credited in part, some void.</summary>
    private async Task<(TestCompany Company, ReportQuery Query)> HistoryAsync(DatabaseProvider provider, int seed)
    {
        var services = await ServicesAsync(provider);
        var company = await TestCompany.CreateAsync(services);
        var random = new Random(seed);
        var (a, b) = (await company.AddPackageAsync("Home 10"), await company.AddPackageAsync("Home 20"));
        Subscription[] lines = [await company.AddSubscriptionAsync(package: a), await company.AddSubscriptionAsync(package: b), await company.AddSubscriptionAsync(package: b)];
        await using var db = company.Open();
        var settings = await CurrentBillingSettings.OfAsync(db);
        for (var i = 0; i < 50; i++)
        {
            var line = lines[random.Next(lines.Length)];
            await using var turn = await db.TakeLedgerTurnAsync();
            List<LineDraft> drafts = [new(LineKind.OneTime, "Internet", new Money(random.Next(1, 500_000)), Taxed, line.ClientId, line.Id)];
            if (i % 3 == 0)
            {
                drafts.Add(new LineDraft(LineKind.Installation, "Installation", new Money(random.Next(1, 100_000)), Taxed with { ExciseRate = 0 }, line.ClientId));
            }

            var invoice = new Invoice(company.Id, line.ClientId, "KES", "test", drafts, turn.Now);
            db.Invoices.Add(invoice);
            var day = turn.Today.AddDays(-random.Next(0, 50));
            await Invoicing.IssueAsync(db, turn, [invoice], settings, day, day.AddDays(7));
            switch (i % 5)
            {
                case 0:
                    var amount = new Money(Math.Max(1, invoice.Total.Minor / (1 + random.Next(2))));
                    await Receivables.SettleAsync(db, turn, invoice, amount);
                    await turn.PostAsync(new JournalPosting(
                        "payment.received", $"payment:{i}:{company.Id}", turn.Now, "Test", "Payment", Guid.CreateVersion7(),
                        [PostingLeg.OnDebit(AccountKind.Cash, amount, channel: "desk"), PostingLeg.OnCredit(AccountKind.Receivable, amount, line.ClientId)]));
                    break;
                case 1:
                    await Invoicing.CreditAsync(db, turn, invoice, [new LineCredit(1, new Money(Math.Max(1, invoice.Lines[0].Total.Minor / 3)))], "Outage", settings);
                    break;
                case 2:
                    await Invoicing.VoidAsync(turn, invoice, "Wrong client");
                    break;
            }

            await turn.CommitAsync();
        }

        var today = company.Company.Today(services.Clock);
        return (company, new ReportQuery(today.AddDays(-100), today));
    }

    private Task<TestServices> ServicesAsync(DatabaseProvider provider) => databases.GetAsync(provider, s => s.AddScoped<FinanceReports>().AddScoped<FinanceDesk>().AddScoped<CustodyBoard>());

    private static async Task<ReportTable> ReportAsync(TestCompany company, FinanceReport report, ReportQuery query)
    {
        await using var scope = company.Scope(Role.Finance);
        return await scope.ServiceProvider.GetRequiredService<FinanceReports>().GetAsync(report, query);
    }

    /// <summary>Added up here, apart from the reports: credits less debits of those accounts.</summary>
    private static async Task<Money> LedgerAsync(TestCompany company, params AccountKind[] kinds)
    {
        await using var db = company.Open();
        var accounts = await db.LedgerAccounts.Where(a => kinds.Contains(a.Kind)).Select(a => a.Id).ToListAsync();
        var lines = (await db.JournalLines.AsNoTracking().ToListAsync()).Where(l => accounts.Contains(l.AccountId));
        return new Money(lines.Sum(l => l.Credit.Minor - l.Debit.Minor));
    }
}
