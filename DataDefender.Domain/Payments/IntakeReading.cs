using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>What stored messages say, and how they end.</summary>
internal static class IntakeReading
{
    private const int FaultsShown = 3;

    public static MessageReading Read(IMobileMoneyGateway gateway, InboundMessage message)
    {
        try
        {
            // A push has an address of its own: that says whose it is, whatever the text leaves out.
            var reading = gateway.Read(message.Kind, message.Body);
            return message.PushId is { } push ? reading with { Evidence = [.. reading.Evidence.Select(e => e with { PushId = push })] } : reading;
        }
        catch (UnreadableMessageException unreadable)
        {
            return new MessageReading([], [unreadable.Message]);
        }
    }

    /// <summary>What could not be read is said beside what became of the rest, and the message stays among those that people look at.</summary>
    public static void Finish(InboundMessage message, IReadOnlyList<string> faults, List<IntakeResult> results, DateTime now)
    {
        if (faults.Count == 0)
        {
            message.Finish(Status(results), Summary(results), now);
            return;
        }

        var said = string.Join(" ", faults.Take(FaultsShown)) + (faults.Count > FaultsShown ? $" And {faults.Count - FaultsShown} more." : "");
        message.Finish(InboundStatus.Rejected, results.Count == 0 ? said : $"{said} The rest: {Summary(results)}", now);
    }

    public static InboundStatus Status(List<IntakeResult> results) =>
        results.Exists(r => r.Status is InboundStatus.Claimed) ? InboundStatus.Claimed
        : results.Exists(r => r.Status is InboundStatus.SetAside) ? InboundStatus.SetAside
        : results.Exists(r => r.Status is InboundStatus.Orphan) ? InboundStatus.Orphan
        : results.Count > 0 && results.TrueForAll(r => r.Status is InboundStatus.Rejected) ? InboundStatus.Rejected
        : InboundStatus.Applied;

    public static string Summary(List<IntakeResult> results) => results is [var only] ? only.Text
        : $"{results.Count} entries: {string.Join(", ", results.GroupBy(r => r.Status).Select(g => $"{g.Count()} {g.Key.ToString().ToLowerInvariant()}"))}."
            + (results.Find(r => r.Status is InboundStatus.SetAside) is { } odd ? $" {odd.Text}" : "");

    /// <summary>Claims of pushes whose money came by a better way meanwhile: they said the same, or they lied.</summary>
    public static async Task CloseClaimsAsync(IDataDefenderDb db, LedgerTurn turn, IMobileMoneyGateway gateway, IReadOnlyList<IntakeResult> results, CancellationToken ct)
    {
        var paid = results.Where(r => r.Attempt is { Status: AttemptStatus.Succeeded } && r.Transaction is not null).DistinctBy(r => r.Attempt!.PushId).ToDictionary(r => r.Attempt!.PushId, r => r.Transaction!);
        if (paid.Count == 0)
        {
            return;
        }

        var pushes = paid.Keys.ToList();
        foreach (var claim in await db.InboundMessages.Where(m => m.Status == InboundStatus.Claimed && m.PushId != null && pushes.Contains(m.PushId)).ToListAsync(ct))
        {
            var (said, came) = (Read(gateway, claim).Evidence.Select(e => e.Receipt).OfType<string>().FirstOrDefault(), paid[claim.PushId!].Receipt);
            var same = said is null || came is null || said == came;
            claim.Finish(same ? InboundStatus.Applied : InboundStatus.Rejected, same ? "The money came." : $"It names the receipt {said}, and the money of this push came under {came}.", turn.Now);
        }
    }
}
