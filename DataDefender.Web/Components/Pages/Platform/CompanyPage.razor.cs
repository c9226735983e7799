using DataDefender.Domain.Common;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Radzen;

namespace DataDefender.Web.Components.Pages.Platform;

/// <summary>One company, and what the platform may do about it.</summary>
public sealed partial class CompanyPage(CompanyAdministration companies, UiActions ui, Confirm confirm, DialogService dialogs, IJSRuntime browser)
{
    private CompanyRow? _company;
    private Exception? _error;
    private ElementReference _enterForm;
    private Guid? _asked;

    [Parameter]
    public Guid Id { get; set; }

    /// <summary>Asks at once for the reason of a visit: the company was chosen in the top bar.</summary>
    [SupplyParameterFromQuery(Name = "enter")]
    public bool AskToEnter { get; set; }

    private UiActions Ui => ui;

    protected override async Task OnParametersSetAsync()
    {
        try
        {
            await LoadAsync();
        }
        catch (NotFoundException missing)
        {
            _error = missing;
        }
    }

    // Only once the form is there that carries the answer.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (AskToEnter && _asked != Id && _company is { Status: CompanyStatus.Active } company && company.Id == Id)
        {
            _asked = Id;
            await EnterAsync();
        }
    }

    private async Task LoadAsync() => _company = await companies.GetAsync(Id);

    private Task ApproveAsync() => WithLicenceAsync($"Approve {_company!.Name}", "Approve", input => companies.ApproveAsync(Id, input), $"{_company.Name} may work now.");

    private Task ChangeLicenceAsync() => WithLicenceAsync($"Licence of {_company!.Name}", "Change licence", input => companies.ChangeLicenceAsync(Id, input), "Licence changed.");

    private async Task WithLicenceAsync(string title, string verb, Func<LicenceInput, Task> act, string done)
    {
        var saved = await dialogs.OpenSideAsync<LicenceForm>(title, new Dictionary<string, object?>
        {
            [nameof(LicenceForm.Verb)] = verb,
            [nameof(LicenceForm.Licence)] = _company!.Licence,
            [nameof(LicenceForm.Save)] = act,
            [nameof(LicenceForm.Done)] = done,
        }, new SideDialogOptions { Width = "460px", CloseDialogOnOverlayClick = true });
        if (saved is true)
        {
            await LoadAsync();
        }
    }

    private async Task RejectAsync()
    {
        var reason = await confirm.AskReasonAsync($"Reject {_company!.Name}?", "Its owner reads your reason when signing in. You can approve the company later after all.", "Reject", danger: true);
        await ActAsync(reason, () => companies.RejectAsync(Id, reason!), "Rejected.");
    }

    private async Task SuspendAsync()
    {
        var reason = await confirm.AskReasonAsync(
            $"Suspend {_company!.Name}?",
            $"Its {Formats.Count(_company.Staff)} people are signed out at once and cannot sign in until you reinstate it. RADIUS refuses every new login of its {Formats.Count(_company.Subscribers)} subscribers. Nothing is deleted.",
            "Suspend", danger: true);
        await ActAsync(reason, () => companies.SuspendAsync(Id, reason!), "Suspended.");
    }

    private Task ReinstateAsync() => ActAsync("", () => companies.ReinstateAsync(Id), "Reinstated.");

    private async Task EnterAsync()
    {
        var reason = await confirm.AskReasonAsync(
            $"Enter {_company!.Name}?", $"For {CompanyAdministration.VisitLimit.TotalMinutes:0} minutes you may do what its owner may. The company sees your name, the reason and all you do in its audit trail.", "Enter", "Why do you enter?");
        if (reason is not null)
        {
            // Another company is another circuit: a plain form post changes the cookie and loads the app anew.
            await browser.InvokeVoidAsync("dataDefender.submit", _enterForm, new { reason });
        }
    }

    private async Task ActAsync(string? reason, Func<Task> act, string done)
    {
        if (reason is not null && await ui.RunAsync(act, done))
        {
            await LoadAsync();
        }
    }
}
