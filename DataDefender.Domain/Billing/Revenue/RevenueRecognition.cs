using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing.Revenue;

/// <summary>
/// Earns what was billed for longer than a month: for each month that is over, the days of it move from deferred revenue to revenue, a
/// transaction a line and month, which counts on the month's last day. It may be stopped anywhere and started again: how far a line is
/// earned moves with its posting.
/// </summary>
public sealed class RevenueRecognition(IDataDefenderDbFactory dbFactory, CurrentUser user, TimeProvider clock)
{
    private const int Batch = 500;

    /// <summary>Earns every month that is over; returns how many postings that made.</summary>
    public async Task<int> EarnAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        var posted = 0;
        for (int made; (made = await BatchAsync(ct)) > 0;)
        {
            posted += made;
        }

        return posted;
    }

    private async Task<int> BatchAsync(CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct);
        if (!await Due(db, company.Today(clock)).AnyAsync(ct))
        {
            return 0; // nobody waits for a turn in which nothing is done
        }

        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var month = First(turn.Today);
        var lines = await Due(db, turn.Today).OrderBy(l => l.UnearnedFrom).ThenBy(l => l.InvoiceId).ThenBy(l => l.Number).Take(Batch).ToListAsync(ct);
        var ids = lines.ConvertAll(l => l.InvoiceId);
        var references = await db.Invoices.Where(i => ids.Contains(i.Id)).Select(i => new { i.Id, i.Reference }).ToDictionaryAsync(i => i.Id, i => i.Reference, ct);
        List<(InvoiceLine Line, DateOnly Month, Money Share, JournalPosting Posting)> earned = [];
        var moved = 0;
        foreach (var line in lines)
        {
            var (first, last) = (turn.Company.DayOf(line.From!.Value), turn.Company.DayOf(line.Until!.Value));
            var end = last > first ? last : first.AddDays(1);
            while (line.UnearnedFrom is { } from && from < month)
            {
                var next = First(from).AddMonths(1);
                var share = line.Earn(next, end);
                moved++;
                if (share != Money.Zero)
                {
                    earned.Add((line, First(from), share, PostingOf(turn, line, references[line.InvoiceId], First(from), share)));
                }
            }
        }

        var posted = await turn.PostAsync(earned.ConvertAll(e => e.Posting), ct);
        db.EarnedRevenue.AddRange(earned.Select((e, i) => new EarnedRevenue(e.Line, e.Month, e.Share, posted[i].Sequence)));
        await turn.CommitAsync(ct);
        return moved;
    }

    private static JournalPosting PostingOf(LedgerTurn turn, InvoiceLine line, string? reference, DateOnly month, Money share)
    {
        var day = month.AddMonths(1).AddDays(-1);
        if (turn.ClosedThrough is { } closed && day <= closed)
        {
            day = closed.AddDays(1); // the month's books are closed: the first day that is open
        }

        return new JournalPosting(
            "revenue.earned", string.Create(CultureInfo.InvariantCulture, $"revenue:{line.InvoiceId:N}:{line.Number}:{month:yyyyMM}"),
            day >= turn.Today ? turn.Now : TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(new TimeOnly(12, 0)), turn.Company.TimeZone),
            string.Create(CultureInfo.InvariantCulture, $"Earned in {month:MMMM yyyy} of {reference}, line {line.Number}"), Invoice.SourceType, line.InvoiceId,
            [.. PostingLeg.Net(AccountKind.DeferredRevenue, share), .. PostingLeg.Net(AccountKind.Revenue, -share)]);
    }

    private static IQueryable<InvoiceLine> Due(IDataDefenderDb db, DateOnly today)
    {
        var month = First(today);
        return db.InvoiceLines.Where(l => l.UnearnedFrom != null && l.UnearnedFrom < month);
    }

    private static DateOnly First(DateOnly day) => new(day.Year, day.Month, 1);
}
