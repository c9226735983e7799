using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>
/// How payments stand in the books. Coming in, money is debited to where it lies (a channel's clearing account, the drawer, the bank) and
/// credited to what the client owes, then to his wallet, or to suspense while it is nobody's. Each act is one journal transaction with a
/// natural key; what goes wrong is put right by another.
/// </summary>
internal static class PaymentBooks
{
    public const string SourceType = "Payment";

    /// <summary>The bank account that transfers, cleared cheques and banked cash go to.</summary>
    public const string BankAccount = "main";

    /// <summary>Scratch cards: what clients redeemed and whoever sold the cards has not paid in yet.</summary>
    public const string CardAccount = "cards";

    /// <summary>Cheques that the bank has not paid yet.</summary>
    public const string ChequeAccount = "cheques";

    /// <summary>The kind of the posting by which a cheque is money.</summary>
    public const string ChequeCleared = "cheque.cleared";

    /// <summary>The kind of the posting by which money of a payment left for the payer again.</summary>
    public const string Refunded = "payment.refunded";

    /// <summary>The kind of the posting by which a payment was taken out of the books.</summary>
    public const string Reversed = "payment.reversed";

    private const string Numbers = "payments";

    /// <summary>Where the money of a payment lies.</summary>
    public static PostingLeg Source(ProviderTransaction payment, Place place, Money debit) =>
        PostingLeg.Net(place.Account, debit, payment.ClientId, place.Channel).Single();

    /// <summary>The next number of a payment; the turn keeps everybody else away.</summary>
    public static async Task<long> NumberAsync(IDataDefenderDb db, LedgerTurn turn, int count, CancellationToken ct)
    {
        var sequence = db.NumberSequences.Local.FirstOrDefault(s => s.Name == Numbers)
            ?? await db.NumberSequences.SingleOrDefaultAsync(s => s.Name == Numbers, ct)
            ?? db.NumberSequences.Add(new NumberSequence(turn.Company.Id, Numbers, 1)).Entity;
        return sequence.Take(count);
    }

    /// <summary>When it counts: when it happened, unless that day is closed, still to come or nonsense.</summary>
    public static DateTime EffectiveAt(LedgerTurn turn, DateTime occurredAt) =>
        occurredAt > turn.Now || turn.Now - occurredAt > TimeSpan.FromDays(400) || (turn.ClosedThrough is { } closed && turn.Company.DayOf(occurredAt) <= closed) ? turn.Now : occurredAt;

    /// <summary>Money came and is nobody's yet.</summary>
    public static JournalPosting ToSuspense(LedgerTurn turn, ProviderTransaction payment, Place place) => new(
        "payment.received", KeyOf(payment), EffectiveAt(turn, payment.OccurredAt), $"{Name(payment)}, owner unknown", SourceType, payment.Id,
        [Source(payment, place, payment.Amount), PostingLeg.OnCredit(AccountKind.Suspense, payment.Amount)]);

    /// <summary>Money came for a client: invoices are settled, oldest first, and the rest is his wallet's.</summary>
    public static async Task<JournalPosting> ToClientAsync(IDataDefenderDb db, LedgerTurn turn, ProviderTransaction payment, Place place, IEnumerable<Invoice> open, CancellationToken ct) => new(
        "payment.received", KeyOf(payment), EffectiveAt(turn, payment.OccurredAt), Name(payment), SourceType, payment.Id,
        [Source(payment, place, payment.Amount), .. await AllocateAsync(db, turn, payment, payment.Amount, open, ct)]);

    /// <summary>Money in suspense found its owner.</summary>
    public static async Task<JournalPosting> FromSuspenseAsync(IDataDefenderDb db, LedgerTurn turn, ProviderTransaction payment, Money amount, string key, IEnumerable<Invoice> open, CancellationToken ct) => new(
        "payment.matched", key, turn.Now, $"{Part(payment, amount)} found its owner", SourceType, payment.Id,
        [PostingLeg.OnDebit(AccountKind.Suspense, amount), .. await AllocateAsync(db, turn, payment, amount, open, ct)]);

    /// <summary>Names one finding of an owner: a payment may be found again after an order to give it back failed.</summary>
    public static string MatchKey(ProviderTransaction payment) => $"payment-match:{payment.Id}:{payment.Version}";

    /// <summary>Money that waited in suspense for its way back has gone.</summary>
    public static JournalPosting FromSuspenseBack(LedgerTurn turn, ProviderTransaction payment, Place to, Money amount, string kind, string key, string memo) =>
        new(kind, key, turn.Now, memo, SourceType, payment.Id, [PostingLeg.OnDebit(AccountKind.Suspense, amount), Source(payment, to, -amount)]);

    /// <summary>A further amount of the same payment: the provider's word differs from what had been assumed.</summary>
    public static async Task<JournalPosting> MoreAsync(IDataDefenderDb db, LedgerTurn turn, ProviderTransaction payment, Place place, Money more, IEnumerable<Invoice> open, CancellationToken ct) => new(
        "payment.corrected", $"payment-correction:{payment.Id}", turn.Now, $"{Name(payment)}: {more} more than assumed", SourceType, payment.Id,
        [Source(payment, place, more), .. payment.ClientId is null ? [PostingLeg.OnCredit(AccountKind.Suspense, more)] : await AllocateAsync(db, turn, payment, more, open, ct)]);

