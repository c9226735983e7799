using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>A client's credit: what he paid ahead, and what the company gave him. Only the first is ever given back.</summary>
public sealed record WalletState(Money Paid, Money Granted)
{
    public Money Total => Paid + Granted;
}

/// <summary>Money that a client gets back out of his wallet.</summary>
public sealed class PayOutInput
{
    public Guid ClientId { get; set; }

    /// <summary>In major units.</summary>
    public decimal Amount { get; set; }

    /// <summary>From the signed-in person's drawer; else by the bank, under <see cref="Reference"/>.</summary>
    public bool InCash { get; set; } = true;

    public string? Reference { get; set; }
    public string Reason { get; set; } = "";

    /// <summary>Chosen once by whoever enters it, so that a second click pays nothing more.</summary>
    public string IdempotencyKey { get; set; } = "";
}

public sealed class PayOutInputValidator : AbstractValidator<PayOutInput>
{
    public PayOutInputValidator()
    {
        RuleFor(p => p.ClientId).NotEmpty().WithMessage("Choose the client.");
        RuleFor(p => p.Amount).GreaterThan(0).WithMessage("Enter an amount above zero.").LessThanOrEqualTo(100_000_000).WithMessage("That is more than anybody gets at once.")
            .Must(a => decimal.Round(a, 2) == a).WithMessage("The currency has two decimals.");
        RuleFor(p => p.Reference).NotEmpty().When(p => !p.InCash).WithMessage("Enter the bank's reference.").MaximumLength(60).WithMessage("A reference has at most 60 characters.");
        RuleFor(p => p.Reason).NotEmpty().WithMessage("Say why; it stays in the books.").MaximumLength(200).WithMessage("A reason has at most 200 characters.");
        RuleFor(p => p.IdempotencyKey).NotEmpty().MaximumLength(60);
    }
}

/// <summary>The wallet of a client: money that came goes into it by itself; here it is shown, added to by the company, and spent on invoices.</summary>
public sealed class WalletService(IDataDefenderDbFactory dbFactory, CounterService counter, IEnumerable<IMoneyWatcher> watchers, CurrentUser user)
{
    private const string PaidOut = "wallet.paid-out";
    private static readonly PayOutInputValidator Validator = new();

    public async Task<WalletState> GetAsync(Guid clientId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        return await StateAsync(db, clientId, ct);
    }

    /// <summary>
    /// Gives a client credit that he did not pay for: an apology, a prize. It is spent before what he paid. The same key gives nothing a second
    /// time; with another client or amount it is refused.
    /// </summary>
    /// <exception cref="DomainException">idempotency_key_reuse, or the amount or the reason is missing.</exception>
    public async Task GrantAsync(Guid clientId, decimal amount, string reason, string idempotencyKey, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        var why = Reasons.Demand(reason);
        if (string.IsNullOrWhiteSpace(idempotencyKey) || idempotencyKey.Length > 60)
        {
            throw new DomainException("idempotency_key", "A gift needs a key of at most 60 characters, chosen once by whoever gives it.");
        }

        if (amount is <= 0 or > 1_000_000 || decimal.Round(amount, 2) != amount)
        {
            throw new DomainException("wallet.amount", "Enter an amount above zero, up to 1,000,000, with at most two decimals.");
        }

        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var client = await db.Clients.SingleOrDefaultAsync(c => c.Id == clientId, ct) ?? throw new NotFoundException("Client", clientId);
        var (money, key) = (Money.Of(amount), $"wallet-granted:{idempotencyKey.Trim()}");
        if (await db.JournalTransactions.AsNoTracking().Include(t => t.Lines).SingleOrDefaultAsync(t => t.NaturalKey == key, ct) is { } first)
        {
            if (first.SourceId != clientId || first.Lines.Sum(l => l.Credit.Minor) != money.Minor)
            {
                throw new DomainException("idempotency_key_reuse", "Something else was given under this key before. Begin anew.");
            }

            return;
        }

        await turn.PostAsync(
            new JournalPosting("wallet.granted", key, turn.Now, $"Credit for {client.AccountNumber}: {why}", nameof(Clients.Client), clientId,
                [PostingLeg.OnDebit(AccountKind.Grants, money, clientId), PostingLeg.OnCredit(AccountKind.GrantedWallet, money, clientId)]),
            ct);
        db.Record("granted credit", client, new { Amount = money.ToString(), Reason = why });
        await WalletCredit.PayOpenAsync(db, turn, [clientId], ct);
        await turn.CommitAsync(ct);
        watchers.Tell(db.TenantId);
    }

