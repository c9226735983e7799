using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Radius;

/// <summary>Who is online, as accounting tells it, with the age of what it tells.</summary>
public sealed partial class Sessions(
    SessionService sessions, SubscriptionService lines, RouterService routers, NetworkSettingsService settings, LiveMetrics metrics, TenantContext tenant, CurrentUser user,
    UiActions ui, Confirm confirm, NavigationManager navigation, TimeProvider clock)
{
    // Accounting writes all the time; a list that re-sorts under the pointer cannot be used.
    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(10);

    private RadzenDataGrid<OpenSessionRow>? _grid;
    private PageOf<OpenSessionRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private IReadOnlyList<NamedRouter> _routers = [];
    private SessionSummary? _summary;
    private TimeSpan _silentAfter;
    private DateTime _readAt;
    private SessionFilter? _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "router")]
    private Guid? RouterId { get; set; }

    [SupplyParameterFromQuery(Name = "nas")]
    private Guid? NasId { get; set; }

    /// <summary>The property to sort by at first, ascending: the oldest report is where a lost session is.</summary>
    [SupplyParameterFromQuery(Name = "sort")]
    private string? Sort { get; set; }

    private SessionFilter Filter => new(Search, NasId, RouterId);

    private bool IsFiltered => Filter != new SessionFilter();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private string? Context => _summary is { } summary
        ? $"{Formats.Count(summary.Open)} open{(summary.Silent > 0 ? $", {Formats.Count(summary.Silent)} of them silent" : "")}{(IsFiltered && _page is { } page ? $" · {Formats.Count(page.Total)} match" : "")}"
        : null;

    protected override async Task OnInitializedAsync()
    {
        Follow(news => metrics.WatchChanges(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(5));
        _routers = await routers.NamesAsync();
        _silentAfter = TimeSpan.FromSeconds(2.5 * (await settings.GetAsync()).InterimSeconds);
    }

    protected override Task OnParametersSetAsync() => _page is null || Filter == _shown ? Task.CompletedTask : ReloadAsync();

    protected override async Task RefreshAsync()
    {
        if (_grid is { } grid && _page is not null && Now - _readAt >= ReadAgain)
        {
            await grid.Reload();
        }
    }

    private bool IsSilent(OpenSessionRow row) => Now - row.UpdatedAt > _silentAfter;

    private async Task LoadAsync(LoadDataArgs args)
    {
        (_shown, _readAt) = (Filter, Now);
        var query = args.ToQuery();
        if (query.SortBy is null && Sort is not null)
        {
            query = query with { SortBy = Sort };
        }

        try
        {
            _page = await sessions.ListOpenAsync(Filter, query);
            _summary = await sessions.SummariseAsync();
        }
        catch (Exception failure) when (_page is null)
        {
            _failure = failure;
        }
        catch
        {
            // The database is away for a moment: the ages in the list say how old it is.
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

    private void ByRouter(ChangeEventArgs chosen) =>
        navigation.NavigateTo(navigation.GetUriWithQueryParameter("router", Guid.TryParse(chosen.Value as string, out var id) ? id : (Guid?)null));

    private async Task DropAsync(OpenSessionRow row)
    {
        if (await confirm.AskAsync(
            $"Drop the session of {row.Username}?", $"{row.ClientName ?? row.Username} goes offline now; the customer's router dials in again by itself within seconds.", "Drop session"))
        {
            await ui.RunAsync(() => lines.DropSessionAsync(row.SubscriptionId!.Value), $"The session of {row.Username} is being dropped.");
        }
    }
}
