using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>An order to give back, for a payment's page.</summary>
public sealed record RefundRow(Guid Id, RefundStatus Status, Money Amount, string Reason, string WantedBy, string AgreedBy, string? ConversationId, string? ReceiptBack, string? ResultCode, string? ResultText, DateTime CreatedAt, DateTime? SettledAt, DateTime? NextLookAt);

/// <summary>
/// Gives payments back by the provider's own interface, where it has one: one person wants it, a second agrees, and then the order is
/// committed before it leaves. What came of it is told later; what nobody knows is asked for and never ordered again.
/// </summary>
public sealed class RefundService(IDataDefenderDbFactory dbFactory, IEnumerable<IMobileMoneyGateway> gateways, ISecretVault vault, ICallbackAddresses addresses, IEnumerable<IMoneyWatcher> watchers, TimeProvider clock, CurrentUser user)
{
    public async Task<IReadOnlyList<RefundRow>> OfAsync(Guid paymentId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.Refunds.AsNoTracking().Where(r => r.TransactionId == paymentId).OrderBy(r => r.CreatedAt)
            .Select(r => new RefundRow(r.Id, r.Status, r.Amount, r.Reason, r.WantedBy, r.AgreedBy, r.ConversationId, r.ReceiptBack, r.ResultCode, r.ResultText, r.CreatedAt, r.SettledAt, r.NextLookAt)).ToListAsync(ct);
    }

    /// <summary>Proposes to order it from the provider. A second person has to agree, whatever the amount: money leaves.</summary>
    /// <param name="amount">In major units: all that is left of it, or a part. M-Pesa moves whole shillings.</param>
    public async Task ProposeAsync(Guid paymentId, decimal amount, string reason, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        var (why, money) = (Reasons.Demand(reason), RefundAmounts.Demand(amount));
        await using var db = await dbFactory.OpenAsync(ct);
        var (payment, _) = await FindAsync(db, paymentId, ct);
        payment.DemandNothingGoingBack();
        payment.DemandRemaining(money);
        if (money.Minor % 100 != 0 && money != payment.Amount)
        {
            throw new DomainException("refund.shillings", $"M-Pesa moves whole shillings: {money} cannot be given back by it. Note the cents as given back in another way.");
        }

        payment.Propose(ProposedAct.SendBack, null, user.Name, why, money);
        db.Record("refund order proposed", payment, new { Reason = why, Amount = money.Amount });
        db.PaymentEvents.Add(new PaymentEvent
        {
            TenantId = db.TenantId, At = clock.GetUtcNow().UtcDateTime, TransactionId = payment.Id, AttemptId = payment.AttemptId, IntentId = payment.IntentId,
            Kind = "proposed", Text = $"{user.Name} wants the provider to give {money} back: {why}; a second person has to agree", By = user.Name,
        });
        await db.SaveAsync(ct);
    }

    /// <summary>The second person agrees, and the order leaves.</summary>
    /// <returns>What the order came to so far.</returns>
    public async Task<RefundStatus> AgreeAsync(Guid paymentId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ApprovePayments);
        Refund refund;
        PaymentChannel channel;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            await using var turn = await db.TakeLedgerTurnAsync(ct);
            (var payment, channel) = await FindAsync(db, paymentId, ct);
            if (!payment.IsSecond(ProposedAct.SendBack, null, user.Name, payment.ProposedAmount) || payment.ProposedAmount is not { } amount)
            {
                throw new DomainException("payment.second", payment.Proposed is ProposedAct.SendBack
                    ? "You proposed it yourself; somebody else has to agree." : "Nobody has proposed to give it back by the provider, or it was withdrawn.");
            }

            if (await db.Refunds.AnyAsync(r => r.TransactionId == paymentId && (r.Status == RefundStatus.Sending || r.Status == RefundStatus.Accepted || r.Status == RefundStatus.Unknown || r.Status == RefundStatus.NeedsReview), ct))
            {
                throw new DomainException("refund.open", "An order for it is under way, and nobody knows its outcome yet. A second one could give the money back twice.");
            }

