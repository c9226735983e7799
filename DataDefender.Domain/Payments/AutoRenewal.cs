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

    /// <summary>
    /// A line that ended longer ago than this is taken up again only when a payment went into the wallet within this time, and only where the
    /// client has no other line that runs: else nobody knows that the money was meant for it.
    /// </summary>
    public static readonly TimeSpan NotLaterThan = TimeSpan.FromDays(14);

    /// <summary>How long a payment counts as one that has just come.</summary>
    public static readonly TimeSpan JustCame = TimeSpan.FromMinutes(15);

    private const int MostLines = 500;

    /// <summary>Pays on what is due; returns how many lines. A line that cannot be renewed keeps no other one waiting.</summary>
    /// <exception cref="AggregateException">After all were tried: why some could not be renewed.</exception>
    public async Task<int> RenewDueAsync(CancellationToken ct = default) => await RenewAsync(await DueAsync(null, ct), ct);

    /// <summary>The same for those alone whose wallet has just got money: who pays by phone is not kept waiting for the next round.</summary>
    /// <exception cref="AggregateException">After all were tried: why some could not be renewed.</exception>
    public async Task<int> RenewPaidAsync(CancellationToken ct = default)
    {
        var paid = await JustPaidAsync(ct);
        return paid.Count == 0 ? 0 : await RenewAsync(await DueAsync(paid, ct), ct);
    }

    /// <summary>Whose wallets money has just gone into: the end of the table of parts, which every payment adds to, and most add no wallet.</summary>
    private async Task<List<Guid>> JustPaidAsync(CancellationToken ct)
    {
        var since = clock.GetUtcNow().UtcDateTime - JustCame;
        await using var db = await dbFactory.OpenAsync(ct);
        var newest = await db.PaymentAllocations.OrderByDescending(a => a.Id).Take(MostLines).Select(a => new { a.ClientId, a.Target, a.At }).ToListAsync(ct);
        return [.. newest.Where(a => a.Target is AllocationTarget.Wallet && a.At >= since).Select(a => a.ClientId).Distinct()];
    }

    private async Task<int> RenewAsync(IReadOnlyList<Guid> due, CancellationToken ct)
    {
        user.Demand(Permissions.ManagePayments);
        var (renewed, failures) = (0, new List<Exception>());
        foreach (var line in due)
        {
            try
            {
                renewed += await RenewAsync(line, ct) ? 1 : 0;
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                failures.Add(failure);
            }
        }

        return failures.Count == 0 ? renewed : throw new AggregateException($"{renewed} lines were renewed; {failures.Count} could not be.", failures);
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
        Guid[] holders = [.. new[] { line.ClientId, invoice.ClientId }.Distinct()]; // his own wallet before that of whoever pays for him
        var granted = await LedgerBalances.OfClientsAsync(db, AccountKind.GrantedWallet, holders, ct);
        var paid = await LedgerBalances.OfClientsAsync(db, AccountKind.Wallet, holders, ct);
        var rest = invoice.Total;
        var legs = new List<PostingLeg>();
        foreach (var (kind, held) in new[] { (AccountKind.GrantedWallet, granted), (AccountKind.Wallet, paid) })
        {
            foreach (var holder in holders)
            {
                var has = held.GetValueOrDefault(holder);
                var taken = has < Money.Zero ? Money.Zero : has < rest ? has : rest;
                legs.AddRange(PostingLeg.Net(kind, taken, holder));
                rest -= taken;
            }
        }

        if (rest > Money.Zero || invoice.Total == Money.Zero)
        {
            return false; // the turn takes all back
        }

        await Receivables.SettleAsync(db, turn, invoice, invoice.Total, ct);
        await turn.PostAsync(
            new JournalPosting(WalletCredit.Used, $"wallet-renewal:{invoice.Id}", turn.Now, $"Wallet: {invoice.Reference}, {line.Username} renewed", Invoice.SourceType, invoice.Id,
                [.. legs, PostingLeg.OnCredit(AccountKind.Receivable, invoice.Total, invoice.ClientId)]),
            ct);
        await turn.CommitAsync(ct);
        watchers.Tell(db.TenantId);
        return true;
    }

    /// <summary>
    /// The next lines that run out, those that still run first, of clients whose wallet holds the price together with that of whoever pays for them.
    /// Whoever has too little keeps nobody waiting. What a tax on top comes to is seen only when it is tried.
    /// </summary>
    /// <param name="of">Only lines that these clients' wallets may pay for; null for all.</param>
    private async Task<IReadOnlyList<Guid>> DueAsync(List<Guid>? of, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var (earliest, latest) = (now - NotLaterThan, now + Ahead);
        await using var db = await dbFactory.OpenAsync(ct);
        var today = (await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct)).Today(clock);
        var due = new List<Guid>();
        for (var page = 0; due.Count < MostLines; page++)
        {
            var lines = await (
                from line in db.Subscriptions.AsNoTracking()
                where line.State == SubscriptionState.Active && line.ExpiresAt != null && line.ExpiresAt <= latest
                join profile in db.BillingProfiles on line.ClientId equals profile.ClientId into profiles
                from profile in profiles.DefaultIfEmpty()
                where of == null || of.Contains(line.ClientId) || (profile.ParentId != null && of.Contains(profile.ParentId.Value))
                where line.ExpiresAt >= earliest
                    || (db.PaymentAllocations.Any(a => (a.ClientId == line.ClientId || a.ClientId == profile.ParentId) && a.Target == AllocationTarget.Wallet && a.At >= earliest)
                        && !db.Subscriptions.Any(o => o.ClientId == line.ClientId && o.Id != line.Id && o.State == SubscriptionState.Active && (o.ExpiresAt == null || o.ExpiresAt > now)))
                join package in db.Packages on line.PackageId equals package.Id
                join contract in db.Contracts on line.Id equals contract.SubscriptionId into contracts
                from contract in contracts.DefaultIfEmpty()
                orderby line.ExpiresAt < now, line.ExpiresAt < earliest, line.ExpiresAt, line.Id
                select new { line.Id, line.ClientId, ParentId = profile == null ? null : profile.ParentId, package.Price, Contract = contract }).Skip(page * MostLines).Take(MostLines).ToListAsync(ct);
            var holders = lines.SelectMany(l => new[] { l.ClientId, l.ParentId ?? l.ClientId }).Distinct().ToList();
            var paid = await LedgerBalances.OfClientsAsync(db, AccountKind.Wallet, holders, ct);
            var granted = await LedgerBalances.OfClientsAsync(db, AccountKind.GrantedWallet, holders, ct);
            due.AddRange(lines.Where(l => Holds(l.ClientId) + (l.ParentId is { } parent ? Holds(parent) : Money.Zero) is var held && held > Money.Zero && held >= Least(l.Price, l.Contract)).Select(l => l.Id));

            if (lines.Count < MostLines)
            {
                break;
            }

            Money Holds(Guid client) => NotLess(paid.GetValueOrDefault(client)) + NotLess(granted.GetValueOrDefault(client));
        }

        return due;

        // The least of the prices that hold today or later: which one does is settled when it is tried.
        Money Least(Money price, Contract? contract) => contract is null
            ? price
            : new Money(contract.Terms.Terms.Where(t => t.From > today).Append(contract.Terms.On(today)).Min(t => t.Price) * (10_000 - contract.DiscountRate) / 10_000);

        static Money NotLess(Money held) => held > Money.Zero ? held : Money.Zero;
    }
}
