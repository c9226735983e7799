using DataDefender.Domain.Radius;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace DataDefender.Web.Components.Pages.Radius;

/// <summary>A login tried from the browser, with what was sent and what came back.</summary>
public sealed partial class TestLogin(LoginTestService tests, UiActions ui, IJSRuntime browser)
{
    private readonly FormErrors _errors = new();
    private readonly LoginTestInput _input = new();
    private IReadOnlyList<(Guid Id, string Name)>? _nas;
    private IReadOnlyList<TestableLine> _found = [];
    private LoginTestResult? _result;
    private Exception? _failure;
    private ElementReference _shown;

    /// <summary>The user name that is filled in at first.</summary>
    [SupplyParameterFromQuery(Name = "user")]
    private string? User { get; set; }

    /// <summary>The NAS that is chosen at first.</summary>
    [SupplyParameterFromQuery(Name = "nas")]
    private Guid? NasId { get; set; }

    private string UserHelp => _input.Kind is LoginTestKind.Router ? "A member of staff's user name for routers." : _found.FirstOrDefault(l => l.Username == _input.Username) is { } line ? $"The line of {line.Client}." : "Of a line, or any other to see it refused.";

    private string CallerHelp => _input.Kind is LoginTestKind.Router
        ? "Calling-Station-Id, the address that the person comes from."
        : "Calling-Station-Id, the customer's MAC. A line that is bound to one, or is online from one, lets no other in.";

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _nas = await tests.NasAsync();
            _input.NasId = _nas.Any(n => n.Id == NasId) ? NasId : _nas.Count > 0 ? _nas[0].Id : null;
            _input.Username = User ?? "";
            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void ChooseKind(ChangeEventArgs chosen)
    {
        _input.Kind = Enum.Parse<LoginTestKind>((string)chosen.Value!);
        _input.UsesStoredPassword = _input.Kind is not LoginTestKind.Router;
        _input.Method = _input.Kind switch { LoginTestKind.Hotspot => LoginTestMethod.Chap, LoginTestKind.Router => LoginTestMethod.Pap, _ => LoginTestMethod.MsChapV2 }; // as RouterOS asks by itself
        (_input.Password, _result) = (null, null);
        _errors.Clear();
    }

    private async Task FindAsync(ChangeEventArgs typed)
    {
        _input.Username = typed.Value as string ?? "";
        if (_input.Kind is LoginTestKind.Router)
        {
            return;
        }

        _found = await tests.FindAsync(_input.Username);
    }

    private async Task RunAsync()
    {
        if (await ui.RunAsync(async () => _result = await tests.RunAsync(_input), errors: _errors))
        {
            await browser.InvokeVoidAsync("dataDefender.focus", _shown); // on a phone it stands below the form
        }
    }
}
