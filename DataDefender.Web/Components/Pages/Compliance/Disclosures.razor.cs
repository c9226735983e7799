using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Compliance;
using DataDefender.Web.Components.Ui;
using DataDefender.Web.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Radzen;
using Radzen.Blazor;

namespace DataDefender.Web.Components.Pages.Compliance;

/// <summary>Answers lawful requests, and lists those that were answered.</summary>
public sealed partial class Disclosures(DisclosureService disclosures, UiActions ui, Workplace workplace, Formats formats, IJSRuntime browser, TimeProvider clock)
{
    private const int AnswerRows = 50;

    private readonly FormErrors _errors = new();
    private readonly DisclosureInput _asked = new();
    private DisclosureInput _answered = new();
    private IReadOnlyList<DisclosedSession>? _answer;
    private DateTime _answeredAt;
    private int _answerPage;
    private DateTime _from;
    private DateTime _until;
    private RadzenDataGrid<DisclosureRow>? _grid;
    private PageOf<DisclosureRow>? _page; // null until the first load: Radzen asks for data by itself only while Data is null
    private string? _shown;
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    private string Zone => workplace.Company?.TimeZone is { Length: > 0 } zone ? zone : "Africa/Nairobi";

    protected override async Task OnInitializedAsync()
    {
        var now = formats.Local(clock.GetUtcNow().UtcDateTime);
        _until = new DateTime(now.Year, now.Month, now.Day, now.Hour, 0, 0, now.Kind);
        _from = _until.AddDays(-1);
        try
        {
            if ((await disclosures.ListAsync(new GridQuery(PageSize: 1))) is { Total: 0 } none)
            {
                _page = none;
            }
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    protected override Task OnParametersSetAsync() => _page is null || Search == _shown ? Task.CompletedTask : ReloadAsync();

    /// <summary>What was typed, with the month in letters: the browser may write it in an order of its own.</summary>
    private string Said(DateTime local) => $"{local.ToString("d MMMM yyyy, HH:mm:ss", CultureInfo.InvariantCulture)}, {Zone}";

    private string Short(DateTime utc) => formats.Local(utc).ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);

    private async Task LoadAsync(LoadDataArgs args)
    {
        _shown = Search;
        try
        {
            _page = await disclosures.ListAsync(args.ToQuery(Search));
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private async Task ReloadAsync()
    {
        if (_grid is { } grid)
        {
            await grid.FirstPage(forceReload: true);
        }
        else
        {
            _page = null; // the grid comes with the next render and loads by itself
        }
    }

    private void Retry() => (_failure, _page) = (null, null);

    private async Task AskAsync()
    {
        var asked = _asked with { From = formats.Utc(_from), Until = formats.Utc(_until) };
        if (await ui.RunAsync(async () => _answer = await disclosures.AnswerAsync(asked), errors: _errors))
        {
            (_answered, _answeredAt, _answerPage) = (asked, clock.GetUtcNow().UtcDateTime, 0);
            await ReloadAsync();
        }
    }

    private async Task DownloadAsync()
    {
        var csv = DisclosureCsv.Write(_answered, _answer!, workplace.Company?.Name ?? "", TimeZoneInfo.FindSystemTimeZoneById(Zone), _answeredAt);
        var name = new string([.. _answered.CaseNumber.Trim().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
        await browser.InvokeVoidAsync("dataDefender.download", $"disclosure-{name}.csv", "text/csv;charset=utf-8", csv);
    }
}
