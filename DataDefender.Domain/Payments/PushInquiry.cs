using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>Finds out what became of pushes whose outcome is open: by asking the provider, by its list, and in the end by a person.</summary>
public sealed class PushInquiry(IDataDefenderDbFactory dbFactory, IEnumerable<IMobileMoneyGateway> gateways, ISecretVault vault, IEnumerable<IMoneyWatcher> watchers, TimeProvider clock, CurrentUser user)
{
    /// <summary>How long after a push its absence from the provider's own books says that nothing came of it. Money that comes later still counts.</summary>
    private static readonly TimeSpan AbsenceCounts = TimeSpan.FromHours(24);

    /// <summary>How far the list of what came in must reach beyond the push.</summary>
    private static readonly TimeSpan ListReaches = TimeSpan.FromHours(12);

    /// <summary>
    /// Looks what became of one push whose outcome is open, and applies the answer. The look is written down before the provider is asked,
    /// and no connection to the database is held while it answers. False when somebody else was faster or there is nothing to find out.
    /// </summary>
    public async Task<bool> LookAsync(Guid attemptId, double jitter, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        if (await BeginLookAsync(attemptId, jitter, ct) is not var (channel, attempt))
        {
            return false;
        }

        if (attempt.Status is not AttemptStatus.NeedsReview && channel.Options.CanPull && IsOld(attempt) && channel.PulledUntil > attempt.CreatedAt + ListReaches && !attempt.HasClaim
            && attempt.CreatedAt > clock.GetUtcNow().UtcDateTime - PullFeed.Kept) // an older push may lie in a hole of the list
        {
            await SettleAsync(channel.Id, attempt, Absent(attempt, "The provider's list of what came in does not have it"), ct);
            return true;
        }

        if (!channel.Options.CanQuery || attempt.IsDisputed || attempt is { Status: AttemptStatus.NeedsReview, HasClaim: false })
        {
            return true;
        }

        var access = channel.Open(await vault.OpenAsync(channel.TenantId, ct));
        await AnswerAsync(channel.Id, attempt, await gateways.For(channel.Kind).QueryAsync(access, attempt, ct), ct);
        return true;
    }

    /// <summary>A person found out, by the provider's portal or its support, that nothing came of a push that nobody knew of.</summary>
    public async Task CameToNothingAsync(Guid attemptId, string reason, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        var why = Reasons.Demand(reason);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var attempt = await db.PaymentAttempts.SingleOrDefaultAsync(a => a.Id == attemptId, ct) ?? throw new NotFoundException("Push", attemptId);
        attempt.CameToNothing(why, turn.Now);
        db.PaymentEvents.Add(Happened(attempt, turn.Now, "failed", $"Nothing came of it, says {user.Name}: {why}"));
        foreach (var claim in await db.InboundMessages.Where(m => m.PushId == attempt.PushId && m.Status == InboundStatus.Claimed).ToListAsync(ct))
        {
            claim.Finish(InboundStatus.Rejected, $"It says paid; {user.Name} found out that nothing came: {why}", turn.Now);
        }

        if (!await db.PaymentAttempts.AnyAsync(a => a.IntentId == attempt.IntentId && a.Id != attemptId
            && (a.Status == AttemptStatus.Created || a.Status == AttemptStatus.Sending || a.Status == AttemptStatus.AwaitingCustomer || a.Status == AttemptStatus.Unknown || a.Status == AttemptStatus.NeedsReview), ct))
        {
            (await db.PaymentIntents.SingleAsync(i => i.Id == attempt.IntentId, ct)).AskAgain();
        }

        await turn.CommitAsync(ct);
    }

    private async Task<(PaymentChannel, PaymentAttempt)?> BeginLookAsync(Guid attemptId, double jitter, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var now = clock.GetUtcNow().UtcDateTime;
        if (await db.PaymentAttempts.SingleOrDefaultAsync(a => a.Id == attemptId, ct) is not { } attempt || attempt.NextLookAt is null || attempt.NextLookAt > now)
        {
            return null;
        }

        var before = attempt.Status;
        attempt.Look(now, jitter);
        if (attempt.Status != before)
        {
            db.PaymentEvents.Add(Happened(attempt, now, attempt.Status is AttemptStatus.NeedsReview ? "review" : "unknown", attempt.Status is AttemptStatus.NeedsReview
                ? "A week without a word of the provider: a person has to look" : "No word of the provider in time; the outcome is not known"));
        }

        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            return null; // a message came, or another process looks
        }

