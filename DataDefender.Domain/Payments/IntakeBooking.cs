using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;

namespace DataDefender.Domain.Payments;

/// <summary>Brings money that moved into the books: as a payment that is new, or as further knowledge of one that is there.</summary>
internal sealed class IntakeBooking(IDataDefenderDb db, LedgerTurn turn, PaymentChannel channel, IntakeRows rows, string by)
{
    private const string TestMoney = "The channel is not live, where no money moves: it is kept as a test and is in no books.";

    private readonly List<JournalPosting> _postings = [];

    /// <summary>Whether a client's money came or went, so that whoever collects should look.</summary>
    public bool MovedClients { get; private set; }

    /// <summary>Posts what was taken in. The turn's commit saves it.</summary>
    public async Task PostAsync(CancellationToken ct)
    {
        if (_postings.Count > 0)
        {
            await turn.PostAsync(_postings, ct);
        }
    }

    public async Task<IntakeResult> TakeInAsync(PaymentEvidence evidence, PaymentAttempt? attempt, bool trustsAmount, CancellationToken ct)
    {
        if (rows.ByReceipt(evidence.Receipt) is { } known)
        {
            return await AgainAsync(evidence, known, attempt, trustsAmount, ct);
        }

        attempt ??= rows.PushLike(evidence, turn.Now);
        var own = rows.Of(attempt);
        if (own is not null && (evidence.Receipt is null || own.Receipt is null))
        {
            return await AgainAsync(evidence, own, attempt, trustsAmount, ct);
        }

        if (own is null && attempt is not null && evidence.Receipt is null && rows.PaidLike(attempt) is { } loose)
        {
            return await AgainAsync(evidence, loose, attempt, trustsAmount, ct);
        }

        if (evidence.Amount is null && (attempt is null || own is not null))
        {
            return new IntakeResult(InboundStatus.Rejected, "It says that money moved, and neither how much nor for which push.");
        }

        // A second receipt for one push is money of its own: it is the same client's, and the push keeps its first.
        return await AddAsync(evidence, own is null ? attempt : null, attempt?.ClientId, trustsAmount, null, ct);
    }

    /// <summary>Money that does not fit where it came to. It is not dropped: it lies in suspense until a person has looked.</summary>
    public async Task<IntakeResult> KeepAsync(PaymentEvidence evidence, string because, CancellationToken ct) => rows.ByReceipt(evidence.Receipt) is { } known
        ? new IntakeResult(known.State is TransactionState.Orphan ? InboundStatus.Orphan : InboundStatus.Applied, $"{PaymentBooks.Name(known)} is in the books already. {because}", null, known)
        : await AddAsync(evidence, null, null, trustsAmount: true, because, ct);

    public void Tell(string kind, string text, PaymentAttempt? attempt, ProviderTransaction? payment = null) => db.PaymentEvents.Add(new PaymentEvent
    {
        TenantId = channel.TenantId, At = turn.Now, Kind = kind, Text = text.Length > 500 ? text[..500] : text, By = by,
        AttemptId = attempt?.Id ?? payment?.AttemptId, IntentId = attempt?.IntentId ?? payment?.IntentId, TransactionId = payment?.Id,
    });

    public static string Word(EvidenceSource source) => source switch
    {
        EvidenceSource.Callback => "told by the provider",
        EvidenceSource.Query => "asked",
        EvidenceSource.Pull => "fetched",
        EvidenceSource.Statement => "from a statement",
        EvidenceSource.Staff => "by a person",
        _ => throw new ArgumentOutOfRangeException(nameof(source)),
    };

    /// <summary>What is taken back reads what was put where: that must be in the database, within the turn.</summary>
    private async Task FlushAsync(CancellationToken ct)
    {
        await PostAsync(ct);
        _postings.Clear();
        await db.SaveChangesAsync(ct);
    }

