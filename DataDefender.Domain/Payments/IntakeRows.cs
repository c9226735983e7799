using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>
/// All rows that pieces of evidence about one channel can concern, read in a few questions and found in memory: pushes, requests, payments,
/// clients and their open invoices.
/// </summary>
internal sealed class IntakeRows
{
    // A push's prompt lives for a minute and a half; the provider's clock and ours differ a little.
    private static readonly TimeSpan BeforePush = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AfterPush = TimeSpan.FromMinutes(10);

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

    private IntakeRows() { }

    public static async Task<IntakeRows> LoadAsync(IDataDefenderDb db, LedgerTurn turn, PaymentChannel channel, IReadOnlyCollection<PaymentEvidence> evidence, CancellationToken ct)
    {
        var rows = new IntakeRows();
        // A statement may be weeks old: what is looked for is what happened about then, not of late.
        var since = (evidence.Min(e => e.At) is { } earliest && earliest < turn.Now ? earliest : turn.Now).AddDays(-4);
        var receipts = Distinct(evidence.Where(e => e.Paid is true).Select(e => e.Receipt));
        var accounts = Distinct(evidence.Where(e => e.Paid is true).Select(e => e.AccountReference).Concat(evidence.Select(e => Account(e.AccountReference))));
        await rows.LoadPushesAsync(db, channel, evidence, accounts, since, ct);
        await rows.LoadPaymentsAsync(db, channel, receipts, evidence.Any(e => e is { Paid: true, Receipt: null }), since, ct);
        await rows.LoadClientsAsync(db, accounts, ct);
        return rows;
    }

    public PaymentAttempt? AttemptOf(PaymentEvidence evidence) =>
        evidence.PushId is { } push && _byPush.TryGetValue(push, out var byPush) ? byPush
        : evidence.CheckoutRequestId is { } checkout && _byCheckout.TryGetValue(checkout, out var byCheckout) ? byCheckout
        : null;

    public PaymentIntent? Intent(Guid? id) => id is { } known ? _intents.GetValueOrDefault(known) : null;

    public ProviderTransaction? ByReceipt(string? receipt) => receipt is null ? null : _byReceipt.GetValueOrDefault(receipt);

    public ProviderTransaction? Of(PaymentAttempt? attempt) => attempt is null ? null : _byAttempt.GetValueOrDefault(attempt.Id);

    /// <summary>Whether a push of the request may still bring money.</summary>
    public bool MayStillBePaid(Guid intent) => _attempts.Exists(a => a.IntentId == intent && a.MayStillBePaid);

    public Guid? OwnerOf(string? accountReference) => Account(accountReference) is { } account && _byAccount.TryGetValue(account, out var client) ? client : null;

    /// <summary>What a client owes, then what somebody owes for him; see <see cref="Receivables.OpenAsync"/>.</summary>
    public IEnumerable<Invoice> OpenOf(Guid? client) => client is not { } id ? [] : _open.GetValueOrDefault(id, []).Concat(_payerOf.TryGetValue(id, out var payer) ? _open.GetValueOrDefault(payer, []) : []);

    public void Know(ProviderTransaction payment)
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

    /// <summary>Money that is nobody's push so far; a push may still turn out to be its.</summary>
    public void KnowLoose(ProviderTransaction payment) => _loose.Add(payment);

