using System.Globalization;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Ledger;

/// <summary>The books to look at: accounts with what they hold, their lines, one transaction with its legs. And closing a period.</summary>
public sealed class LedgerService(IDataDefenderDbFactory dbFactory, CurrentUser user)
{
    /// <summary>Every account with its sums up to and with a day (of all days when it is null), by the chart's codes.</summary>
    public async Task<TrialBalance> TrialBalanceAsync(DateOnly? asOf = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewLedger);
        await using var db = await dbFactory.OpenAsync(ct);
        var lines = db.JournalLines.AsNoTracking();
        Dictionary<Guid, LedgerSnapshot> before = [];
        if (asOf is { } day)
        {
            lines = from line in lines
                    join transaction in db.JournalTransactions on line.Sequence equals transaction.Sequence
                    where transaction.EffectiveOn <= day
                    select line;
        }
        else if (await db.LedgerSeals.AsNoTracking().OrderByDescending(s => s.Day).Select(s => new { s.Day, s.Sequence }).FirstOrDefaultAsync(ct) is { } last)
        {
            // What was sealed need not be added up again.
            before = await db.LedgerSnapshots.AsNoTracking().Where(s => s.Day == last.Day).ToDictionaryAsync(s => s.AccountId, ct);
            lines = lines.Where(l => l.Sequence > last.Sequence);
        }

        var sums = await lines.GroupBy(l => l.AccountId)
            .Select(g => new { AccountId = g.Key, Debit = g.Sum(l => l.Debit.Minor), Credit = g.Sum(l => l.Credit.Minor) })
            .ToDictionaryAsync(s => s.AccountId, ct);
        var accounts = await db.LedgerAccounts.AsNoTracking().OrderBy(a => a.Code).ThenBy(a => a.Channel).ToListAsync(ct);
        var head = await db.LedgerHeads.AsNoTracking().SingleOrDefaultAsync(ct);
        return new TrialBalance(
            [.. accounts.Select(a => new AccountBalance(
                a.Id, a.Code, a.Kind, a.Channel,
                new Money(sums.GetValueOrDefault(a.Id)?.Debit ?? 0) + (before.GetValueOrDefault(a.Id)?.Debit ?? Money.Zero),
                new Money(sums.GetValueOrDefault(a.Id)?.Credit ?? 0) + (before.GetValueOrDefault(a.Id)?.Credit ?? Money.Zero)))],
            head?.Sequence ?? 0,
            head?.ClosedThrough);
    }

    /// <summary>The same for a file.</summary>
    public async Task<ReportTable> TrialBalanceFileAsync(DateOnly? asOf = null, CancellationToken ct = default)
    {
        var balance = await TrialBalanceAsync(asOf, ct);
        await using var db = await dbFactory.OpenAsync(ct);
        var currency = await db.Companies.Where(c => c.Id == db.TenantId).Select(c => c.Currency).SingleAsync(ct);
        return new ReportTable(
            "trial-balance", "Trial balance",
            string.Create(CultureInfo.InvariantCulture, $"{(asOf is { } day ? $"Up to and with {day:d MMM yyyy}" : "Of all days")}{(balance.ClosedThrough is { } closed ? $"; the books are closed up to {closed:d MMM yyyy}" : "")}."), currency,
            [new("Account", CellKind.Text, 10), new("Name", CellKind.Text, 36), new("Debit", CellKind.Money, 18, true), new("Credit", CellKind.Money, 18, true), new("Balance", CellKind.Money, 18)],
            [.. balance.Accounts.Select(a => new ReportRow([a.Code, a.Name, a.Debit, a.Credit, a.Balance], $"ledger/accounts/{a.Id}"))],
            [new("Debit less credit", balance.Debit - balance.Credit, CellKind.Money, balance.Debit == balance.Credit ? "Both sides are equal." : "The sides are not equal.", Differs: balance.Debit != balance.Credit)]);
    }

    /// <summary>The lines of an account, newest first; of one client when it is named.</summary>
    public async Task<PageOf<AccountLine>> LinesAsync(Guid accountId, GridQuery query, Guid? clientId = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewLedger);
        await using var db = await dbFactory.OpenAsync(ct);
        var lines = db.JournalLines.AsNoTracking().Where(l => l.AccountId == accountId);
        if (clientId is { } client)
        {
            lines = lines.Where(l => l.ClientId == client);
        }

        if (SearchTerm.Of(query.Search)?.Clients(db) is { } found)
        {
            lines = lines.Where(l => l.ClientId != null && found.Select(c => c.Id).Contains(l.ClientId!.Value));
        }

        var page = from line in lines
                   join transaction in db.JournalTransactions on line.Sequence equals transaction.Sequence
                   join owner in db.Clients on line.ClientId equals owner.Id into owners
                   from owner in owners.DefaultIfEmpty()
                   orderby line.Sequence descending, line.Number
                   select new AccountLine(
                       line.Sequence, transaction.EffectiveOn, transaction.CreatedAt, transaction.Memo, transaction.By, line.ClientId, owner!.Name, line.Debit, line.Credit, transaction.Reverses);
        return new PageOf<AccountLine>(await page.Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct), await lines.CountAsync(ct));
    }

    public async Task<JournalDetails> GetAsync(long sequence, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewLedger);
        await using var db = await dbFactory.OpenAsync(ct);
        var transaction = await db.JournalTransactions.AsNoTracking().SingleOrDefaultAsync(t => t.Sequence == sequence, ct)
            ?? throw new NotFoundException("Journal transaction", sequence);
        var legs = from line in db.JournalLines.AsNoTracking()
                   join account in db.LedgerAccounts on line.AccountId equals account.Id
                   join owner in db.Clients on line.ClientId equals owner.Id into owners
                   from owner in owners.DefaultIfEmpty()
                   where line.Sequence == sequence
                   orderby line.Number
                   select new JournalLeg(account.Id, account.Code, account.Kind, account.Channel, line.ClientId, owner!.Name, line.Debit, line.Credit);
        var reversedBy = await db.JournalTransactions.AsNoTracking().Where(t => t.Reverses == sequence).Select(t => (long?)t.Sequence).SingleOrDefaultAsync(ct);
        return new JournalDetails(
            transaction.Sequence, transaction.Kind, transaction.NaturalKey, transaction.EffectiveOn, transaction.EffectiveAt, transaction.CreatedAt, transaction.By, transaction.Memo,
            transaction.SourceType, transaction.SourceId, transaction.Reverses, reversedBy, Convert.ToHexStringLower(transaction.Hash), await legs.ToListAsync(ct));
    }

    /// <summary>The signed ends of days, newest first.</summary>
    public async Task<PageOf<SealRow>> SealsAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewLedger);
        await using var db = await dbFactory.OpenAsync(ct);
        var keys = await db.LedgerSealKeys.AsNoTracking().ToDictionaryAsync(k => k.Id, ct);
        var page = await db.LedgerSeals.AsNoTracking().OrderByDescending(s => s.Day).Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct);
        return new PageOf<SealRow>(
            page.ConvertAll(s => new SealRow(s.Day, s.Sequence, s.SealedAt, Convert.ToHexStringLower(s.Root), keys[s.KeyId].Fingerprint, keys[s.KeyId].Verify(s.Root, s.Signature))),
            await db.LedgerSeals.CountAsync(ct));
    }

    /// <summary>Closes the books up to and with a day that has passed. It cannot be undone.</summary>
    public async Task CloseAsync(DateOnly through, CancellationToken ct = default)
    {
        user.Demand(Permissions.CloseLedger);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        if (through >= turn.Today)
        {
            throw new DomainException("ledger.close", $"{through:yyyy-MM-dd} has not passed yet; books are closed up to a day that is over.");
        }

        turn.Close(through);
        db.Record($"closed the books up to {through:yyyy-MM-dd}", await db.Companies.SingleAsync(c => c.Id == db.TenantId, ct));
        await turn.CommitAsync(ct);
    }
}

