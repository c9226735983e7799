using DataDefender.Domain.Network;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Radius;

/// <summary>Adds a NAS or changes one, and shows what to paste into its router.</summary>
public sealed partial class NasForm(NasService nas, RouterService routers, UiActions ui, Confirm confirm, DialogService dialogs)
{
    private readonly FormErrors _errors = new();
    private NasInput _input = new();
    private Guid? _routerId;
    private IReadOnlyList<NamedRouter> _routers = [];
    private string? _secret;

    /// <summary>Null adds a new one.</summary>
    [Parameter]
    public NasRow? Row { get; set; }

    /// <summary>The router that is chosen at first.</summary>
    [Parameter]
    public Guid? RouterId { get; set; }

    private string RuleHelp => Row is { MessageAuthenticator: MessageAuthenticatorRule.Learn, MessageAuthenticatorSeen: true }
        ? "It has been learnt: this NAS sends one, so it is required."
        : "Protects against forged answers (BlastRADIUS). RouterOS sends it from 6.49.17 and 7.15.2 on.";

    protected override async Task OnInitializedAsync()
    {
        (_input, _routerId) = (Row?.ToInput() ?? _input, RouterId);
        _routers = await routers.NamesAsync();
    }

    private async Task SaveAsync()
    {
        if (Row is { } row)
        {
            if (await ui.RunAsync(() => nas.ChangeAsync(row.Id, _input, _routerId), $"{_input.Name} saved.", _errors))
            {
                dialogs.CloseSide(true);
            }

            return;
        }

        await ui.RunAsync(async () => _secret = (await nas.AddAsync(_input, _routerId)).Secret, errors: _errors);
    }

    private async Task RevealAsync() => await ui.RunAsync(async () => _secret = await nas.RevealSecretAsync(Row!.Id));

    private async Task RemoveAsync()
    {
        if (await confirm.AskAsync($"Remove {Row!.Name}?", "Its packets are dropped from then on, so nobody behind it comes online any more. This cannot be undone.", "Remove NAS", danger: true)
            && await ui.RunAsync(() => nas.RemoveAsync(Row.Id), $"{Row.Name} removed."))
        {
            dialogs.CloseSide(true);
        }
    }
}
