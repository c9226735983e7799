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
        if (payment.State is TransactionState.Applied)
        {
            await turn.PostAsync(await PaymentBooks.TakeBackAsync(
                db, turn, payment, Place.Suspense, payment.Amount, "refund.begun", $"refund-begun:{refund.Id}", $"{PaymentBooks.Name(payment)} is being given back: {refund.Reason}", ct), ct);
        }

        payment.SendBack(refund.AgreedBy, refund.Reason, turn.Now);
    }

    /// <summary>The payer has it again.</summary>
    public static async Task SucceedAsync(IDataDefenderDb db, LedgerTurn turn, PaymentChannel channel, Refund refund, string? receiptBack, string how, CancellationToken ct)
    {
        if (!refund.Succeed(receiptBack, turn.Now))
        {
            return;
        }

        var payment = await db.ProviderTransactions.SingleAsync(t => t.Id == refund.TransactionId, ct);
        if (payment.State is not (TransactionState.Refunding or TransactionState.Applied or TransactionState.Orphan))
        {
            Tell(db, turn, refund, "refunded", $"Given back by the provider ({how}), and the books had it as {payment.State} already: look at it");
            return;
        }

        await turn.PostAsync(await PaymentBooks.TakeBackAsync(
            db, turn, payment, Place.Clearing(channel), payment.Amount, Kind, $"payment-refund:{payment.Id}", $"{PaymentBooks.Name(payment)} given back: {refund.Reason}", ct), ct);
        await PaymentBooks.GiveUpAsync(db, payment, ct);
        payment.Refund(refund.AgreedBy, refund.Reason, turn.Now);
        Tell(db, turn, refund, "refunded", $"{payment.Amount} given back{(refund.ReceiptBack is { } receipt ? $", receipt {receipt}" : "")} ({how}){(refund.WasOverturned ? "; it had been called failed" : "")}");
    }

    /// <summary>Nothing went out: the client has it again, or it is nobody's as before.</summary>
    public static async Task FailAsync(IDataDefenderDb db, LedgerTurn turn, Refund refund, RefundStatus how, string code, string text, CancellationToken ct)
    {
        if (!refund.Fail(how, code, text, turn.Now))
        {
            return;
        }

        var payment = await db.ProviderTransactions.SingleAsync(t => t.Id == refund.TransactionId, ct);
        if (payment.State is TransactionState.Refunding && payment.ClientId is { } client)
        {
            payment.ApplyTo(client, refund.AgreedBy, $"Not given back: {text}", turn.Now);
            await turn.PostAsync(await PaymentBooks.FromSuspenseAsync(db, turn, payment, await Receivables.OpenAsync(db, client, ct), ct), ct);
        }
        else if (payment.State is TransactionState.Refunding)
        {
            payment.BeOrphanAgain(refund.AgreedBy, $"Not given back: {text}", turn.Now);
        }

        Tell(db, turn, refund, "refund-failed", $"It was not given back: {text}");
    }

    public static void Tell(IDataDefenderDb db, LedgerTurn turn, Refund refund, string kind, string text) => db.PaymentEvents.Add(Happened(refund, turn.Now, kind, text, turn.By));

    public static PaymentEvent Happened(Refund refund, DateTime at, string kind, string text, string by) => new()
    {
        TenantId = refund.TenantId, At = at, TransactionId = refund.TransactionId, Kind = kind, Text = text.Length > 500 ? text[..500] : text, By = by,
    };
}