    /// <summary>
    /// Gives a client back what he paid ahead and has not spent: a deposit that was credited, a rest when he leaves. In cash from the signed-in
    /// person's drawer, or noted as sent by the bank. Credit that was given to him is never paid out. The same key pays nothing a second time.
    /// </summary>
    /// <exception cref="DomainException">The wallet holds less, it is as much in a day as wants two people, or idempotency_key_reuse.</exception>
    public async Task PayOutAsync(PayOutInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        Validator.Demand(input);
        var (why, money, key) = (Reasons.Demand(input.Reason), Money.Of(input.Amount), $"{PaidOut}:{input.IdempotencyKey.Trim()}");
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var client = await db.Clients.SingleOrDefaultAsync(c => c.Id == input.ClientId, ct) ?? throw new NotFoundException("Client", input.ClientId);
        if (await db.JournalTransactions.AsNoTracking().Include(t => t.Lines).SingleOrDefaultAsync(t => t.NaturalKey == key, ct) is { } first)
        {
            if (first.SourceId != client.Id || first.Lines.Sum(l => l.Credit.Minor) != money.Minor)
            {
                throw new DomainException("idempotency_key_reuse", "Something else was paid out under this key before. Begin anew.");
            }

            return;
        }

        var held = await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id, ct);
        if (held < money)
        {
            throw new InvalidInputException([new FieldError(nameof(input.Amount), $"{held} of what {client.Name} paid lie in the wallet.")]);
        }

        var limit = (await CurrentPaymentSettings.OfAsync(db, ct)).TwoPeopleFrom;
        var today = new Money(await (
            from line in db.JournalLines
            join transaction in db.JournalTransactions on line.Sequence equals transaction.Sequence
            where line.ClientId == client.Id && transaction.Kind == PaidOut && transaction.EffectiveOn == turn.Today
            select line.Debit.Minor).SumAsync(ct));
        if (today + money >= limit)
        {
            throw new DomainException("payment.second", $"From {limit} a day on two people give money back: do it on the payment that it came with.");
        }

        var place = input.InCash ? await counter.OutOfDrawerAsync(db, turn, money, $"{client.AccountNumber}: {why}", ct) : Place.Bank;
        await turn.PostAsync(
            new JournalPosting(PaidOut, key, turn.Now, $"Paid out to {client.AccountNumber}{(input.InCash ? ", cash" : $", {input.Reference!.Trim()}")}: {why}", nameof(Clients.Client), client.Id,
                [PostingLeg.OnDebit(AccountKind.Wallet, money, client.Id), PostingLeg.OnCredit(place.Account, money, channel: place.Channel)]),
            ct);
        db.Record("paid out credit", client, new { Amount = money.ToString(), Reason = why, input.InCash, input.Reference });
        await turn.CommitAsync(ct);
        watchers.Tell(db.TenantId);
    }

    /// <summary>Pays open invoices from the wallet, oldest first; granted credit goes before what was paid. Returns how much was used.</summary>
    public async Task<Money> UseAsync(Guid clientId, CancellationToken ct = default)
    {
        user.Demand(Permissions.TakePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var used = await WalletCredit.PayOpenAsync(db, turn, [clientId], ct);
        if (used.Count == 0)
        {
            return Money.Zero;
        }

        await turn.CommitAsync(ct);
        watchers.Tell(db.TenantId);
        return used.GetValueOrDefault(clientId);
    }

    private static async Task<WalletState> StateAsync(IDataDefenderDb db, Guid clientId, CancellationToken ct) => new(
        await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, clientId, ct), await LedgerBalances.OfClientAsync(db, AccountKind.GrantedWallet, clientId, ct));
}
