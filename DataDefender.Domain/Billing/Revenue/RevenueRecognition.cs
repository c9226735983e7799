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
        List<Share> shares = [];
        foreach (var line in lines)
        {
            var (first, last) = (turn.Company.DayOf(line.From!.Value), turn.Company.DayOf(line.Until!.Value));
            shares.AddRange(Earn(line, month, last > first ? last : first.AddDays(1)));
        }

        await PostAsync(db, turn, shares, references, ct);
        await turn.CommitAsync(ct);
        return shares.Count;
    }

    /// <summary>
    /// What lines of an invoice sold was ended by a change on a day: what that left of them was for the days before, and is earned with it. The
    /// caller commits.
    /// </summary>
    internal static Task EndAsync(IDataDefenderDb db, LedgerTurn turn, Invoice invoice, IEnumerable<InvoiceLine> lines, DateOnly on, CancellationToken ct)
    {
        List<Share> shares = [];
        foreach (var line in lines)
        {
            if (line.UnearnedFrom is { } from)
            {
                var end = on > from ? on : from.AddDays(1);
                shares.AddRange(Earn(line, end, end));
            }
        }

        return PostAsync(db, turn, shares, new Dictionary<Guid, string?> { [invoice.Id] = invoice.Reference }, ct);
    }

    /// <summary>The months of a line that begin before a day, of a period that ends on another.</summary>
    private static IEnumerable<Share> Earn(InvoiceLine line, DateOnly before, DateOnly end)
    {
        while (line.UnearnedFrom is { } from && from < before)
        {
            yield return new Share(line, First(from), line.Earn(First(from).AddMonths(1), end));
        }
    }

    private static async Task PostAsync(IDataDefenderDb db, LedgerTurn turn, List<Share> shares, Dictionary<Guid, string?> references, CancellationToken ct)
    {
        var earned = shares.FindAll(s => s.Amount != Money.Zero);
        var posted = await turn.PostAsync(earned.ConvertAll(s => PostingOf(turn, s.Line, references[s.Line.InvoiceId], s.Month, s.Amount)), ct);
        db.EarnedRevenue.AddRange(earned.Select((s, i) => new EarnedRevenue(s.Line, s.Month, s.Amount, posted[i].Sequence)));
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

    /// <summary>What a month earns of a line.</summary>
    private sealed record Share(InvoiceLine Line, DateOnly Month, Money Amount);
}
