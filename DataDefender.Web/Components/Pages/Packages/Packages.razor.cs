using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Pages.Lines;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Packages;

/// <summary>What the company sells.</summary>
public sealed partial class Packages(PackageService packages, CurrentUser user, DialogService dialogs, Formats formats, NavigationManager navigation)
{
    private RadzenDataGrid<PackageRow>? _grid;
    private PageOf<PackageRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private (string?, string?) _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    private string? State { get; set; }

    private PackageStatus? Wanted => Enum.TryParse<PackageStatus>(State, ignoreCase: true, out var status) ? status : null;

    private string? Context => _page is { } page ? $"{Formats.Count(page.Total)} {(page.Total == 1 ? "package" : "packages")}{(Search is null && Wanted is null ? "" : " match")}" : null;

    protected override Task OnParametersSetAsync() =>
        _page is null || (Search, State) == _shown ? Task.CompletedTask : ReloadAsync();

    private string With(PackageStatus? status) => navigation.GetUriWithQueryParameter("state", status?.ToString().ToLowerInvariant());

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = (Search, State);
        try
        {
            _page = await packages.ListAsync(args.ToQuery(Search), Wanted);
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

    private async Task OpenAsync(Guid? id)
    {
        var changed = await dialogs.OpenSideAsync<PackagePanel>(
            id is null ? "New package" : "Package",
            new Dictionary<string, object?> { [nameof(PackagePanel.Id)] = id },
            SidePanel.Options);
        if (changed is true)
        {
            await ReloadAsync();
        }
    }
}
