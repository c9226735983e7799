using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>Money whose owner is not known, or whose match waits for a second person.</summary>
public sealed record OrphanRow(
    Guid Id, long Number, PaymentMethod Method, string? Receipt, Money Whole, Money GivenBack, Money GoingBack, DateTime OccurredAt, string? PayerMsisdn, string? PayerName, string? AccountReference, string? ClaimedBy, bool IsHeld, ProposedAct? Proposed, string? ProposedBy, string? ProposedReason, Money? ProposedAmount, Guid? ProposedClientId, string? ProposedClient)
{
    /// <summary>What is left of it, when a part was given back.</summary>
    public Money Amount => Whole - GivenBack - GoingBack;
}

/// <summary>Whose it may be, and why we think so. Scores rank; 100 is near certain.</summary>
public sealed record OwnerSuggestion(Guid ClientId, string Name, string AccountNumber, string Phone, Money Due, int Score, IReadOnlyList<string> Reasons);

/// <summary>
/// Money in suspense: who may own it, giving it to him, giving it back. Above a limit a second person has to agree. And taking back what
/// was given, when the provider or the bank takes it back.
/// </summary>
public sealed class OrphanService(IDataDefenderDbFactory dbFactory, CounterService counter, IEnumerable<IMoneyWatcher> watchers, CurrentUser user)
{
    private const int MostSuggestions = 6;
    private static readonly RefundInputValidator RefundValidator = new();

