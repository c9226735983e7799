using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Incidents;

/// <summary>What is and was wrong on the network, by cause.</summary>
public sealed partial class Incidents(IncidentService incidents, LiveMetrics metrics, TenantContext tenant, NavigationManager navigation, TimeProvider clock)
{
    private static readonly (IncidentScope, string)[] Scopes =
        [(IncidentScope.Open, "Open"), (IncidentScope.Mine, "Mine"), (IncidentScope.Resolved, "Over"), (IncidentScope.All, "All")];

    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(3);

    private RadzenDataGrid<IncidentRow>? _grid;
    private PageOf<IncidentRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private GridQuery _query = new();
    private (string?, IncidentScope) _shown;
    private DateTime _readAt;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "show")]
    private string? Show { get; set; }

    private IncidentScope Scope => Enum.TryParse<IncidentScope>(Show, ignoreCase: true, out var scope) && Enum.IsDefined(scope) ? scope : IncidentScope.Open;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private string? Context => _page is { } page ? $"{Formats.Count(page.Total)} {Scope switch { IncidentScope.Open => "open", IncidentScope.Mine => "yours", IncidentScope.Resolved => "over", _ => "in all" }}" : null;

    protected override void OnInitialized()
    {
        Follow(news => metrics.WatchChanges(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(5));
    }

    protected override Task OnParametersSetAsync() => _page is null || (Search, Scope) == _shown ? Task.CompletedTask : ReloadAsync();

    // The same page again: what is new comes to its place, and nobody's scrolling or paging is lost.
    protected override async Task RefreshAsync()
    {
        if (_page is not null && _failure is null && Now - _readAt >= ReadAgain)
        {
            await ReadAsync();
        }
    }

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = (Search, Scope);
        _query = args.ToQuery(Search);
        if (_query.SortBy is null)
        {
            _query = _query with { SortBy = nameof(IncidentRow.OpenedAt), Descending = true };
        }

        await ReadAsync();
    }

    private async Task ReadAsync()
    {
        _readAt = Now;
        try
        {
            _page = await incidents.ListAsync(new IncidentFilter(Scope), _query);
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
            _page = null; // the grid comes with the next render and loads by itself
        }
    }

    private void Retry() => (_failure, _page) = (null, null);

    private static string? Why(IncidentRow row) => row.AcknowledgedBy is { } who ? $"seen by {who}" : null;

    private void Open(IncidentRow? row)
    {
        if (row is not null)
        {
            navigation.NavigateTo($"/incidents/{row.Id}");
        }
    }
}
