using DataDefender.Domain.Common;
using FluentValidation;

namespace DataDefender.Domain.Billing;

public enum ChargeState
{
    Pending,

    /// <summary>On an invoice; a monthly one stays pending until its end.</summary>
    Billed,
    Cancelled,
}

/// <summary>Something that is put on the client's next invoice once, or on each monthly one.</summary>
public sealed class Charge : Entity, ITenantOwned, IAudited
{
    private Charge() { }

    public Charge(Guid tenantId, Guid clientId, Guid? subscriptionId, ChargeInput input, DateOnly from)
    {
        (TenantId, ClientId, SubscriptionId, Kind, Description) = (tenantId, clientId, subscriptionId, input.Kind, input.Description.Trim());
        (Price, TaxBand, Excisable, TaxIncluded, Monthly) = (Money.Of(input.Price), input.TaxBand, input.Excisable, input.TaxIncluded, input.Monthly);
        (From, Until, BilledUntil) = (input.From ?? from, input.Until, input.From ?? from);
    }

    public Guid TenantId { get; private set; }
    public Guid ClientId { get; private set; }
    public Guid? SubscriptionId { get; private set; }
    public LineKind Kind { get; private set; }
    public string Description { get; private set; } = "";

    /// <summary>Once, or for each month. Negative for what is given back.</summary>
    public Money Price { get; private set; }

    public string TaxBand { get; private set; } = "B";
    public bool Excisable { get; private set; }

    /// <summary>Null for what the company's settings say.</summary>
    public bool? TaxIncluded { get; private set; }

    public bool Monthly { get; private set; }

    /// <summary>The first day on which it is due.</summary>
    public DateOnly From { get; private set; }

    /// <summary>The first day without it, for a monthly one; null while it runs.</summary>
    public DateOnly? Until { get; private set; }

    /// <summary>A monthly one: the first day that was not billed yet.</summary>
    [Observed]
    public DateOnly BilledUntil { get; private set; }

    public ChargeState State { get; private set; } = ChargeState.Pending;

    public string AuditLabel => Description;

    public void Cancel(DateOnly today)
    {
        if (State is not ChargeState.Pending)
        {
            throw new DomainException("charge.state", $"“{Description}” is {State}; credit the invoice instead.");
        }

        (State, Until) = (Monthly && BilledUntil > From ? ChargeState.Billed : ChargeState.Cancelled, Monthly ? today : Until);
    }

    /// <summary>A monthly one is over from that day on, because its line is; what was not billed before it still is.</summary>
    internal void EndOn(DateOnly day)
    {
        if (!Monthly || State is not ChargeState.Pending || Until <= day)
        {
            return;
        }

        Until = day;
        State = From >= day ? ChargeState.Cancelled : BilledUntil >= day ? ChargeState.Billed : ChargeState.Pending;
    }

    /// <summary>Only a part of it is billed: it is that part from now on, so that a void invoice gives just that back. Returns the rest.</summary>
    internal Charge Part(Money part)
    {
        var input = new ChargeInput
        {
            Kind = Kind, Description = Description, Price = (Price - part).Amount, TaxBand = TaxBand, Excisable = Excisable, TaxIncluded = TaxIncluded, From = From, Until = Until,
        };
        Price = part;
        return new Charge(TenantId, ClientId, SubscriptionId, input, From);
    }

    internal void Billed(DateOnly? until)
    {
        BilledUntil = until ?? BilledUntil;
        State = !Monthly || (Until is { } end && BilledUntil >= end) ? ChargeState.Billed : ChargeState.Pending;
    }

    /// <summary>Its invoice is void.</summary>
    internal void Reopen(DateOnly? from) => (State, BilledUntil) = (ChargeState.Pending, from ?? BilledUntil);
}

/// <summary>What a person types about a charge.</summary>
public sealed record ChargeInput
{
    public LineKind Kind { get; set; } = LineKind.OneTime;
    public string Description { get; set; } = "";

    /// <summary>In major units.</summary>
    public decimal Price { get; set; }

    public string TaxBand { get; set; } = "B";
    public bool Excisable { get; set; }
    public bool? TaxIncluded { get; set; }
    public bool Monthly { get; set; }

    /// <summary>Null for today.</summary>
    public DateOnly? From { get; set; }

    public DateOnly? Until { get; set; }
    public Guid? SubscriptionId { get; set; }
}

/// <summary>What the fields of a charge may hold.</summary>
public sealed class ChargeInputValidator : AbstractValidator<ChargeInput>
{
    public ChargeInputValidator()
    {
        RuleFor(c => c.Description).NotEmpty().WithMessage("Say what the charge is for; it stands on the invoice.").MaximumLength(200).WithMessage("At most 200 characters.");
        RuleFor(c => c.Price).NotEqual(0m).WithMessage("A charge has an amount.")
            .Must(InvoiceLineInputValidator.HasCentsAtMost).WithMessage("An amount has at most two decimals.")
            .InclusiveBetween(-100_000_000m, 100_000_000m).WithMessage("An amount is at most 100,000,000.");
        RuleFor(c => c.Price).GreaterThan(0m).When(c => c.Kind is not (LineKind.Discount or LineKind.Adjustment)).WithMessage("Only a discount or an adjustment is negative.");
        RuleFor(c => c.Kind).Must(k => k is not (LineKind.Subscription or LineKind.Proration)).WithMessage("Periods and their rests are charged by the line's contract.");
        RuleFor(c => c.TaxBand).Must(b => b is "A" or "B" or "C" or "D" or "E").WithMessage("A VAT band is A, B, C, D or E.");
        RuleFor(c => c.Until).Must((c, until) => until is null || c.From is null || until > c.From).WithMessage("The end lies after the beginning.");
    }
}
