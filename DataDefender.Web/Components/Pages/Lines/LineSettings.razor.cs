using DataDefender.Domain.Clients;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Topology;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Lines;

/// <summary>What is fixed about a line: its package, an address of its own, the caller that it is locked to.</summary>
public sealed partial class LineSettings(SubscriptionService lines, LinePlaces places, CurrentUser user, UiActions ui, DialogService dialogs)
{
    [Parameter, EditorRequired]
    public LineDetails Line { get; set; } = default!;

    /// <summary>The MAC address of the open session, offered as the lock.</summary>
    [Parameter]
    public string? Caller { get; set; }

    [Parameter]
    public EventCallback Changed { get; set; }

    private (Guid Line, LinePlace? Place) _placed;

    private LinePlace? Place => _placed.Place;

    private bool MayChange => Line.State is not SubscriptionState.Disconnected && user.Has(Permissions.ControlLines);

    protected override async Task OnParametersSetAsync()
    {
        if (_placed.Line != Line.Id)
        {
            _placed = (Line.Id, null);
            _placed = (Line.Id, await places.GetAsync(Line.Id));
        }
    }

    private async Task ChooseSiteAsync(ChangeEventArgs chosen)
    {
        if (await ui.RunAsync(() => places.ChooseAsync(Line.Id, Guid.TryParse(chosen.Value as string, out var site) ? site : null), "Saved."))
        {
            _placed = (Line.Id, await places.GetAsync(Line.Id));
        }
    }

    private Task ChangeAddressAsync() => AskAsync(
        $"Fixed address of {Line.Username}", "Fixed IPv4 address", nameof(SubscriptionInput.StaticAddress), Line.StaticAddress, null,
        "Empty: one of the pool. An open session is ended, for no router changes an address under it; it dials in again by itself.",
        text => lines.SetStaticAddressAsync(Line.Id, text));

    private Task ChangeCallerAsync() => AskAsync(
        $"Caller lock of {Line.Username}", "MAC address", nameof(SubscriptionInput.CallerLock), Line.CallerLock, Caller,
        "Empty: any caller may log in. An open session of another caller is ended.",
        text => lines.SetCallerLockAsync(Line.Id, text));

    private async Task AskAsync(string title, string label, string field, string? value, string? suggestion, string help, Func<string?, Task> save)
    {
        var saved = await dialogs.OpenAsync<LineFieldDialog>(
            title,
            new Dictionary<string, object?>
            {
                [nameof(LineFieldDialog.Label)] = label,
                [nameof(LineFieldDialog.Field)] = field,
                [nameof(LineFieldDialog.Value)] = value,
                [nameof(LineFieldDialog.Suggestion)] = suggestion,
                [nameof(LineFieldDialog.Help)] = help,
                [nameof(LineFieldDialog.Save)] = save,
            },
            new DialogOptions { Width = "min(440px, 100vw)", CloseDialogOnEsc = true });
        if (saved is true)
        {
            await Changed.InvokeAsync();
        }
    }
}
