using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>What a person of the company took from a client.</summary>
public sealed class ReceivedInput
{
    public Guid ClientId { get; set; }
    public PaymentMethod Method { get; set; } = PaymentMethod.Cash;
    public decimal Amount { get; set; }

    /// <summary>The bank's reference or the cheque's number; not for cash.</summary>
    public string? Reference { get; set; }

    /// <summary>The bank that a cheque is drawn on: two banks' cheques may have one number.</summary>
    public string? Bank { get; set; }

    /// <summary>Who paid, when it was somebody else.</summary>
    public string? PaidBy { get; set; }

    /// <summary>A day in a closed period is refused; null for today.</summary>
    public DateOnly? On { get; set; }
    public string? Note { get; set; }

    /// <summary>Chosen once by whoever enters it, so that a second click is no second payment.</summary>
    public string IdempotencyKey { get; set; } = "";
}

public sealed class ReceivedInputValidator : AbstractValidator<ReceivedInput>
{
    public ReceivedInputValidator()
    {
        RuleFor(r => r.ClientId).NotEmpty().WithMessage("Choose the client.");
        RuleFor(r => r.Method).Must(m => m is PaymentMethod.Cash or PaymentMethod.BankTransfer or PaymentMethod.Cheque).WithMessage("Cash, a bank transfer or a cheque.");
        RuleFor(r => r.Amount).GreaterThan(0).WithMessage("Enter an amount above zero.").LessThanOrEqualTo(100_000_000).WithMessage("That is more than anybody pays at once.")
            .Must(a => decimal.Round(a, 2) == a).WithMessage("The currency has two decimals.");
        RuleFor(r => r.Reference).NotEmpty().When(r => r.Method is not PaymentMethod.Cash).WithMessage("Enter the bank's reference or the cheque's number.").MaximumLength(60).WithMessage("A reference has at most 60 characters.");
        RuleFor(r => r.Bank).MaximumLength(15).WithMessage("Name the bank in at most 15 characters.");
        RuleFor(r => r.PaidBy).MaximumLength(120);
        RuleFor(r => r.Note).MaximumLength(300);
        RuleFor(r => r.IdempotencyKey).NotEmpty().MaximumLength(60);
    }
}

/// <summary>A cash desk as its cashier sees it.</summary>
public sealed record DeskState(Guid Id, string Desk, string Cashier, Money OpeningFloat, Money Expected, DateTime OpenedAt, IReadOnlyList<DeskMovement> Movements);

public sealed record DeskMovement(DateTime At, CashMovementKind Kind, Money Amount, string By, string? Note, Guid? TransactionId);

/// <summary>A closed or open drawer in the list.</summary>
public sealed record DeskRow(Guid Id, string Desk, string Cashier, DateTime OpenedAt, DateTime? ClosedAt, Money OpeningFloat, Money Expected, Money? Counted, string? ClosingNote)
{
    public Money? Difference => Counted is { } counted ? counted - Expected : null;
}

/// <summary>Money that people bring: over the counter, by bank, by cheque; and the drawers that cash goes into.</summary>
public sealed class CounterService(IDataDefenderDbFactory dbFactory, IEnumerable<IMoneyWatcher> watchers, TimeProvider clock, CurrentUser user)
{
    private static readonly ReceivedInputValidator Validator = new();

    /// <summary>
    /// Takes a payment of a client into the books; a cheque waits for the bank. Cash under the same key, and a transfer or cheque of the same day
    /// under the same reference, gives the same payment back, unless that one bounced or was taken back: then it was brought again, and is a payment
    /// of its own.
    /// </summary>
    /// <returns>The payment's id.</returns>
    public async Task<Guid> ReceiveAsync(ReceivedInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.TakePayments);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var (receipt, known) = await ReceiptAsync(db, input, ct);
        if (known is not null)
        {
            var knownOn = DayOf(turn, known.OccurredAt);
            return known.ClientId == input.ClientId && known.Amount == Money.Of(input.Amount) && (input.Method is PaymentMethod.Cash || knownOn == (input.On ?? turn.Today))
                ? known.Id
                : throw new InvalidInputException([new FieldError(
                    nameof(input.Reference), $"{PaymentBooks.Word(input.Method)} {receipt} is in the books already, as payment {known.Number} of {knownOn:yyyy-MM-dd}.{Otherwise(input.Method)}")]);
        }

