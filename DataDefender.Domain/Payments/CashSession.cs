using DataDefender.Domain.Common;

namespace DataDefender.Domain.Payments;

public enum CashMovementKind
{
    /// <summary>What a client paid.</summary>
    Payment,

    /// <summary>Given back to a client.</summary>
    Refund,

    /// <summary>Taken to the bank.</summary>
    Banked,

    /// <summary>Put into the drawer from the bank.</summary>
    ToppedUp,

    /// <summary>What was counted differs from what should be there.</summary>
    Difference,
}

/// <summary>A cashier's drawer from opening to closing. The float that it opens with is what the last one left.</summary>
public sealed class CashSession : Entity, ITenantOwned, IAudited
{
    private CashSession() { }

    public CashSession(Guid tenantId, Guid cashierId, string cashier, string desk, Money openingFloat, DateTime now) =>
        (TenantId, CashierId, Cashier, Desk, OpeningFloat, Expected, OpenedAt) = (tenantId, cashierId, cashier, desk, openingFloat, openingFloat, now);

    public Guid TenantId { get; private set; }
    public Guid CashierId { get; private set; }
    public string Cashier { get; private set; } = "";

    /// <summary>Which drawer: a name, such as the office's.</summary>
    public string Desk { get; private set; } = "";

    public Money OpeningFloat { get; private set; }

    /// <summary>What should be in the drawer now.</summary>
    public Money Expected { get; private set; }
    public Money? Counted { get; private set; }
    public DateTime OpenedAt { get; private set; }
    public DateTime? ClosedAt { get; private set; }
    public string? ClosingNote { get; private set; }

    /// <summary>Counted less expected; null while it is open.</summary>
    public Money? Difference => Counted is { } counted ? counted - Expected : null;

    public bool IsOpen => ClosedAt is null;

    public string AuditLabel => $"{Desk}, {Cashier}";

    public void Move(Money amount)
    {
        if (!IsOpen)
        {
            throw new DomainException("cash.closed", "This cash desk is closed. Open it first.");
        }

        if (Expected + amount < Money.Zero)
        {
            throw new DomainException("cash.short", $"There is {Expected} in the drawer; more than that cannot be taken out.");
        }

        Expected += amount;
    }

    public void Close(Money counted, string? note, DateTime now)
    {
        if (!IsOpen)
        {
            throw new DomainException("cash.closed", "This cash desk is closed already.");
        }

        if (counted < Money.Zero)
        {
            throw new DomainException("cash.counted", "A count is not negative.");
        }

        if (counted != Expected && string.IsNullOrWhiteSpace(note))
        {
            throw new DomainException("cash.note", $"The count differs from what should be there by {(counted - Expected)}. Say why.");
        }

        (Counted, ClosedAt, ClosingNote) = (counted, now, string.IsNullOrWhiteSpace(note) ? null : note.Trim());
    }
}

/// <summary>What went into a drawer or out of it. Only ever added.</summary>
public sealed class CashMovement : ITenantOwned
{
    public long Id { get; init; }
    public Guid TenantId { get; init; }
    public Guid SessionId { get; init; }
    public CashMovementKind Kind { get; init; }

    /// <summary>Negative for what went out.</summary>
    public Money Amount { get; init; }

    public Guid? TransactionId { get; init; }
    public string? Note { get; init; }
    public string By { get; init; } = "";
    public DateTime At { get; init; }
}
