using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Pages.Incidents;

/// <summary>Work that is planned, so that what it darkens wakes nobody.</summary>
public sealed partial class Maintenance(MaintenanceService maintenance, RouterService routers, CurrentUser user, UiActions ui, Formats formats, TimeProvider clock)
{
    private readonly FormErrors _errors = new();
    private MaintenanceInput _input = new();
    private IReadOnlyList<MaintenanceRow>? _windows;
    private IReadOnlyList<NamedRouter> _routers = [];
    private IReadOnlyList<string> _sites = [];
    private DateTime _from;
    private DateTime _until;
    private bool _planning;
    private Exception? _failure;

    private bool MayChange => user.Has(Permissions.ManageNetwork);

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _windows = await maintenance.ListAsync();
            (_routers, _sites) = (await routers.NamesAsync(), await maintenance.SitesAsync());
            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void Begin()
    {
        var now = formats.Local(Now);
        _from = new DateTime(now.Year, now.Month, now.Day, now.Hour, now.Minute, 0, DateTimeKind.Unspecified);
        (_until, _input, _planning) = (_from.AddHours(2), new MaintenanceInput(), true);
        _errors.Clear();
    }

    private async Task PlanAsync()
    {
        var input = _input with { From = formats.Utc(_from), Until = formats.Utc(_until) };
        if (await ui.RunAsync(() => maintenance.PlanAsync(input), "Planned.", _errors))
        {
            _planning = false;
            await LoadAsync();
        }
    }

    private async Task EndAsync(MaintenanceRow work)
    {
        if (await ui.RunAsync(() => maintenance.EndAsync(work.Id), "It is watched again."))
        {
            await LoadAsync();
        }
    }
}
