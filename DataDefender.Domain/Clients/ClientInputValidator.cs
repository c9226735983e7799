using FluentValidation;

namespace DataDefender.Domain.Clients;

/// <summary>What the fields of a client may hold.</summary>
public sealed class ClientInputValidator : AbstractValidator<ClientInput>
{
    public ClientInputValidator()
    {
        RuleFor(c => c.Name).Must(text => text.Trim().Length is >= 2 and <= 120).WithMessage("A name has 2 to 120 characters.");
        RuleFor(c => c.Phone).Must(IsReachable).WithMessage("Write a Kenyan mobile number such as 0712 345 678, or a foreign one with + and its country code.");
        RuleFor(c => c.Email)
            .MaximumLength(200).WithMessage("An e-mail address has at most 200 characters.")
            .EmailAddress().WithMessage("This is not an e-mail address.")
            .When(c => !string.IsNullOrWhiteSpace(c.Email));
        RuleFor(c => c.Address).MaximumLength(200).WithMessage("An address has at most 200 characters.");
        RuleFor(c => c.County).MaximumLength(60).WithMessage("A county has at most 60 characters.");
        RuleFor(c => c.Notes).MaximumLength(2000).WithMessage("Notes have at most 2,000 characters.");
    }

    // E.164: at most 15 digits. Without a + it must be one of ours, or it could be anything.
    private static bool IsReachable(string text) =>
        text.All(c => char.IsAsciiDigit(c) || c is ' ' or '+' or '-' or '(' or ')')
        && (PhoneNumber.IsKenyanMobile(text) || (text.Trim().StartsWith('+') && PhoneNumber.Normalise(text).Length is >= 8 and <= 15));
}
