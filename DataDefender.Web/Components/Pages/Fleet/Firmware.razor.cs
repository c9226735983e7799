using DataDefender.Domain.Common;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Fleet;

/// <summary>What the routers run, what there is for them, and the upgrades.</summary>
public sealed partial class Firmware(FirmwareService firmware, CurrentUser user, UiActions ui, DialogService dialogs, NavigationManager navigation)
{
    private const int UpgradesShown = 5;

    private RadzenDataGrid<FirmwareRow>? _grid;
    private PageOf<FirmwareRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private IReadOnlyList<VersionCount> _versions = [];
    private IReadOnlyList<UpgradeRow> _upgrades = [];
    private (string?, string?, bool) _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "version")]
    private string? Version { get; set; }

    [SupplyParameterFromQuery(Name = "behind")]
    private bool Behind { get; set; }

    private FirmwareFilter Filter => new(Version, Behind);

    private string? Context => _page is { } page ? $"{Formats.Count(page.Total)} {(page.Total == 1 ? "router" : "routers")}{(Version is null ? "" : $" on {Version}")}{(Behind ? " with something newer in their channel" : "")}, asked each night" : null;

    protected override Task OnParametersSetAsync() => _page is null || (Search, Version, Behind) == _shown ? Task.CompletedTask : ReloadAsync();

    private string Address(string? version, bool behind) => navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["version"] = version, ["behind"] = behind ? true : null });

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = (Search, Version, Behind);
        try
        {
            _page = await firmware.ListAsync(Filter, args.ToQuery(Search));
            _versions = await firmware.VersionsAsync();
            _upgrades = (await firmware.UpgradesAsync(new GridQuery(PageSize: UpgradesShown))).Items;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }

        StateHasChanged();
    }

    private Task ReloadAsync() => _grid is { } grid ? grid.FirstPage(forceReload: true) : Task.CompletedTask;

    private void Retry() => (_failure, _page) = (null, null);

    private async Task CheckAsync() => await ui.RunAsync(
        async () => await firmware.CheckAsync([.. (await firmware.MatchingAsync(Filter, Search)).Select(r => r.RouterId)]), "The routers are asked what there is for them; that takes a minute.");

    private async Task UpgradeAsync()
    {
        var rows = await firmware.MatchingAsync(Filter, Search);
        if (await dialogs.OpenSideAsync<UpgradeForm>("Upgrade routers", new Dictionary<string, object?> { [nameof(UpgradeForm.Rows)] = rows }, SidePanel.Options) is Guid id)
        {
            navigation.NavigateTo($"/firmware/upgrades/{id}");
        }
    }
}
