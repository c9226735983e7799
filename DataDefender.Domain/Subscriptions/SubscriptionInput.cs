using DataDefender.Domain.Common;
using FluentValidation;

namespace DataDefender.Domain.Subscriptions;

/// <summary>What a person types about a new line. Without a user name or a password, good ones are made.</summary>
public sealed record SubscriptionInput
{
    public Guid PackageId { get; set; }
    public string? Username { get; set; }
    public string? Password { get; set; }
    public string? StaticAddress { get; set; }
    public string? CallerLock { get; set; }

    /// <summary>The name of the site that serves it; empty for that of the router it is online on.</summary>
    public string? Site { get; set; }

    /// <summary>Switch it on at once; otherwise it waits as Pending.</summary>
    public bool Activate { get; set; } = true;
}

/// <summary>What the fields of a line may hold.</summary>
public sealed class SubscriptionInputValidator : AbstractValidator<SubscriptionInput>
{
    public SubscriptionInputValidator()
    {
        RuleFor(s => s.PackageId).NotEmpty().WithMessage("Choose a package.");
        RuleFor(s => s.Username)
            .Matches("^[a-z0-9][a-z0-9._@-]{2,63}$").WithMessage("A user name has 3 to 64 characters: small letters, digits, and . _ - @ after the first.")
            .When(s => !string.IsNullOrEmpty(s.Username));
        RuleFor(s => s.Password)
            .Length(8, 64).WithMessage("A password has 8 to 64 characters.")
            .Must(text => text!.All(c => c is > ' ' and < (char)127)).WithMessage("A password has no spaces and no letters that a router cannot type.")
            .When(s => !string.IsNullOrEmpty(s.Password));
        RuleFor(s => s.StaticAddress).Must(IsAddress).WithMessage("Write an IPv4 address such as 100.64.12.7.");
        RuleFor(s => s.CallerLock).Must(IsMac).WithMessage("Write a MAC address such as 4C:5E:0C:12:34:56.");
    }

    internal static bool IsAddress(string? text) => string.IsNullOrWhiteSpace(text) || LineAddress.Normalise(text) is not null;

    internal static bool IsMac(string? text) => string.IsNullOrWhiteSpace(text) || MacAddress.Normalise(text) is not null;
}
