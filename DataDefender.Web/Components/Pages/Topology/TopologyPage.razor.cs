using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Domain.Topology;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Topology;

/// <summary>The network as a graph and as a map, with what flows over it now.</summary>
public sealed partial class TopologyPage(TopologyService topology, LiveMetrics metrics, TenantContext tenant, CurrentUser user, DialogService dialogs, NavigationManager navigation, TimeProvider clock)
{
    /// <summary>Past so many routers one node a site says more at first sight.</summary>
    private const int ManyRouters = 40;

    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(5);

    private NetworkPicture? _picture;
    private int? _routers;
    private DateTime _readAt;
    private bool _reading;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "view")]
    private string? View { get; set; }

    [SupplyParameterFromQuery(Name = "by")]
    private string? By { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    private bool IsMap => View == "map";

    private bool BySite => IsMap || By == "site" || (By is null && _routers > ManyRouters);

    private string? Context => _picture is { } picture
        ? $"{Formats.Count(picture.Nodes.Sum(n => n.Routers))} routers, {Formats.Count(picture.Links.Count)} links, {Formats.Count(picture.Nodes.Sum(n => n.Sessions))} sessions{(picture.SeenAt is null ? "" : ", neighbours asked each hour")}"
        : null;

    protected override void OnInitialized()
    {
        Follow(news => metrics.WatchChanges(tenant.TenantId, news));
        Every(ReadAgain);
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    protected override Task RefreshAsync() => clock.GetUtcNow().UtcDateTime - _readAt >= ReadAgain ? LoadAsync() : Task.CompletedTask;

    private string Address(string? view, string? by) => navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
    {
        ["view"] = view is null ? View : view == "graph" ? null : view,
        ["by"] = by ?? By,
    });

    private async Task LoadAsync()
    {
        if (_reading)
        {
            return;
        }

        (_reading, _readAt) = (true, clock.GetUtcNow().UtcDateTime);
        try
        {
            _routers ??= await topology.CountAsync();
            (_picture, _failure) = (await topology.GetAsync(BySite), null);
        }
        catch (Exception failure) when (_picture is null || failure is DomainException)
        {
            _failure = failure;
        }
        catch
        {
            // The database is away for a moment; what is shown stays.
        }
        finally
        {
            _reading = false;
        }
    }

    private async Task AddLinkAsync()
    {
        await dialogs.OpenSideAsync<LinkForm>("Draw a link", [], SidePanel.Options);
        await LoadAsync();
    }
}
