using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>
/// Reads what providers sent and brings it into the books, many messages in one turn. Each ends applied, as an orphan, rejected or waiting
/// for our own question; one that cannot be applied does not keep the others waiting.
/// </summary>
public sealed class PaymentIntake(IDataDefenderDbFactory dbFactory, IEnumerable<IMobileMoneyGateway> gateways, ISecretVault vault, IEnumerable<IMoneyWatcher> watchers, TimeProvider clock, CurrentUser user)
{
    private const string Part = "payments";
    private const int MessagesAtOnce = 100;

    /// <summary>A fetched list can be long; what one question names is not.</summary>
    private const int EvidenceAtOnce = 200;

    /// <summary>How long after a push its absence from the provider's own books says that nothing came of it. Money that comes later still counts.</summary>
    private static readonly TimeSpan AbsenceCounts = TimeSpan.FromHours(24);

    /// <summary>How far the list of what came in must reach beyond the push.</summary>
    private static readonly TimeSpan ListReaches = TimeSpan.FromHours(12);
    /// <summary>How far back a list is fetched; Safaricom keeps 48 hours.</summary>
    private static readonly TimeSpan ListKept = TimeSpan.FromHours(47);

    /// <summary>Applies what waits, oldest first; returns how many messages it took.</summary>
    public async Task<int> ApplyWaitingAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        var waiting = await WaitingAsync(ct);
        foreach (var channel in waiting.GroupBy(m => m.ChannelId))
        {
            var ids = channel.Select(m => m.Id).ToList();
            try
            {
                await ApplyAsync(channel.Key, ids, ct);
            }
            catch (Exception trouble) when (trouble is DomainException or DbUpdateException && ids.Count > 1)
            {
                foreach (var id in ids)
                {
                    await ApplyAloneAsync(channel.Key, id, ct);
                }
            }
            catch (DomainException refused)
            {
                await RejectAsync(ids[0], refused.Message, ct);
            }
        }

