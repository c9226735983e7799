using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Staff;

/// <summary>The people of the company and how they sign in.</summary>
public sealed partial class StaffPage(StaffService staff, DialogService dialogs)
{
    private RadzenDataGrid<StaffRow> _grid = default!;
    private PageOf<StaffRow>? _page;
    private string? _shown;
    private bool _loading;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    protected override Task OnParametersSetAsync() => _page is null || Search == _shown ? Task.CompletedTask : _grid.FirstPage(forceReload: true);

    private static string Factor(StaffRow row) => row.Account switch
    {
        { Passkeys: > 0, HasSecondFactor: true } => "Passkey and app",
        { Passkeys: > 0 } => "Passkey",
        { HasSecondFactor: true } => "App",
        _ => "None",
    };

    private async Task LoadAsync(LoadDataArgs args)
    {
        (_shown, _loading) = (Search, true);
        _page = await staff.ListAsync(args.ToQuery(Search));
        _loading = false;
    }

    private async Task OpenAsync(StaffRow? person)
    {
        await dialogs.OpenSideAsync<PersonPanel>(person is null ? "Invite somebody" : person.Name, new Dictionary<string, object?>
        {
            [nameof(PersonPanel.Person)] = person,
        }, new SideDialogOptions { Width = "460px", CloseDialogOnOverlayClick = true });
        await _grid.Reload();
        StateHasChanged();
    }
}
