using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>What is typed for a new batch of scratch cards.</summary>
public sealed class CardBatchInput
{
    public int Count { get; set; } = 100;

    /// <summary>What each card is worth, in whole currency.</summary>
    public decimal Value { get; set; }

    public DateOnly? ExpiresOn { get; set; }
    public string? Note { get; set; }
}

public sealed class CardBatchInputValidator : AbstractValidator<CardBatchInput>
{
    public const int MostCards = 5_000;

    public CardBatchInputValidator()
    {
        RuleFor(b => b.Count).InclusiveBetween(1, MostCards).WithMessage($"A batch has 1 to {MostCards:#,##0} cards.");
        RuleFor(b => b.Value).InclusiveBetween(1, 100_000).WithMessage("A card is worth 1 to 100,000.").Must(v => decimal.Truncate(v) == v).WithMessage("A card's value has no cents.");
        RuleFor(b => b.Note).MaximumLength(120).WithMessage("A note has at most 120 characters.");
    }
}

/// <summary>A batch in the list.</summary>
public sealed record CardBatchRow(Guid Id, long Number, int Count, Money Value, DateOnly? ExpiresOn, string Note, string MadeBy, DateTime MadeAt, string? ReleasedBy, int Ready, int Redeemed, int Voided);

/// <summary>A card in the list; never with its code.</summary>
public sealed record CardRow(Guid Id, string Serial, CardStatus Status, DateTime? ChangedAt, string? ChangedBy, string? Reason, Guid? ClientId, string? Client, Guid? TransactionId);

/// <summary>A card as it is printed, once. Its code is kept nowhere.</summary>
public sealed record PrintedCard(string Serial, string Code);

/// <summary>A batch with its codes, for the one sheet.</summary>
public sealed record PrintedBatch(Guid Id, long Number, Money Value, DateOnly? ExpiresOn, bool IsReleased, IReadOnlyList<PrintedCard> Cards);

/// <summary>
/// Scratch cards: made in batches, printed once, redeemed once for a client, void when they are lost. What was redeemed is held by whoever
/// sold the cards until he pays it in.
/// </summary>
public sealed class CardService(IDataDefenderDbFactory dbFactory, ISecretVault vault, IEnumerable<IMoneyWatcher> watchers, TimeProvider clock, CurrentUser user)
{
    private const string Numbers = "card-batches";
    private static readonly CardBatchInputValidator Validator = new();

    /// <summary>Makes a batch. A large one counts only when a second person has released it.</summary>
    /// <returns>With the codes: they can never be read again.</returns>
    public async Task<PrintedBatch> MakeAsync(CardBatchInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var cipher = await vault.OpenAsync(db.TenantId, ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct); // numbers are taken in turn
        if (input.ExpiresOn < turn.Today)
        {
            throw new InvalidInputException([new FieldError(nameof(input.ExpiresOn), "The last day is over already.")]);
        }

        var settings = await db.PaymentSettings.SingleOrDefaultAsync(ct) ?? db.PaymentSettings.Add(new PaymentSettings(db.TenantId)).Entity;
        if (CardCodes.Key(settings, cipher) is not { } key)
        {
            key = CardCodes.MakeKey();
            settings.SetCardKey(cipher.Protect(settings.CardKeyPlace(), key));
        }

        var (value, sequence) = (Money.Of(input.Value), await db.NumberSequences.SingleOrDefaultAsync(s => s.Name == Numbers, ct) ?? db.NumberSequences.Add(new NumberSequence(db.TenantId, Numbers, 1)).Entity);
        var isReleased = new Money(value.Minor * input.Count) < settings.TwoPeopleFrom;
        var batch = db.CardBatches.Add(new CardBatch(db.TenantId, sequence.Take(1), input.Count, value, input.ExpiresOn, input.Note?.Trim() ?? "", user.Name, isReleased, turn.Now)).Entity;
        var printed = new List<PrintedCard>(input.Count);
        var codes = new HashSet<string>(StringComparer.Ordinal);
        while (printed.Count < input.Count)
        {
            var code = CardCodes.Make();
            if (codes.Add(code))
            {
                var card = db.ScratchCards.Add(new ScratchCard(batch, printed.Count + 1, CardCodes.Hash(key, code))).Entity;
                printed.Add(new PrintedCard(card.Serial, CardCodes.Grouped(code)));
            }
        }

        await turn.CommitAsync(ct);
        return new PrintedBatch(batch.Id, batch.Number, value, batch.ExpiresOn, isReleased, printed);
    }

