using System.Globalization;
using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Radzen;

namespace DataDefender.Web.Components.Pages.Incidents;

/// <summary>The company's alert rules and how they damp what comes and goes.</summary>
public sealed partial class AlertRules(AlertRuleService rules, CurrentUser user, UiActions ui, DialogService dialogs)
{
    private IReadOnlyList<AlertRuleRow>? _rules;
    private int _count;
    private int _within;
    private int _calm;
    private Exception? _failure;

    private bool MayChange => user.Has(Permissions.ManageNetwork);

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _rules = await rules.ListAsync();
            var damping = await rules.DampingAsync();
            (_count, _within, _calm) = (damping.Count, (int)damping.Within.TotalMinutes, (int)damping.Calm.TotalMinutes);
            _failure = null;
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task EditAsync(AlertRuleRow? rule)
    {
        var parameters = new Dictionary<string, object?> { [nameof(AlertRulePanel.Rule)] = rule };
        if (await dialogs.OpenSideAsync<AlertRulePanel>(rule is null ? "New rule" : "Change rule", parameters, SidePanel.Options) is true)
        {
            await LoadAsync();
        }
    }

    private async Task SaveDampingAsync()
    {
        if (await ui.RunAsync(() => rules.ChangeDampingAsync(_count, _within, _calm), "Saved."))
        {
            await LoadAsync();
        }
    }

    private static string When(AlertRuleInput rule)
    {
        var facts = AlertKindFacts.Of(rule.Kind);
        var number = rule.Threshold.ToString("#,##0.#", CultureInfo.InvariantCulture);
        return facts.Direction switch
        {
            AlertDirection.State => "it is so",
            AlertDirection.TooHigh => rule.CapacityMbps is { } mbps && rule.Kind is AlertKind.Utilisation ? $"{number}% of {Formats.Speed(mbps * 1000)} or more" : $"{number}{facts.Unit} or more",
            _ => $"{number}{facts.Unit} or less",
        };
    }

    private static string Where(AlertRuleRow rule) => (rule.RouterName, rule.Input.Interface) switch
    {
        (null, null) => "everywhere",
        ({ } router, null) => router,
        (null, { } link) => link,
        var (router, link) => $"{link} of {router}",
    };
}
