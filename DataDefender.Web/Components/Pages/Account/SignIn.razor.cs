using DataDefender.Domain.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace DataDefender.Web.Components.Pages.Account;

public sealed partial class SignIn(ISignIn signIn, NavigationManager navigation)
{
    private SignInOutcome? _outcome;

    [SupplyParameterFromForm(FormName = "sign-in")]
    private PasswordForm? Input { get; set; }

    [SupplyParameterFromForm(FormName = "passkey")]
    private PasskeyForm? Passkey { get; set; }

    [SupplyParameterFromQuery(Name = "returnUrl")]
    private string? ReturnUrl { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    private string? Done { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    // Whoever is signed in already has nothing to do here: a screen whose rights changed comes by on its way back.
    protected override async Task OnInitializedAsync()
    {
        if (Input is null && Passkey is null && (await Authentication).User.Identity?.IsAuthenticated is true)
        {
            navigation.NavigateTo(LocalAddress.OrHome(ReturnUrl));
        }
    }

    private async Task SubmitAsync() => Follow(await signIn.WithPasswordAsync(Input?.Email ?? "", Input?.Password ?? ""));

    private async Task PasskeyAsync() => Follow(await signIn.WithPasskeyAsync(Passkey?.Credential ?? ""));

    private void Follow(SignInOutcome outcome)
    {
        _outcome = outcome;
        if (outcome is SignInOutcome.Done)
        {
            navigation.NavigateTo(LocalAddress.OrHome(ReturnUrl));
        }
        else if (outcome is SignInOutcome.SecondFactorWanted)
        {
            navigation.NavigateTo($"/sign-in/code?returnUrl={Uri.EscapeDataString(LocalAddress.OrHome(ReturnUrl))}");
        }
    }

    private sealed class PasswordForm
    {
        public string? Email { get; set; }
        public string? Password { get; set; }
    }

    private sealed class PasskeyForm
    {
        public string? Credential { get; set; }
    }
}
