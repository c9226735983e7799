using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Pages.Lines;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Packages;

/// <summary>What the company sells.</summary>
public sealed partial class Packages(PackageService packages, CurrentUser user, DialogService dialogs, Formats formats, NavigationManager navigation)
{
    private readonly GridRows<PackageRow> _rows = new();

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    private string? State { get; set; }

    private PackageStatus? Wanted => Enum.TryParse<PackageStatus>(State, ignoreCase: true, out var status) ? status : null;

    private string? Context => _rows.Page is { } page ? $"{Formats.Count(page.Total)} {(page.Total == 1 ? "package" : "packages")}{(Search is null && Wanted is null ? "" : " match")}" : null;

    protected override Task OnParametersSetAsync() => _rows.FollowAsync((Search, State));

    private string With(PackageStatus? status) => navigation.GetUriWithQueryParameter("state", status?.ToString().ToLowerInvariant());

    private Task LoadAsync(LoadDataArgs args) => _rows.LoadAsync((Search, State), () => packages.ListAsync(args.ToQuery(Search), Wanted));

    private async Task OpenAsync(Guid? id)
    {
        var changed = await dialogs.OpenSideAsync<PackagePanel>(
            id is null ? "New package" : "Package",
            new Dictionary<string, object?> { [nameof(PackagePanel.Id)] = id },
            SidePanel.Options);
        if (changed is true)
        {
            await _rows.ReloadAsync();
        }
    }
}
