using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Billing;

/// <summary>One coupon with who redeemed it.</summary>
public sealed partial class CouponPage(CouponService coupons, CurrentUser user, UiActions ui, Confirm confirm, Formats formats)
{
    private CouponRow? _coupon;
    private PageOf<CouponUseRow>? _uses;
    private Exception? _failure;

    [Parameter]
    public Guid Id { get; set; }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            (_coupon, _failure) = (await coupons.GetAsync(Id), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task LoadUsesAsync(LoadDataArgs args)
    {
        try
        {
            _uses = await coupons.UsesAsync(Id, args.ToQuery(null));
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task EndAsync()
    {
        if (await confirm.AskAsync($"Take {_coupon!.Code} out of use?", $"Nobody redeems it from today on. The {Formats.Count(_coupon.Uses)} lines that did keep what it gave them.", "Take out of use", danger: true)
            && await ui.RunAsync(() => coupons.EndAsync(Id), "The coupon is out of use."))
        {
            await LoadAsync();
        }
    }
}
