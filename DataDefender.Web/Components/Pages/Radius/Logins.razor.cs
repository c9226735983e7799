using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Radius;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Radius;

/// <summary>Who tried to log in, what we answered, and for refusals what it means and what to do.</summary>
public sealed partial class Logins(LoginLogService logins, NavigationManager navigation, TimeProvider clock)
{
    private const string DefaultPeriod = "24h";

    private static readonly (string Name, string Key, TimeSpan Length)[] Periods =
    [
        ("1 hour", "1h", TimeSpan.FromHours(1)), ("24 hours", DefaultPeriod, TimeSpan.FromHours(24)), ("7 days", "7d", TimeSpan.FromDays(7)), ("30 days", "30d", TimeSpan.FromDays(30)),
    ];

    private RadzenDataGrid<LoginRow>? _grid;
    private PageOf<LoginRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private IReadOnlyList<OutcomeCount>? _counts;
    private (string?, string, LoginOutcome?, bool, Guid?) _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "period")]
    private string? Period { get; set; }

    [SupplyParameterFromQuery(Name = "outcome")]
    private string? OutcomeName { get; set; }

    [SupplyParameterFromQuery(Name = "refused")]
    private bool Refused { get; set; }

    [SupplyParameterFromQuery(Name = "nas")]
    private Guid? NasId { get; set; }

    private string PeriodKey => Periods.Any(p => p.Key == Period) ? Period! : DefaultPeriod;

    private string PeriodName => $"last {Periods.Single(p => p.Key == PeriodKey).Name}";

    private LoginOutcome? Outcome => Enum.TryParse<LoginOutcome>(OutcomeName, ignoreCase: true, out var outcome) && Enum.IsDefined(outcome) ? outcome : null;

    private string? Context => _page is { } page ? $"{Formats.Count(page.Total)} in the {PeriodName}{(Search is null ? "" : $" match “{Search}”")}" : null;

    private string EmptyText => Search is null ? $"No login of this kind in the {PeriodName}." : $"Nobody called “{Search}” tried to log in in the {PeriodName}.";

    protected override Task OnParametersSetAsync() => _page is null || Asked == _shown ? Task.CompletedTask : ReloadAsync();

    private (string?, string, LoginOutcome?, bool, Guid?) Asked => (Search, PeriodKey, Outcome, Refused, NasId);

    private string With(LoginOutcome? outcome, bool refused) => navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
    {
        ["outcome"] = outcome?.ToString(), ["refused"] = refused ? true : null,
    });

    private async Task LoadAsync(LoadDataArgs args)
    {
        var isNew = Asked != _shown || _counts is null;
        _shown = Asked;
        var query = args.ToQuery();
        var until = clock.GetUtcNow().UtcDateTime.AddSeconds(1);
        var filter = new LoginFilter(until - Periods.Single(p => p.Key == PeriodKey).Length, until, Search, NasId, Outcome, Refused);
        try
        {
            _page = await logins.SearchAsync(filter, query.Page, query.PageSize);
            if (isNew)
            {
                // Reasons of the whole period stay in view while one of them is filtered for.
                _counts = await logins.CountOutcomesAsync(filter with { Outcome = null, RefusedOnly = false });
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
