using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>
/// Cents that nobody can pay: mobile money moves whole shillings, and an invoice asks for cents. Up to the company's tolerance they are let off when
/// a payment leaves nothing but them, by an entry to the Rounding account; what opens the invoice again takes that entry back first.
/// </summary>
public static class Rounding
{
    /// <summary>The kind of the posting that lets cents off.</summary>
    public const string Off = "invoice.rounded";

    /// <summary>The kind of the posting that takes that back.</summary>
    public const string Back = "invoice.unrounded";

    /// <summary>The company has one shilling's worth of cents to let off at most.</summary>
    public static readonly Money Most = new(99);

    /// <summary>Lets off what payments left of these invoices, where that is no more than the tolerance.</summary>
    internal static async Task LetOffAsync(IDataDefenderDb db, LedgerTurn turn, IEnumerable<Invoice> paid, CancellationToken ct)
    {
        var left = paid.Where(i => i.IsOpen && i.Paid > i.Returned && i.Balance <= Most).Distinct().ToList();
        if (left.Count == 0)
        {
            return;
        }

        var tolerance = await db.BillingSettings.AsNoTracking().Select(s => (long?)s.RoundingTolerance.Minor).SingleOrDefaultAsync(ct) ?? 0;
        var postings = new List<JournalPosting>();
        foreach (var invoice in left.Where(i => i.Balance.Minor <= tolerance))
        {
            var cents = invoice.Round(turn.Now);
            postings.Add(new JournalPosting(
                Off, $"rounding:{invoice.Id}:{invoice.Version}", turn.Now, $"{invoice.Reference}: {cents} let off, rounding", Invoice.SourceType, invoice.Id,
                [PostingLeg.OnDebit(AccountKind.Rounding, cents), PostingLeg.OnCredit(AccountKind.Receivable, cents, invoice.ClientId)]));
        }

        await turn.PostAsync(postings, ct);
    }

    /// <summary>Before an invoice is credited, or its payment given back: what was let off counts again.</summary>
    internal static async Task TakeBackAsync(LedgerTurn turn, Invoice invoice, CancellationToken ct)
    {
        if (invoice.Rounded == Money.Zero)
        {
            return;
        }

        var cents = invoice.Unround(turn.Now);
        await turn.PostAsync(
            new JournalPosting(
                Back, $"rounding-back:{invoice.Id}:{invoice.Version}", turn.Now, $"{invoice.Reference}: {cents} are owed again, rounding taken back", Invoice.SourceType, invoice.Id,
                [PostingLeg.OnDebit(AccountKind.Receivable, cents, invoice.ClientId), PostingLeg.OnCredit(AccountKind.Rounding, cents)]),
            ct);
    }
}
