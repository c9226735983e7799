using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Lines;

/// <summary>What state a line is in and why, the verbs that fit it, and whether the router has followed.</summary>
public sealed partial class LineBanner(SubscriptionService lines, ContractService contracts, CurrentUser user, UiActions ui, Confirm confirm, DialogService dialogs, NavigationManager navigation, Formats formats)
{
    [Parameter, EditorRequired]
    public LineDetails Line { get; set; } = default!;

    [Parameter, EditorRequired]
    public Guid ClientId { get; set; }

    [Parameter, EditorRequired]
    public IReadOnlyList<OpenSession> Sessions { get; set; } = [];

    /// <summary>The newest command for the line's open session.</summary>
    [Parameter]
    public CommandRow? Newest { get; set; }

    [Parameter]
    public EventCallback Changed { get; set; }

    private string Headline => Line.State switch
    {
        SubscriptionState.Pending => "Not switched on yet: logins are refused",
        SubscriptionState.Active when Line.LimitReason is not null => "Limited by its rules",
        SubscriptionState.Active => Sessions.Count > 0 ? "Online with what was sold" : "Switched on, but offline",
        SubscriptionState.Suspended => $"In the walled garden: {(Line.SuspendReason is { } reason ? LineText.Reason(reason).ToLowerInvariant() : "suspended")}",
        SubscriptionState.Disconnected => "Ended: logins are refused",
        _ => Line.State.ToString(),
    };

    private string OpenSessions => Sessions.Count switch
    {
        0 => "It has no open session.",
        1 => "Its open session",
        var count => $"Its {count} open sessions",
    };

    private Task ActivateAsync() => RunAsync(() => lines.ActivateAsync(Line.Id), $"{Line.Username} is active.");

    private Task RestoreAsync() => RunAsync(() => lines.RestoreAsync(Line.Id), $"{Line.Username} is restored.");

    private Task TryAgainAsync() => RunAsync(() => lines.TryAgainAsync(Line.Id), "It is tried again.");

    private async Task SuspendAsync()
    {
        var answer = await dialogs.OpenAsync<SuspendDialog>(
            $"Suspend {Line.Username}?",
            new Dictionary<string, object?>
            {
                [nameof(SuspendDialog.Consequence)] = Sessions.Count == 0
                    ? $"{OpenSessions} The next login goes into the walled garden. It can be restored at any time."
                    : $"{OpenSessions} {(Sessions.Count == 1 ? "moves" : "move")} to the walled garden within seconds and {(Sessions.Count == 1 ? "keeps its address" : "keep their addresses")}. It can be restored at any time.",
            },
            new DialogOptions { Width = "min(440px, 100vw)", CloseDialogOnEsc = true });
        if (answer is SuspendAnswer(var reason, var note))
        {
            await RunAsync(() => lines.SuspendAsync(Line.Id, reason, note), $"{Line.Username} is suspended.");
        }
    }

    private async Task DropAsync()
    {
        var what = Sessions.Count == 1 ? "Ends the open session; the client's router dials in again by itself, usually within a minute." : $"Ends {Sessions.Count} open sessions; they dial in again by themselves.";
        if (await confirm.AskAsync($"Drop the session of {Line.Username}?", what, "Drop session"))
        {
            await RunAsync(() => lines.DropSessionAsync(Line.Id), "The session is being ended.");
        }
    }

    private async Task DisconnectAsync()
    {
        var what = $"The line ends for good: {(Sessions.Count == 0 ? "" : $"{OpenSessions.ToLowerInvariant()} {(Sessions.Count == 1 ? "is" : "are")} ended, ")}every login is refused{(Line.StaticAddress is { } address ? $", and its address {address} is free for others" : "")}. This cannot be undone; sell a new line instead.";
        var fee = user.Has(Permissions.ViewBilling) ? await contracts.EndFeeAsync(Line.Id) : Money.Zero;
        if (fee > Money.Zero)
        {
            what += $" Leaving before the end of its minimum contract costs {formats.Money(fee)}, which go on the next bill.";
        }

        if (await confirm.AskReasonAsync($"Disconnect {Line.Username}?", what, "Disconnect line", danger: true) is { } note)
        {
            await RunAsync(() => lines.DisconnectAsync(Line.Id, note), $"{Line.Username} is disconnected.");
        }
    }

    private async Task ChangePackageAsync()
    {
        if (user.Has(Permissions.ViewBilling) && await lines.IsBilledAsync(Line.Id))
        {
            if (await confirm.AskAsync($"{Line.Username} is billed by a contract", "It says the package and the price. Change the package under the client's billing, where what it costs is shown before.", "Go to billing"))
            {
                navigation.NavigateTo($"clients/{ClientId}/billing");
            }

            return;
        }

        var answer = await dialogs.OpenAsync<PackageDialog>(
            $"Change the package of {Line.Username}",
            new Dictionary<string, object?> { [nameof(PackageDialog.Current)] = Line.PackageId, [nameof(PackageDialog.OpenSessions)] = Sessions.Count },
            new DialogOptions { Width = "min(520px, 100vw)", CloseDialogOnEsc = true });
        if (answer is Guid package)
        {
            await RunAsync(() => lines.ChangePackageAsync(Line.Id, package), "Package changed.");
        }
    }

    private async Task RunAsync(Func<Task> act, string done)
    {
        await ui.RunAsync(act, done);
        await Changed.InvokeAsync();
    }
}
