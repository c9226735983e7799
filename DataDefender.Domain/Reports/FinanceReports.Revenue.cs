using System.Globalization;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Reports;

/// <summary>What is told of revenue: by package, site, month, county and kind, and against the costs of sites.</summary>
public sealed partial class FinanceReports
{
    private static async Task<ReportTable> RevenueAsync(IDataDefenderDb db, Company company, ReportQuery query, CancellationToken ct)
    {
        var (billed, earned, credited, voided, unearned) = (Billed(db, query), Earned(db, query), Credited(db, query), Voided(db, query), Unearned(db, query));
        var plus = await GroupAsync(billed, query.By, ct);
        var later = await GroupAsync(earned, query.By, ct);
        List<(object? Key, long Net, long Lines)> minus = [.. await GroupAsync(credited, query.By, ct), .. await GroupAsync(voided, query.By, ct), .. await GroupAsync(unearned, query.By, ct)];
        var parts = plus.Concat(later.Concat(minus).Select(p => (p.Key, p.Net, Lines: 0L)))
            .GroupBy(p => p.Key).Select(g => (g.Key, Net: g.Sum(p => p.Net), Lines: g.Sum(p => p.Lines))).ToList();
        List<(object? Key, long Net, long Lines)> sorted =
        [
            .. query.By is RevenueBy.Month ? parts.OrderBy(p => (DateOnly)p.Key!) : parts.OrderByDescending(p => p.Net).ThenBy(p => p.Key as string, StringComparer.Ordinal),
        ];
        var (all, back) = (new Money(sorted.Sum(p => p.Net)), new Money(-minus.Sum(p => p.Net)));
        var by = query.By.ToString().ToLowerInvariant();
        return new ReportTable(
            "revenue", $"Revenue by {by}",
            $"Without tax, on the days on which it was booked, less what credit notes and void invoices took back on theirs. {(query.By is RevenueBy.Package or RevenueBy.Site ? $"A line counts for the {by} that it had when it was billed, and so does what is taken back of it; what" : "What")} was paid ahead for longer than a month counts in the months that earn it.", company.Currency,
            [new(query.By.ToString(), query.By is RevenueBy.Month ? CellKind.Month : CellKind.Text, 36), new("Lines billed", CellKind.Count, 14, true), new("Revenue", CellKind.Money, 18, true)],
            [.. sorted.Select(p => new ReportRow([p.Key, p.Lines, new Money(p.Net)]))],
            [
                new("Revenue", all, CellKind.Money, "After credit notes and void invoices."), new("Taken back", back, CellKind.Money, "By credit notes and void invoices; it is in the table already."),
                Ties("revenue", all, await LedgerAsync(db, query, RevenueAccounts, ct)),
            ])
        {
            Bars = [.. sorted.Take(24).Select(p => new ChartBar(p.Key is DateOnly month ? month.ToString("MMM yy", CultureInfo.InvariantCulture) : (string)p.Key!, new Money(p.Net)))],
        };
    }

    private static readonly AccountKind[] RevenueAccounts = [AccountKind.Revenue, AccountKind.CreditNotes];

    private static async Task<List<(object? Key, long Net, long Lines)>> GroupAsync(IQueryable<RevenuePart> parts, RevenueBy by, CancellationToken ct) => by switch
    {
        RevenueBy.Package => [.. (await parts.GroupBy(b => b.Package).Select(g => new { g.Key, Net = g.Sum(b => b.Net), Lines = g.Count() }).ToListAsync(ct)).Select(g => ((object?)(g.Key ?? "No package"), g.Net, (long)g.Lines))],
        RevenueBy.Site => [.. (await parts.GroupBy(b => b.Site).Select(g => new { g.Key, Net = g.Sum(b => b.Net), Lines = g.Count() }).ToListAsync(ct)).Select(g => ((object?)(g.Key ?? "No site"), g.Net, (long)g.Lines))],
        RevenueBy.County => [.. (await parts.GroupBy(b => b.County).Select(g => new { g.Key, Net = g.Sum(b => b.Net), Lines = g.Count() }).ToListAsync(ct)).Select(g => ((object?)(g.Key ?? "No county"), g.Net, (long)g.Lines))],
        RevenueBy.Kind => [.. (await parts.GroupBy(b => b.Kind).Select(g => new { g.Key, Net = g.Sum(b => b.Net), Lines = g.Count() }).ToListAsync(ct)).Select(g => ((object?)Spaced(g.Key.ToString()), g.Net, (long)g.Lines))],
        RevenueBy.Month => [.. (await parts.GroupBy(b => new { b.Year, b.Month }).Select(g => new { g.Key, Net = g.Sum(b => b.Net), Lines = g.Count() }).ToListAsync(ct)).Select(g => ((object?)new DateOnly(g.Key.Year, g.Key.Month, 1), g.Net, (long)g.Lines))],
        _ => throw new ArgumentOutOfRangeException(nameof(by), by, null),
    };

