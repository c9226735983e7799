using DataDefender.Domain.Security;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Account;

public sealed partial class SignInCode(ISignIn signIn, NavigationManager navigation)
{
    private SignInOutcome? _outcome;

    [SupplyParameterFromForm(FormName = "code")]
    private CodeForm? Input { get; set; }

    [SupplyParameterFromQuery(Name = "returnUrl")]
    private string? ReturnUrl { get; set; }

    [SupplyParameterFromQuery(Name = "recovery")]
    private string? Recovery { get; set; }

    private bool IsRecovery => Recovery == "1";

    protected override async Task OnInitializedAsync()
    {
        if (Input is null && !await signIn.AwaitsSecondFactorAsync())
        {
            navigation.NavigateTo("/sign-in");
        }
    }

    private async Task SubmitAsync()
    {
        var code = Input?.Code ?? "";
        _outcome = IsRecovery ? await signIn.WithRecoveryCodeAsync(code) : await signIn.WithCodeAsync(code);
        if (_outcome is SignInOutcome.Done)
        {
            navigation.NavigateTo(LocalAddress.OrHome(ReturnUrl));
        }
    }

    private string Link(string? recovery) => navigation.GetUriWithQueryParameter("recovery", recovery);

    private sealed class CodeForm
    {
        public string? Code { get; set; }
    }
}
