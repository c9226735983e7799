using DataDefender.Domain.Common;

namespace DataDefender.Domain.Payments;

public enum AllocationTarget
{
    Invoice,

    /// <summary>The client's paid credit.</summary>
    Wallet,
}

/// <summary>Where a part of a payment went. Only ever added: what is taken back is a line of its own with a negative amount.</summary>
public sealed class PaymentAllocation : ITenantOwned
{
    public long Id { get; init; }
    public Guid TenantId { get; init; }
    public Guid TransactionId { get; init; }
    public Guid ClientId { get; init; }
    public AllocationTarget Target { get; init; }

    /// <summary>The invoice's id; null for the wallet.</summary>
    public Guid? InvoiceId { get; init; }

    /// <summary>The invoice's number, for people.</summary>
    public string? InvoiceNumber { get; init; }

    public Money Amount { get; init; }
    public DateTime At { get; init; }
}
