using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>All coupons of the company.</summary>
public sealed partial class Coupons(CouponService coupons, CurrentUser user, DialogService dialogs, Formats formats, NavigationManager navigation)
{
    private RadzenDataGrid<CouponRow>? _grid;
    private PageOf<CouponRow>? _page;
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
            _page = await coupons.ListAsync(args.ToQuery(Search));
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task AddAsync()
    {
        if (await dialogs.OpenAsync<CouponDialog>("New coupon", new Dictionary<string, object?>(), new DialogOptions { Width = "560px", CloseDialogOnEsc = true }) is Guid id)
        {
            navigation.NavigateTo($"billing/coupons/{id}");
        }
    }

    private void Retry() => (_failure, _page) = (null, null);
}
