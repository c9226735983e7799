using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>What one piece of evidence came to.</summary>
internal sealed record IntakeResult(InboundStatus Status, string Text, PaymentAttempt? Attempt = null, ProviderTransaction? Transaction = null);

/// <summary>
/// Evidence about one channel's money, brought into the books in one turn. All rows that it can concern are read in a few questions at the
/// start; what the evidence says is then done in memory, and posted and saved at once. Applying the same evidence again changes nothing.
/// </summary>
internal sealed class IntakeBatch
{
    // A push's prompt lives for a minute and a half; the provider's clock and ours differ a little.
    private static readonly TimeSpan BeforePush = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AfterPush = TimeSpan.FromMinutes(10);

    private readonly IDataDefenderDb _db;
    private readonly LedgerTurn _turn;
    private readonly PaymentChannel _channel;
    private readonly string _by;
    private readonly Dictionary<string, PaymentAttempt> _byPush = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PaymentAttempt> _byCheckout = new(StringComparer.Ordinal);
    private readonly List<PaymentAttempt> _attempts = [];
    private readonly Dictionary<Guid, PaymentIntent> _intents = [];
    private readonly Dictionary<string, ProviderTransaction> _byReceipt = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, ProviderTransaction> _byAttempt = [];
    private readonly Dictionary<string, Guid> _byAccount = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, List<Invoice>> _open = [];
    private readonly Dictionary<Guid, Guid> _payerOf = [];
    private readonly List<ProviderTransaction> _loose = [];
    private readonly List<JournalPosting> _postings = [];

    private IntakeBatch(IDataDefenderDb db, LedgerTurn turn, PaymentChannel channel, string by) => (_db, _turn, _channel, _by) = (db, turn, channel, by);

    /// <summary>Whether a client's money came or went, so that whoever collects should look.</summary>
    public bool MovedClients { get; private set; }

    public static async Task<IntakeBatch> OpenAsync(IDataDefenderDb db, LedgerTurn turn, PaymentChannel channel, string by, IReadOnlyCollection<PaymentEvidence> evidence, CancellationToken ct)
    {
        var batch = new IntakeBatch(db, turn, channel, by);
        await batch.LoadAsync(evidence, ct);
        return batch;
    }

    /// <param name="isTrusted">False: a success of a push is a claim, to be asked for, where the provider can be asked.</param>
    /// <param name="isConfirmed">A claim that the provider has confirmed since. Its receipt is still only said.</param>
    public async Task<IntakeResult> ApplyAsync(PaymentEvidence evidence, bool isTrusted, CancellationToken ct, bool isConfirmed = false)
    {
        if (evidence.ShortCode is { } shortCode && shortCode != _channel.ShortCode && shortCode != _channel.TillNumber)
        {
            return new IntakeResult(InboundStatus.Rejected, $"It names the short code {shortCode}, and this channel is {_channel.PayTo}.");
        }

        var attempt = AttemptOf(evidence);
        if (attempt is null && evidence.IsAboutPush && evidence.Receipt is null)
        {
            return new IntakeResult(InboundStatus.Rejected, $"It is about push {evidence.PushId ?? evidence.CheckoutRequestId}, which is none of this channel's.");
        }

        if (attempt is { CheckoutRequestId: { } known } && evidence.CheckoutRequestId is { } said && known != said)
        {
            return new IntakeResult(InboundStatus.Rejected, $"It came for push {attempt.PushId} and names the request {said}, which is another's.", attempt);
        }

        attempt?.Learn(evidence);
        return evidence.Paid switch
        {
            null => Open(evidence, attempt),
            false => Fail(evidence, attempt),
            true when attempt is not null && !isTrusted && !isConfirmed && MustBeConfirmed(evidence, attempt) => Claim(attempt),
            true when attempt is not null && !isTrusted && evidence.Receipt is { } receipt && _byAttempt.GetValueOrDefault(attempt.Id) is { Receipt: { } first } && first != receipt =>
                new IntakeResult(InboundStatus.Rejected, $"It names the receipt {receipt}, and the money of this push came under {first}.", attempt),
            true => await TakeInAsync(evidence, attempt, isTrusted || evidence.Source is not EvidenceSource.Callback, ct),
        };
    }

    /// <summary>Posts what was taken in. The turn's commit saves it.</summary>
    public async Task PostAsync(CancellationToken ct)
    {
        if (_postings.Count > 0)
        {
            await _turn.PostAsync(_postings, ct);
        }
    }

