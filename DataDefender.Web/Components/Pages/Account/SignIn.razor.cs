using DataDefender.Domain.Security;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Account;

public sealed partial class SignIn(ISignIn signIn, NavigationManager navigation)
{
    private SignInOutcome? _outcome;

    [SupplyParameterFromForm]
    private Form? Input { get; set; }

    [SupplyParameterFromQuery(Name = "returnUrl")]
    private string? ReturnUrl { get; set; }

    protected override void OnInitialized() => Input ??= new Form();

    private async Task SubmitAsync()
    {
        _outcome = await signIn.WithPasswordAsync(Input!.Email, Input.Password);
        if (_outcome is SignInOutcome.Done)
        {
            navigation.NavigateTo(LocalAddress.OrHome(ReturnUrl));
        }
    }

    private sealed class Form
    {
        public string Email { get; set; } = "";
        public string Password { get; set; } = "";
    }
}
