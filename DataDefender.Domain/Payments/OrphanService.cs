using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>Money whose owner is not known, or whose match waits for a second person.</summary>
public sealed record OrphanRow(
    Guid Id, long Number, PaymentMethod Method, string? Receipt, Money Amount, DateTime OccurredAt, string? PayerMsisdn, string? PayerName, string? AccountReference, string? ClaimedBy, bool IsHeld, ProposedAct? Proposed, string? ProposedBy, string? ProposedReason, Guid? ProposedClientId, string? ProposedClient);

/// <summary>Whose it may be, and why we think so. Scores rank; 100 is near certain.</summary>
public sealed record OwnerSuggestion(Guid ClientId, string Name, string AccountNumber, string Phone, Money Due, int Score, IReadOnlyList<string> Reasons);

/// <summary>
/// Money in suspense: who may own it, giving it to him, giving it back. Above a limit a second person has to agree. And taking back what
/// was given, when the provider or the bank takes it back.
/// </summary>
public sealed class OrphanService(IDataDefenderDbFactory dbFactory, CounterService counter, IEnumerable<IMoneyWatcher> watchers, CurrentUser user)
{
    private const int MostSuggestions = 6;

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
        select new OrphanRow(t.Id, t.Number, t.Method, t.Receipt, t.Amount, t.OccurredAt, t.PayerMsisdn, t.PayerName, t.AccountReference, t.ClaimedBy, t.IsHeld, t.Proposed, t.ProposedBy, t.ProposedReason, t.ProposedClientId,
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
        var amount = orphan.Amount.Minor;
        var earlier = phone is null ? [] : await db.ProviderTransactions.AsNoTracking()
            .Where(t => t.PayerMsisdn == phone && t.ClientId != null && t.State == TransactionState.Applied).Select(t => t.ClientId!.Value).Distinct().Take(10).ToListAsync(ct);
        var owing = await db.Invoices.AsNoTracking()
            .Where(i => (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid) && i.Total.Minor - i.Paid.Minor - i.Credited.Minor - i.WrittenOff.Minor + i.Returned.Minor == amount)
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
            .GroupBy(i => i.ClientId).Select(g => new { g.Key, Due = g.Sum(i => i.Total.Minor - i.Paid.Minor - i.Credited.Minor - i.WrittenOff.Minor + i.Returned.Minor) }).ToListAsync(ct)).ToDictionary(g => g.Key, g => new Money(g.Due));

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
            Add(owes == orphan.Amount || owing.Contains(c.Id), 20, "owes exactly this amount");
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
        var payment = NotOrdered(await FindAsync(db, id, ct));
        var client = await db.Clients.AsNoTracking().SingleOrDefaultAsync(c => c.Id == clientId, ct) ?? throw new NotFoundException("Client", clientId);
        if (await NeedsSecondAsync(db, payment, ProposedAct.Match, clientId, ct))
        {
            payment.Propose(ProposedAct.Match, clientId, user.Name);
            db.Record("match proposed", payment, new { client.AccountNumber });
            Tell(db, turn, payment, "proposed", $"{user.Name} proposes {client.Name} ({client.AccountNumber}); a second person has to agree");
            await turn.CommitAsync(ct);
            return false;
        }

        payment.ApplyTo(clientId, user.Name, null, turn.Now);
        await turn.PostAsync(await PaymentBooks.FromSuspenseAsync(db, turn, payment, await Receivables.OpenAsync(db, clientId, ct), ct), ct);
        db.Record("matched", payment, new { client.AccountNumber });
        Tell(db, turn, payment, "matched", $"Given to {client.Name} ({client.AccountNumber}) by {user.Name}");
        await PaymentReceipts.WriteAsync(db, turn, ct);
        await turn.CommitAsync(ct);
        watchers.Tell(db.TenantId);
        return true;
    }

    /// <summary>While the provider is ordered to give it back nobody else does, and it is nobody's: what became of the order decides.</summary>
    private static ProviderTransaction NotOrdered(ProviderTransaction payment) => payment.State is not TransactionState.Refunding
        ? payment
        : throw new DomainException("payment.refunding", $"{PaymentBooks.Name(payment)} is being given back by its provider; wait for what becomes of that order.");

    /// <summary>Says no to what somebody proposed.</summary>
    public async Task WithdrawAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        (await FindAsync(db, id, ct)).WithdrawProposal();
        await db.SaveAsync(ct);
    }

    /// <summary>
    /// Notes that it was given back to the payer: by the provider's portal or the bank (with its reference), or in cash from the drawer. What a
    /// client's invoices had of it is owed again.
    /// </summary>
    /// <returns>True when it was done; false when it waits for a second person.</returns>
    public async Task<bool> RefundAsync(Guid id, string reason, bool inCash, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        var why = Reasons.Demand(reason);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var payment = NotOrdered(await FindAsync(db, id, ct));
        if (await NeedsSecondAsync(db, payment, ProposedAct.Refund, null, ct))
        {
            payment.Propose(ProposedAct.Refund, null, user.Name, why);
            Tell(db, turn, payment, "proposed", $"{user.Name} proposes to give it back: {why}; a second person has to agree");
            await turn.CommitAsync(ct);
            return false;
        }

        var place = inCash ? await counter.IntoDrawerAsync(db, turn, payment, CashMovementKind.Refund, -payment.Amount, ct) : await PlaceAsync(db, payment, ct);
        await turn.PostAsync(await PaymentBooks.TakeBackAsync(db, turn, payment, place, payment.Amount, "payment.refunded", $"payment-refund:{payment.Id}", $"{PaymentBooks.Name(payment)} given back: {why}", ct), ct);
        await PaymentBooks.GiveUpAsync(db, payment, ct);
        payment.Refund(user.Name, why, turn.Now);
        db.Record("refunded", payment, new { Reason = why });
        Tell(db, turn, payment, "refunded", $"Given back by {user.Name}: {why}");
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

        if (await NeedsSecondAsync(db, payment, ProposedAct.Reverse, null, ct))
        {
            payment.Propose(ProposedAct.Reverse, null, user.Name, why);
            db.Record("reversal proposed", payment, new { Reason = why });
            Tell(db, turn, payment, "proposed", $"{user.Name} proposes to reverse it: {why}; a second person has to agree");
            await turn.CommitAsync(ct);
            return false;
        }

        var place = payment.Method is PaymentMethod.Cash ? await counter.IntoDrawerAsync(db, turn, payment, CashMovementKind.Refund, -payment.Amount, ct) : await PlaceAsync(db, payment, ct);
        await turn.PostAsync(await PaymentBooks.TakeBackAsync(db, turn, payment, place, payment.Amount, "payment.reversed", $"payment-reversal:{payment.Id}", $"{PaymentBooks.Name(payment)} reversed: {why}", ct), ct);
        await PaymentBooks.GiveUpAsync(db, payment, ct);
        payment.Reverse(user.Name, why, turn.Now);
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
    private async Task<bool> NeedsSecondAsync(IDataDefenderDb db, ProviderTransaction payment, ProposedAct act, Guid? clientId, CancellationToken ct) =>
        payment.Amount >= (await CurrentPaymentSettings.OfAsync(db, ct)).TwoPeopleFrom && !(payment.IsSecond(act, clientId, user.Name) && user.Has(Permissions.ApprovePayments));

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
