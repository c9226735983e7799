using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Account;

/// <summary>Where a one-time link leads that an administrator handed over.</summary>
public sealed partial class SetPassword(IAccounts accounts, NavigationManager navigation)
{
    private string? _refused;
    private string? _wrong;

    [SupplyParameterFromForm(FormName = "set-password")]
    private PasswordForm? Input { get; set; }

    [SupplyParameterFromQuery(Name = "u")]
    private Guid Account { get; set; }

    [SupplyParameterFromQuery(Name = "t")]
    private string? Token { get; set; }

    private async Task SubmitAsync()
    {
        if (Input?.Password is not { Length: > 0 } password || password != Input.Again)
        {
            _wrong = "The two are not the same.";
            return;
        }

        try
        {
            await accounts.SetPasswordAsync(Account, Token ?? "", password);
            navigation.NavigateTo("/sign-in?done=password");
        }
        catch (InvalidInputException invalid)
        {
            _wrong = string.Join(" ", invalid.Errors.Select(e => e.Message));
        }
        catch (DomainException broken)
        {
            _refused = broken.Message;
        }
    }

    private sealed class PasswordForm
    {
        public string? Password { get; set; }
        public string? Again { get; set; }
    }
}
