using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Network;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Incidents;

/// <summary>The form of one rule.</summary>
public sealed partial class AlertRulePanel(AlertRuleService rules, RouterService routers, UiActions ui, Confirm confirm, DialogService dialogs)
{
    private readonly FormErrors _errors = new();
    private AlertRuleInput _input = AlertRuleInput.Default(AlertKind.RouterCpu);
    private IReadOnlyList<NamedRouter> _routers = [];

    /// <summary>Null for a new one.</summary>
    [Parameter]
    public AlertRuleRow? Rule { get; set; }

    private AlertKindFacts Facts => AlertKindFacts.Of(_input.Kind);

    private bool OfRouters => _input.Kind is AlertKind.RouterDown or AlertKind.RouterCpu or AlertKind.RouterMemory or AlertKind.RouterTemperature or AlertKind.RouterVoltage
        or AlertKind.InterfaceErrors or AlertKind.Utilisation or AlertKind.SessionsDropped or AlertKind.CertificateExpiry;

    protected override async Task OnInitializedAsync()
    {
        if (Rule is { } rule)
        {
            _input = rule.Input with { };
        }

        _routers = await routers.NamesAsync();
    }

    private void ChooseKind(ChangeEventArgs chosen)
    {
        if (Enum.TryParse<AlertKind>(chosen.Value as string, out var kind))
        {
            _input = AlertRuleInput.Default(kind);
            _errors.Clear();
        }
    }

    private async Task SaveAsync()
    {
        if (await ui.RunAsync(() => Rule is { } rule ? rules.ChangeAsync(rule.Id, _input) : rules.AddAsync(_input), "Saved. It counts from the next look on.", _errors))
        {
            dialogs.CloseSide(true);
        }
    }

    private async Task RemoveAsync()
    {
        if (await confirm.AskAsync("Remove this rule?", "Its alerts end now, and what it watched is watched no more. Switching it off keeps its numbers.", "Remove rule", danger: true)
            && await ui.RunAsync(() => rules.RemoveAsync(Rule!.Id), "Removed."))
        {
            dialogs.CloseSide(true);
        }
    }
}
