using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Topology;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Topology;

/// <summary>Where the company's equipment stands.</summary>
public sealed partial class Sites(SiteService sites, CurrentUser user, DialogService dialogs, NavigationManager navigation)
{
    private RadzenDataGrid<SiteRow>? _grid;
    private PageOf<SiteRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private string? _shown;
    private bool _asked;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    /// <summary>Opens this site's form.</summary>
    [SupplyParameterFromQuery(Name = "edit")]
    private Guid? Edit { get; set; }

    private string? Context => _page is { } page ? $"{Formats.Count(page.Total)} {(page.Total == 1 ? "site" : "sites")}{(Search is null ? "" : $" match “{Search}”")}" : null;

    protected override Task OnParametersSetAsync() => _page is null || Search == _shown ? Task.CompletedTask : ReloadAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_asked && _page is not null && Edit is { } id)
        {
            _asked = true;
            await OpenAsync(await sites.GetAsync(id));
        }
    }

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = Search;
        try
        {
            _page = await sites.ListAsync(args.ToQuery(Search));
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
            await grid.Reload();
        }
        else
        {
            _page = null; // the grid comes back with the next render and loads by itself
        }
    }

    private void Retry() => (_failure, _page) = (null, null);

    private async Task OpenAsync(SiteRow? row)
    {
        if (!user.Has(Permissions.ManageNetwork))
        {
            return;
        }

        await dialogs.OpenSideAsync<SiteForm>(row?.Name ?? "Add a site", new Dictionary<string, object?> { [nameof(SiteForm.Row)] = row }, SidePanel.Options);
        if (Edit is not null)
        {
            navigation.NavigateTo("/sites", replace: true); // a reload must not open the form again
        }

        await ReloadAsync();
        StateHasChanged();
    }
}
