using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Network;

/// <summary>The company's routers, with how they fare now.</summary>
public sealed partial class Routers(
    RouterService routers, LiveMetrics metrics, TenantContext tenant, CurrentUser user, DialogService dialogs, NavigationManager navigation)
{
    private readonly GridRows<RouterListItem> _rows = new();
    private Dictionary<Guid, RouterSnapshot> _live = [];

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    /// <summary>Opens the form at once: the way here from an empty dashboard.</summary>
    [SupplyParameterFromQuery(Name = "add")]
    private bool Add { get; set; }

    private string? Context => _rows.Page is { } page ? $"{Formats.Count(page.Total)} {(page.Total == 1 ? "router" : "routers")}{(Search is null ? "" : $" match “{Search}”")}" : null;

    protected override void OnInitialized()
    {
        Follow(news => metrics.Watch(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(5));
        Look();
    }

    protected override Task OnParametersSetAsync() => _rows.FollowAsync(Search);

    protected override Task OnAfterRenderAsync(bool firstRender) => firstRender && Add ? CreateAsync() : Task.CompletedTask;

    protected override Task RefreshAsync()
    {
        Look();
        return Task.CompletedTask;
    }

    private void Look() => _live = metrics.Latest(tenant.TenantId).ToDictionary(s => s.RouterId);

    private RouterSnapshot? Live(RouterListItem row) => _live.GetValueOrDefault(row.Id);

    private RouterState State(RouterListItem row) => Live(row)?.State ?? row.State;

    private DateTime Since(RouterListItem row) => Live(row) is { } live && live.State != row.State ? live.At : row.StateSince;

    private string? Why(RouterListItem row) => Live(row) is { } live ? live.Reason : row.StateReason;

    private double? Memory(RouterListItem row) => Live(row) is { MemoryUsed: { } used, MemoryTotal: > 0 and var total } ? 100.0 * used / total : null;

    private Task LoadAsync(LoadDataArgs args) => _rows.LoadAsync(Search, () => routers.ListAsync(args.ToQuery(Search)));

    private void Open(RouterListItem? row)
    {
        if (row is not null)
        {
            navigation.NavigateTo($"/routers/{row.Id}");
        }
    }

    private async Task CreateAsync()
    {
        if (user.Has(Permissions.ManageNetwork) && await dialogs.OpenSideAsync<RouterForm>("Add a router", [], SidePanel.Options) is Guid id)
        {
            navigation.NavigateTo($"/routers/{id}");
        }
    }
}
