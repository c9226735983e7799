using DataDefender.Domain.Clients;
using FluentValidation;

namespace DataDefender.Domain.Payments;

/// <summary>What a client is to be asked for on the phone.</summary>
public sealed class AskInput
{
    public Guid ClientId { get; set; }
    public Guid? ChannelId { get; set; }

    /// <summary>Whole units of the currency: mobile money takes no cents.</summary>
    public decimal Amount { get; set; }

    /// <summary>Who gets the prompt: the client, or whoever pays for him.</summary>
    public string Phone { get; set; } = "";

    public string Description { get; set; } = "Internet";

    /// <summary>Chosen once by whoever asks; the same key never asks twice.</summary>
    public string IdempotencyKey { get; set; } = "";
}

public sealed class AskInputValidator : AbstractValidator<AskInput>
{
    public AskInputValidator()
    {
        RuleFor(a => a.ClientId).NotEmpty().WithMessage("Choose the client.");
        RuleFor(a => a.ChannelId).NotNull().WithMessage("Choose how to ask.");
        RuleFor(a => a.Amount).GreaterThan(0).WithMessage("Enter an amount above zero.").LessThanOrEqualTo(10_000_000).WithMessage("That is more than any wallet can pay.")
            .Must(a => decimal.Truncate(a) == a).WithMessage("Mobile money takes whole shillings; leave the cents out.");
        RuleFor(a => a.Phone).Must(PhoneNumber.IsKenyanMobile).WithMessage("Enter a Kenyan mobile number, such as 0712 345 678.");
        RuleFor(a => a.Description).MaximumLength(60).WithMessage("A description has at most 60 characters.");
        RuleFor(a => a.IdempotencyKey).NotEmpty().MaximumLength(80);
    }
}
