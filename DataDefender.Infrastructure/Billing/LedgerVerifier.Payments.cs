using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Billing;

public sealed partial class LedgerVerifier
{
    private sealed partial class Books
    {
        private static readonly AccountKind[] Places = [AccountKind.Cash, AccountKind.Bank, AccountKind.Clearing];
        private static readonly AccountKind[] OfClients = [AccountKind.Receivable, AccountKind.Wallet];

        private readonly Dictionary<Guid, long> _allocated = [];

        /// <summary>Each payment against its entries and its parts: all of it lies somewhere while it is ours, and all of it is the client's when it counts.</summary>
        private async Task<LedgerFault?> PaymentsAsync(CancellationToken ct)
        {
            var kinds = _accounts.Values.ToLookup(a => a.Kind, a => a.Id);
            var (places, ofClients) = (Places.SelectMany(k => kinds[k]).ToHashSet(), OfClients.SelectMany(k => kinds[k]).ToHashSet());
            for (var last = 0L; ;)
            {
                var after = last;
                var payments = await db.ProviderTransactions.AsNoTracking().Where(t => t.Number > after).OrderBy(t => t.Number).Take(PageSize).ToListAsync(ct);
                var ids = payments.ConvertAll(p => p.Id);
                var entries = (await (
                    from transaction in db.JournalTransactions.AsNoTracking()
                    join line in db.JournalLines on transaction.Sequence equals line.Sequence
                    where transaction.SourceType == PaymentSource && ids.Contains(transaction.SourceId)
                    group line.Debit.Minor - line.Credit.Minor by new { transaction.SourceId, line.AccountId } into sums
                    select new { sums.Key.SourceId, sums.Key.AccountId, Debit = sums.Sum() }).ToListAsync(ct)).ToLookup(e => e.SourceId);
                var parts = (await db.PaymentAllocations.AsNoTracking().Where(a => ids.Contains(a.TransactionId))
                    .GroupBy(a => new { a.TransactionId, a.InvoiceId }).Select(g => new { g.Key.TransactionId, g.Key.InvoiceId, Minor = g.Sum(a => a.Amount.Minor) }).ToListAsync(ct)).ToLookup(p => p.TransactionId);
                var orders = await db.Refunds.AsNoTracking()
                    .Where(r => ids.Contains(r.TransactionId) && (r.Status == RefundStatus.Sending || r.Status == RefundStatus.Accepted || r.Status == RefundStatus.Unknown || r.Status == RefundStatus.NeedsReview))
                    .GroupBy(r => r.TransactionId).Select(g => new { g.Key, Minor = g.Sum(r => r.Amount.Minor) }).ToDictionaryAsync(g => g.Key, g => g.Minor, ct);
                foreach (var payment in payments)
                {
                    last++;
                    if (payment.Number != last)
                    {
                        return Fault("provider_transactions", Number(last), "is missing");
                    }

                    var placed = entries[payment.Id].Where(e => places.Contains(e.AccountId)).Sum(e => e.Debit);
                    var given = -entries[payment.Id].Where(e => ofClients.Contains(e.AccountId)).Sum(e => e.Debit);
                    if (Wrong(payment, placed, given, parts[payment.Id].Sum(p => p.Minor), orders.GetValueOrDefault(payment.Id)) is { } reason)
                    {
                        return Fault("provider_transactions", Number(last), reason);
                    }

                    foreach (var part in parts[payment.Id].Where(p => p.InvoiceId is not null))
                    {
                        _allocated[part.InvoiceId!.Value] = _allocated.GetValueOrDefault(part.InvoiceId.Value) + part.Minor;
                    }
                }

                if (payments.Count < PageSize)
                {
                    return null;
                }
            }
        }

        private static string? Wrong(ProviderTransaction payment, long placed, long given, long parts, long ordered)
        {
            var held = payment.State is TransactionState.Test ? 0 : (payment.Amount - payment.GivenBack).Minor;
            var counts = payment.State is TransactionState.Applied ? payment.Remaining.Minor : 0;
            return payment.GivenBack < Money.Zero || payment.Remaining < Money.Zero || (payment.State is TransactionState.Refunded or TransactionState.Reversed) != (payment.GivenBack == payment.Amount)
                    ? $"is {payment.State} over {payment.Amount}, of which {payment.GivenBack} went back and {payment.GoingBack} are on their way"
                : payment.GoingBack.Minor != ordered ? $"says that {payment.GoingBack} are on their way back, and open orders are over {new Money(ordered)}"
                : placed != held ? $"is {payment.State} over {payment.Amount}, and {new Money(placed)} lie somewhere by the ledger"
                : given != counts ? $"is {payment.State} over {payment.Amount}, and {new Money(given)} are the client's by the ledger"
                : parts != counts ? $"is {payment.State} over {payment.Amount}, and its parts are {new Money(parts)}"
                : null;
        }

        /// <summary>Each drawer, as its last cashier left it or has it, against its account.</summary>
        private async Task<LedgerFault?> DrawersAsync(CancellationToken ct)
        {
            var sessions = await db.CashSessions.AsNoTracking().Where(s => !db.CashSessions.Any(later => later.Desk == s.Desk && later.OpenedAt > s.OpenedAt)).OrderBy(s => s.Desk).ToListAsync(ct);
            var held = _accounts.Values.Where(a => a.Kind is AccountKind.Cash).ToDictionary(a => a.Channel, a => _sums.GetValueOrDefault(a.Id) is var (debit, credit) ? debit - credit : 0, StringComparer.Ordinal);
            return sessions.Find(s => (s.Counted ?? s.Expected).Minor != held.GetValueOrDefault(s.Desk)) is { } wrong
                ? Fault("cash_sessions", wrong.Desk, $"should hold {wrong.Counted ?? wrong.Expected}, and {new Money(held.GetValueOrDefault(wrong.Desk))} lie there by the ledger")
                : null;
        }
    }
}
