using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>A client's credit: what he paid ahead, and what the company gave him. Only the first is ever given back.</summary>
public sealed record WalletState(Money Paid, Money Granted)
{
    public Money Total => Paid + Granted;
}

/// <summary>The wallet of a client: money that came goes into it by itself; here it is shown, added to by the company, and spent on invoices.</summary>
public sealed class WalletService(IDataDefenderDbFactory dbFactory, IEnumerable<IMoneyWatcher> watchers, CurrentUser user)
{
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
        Wake(db.TenantId);
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
        Wake(db.TenantId);
        return used.GetValueOrDefault(clientId);
    }

    private void Wake(Guid company)
    {
        foreach (var watcher in watchers)
        {
            watcher.MoneyMoved(company);
        }
    }

    private static async Task<WalletState> StateAsync(IDataDefenderDb db, Guid clientId, CancellationToken ct) => new(
        await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, clientId, ct), await LedgerBalances.OfClientAsync(db, AccountKind.GrantedWallet, clientId, ct));
}
