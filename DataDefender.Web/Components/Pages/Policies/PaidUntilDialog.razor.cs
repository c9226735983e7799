using DataDefender.Domain.Policies;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Policies;

/// <summary>Sets the end of a line's paid time. Closes with true when it was set.</summary>
public sealed partial class PaidUntilDialog(LineRulesService rules, UiActions ui, DialogService dialogs, Formats formats, TimeProvider clock)
{
    private static readonly (string Text, Func<DateTime, DateTime> Add)[] Steps =
    [
        ("+ 1 day", at => at.AddDays(1)), ("+ 7 days", at => at.AddDays(7)), ("+ 30 days", at => at.AddDays(30)), ("+ 1 month", at => at.AddMonths(1)),
    ];

    private DateTime _local;
    private bool _afterwards;

    [Parameter, EditorRequired]
    public LineRulesView View { get; set; } = default!;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>More time counts from the end of what is paid, or from now when that is over.</summary>
    private DateTime From => View.ExpiresAt is { } expires && expires > Now ? formats.Local(expires) : Minute(formats.Local(Now));

    private DateTime? Until => _afterwards ? null : formats.Utc(_local);

    private TimeSpan Grace => View is { ServedUntil: { } served, ExpiresAt: { } expires } ? served - expires : TimeSpan.Zero;

    /// <summary>The line's service ends with this.</summary>
    private bool Ends => Until is { } until && until + Grace <= Now && View.State is SubscriptionState.Active;

    private string Consequence => (Until, View.Limit.Kind) switch
    {
        ({ } past, _) when past <= Now && Ends => "That is in the past: the line expires at once.",
        ({ } past, _) when past <= Now => "That is in the past.",
        (_, LimitKind.Expired) => "The line is open again at once.",
        (null, _) => "The line does not expire by itself.",
        var (until, _) => $"The line expires on {formats.Absolute((until!.Value) + Grace)} unless it is paid again.",
    };

    protected override void OnInitialized()
    {
        _afterwards = View.ExpiresAt is null;
        _local = View.ExpiresAt is { } expires ? formats.Local(expires) : Minute(formats.Local(Now)).AddMonths(1);
    }

    private static DateTime Minute(DateTime at) => new(at.Year, at.Month, at.Day, at.Hour, at.Minute, 0, at.Kind);

    private async Task SaveAsync()
    {
        if (await ui.RunAsync(() => rules.SetPaidUntilAsync(View.SubscriptionId, Until), "The paid time is set."))
        {
            dialogs.Close(true);
        }
    }
}