        if (!await db.Clients.AnyAsync(c => c.Id == input.ClientId, ct))
        {
            throw new NotFoundException("Client", input.ClientId);
        }

        var occurredAt = OccurredAt(turn, input.On);
        var payment = new ProviderTransaction(db.TenantId, input.Method, null, receipt, Money.Of(input.Amount), EvidenceSource.Staff, occurredAt, turn.Now);
        payment.Describe(await PaymentBooks.NumberAsync(db, turn, 1, ct), null, input.PaidBy, null);
        db.ProviderTransactions.Add(payment);
        if (input.Method is PaymentMethod.Cheque)
        {
            payment.Clear(input.ClientId, user.Name, input.Note, turn.Now);
            await turn.PostAsync(PaymentBooks.ToSuspense(turn, payment, Place.Cheques), ct);
            Tell(db, turn, payment, "clearing", $"Cheque {receipt} over {payment.Amount} taken; it counts when the bank has paid it");
        }
        else
        {
            payment.ApplyTo(input.ClientId, user.Name, input.Note, turn.Now);
            var place = input.Method is PaymentMethod.Cash ? await IntoDrawerAsync(db, turn, payment, CashMovementKind.Payment, payment.Amount, ct) : Place.Bank;
            await turn.PostAsync(await PaymentBooks.ToClientAsync(db, turn, payment, place, await Receivables.OpenAsync(db, input.ClientId, ct), ct), ct);
            Tell(db, turn, payment, "paid", $"{payment.Amount} received, {PaymentBooks.Word(input.Method).ToLowerInvariant()}{(string.IsNullOrWhiteSpace(input.PaidBy) ? "" : $", paid by {input.PaidBy.Trim()}")}");
        }

