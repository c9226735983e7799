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

/// <summary>The company's roll-outs, newest first.</summary>
public sealed partial class Rollouts(RolloutService rollouts, LiveMetrics metrics, TenantContext tenant, CurrentUser user, NavigationManager navigation)
{
    private RadzenDataGrid<RolloutRow>? _grid;
    private PageOf<RolloutRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private GridQuery _asked = new();
    private string? _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    protected override void OnInitialized() => Follow(news => metrics.WatchChanges(tenant.TenantId, news));

    protected override Task OnParametersSetAsync() => _page is null || Search == _shown ? Task.CompletedTask : ReloadAsync();

    protected override async Task RefreshAsync()
    {
        if (_page is { } page && page.Items.Any(r => r.Status is not (RolloutStatus.Done or RolloutStatus.Cancelled)))
        {
            _page = await rollouts.ListAsync(_asked);
        }
    }

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = Search;
        _asked = args.ToQuery(Search);
        try
        {
            _page = await rollouts.ListAsync(_asked);
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

    private void Retry() => (_failure, _page) = (null, null);

    private void Open(RolloutRow? row)
    {
        if (row is not null)
        {
            navigation.NavigateTo($"/rollouts/{row.Id}");
        }
    }
}
