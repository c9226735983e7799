using System.Linq.Expressions;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>Billing runs as people work with them: begun, looked through, approved by somebody else, followed.</summary>
public sealed class BillingRunService(IDataDefenderDbFactory dbFactory, TenantContext tenant, CurrentUser user, BillingSignal signal)
{
    /// <summary>Begins a preview as of a day that is not to come; null for today. One run at a time.</summary>
    public async Task<Guid> StartAsync(DateOnly? asOf = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var day = asOf ?? turn.Today;
        if (day > turn.Today)
        {
            throw new DomainException("run.day", $"{day:yyyy-MM-dd} has not come yet; a run bills what is due today or was due before.");
        }

        if (turn.ClosedThrough is { } closed && day <= closed)
        {
            throw new DomainException("run.closed", $"The books are closed up to {closed:yyyy-MM-dd}; a run cannot write invoices of {day:yyyy-MM-dd}.");
        }

        if (await db.BillingRuns.Where(r => r.State == RunState.Computing || r.State == RunState.Preview || r.State == RunState.Committing).Select(r => (int?)r.Number).FirstOrDefaultAsync(ct) is { } open)
        {
            throw new DomainException("run.open", $"Billing run {open} is not finished; approve it or cancel it first.");
        }

        await EndedContracts.CutAsync(db, turn, ct);
        await SuspendedDays.NoteAsync(db, ct);
        var number = (await db.BillingRuns.MaxAsync(r => (int?)r.Number, ct) ?? 0) + 1;
        var run = db.BillingRuns.Add(new BillingRun(tenant.TenantId, number, day, user.Name, user.Id, turn.Now)).Entity;
        await turn.CommitAsync(ct);
        signal.Wake();
        return run.Id;
    }

    public async Task ApproveAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ApproveBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var run = await FindAsync(db, id, ct);
        if (turn.ClosedThrough is { } closed && run.AsOf <= closed)
        {
            throw new DomainException("run.closed", $"The books were closed up to {closed:yyyy-MM-dd} meanwhile; invoices of {run.AsOf:yyyy-MM-dd} cannot be written. Cancel this run and begin one of a later day.");
        }