    /// <summary>What is taken back reads what was put where: that must be in the database, within the turn.</summary>
    private async Task FlushAsync(CancellationToken ct)
    {
        await PostAsync(ct);
        _postings.Clear();
        await _db.SaveChangesAsync(ct);
    }

    private async Task LoadAsync(IReadOnlyCollection<PaymentEvidence> evidence, CancellationToken ct)
    {
        var pushes = Distinct(evidence.Select(e => e.PushId));
        var checkouts = Distinct(evidence.Select(e => e.CheckoutRequestId));
        var receipts = Distinct(evidence.Where(e => e.Paid is true).Select(e => e.Receipt));
        var accounts = Distinct(evidence.Where(e => e.Paid is true).Select(e => e.AccountReference).Concat(evidence.Select(e => Account(e.AccountReference))));
        var phones = Distinct(evidence.Where(e => e is { Paid: true, IsAboutPush: false }).Select(e => e.Msisdn));
        var since = _turn.Now.AddDays(-4);
        _attempts.AddRange(await _db.PaymentAttempts
            .Where(a => a.ChannelId == _channel.Id
                && (pushes.Contains(a.PushId)
                    || (a.CheckoutRequestId != null && checkouts.Contains(a.CheckoutRequestId))
                    || (a.CreatedAt >= since && (accounts.Contains(a.AccountReference) || phones.Contains(a.Msisdn)))))
            .ToListAsync(ct));
        foreach (var attempt in _attempts)
        {
            _byPush[attempt.PushId] = attempt;
            if (attempt.CheckoutRequestId is { } checkout)
            {
                _byCheckout[checkout] = attempt;
            }
        }

        var (intents, ids) = (_attempts.Select(a => a.IntentId).Distinct().ToList(), _attempts.ConvertAll(a => a.Id));
        foreach (var intent in await _db.PaymentIntents.Where(i => intents.Contains(i.Id)).ToListAsync(ct))
        {
            _intents[intent.Id] = intent;
        }

        foreach (var payment in await _db.ProviderTransactions
            .Where(t => (t.Method == _channel.Method && t.Receipt != null && receipts.Contains(t.Receipt)) || (t.AttemptId != null && ids.Contains(t.AttemptId.Value))).ToListAsync(ct))
        {
            Know(payment);
        }

        if (evidence.Any(e => e is { Paid: true, Receipt: null }))
        {
            var (amounts, references) = (_attempts.Select(a => a.Amount.Minor).Distinct().ToList(), Distinct(_attempts.Select(a => a.AccountReference)));
            var msisdns = Distinct(_attempts.Select(a => a.Msisdn));
            _loose.AddRange(await _db.ProviderTransactions.Where(t => t.ChannelId == _channel.Id && t.AttemptId == null && t.RecordedAt >= since && amounts.Contains(t.Amount.Minor)
                && (t.State == TransactionState.Orphan || t.State == TransactionState.Applied)
                && ((t.AccountReference != null && references.Contains(t.AccountReference)) || (t.PayerMsisdn != null && msisdns.Contains(t.PayerMsisdn)))).ToListAsync(ct));
        }

        foreach (var client in await _db.Clients.Where(c => accounts.Contains(c.AccountNumber)).Select(c => new { c.Id, c.AccountNumber }).ToListAsync(ct))
        {
            _byAccount[client.AccountNumber] = client.Id;
        }

        var clients = _byAccount.Values.Concat(_attempts.Select(a => a.ClientId)).Distinct().ToList();
        foreach (var profile in await _db.BillingProfiles.AsNoTracking().Where(p => p.ParentId != null && clients.Contains(p.ClientId)).ToListAsync(ct))
        {
            _payerOf[profile.ClientId] = profile.ParentId!.Value;
        }

        var payers = clients.Concat(_payerOf.Values).Distinct().ToList();
        foreach (var invoices in (await Receivables.Open(_db.Invoices.Include(i => i.Lines).Where(i => payers.Contains(i.ClientId))).ToListAsync(ct)).GroupBy(i => i.ClientId))
        {
            _open[invoices.Key] = [.. invoices];
        }
    }

