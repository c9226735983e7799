using System.Linq.Expressions;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>What the list of invoices can be narrowed to.</summary>
public enum InvoiceFilter
{
    All,
    Draft,
    Open,

    /// <summary>Open and past its last day.</summary>
    Overdue,
    Paid,

    /// <summary>Void, credited or written off.</summary>
    TakenBack,
}

/// <summary>Invoices and credit notes as people work with them: found, drafted, issued, credited, void, given up.</summary>
public sealed class InvoiceService(IDataDefenderDbFactory dbFactory, TenantContext tenant, CurrentUser user, TimeProvider clock)
{
    public async Task<PageOf<InvoiceRow>> ListAsync(GridQuery query, InvoiceFilter filter = InvoiceFilter.All, Guid? clientId = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var today = await TodayAsync(db, ct);
        var invoices = Find(db, query.Search, filter, today);
        if (clientId is { } client)
        {
            invoices = invoices.Where(i => i.ClientId == client);
        }

        return new PageOf<InvoiceRow>(await RowsAsync(db, Sort(invoices, query).Skip(query.Page * query.PageSize).Take(query.PageSize), today, ct), await invoices.CountAsync(ct));
    }

    /// <summary>The list for a file: all of it, the newest first.</summary>
    public async Task<ReportFile> FileAsync(string? search, InvoiceFilter filter, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct);
        var rows = ReportFile.PagesAsync<InvoiceRow>((last, stop) => AfterAsync(search, filter, last is null ? null : new ListKey(last.CreatedAt, last.Id), ReportFile.PageRows, stop), ct: ct);
        return new ReportFile(
            "invoices", "Invoices", filter switch { InvoiceFilter.All => "The newest first.", InvoiceFilter.TakenBack => "Taken back, the newest first.", _ => $"{filter}, the newest first." }, company.Currency,
            [
                new("Invoice", CellKind.Text, 20), new("Client", CellKind.Text, 32), new("Account", CellKind.Text, 14), new("Issued", CellKind.Date, 14), new("Due", CellKind.Date, 14),
                new("Total", CellKind.Money, 16, true), new("Open", CellKind.Money, 16, true), new("State", CellKind.Text, 14), new("Overdue", CellKind.Text, 10),
            ],
            [], await Find(db, search, filter, company.Today(clock)).CountAsync(ct),
            rows.Select(r => new ReportRow([r.Reference, r.Client, r.AccountNumber, r.IssuedOn, r.DueOn, r.Total, r.Balance, r.Status.ToString(), r.Overdue ? "yes" : ""], $"invoices/{r.Id}")));
    }

    /// <summary>The newest invoices that come behind one in the list; the newest of all without one.</summary>
    public async Task<IReadOnlyList<InvoiceRow>> AfterAsync(string? search, InvoiceFilter filter, ListKey? after, int most, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var today = await TodayAsync(db, ct);
        var invoices = Find(db, search, filter, today);
        if (after is { } last)
        {
            invoices = invoices.Where(i => i.CreatedAt < last.At || (i.CreatedAt == last.At && i.Id > last.Id));
        }

        return await RowsAsync(db, invoices.OrderByDescending(i => i.CreatedAt).ThenBy(i => i.Id).Take(most), today, ct);
    }

    private static IQueryable<Invoice> Find(IDataDefenderDb db, string? search, InvoiceFilter filter, DateOnly today)
    {
        var invoices = Narrow(db.Invoices.AsNoTracking(), filter, today);
        if (new GridQuery(Search: search).Term is not { } term)
        {
            return invoices;
        }

        var owners = SearchTerm.Of(search)?.Clients(db).Select(c => c.Id);
        var reference = term.ToUpperInvariant();
        return owners is null
            ? invoices.Where(i => i.Reference!.Contains(reference))
            : invoices.Where(i => i.Reference!.Contains(reference) || owners.Contains(i.ClientId));
    }

    private static async Task<IReadOnlyList<InvoiceRow>> RowsAsync(IDataDefenderDb db, IQueryable<Invoice> invoices, DateOnly today, CancellationToken ct)
    {
        var rows = from invoice in invoices
                   join owner in db.Clients on invoice.ClientId equals owner.Id
                   select new { Invoice = invoice, owner.Name, owner.AccountNumber };
        return [.. (await rows.ToListAsync(ct)).Select(r => new InvoiceRow(
            r.Invoice.Id, r.Invoice.Label, r.Invoice.ClientId, r.Name, r.AccountNumber, r.Invoice.Status, r.Invoice.IssuedOn, r.Invoice.DueOn, r.Invoice.Total, r.Invoice.Balance,
            r.Invoice.IsOpen && r.Invoice.DueOn < today, r.Invoice.TaxState, r.Invoice.CreatedAt))];
    }

    public async Task<IReadOnlyDictionary<InvoiceFilter, InvoiceSum>> SumsAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var today = await TodayAsync(db, ct);
        var sums = new Dictionary<InvoiceFilter, InvoiceSum>();
        foreach (var filter in Enum.GetValues<InvoiceFilter>())
        {
            var found = await Narrow(db.Invoices.AsNoTracking(), filter, today)
                .GroupBy(i => 1)
                .Select(g => new { Count = g.Count(), Open = g.Sum(i => i.Total.Minor - i.Paid.Minor - i.Credited.Minor - i.WrittenOff.Minor - i.Rounded.Minor + i.Returned.Minor) })
                .SingleOrDefaultAsync(ct);
            sums[filter] = new InvoiceSum(found?.Count ?? 0, new Money(filter is InvoiceFilter.Open or InvoiceFilter.Overdue ? found?.Open ?? 0 : 0));
        }

        return sums;
    }

    public async Task<InvoiceDetails> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var invoice = await db.Invoices.AsNoTracking().Include(i => i.Lines).SingleOrDefaultAsync(i => i.Id == id, ct) ?? throw new NotFoundException("Invoice", id);
        var client = await db.Clients.AsNoTracking().SingleAsync(c => c.Id == invoice.ClientId, ct);
        var notes = await db.CreditNotes.AsNoTracking().Where(n => n.InvoiceId == id).OrderBy(n => n.IssuedAt)
            .Select(n => new CreditNoteRow(n.Id, n.Reference, n.IssuedOn, n.Reason, n.Total, n.ToWallet)).ToListAsync(ct);
        var users = invoice.Lines.Select(l => l.ClientId).Where(c => c != client.Id).Distinct().ToList();
        var names = users.Count == 0 ? [] : await db.Clients.AsNoTracking().Where(c => users.Contains(c.Id)).ToDictionaryAsync(c => c.Id, c => c.Name, ct);
        return new InvoiceDetails(
            invoice, client.Name, client.AccountNumber, invoice.IsOpen && invoice.DueOn < await TodayAsync(db, ct),
            [.. invoice.Lines.OrderBy(l => l.Number).Select(l => new InvoiceLineRow(l, names.GetValueOrDefault(l.ClientId)))], notes);
    }

    /// <summary>Makes a draft of lines that a person wrote, taxed as of today.</summary>
    public async Task<Guid> DraftAsync(Guid clientId, IReadOnlyList<InvoiceLineInput> lines, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        foreach (var line in lines)
        {
            new InvoiceLineInputValidator().Demand(line);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var client = await db.Clients.AsNoTracking().SingleOrDefaultAsync(c => c.Id == clientId, ct) ?? throw new NotFoundException("Client", clientId);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        var taxes = new TaxTable(await db.TaxRates.AsNoTracking().ToListAsync(ct));
        var today = await TodayAsync(db, ct);
        var drafts = lines.Select(l => new LineDraft(
            l.Kind, l.Description.Trim(), Money.Of(l.Price),
            l.Kind is LineKind.Deposit ? TaxRule.None : taxes.On(today, settings.TaxStatus, new ProductTax(l.TaxBand, l.Excisable, l.TaxIncluded ?? settings.PricesIncludeTax)),
            client.Id));
        var currency = await db.Companies.Where(c => c.Id == db.TenantId).Select(c => c.Currency).SingleAsync(ct);
        var draft = db.Invoices.Add(new Invoice(tenant.TenantId, clientId, currency, user.Name, [.. drafts], clock.GetUtcNow().UtcDateTime)).Entity;
        await db.SaveAsync(ct);
        return draft.Id;
    }

    /// <summary>Throws a draft away; it never had a number.</summary>
    public async Task DiscardAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var draft = await FindAsync(db, id, ct);
        if (draft.Status is not InvoiceStatus.Draft)
        {
            throw new DomainException("invoice.status", $"{draft.Label} is {draft.Status}. Only a draft is thrown away; void it or credit it.");
        }

        db.InvoiceLines.RemoveRange(draft.Lines);
        db.Invoices.Remove(draft);
        await db.SaveAsync(ct);
    }

    /// <summary>Makes an invoice of a draft. Without a day it is today's; an earlier day is refused in a closed period.</summary>
    public async Task<string> IssueAsync(Guid id, DateOnly? on = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var invoice = await FindAsync(db, id, ct);
        var day = on ?? turn.Today;
        if (invoice.Status is InvoiceStatus.Draft)
        {
            var taxes = new TaxTable(await db.TaxRates.AsNoTracking().ToListAsync(ct));
            invoice.TaxAnew(l => l is { ExciseRate: 0, VatRate: 0, TaxBand: "D" } ? l.Rule : taxes.On(day, settings.TaxStatus, new ProductTax(l.TaxBand, l.ExciseRate > 0, l.TaxInclusive)));
            if (invoice.Lines.GroupBy(l => (l.TaxBand, l.VatRate, l.VatBase)).FirstOrDefault(g => g.Sum(l => l.Total.Minor) < 0) is { } negative)
            {
                throw new DomainException("invoice.band", $"The reductions in VAT band {negative.Key.TaxBand} are more than what it charges: they would take back tax that nobody charged. Give them the band of what they lower.");
            }
        }

        var days = await DaysToPay.OfAsync(db, settings, [invoice.ClientId], ct);
        var told = day > turn.Today ? day : turn.Today; // nobody is late with an invoice that he could not know of
        await Invoicing.IssueAsync(db, turn, [invoice], settings, day, told.AddDays(days(invoice.ClientId)), ct);
        await WalletCredit.PayOpenAsync(db, turn, [invoice.ClientId], ct);
        await turn.CommitAsync(ct);
        return invoice.Label;
    }

    public async Task<string> CreditAsync(Guid id, IReadOnlyList<LineCredit> credits, string reason, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var invoice = await FindAsync(db, id, ct);
        var wasPaid = invoice.Status is InvoiceStatus.Paid;
        var note = await Invoicing.CreditAsync(db, turn, invoice, credits, reason, settings, ct);
        if (wasPaid && invoice.Status is InvoiceStatus.Credited)
        {
            await Receivables.WithdrawPaidTimeAsync(db, [invoice.Id], ct);
            invoice.FreeKeys();
        }
        else if (!wasPaid && invoice.Status is InvoiceStatus.Paid)
        {
            await Receivables.ExtendPaidTimeAsync(db, [invoice], turn.Now, ct); // the rest was let off: what was bought is paid
        }

        if (note.ToWallet > Money.Zero)
        {
            await WalletCredit.PayOpenAsync(db, turn, [invoice.ClientId], ct);
        }

        await turn.CommitAsync(ct);
        return note.Reference;
    }

    public async Task VoidAsync(Guid id, string reason, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        await Invoicing.VoidAsync(turn, await FindAsync(db, id, ct), reason, ct);
        await turn.CommitAsync(ct);
    }

    public async Task WriteOffAsync(Guid id, string reason, CancellationToken ct = default)
    {
        user.Demand(Permissions.ApproveBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        await Invoicing.WriteOffAsync(turn, await FindAsync(db, id, ct), reason, ct);
        await turn.CommitAsync(ct);
    }

    private static async Task<Invoice> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.Invoices.Include(i => i.Lines).SingleOrDefaultAsync(i => i.Id == id, ct) ?? throw new NotFoundException("Invoice", id);

    private static IQueryable<Invoice> Narrow(IQueryable<Invoice> invoices, InvoiceFilter filter, DateOnly today) => filter switch
    {
        InvoiceFilter.All => invoices,
        InvoiceFilter.Draft => invoices.Where(i => i.Status == InvoiceStatus.Draft),
        InvoiceFilter.Open => invoices.Where(i => i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid),
        InvoiceFilter.Overdue => invoices.Where(i => (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid) && i.DueOn < today),
        InvoiceFilter.Paid => invoices.Where(i => i.Status == InvoiceStatus.Paid),
        InvoiceFilter.TakenBack => invoices.Where(i => i.Status == InvoiceStatus.Void || i.Status == InvoiceStatus.Credited || i.Status == InvoiceStatus.WrittenOff),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "No such filter."),
    };

    private static IQueryable<Invoice> Sort(IQueryable<Invoice> invoices, GridQuery query)
    {
        var sorted = query.SortBy switch
        {
            nameof(InvoiceRow.Reference) => By(i => i.Reference),
            nameof(InvoiceRow.Status) => By(i => i.Status),
            nameof(InvoiceRow.DueOn) => By(i => i.DueOn),
            nameof(InvoiceRow.Total) => By(i => i.Total.Minor),
            nameof(InvoiceRow.Balance) => By(i => i.Total.Minor - i.Paid.Minor - i.Credited.Minor - i.WrittenOff.Minor - i.Rounded.Minor + i.Returned.Minor),
            nameof(InvoiceRow.IssuedOn) => By(i => i.IssuedOn),
            _ => invoices.OrderByDescending(i => i.CreatedAt),
        };
        return sorted.ThenByDescending(i => i.Number).ThenBy(i => i.Id);

        IOrderedQueryable<Invoice> By<TKey>(Expression<Func<Invoice, TKey>> key) => query.Descending ? invoices.OrderByDescending(key) : invoices.OrderBy(key);
    }

    private async Task<DateOnly> TodayAsync(IDataDefenderDb db, CancellationToken ct) =>
        (await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct)).Today(clock);
}

/// <summary>How many invoices a filter shows, and what is open on them where that says something.</summary>
public sealed record InvoiceSum(int Count, Money Open);

/// <summary>An invoice in the list.</summary>
public sealed record InvoiceRow(
    Guid Id, string Reference, Guid ClientId, string Client, string AccountNumber, InvoiceStatus Status, DateOnly? IssuedOn, DateOnly? DueOn,
    Money Total, Money Balance, bool Overdue, TaxInvoiceState TaxState, DateTime CreatedAt);

/// <summary>A line of an invoice; <see cref="User"/> names who uses it when that is not who pays.</summary>
public sealed record InvoiceLineRow(InvoiceLine Line, string? User);

public sealed record CreditNoteRow(Guid Id, string Reference, DateOnly IssuedOn, string Reason, Money Total, Money ToWallet);

/// <summary>An invoice as it is looked at.</summary>
public sealed record InvoiceDetails(
    Invoice Invoice, string Client, string AccountNumber, bool Overdue, IReadOnlyList<InvoiceLineRow> Lines, IReadOnlyList<CreditNoteRow> CreditNotes);