    /// <summary>
    /// Takes a part or all of a payment back from where it went: what it left in the wallet first, then its invoices, the newest first. What it
    /// had of a state before is taken in the same turn in which the payment's own figures move.
    /// </summary>
    /// <exception cref="DomainException">The client no longer holds that much of it.</exception>
    public static async Task<JournalPosting> TakeBackAsync(
        IDataDefenderDb db, LedgerTurn turn, ProviderTransaction payment, Place to, Money amount, string kind, string key, string memo, CancellationToken ct)
    {
        var legs = payment.ClientId is { } client && payment.State is TransactionState.Applied
            ? await ReleaseAsync(db, turn, payment, client, amount, ct)
            : [PostingLeg.OnDebit(AccountKind.Suspense, amount)];
        return new JournalPosting(kind, key, turn.Now, memo, SourceType, payment.Id, [.. legs, Source(payment, to, -amount)]);
    }

    /// <summary>The push, the request and a statement that took it back know that the money went again. Called when the payment knows it.</summary>
    public static async Task GiveUpAsync(IDataDefenderDb db, ProviderTransaction payment, Money amount, CancellationToken ct)
    {
        if (payment.AttemptId is { } attempt && payment.GivenBack == payment.Amount)
        {
            (await db.PaymentAttempts.SingleAsync(a => a.Id == attempt, ct)).Reverse();
        }

        if (payment.IntentId is { } intent)
        {
            (await db.PaymentIntents.SingleAsync(i => i.Id == intent, ct)).Take(-amount);
        }

        var back = -amount.Minor;
        var said = await db.StatementRows.Where(r => (r.State == StatementRowState.Waiting || r.State == StatementRowState.AmountDiffers) && r.Amount.Minor < 0 && r.TransactionId == payment.Id)
            .OrderBy(r => r.At).ThenBy(r => r.Id).ToListAsync(ct);
        (said.Find(r => r.Amount.Minor == back) ?? said.Find(r => r.State is StatementRowState.Waiting && payment.GivenBack == payment.Amount))?.Settle(); // the statement that said so waited for it
    }

    /// <summary>How much of payments went back, each act on its own.</summary>
    public static async Task<ILookup<Guid, long>> BackAsync(IDataDefenderDb db, IReadOnlyCollection<Guid> payments, CancellationToken ct) => (await (
        from transaction in db.JournalTransactions
        join line in db.JournalLines on transaction.Sequence equals line.Sequence
        where transaction.SourceType == SourceType && payments.Contains(transaction.SourceId) && (transaction.Kind == Refunded || transaction.Kind == Reversed)
        group line.Credit.Minor by new { transaction.SourceId, transaction.Sequence } into act
        select new { act.Key.SourceId, Minor = act.Sum() }).ToListAsync(ct)).ToLookup(a => a.SourceId, a => a.Minor);

    public static string KeyOf(ProviderTransaction payment) => KeyOf(payment.Id);

    public static string KeyOf(Guid payment) => $"payment:{payment}";

    public static string Name(ProviderTransaction payment) => $"{Word(payment.Method)} {payment.Receipt ?? $"payment {payment.Number}"}";

    /// <summary>The payment, or how much of it where that is not all.</summary>
    public static string Part(ProviderTransaction payment, Money amount) => amount == payment.Amount ? Name(payment) : $"{amount} of {Name(payment)}";

    public static string Word(PaymentMethod method) => method switch
    {
        PaymentMethod.Mpesa => "M-Pesa",
        PaymentMethod.FamilyBank => "Family Bank",
        PaymentMethod.Cash => "Cash",
        PaymentMethod.BankTransfer => "Bank transfer",
        PaymentMethod.Cheque => "Cheque",
        PaymentMethod.Card => "Scratch card",
        _ => throw new ArgumentOutOfRangeException(nameof(method)),
    };

    private static async Task<List<PostingLeg>> AllocateAsync(IDataDefenderDb db, LedgerTurn turn, ProviderTransaction payment, Money amount, IEnumerable<Invoice> open, CancellationToken ct)
    {
        var client = payment.ClientId ?? throw new InvalidOperationException("Only a client's money is allocated.");
        var allocation = await Receivables.AllocateAsync(db, turn, open, amount, ct);
        var legs = new List<PostingLeg>();
        foreach (var (invoice, applied) in allocation.Applied)
        {
            db.PaymentAllocations.Add(Allocation(turn, payment, client, AllocationTarget.Invoice, applied, invoice));
            legs.Add(PostingLeg.OnCredit(AccountKind.Receivable, applied, invoice.ClientId)); // another than the client where somebody pays for him
        }

        if (allocation.Left > Money.Zero)
        {
            db.PaymentAllocations.Add(Allocation(turn, payment, client, AllocationTarget.Wallet, allocation.Left));
            legs.Add(PostingLeg.OnCredit(AccountKind.Wallet, allocation.Left, client));
        }

        return legs;
    }

