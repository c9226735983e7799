using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Radius;

/// <summary>Adds a NAS or changes one, and shows what to paste into its router.</summary>
public sealed partial class NasForm(
    NasService nas, RouterService routers, LiveMetrics metrics, TenantContext tenant, UiActions ui, Confirm confirm, DialogService dialogs)
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

    private bool HasCertificate => !string.IsNullOrWhiteSpace(_input.Certificate);

    private string RuleHelp => _input.MessageAuthenticator switch
    {
        MessageAuthenticatorRule.Required => "Logins without one are dropped. RouterOS sends it from 6.49.17 and 7.15.2 on.",
        MessageAuthenticatorRule.Off => "Open to forged answers (BlastRADIUS): only for equipment that cannot send it.",
        _ => "Protects against forged answers (BlastRADIUS) from the first login on that has one.",
    };

    private (bool IsSafe, string Text)? Learnt =>
        Row is { } row && _input.MessageAuthenticator is MessageAuthenticatorRule.Learn ? NasWords.Learnt(row, metrics.NasPulses(tenant.TenantId).GetValueOrDefault(row.Id)) : null;

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
