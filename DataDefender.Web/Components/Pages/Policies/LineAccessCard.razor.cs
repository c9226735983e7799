using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Policies;

/// <summary>To which equipment and place a line is bound, and its IPv6 prefix.</summary>
public sealed partial class LineAccessCard(LineAccessService access, CurrentUser user, DialogService dialogs)
{
    private LineAccessView? _view;
    private Exception? _failure;
    private (Guid, string?) _shown;

    [Parameter, EditorRequired]
    public Guid SubscriptionId { get; set; }

    /// <summary>Another value has the card read anew.</summary>
    [Parameter]
    public string? Beat { get; set; }

    [Parameter]
    public EventCallback Changed { get; set; }

    protected override Task OnParametersSetAsync()
    {
        if (_shown == (SubscriptionId, Beat))
        {
            return Task.CompletedTask;
        }

        _shown = (SubscriptionId, Beat);
        return LoadAsync();
    }

    private static string Equipment(LineAccessView view)
    {
        var more = view.Input.MoreCallers.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (view.CallerLock, more.Length, view.Input.LearnsCaller) switch
        {
            (null, 0, true) => "the first that logs in",
            (null, 0, false) => "any",
            ({ } mac, 0, _) => $"only {mac}",
            ({ } mac, var count, _) => $"{mac} and {count} more",
            (null, var count, _) => $"{count} listed",
        };
    }

    private async Task LoadAsync()
    {
        try
        {
            (_view, _failure) = (await access.GetAsync(SubscriptionId), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task EditAsync()
    {
        var saved = await dialogs.OpenAsync<LineAccessDialog>(
            $"Where {_view!.Username} may log in",
            new Dictionary<string, object?> { [nameof(LineAccessDialog.View)] = _view },
            new DialogOptions { Width = "min(520px, 100vw)", CloseDialogOnEsc = true });
        if (saved is true)
        {
            await LoadAsync();
            await Changed.InvokeAsync();
        }
    }
}
