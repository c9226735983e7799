using DataDefender.Domain.Billing;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>The company's taxes by date and how its documents are made.</summary>
public sealed partial class BillingSettingsPage(BillingSettingsService settings, CurrentUser user, UiActions ui)
{
    private readonly FormErrors _errors = new();
    private readonly FormErrors _rateErrors = new();
    private BillingSettingsDetails? _details;
    private BillingSettingsInput? _input;
    private TaxRateInput _rate = new();
    private Exception? _failure;

    private bool MayChange => user.Has(Permissions.ManageTaxes);

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _details = await settings.GetAsync();
            (_input, _failure) = (_input ?? _details.Input, null); // a new rate must not throw away what was typed beside it
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private string SuspendedChoice => _input!.SuspendedPercent switch { 100 => "full", 0 => "nothing", _ => "share" };

    private void ChooseSuspended(ChangeEventArgs chosen) => _input!.SuspendedPercent = chosen.Value switch { "nothing" => 0, "share" => 50, _ => 100 };

    private async Task SaveAsync()
    {
        if (await ui.RunAsync(() => settings.ChangeAsync(_details!.Version, _input!), "Billing settings saved.", _errors))
        {
            _input = null;
            await LoadAsync();
        }
    }

    private async Task AddRateAsync()
    {
        if (await ui.RunAsync(() => settings.AddRateAsync(_rate), "Rate added.", _rateErrors))
        {
            _rate = new TaxRateInput { Tax = _rate.Tax, Band = _rate.Band };
            await LoadAsync();
        }
    }

    private async Task AddKenyanAsync()
    {
        if (await ui.RunAsync(() => settings.AddKenyanRatesAsync(), "The known rates are there."))
        {
            await LoadAsync();
        }
    }
}
