using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;

namespace DataDefender.Domain.Payments;

/// <summary>Money that whoever holds it for us paid on to the bank, less what it kept.</summary>
internal static class Payout
{
    /// <summary>The kind of its posting.</summary>
    public const string Kind = "provider.paid-out";

    public static void Demand(decimal amount, decimal fee, string reference)
    {
        if (amount <= 0 || decimal.Round(amount, 2) != amount || amount > 1_000_000_000 || string.IsNullOrWhiteSpace(reference) || reference.Length > 60)
        {
            throw new DomainException("payout.input", "Enter an amount above zero with at most two decimals, and the reference of the payout with at most 60 characters.");
        }

        if (fee < 0 || decimal.Round(fee, 2) != fee || fee > amount)
        {
            throw new DomainException("payout.fee", "A fee is zero or more, with at most two decimals, and not more than what was paid out.");
        }
    }

    public static JournalPosting Posting(LedgerTurn turn, string ledger, string name, string sourceType, Guid sourceId, Money paidOut, Money fee, string reference) => new(
        Kind, $"payout:{ledger}:{reference.ToUpperInvariant()}", turn.Now, $"{name} paid out, {reference}", sourceType, sourceId,
        [
            PostingLeg.OnDebit(AccountKind.Bank, paidOut, channel: PaymentBooks.BankAccount), .. PostingLeg.Net(AccountKind.ProviderFees, fee),
            PostingLeg.OnCredit(AccountKind.Clearing, paidOut + fee, channel: ledger),
        ]);
}
