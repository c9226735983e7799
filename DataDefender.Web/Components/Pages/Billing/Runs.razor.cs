using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>The company's billing runs, newest first.</summary>
public sealed partial class Runs(BillingRunService runs, CurrentUser user, UiActions ui, Formats formats, NavigationManager navigation)
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
        if (await ui.RunAsync(async () => run = await runs.StartAsync()))
        {
            navigation.NavigateTo($"billing/runs/{run}");
        }
    }

    private void Retry() => (_failure, _page) = (null, null);
}
