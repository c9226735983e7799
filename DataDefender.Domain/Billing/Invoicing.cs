using System.Globalization;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>
/// The moves of invoices that touch the books, each with its number and its posting in one <see cref="LedgerTurn"/>. Used by the service of
/// the pages, the billing run and purchases alike, so that an invoice comes into being in one way only.
/// </summary>
public static class Invoicing
{
    /// <summary>Numbers, freezes and posts drafts of one day. They may be new or known to the context.</summary>
    public static async Task IssueAsync(IDataDefenderDb db, LedgerTurn turn, IReadOnlyList<Invoice> drafts, BillingSettings settings, DateOnly issuedOn, DateOnly dueOn, CancellationToken ct = default)
    {
        if (drafts.Count == 0)
        {
            return;
        }

        if (issuedOn > turn.Today)
        {
            throw new DomainException("invoice.date", $"An invoice cannot be issued on {issuedOn:yyyy-MM-dd}, which is still to come.");
        }

        var number = await DocumentNumbers.TakeAsync(db, turn, settings.InvoiceSeries, issuedOn.Year, drafts.Count, ct);
        var effectiveAt = EffectiveAt(turn, issuedOn);
        var postings = new List<(Invoice Invoice, JournalPosting Posting)>(drafts.Count);
        foreach (var draft in drafts)
        {
            draft.Issue(settings.InvoiceSeries, issuedOn.Year, number++, issuedOn, dueOn, turn.Now);
            if (settings.TransmitTaxInvoices)
            {
                draft.AwaitTaxNumber();
            }

            if (draft.ToPosting(effectiveAt) is { } posting)
            {
                postings.Add((draft, posting));
            }
        }

        var posted = await turn.PostAsync(postings.ConvertAll(p => p.Posting), ct);
        foreach (var (index, transaction) in posted.Index())
        {
            postings[index].Invoice.PostedAs(transaction.Sequence);
        }

        await InvoiceNotices.WriteAsync(db, drafts, turn.Now, ct);
    }

    /// <summary>Takes parts of an invoice back. Its lines are loaded.</summary>
    public static async Task<CreditNote> CreditAsync(
        IDataDefenderDb db, LedgerTurn turn, Invoice invoice, IReadOnlyList<LineCredit> credits, string reason, BillingSettings settings, CancellationToken ct = default)
    {
        var number = await DocumentNumbers.TakeAsync(db, turn, settings.CreditSeries, turn.Today.Year, ct: ct);
        var note = new CreditNote(invoice, settings.CreditSeries, turn.Today.Year, number, turn.Today, reason, credits, turn.Now);
        note.PostedAs((await turn.PostAsync(note.ToPosting(invoice, turn.Now), ct)).Sequence);
        if (settings.TransmitTaxInvoices)
        {
            note.AwaitTaxNumber();
        }

        db.CreditNotes.Add(note);
        return note;
    }

    /// <summary>Takes an unpaid invoice back as a whole; what it billed last of contracts and charges is due again. Its lines are loaded.</summary>
    public static async Task VoidAsync(LedgerTurn turn, Invoice invoice, string reason, CancellationToken ct = default)
    {
        var charges = ChargesOf(invoice);
        invoice.Void(reason, turn.Now);
        await ReopenAsync(turn, invoice, charges, ct);
        if (invoice.JournalSequence is { } sequence)
        {
            await turn.ReverseAsync(sequence, "invoice.voided", $"invoice-void:{invoice.Id}", $"Invoice {invoice.Reference} void: {reason.Trim()}", turn.Now, ct);
        }
    }

    /// <summary>Gives up what is open of an invoice.</summary>
    public static async Task WriteOffAsync(LedgerTurn turn, Invoice invoice, string reason, CancellationToken ct = default)
    {
        var rest = invoice.WriteOff(reason, turn.Now);
        await turn.PostAsync(
            new JournalPosting("invoice.written-off", $"write-off:{invoice.Id}", turn.Now, $"{invoice.Reference} written off: {reason.Trim()}", Invoice.SourceType, invoice.Id,
            [PostingLeg.OnDebit(AccountKind.BadDebt, rest, invoice.ClientId), PostingLeg.OnCredit(AccountKind.Receivable, rest, invoice.ClientId)]),
            ct);
    }

    /// <summary>The charges that stand on an invoice, by the names of its lines: each with the first day that it billed of a monthly one.</summary>
    private static Dictionary<Guid, DateOnly?> ChargesOf(Invoice invoice)
    {
        var charges = new Dictionary<Guid, DateOnly?>();
        foreach (var key in invoice.Lines.Select(l => l.ChargeKey).OfType<string>().Where(k => k.StartsWith("charge:", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var parts = key.Split(':');
            charges.TryAdd(Guid.ParseExact(parts[1], "N"), parts.Length < 3 ? null : DateOnly.ParseExact(parts[2], "yyyyMMdd", CultureInfo.InvariantCulture));
        }

        return charges;
    }

    private static async Task ReopenAsync(LedgerTurn turn, Invoice invoice, Dictionary<Guid, DateOnly?> charges, CancellationToken ct)
    {
        var billed = invoice.Lines
            .Where(l => l is { Kind: LineKind.Subscription, SubscriptionId: not null, From: not null, Until: not null })
            .GroupBy(l => l.SubscriptionId!.Value)
            .ToDictionary(g => g.Key, g => (From: turn.Company.DayOf(g.Min(l => l.From!.Value)), Until: turn.Company.DayOf(g.Max(l => l.Until!.Value))));
        var lines = billed.Keys.ToList();
        foreach (var contract in await turn.Db.Contracts.Where(c => lines.Contains(c.SubscriptionId) && c.Mode != BillingMode.Prepaid).ToListAsync(ct))
        {
            // Later periods stand on other invoices: then the days of this one stay unbilled until somebody charges them.
            if (contract.BilledUntil == billed[contract.SubscriptionId].Until)
            {
                contract.Reopen(billed[contract.SubscriptionId].From);
            }
        }

        var ids = charges.Keys.ToList();
        foreach (var charge in await turn.Db.Charges.Where(c => ids.Contains(c.Id)).ToListAsync(ct))
        {
            charge.Reopen(charges[charge.Id]);
        }
    }

    /// <summary>Today counts from now; another day from its noon, which is that day in every season of the company's zone.</summary>
    private static DateTime EffectiveAt(LedgerTurn turn, DateOnly day) =>
        day == turn.Today ? turn.Now : TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(new TimeOnly(12, 0)), turn.Company.TimeZone);
}
