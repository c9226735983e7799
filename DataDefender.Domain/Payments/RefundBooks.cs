using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>
/// How an order to give money back stands in the books: while it is under way the money lies in suspense, so that a client cannot spend it
/// meanwhile; then it leaves the provider's clearing account, or goes back to where it was.
/// </summary>
internal static class RefundBooks
{
    private const string Kind = "payment.refunded";

    /// <summary>Takes the money from whoever has it, before the order leaves.</summary>
    public static async Task BeginAsync(IDataDefenderDb db, LedgerTurn turn, Refund refund, ProviderTransaction payment, CancellationToken ct)
    {
        payment.DemandRemaining(refund.Amount);
        if (payment.State is TransactionState.Applied)
        {
            await turn.PostAsync(await PaymentBooks.TakeBackAsync(
                db, turn, payment, Place.Suspense, refund.Amount, "refund.begun", $"refund-begun:{refund.Id}", $"{PaymentBooks.Part(payment, refund.Amount)} is being given back: {refund.Reason}", ct), ct);
        }

        payment.SendBack(refund.Amount, refund.AgreedBy, refund.Reason, turn.Now);
    }

    /// <summary>The payer has it again.</summary>
    public static async Task SucceedAsync(IDataDefenderDb db, LedgerTurn turn, PaymentChannel channel, Refund refund, string? receiptBack, string how, CancellationToken ct)
    {
        if (!refund.Succeed(receiptBack, turn.Now))
        {
            return;
        }

        var payment = await db.ProviderTransactions.SingleAsync(t => t.Id == refund.TransactionId, ct);
        var (key, memo) = ($"payment-refund:{payment.Id}:{refund.Id}", $"{PaymentBooks.Part(payment, refund.Amount)} given back: {refund.Reason}");
        if (!refund.WasOverturned)
        {
            await turn.PostAsync(PaymentBooks.FromSuspenseBack(turn, payment, Place.Clearing(channel), refund.Amount, Kind, key, memo), ct);
            payment.ArriveBack(refund.Amount, refund.AgreedBy, refund.Reason, turn.Now);
        }
        else if (payment.State is TransactionState.Applied or TransactionState.Orphan && payment.Remaining >= refund.Amount)
        {
            // It had been called failed, and the money was put back to where it was.
            await turn.PostAsync(await PaymentBooks.TakeBackAsync(db, turn, payment, Place.Clearing(channel), refund.Amount, Kind, key, memo, ct), ct);
            payment.Refund(refund.Amount, refund.AgreedBy, refund.Reason, turn.Now);
        }
        else
        {
            Tell(db, turn, refund, "refunded", $"Given back by the provider ({how}), and {payment.Remaining} of it is left in the books ({payment.State}): look at it");
            return;
        }

        await PaymentBooks.GiveUpAsync(db, payment, refund.Amount, ct);
        Tell(db, turn, refund, "refunded", $"{refund.Amount} given back{(refund.ReceiptBack is { } receipt ? $", receipt {receipt}" : "")} ({how}){(refund.WasOverturned ? "; it had been called failed" : "")}");
    }

    /// <summary>Nothing went out: the client has it again, or it is nobody's as before.</summary>
    public static async Task FailAsync(IDataDefenderDb db, LedgerTurn turn, Refund refund, RefundStatus how, string code, string text, CancellationToken ct)
    {
        if (!refund.Fail(how, code, text, turn.Now))
        {
            return;
        }

        var payment = await db.ProviderTransactions.SingleAsync(t => t.Id == refund.TransactionId, ct);
        payment.KeepBack(refund.Amount, refund.AgreedBy, $"Not given back: {text}", turn.Now);
        if (payment.ClientId is { } client)
        {
            await turn.PostAsync(await PaymentBooks.FromSuspenseAsync(db, turn, payment, refund.Amount, $"refund-failed:{refund.Id}", await Receivables.OpenAsync(db, client, ct), ct), ct);
        }

        Tell(db, turn, refund, "refund-failed", $"It was not given back: {text}");
    }

    public static void Tell(IDataDefenderDb db, LedgerTurn turn, Refund refund, string kind, string text) => db.PaymentEvents.Add(Happened(refund, turn.Now, kind, text, turn.By));

    public static PaymentEvent Happened(Refund refund, DateTime at, string kind, string text, string by) => new()
    {
        TenantId = refund.TenantId, At = at, TransactionId = refund.TransactionId, Kind = kind, Text = text.Length > 500 ? text[..500] : text, By = by,
    };
}
