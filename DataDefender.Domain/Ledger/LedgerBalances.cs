using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Ledger;

/// <summary>What accounts hold: always the sum of their lines. Lines that are posted and not yet saved are not in it.</summary>
public static class LedgerBalances
{
    /// <summary>What the company owes the client on that account (wallet, deposit), or for <see cref="AccountKind.Receivable"/> what the client owes.</summary>
    public static async Task<Money> OfClientAsync(IDataDefenderDb db, AccountKind kind, Guid clientId, CancellationToken ct = default)
    {
        var debit = await Of(db, kind).Where(l => l.ClientId == clientId).SumAsync(l => l.Debit.Minor - l.Credit.Minor, ct);
        return new Money(Chart.IsDebitNormal(kind) ? debit : -debit);
    }

    /// <summary>The same for several clients in one question; a client without lines is not in it.</summary>
    public static async Task<Dictionary<Guid, Money>> OfClientsAsync(IDataDefenderDb db, AccountKind kind, IReadOnlyCollection<Guid> clientIds, CancellationToken ct = default)
    {
        var sums = await Of(db, kind)
            .Where(l => l.ClientId != null && clientIds.Contains(l.ClientId.Value))
            .GroupBy(l => l.ClientId!.Value)
            .Select(g => new { ClientId = g.Key, Debit = g.Sum(l => l.Debit.Minor - l.Credit.Minor) })
            .ToListAsync(ct);
        return sums.ToDictionary(s => s.ClientId, s => new Money(Chart.IsDebitNormal(kind) ? s.Debit : -s.Debit));
    }

    /// <summary>What one account holds, on its normal side, at the end of a day (of all days when it is null).</summary>
    public static async Task<Money> OfAccountAsync(IDataDefenderDb db, AccountKind kind, string? channel = null, DateOnly? asOf = null, CancellationToken ct = default)
    {
        var lines = from line in db.JournalLines
                    join account in db.LedgerAccounts on line.AccountId equals account.Id
                    where account.Kind == kind && account.Channel == (channel ?? "")
                    select line;
        if (asOf is { } day)
        {
            lines = from line in lines
                    join transaction in db.JournalTransactions on line.Sequence equals transaction.Sequence
                    where transaction.EffectiveOn <= day
                    select line;
        }

        var debit = await lines.SumAsync(l => l.Debit.Minor - l.Credit.Minor, ct);
        return new Money(Chart.IsDebitNormal(kind) ? debit : -debit);
    }

    private static IQueryable<JournalLine> Of(IDataDefenderDb db, AccountKind kind) =>
        from line in db.JournalLines
        join account in db.LedgerAccounts on line.AccountId equals account.Id
        where account.Kind == kind
        select line;
}
