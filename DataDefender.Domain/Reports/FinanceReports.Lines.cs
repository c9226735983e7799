using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Reports;

/// <summary>What is told of lines rather than of documents: what they bring a month, and how many are lost.</summary>
public sealed partial class FinanceReports
{
    /// <summary>So long after its end, time that nobody bought again has lost its client.</summary>
    private const int DaysLapsed = 30;

    /// <summary>A line at what was agreed for it; one without a contract at its package's price.</summary>
    private async Task<ReportTable> RecurringAsync(IDataDefenderDb db, Company company, CancellationToken ct)
    {
        var (today, now) = (company.Today(clock), clock.GetUtcNow().UtcDateTime); // a line that is paid ahead and ran out earns nothing until it is paid again
        var packages = await db.Packages.AsNoTracking().ToDictionaryAsync(p => p.Id, ct);
        var lines =
            from line in db.Subscriptions.AsNoTracking()
            where (line.State == SubscriptionState.Active && (line.ExpiresAt == null || line.ExpiresAt > now)) || line.State == SubscriptionState.Suspended
            join contract in db.Contracts on line.Id equals contract.SubscriptionId into contracts
            from contract in contracts.DefaultIfEmpty()
            select new { line.PackageId, line.State, Terms = contract!.Terms, Rate = (int?)contract.DiscountRate, contract.DiscountUntil };
        var sums = new Dictionary<Guid, (int Active, int Suspended, long All, long Lost)>();
        await foreach (var line in lines.AsAsyncEnumerable().WithCancellation(ct)) // one by one: terms are read from JSON, and there may be very many
        {
            var package = packages[line.PackageId];
            var monthly = line.Terms is { Terms.Count: > 0 } terms && terms.On(today) is var term
                ? Discounted(Monthly(new Money(term.Price), term.PeriodCount, term.PeriodUnit), line.DiscountUntil is null || line.DiscountUntil > today ? line.Rate ?? 0 : 0)
                : Monthly(package.Price, package.PeriodCount, package.PeriodUnit);
            var (active, suspended, all, lost) = sums.GetValueOrDefault(line.PackageId);
            sums[line.PackageId] = line.State is SubscriptionState.Active ? (active + 1, suspended, all + monthly.Minor, lost) : (active, suspended + 1, all, lost + monthly.Minor);
        }

        var clients = await db.Subscriptions.Where(l => l.State == SubscriptionState.Active && (l.ExpiresAt == null || l.ExpiresAt > now)).Select(l => l.ClientId).Distinct().CountAsync(ct);
        var rows = sums.Select(s => (Package: packages[s.Key], s.Value)).OrderByDescending(r => r.Value.All).ThenBy(r => r.Package.Name, StringComparer.Ordinal).ToList();
        var mrr = new Money(rows.Sum(r => r.Value.All));
        return new ReportTable(
            "recurring", "Monthly recurring revenue", "Active lines at what was agreed for them, with their discounts, brought to a month; with tax where the price has it. Lines whose paid time is over are not in it.", company.Currency,
            [
                new("Package", CellKind.Text, 32), new("Active lines", CellKind.Count, 14, true), new("List price a month", CellKind.Money, 18), new("Recurring a month", CellKind.Money, 18, true),
                new("Suspended lines", CellKind.Count, 16, true), new("Not earned while suspended", CellKind.Money, 24, true),
            ],
            [
                .. rows.Select(r => new ReportRow(
                    [r.Package.Name, (long)r.Value.Active, Monthly(r.Package.Price, r.Package.PeriodCount, r.Package.PeriodUnit), new Money(r.Value.All), (long)r.Value.Suspended, new Money(r.Value.Lost)])),
            ],
            [
                new("MRR", mrr, CellKind.Money), new("Active clients", (long)clients, CellKind.Count),
                new("ARPU", clients == 0 ? Money.Zero : new Money((long)Math.Round((decimal)mrr.Minor / clients, MidpointRounding.AwayFromZero)), CellKind.Money, "MRR by client with an active line."),
            ])
        {
            Bars = [.. rows.Take(24).Select(r => new ChartBar(r.Package.Name, new Money(r.Value.All)))],
        };
    }

    /// <param name="rate">Hundredths of a percent.</param>
    private static Money Discounted(Money price, int rate) => new((long)Math.Round(price.Minor * (10_000m - rate) / 10_000m, MidpointRounding.AwayFromZero));

