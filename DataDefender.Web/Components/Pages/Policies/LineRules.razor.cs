using DataDefender.Domain.Policies;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Policies;

/// <summary>Which rule limits a line now, since when, until when and what ends it; its data, and the two acts that lift a limit.</summary>
public sealed partial class LineRules(LineRulesService rules, CurrentUser user, UiActions ui, DialogService dialogs, Formats formats)
{
    private LineRulesView? _view;
    private Exception? _failure;
    private (Guid, string?) _shown;

    [Parameter, EditorRequired]
    public Guid SubscriptionId { get; set; }

    /// <summary>Another value has the card read anew: something happened to the line.</summary>
    [Parameter]
    public string? Beat { get; set; }

    /// <summary>Told when an act here changed the line.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    private bool MayChange => _view is { State: not SubscriptionState.Disconnected } && user.Has(Permissions.ControlLines);

    protected override Task OnParametersSetAsync()
    {
        if (_shown == (SubscriptionId, Beat))
        {
            return Task.CompletedTask;
        }

        if (_shown.Item1 != SubscriptionId)
        {
            _view = null;
        }

        _shown = (SubscriptionId, Beat);
        return LoadAsync();
    }

    private static string Speeds(int download, int upload) => $"{Formats.Speed(download)} down, {Formats.Speed(upload)} up";

    // The company says what a state gets, so a speed of the rules would not be true there.
    private static string Now(LineRulesView view) => view.State switch
    {
        SubscriptionState.Active => Gets(view.Limit),
        SubscriptionState.Suspended => "What the company gives a suspended line",
        _ => "No login",
    };

    /// <summary>What a line gets under a limit, in a few words.</summary>
    internal static string Gets(LineLimit limit) => limit switch
    {
        { Kind: LimitKind.Expired } => "What the company gives an expired line",
        { Kind: LimitKind.Grace, Action: null } => "What the company gives in the days of grace",
        { Action: QuotaAction.WalledGarden } => "The walled garden",
        { Action: QuotaAction.Refuse } => "No login",
        _ => Speeds(limit.DownloadKbps, limit.UploadKbps),
    };

    private static string EndedBy(LineRulesView view) => view.Limit.Kind switch
    {
        LimitKind.Schedule => view.Limit.Until is null ? "a change of the policy" : "the clock",
        LimitKind.FairUse => "the end of the window, or another package",
        LimitKind.DataQuota => "the end of the window, or a top-up",
        LimitKind.TimeQuota => "the end of the window, or another package",
        LimitKind.Expired or LimitKind.Grace => "a later end of the paid time",
        _ => "",
    };

    private async Task LoadAsync()
    {
        try
        {
            (_view, _failure) = (await rules.GetAsync(SubscriptionId), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private Task TopUpAsync() => OpenAsync<TopUpDialog>($"Give {_view!.Username} extra data", nameof(TopUpDialog.SubscriptionId), SubscriptionId);

    private Task SetPaidUntilAsync() => OpenAsync<PaidUntilDialog>($"Paid time of {_view!.Username}", nameof(PaidUntilDialog.View), _view);

    private async Task OpenAsync<T>(string title, string name, object value) where T : ComponentBase
    {
        var done = await dialogs.OpenAsync<T>(title, new Dictionary<string, object?> { [name] = value }, new DialogOptions { Width = "min(460px, 100vw)", CloseDialogOnEsc = true });
        if (done is true)
        {
            await LoadAsync();
            await Changed.InvokeAsync();
        }
    }
}
