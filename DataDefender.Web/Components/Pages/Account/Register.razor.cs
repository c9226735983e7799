using DataDefender.Domain.Common;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Account;

/// <summary>The public page where an ISP registers itself.</summary>
public sealed partial class Register(CompanyRegistration registration)
{
    private readonly FormErrors _errors = new();
    private bool _registered;

    [SupplyParameterFromForm(FormName = "register", Name = "Input")]
    private RegistrationInput? Posted { get; set; }

    private RegistrationInput Input => Posted ??= new RegistrationInput();

    private string? Invalid(string field) => _errors.For(field) is null ? null : "true";

    private async Task SubmitAsync()
    {
        try
        {
            await registration.RegisterAsync(Input);
            _registered = true;
        }
        catch (InvalidInputException invalid)
        {
            _errors.Take(invalid);
        }
    }
}
