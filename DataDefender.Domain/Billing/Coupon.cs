using DataDefender.Domain.Common;

namespace DataDefender.Domain.Billing;

/// <summary>A code that gives a discount on a line: a share of its price for some months, or an amount off the next invoice once.</summary>
public sealed class Coupon : Entity, ITenantOwned, IAudited
{
    private Coupon() { }

    /// <exception cref="InvalidInputException">A field was refused.</exception>
    public Coupon(Guid tenantId, string code, decimal percent, decimal amount, int? months, DateOnly from, DateOnly? until, int? maxUses)
    {
        List<FieldError> errors = [];
        Refuse(code.Trim().Length is < 3 or > 30 || !code.Trim().All(char.IsAsciiLetterOrDigit), nameof(Code), "A code is 3 to 30 letters and digits.");
        Refuse((percent == 0) == (amount == 0), nameof(Amount), "A coupon gives either a percentage or an amount.");
        Refuse(percent is < 0 or > 100, nameof(DiscountRate), "A discount is up to 100 percent.");
        Refuse(amount < 0 || !InvoiceLineInputValidator.HasCentsAtMost(amount), nameof(Amount), "An amount is positive and has at most two decimals.");
        Refuse(months is < 1 or > 60, nameof(Months), "A discount lasts 1 to 60 months.");
        Refuse(until <= from, nameof(Until), "The end lies after the beginning.");
        Refuse(maxUses < 1, nameof(MaxUses), "A coupon can be used once at least.");
        if (errors.Count > 0)
        {
            throw new InvalidInputException(errors);
        }

        (TenantId, Code, DiscountRate, Amount, Months) = (tenantId, code.Trim().ToUpperInvariant(), (int)Math.Round(percent * 100), Money.Of(amount), months);
        (From, Until, MaxUses) = (from, until, maxUses);

        void Refuse(bool wrong, string field, string message)
        {
            if (wrong)
            {
                errors.Add(new FieldError(field, message));
            }
        }
    }

    public Guid TenantId { get; private set; }

    /// <summary>Upper case, unique in the company.</summary>
    public string Code { get; private set; } = "";

    /// <summary>Hundredths of a percent; 0 for one that gives an amount.</summary>
    public int DiscountRate { get; private set; }

    public Money Amount { get; private set; }

    /// <summary>How long a percentage lasts on the line; null without an end.</summary>
    public int? Months { get; private set; }

    public DateOnly From { get; private set; }

    /// <summary>The first day on which it is not taken any more.</summary>
    public DateOnly? Until { get; private set; }

    public int? MaxUses { get; private set; }
    public int Uses { get; private set; }

    public string AuditLabel => Code;

    /// <summary>Takes it out of use: from that day on nobody redeems it; what was given stays.</summary>
    public void End(DateOnly today)
    {
        if (Until <= today)
        {
            throw new DomainException("coupon.day", $"{Code} is over since {Until:yyyy-MM-dd}.");
        }

        Until = today;
    }

    /// <exception cref="DomainException">It is not valid on that day or used up.</exception>
    public void Redeem(DateOnly today)
    {
        if (today < From || today >= Until)
        {
            throw new DomainException("coupon.day", Until is { } end && today >= end ? $"{Code} was valid until {end.AddDays(-1):yyyy-MM-dd}." : $"{Code} is valid from {From:yyyy-MM-dd}.");
        }

        if (Uses >= MaxUses)
        {
            throw new DomainException("coupon.used", $"{Code} was used {Uses} times, which is all it may be.");
        }

        Uses++;
    }
}

/// <summary>A line that redeemed a coupon. A line redeems each once.</summary>
public sealed class CouponUse : Entity, ITenantOwned
{
    private CouponUse() { }

    internal CouponUse(Coupon coupon, Contract contract, string by, DateTime now) =>
        (TenantId, CouponId, SubscriptionId, ClientId, Label, By, At) = (coupon.TenantId, coupon.Id, contract.SubscriptionId, contract.ClientId, contract.Label, by, now);

    public Guid TenantId { get; private set; }
    public Guid CouponId { get; private set; }
    public Guid SubscriptionId { get; private set; }
    public Guid ClientId { get; private set; }

    /// <summary>The line's user name.</summary>
    public string Label { get; private set; } = "";

    public string By { get; private set; } = "";
    public DateTime At { get; private set; }
}
