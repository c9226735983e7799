using System.Globalization;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Reports;

/// <summary>The place of a client among those who owe: by how much, in minor units.</summary>
public sealed record DebtorKey(long All, Guid ClientId);

/// <summary>What a client owes, by the days since the last day to pay; in minor units.</summary>
public sealed record Debtor(Guid ClientId, string Name, string AccountNumber, string Phone, int Count, long NotDue, long To30, long To60, long To90, long Older, long All)
{
    internal ReportRow ToRow() => new(
        [Name, AccountNumber, PhoneNumber.Format(Phone), (long)Count, new Money(NotDue), new Money(To30), new Money(To60), new Money(To90), new Money(Older), new Money(All)], $"clients/{ClientId}");
}

/// <summary>What clients owe and for how long.</summary>
public sealed partial class FinanceReports
{
    private const string NotListed = "Clients not listed";

    private async Task<ReportTable> UnpaidAsync(IDataDefenderDb db, Company company, CancellationToken ct)
    {
        var today = company.Today(clock);
        var (d30, d60, d90) = (today.AddDays(-30), today.AddDays(-60), today.AddDays(-90));
        var rows = await DebtorsAsync(today, null, MostRows, ct);
        var totals = await Open(db).GroupBy(i => 1).Select(g => new
        {
            NotDue = g.Sum(i => i.DueOn >= today ? i.Minor : 0),
            To30 = g.Sum(i => i.DueOn < today && i.DueOn >= d30 ? i.Minor : 0),
            To60 = g.Sum(i => i.DueOn < d30 && i.DueOn >= d60 ? i.Minor : 0),
            To90 = g.Sum(i => i.DueOn < d60 && i.DueOn >= d90 ? i.Minor : 0),
            Older = g.Sum(i => i.DueOn < d90 ? i.Minor : 0),
            All = g.Sum(i => i.Minor),
            Clients = g.Select(i => i.ClientId).Distinct().Count(),
        }).SingleOrDefaultAsync(ct);
        var receivable = await (
            from line in db.JournalLines
            join account in db.LedgerAccounts on line.AccountId equals account.Id
            where account.Kind == AccountKind.Receivable
            select line.Debit.Minor - line.Credit.Minor).SumAsync(ct);
        var (notDue, to30, to60, to90, older) = (totals?.NotDue ?? 0, totals?.To30 ?? 0, totals?.To60 ?? 0, totals?.To90 ?? 0, totals?.Older ?? 0);
        var all = totals?.All ?? 0;
        var left = (totals?.Clients ?? 0) - rows.Count;
        return new ReportTable(
            "unpaid", "Unpaid by age", $"Open invoices on {today.ToString("d MMM yyyy", CultureInfo.InvariantCulture)}, by the days since the last day to pay.", company.Currency,
            [
                new("Client", CellKind.Text, 32), new("Account", CellKind.Text, 14), new("Phone", CellKind.Text, 16), new("Invoices", CellKind.Count, 10, true), new("Not due yet", CellKind.Money, 15, true),
                new("1–30 days", CellKind.Money, 15, true), new("31–60 days", CellKind.Money, 15, true), new("61–90 days", CellKind.Money, 15, true), new("Over 90 days", CellKind.Money, 15, true), new("In all", CellKind.Money, 16, true),
            ],
            [
                .. rows.Select(d => d.ToRow()),
            ],
            [
                new("Overdue", new Money(to30 + to60 + to90 + older), CellKind.Money), new("Not due yet", new Money(notDue), CellKind.Money),
                .. left > 0 ? [new ReportFact(NotListed, (long)left, CellKind.Count, "Those who owe least: they are in the sums above and not in the table. The file has them all.")] : Array.Empty<ReportFact>(),
                Ties("what clients owe", new Money(all), new Money(receivable)),
            ])
        {
            Bars = [new("Not due", new Money(notDue)), new("1–30 days", new Money(to30)), new("31–60 days", new Money(to60)), new("61–90 days", new Money(to90)), new("Over 90 days", new Money(older))],
        };
    }

    /// <summary>Those who owe most of those that come behind one; those who owe most of all without one.</summary>
    public async Task<IReadOnlyList<Debtor>> DebtorsAsync(DateOnly today, DebtorKey? after, int most, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewReports);
        await using var db = await dbFactory.OpenAsync(ct);
        var (d30, d60, d90) = (today.AddDays(-30), today.AddDays(-60), today.AddDays(-90));
        var sums = from i in Open(db)
                   group i by i.ClientId into g
                   select new
                   {
                       ClientId = g.Key,
                       NotDue = g.Sum(i => i.DueOn >= today ? i.Minor : 0),
                       To30 = g.Sum(i => i.DueOn < today && i.DueOn >= d30 ? i.Minor : 0),
                       To60 = g.Sum(i => i.DueOn < d30 && i.DueOn >= d60 ? i.Minor : 0),
                       To90 = g.Sum(i => i.DueOn < d60 && i.DueOn >= d90 ? i.Minor : 0),
                       Older = g.Sum(i => i.DueOn < d90 ? i.Minor : 0),
                       All = g.Sum(i => i.Minor),
                       Count = g.Count(),
                   };
        if (after is { } last)
        {
            sums = sums.Where(s => s.All < last.All || (s.All == last.All && s.ClientId > last.ClientId));
        }

        return await (from s in sums
                      join client in db.Clients on s.ClientId equals client.Id
                      orderby s.All descending, s.ClientId
                      select new Debtor(client.Id, client.Name, client.AccountNumber, client.Phone, s.Count, s.NotDue, s.To30, s.To60, s.To90, s.Older, s.All)).Take(most).ToListAsync(ct);
    }

    private static IQueryable<OpenInvoice> Open(IDataDefenderDb db) =>
        from i in db.Invoices
        where (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid) && i.DueOn != null
        select new OpenInvoice { ClientId = i.ClientId, DueOn = i.DueOn, Minor = i.Total.Minor - i.Paid.Minor - i.Credited.Minor - i.WrittenOff.Minor - i.Rounded.Minor + i.Returned.Minor };

    private sealed class OpenInvoice
    {
        public Guid ClientId { get; init; }
        public DateOnly? DueOn { get; init; }
        public long Minor { get; init; }
    }
}