    public async Task<PageOf<OrphanRow>> ListAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var orphans = Find(db, query.Search);
        return new PageOf<OrphanRow>(await Rows(db, orphans).Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct), await orphans.CountAsync(ct));
    }

    /// <summary>The oldest orphans that come behind one in the list; the oldest of all without one.</summary>
    public async Task<IReadOnlyList<OrphanRow>> AfterAsync(string? search, ListKey? after, int most, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var orphans = Find(db, search);
        if (after is { } last)
        {
            orphans = orphans.Where(t => t.OccurredAt > last.At || (t.OccurredAt == last.At && t.Id > last.Id));
        }

        return await Rows(db, orphans).Take(most).ToListAsync(ct);
    }

    private static IQueryable<ProviderTransaction> Find(IDataDefenderDb db, string? search)
    {
        var orphans = db.ProviderTransactions.AsNoTracking().Where(t => t.State == TransactionState.Orphan);
        return new GridQuery(Search: search).Term is { } term
            ? orphans.Where(t => (t.Receipt != null && t.Receipt.ToLower().Contains(term)) || (t.PayerName != null && t.PayerName.ToLower().Contains(term))
                || (t.PayerMsisdn != null && t.PayerMsisdn.Contains(term)) || (t.AccountReference != null && t.AccountReference.ToLower().Contains(term)))
            : orphans;
    }

    private static IQueryable<OrphanRow> Rows(IDataDefenderDb db, IQueryable<ProviderTransaction> orphans) =>
        from t in orphans
        orderby t.OccurredAt, t.Id
        select new OrphanRow(t.Id, t.Number, t.Method, t.Receipt, t.Amount, t.GivenBack, t.GoingBack, t.OccurredAt, t.PayerMsisdn, t.PayerName, t.AccountReference, t.ClaimedBy, t.IsHeld, t.Proposed, t.ProposedBy, t.ProposedReason, t.ProposedAmount, t.ProposedClientId,
            db.Clients.Where(c => c.Id == t.ProposedClientId).Select(c => c.Name).FirstOrDefault());

    /// <summary>Who may own it: by phone, by an account number that is nearly right, by what he owes, by name, by who paid from that phone before.</summary>
    public async Task<IReadOnlyList<OwnerSuggestion>> SuggestAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var orphan = await FindAsync(db, id, ct);
        var digits = string.Concat((orphan.AccountReference ?? "").Where(char.IsAsciiDigit));
        var phone = orphan.PayerMsisdn is { } said && said.All(char.IsAsciiDigit) ? PhoneNumber.Normalise(said) : null;
        var typedPhone = digits.Length >= 9 ? PhoneNumber.Normalise(digits) : null;
        var words = Words(orphan.PayerName);
        var amount = orphan.Remaining.Minor;
        var earlier = phone is null ? [] : await db.ProviderTransactions.AsNoTracking()
            .Where(t => t.PayerMsisdn == phone && t.ClientId != null && t.State == TransactionState.Applied).Select(t => t.ClientId!.Value).Distinct().Take(10).ToListAsync(ct);
        var owing = await db.Invoices.AsNoTracking()
            .Where(i => (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid) && i.Total.Minor - i.Paid.Minor - i.Credited.Minor - i.WrittenOff.Minor - i.Rounded.Minor + i.Returned.Minor == amount)
            .OrderBy(i => i.DueOn).Select(i => i.ClientId).Distinct().Take(50).ToListAsync(ct);
        var first = words.Count > 0 ? words[0] : null;
        var last = words.Count > 1 ? words[^1] : null;
        var shortened = digits.Length >= 5 ? digits[..^1] : null;
        var candidates = await db.Clients.AsNoTracking()
            .Where(c => earlier.Contains(c.Id) || owing.Contains(c.Id)
                || (phone != null && c.Phone == phone) || (typedPhone != null && c.Phone == typedPhone)
                || (shortened != null && c.AccountNumber.StartsWith(shortened))
                || (first != null && c.SearchText.Contains(first)) || (last != null && c.SearchText.Contains(last)))
            .OrderBy(c => c.Id).Take(300).Select(c => new { c.Id, c.Name, c.AccountNumber, c.Phone }).ToListAsync(ct);
        var ids = candidates.ConvertAll(c => c.Id);
        var due = (await db.Invoices.AsNoTracking().Where(i => ids.Contains(i.ClientId) && (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid))
            .GroupBy(i => i.ClientId).Select(g => new { g.Key, Due = g.Sum(i => i.Total.Minor - i.Paid.Minor - i.Credited.Minor - i.WrittenOff.Minor - i.Rounded.Minor + i.Returned.Minor) }).ToListAsync(ct)).ToDictionary(g => g.Key, g => new Money(g.Due));

        var suggestions = candidates.ConvertAll(c =>
        {
            var (score, reasons) = (0, new List<string>());
            void Add(bool holds, int points, string reason)
            {
                if (holds)
                {
                    score += points;
                    reasons.Add(reason);
                }
            }

            var owes = due.GetValueOrDefault(c.Id);
            Add(phone is not null && c.Phone == phone, 55, "pays from the client's own phone");
            Add(typedPhone is not null && c.Phone == typedPhone, 50, "typed the client's phone number as the account");
            Add(digits.Length >= 5 && digits != c.AccountNumber && Distance(digits, c.AccountNumber) == 1, 45, $"typed {orphan.AccountReference}, one digit off the account number");
            Add(earlier.Contains(c.Id), 40, "this phone paid for the client before");
            Add(owes == orphan.Remaining || owing.Contains(c.Id), 20, "owes exactly this amount");
            var same = words.Count(w => Words(c.Name).Contains(w, StringComparer.Ordinal));
            Add(same > 0, Math.Min(30, same * 15), same > 1 ? "the same name" : "a part of the name");
            return new OwnerSuggestion(c.Id, c.Name, c.AccountNumber, c.Phone, owes, Math.Min(100, score), reasons);
        });
        return [.. suggestions.Where(s => s.Score > 0).OrderByDescending(s => s.Score).ThenBy(s => s.Name, StringComparer.Ordinal).Take(MostSuggestions)];
    }

    /// <summary>
    /// Brings into the books what was taken for a test, because its channel was not marked live and money moved all the same. It has no owner
    /// until somebody gives it one.
    /// </summary>
    public async Task CountAsync(Guid id, string reason, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        var why = Reasons.Demand(reason);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var payment = await FindAsync(db, id, ct);
        payment.Count(user.Name, why, turn.Now);
        await turn.PostAsync(PaymentBooks.ToSuspense(turn, payment, await PlaceAsync(db, payment, ct)), ct);
        db.Record("counted", payment, new { Reason = why });
        Tell(db, turn, payment, "counted", $"It was money and no test: {why}");
        await turn.CommitAsync(ct);
        watchers.Tell(db.TenantId);
    }

    /// <summary>Takes an orphan to oneself, so that two people do not work on it.</summary>
    public async Task ClaimAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        (await FindAsync(db, id, ct)).ClaimFor(user.Name);
        await db.SaveAsync(ct);
    }

    /// <summary>Gives it to a client, or proposes that to a second person when it is large.</summary>
    /// <returns>True when it was given; false when it waits for a second person.</returns>
    public async Task<bool> MatchAsync(Guid id, Guid clientId, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var payment = await FindAsync(db, id, ct);
        payment.DemandNothingGoingBack();
        var client = await db.Clients.AsNoTracking().SingleOrDefaultAsync(c => c.Id == clientId, ct) ?? throw new NotFoundException("Client", clientId);
        if (await NeedsSecondAsync(db, payment, ProposedAct.Match, clientId, payment.Remaining, null, ct))
        {
            payment.Propose(ProposedAct.Match, clientId, user.Name);
            db.Record("match proposed", payment, new { client.AccountNumber });
            Tell(db, turn, payment, "proposed", $"{user.Name} proposes {client.Name} ({client.AccountNumber}); a second person has to agree");
            await turn.CommitAsync(ct);
            return false;
        }

        payment.ApplyTo(clientId, user.Name, null, turn.Now);
        await turn.PostAsync(await PaymentBooks.FromSuspenseAsync(db, turn, payment, payment.Remaining, PaymentBooks.MatchKey(payment), await Receivables.OpenAsync(db, clientId, ct), ct), ct);
        db.Record("matched", payment, new { client.AccountNumber });
        Tell(db, turn, payment, "matched", $"Given to {client.Name} ({client.AccountNumber}) by {user.Name}");
        await PaymentReceipts.WriteAsync(db, turn, ct);
        await turn.CommitAsync(ct);
        watchers.Tell(db.TenantId);
        return true;
    }

    /// <summary>Says no to what somebody proposed.</summary>
    public async Task WithdrawAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        (await FindAsync(db, id, ct)).WithdrawProposal();
        await db.SaveAsync(ct);
    }

    /// <summary>
    /// Notes that all that is left of it, or a part, was given back to the payer: by the provider's portal or the bank (with its reference), or
    /// in cash from the drawer. What went back is taken first from what the payment left in the wallet, then from its invoices, the newest first,
    /// which are owed again. The same key gives nothing back a second time.
    /// </summary>
    /// <returns>True when it was done; false when it waits for a second person.</returns>
    /// <exception cref="DomainException">More than is left of it, or idempotency_key_reuse.</exception>
    public async Task<bool> RefundAsync(RefundInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        RefundValidator.Demand(input);
        var (why, amount, key) = (Reasons.Demand(input.Reason), Money.Of(input.Amount), $"payment-refund:{input.PaymentId}:{input.IdempotencyKey.Trim()}");
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var payment = await FindAsync(db, input.PaymentId, ct);
        if (await db.JournalTransactions.AsNoTracking().Include(t => t.Lines).SingleOrDefaultAsync(t => t.NaturalKey == key, ct) is { } first)
        {
            return first.Lines.Sum(l => l.Credit.Minor) == amount.Minor ? true : throw new DomainException("idempotency_key_reuse", "Another amount was given back under this key before. Begin anew.");
        }

        payment.DemandNothingGoingBack();
        if (payment.State is not (TransactionState.Orphan or TransactionState.Applied))
        {
            throw new DomainException("payment.state", $"{payment.AuditLabel} is {payment.State}; nothing of it can be given back.");
        }

        payment.DemandRemaining(amount);
        if (await NeedsSecondAsync(db, payment, ProposedAct.Refund, null, payment.GivenBack + amount, amount, ct))
        {
            payment.Propose(ProposedAct.Refund, null, user.Name, why, amount);
            db.Record("refund proposed", payment, new { Reason = why, Amount = amount.Amount });
            Tell(db, turn, payment, "proposed", $"{user.Name} proposes to give {amount} back: {why}; a second person has to agree");
            await turn.CommitAsync(ct);
            return false;
        }

        var place = input.InCash ? await counter.IntoDrawerAsync(db, turn, payment, CashMovementKind.Refund, -amount, ct) : await PlaceAsync(db, payment, ct);
        await turn.PostAsync(await PaymentBooks.TakeBackAsync(db, turn, payment, place, amount, PaymentBooks.Refunded, key, $"{PaymentBooks.Part(payment, amount)} given back: {why}", ct), ct);
        payment.Refund(amount, user.Name, why, turn.Now);
        await PaymentBooks.GiveUpAsync(db, payment, amount, ct);
        db.Record("refunded", payment, new { Reason = why, Amount = amount.Amount });
        Tell(db, turn, payment, "refunded", $"{amount} given back by {user.Name}: {why}");
        await turn.CommitAsync(ct);
        watchers.Tell(db.TenantId);
        return true;
    }

    /// <summary>The provider took it back (a reversal), or it should never have been entered: a contra entry, and what it paid is owed again.</summary>
    /// <returns>True when it was done; false when it waits for a second person.</returns>
    public async Task<bool> ReverseAsync(Guid id, string reason, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        var why = Reasons.Demand(reason);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var payment = await FindAsync(db, id, ct);
        if (payment.State is not (TransactionState.Orphan or TransactionState.Applied))
        {
            throw new DomainException("payment.state", $"{payment.AuditLabel} is {payment.State}; it cannot be reversed.");
        }

        payment.DemandNothingGoingBack();
        var left = payment.Remaining;
        if (await NeedsSecondAsync(db, payment, ProposedAct.Reverse, null, left, null, ct))
        {
            payment.Propose(ProposedAct.Reverse, null, user.Name, why);
            db.Record("reversal proposed", payment, new { Reason = why });
            Tell(db, turn, payment, "proposed", $"{user.Name} proposes to reverse it: {why}; a second person has to agree");
            await turn.CommitAsync(ct);
            return false;
        }

        var place = payment.Method is PaymentMethod.Cash ? await counter.IntoDrawerAsync(db, turn, payment, CashMovementKind.Refund, -left, ct) : await PlaceAsync(db, payment, ct);
        await turn.PostAsync(await PaymentBooks.TakeBackAsync(db, turn, payment, place, left, PaymentBooks.Reversed, $"payment-reversal:{payment.Id}", $"{PaymentBooks.Part(payment, left)} reversed: {why}", ct), ct);
        payment.Reverse(user.Name, why, turn.Now);
        await PaymentBooks.GiveUpAsync(db, payment, left, ct);
        db.Record("reversed", payment, new { Reason = why });
        Tell(db, turn, payment, "reversed", $"Reversed by {user.Name}: {why}");
        await turn.CommitAsync(ct);
        watchers.Tell(db.TenantId);
        return true;
    }

    /// <summary>Where it lies: the channel's clearing account, or the bank.</summary>
    private static async Task<Place> PlaceAsync(IDataDefenderDb db, ProviderTransaction payment, CancellationToken ct) => payment.Method is PaymentMethod.Card ? Place.Cards
        : payment.ChannelId is { } channel
        ? Place.Clearing(await db.PaymentChannels.AsNoTracking().SingleAsync(c => c.Id == channel, ct))
        : payment.CashSessionId is { } session ? Place.Drawer(await db.CashSessions.AsNoTracking().SingleAsync(s => s.Id == session, ct))
        : Place.Bank;

    /// <summary>Large amounts want two people: the second is another than the one who proposed the same, and may approve.</summary>
    private async Task<bool> NeedsSecondAsync(IDataDefenderDb db, ProviderTransaction payment, ProposedAct act, Guid? clientId, Money moves, Money? part, CancellationToken ct) =>
        moves >= (await CurrentPaymentSettings.OfAsync(db, ct)).TwoPeopleFrom && !(payment.IsSecond(act, clientId, user.Name, part) && user.Has(Permissions.ApprovePayments));

    private void Tell(IDataDefenderDb db, LedgerTurn turn, ProviderTransaction payment, string kind, string text) => db.PaymentEvents.Add(new PaymentEvent
    {
        TenantId = payment.TenantId, At = turn.Now, TransactionId = payment.Id, AttemptId = payment.AttemptId, IntentId = payment.IntentId, Kind = kind, Text = text.Length > 500 ? text[..500] : text, By = user.Name,
    });

    private static List<string> Words(string? name) =>
        [.. (name ?? "").ToLowerInvariant().Split([' ', '-', '.', ','], StringSplitOptions.RemoveEmptyEntries).Where(w => w.Length > 2).Distinct(StringComparer.Ordinal)];

    /// <summary>How many digits were left out, put in, changed or swapped with their neighbour; 2 for more.</summary>
    private static int Distance(string left, string right)
    {
        if (left == right)
        {
            return 0;
        }

        if (left.Length == right.Length)
        {
            var wrong = Enumerable.Range(0, left.Length).Where(i => left[i] != right[i]).ToList();
            return wrong.Count == 1 || (wrong is [var a, var b] && b == a + 1 && left[a] == right[b] && left[b] == right[a]) ? 1 : 2;
        }

        var (shorter, longer) = left.Length < right.Length ? (left, right) : (right, left);
        return longer.Length - shorter.Length == 1 && Enumerable.Range(0, longer.Length).Any(i => longer.Remove(i, 1) == shorter) ? 1 : 2;
    }

    private static async Task<ProviderTransaction> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.ProviderTransactions.SingleOrDefaultAsync(t => t.Id == id, ct) ?? throw new NotFoundException("Payment", id);
}
