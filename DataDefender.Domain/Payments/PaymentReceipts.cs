using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Notifications;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>Tells clients that their money came, in the save that gives it to them. A company that tells nobody pays one query a turn for it.</summary>
internal static class PaymentReceipts
{
    /// <summary>Writes a message for each payment that became a client's in this turn. Called before its commit.</summary>
    public static async Task WriteAsync(IDataDefenderDb db, LedgerTurn turn, CancellationToken ct)
    {
        var applied = db.ProviderTransactions.Local.Where(t => t is { State: TransactionState.Applied, ClientId: not null } && t.StateSince == turn.Now).ToList();
        if (applied.Count == 0 || !await db.MessagingSettings.AnyAsync(s => s.AnnouncesPayments && (s.SmsOn || s.EmailOn), ct))
        {
            return;
        }

        var desk = await MessageDesk.OpenAsync(db, ct);
        Guid[] owners = [.. applied.Select(t => t.ClientId!.Value).Distinct()];
        var clients = await db.Clients.AsNoTracking().Where(c => owners.Contains(c.Id)).ToDictionaryAsync(c => c.Id, ct);
        string[] events = [.. applied.Select(EventOf)];
        var told = (await db.Messages.AsNoTracking().Where(m => events.Contains(m.BusinessEvent)).Select(m => m.BusinessEvent).ToListAsync(ct)).ToHashSet(StringComparer.Ordinal);
        foreach (var payment in applied.Where(t => !told.Contains(EventOf(t))))
        {
            // All open invoices of who is given money are read in this turn.
            var owed = new Money(db.Invoices.Local.Where(i => i.ClientId == payment.ClientId && i.IsOpen).Sum(i => i.Balance.Minor));
            desk.Write(
                db, MessageTopic.PaymentReceived, Addressee.Of(clients[payment.ClientId!.Value]), new MessageValues { Amount = payment.Remaining, Balance = owed, Receipt = ReceiptOf(payment) },
                EventOf(payment), desk.On, turn.Now);
        }
    }

    /// <summary>Cash has no receipt of a provider; our own number is what people can read out.</summary>
    private static string ReceiptOf(ProviderTransaction payment) =>
        payment is { Method: not PaymentMethod.Cash, Receipt: { } receipt } ? receipt : payment.Number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string EventOf(ProviderTransaction payment) => $"payment:{payment.Id:N}:{payment.ClientId:N}";
}
