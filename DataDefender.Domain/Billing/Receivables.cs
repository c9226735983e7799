using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>What clients owe, and putting money on it. For whoever allocates: payments, the wallet, credit.</summary>
public static class Receivables
{
    /// <summary>The open invoices of a client, oldest due first, tracked with their lines. Read in the turn in which they are to be settled.</summary>
    public static Task<List<Invoice>> OpenAsync(IDataDefenderDb db, Guid clientId, CancellationToken ct = default) =>
        db.Invoices.Include(i => i.Lines)
            .Where(i => i.ClientId == clientId && (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid))
            .OrderBy(i => i.DueOn).ThenBy(i => i.IssuedAt).ThenBy(i => i.Number)
            .ToListAsync(ct);

    /// <summary>What a client owes on open invoices.</summary>
    public static async Task<Money> BalanceAsync(IDataDefenderDb db, Guid clientId, CancellationToken ct = default) => new(await db.Invoices
        .Where(i => i.ClientId == clientId && (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid))
        .SumAsync(i => i.Total.Minor - i.Paid.Minor - i.Credited.Minor - i.WrittenOff.Minor + i.Returned.Minor, ct));

    /// <summary>
    /// Puts money on an invoice and returns what was too much. The caller posts the legs: the applied part against
    /// <see cref="AccountKind.Receivable"/> of the invoice's client. When that settles it, paid time of its prepaid lines is extended.
    /// </summary>
    public static async Task<Money> SettleAsync(IDataDefenderDb db, LedgerTurn turn, Invoice invoice, Money amount, CancellationToken ct = default)
    {
        var rest = invoice.Apply(amount, turn.Now);
        if (invoice.Status is InvoiceStatus.Paid)
        {
            await ExtendPaidTimeAsync(db, invoice, ct);
        }

        return rest;
    }

    /// <summary>Puts money on several open invoices, in their order, and returns how much went on each and what was too much.</summary>
    public static async Task<Allocation> AllocateAsync(
        IDataDefenderDb db, LedgerTurn turn, IEnumerable<Invoice> invoices, Money amount, CancellationToken ct = default)
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
            rest = await SettleAsync(db, turn, invoice, rest, ct);
            if (before != rest)
            {
                applied.Add(new AppliedMoney(invoice, before - rest));
            }
        }

        return new Allocation(applied, rest);
    }

    private static async Task ExtendPaidTimeAsync(IDataDefenderDb db, Invoice invoice, CancellationToken ct)
    {
        var paid = invoice.Lines
            .Where(l => l is { Kind: LineKind.Subscription, SubscriptionId: not null, Until: not null })
            .GroupBy(l => l.SubscriptionId!.Value)
            .ToDictionary(g => g.Key, g => g.Max(l => l.Until!.Value));
        if (paid.Count == 0)
        {
            return;
        }

        var ids = paid.Keys.ToList();
        foreach (var line in await db.Subscriptions.Where(s => ids.Contains(s.Id) && s.ExpiresAt != null).ToListAsync(ct))
        {
            if (line.State is not Subscriptions.SubscriptionState.Disconnected && paid[line.Id] > line.ExpiresAt)
            {
                line.ExpireAt(paid[line.Id]);
            }
        }
    }
}

/// <summary>How much money went on an invoice.</summary>
public sealed record AppliedMoney(Invoice Invoice, Money Amount);

/// <summary>What became of an amount: what went on which invoice, and what is left.</summary>
public sealed record Allocation(IReadOnlyList<AppliedMoney> Applied, Money Left);
