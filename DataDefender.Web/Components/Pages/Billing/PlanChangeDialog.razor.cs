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
    private DateOnly? _on;
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

    private DateOnly Tomorrow => formats.Today.AddDays(1);

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private async Task ChooseDayAsync(ChangeEventArgs chosen)
    {
        if (DateOnly.TryParseExact(chosen.Value as string, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var day))
        {
            await AskAsync(null, day);
        }
    }

    private async Task AskAsync(bool? atOnce, DateOnly? on = null)
    {
        if (_chosen is { } package)
        {
            (_atOnce, _on) = (atOnce, on);
            await ui.RunAsync(async () => _quote = await changes.QuoteAsync(Contract.SubscriptionId, package, atOnce, on));
        }
    }

    private async Task ConfirmAsync()
    {
        if (await ui.RunAsync(() => changes.ConfirmAsync(Contract.SubscriptionId, _chosen!.Value, _atOnce, _quote!.Token, _on), _on is null ? "The package is changed." : "The change is agreed."))
        {
            dialogs.Close(true);
        }
        else
        {
            await AskAsync(_atOnce, _on); // what is shown is what would be done now
        }
    }
}