    private PaymentAttempt? AttemptOf(PaymentEvidence evidence) =>
        evidence.PushId is { } push && _byPush.TryGetValue(push, out var byPush) ? byPush
        : evidence.CheckoutRequestId is { } checkout && _byCheckout.TryGetValue(checkout, out var byCheckout) ? byCheckout
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
        Tell("open", $"The provider said {evidence.ResultCode} ({evidence.ResultText ?? "no words"}), which is neither paid nor failed; it is asked again", attempt);
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
            Tell("failed", $"{ResultCodes.Explain(evidence.ResultCode, evidence.ResultText)} ({Word(evidence.Source)})", attempt);
            if (_attempts.TrueForAll(a => a.IntentId != attempt.IntentId || !a.MayStillBePaid) && _intents.TryGetValue(attempt.IntentId, out var intent))
            {
                intent.AskAgain();
            }
        }

        return new IntakeResult(InboundStatus.Applied, attempt.Status is AttemptStatus.Succeeded or AttemptStatus.Reversed ? "The money had come; a failure said after it changes nothing." : ResultCodes.Explain(evidence.ResultCode, evidence.ResultText), attempt);
    }

    private IntakeResult Claim(PaymentAttempt attempt)
    {
        if (!attempt.HasClaim)
        {
            attempt.Claim(_turn.Now);
            Tell("claimed", "Paid, says a message that anybody could have sent; the provider is asked", attempt);
        }

        return new IntakeResult(InboundStatus.Claimed, "It says paid; the provider is asked before it counts.", attempt);
    }

    private async Task<IntakeResult> TakeInAsync(PaymentEvidence evidence, PaymentAttempt? attempt, bool trustsAmount, CancellationToken ct)
    {
        var known = evidence.Receipt is { } receipt ? _byReceipt.GetValueOrDefault(receipt) : null;
        if (known is not null)
        {
            return await AgainAsync(evidence, known, attempt, trustsAmount, ct);
        }

        attempt ??= PushLike(evidence);
        var own = attempt is null ? null : _byAttempt.GetValueOrDefault(attempt.Id);
        if (own is not null && (evidence.Receipt is null || own.Receipt is null))
        {
            return await AgainAsync(evidence, own, attempt, trustsAmount, ct);
        }

        if (own is null && attempt is not null && evidence.Receipt is null && PaidLike(attempt) is { } loose)
        {
            return await AgainAsync(evidence, loose, attempt, trustsAmount, ct);
        }

        if (evidence.Amount is null && (attempt is null || own is not null))
        {
            return new IntakeResult(InboundStatus.Rejected, "It says that money moved, and neither how much nor for which push.");
        }

        // A second receipt for one push is money of its own: it is the same client's, and the push keeps its first.
        return await AddAsync(evidence, own is null ? attempt : null, attempt?.ClientId, trustsAmount, ct);
    }

    /// <summary>A payment that we have: it may learn its receipt, its push, or what had been assumed.</summary>
    private async Task<IntakeResult> AgainAsync(PaymentEvidence evidence, ProviderTransaction payment, PaymentAttempt? attempt, bool trustsAmount, CancellationToken ct)
    {
        var hadReceipt = payment.Receipt is not null;
        if (attempt is not null && payment.AttemptId is null && payment.State is TransactionState.Orphan or TransactionState.Applied)
        {
            await JoinAsync(payment, attempt!, ct);
        }

        await CorrectAsync(evidence, payment, trustsAmount, ct);
        payment.Learn(evidence, _turn.Now);
        Know(payment);
        if (!hadReceipt && payment.Receipt is not null)
        {
            Tell("receipt", $"Receipt {payment.Receipt} ({Word(evidence.Source)})", attempt, payment);
        }

        var differs = evidence.Amount is { } said && said != payment.Amount ? $" It says {said}, and {payment.Amount} is in the books: look at it." : "";
        return new IntakeResult(payment.State is TransactionState.Orphan ? InboundStatus.Orphan : InboundStatus.Applied, $"{PaymentBooks.Name(payment)} is in the books already.{differs}", attempt, payment);
    }

    /// <summary>A receipt that came by itself turns out to be that of a push.</summary>
    private async Task JoinAsync(ProviderTransaction payment, PaymentAttempt attempt, CancellationToken ct)
    {
        if (_byAttempt.TryGetValue(attempt.Id, out var assumed) && assumed != payment)
        {
            if (assumed.Receipt is not null)
            {
                return; // the push has its own receipt: this one is other money
            }

            // The same money was booked twice, once by its push and once by its receipt: the first is taken back.
            await FlushAsync(ct);
            _postings.Add(await PaymentBooks.TakeBackAsync(_db, _turn, assumed, Place.Clearing(_channel), assumed.Amount, "payment.merged", $"payment-merge:{assumed.Id}", $"{PaymentBooks.Name(assumed)} is {PaymentBooks.Name(payment)}", ct));
            assumed.Merge(_by, $"The same money as {payment.Receipt}", _turn.Now);
            if (_intents.TryGetValue(attempt.IntentId, out var intent))
            {
                intent.Take(-assumed.Amount);
            }

            MovedClients = true;
        }

        payment.BelongToPush(attempt, amountAssumed: false);
        _byAttempt[attempt.Id] = payment;
        await SucceedAsync(attempt, payment, payment.Amount, ct);
        if (payment.State is TransactionState.Orphan)
        {
            await GiveAsync(payment, attempt.ClientId, "It belongs to a push of ours", ct);
        }
    }

    private async Task CorrectAsync(PaymentEvidence evidence, ProviderTransaction payment, bool trustsAmount, CancellationToken ct)
    {
        if (!payment.AmountAssumed || evidence.Amount is not { } said || said == payment.Amount || !trustsAmount)
        {
            return;
        }

        await FlushAsync(ct);
        var (more, place) = (said - payment.Amount, Place.Clearing(_channel));
        _postings.Add(more > Money.Zero
            ? await PaymentBooks.MoreAsync(_db, _turn, payment, place, more, OpenOf(payment.ClientId), ct)
            : await PaymentBooks.TakeBackAsync(_db, _turn, payment, place, -more, "payment.corrected", $"payment-correction:{payment.Id}", $"{PaymentBooks.Name(payment)}: {-more} less than assumed", ct));
        if (payment.IntentId is { } id && _intents.TryGetValue(id, out var intent))
        {
            intent.Take(more);
        }

        payment.Correct(said);
        MovedClients = true;
        Tell("corrected", $"{said} moved, {said - more} had been assumed", null, payment);
    }

    private async Task<IntakeResult> AddAsync(PaymentEvidence evidence, PaymentAttempt? attempt, Guid? clientId, bool trustsAmount, CancellationToken ct)
    {
        var assumed = evidence.Amount is null || (attempt is not null && evidence.Amount > attempt.Amount && !trustsAmount);
        var amount = assumed ? attempt!.Amount : evidence.Amount!.Value;
        var payment = new ProviderTransaction(_channel.TenantId, _channel.Method, _channel.Id, evidence.Receipt, amount, evidence.Source, evidence.At ?? _turn.Now, _turn.Now);
        payment.Describe(await PaymentBooks.NumberAsync(_db, _turn, 1, ct), evidence.Msisdn, evidence.PayerName, evidence.AccountReference);
        if (attempt is not null)
        {
            payment.BelongToPush(attempt, assumed);
        }

        payment.Learn(evidence with { Amount = assumed ? null : evidence.Amount }, _turn.Now);
        _db.ProviderTransactions.Add(payment);
        Know(payment);
        if (attempt is null)
        {
            _loose.Add(payment);
        }

        if (attempt is not null)
        {
            await SucceedAsync(attempt, payment, amount, ct);
        }

        var owner = clientId ?? OwnerOf(evidence);
        if (owner is { } client)
        {
            payment.ApplyTo(client, _by, null, _turn.Now);
            _postings.Add(await PaymentBooks.ToClientAsync(_db, _turn, payment, Place.Clearing(_channel), OpenOf(client), ct));
            MovedClients = true;
            Tell("paid", $"{amount} received{(evidence.Receipt is { } receipt ? $", receipt {receipt}" : "")} ({Word(evidence.Source)})", attempt, payment);
            return new IntakeResult(InboundStatus.Applied, $"{amount} received.", attempt, payment);
        }

        _postings.Add(PaymentBooks.ToSuspense(_turn, payment, Place.Clearing(_channel)));
        Tell("orphan", $"{amount} received; nobody has the account “{evidence.AccountReference}” ({Word(evidence.Source)})", attempt, payment);
        return new IntakeResult(InboundStatus.Orphan, $"{amount} received; its owner is not known.", attempt, payment);
    }

    private Task SucceedAsync(PaymentAttempt attempt, ProviderTransaction payment, Money amount, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        attempt.Succeed(_turn.Now);
        if (attempt.WasOverturned)
        {
            Tell("overturned", "It had been called failed; the money came all the same", attempt, payment);
        }

        if (_intents.TryGetValue(attempt.IntentId, out var intent))
        {
            intent.Take(amount);
        }

        return Task.CompletedTask;
    }

    private async Task GiveAsync(ProviderTransaction payment, Guid client, string note, CancellationToken ct)
    {
        payment.ApplyTo(client, _by, note, _turn.Now);
        _postings.Add(await PaymentBooks.FromSuspenseAsync(_db, _turn, payment, OpenOf(client), ct));
        MovedClients = true;
        Tell("matched", note, null, payment);
    }

    /// <summary>
    /// Money without the id of a push that can only be that of one: the same channel, amount, account and phone within the life of the
    /// prompt. With two such pushes it is left alone, and its account number says whose it is.
    /// </summary>
    private PaymentAttempt? PushLike(PaymentEvidence evidence)
    {
        if (evidence.IsAboutPush || evidence.Amount is not { } amount)
        {
            return null;
        }

        var at = evidence.At ?? _turn.Now;
        var like = _attempts.Where(a => a.Amount == amount && a.Status is not (AttemptStatus.Created or AttemptStatus.Rejected or AttemptStatus.Reversed)
            && at >= a.CreatedAt - BeforePush && at <= a.CreatedAt + AfterPush
            && (_byAttempt.GetValueOrDefault(a.Id) is not { } paid || paid.Receipt is null)
            && (evidence.AccountReference is null || evidence.AccountReference == a.AccountReference)
            && SamePhone(evidence.Msisdn, a.Msisdn)
            && (evidence.AccountReference is not null || evidence.Msisdn == a.Msisdn)).ToList();
        var paid = like.Where(a => _byAttempt.ContainsKey(a.Id)).Take(2).ToList(); // one that was paid and lacks its receipt comes before those that were not
        return paid is [var known] ? known : like is [var only] ? only : null;
    }

    /// <summary>The other way round: a receipt that came by itself and can only be that of this push.</summary>
    private ProviderTransaction? PaidLike(PaymentAttempt attempt)
    {
        var like = _loose.Where(t => t.AttemptId is null && t.Amount == attempt.Amount && t.OccurredAt >= attempt.CreatedAt - BeforePush && t.OccurredAt <= attempt.CreatedAt + AfterPush
            && (t.AccountReference is null || t.AccountReference == attempt.AccountReference)
            && SamePhone(t.PayerMsisdn, attempt.Msisdn)
            && (t.AccountReference is not null || t.PayerMsisdn == attempt.Msisdn)).Take(2).ToList();
        return like is [var only] ? only : null;
    }

    // Safaricom masks or hashes numbers in some messages ("2547 ***** 126", a long hash): those neither agree nor differ.
    private static bool SamePhone(string? said, string ours) => said is null || !said.All(char.IsAsciiDigit) || said.Length > 15 || PhoneNumber.Normalise(said) == ours;

    private Guid? OwnerOf(PaymentEvidence evidence) => Account(evidence.AccountReference) is { } account && _byAccount.TryGetValue(account, out var client) ? client : null;

    /// <summary>An account number as people type it: with spaces, dashes or a word before it.</summary>
    private static string? Account(string? typed)
    {
        var digits = string.Concat((typed ?? "").Where(char.IsAsciiDigit));
        return AccountNumbers.IsValid(digits) ? digits : null;
    }

    /// <summary>What a client owes, then what somebody owes for him; see <see cref="Receivables.OpenAsync"/>.</summary>
    private IEnumerable<Invoice> OpenOf(Guid? client) => client is not { } id ? [] : _open.GetValueOrDefault(id, []).Concat(_payerOf.TryGetValue(id, out var payer) ? _open.GetValueOrDefault(payer, []) : []);

    private void Know(ProviderTransaction payment)
    {
        if (payment.Receipt is { } receipt)
        {
            _byReceipt[receipt] = payment;
        }

        if (payment.AttemptId is { } attempt)
        {
            _byAttempt[attempt] = payment;
        }
    }

    private void Tell(string kind, string text, PaymentAttempt? attempt, ProviderTransaction? payment = null) => _db.PaymentEvents.Add(new PaymentEvent
    {
        TenantId = _channel.TenantId, At = _turn.Now, Kind = kind, Text = text.Length > 500 ? text[..500] : text, By = _by,
        AttemptId = attempt?.Id ?? payment?.AttemptId, IntentId = attempt?.IntentId ?? payment?.IntentId, TransactionId = payment?.Id,
    });

    private static List<string> Distinct(IEnumerable<string?> texts) => [.. texts.OfType<string>().Distinct(StringComparer.Ordinal)];

    private static string Word(EvidenceSource source) => source switch
    {
        EvidenceSource.Callback => "told by the provider",
        EvidenceSource.Query => "asked",
        EvidenceSource.Pull => "fetched",
        EvidenceSource.Statement => "from a statement",
        EvidenceSource.Staff => "by a person",
        _ => throw new ArgumentOutOfRangeException(nameof(source)),
    };
}
