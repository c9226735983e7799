using DataDefender.Domain.Network;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Pages.Network;

/// <summary>The company's walled garden, accounting interval, and who may log in to routers or by MAC address.</summary>
public sealed partial class NetworkSettingsPage(NetworkSettingsService settings, UiActions ui)
{
    private readonly FormErrors _errors = new();
    private NetworkSettingsInput? _input;
    private Exception? _failure;

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            (_input, _failure) = (await settings.GetAsync(), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task SaveAsync()
    {
        if (await ui.RunAsync(() => settings.SaveAsync(_input!), "Network settings saved.", _errors))
        {
            await LoadAsync();
        }
    }
}
