using System.Globalization;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Reports;

public enum FinanceReport
{
    Collected,
    Unpaid,
    Revenue,
    Tax,
    Recurring,
    Churn,

    /// <summary>Revenue against the costs that were entered, by site.</summary>
    Sites,

    /// <summary>What was billed ahead and is earned later.</summary>
    Deferred,
}

/// <summary>By what revenue is told apart.</summary>
public enum RevenueBy
{
    Package,
    Site,
    Month,
    County,
    Kind,
}

/// <summary>What a report is asked; days are where the company is, both included.</summary>
public sealed record ReportQuery(DateOnly From, DateOnly Until, RevenueBy By = RevenueBy.Package);

/// <summary>The reports of finance. What is told of revenue, tax and money taken ties to the ledger, and each report says by how much when it does not.</summary>
public sealed partial class FinanceReports(IDataDefenderDbFactory dbFactory, CurrentUser user, TimeProvider clock)
{
    private const int MostRows = 10_000;

    public async Task<ReportTable> GetAsync(FinanceReport report, ReportQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewReports);
        if (query.Until < query.From || query.Until.DayNumber - query.From.DayNumber > 3 * 366)
        {
            throw new InvalidInputException([new FieldError("Until", "A report covers up to three years, and ends after it begins.")]);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct);
        return report switch
        {
            FinanceReport.Collected => await CollectedAsync(db, company, query, ct),
            FinanceReport.Unpaid => await UnpaidAsync(db, company, ct),
            FinanceReport.Revenue => await RevenueAsync(db, company, query, ct),
            FinanceReport.Tax => await TaxAsync(db, company, query, ct),
            FinanceReport.Recurring => await RecurringAsync(db, company, ct),
            FinanceReport.Churn => await ChurnAsync(db, company, query, ct),
            FinanceReport.Sites => await SitesAsync(db, company, query, ct),
            FinanceReport.Deferred => await DeferredAsync(db, company, ct),
            _ => throw new ArgumentOutOfRangeException(nameof(report), report, null),
        };
    }

    /// <summary>The report for a file: all rows of it, where the page lists the first.</summary>
    public async Task<ReportFile> FileAsync(FinanceReport report, ReportQuery query, CancellationToken ct = default)
    {
        var table = await GetAsync(report, query, ct);
        if (report is not FinanceReport.Unpaid)
        {
            return ReportFile.Of(table);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var today = (await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct)).Today(clock);
        return ReportFile.Of(table) with
        {
            Facts = [.. table.Facts.Where(f => f.Label != NotListed)],
            Count = await Open(db).Select(i => i.ClientId).Distinct().CountAsync(ct),
            Rows = ReportFile.PagesAsync<Debtor>((last, stop) => DebtorsAsync(today, last is null ? null : new DebtorKey(last.All, last.ClientId), ReportFile.PageRows, stop), ct: ct).Select(d => d.ToRow()),
        };
    }

    /// <summary>What the accounts of these kinds gained on their credit side in the time, by the ledger.</summary>
    private static async Task<Money> LedgerAsync(IDataDefenderDb db, ReportQuery query, AccountKind[] kinds, CancellationToken ct) => new(await (
        from line in db.JournalLines
        join transaction in db.JournalTransactions on line.Sequence equals transaction.Sequence
        join account in db.LedgerAccounts on line.AccountId equals account.Id
        where kinds.Contains(account.Kind) && transaction.EffectiveOn >= query.From && transaction.EffectiveOn <= query.Until
        select line.Credit.Minor - line.Debit.Minor).SumAsync(ct));

    private static ReportFact Ties(string what, Money table, Money ledger) => table == ledger
        ? new ReportFact("By the ledger", ledger, CellKind.Money, $"The table and the ledger agree on {what}.")
        : new ReportFact("By the ledger", ledger, CellKind.Money, $"The table has {table}: it differs from the ledger by {ledger - table}.", Differs: true);

    private async Task<ReportTable> CollectedAsync(IDataDefenderDb db, Company company, ReportQuery query, CancellationToken ct)
    {
        var taken = await CollectedMoney.Of(db, query.From, query.Until).GroupBy(c => c.Day)
            .Select(day => new { day.Key, Minor = day.Sum(c => c.Minor) }).ToDictionaryAsync(d => d.Key, d => d.Minor, ct);
        var expected = await db.Invoices
            .Where(i => i.DueOn >= query.From && i.DueOn <= query.Until && i.Status != InvoiceStatus.Draft && i.Status != InvoiceStatus.Void)
            .GroupBy(i => i.DueOn)
            .Select(g => new { g.Key, Minor = g.Sum(i => i.Total.Minor - i.Credited.Minor), Count = g.Count() }).ToListAsync(ct);
        var due = expected.ToDictionary(e => e.Key!.Value, e => (e.Minor, e.Count));
        List<ReportRow> rows = [];
        List<ChartBar> bars = [];
        for (var day = query.From; day <= query.Until; day = day.AddDays(1))
        {
            var (fell, count) = due.GetValueOrDefault(day);
            var got = taken.GetValueOrDefault(day);
            rows.Add(new ReportRow([day, new Money(got), new Money(fell), (long)count, new Money(got - fell)]));
            bars.Add(new ChartBar(day.ToString("d MMM", CultureInfo.InvariantCulture), new Money(got), new Money(fell)));
        }

        var (all, wanted) = (new Money(taken.Values.Sum()), new Money(expected.Sum(e => e.Minor)));
        return new ReportTable(
            "collected", "Collected against expected", "What payments brought on each day, by the ledger, beside what fell due on that day. A cheque counts on the day on which the bank has paid it.", company.Currency,
            [new("Day", CellKind.Date, 14), new("Collected", CellKind.Money, 16, true), new("Fell due", CellKind.Money, 16, true), new("Invoices due", CellKind.Count, 14, true), new("Difference", CellKind.Money, 16, true)],
            [.. rows.AsEnumerable().Reverse()],
            [
                .. company.Today(clock) is var today && today >= query.From && today <= query.Until
                    ? [new ReportFact("Collected today", new Money(taken.GetValueOrDefault(today)), CellKind.Money, $"{new Money(due.GetValueOrDefault(today).Minor).Show(company.Currency)} falls due today.")]
                    : Array.Empty<ReportFact>(),
                new("Collected", all, CellKind.Money), new("Fell due", wanted, CellKind.Money),
                new("Collected of what fell due", wanted > Money.Zero ? (decimal)all.Minor / wanted.Minor : 0m, CellKind.Percent),
            ])
        {
            Bars = bars.Count <= 62 ? bars : [],
        };
    }

    /// <summary>What was billed for longer than a month: what of it waits, and in which months it will be earned.</summary>
    private static async Task<ReportTable> DeferredAsync(IDataDefenderDb db, Company company, CancellationToken ct)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(company.TimeZone);
        var lines = await (
            from line in db.InvoiceLines
            join invoice in db.Invoices on line.InvoiceId equals invoice.Id
            where line.UnearnedFrom != null && invoice.Status != InvoiceStatus.Void && invoice.Status != InvoiceStatus.Draft
            orderby line.UnearnedFrom
            select new { line.UnearnedFrom, line.Until, Left = line.Net.Minor - line.Earned.Minor - line.CreditedAhead.Minor }).Take(MostRows * 20).ToListAsync(ct);
        var months = new SortedDictionary<DateOnly, (long Minor, int Lines)>();
        foreach (var line in lines)
        {
            var end = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(line.Until!.Value, zone));
            var (from, left) = (line.UnearnedFrom!.Value, new Money(line.Left));
            end = end > from ? end : from.AddDays(1);
            var period = new BillingPeriod(from, end);
            for (var day = from; day < end;)
            {
                var next = new DateOnly(day.Year, day.Month, 1).AddMonths(1);
                var last = next < end ? next : end;
                var (minor, count) = months.GetValueOrDefault(next.AddMonths(-1));
                months[next.AddMonths(-1)] = (minor + Proration.Slice(left, period, day, last).Minor, count + 1);
                day = last;
            }
        }

        var held = await LedgerBalances.OfAccountAsync(db, AccountKind.DeferredRevenue, ct: ct);
        var all = new Money(months.Values.Sum(m => m.Minor));
        return new ReportTable(
            "deferred", "Deferred revenue", "What was billed for longer than a month and is earned in the months to come, without tax. Each night what a month that is over has earned moves to revenue.", company.Currency,
            [new("Month", CellKind.Month, 14), new("Lines", CellKind.Count, 12), new("Will be earned", CellKind.Money, 18, true)],
            [.. months.Select(m => new ReportRow([m.Key, (long)m.Value.Lines, new Money(m.Value.Minor)]))],
            [new("Still to be earned", all, CellKind.Money), Ties("deferred revenue", all, held)])
        {
            Bars = [.. months.Take(24).Select(m => new ChartBar(m.Key.ToString("MMM yy", CultureInfo.InvariantCulture), new Money(m.Value.Minor)))],
        };
    }

    private static async Task<ReportTable> TaxAsync(IDataDefenderDb db, Company company, ReportQuery query, CancellationToken ct)
    {
        var charged = await (
            from line in db.InvoiceLines
            join invoice in db.Invoices on line.InvoiceId equals invoice.Id
            join transaction in db.JournalTransactions on invoice.JournalSequence equals (long?)transaction.Sequence
            where transaction.EffectiveOn >= query.From && transaction.EffectiveOn <= query.Until && line.Kind != LineKind.Deposit && line.Kind != LineKind.OpeningBalance
            group line by new { transaction.EffectiveOn.Year, transaction.EffectiveOn.Month, line.TaxBand, line.VatRate, line.ExciseRate } into g
            select new { g.Key, Net = g.Sum(l => l.Net.Minor), Excise = g.Sum(l => l.Excise.Minor), Vat = g.Sum(l => l.Vat.Minor) }).ToListAsync(ct);
        var taken = await (
            from line in db.CreditNoteLines
            join note in db.CreditNotes on line.CreditNoteId equals note.Id
            join transaction in db.JournalTransactions on note.JournalSequence equals (long?)transaction.Sequence
            join billed in db.InvoiceLines on new { note.InvoiceId, Number = line.InvoiceLine } equals new { billed.InvoiceId, billed.Number }
            where transaction.EffectiveOn >= query.From && transaction.EffectiveOn <= query.Until && billed.Kind != LineKind.Deposit && billed.Kind != LineKind.OpeningBalance
            group line by new { transaction.EffectiveOn.Year, transaction.EffectiveOn.Month, line.TaxBand, line.VatRate, line.ExciseRate } into g
            select new { g.Key, Net = g.Sum(l => l.Net.Minor), Excise = g.Sum(l => l.Excise.Minor), Vat = g.Sum(l => l.Vat.Minor) }).ToListAsync(ct);
        // A void invoice was posted and taken back; both stand in the month in which they were.
        var voided = await (
            from line in db.InvoiceLines
            join invoice in db.Invoices on line.InvoiceId equals invoice.Id
            join reversal in db.JournalTransactions on invoice.JournalSequence equals reversal.Reverses
            where reversal.EffectiveOn >= query.From && reversal.EffectiveOn <= query.Until && line.Kind != LineKind.Deposit && line.Kind != LineKind.OpeningBalance
            group line by new { reversal.EffectiveOn.Year, reversal.EffectiveOn.Month, line.TaxBand, line.VatRate, line.ExciseRate } into g
            select new { g.Key, Net = g.Sum(l => l.Net.Minor), Excise = g.Sum(l => l.Excise.Minor), Vat = g.Sum(l => l.Vat.Minor) }).ToListAsync(ct);
        var back = taken.Concat(voided).ToLookup(t => t.Key);
        var rows = charged.Select(c => c.Key).Concat(taken.Select(t => t.Key)).Concat(voided.Select(v => v.Key)).Distinct()
            .OrderBy(k => k.Year).ThenBy(k => k.Month).ThenBy(k => k.TaxBand, StringComparer.Ordinal).ThenBy(k => k.VatRate).ThenBy(k => k.ExciseRate)
            .Select(key =>
            {
                var plus = charged.Where(c => c.Key.Equals(key)).ToList();
                var minus = back[key].ToList();
                return new ReportRow(
                [
                    new DateOnly(key.Year, key.Month, 1), key.TaxBand, key.VatRate / 10_000m, key.ExciseRate / 10_000m, new Money(plus.Sum(p => p.Net)), new Money(plus.Sum(p => p.Excise)), new Money(plus.Sum(p => p.Vat)),
                    new Money(-minus.Sum(m => m.Net)), new Money(-minus.Sum(m => m.Excise)), new Money(-minus.Sum(m => m.Vat)),
                    new Money(plus.Sum(p => p.Excise) - minus.Sum(m => m.Excise)), new Money(plus.Sum(p => p.Vat) - minus.Sum(m => m.Vat)),
                ]);
            }).ToList();
        var (excise, vat) = (new Money(rows.Sum(r => ((Money)r.Cells[10]!).Minor)), new Money(rows.Sum(r => ((Money)r.Cells[11]!).Minor)));
        return new ReportTable(
            "tax", "VAT and excise", "By month, band and rate as they were frozen on each line; what credit notes and void invoices took back stands beside it. Deposits and balances that were brought along are no turnover and not in it.", company.Currency,
            [
                new("Month", CellKind.Month, 12), new("Band", CellKind.Text, 8), new("VAT", CellKind.Percent, 9), new("Excise", CellKind.Percent, 9), new("Net", CellKind.Money, 16, true), new("Excise charged", CellKind.Money, 16, true),
                new("VAT charged", CellKind.Money, 16, true), new("Net taken back", CellKind.Money, 16, true), new("Excise taken back", CellKind.Money, 17, true), new("VAT taken back", CellKind.Money, 16, true),
                new("Excise payable", CellKind.Money, 16, true), new("VAT payable", CellKind.Money, 16, true),
            ],
            rows,
            [
                new("VAT payable", vat, CellKind.Money), Ties("VAT", vat, await LedgerAsync(db, query, [AccountKind.VatPayable], ct)),
                new("Excise payable", excise, CellKind.Money), Ties("excise", excise, await LedgerAsync(db, query, [AccountKind.ExcisePayable], ct)),
            ]);
    }
}