    private async Task<ReportTable> ChurnAsync(IDataDefenderDb db, Company company, ReportQuery query, CancellationToken ct)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(company.TimeZone);
        DateTime Utc(DateOnly day) => TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(TimeOnly.MinValue), zone);
        List<ReportRow> rows = [];
        var (endedInAll, startInAll) = (0, 0);
        for (var month = new DateOnly(query.From.Year, query.From.Month, 1); month <= query.Until; month = month.AddMonths(1))
        {
            // What was bought ahead and ran out ends when it was not bought again for a while, unless it was disconnected before.
            var (from, until, now) = (Utc(month), Utc(month.AddMonths(1)), clock.GetUtcNow().UtcDateTime);
            var (lapsedBefore, lapsed) = (Lapse(from, now), Lapse(until, now));
            var on = db.Subscriptions.Where(l => l.ActivatedAt != null && l.ActivatedAt < until && !(l.State == SubscriptionState.Disconnected && l.StateSince < from)
                && !(l.ExpiresAt != null && l.ExpiresAt < lapsedBefore && (l.State != SubscriptionState.Suspended || l.SuspendReason != SuspendReason.Requested)));
            var figures = await on.GroupBy(l => 1).Select(g => new
            {
                Start = g.Sum(l => l.ActivatedAt < from ? 1 : 0),
                New = g.Sum(l => l.ActivatedAt >= from ? 1 : 0),
            }).SingleOrDefaultAsync(ct);
            var reasons = await on.Where(l => l.State == SubscriptionState.Disconnected && l.StateSince < until)
                .GroupBy(l => l.StateNote).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(ct);
            var ranOut = await on.CountAsync(
                l => l.ExpiresAt != null && l.ExpiresAt < lapsed && !(l.State == SubscriptionState.Disconnected && l.StateSince < until) && (l.State != SubscriptionState.Suspended || l.SuspendReason != SuspendReason.Requested), ct);
            var (start, fresh, ended) = (figures?.Start ?? 0, figures?.New ?? 0, reasons.Sum(r => r.Count) + ranOut);
            (endedInAll, startInAll) = (endedInAll + ended, startInAll + start);
            rows.Add(new ReportRow([month, "All", (long)start, (long)fresh, (long)ended, start == 0 ? null : (decimal)ended / start]));
            rows.AddRange(reasons
                .GroupBy(r => r.Key is null ? "No reason given" : r.Key.StartsWith("Unpaid", StringComparison.Ordinal) ? "Unpaid" : r.Key)
                .Select(g => (g.Key, Count: g.Sum(r => r.Count))).Append((Key: $"Not bought again for {DaysLapsed} days", Count: ranOut)).Where(r => r.Count > 0)
                .OrderByDescending(r => r.Count).ThenBy(r => r.Key, StringComparer.Ordinal).Take(15)
                .Select(r => new ReportRow([month, r.Key, null, null, (long)r.Count, null])));
        }

        return new ReportTable(
            "churn", "Churn", $"Lines that ended, by the reason that was given, against the lines that were on when the month began. Time that was bought ahead and not again for {DaysLapsed} days has ended.", company.Currency,
            [new("Month", CellKind.Month, 12), new("Reason", CellKind.Text, 36), new("On at its start", CellKind.Count, 16), new("New", CellKind.Count, 10), new("Ended", CellKind.Count, 10), new("Churn", CellKind.Percent, 10)],
            rows,
            [new("Ended", (long)endedInAll, CellKind.Count), new("Churn a month", startInAll == 0 ? 0m : (decimal)endedInAll / startInAll, CellKind.Percent)]);
    }

    /// <summary>Paid time that ended before this moment has lost its client by another.</summary>
    private static DateTime Lapse(DateTime by, DateTime now) => (by < now ? by : now).AddDays(-DaysLapsed);

    private static Money Monthly(Money price, int count, PeriodUnit unit) => new((long)Math.Round(price.Minor * PerMonth(unit) / count, MidpointRounding.AwayFromZero));

    // A month is a twelfth of 365 days.
    private static decimal PerMonth(PeriodUnit unit) => unit switch
    {
        PeriodUnit.Month => 1m,
        PeriodUnit.Day => 365m / 12,
        PeriodUnit.Hour => 365m * 24 / 12,
        PeriodUnit.Minute => 365m * 24 * 60 / 12,
        PeriodUnit.Week => 365m / 7 / 12,
        PeriodUnit.Year => 1m / 12,
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, null),
    };
}
