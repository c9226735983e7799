using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Reports;

/// <summary>What is open, by the days since the last day to pay.</summary>
public sealed record OpenByAge(Money NotDue, Money To30, Money To60, Money To90, Money Older)
{
    public Money Overdue => To30 + To60 + To90 + Older;
}

/// <summary>A billing run that waits for somebody's approval.</summary>
public sealed record WaitingRun(Guid Id, int Number, DateOnly AsOf, int Bills, int Outliers, Money Total);

/// <summary>How finance stands this minute. Null where the person may not look.</summary>
/// <param name="DueToday">What falls due today, after credit notes.</param>
/// <param name="Suspended">Lines suspended as unpaid.</param>
/// <param name="Promises">Promises that run.</param>
/// <param name="Unbilled">Lines in service that nobody bills.</param>
/// <param name="Waiting">Statement rows that are no payment of ours yet.</param>
public sealed record FinanceState(
    Money CollectedToday, Money DueToday, OpenByAge Open, int Debtors, int Suspended, int Promises, Money PromisedOwed, WaitingRun? Run, DateOnly? LastRun, IReadOnlyList<CustodyColumn>? Custody, int Waiting, int Unbilled);

/// <summary>Finance's first look: what came and what should have, who owes for how long, and what waits for a person.</summary>
public sealed class FinanceDesk(IDataDefenderDbFactory dbFactory, CustodyBoard custody, CurrentUser user, TimeProvider clock)
{
    public async Task<FinanceState> GetAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewReports);
        await using var db = await dbFactory.OpenAsync(ct);
        var company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct);
        var (today, now) = (company.Today(clock), clock.GetUtcNow().UtcDateTime);
        var (d30, d60, d90) = (today.AddDays(-30), today.AddDays(-60), today.AddDays(-90));
        var collected = await CollectedMoney.Of(db, today, today).SumAsync(c => c.Minor, ct);
        var due = await db.Invoices.Where(i => i.DueOn == today && i.Status != InvoiceStatus.Draft && i.Status != InvoiceStatus.Void).SumAsync(i => i.Total.Minor - i.Credited.Minor, ct);
        var open = from i in db.Invoices
                   where (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid) && i.DueOn != null
                   select new { i.ClientId, i.DueOn, Minor = i.Total.Minor - i.Paid.Minor - i.Credited.Minor - i.WrittenOff.Minor - i.Rounded.Minor + i.Returned.Minor };
        var ages = await open.GroupBy(_ => 1).Select(g => new
        {
            NotDue = g.Sum(i => i.DueOn >= today ? i.Minor : 0),
            To30 = g.Sum(i => i.DueOn < today && i.DueOn >= d30 ? i.Minor : 0),
            To60 = g.Sum(i => i.DueOn < d30 && i.DueOn >= d60 ? i.Minor : 0),
            To90 = g.Sum(i => i.DueOn < d60 && i.DueOn >= d90 ? i.Minor : 0),
            Older = g.Sum(i => i.DueOn < d90 ? i.Minor : 0),
        }).SingleOrDefaultAsync(ct);
        var promised = db.ClientStandings.Where(s => s.PromiseUntil > now).Select(s => s.ClientId);
        var run = await db.BillingRuns.AsNoTracking().Where(r => r.State == RunState.Preview && r.Bills > 0).OrderByDescending(r => r.Number).FirstOrDefaultAsync(ct);
        return new FinanceState(
            new Money(collected), new Money(due), new OpenByAge(new Money(ages?.NotDue ?? 0), new Money(ages?.To30 ?? 0), new Money(ages?.To60 ?? 0), new Money(ages?.To90 ?? 0), new Money(ages?.Older ?? 0)),
            await open.Where(i => i.DueOn < today).Select(i => i.ClientId).Distinct().CountAsync(ct),
            await db.Subscriptions.CountAsync(s => s.State == SubscriptionState.Suspended && s.SuspendReason == SuspendReason.Unpaid, ct),
            await promised.CountAsync(ct), new Money(await open.Where(i => promised.Contains(i.ClientId)).SumAsync(i => i.Minor, ct)),
            run is null ? null : new WaitingRun(run.Id, run.Number, run.AsOf, run.Bills, run.Outliers, run.Net + run.Excise + run.Vat),
            await db.BillingRuns.Where(r => r.State == RunState.Done).MaxAsync(r => (DateOnly?)r.AsOf, ct),
            user.Has(Permissions.ViewPayments) ? await custody.GetAsync(ct) : null,
            await db.StatementRows.CountAsync(r => r.State == StatementRowState.Waiting, ct),
            await UnbilledLineService.Of(db).CountAsync(ct));
    }
}
