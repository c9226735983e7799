using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Topology;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Topology;

/// <summary>Where the company's equipment stands.</summary>
public sealed partial class Sites(SiteService sites, CurrentUser user, DialogService dialogs, NavigationManager navigation)
{
    private readonly GridRows<SiteRow> _rows = new();
    private bool _asked;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    /// <summary>Opens this site's form.</summary>
    [SupplyParameterFromQuery(Name = "edit")]
    private Guid? Edit { get; set; }

    private string? Context => _rows.Page is { } page ? $"{Formats.Count(page.Total)} {(page.Total == 1 ? "site" : "sites")}{(Search is null ? "" : $" match “{Search}”")}" : null;

    protected override Task OnParametersSetAsync() => _rows.FollowAsync(Search);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_asked && _rows.Page is not null && Edit is { } id)
        {
            _asked = true;
            await OpenAsync(await sites.GetAsync(id));
        }
    }

    private Task LoadAsync(LoadDataArgs args) => _rows.LoadAsync(Search, () => sites.ListAsync(args.ToQuery(Search)));

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

        await _rows.ReloadAsync();
        StateHasChanged();
    }
}
