using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Provisioning;

/// <summary>One roll-out as it goes.</summary>
public sealed partial class RolloutPage(
    RolloutService rollouts, ProvisioningService provisioning, LiveMetrics metrics, TenantContext tenant, CurrentUser user, UiActions ui, Confirm confirm, NavigationManager navigation)
{
    private const int PageSize = 50;

    private RolloutRow? _rollout;
    private PageOf<RolloutRouterRow> _routers = new([], 0);
    private RunDetails? _open;
    private Exception? _failure;
    private bool _reading;

    [Parameter]
    public Guid Id { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    /// <summary>Counts from 1 in the address.</summary>
    [SupplyParameterFromQuery(Name = "page")]
    private int? Page { get; set; }

    private int PageIndex => Math.Max(0, (Page ?? 1) - 1);

    protected override void OnInitialized()
    {
        Follow(news => metrics.WatchChanges(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(2));
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    protected override Task RefreshAsync() => _rollout is null || (IsOver && _routers.Items.All(r => !IsMoving(r))) ? Task.CompletedTask : LoadAsync();

    private bool IsOver => _rollout?.Status is RolloutStatus.Done or RolloutStatus.Cancelled;

    private static bool IsMoving(RolloutRouterRow row) => row.RunStatus is RunStatus.Waiting or RunStatus.Running or RunStatus.TakingBack or RunStatus.Interrupted;

    private async Task LoadAsync()
    {
        if (_reading)
        {
            return;
        }

        _reading = true;
        try
        {
            _rollout = await rollouts.GetAsync(Id);
            _routers = await rollouts.RoutersAsync(Id, new GridQuery(PageIndex, PageSize, Search: Search));
            _open = _open is { } open ? await provisioning.RunAsync(open.Run.Id) : null;
            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
        finally
        {
            _reading = false;
        }
    }

    private static string Says(RolloutRow rollout) => rollout.Status switch
    {
        RolloutStatus.Waiting => "The first router comes next.",
        RolloutStatus.Canary => "The first is changed and watched; no other router has been touched.",
        RolloutStatus.Spreading => "The first held. The rest follows.",
        RolloutStatus.Done => "Every router has its change and bears it.",
        RolloutStatus.Stopped => rollout.Failed > 0 ? "Nothing more is begun until somebody says so." : "Stopped by hand; nothing more is begun.",
        _ => "Routers that it had not come to were left as they are.",
    };

    private void Turn(int page) => navigation.NavigateTo(navigation.GetUriWithQueryParameter("page", page == 0 ? null : (page + 1).ToString(CultureInfo.InvariantCulture)));

    private async Task OpenAsync(Guid run) => _open = _open?.Run.Id == run ? null : await provisioning.RunAsync(run);

    private async Task StopAsync()
    {
        if (await ui.RunAsync(() => rollouts.StopAsync(Id), "Stopped. What is under way is brought to its end."))
        {
            await LoadAsync();
        }
    }

    private async Task GoOnAsync(bool tryFailedAgain)
    {
        if (await ui.RunAsync(() => rollouts.GoOnAsync(Id, tryFailedAgain), "It goes on."))
        {
            await LoadAsync();
        }
    }

    private async Task CancelAsync()
    {
        var left = _rollout!.Routers - _rollout.Done - _rollout.Failed - _rollout.UnderWay;
        if (await confirm.AskAsync("Give this roll-out up?", $"{Formats.Count(left)} {(left == 1 ? "router" : "routers")} that it has not come to stay as they are. What is done stays done.", "Give up", danger: true)
            && await ui.RunAsync(() => rollouts.CancelAsync(Id), "The roll-out is given up."))
        {
            await LoadAsync();
        }
    }
}
