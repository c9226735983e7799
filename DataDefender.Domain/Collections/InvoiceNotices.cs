using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Collections;

/// <summary>Tells clients of new invoices, in the save that issues them. A company that announces none pays one query for it.</summary>
internal static class InvoiceNotices
{
    public static async Task WriteAsync(IDataDefenderDb db, IEnumerable<Invoice> issued, DateTime now, CancellationToken ct)
    {
        var invoices = issued.Where(i => i.Origin != DebtorBook.LateFeeOrigin && i.Balance > Money.Zero).ToList(); // a late fee has a message of its own
        if (invoices.Count == 0 || !await db.MessagingSettings.AnyAsync(s => s.AnnouncesInvoices && (s.SmsOn || s.EmailOn), ct))
        {
            return;
        }

        // A run goes through the night; who is sent an invoice reads of it in the hours in which the company writes.
        var (settings, moment) = await CollectionsService.FrameAsync(db, now, ct);
        var morning = moment.ToUtc(DunningEngine.NextTelling(settings.Policy, moment.Local));
        var desk = await MessageDesk.OpenAsync(db, ct);
        Guid[] ids = [.. invoices.Select(i => i.ClientId).Distinct()];
        var clients = await db.Clients.AsNoTracking().Where(c => ids.Contains(c.Id)).ToDictionaryAsync(c => c.Id, ct);
        foreach (var invoice in invoices)
        {
            desk.Write(
                db, MessageTopic.InvoiceIssued, Addressee.Of(clients[invoice.ClientId]), new MessageValues { Invoice = invoice.Reference, Amount = invoice.Balance, Due = invoice.DueOn },
                $"invoice:{invoice.Id:N}:issued", desk.On, now, notBefore: morning);
        }
    }
}