        await PaymentReceipts.WriteAsync(db, turn, ct);
        await turn.CommitAsync(ct);
        watchers.Tell(db.TenantId);
        return payment.Id;
    }

    /// <summary>The bank paid the cheque.</summary>
    public async Task ChequeClearedAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var cheque = await ChequeAsync(db, id, ct);
        cheque.ApplyTo(cheque.ClientId!.Value, user.Name, null, turn.Now);
        await turn.PostAsync(
            [
                new JournalPosting(PaymentBooks.ChequeCleared, $"cheque-cleared:{cheque.Id}", turn.Now, $"{PaymentBooks.Name(cheque)} was paid", PaymentBooks.SourceType, cheque.Id,
                    [PostingLeg.OnDebit(AccountKind.Bank, cheque.Amount, channel: PaymentBooks.BankAccount), PostingLeg.OnCredit(AccountKind.Clearing, cheque.Amount, channel: PaymentBooks.ChequeAccount)]),
                await PaymentBooks.FromSuspenseAsync(db, turn, cheque, cheque.Amount, PaymentBooks.MatchKey(cheque), await Receivables.OpenAsync(db, cheque.ClientId.Value, ct), ct),
            ], ct);
        Tell(db, turn, cheque, "cleared", "The bank paid the cheque");
        await PaymentReceipts.WriteAsync(db, turn, ct);
        await turn.CommitAsync(ct);
        watchers.Tell(db.TenantId);
    }

    /// <summary>The bank did not pay it: nothing was the client's, and what was noted is taken back.</summary>
    public async Task ChequeBouncedAsync(Guid id, string reason, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        var why = Reasons.Demand(reason);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var cheque = await ChequeAsync(db, id, ct);
        cheque.Reverse(user.Name, why, turn.Now);
        await turn.PostAsync(
            new JournalPosting("cheque.bounced", $"cheque-bounced:{cheque.Id}", turn.Now, $"{PaymentBooks.Name(cheque)} bounced: {why}", PaymentBooks.SourceType, cheque.Id,
                [PostingLeg.OnDebit(AccountKind.Suspense, cheque.Amount), PostingLeg.OnCredit(AccountKind.Clearing, cheque.Amount, channel: PaymentBooks.ChequeAccount)]),
            ct);
        Tell(db, turn, cheque, "bounced", $"The cheque bounced: {why}");
        await turn.CommitAsync(ct);
    }

    /// <summary>The signed-in person's open drawer; null when there is none.</summary>
    public async Task<DeskState?> MineAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.TakePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var me = user.Id ?? Guid.Empty;
        if (await db.CashSessions.AsNoTracking().SingleOrDefaultAsync(s => s.CashierId == me && s.ClosedAt == null, ct) is not { } session)
        {
            return null;
        }

        var movements = await db.CashMovements.AsNoTracking().Where(m => m.SessionId == session.Id).OrderByDescending(m => m.Id).Take(200)
            .Select(m => new DeskMovement(m.At, m.Kind, m.Amount, m.By, m.Note, m.TransactionId)).ToListAsync(ct);
        return new DeskState(session.Id, session.Desk, session.Cashier, session.OpeningFloat, session.Expected, session.OpenedAt, movements);
    }

    public async Task<PageOf<DeskRow>> SessionsAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var rows = db.CashSessions.AsNoTracking();
        if (query.Term is { } term)
        {
            rows = rows.Where(s => s.Desk.ToLower().Contains(term) || s.Cashier.ToLower().Contains(term));
        }

        return new PageOf<DeskRow>(
            await Rows(rows).Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct),
            await rows.CountAsync(ct));
    }

    private static IQueryable<DeskRow> Rows(IQueryable<CashSession> sessions) => sessions.OrderByDescending(s => s.OpenedAt).ThenBy(s => s.Id)
        .Select(s => new DeskRow(s.Id, s.Desk, s.Cashier, s.OpenedAt, s.ClosedAt, s.OpeningFloat, s.Expected, s.Counted, s.ClosingNote));

    /// <summary>The drawers that were opened before one, the newest first; the newest of all without one.</summary>
    public async Task<IReadOnlyList<DeskRow>> SessionsAfterAsync(ListKey? after, int most, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var sessions = db.CashSessions.AsNoTracking();
        if (after is { } last)
        {
            sessions = sessions.Where(s => s.OpenedAt < last.At || (s.OpenedAt == last.At && s.Id > last.Id));
        }

        return await Rows(sessions).Take(most).ToListAsync(ct);
    }

    /// <summary>What the drawer held when it was last closed: the next cashier begins with it.</summary>
    public async Task<Money> LeftInAsync(string desk, CancellationToken ct = default)
    {
        user.Demand(Permissions.TakePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        return await LedgerBalances.OfAccountAsync(db, AccountKind.Cash, DeskName(desk), ct: ct);
    }

    /// <summary>Opens a drawer with what was counted in it. A difference from what the books say it holds is posted and shown.</summary>
    public async Task<Guid> OpenAsync(string desk, decimal counted, CancellationToken ct = default)
    {
        user.Demand(Permissions.TakePayments);
        var (name, money) = (DeskName(desk), Counted(counted));
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var me = user.Id ?? Guid.Empty;
        if (await db.CashSessions.AsNoTracking().FirstOrDefaultAsync(s => s.ClosedAt == null && (s.CashierId == me || s.Desk == name), ct) is { } open)
        {
            throw new DomainException("cash.open", open.CashierId == me ? $"Your drawer {open.Desk} is open already; close it first." : $"{open.Cashier} has the drawer {open.Desk} open.");
        }

        var session = db.CashSessions.Add(new CashSession(db.TenantId, me, user.Name, name, money, turn.Now)).Entity;
        var held = await LedgerBalances.OfAccountAsync(db, AccountKind.Cash, name, ct: ct);
        if (money != held)
        {
            await DifferenceAsync(db, turn, session, money - held, "opened", ct);
        }

        await turn.CommitAsync(ct);
        return session.Id;
    }

    /// <summary>Counts the drawer and closes it; a difference goes into the books with its reason.</summary>
    /// <returns>Counted less expected.</returns>
    public async Task<Money> CloseAsync(decimal counted, string? note, CancellationToken ct = default)
    {
        user.Demand(Permissions.TakePayments);
        var money = Counted(counted);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        return await CloseAsync(db, turn, await DrawerAsync(db, ct), money, note, ct);
    }

    /// <summary>Counts and closes the drawer of a cashier who cannot: he went home with it open, or left. It stands in the audit who did, and why.</summary>
    /// <returns>Counted less expected.</returns>
    public async Task<Money> CloseForAsync(Guid sessionId, decimal counted, string reason, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        var (money, why) = (Counted(counted), Reasons.Demand(reason));
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var session = await db.CashSessions.SingleOrDefaultAsync(s => s.Id == sessionId, ct) ?? throw new NotFoundException("Drawer", sessionId);
        db.Record("closed for its cashier", session, new { Reason = why, Counted = money.Amount, Expected = session.Expected.Amount });
        return await CloseAsync(db, turn, session, money, $"Closed by {(user.Name.Length <= 80 ? user.Name : user.Name[..80])}: {why}", ct);
    }

    private async Task<Money> CloseAsync(IDataDefenderDb db, LedgerTurn turn, CashSession session, Money money, string? note, CancellationToken ct)
    {
        session.Close(money, note, turn.Now);
        var difference = money - session.Expected;
        if (difference != Money.Zero)
        {
            await DifferenceAsync(db, turn, session, difference, "closed", ct);
        }

        await turn.CommitAsync(ct);
        return difference;
    }

    /// <summary>Takes cash from the drawer to the bank (positive), or brings some from there (negative).</summary>
    public async Task BankAsync(decimal amount, string? note, CancellationToken ct = default)
    {
        user.Demand(Permissions.TakePayments);
        if (amount == 0 || decimal.Round(amount, 2) != amount || Math.Abs(amount) > 100_000_000)
        {
            throw new DomainException("cash.amount", "Enter an amount with at most two decimals.");
        }

        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var (session, money, id) = (await DrawerAsync(db, ct), Money.Of(amount), Guid.CreateVersion7());
        session.Move(-money);
        db.CashMovements.Add(Movement(turn, session, money > Money.Zero ? CashMovementKind.Banked : CashMovementKind.ToppedUp, -money, null, note));
        await turn.PostAsync(
            new JournalPosting(money > Money.Zero ? "cash.banked" : "cash.topped-up", $"cash-banked:{id}", turn.Now, $"{session.Desk}: cash {(money > Money.Zero ? "to" : "from")} the bank", "CashSession", session.Id,
                [.. PostingLeg.Net(AccountKind.Bank, money, channel: PaymentBooks.BankAccount), .. PostingLeg.Net(AccountKind.Cash, -money, channel: session.Desk)]),
            ct);
        await turn.CommitAsync(ct);
    }

    /// <summary>Takes cash that is no payment's out of the signed-in person's drawer.</summary>
    /// <exception cref="DomainException">There is no drawer open, or less in it.</exception>
    internal async Task<Place> OutOfDrawerAsync(IDataDefenderDb db, LedgerTurn turn, Money amount, string note, CancellationToken ct)
    {
        var session = await DrawerAsync(db, ct);
        session.Move(-amount);
        db.CashMovements.Add(Movement(turn, session, CashMovementKind.Refund, -amount, null, note));
        return Place.Drawer(session);
    }

    /// <summary>Puts a payment into the signed-in person's drawer, or takes it out.</summary>
    internal async Task<Place> IntoDrawerAsync(IDataDefenderDb db, LedgerTurn turn, ProviderTransaction payment, CashMovementKind kind, Money amount, CancellationToken ct)
    {
        var session = await DrawerAsync(db, ct);
        session.Move(amount);
        payment.TakeInto(session.Id);
        db.CashMovements.Add(Movement(turn, session, kind, amount, payment.Id, null));
        return Place.Drawer(session);
    }

    private async Task DifferenceAsync(IDataDefenderDb db, LedgerTurn turn, CashSession session, Money difference, string when, CancellationToken ct)
    {
        db.CashMovements.Add(Movement(turn, session, CashMovementKind.Difference, difference, null, $"Counted when it was {when}"));
        await turn.PostAsync(
            new JournalPosting("cash.difference", $"cash-difference:{session.Id}:{when}", turn.Now, $"{session.Desk}, {session.Cashier}: {difference} {(difference > Money.Zero ? "too much" : "missing")} when it was {when}", "CashSession", session.Id,
                [.. PostingLeg.Net(AccountKind.Cash, difference, channel: session.Desk), .. PostingLeg.Net(AccountKind.CashDifference, -difference)]),
            ct);
    }

    private async Task<CashSession> DrawerAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var me = user.Id ?? Guid.Empty;
        return await db.CashSessions.SingleOrDefaultAsync(s => s.CashierId == me && s.ClosedAt == null, ct)
            ?? throw new DomainException("cash.none", "You have no cash desk open. Open one before you take or give cash.");
    }

    private CashMovement Movement(LedgerTurn turn, CashSession session, CashMovementKind kind, Money amount, Guid? payment, string? note) => new()
    {
        TenantId = session.TenantId, SessionId = session.Id, Kind = kind, Amount = amount, TransactionId = payment, Note = string.IsNullOrWhiteSpace(note) ? null : note.Trim(), By = user.Name, At = turn.Now,
    };

    private static async Task<ProviderTransaction> ChequeAsync(IDataDefenderDb db, Guid id, CancellationToken ct)
    {
        var cheque = await db.ProviderTransactions.SingleOrDefaultAsync(t => t.Id == id, ct) ?? throw new NotFoundException("Payment", id);
        return cheque is { Method: PaymentMethod.Cheque, State: TransactionState.Clearing } ? cheque : throw new DomainException("cheque.state", $"{cheque.AuditLabel} is no cheque that waits for the bank.");
    }

    /// <summary>The receipt of what was brought, and the payment that has it already. What was brought before and did not stay counts up: “000124”, “000124 2”.</summary>
    private static async Task<(string Receipt, ProviderTransaction? Known)> ReceiptAsync(IDataDefenderDb db, ReceivedInput input, CancellationToken ct)
    {
        if (input.Method is PaymentMethod.Cash)
        {
            var cash = $"CASH-{input.IdempotencyKey}";
            return (cash, await db.ProviderTransactions.AsNoTracking().SingleOrDefaultAsync(t => t.Method == PaymentMethod.Cash && t.Receipt == cash, ct));
        }

        var bank = input.Method is PaymentMethod.Cheque && !string.IsNullOrWhiteSpace(input.Bank) ? $" {input.Bank.Trim()}" : "";
        var first = (input.Reference!.Trim() + bank).ToUpperInvariant();
        var again = first + " ";
        var like = await db.ProviderTransactions.AsNoTracking().Where(t => t.Method == input.Method && (t.Receipt == first || t.Receipt!.StartsWith(again))).ToDictionaryAsync(t => t.Receipt!, ct);
        var receipt = first;
        for (var time = 2; like.TryGetValue(receipt, out var before); time++)
        {
            if (before.State is not (TransactionState.Reversed or TransactionState.Refunded))
            {
                return (receipt, before);
            }

            receipt = FormattableString.Invariant($"{again}{time}");
        }

        return (receipt, null);
    }

    private static DateOnly DayOf(LedgerTurn turn, DateTime utc) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(utc, turn.Company.TimeZone));

    private static string Otherwise(PaymentMethod method) => method switch
    {
        PaymentMethod.Cheque => " If this one is drawn on another bank, name the bank.",
        PaymentMethod.BankTransfer => " If this is another transfer under the same reference, as of a standing order, add its day to the reference.",
        _ => "",
    };

    private DateTime OccurredAt(LedgerTurn turn, DateOnly? on)
    {
        if (on is not { } day || day == turn.Today)
        {
            return clock.GetUtcNow().UtcDateTime;
        }

        if (turn.ClosedThrough is { } closed && day <= closed)
        {
            throw new InvalidInputException([new FieldError(nameof(ReceivedInput.On), $"The books are closed up to {closed:yyyy-MM-dd}. Enter the first open day, and the day on which it came as a note.")]);
        }

        return day < turn.Today
            ? TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(new TimeOnly(12, 0)), turn.Company.TimeZone)
            : throw new InvalidInputException([new FieldError(nameof(ReceivedInput.On), "A payment cannot have come on a day that is still to come.")]);
    }

    private void Tell(IDataDefenderDb db, LedgerTurn turn, ProviderTransaction payment, string kind, string text) => db.PaymentEvents.Add(new PaymentEvent
    {
        TenantId = payment.TenantId, At = turn.Now, TransactionId = payment.Id, Kind = kind, Text = text, By = user.Name,
    });

    private static string DeskName(string desk) => desk?.Trim() is { Length: > 0 and <= 40 } name ? name : throw new DomainException("cash.desk", "Name the drawer, with at most 40 characters.");

    private static Money Counted(decimal amount) => amount >= 0 && decimal.Round(amount, 2) == amount && amount <= 1_000_000_000
        ? Money.Of(amount)
        : throw new DomainException("cash.counted", "A count is zero or more, with at most two decimals.");
}

internal static class Reasons
{
    public static string Demand(string? reason) => string.IsNullOrWhiteSpace(reason)
        ? throw new DomainException("payment.reason", "Say why; it stays with the payment.")
        : reason.Trim() is { Length: > 200 } longer ? longer[..200] : reason.Trim();
}
