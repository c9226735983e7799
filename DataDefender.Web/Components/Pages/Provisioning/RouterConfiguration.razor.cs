using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Provisioning;

/// <summary>One router against its design: the plan, its application as it goes, and what was applied before.</summary>
public sealed partial class RouterConfiguration(
    RouterService routers, ProvisioningService provisioning, DesignService designs, LiveMetrics metrics, TenantContext tenant, CurrentUser user, UiActions ui, Confirm confirm, DialogService dialogs, TimeProvider clock)
{
    private RouterDetails? _router;
    private RouterDesignInput? _design;
    private RouterPlan? _plan;
    private string? _planFailure;
    private DateTime _plannedAt;
    private bool _planning;
    private bool _takeOver;
    private Guid? _mine;
    private RunDetails? _run;
    private RunDetails? _open;
    private IReadOnlyList<RunRow> _history = [];
    private Exception? _failure;
    private bool _reading;

    [Parameter]
    public Guid Id { get; set; }

    private bool IsBusy => _history.Any(r => IsUnderWay(r.Status));

    /// <summary>A roll-out has approved a change of it and has not come to it yet: until then no other is begun.</summary>
    private bool IsHeld => _history.Any(r => r.Status is RunStatus.Held);

    private bool IsEmptyDesign => _design is null || _design.ToDesign() == RouterDesign.None;

    protected override async Task OnInitializedAsync()
    {
        Follow(news => metrics.WatchChanges(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(2));
        await LoadAsync();
        if (_router is not null)
        {
            await PlanAsync();
        }
    }

    protected override Task RefreshAsync() => _router is null || !(IsBusy || IsHeld) ? Task.CompletedTask : ReadAsync();

    private static bool IsUnderWay(RunStatus status) => status is RunStatus.Waiting or RunStatus.Running or RunStatus.TakingBack or RunStatus.Interrupted;

    private async Task LoadAsync()
    {
        try
        {
            (_router, _design, _failure) = (await routers.GetAsync(Id), await designs.RouterAsync(Id), null);
            await ReadAsync();
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    /// <summary>The history, and the run that is under way. When one has just ended the plan is made anew.</summary>
    private async Task ReadAsync()
    {
        if (_reading)
        {
            return;
        }

        _reading = true;
        try
        {
            var wasBusy = IsBusy;
            _history = await provisioning.HistoryAsync(Id);
            var shown = _history.FirstOrDefault(r => IsUnderWay(r.Status))?.Id ?? _mine;
            _run = shown is { } run ? await provisioning.RunAsync(run) : null;
            if (wasBusy && !IsBusy)
            {
                await PlanAsync();
            }
        }
        finally
        {
            _reading = false;
        }
    }

    private async Task PlanAsync()
    {
        if (_planning)
        {
            return;
        }

        _planning = true;
        StateHasChanged();
        try
        {
            (_plan, _planFailure, _plannedAt) = (await provisioning.PlanAsync(Id, _takeOver), null, clock.GetUtcNow().UtcDateTime);
        }
        catch (DomainException broken)
        {
            (_plan, _planFailure) = (null, broken.Message);
        }
        finally
        {
            _planning = false;
        }
    }

    private async Task TakeOverAsync(ChangeEventArgs change)
    {
        _takeOver = change.Value is true;
        await PlanAsync();
    }

    private async Task ApplyAsync()
    {
        var plan = _plan!;
        var takes = plan.Changes.Count(c => c.TakesOver);
        var consequence = takes == 0 ? "What is not ours on it is not touched." : $"{takes} of them {(takes == 1 ? "is an item that was" : "are items that were")} there before us and become ours.";
        var count = plan.Changes.Length == 1 ? "1 change" : $"{plan.Changes.Length} changes";
        if (await confirm.AskAsync($"Apply {count} to {plan.RouterName}?", consequence, "Apply")
            && await ui.RunAsync(async () => _mine = await provisioning.ApplyAsync(plan, _takeOver), "The change is under way."))
        {
            await ReadAsync();
        }
    }

    private async Task TakeBackAsync(RunRow run)
    {
        if (await confirm.AskAsync("Take this change back?", "What it has written so far is undone in the opposite order.", "Take it back", danger: true)
            && await ui.RunAsync(() => provisioning.TakeBackAsync(run.Id), "It is being taken back."))
        {
            _mine = run.Id;
            await ReadAsync();
        }
    }

    private async Task OpenAsync(Guid run) => _open = _open?.Run.Id == run ? null : await provisioning.RunAsync(run);

    private async Task EditAsync()
    {
        await dialogs.OpenSideAsync<RouterDesignForm>($"Design of {_router!.Name}", new Dictionary<string, object?> { [nameof(RouterDesignForm.RouterId)] = Id }, new SideDialogOptions { Width = "560px" });
        _design = await designs.RouterAsync(Id);
        await PlanAsync();
    }
}