/// <summary>All accounts of a company. It is right when the sums of both sides are equal.</summary>
public sealed record TrialBalance(IReadOnlyList<AccountBalance> Accounts, long Transactions, DateOnly? ClosedThrough)
{
    public Money Debit => new(Accounts.Sum(a => a.Debit.Minor));

    public Money Credit => new(Accounts.Sum(a => a.Credit.Minor));
}

/// <summary>An account with the sums of its lines.</summary>
public sealed record AccountBalance(Guid Id, string Code, AccountKind Kind, string Channel, Money Debit, Money Credit)
{
    public string Name => Channel.Length == 0 ? Chart.Name(Kind) : $"{Chart.Name(Kind)}: {Channel}";

    /// <summary>On the account's normal side.</summary>
    public Money Balance => Chart.IsDebitNormal(Kind) ? Debit - Credit : Credit - Debit;
}

/// <summary>The seal of a day. <see cref="IsGenuine"/>: the signature is that of the key over the root.</summary>
public sealed record SealRow(DateOnly Day, long Transactions, DateTime SealedAt, string Root, string Key, bool IsGenuine);

/// <summary>One line of an account with what it belongs to.</summary>
public sealed record AccountLine(
    long Sequence, DateOnly On, DateTime CreatedAt, string Memo, string By, Guid? ClientId, string? Client, Money Debit, Money Credit, long? Reverses);

/// <summary>A leg of a transaction, with its account.</summary>
public sealed record JournalLeg(Guid AccountId, string Code, AccountKind Kind, string Channel, Guid? ClientId, string? Client, Money Debit, Money Credit)
{
    public string Account => Channel.Length == 0 ? Chart.Name(Kind) : $"{Chart.Name(Kind)}: {Channel}";
}

/// <summary>A transaction with its legs.</summary>
public sealed record JournalDetails(
    long Sequence, string Kind, string Key, DateOnly On, DateTime EffectiveAt, DateTime CreatedAt, string By, string Memo,
    string SourceType, Guid SourceId, long? Reverses, long? ReversedBy, string Hash, IReadOnlyList<JournalLeg> Legs);
