using DataDefender.Domain.Common;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing.TaxInvoices;

/// <summary>Makes of frozen documents what the tax authority wants to hear.</summary>
internal static class TaxDocuments
{
    public static async Task<TaxDocument> OfAsync(IDataDefenderDb db, TaxTransmission transmission, BillingSettings settings, CancellationToken ct)
    {
        var company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct);
        var (clientId, at, on, reason, parts) = transmission.Kind is TaxDocumentKind.CreditNote
            ? Of(await db.CreditNotes.AsNoTracking().Include(n => n.Lines).SingleAsync(n => n.Id == transmission.DocumentId, ct))
            : Of(await db.Invoices.AsNoTracking().Include(i => i.Lines).SingleAsync(i => i.Id == transmission.DocumentId, ct), transmission);
        var client = await db.Clients.AsNoTracking().SingleAsync(c => c.Id == clientId, ct);
        var pin = await db.BillingProfiles.Where(p => p.ClientId == clientId).Select(p => p.TaxPin).SingleOrDefaultAsync(ct);
        var local = TimeZoneInfo.ConvertTimeFromUtc(at, TimeZoneInfo.FindSystemTimeZoneById(company.TimeZone));
        return new TaxDocument(
            transmission.Sequence, transmission.OriginalSequence, transmission.Reference, settings.LegalName ?? company.Name, settings.PostalAddress, pin, client.Name, client.Phone,
            on?.ToDateTime(TimeOnly.FromDateTime(local)) ?? local, reason, Fold(parts)); // the day of the books: its tax is due with that month, however late the run was approved
    }

    /// <summary>
    /// The authority takes no negative line: a discount lowers the line that it belongs to, the last before it with the same rates that is large
    /// enough, else all lines of those rates become one. What reductions of some rates are more than what those rates charge lowers the lines
    /// of others at their own rates, so that the authority hears the total that was invoiced.
    /// </summary>
    internal static IReadOnlyList<TaxDocumentLine> Fold(IEnumerable<TaxPart> parts)
    {
        var (lines, rest) = (new List<(TaxPart Part, TaxSplit Off)>(), Money.Zero);
        foreach (var group in parts.Where(p => p.Split.Total != Money.Zero).Select((part, order) => (part, order)).GroupBy(p => (p.part.Band, p.part.VatRate, p.part.Base)))
        {
            var sum = new Money(group.Sum(p => p.part.Split.Total.Minor));
            if (sum < Money.Zero)
            {
                rest -= sum;
                continue;
            }

            var charged = group.Where(p => p.part.Split.Total > Money.Zero).Select(p => (p.order, p.part, Off: default(TaxSplit))).ToList();
            foreach (var (off, order) in group.Where(p => p.part.Split.Total < Money.Zero))
            {
                var place = charged.FindLastIndex(c => c.order < order && (c.part.Split + c.Off + off.Split).Total >= Money.Zero);
                if (place < 0)
                {
                    var whole = charged.Aggregate(default(TaxSplit), (all, c) => all + c.part.Split);
                    charged = [(charged[0].order, charged[0].part with { Split = whole }, charged.Aggregate(default(TaxSplit), (all, c) => all + c.Off))];
                    place = 0;
                }

                charged[place] = charged[place] with { Off = charged[place].Off + off.Split };
            }

            lines.AddRange(charged.Select(c => (c.part, c.Off)));
        }

        for (var i = lines.Count - 1; i >= 0 && rest > Money.Zero; i--)
        {
            var left = lines[i].Part.Split + lines[i].Off;
            var taken = rest < left.Total ? rest : left.Total;
            if (taken > Money.Zero)
            {
                lines[i] = lines[i] with { Off = lines[i].Off - left.UpTo(taken) };
                rest -= taken;
            }
        }

        return [.. lines.Where(l => (l.Part.Split + l.Off).Total > Money.Zero).Select(l => Line(l.Part, l.Off))];
    }

    private static TaxDocumentLine Line(TaxPart part, TaxSplit off)
    {
        var left = part.Split + off;
        return new TaxDocumentLine(
            part.Description, part.Band, part.VatRate, part.Split.Net + part.Split.Excise, -(off.Net + off.Excise), part.Base is VatBase.Net ? left.Net : left.Net + left.Excise, left.Vat, left.Total);
    }

    private static (Guid ClientId, DateTime At, DateOnly? On, string? Reason, IEnumerable<TaxPart> Parts) Of(Invoice invoice, TaxTransmission transmission) => (
        invoice.ClientId, transmission.Kind is TaxDocumentKind.VoidedInvoice ? transmission.QueuedAt : invoice.IssuedAt!.Value,
        transmission.Kind is TaxDocumentKind.VoidedInvoice ? null : invoice.IssuedOn, transmission.Kind is TaxDocumentKind.VoidedInvoice ? invoice.StatusReason : null,
        invoice.Lines.OrderBy(l => l.Number).Select(l => new TaxPart(l.Description, l.TaxBand, l.VatRate, l.VatBase, l.Split)));

    private static (Guid ClientId, DateTime At, DateOnly? On, string? Reason, IEnumerable<TaxPart> Parts) Of(CreditNote note) => (
        note.ClientId, note.IssuedAt, note.IssuedOn, note.Reason, note.Lines.OrderBy(l => l.InvoiceLine).Select(l => new TaxPart(l.Description, l.TaxBand, l.VatRate, l.VatBase, new TaxSplit(l.Net, l.Excise, l.Vat))));
}

/// <summary>A line of a document with its tax, before discounts are put where they belong.</summary>
internal sealed record TaxPart(string Description, string Band, int VatRate, VatBase Base, TaxSplit Split);