    /// <summary>The lines of invoices with what revenue is told apart by: the package and the site that they had when they were billed.</summary>
    private static IQueryable<SoldLine> Sold(IDataDefenderDb db) =>
        from line in db.InvoiceLines
        join client in db.Clients on line.ClientId equals client.Id
        join package in db.Packages on line.PackageId equals (Guid?)package.Id into packages
        from package in packages.DefaultIfEmpty()
        join site in db.Sites on line.SiteId equals (Guid?)site.Id into sites
        from site in sites.DefaultIfEmpty()
        select new SoldLine
        {
            InvoiceId = line.InvoiceId, Number = line.Number, Package = package!.Name, Site = site!.Name, SiteId = line.SiteId, County = client.County, Kind = line.Kind, Deferred = line.Deferred, Net = line.Net.Minor,
        };

    /// <summary>Revenue with its invoice. A deposit and a balance that was brought along are none, and what is billed for longer than a month is none yet.</summary>
    private static IQueryable<RevenuePart> Billed(IDataDefenderDb db, ReportQuery query) =>
        from line in Sold(db)
        join invoice in db.Invoices on line.InvoiceId equals invoice.Id
        join transaction in db.JournalTransactions on invoice.JournalSequence equals (long?)transaction.Sequence
        where transaction.EffectiveOn >= query.From && transaction.EffectiveOn <= query.Until && line.Kind != LineKind.Deposit && line.Kind != LineKind.OpeningBalance && !line.Deferred
        select new RevenuePart { Year = transaction.EffectiveOn.Year, Month = transaction.EffectiveOn.Month, Package = line.Package, Site = line.Site, SiteId = line.SiteId, County = line.County, Kind = line.Kind, Net = line.Net };

    /// <summary>What months have earned of what was billed for longer.</summary>
    private static IQueryable<RevenuePart> Earned(IDataDefenderDb db, ReportQuery query) =>
        from part in db.EarnedRevenue
        join line in Sold(db) on new { part.InvoiceId, part.Line } equals new { line.InvoiceId, Line = line.Number }
        join transaction in db.JournalTransactions on part.Sequence equals transaction.Sequence
        where transaction.EffectiveOn >= query.From && transaction.EffectiveOn <= query.Until
        select new RevenuePart { Year = transaction.EffectiveOn.Year, Month = transaction.EffectiveOn.Month, Package = line.Package, Site = line.Site, SiteId = line.SiteId, County = line.County, Kind = line.Kind, Net = part.Amount.Minor };

    /// <summary>What credit notes took back of it, for what the line that they credit counts for; what they took of time to come had been no revenue.</summary>
    private static IQueryable<RevenuePart> Credited(IDataDefenderDb db, ReportQuery query) =>
        from part in db.CreditNoteLines
        join note in db.CreditNotes on part.CreditNoteId equals note.Id
        join line in Sold(db) on new { note.InvoiceId, Line = part.InvoiceLine } equals new { line.InvoiceId, Line = line.Number }
        join transaction in db.JournalTransactions on note.JournalSequence equals (long?)transaction.Sequence
        where transaction.EffectiveOn >= query.From && transaction.EffectiveOn <= query.Until && line.Kind != LineKind.Deposit && line.Kind != LineKind.OpeningBalance
        select new RevenuePart { Year = transaction.EffectiveOn.Year, Month = transaction.EffectiveOn.Month, Package = line.Package, Site = line.Site, SiteId = line.SiteId, County = line.County, Kind = line.Kind, Net = part.Ahead.Minor - part.Net.Minor };

    /// <summary>Invoices that were made void, on the day of it: the reversal takes back what the issue booked.</summary>
    private static IQueryable<RevenuePart> Voided(IDataDefenderDb db, ReportQuery query) =>
        from line in Sold(db)
        join invoice in db.Invoices on line.InvoiceId equals invoice.Id
        join transaction in db.JournalTransactions on invoice.JournalSequence equals transaction.Reverses
        where transaction.EffectiveOn >= query.From && transaction.EffectiveOn <= query.Until && line.Kind != LineKind.Deposit && line.Kind != LineKind.OpeningBalance && !line.Deferred
        select new RevenuePart { Year = transaction.EffectiveOn.Year, Month = transaction.EffectiveOn.Month, Package = line.Package, Site = line.Site, SiteId = line.SiteId, County = line.County, Kind = line.Kind, Net = -line.Net };

    /// <summary>What months had earned of an invoice that was made void then.</summary>
    private static IQueryable<RevenuePart> Unearned(IDataDefenderDb db, ReportQuery query) =>
        from part in db.EarnedRevenue
        join line in Sold(db) on new { part.InvoiceId, part.Line } equals new { line.InvoiceId, Line = line.Number }
        join transaction in db.JournalTransactions on part.InvoiceId equals transaction.SourceId
        where transaction.EffectiveOn >= query.From && transaction.EffectiveOn <= query.Until && transaction.Kind == Invoicing.Unearned
        select new RevenuePart { Year = transaction.EffectiveOn.Year, Month = transaction.EffectiveOn.Month, Package = line.Package, Site = line.Site, SiteId = line.SiteId, County = line.County, Kind = line.Kind, Net = -part.Amount.Minor };

