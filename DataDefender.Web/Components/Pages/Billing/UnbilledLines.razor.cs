using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>Lines in service that no run bills.</summary>
public sealed partial class UnbilledLines(UnbilledLineService lines, Formats formats, NavigationManager navigation)
{
    private RadzenDataGrid<UnbilledLine>? _grid;
    private PageOf<UnbilledLine>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private string? _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        if (_page is not null && Search != _shown && _grid is { } grid)
        {
            await grid.FirstPage(forceReload: true);
        }
    }

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = Search;
        try
        {
            _page = await lines.ListAsync(args.ToQuery(Search));
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void Retry() => (_failure, _page) = (null, null);
}
