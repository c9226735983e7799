using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>All invoices of the company.</summary>
public sealed partial class Invoices(InvoiceService invoices, CurrentUser user, Formats formats, NavigationManager navigation)
{
    private RadzenDataGrid<InvoiceRow>? _grid;
    private PageOf<InvoiceRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private IReadOnlyDictionary<InvoiceFilter, InvoiceSum>? _sums;
    private (string?, string?) _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    private string? State { get; set; }

    private InvoiceFilter Filter => Enum.TryParse<InvoiceFilter>(State, ignoreCase: true, out var filter) ? filter : InvoiceFilter.All;

    private string? Context => _sums is not { } sums ? null
        : $"{formats.Money(sums[InvoiceFilter.Open].Open)} open, {formats.Money(sums[InvoiceFilter.Overdue].Open)} of it overdue";

    protected override async Task OnParametersSetAsync()
    {
        if (_page is not null && (Search, State) != _shown && _grid is { } grid)
        {
            await grid.FirstPage(forceReload: true);
        }
    }

    private string File => $"/billing/files/invoices.xlsx?q={Uri.EscapeDataString(Search ?? "")}&state={(Filter is InvoiceFilter.All ? "" : Filter)}";

    private string With(InvoiceFilter filter) => navigation.GetUriWithQueryParameter("state", filter is InvoiceFilter.All ? null : filter.ToString().ToLowerInvariant());

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = (Search, State);
        try
        {
            _page = await invoices.ListAsync(args.ToQuery(Search), Filter);
            _sums = await invoices.SumsAsync();
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void Retry() => (_failure, _page) = (null, null);
}
