using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;

namespace DataDefender.Domain.Payments;

/// <summary>What one piece of evidence came to.</summary>
internal sealed record IntakeResult(InboundStatus Status, string Text, PaymentAttempt? Attempt = null, ProviderTransaction? Transaction = null);

/// <summary>
/// Evidence about one channel's money, brought into the books in one turn. All rows that it can concern are read in a few questions at the
/// start; what the evidence says is then done in memory, and posted and saved at once. Applying the same evidence again changes nothing.
/// </summary>
internal sealed class IntakeBatch
{
    private readonly LedgerTurn _turn;
    private readonly PaymentChannel _channel;
    private readonly IntakeRows _rows;
    private readonly IntakeBooking _booking;

    private IntakeBatch(LedgerTurn turn, PaymentChannel channel, IntakeRows rows, IntakeBooking booking) => (_turn, _channel, _rows, _booking) = (turn, channel, rows, booking);

    /// <summary>Whether a client's money came or went, so that whoever collects should look.</summary>
    public bool MovedClients => _booking.MovedClients;

    public static async Task<IntakeBatch> OpenAsync(IDataDefenderDb db, LedgerTurn turn, PaymentChannel channel, string by, IReadOnlyCollection<PaymentEvidence> evidence, CancellationToken ct)
    {
        var rows = await IntakeRows.LoadAsync(db, turn, channel, evidence, ct);
        return new IntakeBatch(turn, channel, rows, new IntakeBooking(db, turn, channel, rows, by));
    }

    /// <param name="isTrusted">False: a success of a push is a claim, to be asked for, where the provider can be asked.</param>
    /// <param name="isConfirmed">A claim that the provider has confirmed since. Its receipt is still only said.</param>
    public async Task<IntakeResult> ApplyAsync(PaymentEvidence evidence, bool isTrusted, CancellationToken ct, bool isConfirmed = false)
    {
        var attempt = _rows.AttemptOf(evidence);
        if (Misfit(evidence, attempt) is { } misfit)
        {
            return evidence is { Paid: true, Receipt: not null, Amount: not null } ? await _booking.KeepAsync(evidence, misfit, ct) : new IntakeResult(InboundStatus.Rejected, misfit, attempt);
        }

        attempt?.Learn(evidence);
        return evidence.Paid switch
        {
            null => Open(evidence, attempt),
            false => Fail(evidence, attempt),
            true when attempt is not null && !isTrusted && !isConfirmed && MustBeConfirmed(evidence, attempt) => Claim(attempt),
            true when attempt is not null && !isTrusted && evidence.Receipt is { } receipt && _rows.Of(attempt) is { Receipt: { } first } && first != receipt =>
                new IntakeResult(InboundStatus.Rejected, $"It names the receipt {receipt}, and the money of this push came under {first}.", attempt),
            true => await _booking.TakeInAsync(evidence, attempt, isTrusted || evidence.Source is not EvidenceSource.Callback, ct),
        };
    }

    /// <summary>The provider says that nothing came of a push, and a message with a receipt says the opposite: neither is believed.</summary>
    public void Dispute(PaymentEvidence answer)
    {
        if (_rows.AttemptOf(answer) is { } attempt && attempt.Dispute())
        {
            _booking.Tell("review", $"Asked: {ResultCodes.Explain(answer.ResultCode, answer.ResultText)}. But a message says paid and names a receipt: a person has to look", attempt);
        }
    }

    /// <summary>Posts what was taken in. The turn's commit saves it.</summary>
    public Task PostAsync(CancellationToken ct) => _booking.PostAsync(ct);

    /// <summary>Why it cannot be what it came as; null when it can.</summary>
    private string? Misfit(PaymentEvidence evidence, PaymentAttempt? attempt) =>
        evidence.ShortCode is { } shortCode && shortCode != _channel.ShortCode && shortCode != _channel.TillNumber
            ? $"It names the short code {shortCode}, and this channel is {_channel.PayTo}."
        : attempt is null && evidence is { IsAboutPush: true, Receipt: null }
            ? $"It is about push {evidence.PushId ?? evidence.CheckoutRequestId}, which is none of this channel's."
        : attempt is { CheckoutRequestId: { } known } && evidence.CheckoutRequestId is { } said && known != said
            ? $"It came for push {attempt.PushId} and names the request {said}, which is another's."
        : null;

    /// <summary>Whether we ask the provider before we believe it.</summary>
    private bool MustBeConfirmed(PaymentEvidence evidence, PaymentAttempt attempt) =>
        evidence.Source is EvidenceSource.Callback && _channel.Options.CanQuery && attempt.Status is not (AttemptStatus.Succeeded or AttemptStatus.Reversed)
        && (_channel.Kind is ChannelKind.FamilyBank || attempt.CheckoutRequestId is not null);

    private IntakeResult Open(PaymentEvidence evidence, PaymentAttempt? attempt)
    {
        if (attempt is null)
        {
            return new IntakeResult(InboundStatus.Rejected, $"It says neither paid nor failed (code {evidence.ResultCode ?? "none"}) of something that is not ours.");
        }

        attempt.Lose(_turn.Now);
        _booking.Tell("open", $"The provider said {evidence.ResultCode} ({evidence.ResultText ?? "no words"}), which is neither paid nor failed; it is asked again", attempt);
        return new IntakeResult(InboundStatus.Applied, $"Code {evidence.ResultCode} says neither paid nor failed; the provider is asked.", attempt);
    }

    private IntakeResult Fail(PaymentEvidence evidence, PaymentAttempt? attempt)
    {
        if (attempt is null)
        {
            return new IntakeResult(InboundStatus.Rejected, "It says that a push failed which is none of ours.");
        }

        var before = attempt.Status;
        attempt.Fail(evidence.ResultCode ?? "unknown", evidence.ResultText, _turn.Now);
        if (attempt.Status != before)
        {
            _booking.Tell("failed", $"{ResultCodes.Explain(evidence.ResultCode, evidence.ResultText)} ({IntakeBooking.Word(evidence.Source)})", attempt);
            if (!_rows.MayStillBePaid(attempt.IntentId))
            {
                _rows.Intent(attempt.IntentId)?.AskAgain();
            }
        }

        return new IntakeResult(InboundStatus.Applied, attempt.Status is AttemptStatus.Succeeded or AttemptStatus.Reversed ? "The money had come; a failure said after it changes nothing." : ResultCodes.Explain(evidence.ResultCode, evidence.ResultText), attempt);
    }

    private IntakeResult Claim(PaymentAttempt attempt)
    {
        if (!attempt.HasClaim)
        {
            attempt.Claim(_turn.Now);
            _booking.Tell("claimed", "Paid, says a message that anybody could have sent; the provider is asked", attempt);
        }

        return new IntakeResult(InboundStatus.Claimed, "It says paid; the provider is asked before it counts.", attempt);
    }
}