            refund = db.Refunds.Add(new Refund(payment, channel.Id, amount, payment.ProposedReason ?? "", payment.ProposedBy!, user.Name, turn.Now)).Entity;
            await RefundBooks.BeginAsync(db, turn, refund, payment, ct);
            db.Record("refund ordered", payment, new { refund.Reason, refund.WantedBy, Amount = amount.Amount });
            RefundBooks.Tell(db, turn, refund, "refund-ordered", $"{user.Name} agrees with {refund.WantedBy}; the provider is ordered to give {refund.Amount} back");
            await turn.CommitAsync(ct);
        }

        watchers.Tell(true, channel.TenantId);
        return await FinishSendingAsync(channel, refund, await SendAsync(channel, refund, ct));
    }

    /// <summary>A person found out, by the provider's portal or a statement, what came of an order that nobody knew of.</summary>
    /// <param name="reference">The provider's receipt of the money that went back, or why it is certain that none did.</param>
    public async Task DecideAsync(Guid refundId, bool wentBack, string reference, CancellationToken ct = default)
    {
        user.Demand(Permissions.ApprovePayments);
        var why = Reasons.Demand(reference);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var refund = await db.Refunds.SingleOrDefaultAsync(r => r.Id == refundId, ct) ?? throw new NotFoundException("Refund", refundId);
        if (refund.Status is not (RefundStatus.Unknown or RefundStatus.NeedsReview))
        {
            throw new DomainException("refund.state", $"The order is {refund.Status}; a person decides only what nobody knows.");
        }

        var channel = await db.PaymentChannels.AsNoTracking().SingleAsync(c => c.Id == refund.ChannelId, ct);
        await (wentBack
            ? RefundBooks.SucceedAsync(db, turn, channel, refund, why, $"found out by {user.Name}", ct)
            : RefundBooks.FailAsync(db, turn, refund, RefundStatus.Failed, "staff", $"{why} ({user.Name})", ct));
        db.Record(wentBack ? "refund settled" : "refund given up", refund, new { Reason = why });
        await turn.CommitAsync(ct);
        watchers.Tell(true, db.TenantId);
    }

    private async Task<PushOutcome> SendAsync(PaymentChannel channel, Refund refund, CancellationToken ct)
    {
        try
        {
            var cipher = await vault.OpenAsync(channel.TenantId, ct);
            var secret = cipher.Reveal(channel.CallbackSecretPlace(), channel.CallbackSecretCipher!);
            var address = ProviderResults.OrderAddress(refund);
            if (addresses.Of(channel, secret, CallbackKind.Result, address) is not { } result || addresses.Of(channel, secret, CallbackKind.Timeout, address) is not { } timeout)
            {
                return new PushOutcome.NotSent("This installation has no public address yet (Payments:PublicUrl), so a provider could not answer.");
            }

            return await gateways.For(channel.Kind).SendBackAsync(channel.Open(cipher), new RefundRequest(refund.Id, refund.OrderId, refund.Receipt, refund.Amount, refund.Reason, result, timeout), ct);
        }
        catch (DomainException incomplete)
        {
            return new PushOutcome.NotSent(incomplete.Message);
        }
        catch (Exception broken)
        {
            // Whatever it was, it may have left. The provider is asked.
            return new PushOutcome.Unknown(broken is OperationCanceledException ? "The order was broken off while it was under way." : broken.Message);
        }
    }

    private async Task<RefundStatus> FinishSendingAsync(PaymentChannel channel, Refund sent, PushOutcome outcome)
    {
        for (var again = 0; ; again++)
        {
            // It left: what came of it is written, whoever has gone.
            await using var db = await dbFactory.OpenAsync(CancellationToken.None);
            await using var turn = await db.TakeLedgerTurnAsync(CancellationToken.None);
            var refund = await db.Refunds.SingleAsync(r => r.Id == sent.Id, CancellationToken.None);
            switch (outcome)
            {
                case PushOutcome.Accepted accepted:
                    refund.Accepted(accepted.CheckoutRequestId);
                    RefundBooks.Tell(db, turn, refund, "accepted", "The provider took the order; its result comes later");
                    break;
                case PushOutcome.Rejected rejected:
                    await RefundBooks.FailAsync(db, turn, refund, RefundStatus.Rejected, rejected.Code, $"The provider refused the order: {rejected.Text}", CancellationToken.None);
                    break;
                case PushOutcome.NotSent notSent:
                    await RefundBooks.FailAsync(db, turn, refund, RefundStatus.Rejected, "not_sent", $"The order did not leave: {notSent.Reason}", CancellationToken.None);
                    break;
                case PushOutcome.Unknown unknown:
                    refund.Lose(turn.Now);
                    RefundBooks.Tell(db, turn, refund, "lost", $"Nobody knows whether the order arrived: {unknown.Reason}");
                    break;
                default:
                    throw new InvalidOperationException("No such outcome.");
            }

            try
            {
                await turn.CommitAsync(CancellationToken.None);
                watchers.Tell(refund.Status is RefundStatus.Rejected, channel.TenantId);
                return refund.Status;
            }
            catch (DbUpdateConcurrencyException) when (again < 5)
            {
                // The provider's message was faster than its answer: what it brought stands, and the answer is added to it.
            }
        }
    }

    private static async Task<(ProviderTransaction Payment, PaymentChannel Channel)> FindAsync(IDataDefenderDb db, Guid paymentId, CancellationToken ct)
    {
        var payment = await db.ProviderTransactions.SingleOrDefaultAsync(t => t.Id == paymentId, ct) ?? throw new NotFoundException("Payment", paymentId);
        var channel = payment.ChannelId is { } id ? await db.PaymentChannels.AsNoTracking().SingleAsync(c => c.Id == id, ct) : null;
        return channel is { CanAskStatus: true } && payment.Receipt is not null
            ? (payment, channel)
            : throw new DomainException("refund.channel", "Only M-Pesa money with a receipt is given back by the provider's interface, and its channel needs an initiator. Give it back by the portal, and note it here.");
    }
}