    /// <summary>A payment that we have: it may learn its receipt, its push, or what had been assumed.</summary>
    private async Task<IntakeResult> AgainAsync(PaymentEvidence evidence, ProviderTransaction payment, PaymentAttempt? attempt, bool trustsAmount, CancellationToken ct)
    {
        if (payment.State is TransactionState.Test)
        {
            payment.Learn(evidence, turn.Now);
            rows.Know(payment);
            return new IntakeResult(InboundStatus.Applied, TestMoney, attempt, payment);
        }

        var hadReceipt = payment.Receipt is not null;
        if (attempt is not null && payment.AttemptId is null && payment.State is TransactionState.Orphan or TransactionState.Applied)
        {
            if (rows.Of(attempt) is { Receipt: null } assumed && assumed != payment && (assumed.GivenBack > Money.Zero || assumed.GoingBack > Money.Zero))
            {
                return new IntakeResult(InboundStatus.SetAside, $"It is the receipt of a push that was booked without one, as {PaymentBooks.Name(assumed)}, and {assumed.GivenBack + assumed.GoingBack} of that was given back meanwhile. A person has to look.", attempt, payment);
            }

            await JoinAsync(payment, attempt!, ct);
        }

        if (Differs(evidence, payment, trustsAmount) && (payment.State is not (TransactionState.Orphan or TransactionState.Applied) || payment.Remaining != payment.Amount))
        {
            // The books of money that was given back are closed for it: what the difference is, a person finds out.
            return new IntakeResult(InboundStatus.SetAside, $"It says that {evidence.Amount} moved; {payment.Amount} had been assumed of {PaymentBooks.Name(payment)}, which is {payment.State} with {payment.Remaining} left by now. A person has to look.", attempt, payment);
        }

        await CorrectAsync(evidence, payment, trustsAmount, ct);
        var wasHeld = payment.IsHeld;
        payment.Learn(evidence, turn.Now);
        rows.Know(payment);
        if (!hadReceipt && payment.Receipt is not null)
        {
            Tell("receipt", $"Receipt {payment.Receipt} ({Word(evidence.Source)})", attempt, payment);
        }

        if (wasHeld && !payment.IsHeld && payment.State is TransactionState.Orphan && rows.OwnerOf(evidence.AccountReference ?? payment.AccountReference) is { } owner)
        {
            await GiveAsync(payment, owner, $"Confirmed ({Word(evidence.Source)})", ct);
        }

        var differs = evidence.Amount is { } said && said != payment.Amount ? $" It says {said}, and {payment.Amount} is in the books: look at it." : "";
        return new IntakeResult(payment.State is TransactionState.Orphan ? InboundStatus.Orphan : InboundStatus.Applied, $"{PaymentBooks.Name(payment)} is in the books already.{differs}", attempt, payment);
    }

    /// <summary>A receipt that came by itself turns out to be that of a push.</summary>
    private async Task JoinAsync(ProviderTransaction payment, PaymentAttempt attempt, CancellationToken ct)
    {
        if (rows.Of(attempt) is { } assumed && assumed != payment)
        {
            if (assumed.Receipt is not null)
            {
                return; // the push has its own receipt: this one is other money
            }

            // The same money was booked twice, once by its push and once by its receipt: the first is taken back.
            await FlushAsync(ct);
            var left = assumed.Remaining;
            _postings.Add(await PaymentBooks.TakeBackAsync(db, turn, assumed, Place.Clearing(channel), left, "payment.merged", $"payment-merge:{assumed.Id}", $"{PaymentBooks.Name(assumed)} is {PaymentBooks.Name(payment)}", ct));
            assumed.Merge(by, $"The same money as {payment.Receipt}", turn.Now);
            rows.Intent(attempt.IntentId)?.Take(-left);
            MovedClients = true;
            await db.SaveChangesAsync(ct); // a push has one payment: the first leaves it before the other takes its place, in whatever order rows are written
        }

        payment.BelongToPush(attempt, amountAssumed: false);
        rows.Know(payment);
        Succeed(attempt, payment, payment.Amount);
        if (payment.State is TransactionState.Orphan)
        {
            await GiveAsync(payment, attempt.ClientId, "It belongs to a push of ours", ct);
        }
    }

    private static bool Differs(PaymentEvidence evidence, ProviderTransaction payment, bool trustsAmount) => payment.AmountAssumed && trustsAmount && evidence.Amount is { } said && said != payment.Amount;

    private async Task CorrectAsync(PaymentEvidence evidence, ProviderTransaction payment, bool trustsAmount, CancellationToken ct)
    {
        if (!Differs(evidence, payment, trustsAmount))
        {
            return;
        }

        await FlushAsync(ct);
        var said = evidence.Amount!.Value;
        var (more, place) = (said - payment.Amount, Place.Clearing(channel));
        _postings.Add(more > Money.Zero
            ? await PaymentBooks.MoreAsync(db, turn, payment, place, more, rows.OpenOf(payment.ClientId), ct)
            : await PaymentBooks.TakeBackAsync(db, turn, payment, place, -more, "payment.corrected", $"payment-correction:{payment.Id}", $"{PaymentBooks.Name(payment)}: {-more} less than assumed", ct));
        rows.Intent(payment.IntentId)?.Take(more);
        payment.Correct(said);
        MovedClients = true;
        Tell("corrected", $"{said} moved, {said - more} had been assumed", null, payment);
    }

