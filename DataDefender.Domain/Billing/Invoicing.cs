using System.Globalization;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Topology;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>
/// The moves of invoices that touch the books, each with its number and its posting in one <see cref="LedgerTurn"/>. Used by the service of
/// the pages, the billing run and purchases alike, so that an invoice comes into being in one way only.
/// </summary>
public static class Invoicing
{
    /// <summary>The kind of the posting that gives up what is open of an invoice.</summary>
    public const string WrittenOff = "invoice.written-off";

    /// <summary>The kind of the posting that takes back what months had earned of an invoice which is void.</summary>
    internal const string Unearned = "revenue.unearned";

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

        await PlaceAsync(db, turn, drafts, ct);
        var number = await DocumentNumbers.TakeAsync(db, turn, settings.InvoiceSeries, issuedOn.Year, drafts.Count, ct);
        var effectiveAt = EffectiveAt(turn, issuedOn);
        var postings = new List<(Invoice Invoice, JournalPosting Posting)>(drafts.Count);
        foreach (var draft in drafts)
        {
            draft.Issue(settings.InvoiceSeries, issuedOn.Year, number++, issuedOn, dueOn, turn.Now);
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

        if (settings.TransmitTaxInvoices)
        {
            await TaxQueue.AddAsync(db, turn, drafts, ct);
        }

        turn.BeforeCommit(last => InvoiceNotices.WriteAsync(db, drafts, turn.Now, last)); // a wallet may pay it first
    }

    /// <summary>Takes parts of an invoice back. Its lines are loaded.</summary>
    public static async Task<CreditNote> CreditAsync(
        IDataDefenderDb db, LedgerTurn turn, Invoice invoice, IReadOnlyList<LineCredit> credits, string reason, BillingSettings settings, CancellationToken ct = default)
    {
        await Rounding.TakeBackAsync(turn, invoice, ct);
        var number = await DocumentNumbers.TakeAsync(db, turn, settings.CreditSeries, turn.Today.Year, ct: ct);
        var note = new CreditNote(invoice, settings.CreditSeries, turn.Today.Year, number, turn.Today, reason, credits, turn.Now);
        note.PostedAs((await turn.PostAsync(note.ToPosting(invoice, turn.Now), ct)).Sequence);
        db.CreditNotes.Add(note);
        await TaxQueue.AddAsync(db, turn, note, ct);
        await Rounding.LetOffAsync(db, turn, [invoice], ct);
        return note;
    }

    /// <summary>
    /// Takes an unpaid invoice back as a whole. What it billed is due again: days of a contract behind which nothing was billed are billed by
    /// the next run, and what later invoices went past becomes charges. Its lines are loaded.
    /// </summary>
    public static async Task VoidAsync(LedgerTurn turn, Invoice invoice, string reason, CancellationToken ct = default)
    {
        var charges = ChargesOf(invoice);
        invoice.Void(reason, turn.Now);
        await ReopenAsync(turn, invoice, charges, ct);
        if (invoice.JournalSequence is { } sequence)
        {
            await turn.ReverseAsync(sequence, "invoice.voided", $"invoice-void:{invoice.Id}", $"Invoice {invoice.Reference} void: {reason.Trim()}", turn.Now, ct);
        }

        var earned = new Money(invoice.Lines.Sum(l => l.Unearn().Minor));
        if (earned != Money.Zero)
        {
            await turn.PostAsync(
                new JournalPosting(Unearned, $"revenue-void:{invoice.Id}", turn.Now, $"Invoice {invoice.Reference} void: what was earned of it", Invoice.SourceType, invoice.Id,
                    [.. PostingLeg.Net(AccountKind.Revenue, earned), .. PostingLeg.Net(AccountKind.DeferredRevenue, -earned)]),
                ct);
        }

        await TaxQueue.VoidAsync(turn.Db, turn, invoice, ct);
    }

    /// <summary>Gives up what is open of an invoice.</summary>
    public static async Task WriteOffAsync(LedgerTurn turn, Invoice invoice, string reason, CancellationToken ct = default)
    {
        var before = invoice.WrittenOff; // a payment that was given back may have opened it again
        var rest = invoice.WriteOff(reason, turn.Now);
        await turn.PostAsync(
            new JournalPosting(WrittenOff, before == Money.Zero ? $"write-off:{invoice.Id}" : $"write-off:{invoice.Id}:{before.Minor}", turn.Now, $"{invoice.Reference} written off: {reason.Trim()}", Invoice.SourceType, invoice.Id,
            [PostingLeg.OnDebit(AccountKind.BadDebt, rest, invoice.ClientId), PostingLeg.OnCredit(AccountKind.Receivable, rest, invoice.ClientId)]),
            ct);
    }

