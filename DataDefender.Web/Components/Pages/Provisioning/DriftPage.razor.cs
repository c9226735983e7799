using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Provisioning;

/// <summary>What has drifted, since when, what it costs, and the two ways to end it.</summary>
public sealed partial class DriftPage(
    DriftService drift, LiveMetrics metrics, TenantContext tenant, CurrentUser user, UiActions ui, Confirm confirm, Formats formats, NavigationManager navigation)
{
    private static readonly (DriftPart Part, string Text)[] Parts = [(DriftPart.All, "All"), (DriftPart.Settings, "Settings"), (DriftPart.Lines, "Lines"), (DriftPart.Costly, "Costs money")];

    private RadzenDataGrid<DriftRow>? _grid;
    private PageOf<DriftRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private DriftSummary? _summary;
    private (string?, DriftPart) _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "part")]
    private string? PartText { get; set; }

    private DriftPart Part => Enum.TryParse<DriftPart>(PartText, out var part) ? part : DriftPart.All;

    protected override async Task OnInitializedAsync()
    {
        Follow(news => metrics.WatchChanges(tenant.TenantId, news));
        await SummariseAsync();
    }

    protected override Task OnParametersSetAsync() => _page is null || (Search, Part) == _shown ? Task.CompletedTask : ReloadAsync();

    protected override async Task RefreshAsync()
    {
        if (_summary is { } before)
        {
            await SummariseAsync();
            if (_summary is { } now && (now.Settings, now.Lines) != (before.Settings, before.Lines) && _grid is { } grid)
            {
                await grid.Reload();
            }
        }
    }

    private static ChangeKind Change(DriftKind kind) => kind switch { DriftKind.Missing => ChangeKind.Add, DriftKind.Leftover => ChangeKind.Remove, _ => ChangeKind.Set };

    private async Task SummariseAsync()
    {
        try
        {
            (_summary, _failure) = (await drift.SummariseAsync(), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = (Search, Part);
        try
        {
            _page = await drift.ListAsync(args.ToQuery(Search), Part);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task ReloadAsync()
    {
        if (_grid is { } grid)
        {
            await grid.FirstPage(forceReload: true);
        }
        else
        {
            _page = null; // the grid comes back with the next render and loads by itself
        }
    }

    private Task RetryAsync()
    {
        (_failure, _page) = (null, null);
        return SummariseAsync();
    }

    private async Task AdoptAsync(DriftRow row)
    {
        if (await confirm.AskAsync($"Take {row.Values[0].Before} into the design?", $"{row.RouterName} stays as it is; the design follows it.", "Adopt")
            && await ui.RunAsync(() => drift.AdoptAsync(row.Id), "The design follows the router."))
        {
            await SummariseAsync();
            await ReloadAsync();
        }
    }

    private async Task RepairAsync(DriftRow row)
    {
        if (Drift.IsLineKind(row.Kind))
        {
            if (await confirm.AskAsync("Bring this line to what is sold?", "Where the router cannot change the session it is ended, and dials in again.", "Repair")
                && await ui.RunAsync(() => drift.RepairLineAsync(row.Id), "It is being repaired."))
            {
                await SummariseAsync();
                await ReloadAsync();
            }

            return;
        }

        if (await confirm.AskAsync($"Bring {row.What} on {row.RouterName} back to the design?", "What else has drifted there is left alone. The write is read back.", "Repair")
            && await ui.RunAsync(() => drift.RepairAsync(row.RouterId, [row.ItemKey]), "The change is under way."))
        {
            navigation.NavigateTo($"/routers/{row.RouterId}/configuration");
        }
    }
}
