using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>
/// Asks a provider about a receipt that one message spoke of, or about an order to give back whose outcome is open. The answers come later,
/// as messages. Each look is written down before the provider is asked.
/// </summary>
public sealed class StatusInquiry(IDataDefenderDbFactory dbFactory, IEnumerable<IMobileMoneyGateway> gateways, ISecretVault vault, ICallbackAddresses addresses, TimeProvider clock, CurrentUser user)
{
    /// <summary>Asks about a payment that waits for the provider's word. False when there is nothing to ask.</summary>
    public async Task<bool> LookAtPaymentAsync(Guid paymentId, double jitter, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        ProviderTransaction payment;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            var now = clock.GetUtcNow().UtcDateTime;
            if (await db.ProviderTransactions.SingleOrDefaultAsync(t => t.Id == paymentId && t.NextLookAt != null && t.NextLookAt <= now, ct) is not { } due)
            {
                return false;
            }

            payment = due;
            payment.Look(now, jitter);
            if (!await TakenAsync(db, ct))
            {
                return false;
            }
        }

        if (await ChannelAsync(payment.ChannelId!.Value, ct) is { CanAskStatus: true } channel && await AskAsync(channel, payment.Receipt, null, ProviderResults.ReceiptQuestionAddress(payment), ct) is { } trouble)
        {
            await NoteAsync(new PaymentEvent { TenantId = payment.TenantId, At = clock.GetUtcNow().UtcDateTime, TransactionId = payment.Id, Kind = "asked", Text = Cut($"Asked about the receipt, without an answer: {trouble}"), By = user.Name }, ct);
        }

        return true;
    }

    /// <summary>Asks about an order to give back whose outcome is open. False when there is nothing to ask.</summary>
    public async Task<bool> LookAtRefundAsync(Guid refundId, double jitter, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        Refund refund;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            var now = clock.GetUtcNow().UtcDateTime;
            if (await db.Refunds.SingleOrDefaultAsync(r => r.Id == refundId && r.NextLookAt != null && r.NextLookAt <= now, ct) is not { } due)
            {
                return false;
            }

            refund = due;
            refund.Look(now, jitter);
            if (refund.Status is RefundStatus.NeedsReview)
            {
                db.PaymentEvents.Add(RefundBooks.Happened(refund, now, "review", "A week without a word of the provider about the order: a person has to look", user.Name));
            }

            if (!await TakenAsync(db, ct))
            {
                return false;
            }
        }

        if (refund.Status is RefundStatus.NeedsReview)
        {
            return true;
        }

        var channel = await ChannelAsync(refund.ChannelId, ct);
        if (await AskAsync(channel, null, refund.OrderId, ProviderResults.OrderQuestionAddress(refund), ct) is { } trouble)
        {
            await NoteAsync(RefundBooks.Happened(refund, clock.GetUtcNow().UtcDateTime, "asked", $"Asked about the order, without an answer: {trouble}", user.Name), ct);
        }

        return true;
    }

    private async Task<string?> AskAsync(PaymentChannel channel, string? receipt, string? order, string address, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(channel.TenantId, ct);
        var secret = cipher.Reveal(channel.CallbackSecretPlace(), channel.CallbackSecretCipher!);
        return addresses.Of(channel, secret, CallbackKind.Result, address) is { } result && addresses.Of(channel, secret, CallbackKind.Timeout, address) is { } timeout
            ? await gateways.For(channel.Kind).AskStatusAsync(channel.Open(cipher), new StatusQuestion(receipt, order, result, timeout), ct)
            : "This installation has no public address yet (Payments:PublicUrl), so a provider could not answer.";
    }

    private async Task<PaymentChannel> ChannelAsync(Guid id, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.PaymentChannels.AsNoTracking().SingleAsync(c => c.Id == id, ct);
    }

    private async Task NoteAsync(PaymentEvent happened, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        db.PaymentEvents.Add(happened);
        await db.SaveChangesAsync(ct);
    }

    private static async Task<bool> TakenAsync(IDataDefenderDb db, CancellationToken ct)
    {
        try
        {
            await db.SaveChangesAsync(ct);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            return false; // a message came, or another process looks
        }
    }

    private static string Cut(string text) => text.Length > 500 ? text[..500] : text;
}