    /// <summary>The second person lets the cards of a large batch count.</summary>
    public async Task ReleaseAsync(Guid batchId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ApprovePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        (await BatchAsync(db, batchId, ct)).Release(user.Name, clock.GetUtcNow().UtcDateTime);
        await db.SaveAsync(ct);
    }

    public async Task<PageOf<CardBatchRow>> BatchesAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var batches = Find(db, query.Search);
        return new PageOf<CardBatchRow>(await Rows(db, batches).Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct), await batches.CountAsync(ct));
    }

    /// <summary>The newest batches that come before a number; the newest of all without one.</summary>
    public async Task<IReadOnlyList<CardBatchRow>> BatchesAfterAsync(string? search, long? before, int most, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var batches = Find(db, search);
        return await Rows(db, before is { } number ? batches.Where(b => b.Number < number) : batches).Take(most).ToListAsync(ct);
    }

    private static IQueryable<CardBatch> Find(IDataDefenderDb db, string? search)
    {
        var batches = db.CardBatches.AsNoTracking();
        return new GridQuery(Search: search).Term is { } term
            ? batches.Where(b => b.Note.ToLower().Contains(term) || b.MadeBy.ToLower().Contains(term) || db.ScratchCards.Any(c => c.BatchId == b.Id && c.Serial.StartsWith(term)))
            : batches;
    }

    private static IQueryable<CardBatchRow> Rows(IDataDefenderDb db, IQueryable<CardBatch> batches) => batches.OrderByDescending(b => b.Number)
        .Select(b => new CardBatchRow(b.Id, b.Number, b.Count, b.Value, b.ExpiresOn, b.Note, b.MadeBy, b.MadeAt, b.ReleasedBy,
            db.ScratchCards.Count(c => c.BatchId == b.Id && c.Status == CardStatus.Ready), db.ScratchCards.Count(c => c.BatchId == b.Id && c.Status == CardStatus.Redeemed),
            db.ScratchCards.Count(c => c.BatchId == b.Id && c.Status == CardStatus.Void)));

    public async Task<PageOf<CardRow>> CardsAsync(Guid batchId, GridQuery query, CardStatus? status, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var cards = db.ScratchCards.AsNoTracking().Where(c => c.BatchId == batchId);
        cards = status is { } wanted ? cards.Where(c => c.Status == wanted) : cards;
        cards = query.Term is { } term ? cards.Where(c => c.Serial.Contains(term)) : cards;
        return new PageOf<CardRow>(
            await cards.OrderBy(c => c.Serial).Skip(query.Page * query.PageSize).Take(query.PageSize)
                .Select(c => new CardRow(c.Id, c.Serial, c.Status, c.ChangedAt, c.ChangedBy, c.Reason, c.ClientId, db.Clients.Where(k => k.Id == c.ClientId).Select(k => k.Name).FirstOrDefault(), c.TransactionId)).ToListAsync(ct),
            await cards.CountAsync(ct));
    }

    /// <summary>Redeems a card for a client: what it is worth pays his oldest invoices, and the rest is in his wallet.</summary>
    /// <returns>The payment's id.</returns>
    /// <exception cref="DomainException">The code is mistyped, nobody's, used, void, expired or not released.</exception>
    public async Task<Guid> RedeemAsync(Guid clientId, string typed, CancellationToken ct = default)
    {
        user.Demand(Permissions.TakePayments);
        var code = CardCodes.Read(typed) ?? throw Wrong($"That is no code of a card: it has {CardCodes.Digits} digits, and one of them may be mistyped.");
        await using var db = await dbFactory.OpenAsync(ct);
        var cipher = await vault.OpenAsync(db.TenantId, ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct); // one at a time, so that two do not redeem one card
        var key = CardCodes.Key(await CurrentPaymentSettings.OfAsync(db, ct), cipher);
        var hash = key is null ? "" : CardCodes.Hash(key, code);
        var card = await db.ScratchCards.SingleOrDefaultAsync(c => c.CodeHash == hash, ct) ?? throw Wrong("No card has this code.");
        var batch = await BatchAsync(db, card.BatchId, ct);
        if (!await db.Clients.AnyAsync(c => c.Id == clientId, ct))
        {
            throw new NotFoundException("Client", clientId);
        }

        if (batch.ReleasedBy is null)
        {
            throw Wrong($"Card {card.Serial} does not count yet: a second person has to release its batch.");
        }

        if (batch.ExpiresOn < turn.Today)
        {
            throw Wrong($"Card {card.Serial} was to be redeemed by {batch.ExpiresOn:d MMMM yyyy}.");
        }

        var payment = new ProviderTransaction(db.TenantId, PaymentMethod.Card, null, card.Serial, batch.Value, EvidenceSource.Staff, turn.Now, turn.Now);
        card.Redeem(clientId, payment.Id, user.Name, turn.Now);
        payment.Describe(await PaymentBooks.NumberAsync(db, turn, 1, ct), null, null, null);
        payment.ApplyTo(clientId, user.Name, null, turn.Now);
        db.ProviderTransactions.Add(payment);
        await turn.PostAsync(await PaymentBooks.ToClientAsync(db, turn, payment, Place.Cards, await Receivables.OpenAsync(db, clientId, ct), ct), ct);
        db.PaymentEvents.Add(new PaymentEvent { TenantId = db.TenantId, At = turn.Now, TransactionId = payment.Id, Kind = "paid", Text = $"Card {card.Serial} over {batch.Value} redeemed by {user.Name}", By = user.Name });
        await PaymentReceipts.WriteAsync(db, turn, ct);
        await turn.CommitAsync(ct);
        watchers.Tell(true, db.TenantId);
        return payment.Id;
    }

    /// <summary>Makes one card void, or all of a batch that nobody has redeemed.</summary>
    /// <returns>How many became void.</returns>
    public async Task<int> VoidAsync(Guid batchId, Guid? cardId, string reason, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        var why = Reasons.Demand(reason);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var batch = await BatchAsync(db, batchId, ct);
        var cards = await db.ScratchCards.Where(c => c.BatchId == batchId && c.Status == CardStatus.Ready && (cardId == null || c.Id == cardId)).ToListAsync(ct);
        var count = cards.Count(c => c.MakeVoid(why, user.Name, turn.Now));
        if (count == 0)
        {
            throw new DomainException("card.state", cardId is null ? "No card of this batch is left that could be made void." : "That card was redeemed or is void already.");
        }

        db.Record("made cards void", batch, new { Cards = count, Reason = why });
        await turn.CommitAsync(ct);
        return count;
    }

    /// <summary>Whoever sells cards paid in what he took for them, less what he keeps.</summary>
    public async Task PaidInAsync(decimal amount, decimal commission, string reference, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        Payout.Demand(amount, commission, reference);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        await turn.PostAsync(Payout.Posting(turn, PaymentBooks.CardAccount, "Card sales", "PaymentSettings", db.TenantId, Money.Of(amount), Money.Of(commission), reference.Trim()), ct);
        await turn.CommitAsync(ct);
    }

    private static async Task<CardBatch> BatchAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.CardBatches.SingleOrDefaultAsync(b => b.Id == id, ct) ?? throw new NotFoundException("Card batch", id);

    private static InvalidInputException Wrong(string text) => new([new FieldError("Code", text)]);
}
