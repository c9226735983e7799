using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>The company's billing runs, newest first.</summary>
public sealed partial class Runs(BillingRunService runs, CurrentUser user, UiActions ui, Confirm confirm, Formats formats, NavigationManager navigation)
{
    private PageOf<RunRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private Exception? _failure;

    private async Task LoadAsync(LoadDataArgs args)
    {
        try
        {
            _page = await runs.ListAsync(args.ToQuery());
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task StartAsync()
    {
        Guid run = default;
        var day = await confirm.AskDayAsync(
            "New preview", "It computes what is due and writes nothing. Its invoices are dated with this day.", "Make preview", "As of", formats.Today, "An earlier day bills what was due then; one of closed books is refused.");
        if (day is not null && await ui.RunAsync(async () => run = await runs.StartAsync(day)))
        {
            navigation.NavigateTo($"billing/runs/{run}");
        }
    }

    private void Retry() => (_failure, _page) = (null, null);
}
