using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;

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

    /// <summary>Takes an unpaid invoice back as a whole. Its lines are loaded.</summary>
    public static async Task VoidAsync(LedgerTurn turn, Invoice invoice, string reason, CancellationToken ct = default)
    {
        invoice.Void(reason);
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

    /// <summary>Today counts from now; another day from its noon, which is that day in every season of the company's zone.</summary>
    private static DateTime EffectiveAt(LedgerTurn turn, DateOnly day) =>
        day == turn.Today ? turn.Now : TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(new TimeOnly(12, 0)), turn.Company.TimeZone);
}
