using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;

namespace DataDefender.Domain.Billing;

/// <summary>What a person says about a line's billing.</summary>
public sealed record ContractInput
{
    public BillingMode Mode { get; set; } = BillingMode.Advance;

    /// <summary>Null for the client's or the company's.</summary>
    public int? BillingDay { get; set; }

    /// <summary>In major units; null for the package's.</summary>
    public decimal? Price { get; set; }

    public DateOnly? StartsOn { get; set; }
}

public sealed record ClientName(Guid Id, string Name, string AccountNumber);

/// <summary>A package that a line will have from a day on.</summary>
public sealed record ScheduledTerm(string Package, DateOnly From, Money Price);

/// <summary>A line's contract as it is looked at.</summary>
public sealed record ContractRow(
    Guid SubscriptionId, string Label, BillingMode Mode, int BillingDay, Guid PackageId, string Package, Money Price, int PeriodCount, PeriodUnit PeriodUnit,
    DateOnly StartsOn, DateOnly BilledUntil, DateOnly? EndsOn, DateOnly? MinimumUntil, Money EarlyTerminationFee,
    int DiscountRate, DateOnly? DiscountUntil, string? DiscountName, ScheduledTerm? Next, ContractPause? Pause, ContractSuspension? Suspension);

public sealed record ChargeRow(Guid Id, LineKind Kind, string Description, Money Price, bool Monthly, DateOnly From, DateOnly? Until);

/// <summary>A client's money in one look.</summary>
/// <param name="UsualBillingDay">The company's, for a client that has none of its own.</param>
public sealed record ClientBilling(
    string? TaxPin, int? BillingDay, int UsualBillingDay, int? DueDays, ClientName? Parent, IReadOnlyList<ClientName> Children, IReadOnlyList<ContractRow> Contracts, IReadOnlyList<ChargeRow> Charges,
    Money Owes, Money Wallet, Money Granted, Money Deposit)
{
    /// <summary>Lines that are billed on another day of the month than the client's: they keep theirs until that is changed.</summary>
    public IEnumerable<ContractRow> OnAnotherDay => Contracts.Where(c => c.Mode is BillingMode.Postpaid or BillingMode.Advance && c.BillingDay != (BillingDay ?? UsualBillingDay) && !(c.EndsOn <= c.BilledUntil));
}
