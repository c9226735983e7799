using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing.TaxInvoices;

/// <summary>Puts documents in the queue to the tax authority, in the turn that issues them.</summary>
internal static class TaxQueue
{
    public static async Task AddAsync(IDataDefenderDb db, LedgerTurn turn, IReadOnlyList<Invoice> invoices, CancellationToken ct)
    {
        var asked = invoices.Where(i => i.Total > Money.Zero).ToList();
        if (asked.Count == 0)
        {
            return;
        }

        var number = await DocumentNumbers.TakeFromAsync(db, turn, DocumentNumbers.TaxSeries, asked.Count, ct);
        foreach (var invoice in asked)
        {
            db.TaxTransmissions.Add(new TaxTransmission(invoice.TenantId, number++, TaxDocumentKind.Invoice, invoice.Id, invoice.Label, invoice.Id, null, turn.Now));
            invoice.AwaitTaxNumber();
        }
    }

    /// <summary>A credit note on an invoice of which the authority never hears is not sent either.</summary>
    public static async Task AddAsync(IDataDefenderDb db, LedgerTurn turn, CreditNote note, CancellationToken ct)
    {
        if (await OfInvoiceAsync(db, note.InvoiceId, ct) is not { State: not TransmissionState.Withdrawn } original)
        {
            return;
        }

        var number = await DocumentNumbers.TakeFromAsync(db, turn, DocumentNumbers.TaxSeries, 1, ct);
        db.TaxTransmissions.Add(new TaxTransmission(note.TenantId, number, TaxDocumentKind.CreditNote, note.Id, note.Reference, note.InvoiceId, original.Sequence, turn.Now));
        note.AwaitTaxNumber();
    }

    /// <summary>Takes a void invoice out of the queue, or takes it back at the authority when that may have it already.</summary>
    public static async Task VoidAsync(IDataDefenderDb db, LedgerTurn turn, Invoice invoice, CancellationToken ct)
    {
        if (await OfInvoiceAsync(db, invoice.Id, ct) is not { State: not TransmissionState.Withdrawn } original)
        {
            return;
        }

        if (original is { State: TransmissionState.Waiting, Attempts: 0 } or { State: TransmissionState.Refused, ResultCode: not TransmissionOutcome.AlreadyThere }) // the authority has none to take back
        {
            original.Withdraw(turn.Now);
            invoice.TaxWithdrawn();
            return;
        }

        var number = await DocumentNumbers.TakeFromAsync(db, turn, DocumentNumbers.TaxSeries, 1, ct);
        db.TaxTransmissions.Add(new TaxTransmission(invoice.TenantId, number, TaxDocumentKind.VoidedInvoice, invoice.Id, $"{invoice.Label} void", invoice.Id, original.Sequence, turn.Now));
    }

    private static async Task<TaxTransmission?> OfInvoiceAsync(IDataDefenderDb db, Guid invoiceId, CancellationToken ct) =>
        db.TaxTransmissions.Local.FirstOrDefault(t => t.Kind is TaxDocumentKind.Invoice && t.DocumentId == invoiceId)
        ?? await db.TaxTransmissions.SingleOrDefaultAsync(t => t.Kind == TaxDocumentKind.Invoice && t.DocumentId == invoiceId, ct);
}
