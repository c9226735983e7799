using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Notifications;

/// <summary>What the signed-in person was told.</summary>
public sealed partial class Notifications(StaffNotificationService notifications, StaffInbox inbox, TenantContext tenant, UiActions ui, NavigationManager navigation)
{
    private const int PageSize = 25;

    private PageOf<StaffNotificationRow>? _page;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "unread")]
    private bool UnreadOnly { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private int Page { get; set; }

    protected override void OnInitialized() => Follow(news => inbox.Watch(tenant.TenantId, news));

    protected override Task OnParametersSetAsync() => LoadAsync();

    protected override Task RefreshAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _page = await notifications.ListAsync(UnreadOnly, Math.Max(0, Page), PageSize);
            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private string PageHref(int page) => navigation.GetUriWithQueryParameter("page", page == 0 ? (int?)null : page);

    private async Task ReadAsync(StaffNotificationRow notice)
    {
        if (notice.ReadAt is null)
        {
            await ui.RunAsync(() => notifications.ReadAsync(notice.Id));
        }
    }

    private async Task ReadAllAsync() => await ui.RunAsync(() => notifications.ReadAllAsync(), "All read.");
}