    /// <summary>
    /// What was taken back is owed again: first what this payment left in the wallet, as far as it is still there, then its invoices, the newest
    /// first. What a credit note put into the wallet meanwhile comes next, then, when its credit was spent, the invoices that the client paid last.
    /// </summary>
    private static async Task<List<PostingLeg>> ReleaseAsync(IDataDefenderDb db, LedgerTurn turn, ProviderTransaction payment, Guid client, Money amount, CancellationToken ct)
    {
        var parts = await db.PaymentAllocations.Where(a => a.TransactionId == payment.Id).ToListAsync(ct);
        var inWallet = new Money(parts.Where(p => p.Target is AllocationTarget.Wallet).Sum(p => p.Amount.Minor));
        var balance = await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client, ct);
        var own = parts.Where(p => p.InvoiceId is not null).GroupBy(p => p.InvoiceId!.Value).ToDictionary(g => g.Key, g => new Money(g.Sum(p => p.Amount.Minor)));
        var (rest, fromWallet, taken, reopened) = (amount, Money.Zero, new Dictionary<Invoice, Money>(), new List<Guid>());
        TakeFromWallet(Least(inWallet, balance));
        var ids = own.Keys.ToList();
        var held = rest == Money.Zero ? [] : await db.Invoices
            .Where(i => ids.Contains(i.Id) || (i.Paid.Minor > i.Returned.Minor && (i.ClientId == client || db.BillingProfiles.Any(p => p.ClientId == client && p.ParentId == i.ClientId))))
            .OrderByDescending(i => i.IssuedAt).ThenByDescending(i => i.Number).ToListAsync(ct);
        held.FindAll(i => own.ContainsKey(i.Id)).ForEach(i => TakeOff(i, own[i.Id]));
        TakeFromWallet(balance - fromWallet);
        held.ForEach(i => TakeOff(i, rest));
        if (rest > Money.Zero)
        {
            throw new DomainException("payment.spent", $"{rest} of this payment is no longer with the client: neither in the wallet nor on an invoice. Give a credit note or take it from another payment first.");
        }

        foreach (var invoice in taken.Keys)
        {
            await Rounding.TakeBackAsync(turn, invoice, ct);
        }

        if (reopened.Count > 0)
        {
            await Receivables.WithdrawPaidTimeAsync(db, reopened, ct);
        }

        if (fromWallet > Money.Zero)
        {
            db.PaymentAllocations.Add(Allocation(turn, payment, client, AllocationTarget.Wallet, -fromWallet));
        }

        db.PaymentAllocations.AddRange(taken.Select(t => Allocation(turn, payment, client, AllocationTarget.Invoice, -t.Value, t.Key)));
        return [.. PostingLeg.Net(AccountKind.Wallet, fromWallet, client), .. taken.Select(t => PostingLeg.OnDebit(AccountKind.Receivable, t.Value, t.Key.ClientId))];

        void TakeFromWallet(Money most)
        {
            var part = Least(rest, most);
            if (part > Money.Zero)
            {
                (fromWallet, rest) = (fromWallet + part, rest - part);
            }
        }

        void TakeOff(Invoice invoice, Money most)
        {
            var part = Least(rest, Least(most, invoice.Paid - invoice.Returned));
            if (part <= Money.Zero)
            {
                return;
            }

            if (invoice.Status is InvoiceStatus.Paid)
            {
                reopened.Add(invoice.Id);
            }

            invoice.Release(part, turn.Now);
            (taken[invoice], rest) = (taken.GetValueOrDefault(invoice) + part, rest - part);
        }
    }

    private static PaymentAllocation Allocation(LedgerTurn turn, ProviderTransaction payment, Guid client, AllocationTarget target, Money amount, Invoice? invoice = null) => new()
    {
        TenantId = payment.TenantId, TransactionId = payment.Id, ClientId = client, Target = target, Amount = amount, At = turn.Now, InvoiceId = invoice?.Id, InvoiceNumber = invoice?.Reference,
    };

    private static Money Least(Money left, Money right) => left < right ? left : right;
}

/// <summary>An account where money lies: a channel's clearing account, a drawer, the bank.</summary>
internal sealed record Place(AccountKind Account, string? Channel)
{
    public static readonly Place Bank = new(AccountKind.Bank, PaymentBooks.BankAccount);

    public static readonly Place Suspense = new(AccountKind.Suspense, null);

    public static readonly Place Cards = new(AccountKind.Clearing, PaymentBooks.CardAccount);

    public static readonly Place Cheques = new(AccountKind.Clearing, PaymentBooks.ChequeAccount);

    public static Place Clearing(PaymentChannel channel) => new(AccountKind.Clearing, channel.Ledger);

    public static Place Drawer(CashSession session) => new(AccountKind.Cash, session.Desk);
}
