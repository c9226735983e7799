using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Incidents;

/// <summary>One incident: whom it hurts, what was measured, what was done, and what can be.</summary>
public sealed partial class IncidentPage(
    IncidentService incidents, LiveMetrics metrics, TenantContext tenant, CurrentUser user, UiActions ui, Confirm confirm, DialogService dialogs, TimeProvider clock)
{
    private const int AffectedShown = 15;
    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(2.5);

    private IncidentDetails? _incident;
    private PageOf<AffectedRow>? _affected;
    private IReadOnlyList<Assignable> _people = [];
    private int _affectedPage;
    private (Guid, string?) _shown;
    private DateTime _readAt;
    private Exception? _failure;

    [Parameter]
    public Guid Id { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    private bool MayAct => user.Has(Permissions.ManageNetwork);

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    protected override void OnInitialized()
    {
        Follow(news => metrics.WatchChanges(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(5));
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_shown != (Id, Search))
        {
            (_shown, _affectedPage) = ((Id, Search), 0);
            await ReloadAsync();
        }
    }

    protected override async Task RefreshAsync()
    {
        if (_failure is null && Now - _readAt >= ReadAgain)
        {
            await ReloadAsync();
        }
    }

    private async Task ReloadAsync()
    {
        _readAt = Now;
        try
        {
            if (_people.Count == 0 && MayAct)
            {
                _people = await incidents.AssignableAsync();
            }

            _incident = await incidents.GetAsync(Id);
            _affected = await incidents.AffectedAsync(Id, new GridQuery(_affectedPage, AffectedShown, Search: Search));
            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private Task TurnAsync(int pages)
    {
        _affectedPage += pages;
        return ReloadAsync();
    }

    private Task AcknowledgeAsync() => DoAsync(() => incidents.AcknowledgeAsync(Id), "You have it in view; everybody sees that.");

    private Task AssignAsync(ChangeEventArgs chosen)
    {
        Guid? person = Guid.TryParse(chosen.Value as string, out var id) ? id : null;
        return DoAsync(() => incidents.AssignAsync(Id, person), person is null ? "It is nobody's now." : "Given.");
    }

    private async Task NoteAsync()
    {
        if (await confirm.AskReasonAsync("Note", "Everybody who looks at the incident reads it.", "Write it down", "Note") is { } text)
        {
            await DoAsync(() => incidents.NoteAsync(Id, text), null);
        }
    }

    private async Task MuteAsync()
    {
        if (await dialogs.OpenAsync<MuteDialog>("Mute this incident", [], new DialogOptions { Width = "440px", CloseDialogOnEsc = true, AutoFocusFirstElement = true }) is MuteAnswer answer)
        {
            await DoAsync(() => incidents.MuteAsync(Id, Now + answer.For, answer.Reason), "Nobody is told of it until then.");
        }
    }

    private Task UnmuteAsync() => DoAsync(() => incidents.UnmuteAsync(Id), "It counts again.");

    private async Task DoAsync(Func<Task> act, string? done)
    {
        if (await ui.RunAsync(act, done))
        {
            await ReloadAsync();
        }
    }

    private static string Act(IncidentEntryRow entry) => entry.Act switch
    {
        IncidentAct.Opened => $"Opened: {entry.Text}",
        IncidentAct.Worsened => $"Worse: {entry.Text}",
        IncidentAct.Acknowledged => "Acknowledged",
        IncidentAct.Assigned => $"Given: {entry.Text}",
        IncidentAct.Muted => $"Muted: {entry.Text}",
        IncidentAct.Unmuted => "The mute was ended",
        IncidentAct.Resolved => $"Over: {entry.Text}",
        IncidentAct.Reopened => $"Open again: {entry.Text}",
        _ => entry.Text,
    };
}
