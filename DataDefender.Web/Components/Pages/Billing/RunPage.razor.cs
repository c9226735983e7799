using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>One run: its totals, its bills with what differs from last time, approval, progress.</summary>
public sealed partial class RunPage(BillingRunService runs, CurrentUser user, UiActions ui, Confirm confirm, Formats formats, NavigationManager navigation)
{
    private RadzenDataGrid<RunBillRow>? _grid;
    private PageOf<RunBillRow>? _bills;
    private RunRow? _run;
    private (string?, string?) _shown;
    private Exception? _failure;

    [Parameter]
    public Guid Id { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "show")]
    private string? Show { get; set; }

    private bool Outliers => Show == "outliers";

    protected override void OnInitialized() => Every(TimeSpan.FromSeconds(1));

    protected override async Task OnParametersSetAsync()
    {
        if (_run?.Id != Id)
        {
            await LoadAsync();
        }
        else if ((Search, Show) != _shown && _grid is { } grid)
        {
            await grid.FirstPage(forceReload: true);
        }
    }

    protected override async Task RefreshAsync()
    {
        // A preview too: somebody else approves it, and who made it sees that.
        if (_failure is null && _run is { State: RunState.Computing or RunState.Preview or RunState.Committing } before)
        {
            await LoadAsync();
            if (_run is { } now && now.State != before.State && _grid is { } grid)
            {
                await grid.Reload();
            }
        }
    }

    private string With(bool outliers) => navigation.GetUriWithQueryParameter("show", outliers ? "outliers" : null);

    private string Difference(RunRow run)
    {
        var difference = run.Total - run.PreviousTotal;
        return difference == Money.Zero ? "no difference" : $"{(difference > Money.Zero ? "+" : "−")}{formats.Money(new Money(Math.Abs(difference.Minor)))}";
    }

    private async Task LoadAsync()
    {
        try
        {
            (_run, _failure) = (await runs.GetAsync(Id), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task LoadBillsAsync(LoadDataArgs args)
    {
        _shown = (Search, Show);
        try
        {
            _bills = await runs.BillsAsync(Id, args.ToQuery(Search), Outliers);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task ApproveAsync()
    {
        var run = _run!;
        if (await confirm.AskAsync($"Approve billing run {run.Number}?", $"{Formats.Count(run.Bills)} invoices over {formats.Money(run.Total)} are written as of {Formats.Day(run.AsOf)}, exactly as they are shown here.", "Approve")
            && await ui.RunAsync(() => runs.ApproveAsync(Id)))
        {
            await LoadAsync();
        }
    }

    private async Task CancelAsync()
    {
        if (await confirm.AskAsync($"Cancel billing run {_run!.Number}?", "Nothing was written. The next preview finds the same bills again.", "Cancel run") && await ui.RunAsync(() => runs.CancelAsync(Id), "Run cancelled."))
        {
            await LoadAsync();
        }
    }
}
