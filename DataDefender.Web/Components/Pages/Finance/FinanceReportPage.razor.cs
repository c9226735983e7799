using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Finance;

/// <summary>Finance's first screen and its reports: what was collected, what is unpaid, revenue, tax, recurring revenue, churn.</summary>
public sealed partial class FinanceReportPage(FinanceReports reports, CurrentUser user, Formats formats, NavigationManager navigation)
{
    private const int PageRows = 50;

    private static readonly (string Text, string Href)[] Work = [("Next billing run", "/billing/runs"), ("Orphan payments", "/payments/orphans"), ("Custody", "/payments/custody")];

    private ReportTable? _table;
    private string? _refused;
    private Exception? _failure;
    private (FinanceReport, ReportQuery)? _shown;

    [Parameter]
    public string? Name { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    private string? From { get; set; }

    [SupplyParameterFromQuery(Name = "until")]
    private string? Until { get; set; }

    [SupplyParameterFromQuery(Name = "by")]
    private string? By { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private int Page { get; set; }

    /// <summary>On finance's first screen: where the work is, as far as the person may open it.</summary>
    private IEnumerable<(string Text, string Href)> NextSteps => Report is not FinanceReport.Collected ? [] : Work.Where(step =>
        Navigation.All.Any(page => page.Href == step.Href && (page.Permission is null || user.Has(page.Permission))));

    private int PageIndex => Math.Max(0, Page - 1);

    private FinanceReport Report => Enum.TryParse<FinanceReport>(Name, ignoreCase: true, out var report) && Enum.IsDefined(report) ? report : FinanceReport.Collected;

    private bool HasDays => Report is FinanceReport.Collected or FinanceReport.Revenue or FinanceReport.Tax or FinanceReport.Churn or FinanceReport.Sites;

    private ReportQuery Query
    {
        get
        {
            var today = formats.Today;
            var month = new DateOnly(today.Year, today.Month, 1);
            var from = Report switch
            {
                FinanceReport.Collected => today.AddDays(-29),
                FinanceReport.Churn => month.AddMonths(-5),
                FinanceReport.Revenue when Parse<RevenueBy>(By) is RevenueBy.Month => month.AddMonths(-11),
                _ => month,
            };
            return new ReportQuery(Day(From) ?? from, Day(Until) ?? today, Parse<RevenueBy>(By));
        }
    }

    protected override Task OnParametersSetAsync() => _shown == (Report, Query) ? Task.CompletedTask : LoadAsync();

    private static string Title(FinanceReport report) => report switch
    {
        FinanceReport.Unpaid => "Unpaid by age",
        FinanceReport.Recurring => "MRR and ARPU",
        FinanceReport.Sites => "Profit by site",
        FinanceReport.Deferred => "Deferred revenue",
        _ => report.ToString(),
    };

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static T Parse<T>(string? text) where T : struct, Enum => Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : default;

    private static string End(ReportColumn column) => column.Kind is CellKind.Text or CellKind.Date or CellKind.Month ? "" : "end num";

    private string Link(FinanceReport report) => $"/finance/{report.ToString().ToLowerInvariant()}";

    private string File(string format) => string.Create(
        CultureInfo.InvariantCulture, $"/finance/files/{Report.ToString().ToLowerInvariant()}.{format}?from={Iso(Query.From)}&until={Iso(Query.Until)}&by={Query.By.ToString().ToLowerInvariant()}");

    private string Text(object? value, CellKind kind) => value switch
    {
        null => kind is CellKind.Text ? "" : "–",
        Money { Minor: 0 } => "–",
        Money amount => formats.Money(amount),
        DateOnly day => day.ToString(kind is CellKind.Month ? "MMM yyyy" : "ddd d MMM yyyy", CultureInfo.InvariantCulture),
        decimal share => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %"),
        long count => Formats.Count(count),
        int count => Formats.Count(count),
        _ => value.ToString() ?? "",
    };

    private void Set(string name, ChangeEventArgs chosen) =>
        navigation.NavigateTo(navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { [name] = chosen.Value is string { Length: > 0 } value ? value : null, ["page"] = null }));

    private async Task LoadAsync()
    {
        var asked = (Report, Query);
        _shown = asked;
        try
        {
            (_table, _refused, _failure) = (await reports.GetAsync(asked.Report, asked.Query), null, null);
        }
        catch (InvalidInputException refused)
        {
            (_table, _refused) = (null, refused.Message);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }
}