        return waiting.Count;
    }

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
            && attempt.CreatedAt > clock.GetUtcNow().UtcDateTime - ListKept) // an older push may lie in a hole of the list
        {
            await SettleAsync(channel.Id, attempt, Absent(attempt, "The provider's list of what came in does not have it"), ct);
            return true;
        }

        if (!channel.Options.CanQuery || attempt.Status is AttemptStatus.NeedsReview)
        {
            return true;
        }

        var access = channel.Open(await vault.OpenAsync(channel.TenantId, ct));
        await AnswerAsync(channel.Id, attempt, await gateways.For(channel.Kind).QueryAsync(access, attempt, ct), ct);
        return true;
    }

    /// <summary>Fetches what came in through a channel since the last time, stores it as it came, and lets it be applied.</summary>
    /// <returns>Why it could not be fetched; null when it was.</returns>
    public async Task<string?> PullAsync(Guid channelId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        PaymentChannel channel;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            channel = await db.PaymentChannels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == channelId, ct) ?? throw new NotFoundException("Payment channel", channelId);
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var longest = now - ListKept;
        var from = channel.PulledUntil is { } until && until.AddMinutes(-30) > longest ? until.AddMinutes(-30) : longest;
        var access = channel.Open(await vault.OpenAsync(channel.TenantId, ct));
        for (int? offset = 0; offset is { } at;)
        {
            switch (await gateways.For(channel.Kind).PullAsync(access, from, now, at, ct))
            {
                case PullOutcome.Page page:
                    await StorePageAsync(channel, page.Body, ct);
                    offset = page.More;
                    break;
                case PullOutcome.NoAnswer none:
                    return none.Reason;
                default:
                    throw new InvalidOperationException("No such outcome.");
            }
        }

        await using var done = await dbFactory.OpenAsync(ct);
        (await done.PaymentChannels.SingleAsync(c => c.Id == channelId, ct)).Pulled(now);
        await done.SaveAsync(ct);
        return null;
    }

    /// <summary>Applies evidence of one channel in one turn, for whoever has some: a statement, a person.</summary>
    internal async Task<IReadOnlyList<IntakeResult>> ApplyAsync(Guid channelId, IReadOnlyList<PaymentEvidence> evidence, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var channel = await db.PaymentChannels.SingleAsync(c => c.Id == channelId, ct);
        var batch = await IntakeBatch.OpenAsync(db, turn, channel, turn.By, evidence, ct);
        var results = new List<IntakeResult>(evidence.Count);
        foreach (var piece in evidence)
        {
            results.Add(await batch.ApplyAsync(piece, isTrusted: true, ct));
        }

        await CloseClaimsAsync(db, turn, gateways.For(channel.Kind), results, ct);
        await batch.PostAsync(ct);
        await PaymentReceipts.WriteAsync(db, turn, ct);
        await turn.CommitAsync(ct);
        Tell(batch.MovedClients, channel.TenantId);
        return results;
    }

    private async Task<List<(Guid Id, Guid ChannelId)>> WaitingAsync(CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var waiting = await db.InboundMessages.Where(m => m.Status == InboundStatus.Received).OrderBy(m => m.ReceivedAt).ThenBy(m => m.Id).Take(MessagesAtOnce)
            .Select(m => new { m.Id, m.ChannelId }).ToListAsync(ct);
        return waiting.ConvertAll(m => (m.Id, m.ChannelId));
    }

    private async Task ApplyAloneAsync(Guid channel, Guid message, CancellationToken ct)
    {
        try
        {
            await ApplyAsync(channel, [message], ct);
        }
        catch (DomainException refused)
        {
            await RejectAsync(message, refused.Message, ct);
        }
        catch (DbUpdateException) when (!ct.IsCancellationRequested)
        {
            // Another process applies it at this moment; the next round finds it done, or tries again.
        }
    }

    private async Task ApplyAsync(Guid channelId, IReadOnlyList<Guid> messageIds, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var channel = await db.PaymentChannels.SingleAsync(c => c.Id == channelId, ct);
        var messages = await db.InboundMessages.Where(m => messageIds.Contains(m.Id) && m.Status == InboundStatus.Received).OrderBy(m => m.ReceivedAt).ThenBy(m => m.Id).ToListAsync(ct);
        var gateway = gateways.For(channel.Kind);
        var read = messages.ConvertAll(m => (Message: m, Evidence: Read(gateway, m, out var fault), Fault: fault));
        var results = messages.ToDictionary(m => m.Id, _ => new List<IntakeResult>());
        var moved = false;
        foreach (var chunk in read.SelectMany(r => r.Evidence.Select(e => (r.Message, Evidence: e))).Chunk(EvidenceAtOnce))
        {
            var batch = await IntakeBatch.OpenAsync(db, turn, channel, Part, [.. chunk.Select(c => c.Evidence)], ct);
            foreach (var (message, evidence) in chunk)
            {
                results[message.Id].Add(await batch.ApplyAsync(evidence, IsTrusted(channel, message, evidence), ct));
            }

            await batch.PostAsync(ct);
            await db.SaveChangesAsync(ct); // the next piece reads what this one wrote
            moved |= batch.MovedClients;
        }

        await CloseClaimsAsync(db, turn, gateway, [.. results.Values.SelectMany(r => r)], ct);
        foreach (var (message, _, fault) in read)
        {
            message.Finish(fault is null ? Status(results[message.Id]) : InboundStatus.Rejected, fault ?? Summary(results[message.Id]), turn.Now);
        }

        await PaymentReceipts.WriteAsync(db, turn, ct);
        await turn.CommitAsync(ct);
        Tell(moved, channel.TenantId);
    }

    /// <summary>Claims of pushes whose money came by a better way meanwhile: they said the same, or they lied.</summary>
    private static async Task CloseClaimsAsync(IDataDefenderDb db, LedgerTurn turn, IMobileMoneyGateway gateway, IReadOnlyList<IntakeResult> results, CancellationToken ct)
    {
        var paid = results.Where(r => r.Attempt is { Status: AttemptStatus.Succeeded } && r.Transaction is not null).DistinctBy(r => r.Attempt!.PushId).ToDictionary(r => r.Attempt!.PushId, r => r.Transaction!);
        if (paid.Count == 0)
        {
            return;
        }

        var pushes = paid.Keys.ToList();
        foreach (var claim in await db.InboundMessages.Where(m => m.Status == InboundStatus.Claimed && m.PushId != null && pushes.Contains(m.PushId)).ToListAsync(ct))
        {
            var (said, came) = (Read(gateway, claim, out _).Select(e => e.Receipt).OfType<string>().FirstOrDefault(), paid[claim.PushId!].Receipt);
            var same = said is null || came is null || said == came;
            claim.Finish(same ? InboundStatus.Applied : InboundStatus.Rejected, same ? "The money came." : $"It names the receipt {said}, and the money of this push came under {came}.", turn.Now);
        }
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
                await NoteAsync(asked, "asked", $"Asked: {unheard.Text}", ct);
                break;
            case QueryOutcome.Pending pending:
                await NoteAsync(asked, "asked", $"Asked: {pending.Text}", ct);
                break;
            case QueryOutcome.NoAnswer none:
                await NoteAsync(asked, "asked", $"Asked, without an answer: {none.Reason}", ct);
                break;
            default:
                throw new InvalidOperationException("No such outcome.");
        }
    }

    private bool IsOld(PaymentAttempt attempt) => attempt.CreatedAt + AbsenceCounts <= clock.GetUtcNow().UtcDateTime;

    private static PaymentEvidence Absent(PaymentAttempt attempt, string text) => new() { Source = EvidenceSource.Query, Paid = false, PushId = attempt.PushId, ResultCode = "absent", ResultText = text };

    /// <summary>The provider's own word, and with it the messages that had claimed the same.</summary>
    private async Task SettleAsync(Guid channelId, PaymentAttempt asked, PaymentEvidence answer, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var channel = await db.PaymentChannels.SingleAsync(c => c.Id == channelId, ct);
        var claims = await db.InboundMessages.Where(m => m.PushId == asked.PushId && m.Status == InboundStatus.Claimed).OrderBy(m => m.ReceivedAt).ToListAsync(ct);
        var gateway = gateways.For(channel.Kind);
        var read = claims.ConvertAll(m => (Message: m, Evidence: Read(gateway, m, out _)));
        var batch = await IntakeBatch.OpenAsync(db, turn, channel, Part, [.. read.SelectMany(r => r.Evidence), answer], ct);
        foreach (var (message, evidence) in read)
        {
            if (answer.Paid is true)
            {
                var results = new List<IntakeResult>();
                foreach (var piece in evidence)
                {
                    results.Add(await batch.ApplyAsync(piece, isTrusted: false, ct, isConfirmed: true));
                }

                message.Finish(Status(results), $"Confirmed by asking. {Summary(results)}", turn.Now);
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
        Tell(batch.MovedClients, channel.TenantId);
    }

    private async Task NoteAsync(PaymentAttempt attempt, string kind, string text, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        db.PaymentEvents.Add(Happened(attempt, clock.GetUtcNow().UtcDateTime, kind, text));
        await db.SaveChangesAsync(ct);
    }

    private async Task StorePageAsync(PaymentChannel channel, byte[] body, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var hash = InboundMessage.HashOf(body);
        if (!await db.InboundMessages.AnyAsync(m => m.ChannelId == channel.Id && m.Kind == CallbackKind.Pull && m.Hash == hash, ct))
        {
            db.InboundMessages.Add(new InboundMessage(channel.TenantId, channel.Id, CallbackKind.Pull, body, null, "", "", isTrusted: true, clock.GetUtcNow().UtcDateTime));
            await db.SaveChangesAsync(ct);
        }
    }

    private async Task RejectAsync(Guid message, string reason, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        if (await db.InboundMessages.SingleOrDefaultAsync(m => m.Id == message && m.Status == InboundStatus.Received, ct) is { } waiting)
        {
            waiting.Finish(InboundStatus.Rejected, reason, clock.GetUtcNow().UtcDateTime);
            await db.SaveChangesAsync(ct);
        }
    }

    private void Tell(bool moved, Guid tenantId)
    {
        if (moved)
        {
            foreach (var watcher in watchers)
            {
                watcher.MoneyMoved(tenantId);
            }
        }
    }

    private static IReadOnlyList<PaymentEvidence> Read(IMobileMoneyGateway gateway, InboundMessage message, out string? fault)
    {
        fault = null;
        try
        {
            // A push has an address of its own: that says whose it is, whatever the text leaves out.
            return [.. gateway.Read(message.Kind, message.Body).Select(e => message.PushId is { } push ? e with { PushId = push } : e)];
        }
        catch (UnreadableMessageException unreadable)
        {
            fault = unreadable.Message;
            return [];
        }
    }

    private static bool IsTrusted(PaymentChannel channel, InboundMessage message, PaymentEvidence evidence) =>
        message.IsTrusted && (channel.Options.ConfirmAbove == 0 || evidence.Amount is not { } amount || amount <= Money.Of(channel.Options.ConfirmAbove));

    private static InboundStatus Status(List<IntakeResult> results) =>
        results.Exists(r => r.Status is InboundStatus.Claimed) ? InboundStatus.Claimed
        : results.Exists(r => r.Status is InboundStatus.Orphan) ? InboundStatus.Orphan
        : results.Count > 0 && results.TrueForAll(r => r.Status is InboundStatus.Rejected) ? InboundStatus.Rejected
        : InboundStatus.Applied;

    private static string Summary(List<IntakeResult> results) => results is [var only] ? only.Text
        : $"{results.Count} entries: {string.Join(", ", results.GroupBy(r => r.Status).Select(g => $"{g.Count()} {g.Key.ToString().ToLowerInvariant()}"))}.";

    private static PaymentEvent Happened(PaymentAttempt attempt, DateTime at, string kind, string text) => new()
    {
        TenantId = attempt.TenantId, At = at, AttemptId = attempt.Id, IntentId = attempt.IntentId, Kind = kind, Text = text.Length > 500 ? text[..500] : text, By = Part,
    };
}

/// <summary>Whoever has to act when a client's money came or went: restoring lines, renewing from the wallet.</summary>
public interface IMoneyWatcher
{
    /// <summary>Called after the commit. It must return at once and may only set off work.</summary>
    void MoneyMoved(Guid tenantId);
}