    /// <param name="orphanBecause">Why it is nobody's whatever account it names; null where its account says whose it is.</param>
    private async Task<IntakeResult> AddAsync(PaymentEvidence evidence, PaymentAttempt? attempt, Guid? clientId, bool trustsAmount, string? orphanBecause, CancellationToken ct)
    {
        var assumed = evidence.Amount is null || (attempt is not null && evidence.Amount > attempt.Amount && !trustsAmount);
        var amount = assumed ? attempt!.Amount : evidence.Amount!.Value;
        var payment = new ProviderTransaction(channel.TenantId, channel.Method, channel.Id, evidence.Receipt, amount, evidence.Source, evidence.At ?? turn.Now, turn.Now);
        payment.Describe(await PaymentBooks.NumberAsync(db, turn, 1, ct), evidence.Msisdn, evidence.PayerName, evidence.AccountReference);
        if (attempt is not null)
        {
            payment.BelongToPush(attempt, assumed);
        }

        payment.Learn(evidence with { Amount = assumed ? null : evidence.Amount }, turn.Now);
        db.ProviderTransactions.Add(payment);
        rows.Know(payment);
        if (attempt is null)
        {
            rows.KnowLoose(payment);
        }
        else
        {
            Succeed(attempt, payment, amount);
        }

        if (!channel.IsLive)
        {
            payment.BeTest(by, turn.Now);
            Tell("test", $"{amount} in a test{(evidence.Receipt is { } tried ? $", receipt {tried}" : "")} ({Word(evidence.Source)}); it is in no books", attempt, payment);
            return new IntakeResult(InboundStatus.Applied, TestMoney, attempt, payment);
        }

        // Large money of which nobody but a message speaks waits for the provider's own word.
        if (attempt is null && orphanBecause is null && evidence.Source is EvidenceSource.Callback && channel.HoldsUntilConfirmed(amount))
        {
            payment.Hold(turn.Now);
            orphanBecause = $"it is large, and counts when {(channel.CanAskStatus ? "the provider's answer" : "the provider's list of what came in")} confirms it.";
        }

        if (orphanBecause is null && (clientId ?? rows.OwnerOf(evidence.AccountReference)) is { } client)
        {
            payment.ApplyTo(client, by, null, turn.Now);
            _postings.Add(await PaymentBooks.ToClientAsync(db, turn, payment, Place.Clearing(channel), rows.OpenOf(client), ct));
            MovedClients = true;
            Tell("paid", $"{amount} received{(evidence.Receipt is { } receipt ? $", receipt {receipt}" : "")} ({Word(evidence.Source)})", attempt, payment);
            return new IntakeResult(InboundStatus.Applied, $"{amount} received.", attempt, payment);
        }

        _postings.Add(PaymentBooks.ToSuspense(turn, payment, Place.Clearing(channel)));
        Tell("orphan", $"{amount} received; {orphanBecause ?? $"nobody has the account “{evidence.AccountReference}”"} ({Word(evidence.Source)})", attempt, payment);
        return new IntakeResult(InboundStatus.Orphan, $"{amount} received; {orphanBecause ?? "its owner is not known."}", attempt, payment);
    }

    private void Succeed(PaymentAttempt attempt, ProviderTransaction payment, Money amount)
    {
        attempt.Succeed(turn.Now);
        if (attempt.WasOverturned)
        {
            Tell("overturned", "It had been called failed; the money came all the same", attempt, payment);
        }

        rows.Intent(attempt.IntentId)?.Take(amount);
    }

    private async Task GiveAsync(ProviderTransaction payment, Guid client, string note, CancellationToken ct)
    {
        payment.ApplyTo(client, by, note, turn.Now);
        _postings.Add(await PaymentBooks.FromSuspenseAsync(db, turn, payment, payment.Remaining, PaymentBooks.MatchKey(payment), rows.OpenOf(client), ct));
        MovedClients = true;
        Tell("matched", note, null, payment);
    }
}
