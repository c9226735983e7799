using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Radius;

/// <summary>Who tried to log in, what we answered, and for refusals what it means and what to do.</summary>
public sealed partial class Logins(LoginLogService logins, CurrentUser user, NavigationManager navigation, TimeProvider clock)
{
    private const string DefaultPeriod = "24h";

    private static readonly (string Name, string Key, TimeSpan Length)[] Periods =
    [
        ("1 hour", "1h", TimeSpan.FromHours(1)), ("24 hours", DefaultPeriod, TimeSpan.FromHours(24)), ("7 days", "7d", TimeSpan.FromDays(7)), ("30 days", "30d", TimeSpan.FromDays(30)), ("All", "all", TimeSpan.FromDays(36_500)),
    ];

    private RadzenDataGrid<LoginRow>? _grid;
    private PageOf<LoginRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private IReadOnlyList<OutcomeCount>? _counts;
    private IReadOnlyList<(Guid Id, string Name)> _nas = [];
    private (string?, string, LoginOutcome?, bool, bool, bool, Guid?) _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "period")]
    private string? Period { get; set; }

    [SupplyParameterFromQuery(Name = "outcome")]
    private string? OutcomeName { get; set; }

    [SupplyParameterFromQuery(Name = "refused")]
    private bool Refused { get; set; }

    [SupplyParameterFromQuery(Name = "accepted")]
    private bool Accepted { get; set; }

    /// <summary>Logins of staff to the routers themselves alone.</summary>
    [SupplyParameterFromQuery(Name = "routers")]
    private bool Routers { get; set; }

    /// <summary>Shows logins as they come, in place of the list with pages.</summary>
    [SupplyParameterFromQuery(Name = "follow")]
    private bool Follow { get; set; }

    [SupplyParameterFromQuery(Name = "nas")]
    private Guid? NasId { get; set; }

    private string PeriodKey => Periods.Any(p => p.Key == Period) ? Period! : DefaultPeriod;

    private string PeriodName => PeriodKey == "all" ? "ever" : $"last {Periods.Single(p => p.Key == PeriodKey).Name}";

    private string When => PeriodKey == "all" ? "so far" : $"in the {PeriodName}";

    private static IReadOnlyList<LoginOutcome> Reasons { get; } = [.. Enum.GetValues<LoginOutcome>().Where(LoginExplanation.IsRefusal).OrderBy(o => LoginExplanation.Of(o).Title, StringComparer.Ordinal)];

    private DateTime Until => clock.GetUtcNow().UtcDateTime.AddSeconds(1);

    private LoginFilter Filter => new(Until - Periods.Single(p => p.Key == PeriodKey).Length, Until, Search, NasId, Outcome, Refused, AcceptedOnly: Accepted, RoutersOnly: Routers);

    private string TestHref => (Search, NasId) switch
    {
        ({ } user, { } nas) => $"/test-login?user={Uri.EscapeDataString(user)}&nas={nas}",
        ({ } user, null) => $"/test-login?user={Uri.EscapeDataString(user)}",
        (null, { } nas) => $"/test-login?nas={nas}",
        _ => "/test-login",
    };

    private LoginOutcome? Outcome => Enum.TryParse<LoginOutcome>(OutcomeName, ignoreCase: true, out var outcome) && Enum.IsDefined(outcome) ? outcome : null;

    private string? Context => Follow ? "As they come" : _page is { } page ? $"{Formats.Count(page.Total)} {When}{(Search is null ? "" : $" match “{Search}”")}" : null;

    private string EmptyText => Search is null ? $"No login of this kind {When}." : $"Nobody called “{Search}” tried to log in {When}.";

    protected override async Task OnInitializedAsync()
    {
        try
        {
            _nas = await logins.NasAsync();
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        if (Follow)
        {
            (_page, _counts) = (null, null); // the list comes back anew when following ends
        }
        else if (_page is not null && Asked != _shown)
        {
            await ReloadAsync();
        }
    }

    private (string?, string, LoginOutcome?, bool, bool, bool, Guid?) Asked => (Search, PeriodKey, Outcome, Refused, Accepted, Routers, NasId);

    private string With(LoginOutcome? outcome, bool refused = false, bool accepted = false, bool routers = false) => navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
    {
        ["outcome"] = outcome?.ToString(), ["refused"] = refused ? true : null, ["accepted"] = accepted ? true : null, ["routers"] = routers ? true : null,
    });

    private void ByReason(ChangeEventArgs chosen) => navigation.NavigateTo(With(Enum.TryParse<LoginOutcome>(chosen.Value as string, out var outcome) ? outcome : null));

    private void ByNas(ChangeEventArgs chosen) =>
        navigation.NavigateTo(navigation.GetUriWithQueryParameter("nas", Guid.TryParse(chosen.Value as string, out var id) ? id : (Guid?)null));

    private async Task LoadAsync(LoadDataArgs args)
    {
        var isNew = Asked != _shown || _counts is null;
        _shown = Asked;
        var query = args.ToQuery();
        var filter = Filter;
        try
        {
            _page = await logins.SearchAsync(filter, query.Page, query.PageSize);
            if (isNew)
            {
                // Reasons of the whole period stay in view while one of them is filtered for.
                _counts = await logins.CountOutcomesAsync(filter with { Outcome = null, RefusedOnly = false, AcceptedOnly = false });
            }
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task ReloadAsync()
    {
        _counts = null;
        if (_grid is { } grid)
        {
            await grid.FirstPage(forceReload: true);
        }
        else
        {
            _page = null; // the grid comes back with the next render and loads by itself
        }
    }

    private void Retry() => (_failure, _page) = (null, null);
}
