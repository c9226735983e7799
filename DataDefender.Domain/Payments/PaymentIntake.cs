using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace DataDefender.Domain.Payments;

/// <summary>
/// Reads what providers sent and brings it into the books, many messages in one turn. Each ends applied, as an orphan, rejected, waiting
/// for our own question, or set aside; one that cannot be applied does not keep the others waiting.
/// </summary>
public sealed partial class PaymentIntake(
    IDataDefenderDbFactory dbFactory, IEnumerable<IMobileMoneyGateway> gateways, IEnumerable<IMoneyWatcher> watchers, TimeProvider clock, CurrentUser user, ILogger<PaymentIntake> log)
{
    internal const string Part = "payments";
    private const int MessagesAtOnce = 100;

    /// <summary>A fetched list can be long; what one question names is not.</summary>
    private const int EvidenceAtOnce = 200;

    /// <summary>Applies what waits, oldest first; returns how many messages it took.</summary>
    public async Task<int> ApplyWaitingAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        var waiting = await WaitingAsync(ct);
        foreach (var channel in waiting.GroupBy(m => m.ChannelId))
        {
            var ids = channel.Select(m => m.Id).ToList();
            if (ids is [var only])
            {
                await ApplyAloneAsync(channel.Key, only, ct);
                continue;
            }

            try
            {
                await ApplyAsync(channel.Key, ids, ct);
            }
            catch (Exception trouble) when (!ct.IsCancellationRequested)
            {
                NotTogether(log, ids.Count, channel.Key, trouble.Message);
                foreach (var id in ids)
                {
                    await ApplyAloneAsync(channel.Key, id, ct);
                }
            }
        }

        return waiting.Count;
    }

    /// <summary>Applies evidence of one channel in one turn, for whoever has some: a statement, a person, an answer.</summary>
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

        await IntakeReading.CloseClaimsAsync(db, turn, gateways.For(channel.Kind), results, ct);
        await batch.PostAsync(ct);
        await PaymentReceipts.WriteAsync(db, turn, ct);
        await turn.CommitAsync(ct);
        watchers.Tell(batch.MovedClients, channel.TenantId);
        return results;
    }

    private async Task<List<(Guid Id, Guid ChannelId)>> WaitingAsync(CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var now = clock.GetUtcNow().UtcDateTime;
        var waiting = await db.InboundMessages.Where(m => m.Status == InboundStatus.Received && (m.NotBefore == null || m.NotBefore <= now)).OrderBy(m => m.ReceivedAt).ThenBy(m => m.Id).Take(MessagesAtOnce)
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
            await RefusedAsync(channel, message, refused.Message, ct);
        }
        catch (Exception trouble) when (!ct.IsCancellationRequested)
        {
            NotApplied(log, message, trouble);
            await PostponeAsync(message, trouble, ct);
        }
    }

    private async Task ApplyAsync(Guid channelId, IReadOnlyList<Guid> messageIds, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var channel = await db.PaymentChannels.SingleAsync(c => c.Id == channelId, ct);
        var messages = await db.InboundMessages.Where(m => messageIds.Contains(m.Id) && m.Status == InboundStatus.Received).OrderBy(m => m.ReceivedAt).ThenBy(m => m.Id).ToListAsync(ct);
        var gateway = gateways.For(channel.Kind);
        var read = messages.Where(m => !ProviderResults.IsResult(m.Kind)).Select(m => (Message: m, Reading: IntakeReading.Read(gateway, m))).ToList();
        var results = read.ToDictionary(r => r.Message.Id, _ => new List<IntakeResult>());
        var moved = false;
        foreach (var chunk in read.SelectMany(r => r.Reading.Evidence.Select(e => (r.Message, Evidence: e))).Chunk(EvidenceAtOnce))
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

        await IntakeReading.CloseClaimsAsync(db, turn, gateway, [.. results.Values.SelectMany(r => r)], ct);
        foreach (var (message, reading) in read)
        {
            IntakeReading.Finish(message, reading.Faults, results[message.Id], turn.Now);
        }

        foreach (var message in messages.Where(m => ProviderResults.IsResult(m.Kind)))
        {
            moved |= await ProviderResults.ApplyAsync(db, turn, channel, gateway, message, ct);
        }

        await PaymentReceipts.WriteAsync(db, turn, ct);
        await turn.CommitAsync(ct);
        watchers.Tell(moved, channel.TenantId);
    }

    /// <summary>The books refuse what a message says. A fetched list holds many things: each of the others is taken all the same.</summary>
    private async Task RefusedAsync(Guid channelId, Guid messageId, string reason, CancellationToken ct)
    {
        InboundMessage message;
        PaymentChannel channel;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            message = await db.InboundMessages.AsNoTracking().SingleAsync(m => m.Id == messageId, ct);
            channel = await db.PaymentChannels.AsNoTracking().SingleAsync(c => c.Id == channelId, ct);
        }

        var reading = IntakeReading.Read(gateways.For(channel.Kind), message);
        if (message.Kind is not CallbackKind.Pull || reading.Evidence.Count < 2)
        {
            await EndAsync(messageId, m => m.Finish(InboundStatus.Rejected, reason, clock.GetUtcNow().UtcDateTime), ct);
            return;
        }

        var (results, faults) = (new List<IntakeResult>(), reading.Faults.ToList());
        foreach (var piece in reading.Evidence)
        {
            try
            {
                results.AddRange(await ApplyAsync(channelId, [piece], ct));
            }
            catch (DomainException refused)
            {
                faults.Add($"{piece.Receipt}: {refused.Message}");
            }
        }

        await EndAsync(messageId, m => IntakeReading.Finish(m, faults, results, clock.GetUtcNow().UtcDateTime), ct);
    }

    private Task PostponeAsync(Guid messageId, Exception trouble, CancellationToken ct) =>
        EndAsync(messageId, m => m.Postpone((trouble is DbUpdateException { InnerException: { } cause } ? cause : trouble).Message, clock.GetUtcNow().UtcDateTime), ct);

    private async Task EndAsync(Guid messageId, Action<InboundMessage> end, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        if (await db.InboundMessages.SingleOrDefaultAsync(m => m.Id == messageId && m.Status == InboundStatus.Received, ct) is { } waiting)
        {
            end(waiting);
            await db.SaveChangesAsync(ct);
        }
    }

    private static bool IsTrusted(PaymentChannel channel, InboundMessage message, PaymentEvidence evidence) =>
        message.IsTrusted && (channel.Options.ConfirmAbove == 0 || evidence.Amount is not { } amount || amount <= Money.Of(channel.Options.ConfirmAbove));

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} messages of channel {ChannelId} were not applied together, so each is applied alone: {Reason}")]
    private static partial void NotTogether(ILogger log, int count, Guid channelId, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {MessageId} of a provider was not applied; it is tried again and set aside in the end")]
    private static partial void NotApplied(ILogger log, Guid messageId, Exception trouble);
}

/// <summary>Whoever has to act when a client's money came or went: restoring lines, renewing from the wallet.</summary>
public interface IMoneyWatcher
{
    /// <summary>Called after the commit. It must return at once and may only set off work.</summary>
    void MoneyMoved(Guid tenantId);
}

internal static class MoneyWatchers
{
    public static void Tell(this IEnumerable<IMoneyWatcher> watchers, Guid tenantId) => watchers.Tell(moved: true, tenantId);

    public static void Tell(this IEnumerable<IMoneyWatcher> watchers, bool moved, Guid tenantId)
    {
        if (moved)
        {
            foreach (var watcher in watchers)
            {
                watcher.MoneyMoved(tenantId);
            }
        }
    }
}
