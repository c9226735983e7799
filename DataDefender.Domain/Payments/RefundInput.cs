using DataDefender.Domain.Common;
using FluentValidation;

namespace DataDefender.Domain.Payments;

/// <summary>Money of a payment that went back to the payer: all that was left of it, or a part.</summary>
public sealed class RefundInput
{
    public Guid PaymentId { get; set; }

    /// <summary>In major units.</summary>
    public decimal Amount { get; set; }

    /// <summary>From the signed-in person's drawer; else it was sent by the provider's portal or the bank.</summary>
    public bool InCash { get; set; }

    public string Reason { get; set; } = "";

    /// <summary>Chosen once by whoever enters it, so that a second click gives nothing more back.</summary>
    public string IdempotencyKey { get; set; } = "";
}

public sealed class RefundInputValidator : AbstractValidator<RefundInput>
{
    public RefundInputValidator()
    {
        RuleFor(r => r.PaymentId).NotEmpty();
        RuleFor(r => r.Amount).Must(a => RefundAmounts.IsOne(a)).WithMessage(RefundAmounts.Wanted);
        RuleFor(r => r.IdempotencyKey).NotEmpty().MaximumLength(60);
    }
}

/// <summary>What an amount to be given back may be, whatever is left of the payment.</summary>
internal static class RefundAmounts
{
    public const string Wanted = "Enter an amount above zero with at most two decimals.";

    public static bool IsOne(decimal amount) => amount is > 0 and <= 100_000_000 && decimal.Round(amount, 2) == amount;

    public static Money Demand(decimal amount) => IsOne(amount) ? Money.Of(amount) : throw new DomainException("refund.amount", Wanted);
}
