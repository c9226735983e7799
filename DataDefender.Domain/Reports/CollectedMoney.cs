using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;

namespace DataDefender.Domain.Reports;

/// <summary>What payments brought on a day, in minor units; negative where it went back.</summary>
internal sealed class CollectedMoney
{
    private static readonly AccountKind[] Places = [AccountKind.Cash, AccountKind.Bank, AccountKind.Clearing];

    public DateOnly Day { get; init; }
    public long Minor { get; init; }

    /// <summary>By the books, on the days on which it counts, both included. A cheque counts when the bank has paid it: until then it is a promise, and one that bounces was never money.</summary>
    public static IQueryable<CollectedMoney> Of(IDataDefenderDb db, DateOnly first, DateOnly last) =>
        from line in db.JournalLines
        join transaction in db.JournalTransactions on line.Sequence equals transaction.Sequence
        join account in db.LedgerAccounts on line.AccountId equals account.Id
        where (transaction.Kind.StartsWith("payment.") || transaction.Kind == PaymentBooks.ChequeCleared) && transaction.EffectiveOn >= first && transaction.EffectiveOn <= last
            && Places.Contains(account.Kind) && !(account.Kind == AccountKind.Clearing && account.Channel == PaymentBooks.ChequeAccount)
        select new CollectedMoney { Day = transaction.EffectiveOn, Minor = line.Debit.Minor - line.Credit.Minor };
}
