using DataDefender.Domain.Billing;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>Shows what a change of package costs, and makes exactly that change. Closes with true when it was made.</summary>
public sealed partial class PlanChangeDialog(PlanChangeService changes, PackageService packages, UiActions ui, DialogService dialogs, Formats formats)
{
    private IReadOnlyList<PackageChoice>? _choices;
    private PlanChangeQuote? _quote;
    private Guid? _chosen;
    private bool? _atOnce;
    private Exception? _failure;

    [Parameter, EditorRequired]
    public ContractRow Contract { get; set; } = default!;

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            (_choices, _failure) = (await packages.ChoicesAsync(), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task ChooseAsync(ChangeEventArgs chosen)
    {
        (_chosen, _quote) = (Guid.TryParse(chosen.Value as string, out var id) ? id : null, null);
        await AskAsync(null);
    }

    private async Task AskAsync(bool? atOnce)
    {
        if (_chosen is { } package)
        {
            _atOnce = atOnce;
            await ui.RunAsync(async () => _quote = await changes.QuoteAsync(Contract.SubscriptionId, package, atOnce));
        }
    }

    private async Task ConfirmAsync()
    {
        if (await ui.RunAsync(() => changes.ConfirmAsync(Contract.SubscriptionId, _chosen!.Value, _atOnce, _quote!.Token), "The package is changed."))
        {
            dialogs.Close(true);
        }
        else
        {
            await AskAsync(_atOnce); // what is shown is what would be done now
        }
    }
}
