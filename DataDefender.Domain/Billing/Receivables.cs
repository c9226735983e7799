using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>What clients owe, and putting money on it. For whoever allocates: payments, the wallet, credit.</summary>
public static class Receivables
{
    /// <summary>The open invoices of a client, oldest due first, tracked with their lines. Read in the turn in which they are to be settled.</summary>
    /// <remarks>A client that somebody pays for has its charges on that one's invoices: its money goes there when nothing of its own is open.</remarks>
    public static async Task<List<Invoice>> OpenAsync(IDataDefenderDb db, Guid clientId, CancellationToken ct = default)
    {
        var open = await Open(db.Invoices.Include(i => i.Lines)
            .Where(i => i.ClientId == clientId || db.BillingProfiles.Any(p => p.ClientId == clientId && p.ParentId == i.ClientId))).ToListAsync(ct);
        return [.. open.OrderBy(i => i.ClientId != clientId)]; // stable: its own first, each part still oldest due first
    }

    /// <summary>Those of some invoices that are open, oldest due first.</summary>
    internal static IQueryable<Invoice> Open(IQueryable<Invoice> invoices) => invoices
        .Where(i => i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid)
        .OrderBy(i => i.DueOn).ThenBy(i => i.IssuedAt).ThenBy(i => i.Number);

    /// <summary>What a client owes on open invoices.</summary>
    public static async Task<Money> BalanceAsync(IDataDefenderDb db, Guid clientId, CancellationToken ct = default) => new(await db.Invoices
        .Where(i => i.ClientId == clientId && (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid))
        .SumAsync(i => i.Total.Minor - i.Paid.Minor - i.Credited.Minor - i.WrittenOff.Minor - i.Rounded.Minor + i.Returned.Minor, ct));

    /// <summary>
    /// Puts money on an invoice and returns what was too much. The caller posts the legs: the applied part against
    /// <see cref="AccountKind.Receivable"/> of the invoice's client. When that settles it, paid time of its prepaid lines is extended.
    /// </summary>
    public static async Task<Money> SettleAsync(IDataDefenderDb db, LedgerTurn turn, Invoice invoice, Money amount, CancellationToken ct = default)
    {
        var rest = invoice.Apply(amount, turn.Now);
        if (invoice.Status is InvoiceStatus.Paid)
        {
            await ExtendPaidTimeAsync(db, [invoice], turn.Now, ct);
        }

        return rest;
    }

    /// <summary>Puts money on several open invoices, in their order, and returns how much went on each and what was too much.</summary>
    public static async Task<Allocation> AllocateAsync(
        IDataDefenderDb db, LedgerTurn turn, IEnumerable<Invoice> invoices, Money amount, CancellationToken ct = default)
    {
        var allocation = Put(turn, invoices, amount);
        await Rounding.LetOffAsync(db, turn, allocation.Applied.Select(a => a.Invoice), ct);
        await ExtendPaidTimeAsync(db, [.. allocation.Applied.Select(a => a.Invoice)], turn.Now, ct);
        return allocation;
    }

    /// <summary>The same without the paid time, which the caller extends for all at once.</summary>
    internal static Allocation Put(LedgerTurn turn, IEnumerable<Invoice> invoices, Money amount)
    {
        var applied = new List<AppliedMoney>();
        var rest = amount;
        foreach (var invoice in invoices)
        {
            if (rest == Money.Zero)
            {
                break;
            }

            var before = rest;
            rest = invoice.Apply(rest, turn.Now);
            if (before != rest)
            {
                applied.Add(new AppliedMoney(invoice, before - rest));
            }
        }

        return new Allocation(applied, rest);
    }

    /// <summary>
    /// Of those invoices that are paid, with their lines: their prepaid lines run longer by as much as was bought, from the end of what is paid for
    /// already. Where that has passed it begins now: nobody pays for days on which he had nothing, nor twice for the same days. Days that a run billed
    /// are the line's whether they are paid or not.
    /// </summary>
    /// <param name="now">UTC.</param>
    internal static async Task ExtendPaidTimeAsync(IDataDefenderDb db, IReadOnlyCollection<Invoice> invoices, DateTime now, CancellationToken ct)
    {
        // Two wallets may have paid parts of one invoice: it is given once.
        var bought = invoices.Where(i => i.Status is InvoiceStatus.Paid).DistinctBy(i => i.Id).SelectMany(i => i.Lines)
            .Where(l => l is { Kind: LineKind.Subscription, SubscriptionId: not null, From: not null, Until: not null } && PrepaidTime.IsPurchase(l.ChargeKey))
            .ToLookup(l => l.SubscriptionId!.Value, l => l.Until!.Value - l.From!.Value);
        foreach (var line in await WithPaidTimeAsync(db, bought, ct))
        {
            line.ExpireAt(Sum(bought[line.Id], line.ExpiresAt > now ? line.ExpiresAt.Value : now));
        }
    }

    /// <summary>
    /// Of invoices that were paid and are so no more, or were taken back as a whole: the time that they had bought is the line's no longer. What was
    /// bought after it moves up by as much.
    /// </summary>
    internal static async Task WithdrawPaidTimeAsync(IDataDefenderDb db, IReadOnlyCollection<Guid> invoices, CancellationToken ct)
    {
        var sold = await db.InvoiceLines.AsNoTracking()
            .Where(l => invoices.Contains(l.InvoiceId) && l.Kind == LineKind.Subscription && l.SubscriptionId != null && l.From != null && l.Until != null)
            .Select(l => new { Line = l.SubscriptionId!.Value, From = l.From!.Value, Until = l.Until!.Value, l.ChargeKey }).ToListAsync(ct);
        var bought = sold.Where(l => PrepaidTime.IsPurchase(l.ChargeKey)).ToLookup(l => l.Line, l => l.From - l.Until);
        foreach (var line in await WithPaidTimeAsync(db, bought, ct))
        {
            line.ExpireAt(Sum(bought[line.Id], line.ExpiresAt!.Value));
        }
    }

    private static async Task<List<Subscription>> WithPaidTimeAsync(IDataDefenderDb db, ILookup<Guid, TimeSpan> bought, CancellationToken ct)
    {
        var ids = bought.Select(l => l.Key).ToList();
        return ids.Count == 0 ? [] : await db.Subscriptions.Where(s => ids.Contains(s.Id) && s.ExpiresAt != null && s.State != SubscriptionState.Disconnected).ToListAsync(ct);
    }

    private static DateTime Sum(IEnumerable<TimeSpan> times, DateTime from) => times.Aggregate(from, (end, time) => end + time);
}

/// <summary>How much money went on an invoice.</summary>
public sealed record AppliedMoney(Invoice Invoice, Money Amount);

/// <summary>What became of an amount: what went on which invoice, and what is left.</summary>
public sealed record Allocation(IReadOnlyList<AppliedMoney> Applied, Money Left);
