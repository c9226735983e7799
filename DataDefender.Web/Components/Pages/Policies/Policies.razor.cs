using DataDefender.Domain.Common;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Policies;

/// <summary>The rules that packages refer to.</summary>
public sealed partial class Policies(UsagePolicyService policies, CurrentUser user, NavigationManager navigation)
{
    private RadzenDataGrid<UsagePolicyRow>? _grid;
    private PageOf<UsagePolicyRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private string? _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    private string? Context => _page is { } page ? $"{Formats.Count(page.Total)} {(page.Total == 1 ? "policy" : "policies")}{(Search is null ? "" : " match")}" : null;

    protected override Task OnParametersSetAsync() => _page is null || Search == _shown ? Task.CompletedTask : ReloadAsync();

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = Search;
        try
        {
            _page = await policies.ListAsync(args.ToQuery(Search));
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

    private void Open(UsagePolicyRow? row) => navigation.NavigateTo($"policies/{row?.Id}");
}
