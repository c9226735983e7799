using DataDefender.Domain.Common;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Platform;

/// <summary>Every company of the installation.</summary>
public sealed partial class Companies(CompanyAdministration companies, NavigationManager navigation)
{
    private RadzenDataGrid<CompanyRow> _grid = default!;
    private PageOf<CompanyRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private IReadOnlyDictionary<CompanyStatus, int> _counts = new Dictionary<CompanyStatus, int>();
    private (string?, string?) _shown;
    private bool _loading;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "status")]
    private string? Status { get; set; }

    private string? Context => _counts.GetValueOrDefault(CompanyStatus.Pending) switch
    {
        0 => $"{_counts.GetValueOrDefault(CompanyStatus.Active)} active, none waiting",
        1 => "1 waits for your decision",
        var waiting => $"{waiting} wait for your decision",
    };

    protected override async Task OnParametersSetAsync()
    {
        _counts = await companies.CountsAsync();
        if (_page is not null && (Search, Status) != _shown)
        {
            await _grid.FirstPage(forceReload: true);
        }
    }

    private async Task LoadAsync(LoadDataArgs args)
    {
        (_shown, _loading) = ((Search, Status), true);
        _page = await companies.ListAsync(args.ToQuery(Search), Enum.TryParse<CompanyStatus>(Status, out var status) ? status : null);
        _loading = false;
    }

    private string Link(CompanyStatus? status) => navigation.GetUriWithQueryParameter("status", status?.ToString());

    private void Open(Guid id) => navigation.NavigateTo($"/platform/companies/{id}");
}