    /// <summary>
    /// Money without the id of a push that can only be that of one: the same channel, amount, account and phone within the life of the
    /// prompt. With two such pushes it is left alone, and its account number says whose it is.
    /// </summary>
    public PaymentAttempt? PushLike(PaymentEvidence evidence, DateTime now)
    {
        if (evidence.IsAboutPush || evidence.Amount is not { } amount)
        {
            return null;
        }

        var at = evidence.At ?? now;
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
    public ProviderTransaction? PaidLike(PaymentAttempt attempt)
    {
        var like = _loose.Where(t => t.AttemptId is null && t.Amount == attempt.Amount && t.OccurredAt >= attempt.CreatedAt - BeforePush && t.OccurredAt <= attempt.CreatedAt + AfterPush
            && (t.AccountReference is null || t.AccountReference == attempt.AccountReference)
            && SamePhone(t.PayerMsisdn, attempt.Msisdn)
            && (t.AccountReference is not null || t.PayerMsisdn == attempt.Msisdn)).Take(2).ToList();
        return like is [var only] ? only : null;
    }

    private async Task LoadPushesAsync(IDataDefenderDb db, PaymentChannel channel, IReadOnlyCollection<PaymentEvidence> evidence, List<string> accounts, DateTime since, CancellationToken ct)
    {
        var (pushes, checkouts) = (Distinct(evidence.Select(e => e.PushId)), Distinct(evidence.Select(e => e.CheckoutRequestId)));
        var phones = Distinct(evidence.Where(e => e is { Paid: true, IsAboutPush: false }).Select(e => e.Msisdn));
        _attempts.AddRange(await db.PaymentAttempts
            .Where(a => a.ChannelId == channel.Id
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

        var intents = _attempts.Select(a => a.IntentId).Distinct().ToList();
        foreach (var intent in await db.PaymentIntents.Where(i => intents.Contains(i.Id)).ToListAsync(ct))
        {
            _intents[intent.Id] = intent;
        }
    }

    private async Task LoadPaymentsAsync(IDataDefenderDb db, PaymentChannel channel, List<string> receipts, bool withLoose, DateTime since, CancellationToken ct)
    {
        var ids = _attempts.ConvertAll(a => a.Id);
        foreach (var payment in await db.ProviderTransactions
            .Where(t => (t.Method == channel.Method && t.Receipt != null && receipts.Contains(t.Receipt)) || (t.AttemptId != null && ids.Contains(t.AttemptId.Value))).ToListAsync(ct))
        {
            Know(payment);
        }

        if (withLoose)
        {
            var (amounts, references) = (_attempts.Select(a => a.Amount.Minor).Distinct().ToList(), Distinct(_attempts.Select(a => a.AccountReference)));
            var msisdns = Distinct(_attempts.Select(a => a.Msisdn));
            _loose.AddRange(await db.ProviderTransactions.Where(t => t.ChannelId == channel.Id && t.AttemptId == null && t.RecordedAt >= since && amounts.Contains(t.Amount.Minor)
                && (t.State == TransactionState.Orphan || t.State == TransactionState.Applied)
                && ((t.AccountReference != null && references.Contains(t.AccountReference)) || (t.PayerMsisdn != null && msisdns.Contains(t.PayerMsisdn)))).ToListAsync(ct));
        }
    }

    private async Task LoadClientsAsync(IDataDefenderDb db, List<string> accounts, CancellationToken ct)
    {
        // What had been held until it was confirmed goes by the account that it named at first.
        var wanted = accounts.Union(_byReceipt.Values.Select(p => Account(p.AccountReference)).OfType<string>(), StringComparer.Ordinal).ToList();
        foreach (var client in await db.Clients.Where(c => wanted.Contains(c.AccountNumber)).Select(c => new { c.Id, c.AccountNumber }).ToListAsync(ct))
        {
            _byAccount[client.AccountNumber] = client.Id;
        }

        var clients = _byAccount.Values.Concat(_attempts.Select(a => a.ClientId)).Distinct().ToList();
        foreach (var profile in await db.BillingProfiles.AsNoTracking().Where(p => p.ParentId != null && clients.Contains(p.ClientId)).ToListAsync(ct))
        {
            _payerOf[profile.ClientId] = profile.ParentId!.Value;
        }

        var payers = clients.Concat(_payerOf.Values).Distinct().ToList();
        foreach (var invoices in (await Receivables.Open(db.Invoices.Include(i => i.Lines).Where(i => payers.Contains(i.ClientId))).ToListAsync(ct)).GroupBy(i => i.ClientId))
        {
            _open[invoices.Key] = [.. invoices];
        }
    }

    // Safaricom masks or hashes numbers in some messages ("2547 ***** 126", a long hash): those neither agree nor differ.
    private static bool SamePhone(string? said, string ours) => said is null || !said.All(char.IsAsciiDigit) || said.Length > 15 || PhoneNumber.Normalise(said) == ours;

    /// <summary>An account number as people type it: with spaces, dashes or a word before it; null for what is none.</summary>
    internal static string? Account(string? typed)
    {
        var digits = string.Concat((typed ?? "").Where(char.IsAsciiDigit));
        return AccountNumbers.IsValid(digits) ? digits : null;
    }

    private static List<string> Distinct(IEnumerable<string?> texts) => [.. texts.OfType<string>().Distinct(StringComparer.Ordinal)];
}