        return (await db.PaymentChannels.AsNoTracking().SingleAsync(c => c.Id == attempt.ChannelId, ct), attempt);
    }

    private async Task AnswerAsync(Guid channelId, PaymentAttempt asked, QueryOutcome outcome, CancellationToken ct)
    {
        switch (outcome)
        {
            case QueryOutcome.Known known:
                await SettleAsync(channelId, asked, known.Evidence with { PushId = asked.PushId }, ct);
                break;
            case QueryOutcome.Unheard unheard when IsOld(asked) && !asked.HasClaim:
                await SettleAsync(channelId, asked, Absent(asked, unheard.Text), ct);
                break;
            case QueryOutcome.Unheard unheard:
                await NoteAsync(asked, $"Asked: {unheard.Text}", ct);
                break;
            case QueryOutcome.Pending pending:
                await NoteAsync(asked, $"Asked: {pending.Text}", ct);
                break;
            case QueryOutcome.NoAnswer none:
                await NoteAsync(asked, $"Asked, without an answer: {none.Reason}", ct);
                break;
            default:
                throw new InvalidOperationException("No such outcome.");
        }
    }

    private bool IsOld(PaymentAttempt attempt) => attempt.CreatedAt + AbsenceCounts <= clock.GetUtcNow().UtcDateTime;

    private static PaymentEvidence Absent(PaymentAttempt attempt, string text) => new() { Source = EvidenceSource.Query, Paid = false, PushId = attempt.PushId, ResultCode = "absent", ResultText = text };

    /// <summary>The provider's own word, and with it the messages that had claimed the same. Its no against a receipt that a message names is not the last word.</summary>
    private async Task SettleAsync(Guid channelId, PaymentAttempt asked, PaymentEvidence answer, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var channel = await db.PaymentChannels.SingleAsync(c => c.Id == channelId, ct);
        var claims = await db.InboundMessages.Where(m => m.PushId == asked.PushId && m.Status == InboundStatus.Claimed).OrderBy(m => m.ReceivedAt).ToListAsync(ct);
        var gateway = gateways.For(channel.Kind);
        var read = claims.ConvertAll(m => (Message: m, IntakeReading.Read(gateway, m).Evidence));
        var batch = await IntakeBatch.OpenAsync(db, turn, channel, PaymentIntake.Part, [.. read.SelectMany(r => r.Evidence), answer], ct);
        if (answer.Paid is false && read.Exists(r => r.Evidence.Any(e => e.Receipt is not null)))
        {
            batch.Dispute(answer);
            await turn.CommitAsync(ct);
            return;
        }

        foreach (var (message, evidence) in read)
        {
            if (answer.Paid is true)
            {
                var results = new List<IntakeResult>();
                foreach (var piece in evidence)
                {
                    results.Add(await batch.ApplyAsync(piece, isTrusted: false, ct, isConfirmed: true));
                }

                message.Finish(IntakeReading.Status(results), $"Confirmed by asking. {IntakeReading.Summary(results)}", turn.Now);
            }
            else
            {
                message.Finish(InboundStatus.Rejected, $"It says paid; the provider says: {ResultCodes.Explain(answer.ResultCode, answer.ResultText)} ({answer.ResultCode}).", turn.Now);
            }
        }

        await batch.ApplyAsync(answer, isTrusted: true, ct);
        await batch.PostAsync(ct);
        await PaymentReceipts.WriteAsync(db, turn, ct);
        await turn.CommitAsync(ct);
        watchers.Tell(batch.MovedClients, channel.TenantId);
    }

    private async Task NoteAsync(PaymentAttempt attempt, string text, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        db.PaymentEvents.Add(Happened(attempt, clock.GetUtcNow().UtcDateTime, "asked", text));
        await db.SaveChangesAsync(ct);
    }

    private PaymentEvent Happened(PaymentAttempt attempt, DateTime at, string kind, string text) => new()
    {
        TenantId = attempt.TenantId, At = at, AttemptId = attempt.Id, IntentId = attempt.IntentId, Kind = kind, Text = text.Length > 500 ? text[..500] : text, By = user.Name,
    };
}
