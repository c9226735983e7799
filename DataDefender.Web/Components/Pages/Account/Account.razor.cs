using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using DataDefender.Web.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace DataDefender.Web.Components.Pages.Account;

/// <summary>What people do with their own sign-in.</summary>
public sealed partial class Account(IOwnAccount own, IJSRuntime browser, Workplace workplace, UiActions ui)
{
    private readonly FormErrors _passwordErrors = new();
    private readonly FormErrors _totpErrors = new();
    private OwnAccountState? _state;
    private TotpSetup? _setup;
    private IReadOnlyList<string>? _codes;
    private ElementReference _tokenForm;
    private string _current = "";
    private string _new = "";
    private string _code = "";
    private string _confirm = "";
    private string _passkeyName = "";
    private string? _passkeyProblem;
    private bool _creating;

    private Workplace Workplace => workplace;

    private UiActions Ui => ui;

    private string Context => $"{workplace.Email} · {workplace.Role.Title()}{(workplace.Company is { } company ? $" at {company.Name}" : "")}";

    protected override Task OnInitializedAsync() => LoadAsync();

    private static string Browser(OwnSession session)
    {
        var agent = session.UserAgent ?? "";
        var name = agent.Contains("Edg/", StringComparison.Ordinal) ? "Edge"
            : agent.Contains("Firefox/", StringComparison.Ordinal) ? "Firefox"
            : agent.Contains("Chrome/", StringComparison.Ordinal) ? "Chrome"
            : agent.Contains("Safari/", StringComparison.Ordinal) ? "Safari" : "A browser";
        var system = agent.Contains("Android", StringComparison.Ordinal) ? "Android"
            : agent.Contains("iPhone", StringComparison.Ordinal) || agent.Contains("iPad", StringComparison.Ordinal) ? "iOS"
            : agent.Contains("Windows", StringComparison.Ordinal) ? "Windows"
            : agent.Contains("Mac OS", StringComparison.Ordinal) ? "macOS"
            : agent.Contains("Linux", StringComparison.Ordinal) ? "Linux" : null;
        return system is null ? name : $"{name} on {system}";
    }

    private static bool IsPhone(OwnSession session) => session.UserAgent?.Contains("Mobi", StringComparison.Ordinal) is true;

    private async Task LoadAsync() => _state = await own.GetAsync();

    private async Task ChangePasswordAsync()
    {
        if (await ui.RunAsync(() => own.ChangePasswordAsync(workplace.SessionId, _current, _new), "Password changed.", _passwordErrors))
        {
            (_current, _new) = ("", "");
            await LoadAsync();
        }
    }

    private async Task BeginTotpAsync() => await ui.RunAsync(async () => (_setup, _code) = (await own.BeginTotpAsync(), ""));

    private async Task ConfirmTotpAsync()
    {
        if (await ui.RunAsync(async () => _codes = await own.ConfirmTotpAsync(_code), "The second factor is on.", _totpErrors))
        {
            _setup = null;
            await LoadAsync();
        }
    }

    private Task CodesKeptAsync()
    {
        _codes = null;
        return LoadAsync();
    }

    private async Task NewCodesAsync()
    {
        if (await ui.RunAsync(async () => _codes = await own.NewRecoveryCodesAsync(_confirm), null, _totpErrors))
        {
            _confirm = "";
        }
    }

    private async Task RemoveTotpAsync()
    {
        if (await ui.RunAsync(() => own.RemoveTotpAsync(_confirm), "The second factor is off.", _totpErrors))
        {
            _confirm = "";
            await LoadAsync();
        }
    }

    private async Task AddPasskeyAsync()
    {
        if (_creating)
        {
            return;
        }

        (_creating, _passkeyProblem) = (true, null);
        try
        {
            _passkeyProblem = await browser.InvokeAsync<string?>("dataDefender.createPasskey", _tokenForm, _passkeyName);
        }
        finally
        {
            _creating = false;
        }

        if (_passkeyProblem is null)
        {
            _passkeyName = "";
            await LoadAsync();
        }
    }

    private async Task RemovePasskeyAsync(OwnPasskey passkey)
    {
        if (await ui.RunAsync(() => own.RemovePasskeyAsync(passkey.CredentialId), $"{passkey.Name} removed."))
        {
            await LoadAsync();
        }
    }

    private async Task EndAsync(OwnSession session)
    {
        if (await ui.RunAsync(() => own.EndSessionsAsync(session.Id, null), "Signed out there."))
        {
            await LoadAsync();
        }
    }

    private async Task EndOthersAsync()
    {
        if (await ui.RunAsync(() => own.EndSessionsAsync(null, workplace.SessionId), "Signed out everywhere else."))
        {
            await LoadAsync();
        }
    }
}
