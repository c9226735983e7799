using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using DataDefender.Web.Security;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Audit;

/// <summary>The company's audit trail: searched, read with what changed, verified.</summary>
public sealed partial class AuditPage(AuditService audit, NavigationManager navigation, Workplace workplace)
{
    private RadzenDataGrid<AuditRow> _grid = default!;
    private PageOf<AuditRow>? _page;
    private AuditVocabulary _words = new([], [], []);
    private AuditVerdict? _verdict;
    private string? _shown;
    private bool _loading;
    private bool _verifying;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "who")]
    private string? Who { get; set; }

    [SupplyParameterFromQuery(Name = "what")]
    private string? What { get; set; }

    [SupplyParameterFromQuery(Name = "act")]
    private string? Act { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    private string? From { get; set; }

    [SupplyParameterFromQuery(Name = "until")]
    private string? Until { get; set; }

    /// <summary>One thing's history, as other pages link to it.</summary>
    [SupplyParameterFromQuery(Name = "id")]
    private string? EntityId { get; set; }

    private string Asked => string.Join('\n', Search, Who, What, Act, From, Until, EntityId);

    private bool IsFiltered => Asked.Length > 6;

    protected override async Task OnInitializedAsync() => _words = await audit.VocabularyAsync();

    protected override Task OnParametersSetAsync() => _page is null || Asked == _shown ? Task.CompletedTask : _grid.FirstPage(forceReload: true);

    private static void CanExpand(RowRenderEventArgs<AuditRow> row) => row.Expandable = row.Data is { } line && (line.Before ?? line.After) is not null;

    private async Task LoadAsync(LoadDataArgs args)
    {
        (_shown, _loading) = (Asked, true);
        _page = await audit.SearchAsync(args.ToQuery(Search), new AuditFilter(Who, What, Act, StartOf(From, 0), StartOf(Until, 1), EntityId));
        _loading = false;
    }

    private void Set(string name, ChangeEventArgs chosen) =>
        navigation.NavigateTo(navigation.GetUriWithQueryParameter(name, chosen.Value is string { Length: > 0 } value ? value : null));

    /// <summary>The UTC moment at which a day of the company begins.</summary>
    private DateTime? StartOf(string? day, int daysLater) =>
        DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? TimeZoneInfo.ConvertTimeToUtc(date.AddDays(daysLater).ToDateTime(TimeOnly.MinValue), TimeZoneInfo.FindSystemTimeZoneById(workplace.Company!.TimeZone))
            : null;

    private async Task VerifyAsync()
    {
        if (_verifying)
        {
            return;
        }

        (_verifying, _verdict) = (true, null);
        try
        {
            _verdict = await audit.VerifyAsync();
        }
        finally
        {
            _verifying = false;
        }
    }
}
