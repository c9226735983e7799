using DataDefender.Domain.Clients;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Lines;

/// <summary>What the client's router dials in with. The password is fetched only when somebody asks, and hides itself again.</summary>
public sealed partial class LineCredentialCard(CredentialService credentials, CurrentUser user, UiActions ui, Confirm confirm, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan ShownFor = TimeSpan.FromMinutes(1);

    private string? _password;
    private ITimer? _hide;

    [Parameter, EditorRequired]
    public LineDetails Line { get; set; } = default!;

    public void Dispose() => _hide?.Dispose();

    private async Task RevealAsync()
    {
        string? password = null;
        if (await ui.RunAsync(async () => password = await credentials.RevealAsync(Line.Id)))
        {
            Show(password!);
        }
    }

    private async Task ResetAsync()
    {
        string? password = null;
        if (await confirm.AskAsync(
                $"New password for {Line.Username}?",
                "The old one stops working at the next login; the client's router needs the new one typed in. An open session goes on until then.",
                "Reset password")
            && await ui.RunAsync(async () => password = await credentials.ResetAsync(Line.Id), "The password was reset."))
        {
            Show(password!);
        }
    }

    private void Show(string password)
    {
        _password = password;
        _hide?.Dispose();
        _hide = clock.CreateTimer(_ => _ = InvokeAsync(() =>
        {
            Hide();
            StateHasChanged();
        }), null, ShownFor, Timeout.InfiniteTimeSpan);
    }

    private void Hide() => _password = null;
}
