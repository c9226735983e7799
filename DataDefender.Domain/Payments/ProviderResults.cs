using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>
/// Later answers of a provider: to an order to give back, to a question about such an order, to a question about a receipt. Each order and
/// question has an address of its own, which says whose answer it is.
/// </summary>
internal static class ProviderResults
{
    private const string Completed = "Completed";

    /// <summary>Results of a reversal that say that no money moved (Daraja). Any other but 0 leaves it open.</summary>
    private static readonly HashSet<string> Definite = new(["1", "11", "21", "2001", "2006", "2028", "8006", "R000002"], StringComparer.Ordinal);

    public static bool IsResult(CallbackKind kind) => kind is CallbackKind.Result or CallbackKind.Timeout;

    public static string OrderAddress(Refund refund) => $"r{refund.OrderId}";

    public static string OrderQuestionAddress(Refund refund) => $"s{refund.OrderId}";

    public static string ReceiptQuestionAddress(ProviderTransaction payment) => $"t{payment.Id:N}";

    /// <summary>Applies one message and finishes it; true when a client's money moved.</summary>
    public static async Task<bool> ApplyAsync(IDataDefenderDb db, LedgerTurn turn, PaymentChannel channel, IMobileMoneyGateway gateway, InboundMessage message, CancellationToken ct)
    {
        if (message.PushId is not { Length: 33 } address || !Guid.TryParseExact(address[1..], "N", out var id))
        {
            message.Finish(InboundStatus.Rejected, "Its address names neither an order nor a question of ours.", turn.Now);
            return false;
        }

        if (message.Kind is CallbackKind.Timeout)
        {
            if (address[0] is 'r' && await db.Refunds.SingleOrDefaultAsync(r => r.Id == id && r.ChannelId == channel.Id, ct) is { } late)
            {
                late.Lose(turn.Now);
                RefundBooks.Tell(db, turn, late, "lost", "The provider had no time for the order, which says nothing about its outcome; it is asked");
            }

            message.Finish(InboundStatus.Applied, "The provider had no time for it. The outcome is asked for.", turn.Now);
            return false;
        }

        ProviderResult result;
        try
        {
            result = gateway.ReadResult(message.Body);
        }
        catch (UnreadableMessageException unreadable)
        {
            message.Finish(InboundStatus.Rejected, unreadable.Message, turn.Now);
            return false;
        }

        if (address[0] is 't' && await db.ProviderTransactions.SingleOrDefaultAsync(t => t.Id == id && t.ChannelId == channel.Id, ct) is { } payment)
        {
            return await ConfirmAsync(db, turn, channel, message, payment, result, ct);
        }

        if (address[0] is not ('r' or 's') || await db.Refunds.SingleOrDefaultAsync(r => r.Id == id && r.ChannelId == channel.Id, ct) is not { } refund)
        {
            message.Finish(InboundStatus.Rejected, "It answers neither an order nor a question of this channel.", turn.Now);
            return false;
        }

        var before = refund.Status;
        await (address[0] is 'r' ? OrderedAsync(db, turn, channel, refund, result, ct) : AskedAsync(db, turn, channel, refund, result, ct));
        message.Finish(InboundStatus.Applied, $"The order is {refund.Status}: {result.Text ?? result.Code}", turn.Now);
        return refund.Status != before && refund.Status is RefundStatus.Succeeded or RefundStatus.Failed;
    }

    private static async Task OrderedAsync(IDataDefenderDb db, LedgerTurn turn, PaymentChannel channel, Refund refund, ProviderResult result, CancellationToken ct)
    {
        refund.Accepted(result.ConversationId);
        if (result.Code == ResultCodes.Paid)
        {
            await RefundBooks.SucceedAsync(db, turn, channel, refund, result.TransactionId, "told by the provider", ct);
        }
        else if (Definite.Contains(result.Code))
        {
            await RefundBooks.FailAsync(db, turn, refund, RefundStatus.Failed, result.Code, result.Text ?? $"Code {result.Code}", ct);
        }
        else
        {
            refund.Review(result.Code, result.Text);
            RefundBooks.Tell(db, turn, refund, "review", $"The provider said {result.Code} ({result.Text ?? "no words"}), which does not say whether the money went: a person has to look");
        }
    }

    /// <summary>The answer to a question proves only that money went. That it did not, or that nothing is known, is no evidence.</summary>
    private static async Task AskedAsync(IDataDefenderDb db, LedgerTurn turn, PaymentChannel channel, Refund refund, ProviderResult result, CancellationToken ct)
    {
        if (result.Code == ResultCodes.Paid && result.Values.GetValueOrDefault("TransactionStatus") == Completed)
        {
            await RefundBooks.SucceedAsync(db, turn, channel, refund, result.Values.GetValueOrDefault("ReceiptNo"), "asked", ct);
            return;
        }

        RefundBooks.Tell(db, turn, refund, "asked", $"Asked: {result.Values.GetValueOrDefault("TransactionStatus") ?? result.Text ?? $"code {result.Code}"}");
    }

    private static async Task<bool> ConfirmAsync(IDataDefenderDb db, LedgerTurn turn, PaymentChannel channel, InboundMessage message, ProviderTransaction payment, ProviderResult result, CancellationToken ct)
    {
        var amount = decimal.TryParse(result.Values.GetValueOrDefault("Amount"), NumberStyles.Number, CultureInfo.InvariantCulture, out var said) ? said : (decimal?)null;
        if (result.Code != ResultCodes.Paid || result.Values.GetValueOrDefault("TransactionStatus") != Completed || result.Values.GetValueOrDefault("ReceiptNo") != payment.Receipt || amount != payment.Amount.Amount)
        {
            var text = $"Asked about the receipt: {result.Values.GetValueOrDefault("TransactionStatus") ?? result.Text ?? $"code {result.Code}"}{(amount is { } other && other != payment.Amount.Amount ? $", {other:0.00}" : "")}; it is not confirmed by that";
            db.PaymentEvents.Add(new PaymentEvent { TenantId = payment.TenantId, At = turn.Now, TransactionId = payment.Id, AttemptId = payment.AttemptId, IntentId = payment.IntentId, Kind = "asked", Text = text.Length > 500 ? text[..500] : text, By = turn.By });
            message.Finish(InboundStatus.Applied, text, turn.Now);
            return false;
        }

        var evidence = new PaymentEvidence { Source = EvidenceSource.Query, Paid = true, Receipt = payment.Receipt, Amount = payment.Amount, AccountReference = payment.AccountReference, Msisdn = payment.PayerMsisdn, ResultCode = ResultCodes.Paid };
        var batch = await IntakeBatch.OpenAsync(db, turn, channel, turn.By, [evidence], ct);
        var outcome = await batch.ApplyAsync(evidence, isTrusted: true, ct);
        await batch.PostAsync(ct);
        message.Finish(InboundStatus.Applied, $"{payment.Receipt} is confirmed. {outcome.Text}", turn.Now);
        return batch.MovedClients;
    }
}
