using DataDefender.Domain.Common;
using FluentValidation;

namespace DataDefender.Domain.Billing;

/// <summary>What a person types about a line of an invoice.</summary>
public sealed record InvoiceLineInput
{
    public LineKind Kind { get; set; } = LineKind.OneTime;
    public string Description { get; set; } = "";

    /// <summary>In major units.</summary>
    public decimal Price { get; set; }

    public string TaxBand { get; set; } = "B";
    public bool Excisable { get; set; }

    /// <summary>Null for what the company's settings say.</summary>
    public bool? TaxIncluded { get; set; }
}

/// <summary>What the fields of a line may hold.</summary>
public sealed class InvoiceLineInputValidator : AbstractValidator<InvoiceLineInput>
{
    public InvoiceLineInputValidator()
    {
        RuleFor(l => l.Description).NotEmpty().WithMessage("Say what the line is for.").MaximumLength(300).WithMessage("A line's text has at most 300 characters.");
        RuleFor(l => l.Price).Must(HasCentsAtMost).WithMessage("An amount has at most two decimals.")
            .InclusiveBetween(-100_000_000m, 100_000_000m).WithMessage("An amount is at most 100,000,000.")
            .NotEqual(0m).WithMessage("A line has an amount.");
        RuleFor(l => l.Price).GreaterThan(0m).When(l => l.Kind is not (LineKind.Discount or LineKind.Adjustment or LineKind.Proration)).WithMessage("Only a discount or an adjustment is negative.");
        RuleFor(l => l.TaxBand).Must(b => b is "A" or "B" or "C" or "D" or "E").WithMessage("A VAT band is A, B, C, D or E.");
    }

    /// <summary>True for an amount of whole cents.</summary>
    internal static bool HasCentsAtMost(decimal amount) => decimal.Round(amount, 2) == amount;
}