        var alone = await db.Staff.CountAsync(s => s.IsActive && (s.Role == Role.Owner || s.Role == Role.Finance), ct) < 2;
        run.Approve(user.Name, user.Id, alone, turn.Now);
        await turn.CommitAsync(ct);
        signal.Wake();
    }

    /// <summary>Also while it is being written: the invoices that are there stay, the other bills are left out for the next run.</summary>
    public async Task CancelAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct); // a batch is written wholly before or after
        var run = await FindAsync(db, id, ct);
        if (run.State is RunState.Committing)
        {
            run.Stop(RunState.Cancelled, $"{user.Name} stopped it.", await BillingRunWork.LeaveOutAsync(db, id, ct), turn.Now);
        }
        else
        {
            run.Cancel(turn.Now);
        }

        await turn.CommitAsync(ct);
    }

    public async Task<PageOf<RunRow>> ListAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var runs = await db.BillingRuns.AsNoTracking().OrderByDescending(r => r.Number).Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct);
        return new PageOf<RunRow>(runs.ConvertAll(RowOf), await db.BillingRuns.CountAsync(ct));
    }

    public async Task<RunRow> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        return RowOf(await db.BillingRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, ct) ?? throw new NotFoundException("Billing run", id));
    }

    /// <summary>The bills of a run; those that stand out come first.</summary>
    public async Task<PageOf<RunBillRow>> BillsAsync(Guid id, GridQuery query, bool outliersOnly = false, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var bills = db.RunBills.AsNoTracking().Where(b => b.RunId == id);
        if (outliersOnly)
        {
            bills = bills.Where(b => b.StandsOut);
        }

        if (SearchTerm.Of(query.Search)?.Clients(db) is { } found)
        {
            bills = bills.Where(b => found.Select(c => c.Id).Contains(b.ClientId));
        }

        return new PageOf<RunBillRow>(await RowsAsync(db, Sort(bills, query).Skip(query.Page * query.PageSize).Take(query.PageSize), ct), await bills.CountAsync(ct));
    }

    /// <summary>The bills of a run that come behind one in the list, those that stand out first; the first of all without one.</summary>
    public async Task<IReadOnlyList<RunBillRow>> BillsAfterAsync(Guid id, RunBillKey? after, int most, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var bills = db.RunBills.AsNoTracking().Where(b => b.RunId == id);
        if (after is { } last)
        {
            bills = bills.Where(b => (last.StandsOut && !b.StandsOut) || (b.StandsOut == last.StandsOut && (b.Deviation < last.Deviation || (b.Deviation == last.Deviation && b.ClientId > last.ClientId))));
        }

        return await RowsAsync(db, Sort(bills, new GridQuery()).Take(most), ct);
    }

    private static async Task<IReadOnlyList<RunBillRow>> RowsAsync(IDataDefenderDb db, IQueryable<RunBill> bills, CancellationToken ct)
    {
        var page = from bill in bills
                   join client in db.Clients on bill.ClientId equals client.Id
                   select new { Bill = bill, client.Name, client.AccountNumber };
        return [.. (await page.ToListAsync(ct)).Select(b => new RunBillRow(
            b.Bill.ClientId, b.Name, b.AccountNumber, b.Bill.Total, b.Bill.Previous is { } before ? new Money(before) : null, b.Bill.Reasons, b.Bill.Deviation, b.Bill.StandsOut,
            b.Bill.State, b.Bill.InvoiceId, b.Bill.Lines.Lines))];
    }

    private static RunRow RowOf(BillingRun r) => new(
        r.Id, r.Number, r.AsOf, r.State, r.MadeBy, r.MadeById, r.CreatedAt, r.ApprovedBy, r.ApprovedAt, r.EndedAt, r.Bills, r.Outliers, r.Net, r.Excise, r.Vat, r.PreviousTotal,
        r.Written, r.LeftOut, r.Reason, r.LinesHash.Length == 0 ? null : Convert.ToHexStringLower(r.LinesHash));

    private static async Task<BillingRun> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.BillingRuns.SingleOrDefaultAsync(r => r.Id == id, ct) ?? throw new NotFoundException("Billing run", id);

    private static IQueryable<RunBill> Sort(IQueryable<RunBill> bills, GridQuery query)
    {
        var sorted = query.SortBy switch
        {
            nameof(RunBillRow.Total) => By(b => b.Net.Minor + b.Excise.Minor + b.Vat.Minor),
            nameof(RunBillRow.Previous) => By(b => b.Previous),
            nameof(RunBillRow.State) => By(b => b.State),
            _ => bills.OrderByDescending(b => b.StandsOut).ThenByDescending(b => b.Deviation),
        };
        return sorted.ThenBy(b => b.ClientId);

        IOrderedQueryable<RunBill> By<TKey>(Expression<Func<RunBill, TKey>> key) => query.Descending ? bills.OrderByDescending(key) : bills.OrderBy(key);
    }
}

/// <summary>A run in the list and as it is looked at.</summary>
public sealed record RunRow(
    Guid Id, int Number, DateOnly AsOf, RunState State, string MadeBy, Guid? MadeById, DateTime CreatedAt, string? ApprovedBy, DateTime? ApprovedAt, DateTime? EndedAt,
    int Bills, int Outliers, Money Net, Money Excise, Money Vat, Money PreviousTotal, int Written, int LeftOut, string? Reason, string? LinesHash)
{
    public Money Total => Net + Excise + Vat;
}

/// <summary>The place of a bill in its run.</summary>
public sealed record RunBillKey(bool StandsOut, int Deviation, Guid ClientId);

/// <summary>A client's bill in a run, with why it differs from the one before.</summary>
public sealed record RunBillRow(
    Guid ClientId, string Client, string AccountNumber, Money Total, Money? Previous, string Reasons, int Deviation, bool StandsOut, BillState State, Guid? InvoiceId, IReadOnlyList<LineDraft> Lines);
