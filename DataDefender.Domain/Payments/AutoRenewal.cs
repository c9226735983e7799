using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>
/// Prepaid lines that run out are paid on from the client's wallet, when it holds the whole price: the same invoice as for time that is bought,
/// settled in the same turn, which extends the paid time. Granted credit goes before what was paid.
/// </summary>
public sealed class AutoRenewal(IDataDefenderDbFactory dbFactory, IEnumerable<IMoneyWatcher> watchers, TimeProvider clock, CurrentUser user)
{
    /// <summary>How long before its end a line is paid on.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromHours(1);

    /// <summary>A line that ended longer ago than this is not taken up again by itself.</summary>
    public static readonly TimeSpan NotLaterThan = TimeSpan.FromDays(14);

    private const int MostLines = 500;

    /// <summary>Pays on what is due; returns how many lines.</summary>
    public async Task<int> RenewDueAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        var renewed = 0;
        foreach (var line in await DueAsync(ct))
        {
            renewed += await RenewAsync(line, ct) ? 1 : 0;
        }

        return renewed;
    }

    /// <summary>False when the wallet does not hold the whole price, or the line was paid on meanwhile.</summary>
    public async Task<bool> RenewAsync(Guid lineId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var line = await db.Subscriptions.SingleOrDefaultAsync(s => s.Id == lineId, ct) ?? throw new NotFoundException("Line", lineId);
        if (line.State is not SubscriptionState.Active || line.ExpiresAt is not { } ends || ends > turn.Now + Ahead)
        {
            return false;
        }

        var contract = await db.Contracts.AsNoTracking().SingleOrDefaultAsync(c => c.SubscriptionId == lineId, ct);
        if (contract is not null && (contract.Mode is not BillingMode.Prepaid || contract.EndsOn <= turn.Today))
        {
            return false; // a run bills it, or it is over
        }

        var package = await db.Packages.AsNoTracking().SingleAsync(p => p.Id == line.PackageId, ct);
        var invoice = await Renewals.IssueAsync(db, turn, line, package, 1, contract, "renewal from the wallet", ct);
        var granted = await LedgerBalances.OfClientAsync(db, AccountKind.GrantedWallet, invoice.ClientId, ct);
        var paid = await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, invoice.ClientId, ct);
        if (granted + paid < invoice.Total || invoice.Total == Money.Zero)
        {
            return false; // the turn takes all back
        }

        await Receivables.SettleAsync(db, turn, invoice, invoice.Total, ct);
        var given = granted < invoice.Total ? granted : invoice.Total;
        await turn.PostAsync(
            new JournalPosting("wallet.used", $"wallet-renewal:{invoice.Id}", turn.Now, $"Wallet: {invoice.Reference}, {line.Username} renewed", Invoice.SourceType, invoice.Id,
                [.. PostingLeg.Net(AccountKind.GrantedWallet, given, invoice.ClientId), .. PostingLeg.Net(AccountKind.Wallet, invoice.Total - given, invoice.ClientId), PostingLeg.OnCredit(AccountKind.Receivable, invoice.Total, invoice.ClientId)]),
            ct);
        await turn.CommitAsync(ct);
        foreach (var watcher in watchers)
        {
            watcher.MoneyMoved(db.TenantId);
        }

        return true;
    }

    /// <summary>Lines that run out, of clients who have anything in the wallet.</summary>
    private async Task<IReadOnlyList<Guid>> DueAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var (from, until) = (now - NotLaterThan, now + Ahead);
        await using var db = await dbFactory.OpenAsync(ct);
        var due = await db.Subscriptions.AsNoTracking()
            .Where(s => s.State == SubscriptionState.Active && s.ExpiresAt != null && s.ExpiresAt >= from && s.ExpiresAt <= until)
            .OrderBy(s => s.ExpiresAt).Take(MostLines).Select(s => new { s.Id, s.ClientId }).ToListAsync(ct);
        if (due.Count == 0)
        {
            return [];
        }

        var clients = due.Select(d => d.ClientId).Distinct().ToList();
        var paid = await LedgerBalances.OfClientsAsync(db, AccountKind.Wallet, clients, ct);
        var granted = await LedgerBalances.OfClientsAsync(db, AccountKind.GrantedWallet, clients, ct);
        return [.. due.Where(d => paid.GetValueOrDefault(d.ClientId) + granted.GetValueOrDefault(d.ClientId) > Money.Zero).Select(d => d.Id)];
    }
}
