using DataDefender.Domain.Common;

namespace DataDefender.Domain.Billing.Revenue;

/// <summary>What a month earned of a deferred line of an invoice, beside its transaction in the books.</summary>
public sealed class EarnedRevenue : ITenantOwned, IAppendOnly
{
    private EarnedRevenue() { }

    internal EarnedRevenue(InvoiceLine line, DateOnly month, Money amount, long sequence) =>
        (TenantId, InvoiceId, Line, Month, Amount, Sequence) = (line.TenantId, line.InvoiceId, line.Number, month, amount, sequence);

    public Guid TenantId { get; private set; }
    public Guid InvoiceId { get; private set; }

    /// <summary>The number of the invoice's line.</summary>
    public int Line { get; private set; }

    /// <summary>Its first day.</summary>
    public DateOnly Month { get; private set; }

    /// <summary>Without tax; negative of a discount.</summary>
    public Money Amount { get; private set; }

    /// <summary>Of the journal transaction.</summary>
    public long Sequence { get; private set; }
}
