using System.Globalization;
using System.Text;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Tenancy;

/// <summary>What an ISP writes about itself on the public page. The password is its owner's.</summary>
public sealed record RegistrationInput
{
    public string CompanyName { get; set; } = "";
    public string ContactName { get; set; } = "";
    public string Email { get; set; } = "";
    public string Phone { get; set; } = "";
    public string County { get; set; } = "";
    public string Password { get; set; } = "";
}

/// <summary>What the fields of a registration may hold; the password's own rules are the account's.</summary>
public sealed class RegistrationInputValidator : AbstractValidator<RegistrationInput>
{
    public RegistrationInputValidator()
    {
        RuleFor(r => r.CompanyName).Must(text => text.Trim().Length is >= 2 and <= 120).WithMessage("A company's name has 2 to 120 characters.");
        RuleFor(r => r.ContactName).Must(text => text.Trim().Length is >= 2 and <= 120).WithMessage("Your name has 2 to 120 characters.");
        RuleFor(r => r.Email).NotEmpty().WithMessage("We need your e-mail address; you sign in with it.")
            .MaximumLength(200).WithMessage("An e-mail address has at most 200 characters.")
            .EmailAddress().WithMessage("This is not an e-mail address.");
        RuleFor(r => r.Phone).Must(text => PhoneNumber.IsKenyanMobile(text)).WithMessage("Write a Kenyan mobile number such as 0712 345 678.");
        RuleFor(r => r.County).Must(county => Counties.All.Contains(county)).WithMessage("Choose a county.");
        RuleFor(r => r.Password).NotEmpty().WithMessage("Choose a password.");
    }
}

/// <summary>A company registers itself. It may do nothing before a super admin approves it.</summary>
public sealed class CompanyRegistration(IPlatformDbFactory platform, IAccounts accounts, TimeProvider clock)
{
    private static readonly RegistrationInputValidator Validator = new();
    private static readonly Actor Applicant = new(null, "registration", new HashSet<string>());

    /// <exception cref="InvalidInputException">Some field was refused; nothing was written.</exception>
    public async Task<Guid> RegisterAsync(RegistrationInput input, CancellationToken ct = default)
    {
        Validator.Demand(input);
        await accounts.DemandAcceptableAsync(new NewAccount(null, input.ContactName, input.Email, Role.Owner, input.Password), input.CompanyName, ct);

        await using var db = await platform.OpenAsync(Applicant, ct);
        var company = new Company(
            input.CompanyName.Trim(), await FreeSlugAsync(db, input.CompanyName, ct), input.ContactName.Trim(), input.Email.Trim().ToLowerInvariant(),
            PhoneNumber.Normalise(input.Phone), input.County, clock.GetUtcNow().UtcDateTime);
        db.Companies.Add(company);
        await db.SaveChangesAsync(ct);
        try
        {
            await accounts.CreateAsync(new NewAccount(company.Id, input.ContactName, input.Email, Role.Owner, input.Password), Applicant, ct);
        }
        catch (InvalidInputException)
        {
            // Somebody else took the address in the last moment. The company cannot be unwritten (its audit trail has begun): it is closed.
            company.Reject("Its owner's account could not be created.", clock.GetUtcNow().UtcDateTime);
            await db.SaveChangesAsync(ct);
            throw;
        }

        return company.Id;
    }

    /// <summary>"Savanna Fibre Ltd." becomes "savanna-fibre-ltd", or with a number behind when that is taken.</summary>
    private static async Task<string> FreeSlugAsync(IDataDefenderDb db, string name, CancellationToken ct)
    {
        const int maxBase = 50;
        var slug = Slug(name);
        slug = slug.Length > maxBase ? slug[..maxBase].TrimEnd('-') : slug;
        var taken = (await db.Companies.Where(c => c.Slug == slug || c.Slug.StartsWith(slug + "-")).Select(c => c.Slug).ToListAsync(ct)).ToHashSet(StringComparer.Ordinal);
        var free = slug;
        for (var number = 2; taken.Contains(free); number++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{slug}-{number}");
        }

        return free;
    }

    private static string Slug(string name)
    {
        var slug = new StringBuilder();
        foreach (var c in name.Trim().ToLowerInvariant().Normalize(NormalizationForm.FormD))
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(c);
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(c) is not UnicodeCategory.NonSpacingMark && slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        return slug.ToString().Trim('-') is { Length: > 0 } text ? text : "isp";
    }
}