    /// <summary>The charges that stand on an invoice with their lines, by the names of those: each with the first day that it bills of a monthly one.</summary>
    private static ILookup<Guid, (InvoiceLine Line, DateOnly? First)> ChargesOf(Invoice invoice) => invoice.Lines
        .Where(l => l.ChargeKey?.StartsWith("charge:", StringComparison.Ordinal) is true)
        .Select(l => (Line: l, Parts: l.ChargeKey!.Split(':')))
        .ToLookup(l => Guid.ParseExact(l.Parts[1], "N"), l => (l.Line, l.Parts.Length < 3 ? (DateOnly?)null : DateOnly.ParseExact(l.Parts[2], "yyyyMMdd", CultureInfo.InvariantCulture)));

    private static async Task ReopenAsync(LedgerTurn turn, Invoice invoice, ILookup<Guid, (InvoiceLine Line, DateOnly? First)> charges, CancellationToken ct)
    {
        var billed = invoice.Lines
            .Where(l => l is { Kind: LineKind.Subscription or LineKind.Proration or LineKind.Discount, SubscriptionId: not null, From: not null, Until: not null })
            .GroupBy(l => l.SubscriptionId!.Value)
            .ToDictionary(g => g.Key, g => (From: turn.Company.DayOf(g.Min(l => l.From!.Value)), Until: turn.Company.DayOf(g.Max(l => l.Until!.Value)), Lines: g));
        var lines = billed.Keys.ToList();
        foreach (var contract in await turn.Db.Contracts.Where(c => lines.Contains(c.SubscriptionId) && c.Mode != BillingMode.Prepaid).ToListAsync(ct))
        {
            var (from, until, passed) = billed[contract.SubscriptionId];
            if (contract.BilledUntil == until)
            {
                contract.Reopen(from);
            }
            else
            {
                Recharge(turn, invoice, passed); // a run that went back would bill the later days twice
            }
        }

        var ids = charges.Select(c => c.Key).ToList();
        foreach (var charge in await turn.Db.Charges.Where(c => ids.Contains(c.Id)).ToListAsync(ct))
        {
            var own = charges[charge.Id].ToList();
            if (!charge.Monthly || charge.BilledUntil == turn.Company.DayOf(own.Max(l => l.Line.Until!.Value)))
            {
                charge.Reopen(own.Min(l => l.First));
            }
            else
            {
                Recharge(turn, invoice, own.Select(l => l.Line));
            }
        }
    }

    /// <summary>Puts lines of a void invoice on the client's next bill, where a person sees them and may cancel them.</summary>
    private static void Recharge(LedgerTurn turn, Invoice invoice, IEnumerable<InvoiceLine> lines)
    {
        foreach (var line in lines)
        {
            var kind = line.Price < Money.Zero ? LineKind.Discount : LineKind.Recurring;
            var text = $"{line.Description} (again, {invoice.Reference} is void)";
            turn.Db.Charges.Add(new Charge(
                turn.Company.Id, line.ClientId, line.SubscriptionId,
                new ChargeInput { Kind = kind, Description = text.Length > 200 ? text[..200] : text, Price = line.Price.Amount, TaxBand = line.TaxBand, Excisable = line.ExciseRate > 0, TaxIncluded = line.TaxInclusive },
                turn.Today));
        }
    }

    /// <summary>What lines count for, as it is on the day of issue: two questions for however many invoices.</summary>
    private static async Task PlaceAsync(IDataDefenderDb db, LedgerTurn turn, IReadOnlyList<Invoice> drafts, CancellationToken ct)
    {
        var ids = drafts.SelectMany(d => d.Lines).Select(l => l.SubscriptionId).OfType<Guid>().Distinct().ToList();
        if (ids.Count == 0)
        {
            return;
        }

        var lines = await db.Subscriptions.AsNoTracking().Where(s => ids.Contains(s.Id)).Select(s => new { s.Id, s.PackageId, s.SiteId }).ToDictionaryAsync(s => s.Id, ct);
        var roaming = lines.Values.Where(l => l.SiteId == null).Select(l => l.Id).ToList();
        var online = roaming.Count == 0 || !await db.Sites.AnyAsync(ct)
            ? []
            : (await SiteLines.Of(db).Where(l => roaming.Contains(l.SubscriptionId)).ToListAsync(ct)).GroupBy(l => l.SubscriptionId).ToDictionary(g => g.Key, g => g.Min(l => l.SiteId));
        foreach (var line in drafts.SelectMany(d => d.Lines))
        {
            if (line.SubscriptionId is { } id && lines.TryGetValue(id, out var sold))
            {
                line.Place(sold.PackageId, sold.SiteId ?? (online.TryGetValue(id, out var site) ? site : null), line.From is { } from ? turn.Company.DayOf(from) : null);
            }
        }
    }

    /// <summary>Today counts from now; another day from its noon, which is that day in every season of the company's zone.</summary>
    private static DateTime EffectiveAt(LedgerTurn turn, DateOnly day) =>
        day == turn.Today ? turn.Now : TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(new TimeOnly(12, 0)), turn.Company.TimeZone);
}