    private static async Task<ReportTable> SitesAsync(IDataDefenderDb db, Company company, ReportQuery query, CancellationToken ct)
    {
        List<(Guid? Site, long Net)> revenue =
        [
            .. await BySiteAsync(Billed(db, query), ct), .. await BySiteAsync(Earned(db, query), ct), .. await BySiteAsync(Credited(db, query), ct), .. await BySiteAsync(Voided(db, query), ct),
            .. await BySiteAsync(Unearned(db, query), ct),
        ];
        var (first, last) = (new DateOnly(query.From.Year, query.From.Month, 1), new DateOnly(query.Until.Year, query.Until.Month, 1));
        var costs = await db.SiteCosts.Where(c => c.Month >= first && c.Month <= last).GroupBy(c => c.SiteId).Select(g => new { g.Key, Minor = g.Sum(c => c.Amount.Minor) }).ToDictionaryAsync(g => g.Key, g => g.Minor, ct);
        var on = await db.Subscriptions.Where(l => l.State == SubscriptionState.Active && l.SiteId != null).GroupBy(l => l.SiteId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key!.Value, g => g.Count, ct);
        var sites = await db.Sites.AsNoTracking().OrderBy(s => s.Name).Select(s => new { s.Id, s.Name }).ToListAsync(ct);
        var known = sites.Select(s => s.Id).ToHashSet();
        var bySite = revenue.Where(r => r.Site is { } site && known.Contains(site)).GroupBy(r => r.Site!.Value).ToDictionary(g => g.Key, g => g.Sum(r => r.Net));
        List<ReportRow> rows = [.. sites.Select(s => Row(s.Name, on.GetValueOrDefault(s.Id), bySite.GetValueOrDefault(s.Id), costs.GetValueOrDefault(s.Id))).OrderByDescending(r => (Money)r.Cells[4]!)];
        var all = revenue.Sum(r => r.Net);
        if (all - bySite.Values.Sum() is var elsewhere and not 0)
        {
            rows.Add(Row("No site", null, elsewhere, 0));
        }

        return new ReportTable(
            "sites", "Profit by site", "What lines of a site brought, without tax and after credit notes and void invoices, less the costs entered for those months. A line counts for the site that it had when it was billed.", company.Currency,
            [new("Site", CellKind.Text, 30), new("Active lines", CellKind.Count, 14, true), new("Revenue", CellKind.Money, 16, true), new("Costs", CellKind.Money, 16, true), new("Profit", CellKind.Money, 16, true), new("Margin", CellKind.Percent, 10)],
            rows,
            [
                new("Profit", new Money(rows.Sum(r => ((Money)r.Cells[4]!).Minor)), CellKind.Money), new("Costs entered", new Money(costs.Values.Sum()), CellKind.Money),
                Ties("revenue", new Money(rows.Sum(r => ((Money)r.Cells[2]!).Minor)), await LedgerAsync(db, query, RevenueAccounts, ct)),
            ])
        {
            Bars = [.. rows.Take(24).Select(r => new ChartBar((string)r.Cells[0]!, (Money)r.Cells[2]!, (Money)r.Cells[3]!))],
        };

        static ReportRow Row(string site, int? lines, long revenue, long costs) =>
            new([site, lines is { } count ? (long)count : null, new Money(revenue), new Money(costs), new Money(revenue - costs), revenue == 0 ? null : (decimal)(revenue - costs) / revenue]);
    }

    private static async Task<IEnumerable<(Guid? Site, long Net)>> BySiteAsync(IQueryable<RevenuePart> parts, CancellationToken ct) =>
        (await parts.GroupBy(p => p.SiteId).Select(g => new { g.Key, Net = g.Sum(p => p.Net) }).ToListAsync(ct)).Select(g => (g.Key, g.Net));

    private static string Spaced(string name) => string.Concat(name.Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : c.ToString()));

    private sealed class SoldLine
    {
        public Guid InvoiceId { get; init; }
        public int Number { get; init; }
        public string? Package { get; init; }
        public string? Site { get; init; }
        public Guid? SiteId { get; init; }
        public string? County { get; init; }
        public LineKind Kind { get; init; }
        public bool Deferred { get; init; }
        public long Net { get; init; }
    }

    /// <summary>A part of revenue with what it can be told apart by; negative where it is taken back.</summary>
    private sealed class RevenuePart
    {
        public int Year { get; init; }
        public int Month { get; init; }
        public string? Package { get; init; }
        public string? Site { get; init; }
        public Guid? SiteId { get; init; }
        public string? County { get; init; }
        public LineKind Kind { get; init; }
        public long Net { get; init; }
    }
}
