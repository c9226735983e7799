using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>The company's control unit at the tax authority.</summary>
public sealed partial class TaxDevicePage(TaxTransmissionService transmissions, CurrentUser user, UiActions ui, Confirm confirm)
{
    private readonly FormErrors _errors = new();
    private TaxDeviceDetails? _details;
    private TaxDeviceInput? _input;
    private Exception? _failure;

    private bool MayChange => user.Has(Permissions.ManageTaxes);

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _details = await transmissions.GetDeviceAsync();
            (_input, _failure) = (_details.Input, null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task SaveAsync()
    {
        if (await ui.RunAsync(() => transmissions.SaveDeviceAsync(_input!), "Control unit saved.", _errors))
        {
            await LoadAsync();
        }
    }

    private async Task ConnectAsync()
    {
        if (await ui.RunAsync(() => transmissions.ConnectAsync(), "The control unit is connected."))
        {
            await LoadAsync();
        }
    }

    private async Task SwitchAsync()
    {
        var on = !_details!.IsOn;
        if (await confirm.AskAsync(
                on ? "Send documents to KRA?" : "Stop sending documents?",
                on ? "Each invoice and credit note that is issued from now on is reported to KRA under your PIN." : "What is issued from now on is not reported. What is queued already is still sent.",
                on ? "Send from now on" : "Stop sending", danger: !on)
            && await ui.RunAsync(() => transmissions.SwitchAsync(on), on ? "Documents are sent from now on." : "Documents are not sent any more."))
        {
            await LoadAsync();
        }
    }
}
