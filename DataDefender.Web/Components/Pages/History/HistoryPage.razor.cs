using System.Globalization;
using DataDefender.Domain.Monitoring.History;
using DataDefender.Domain.Network;
using DataDefender.Web.Components.Charts;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.History;

/// <summary>What was kept of a router, an interface, a line or RADIUS, over any range; the address holds it all.</summary>
public sealed partial class HistoryPage(MetricHistoryService history, RouterService routers, Formats formats, NavigationManager navigation, TimeProvider clock)
{
    private const string DefaultRange = "24h";
    private const string Iso = "yyyy-MM-dd'T'HH:mm";

    private static readonly (string Key, string Name, TimeSpan Span)[] Ranges =
    [
        ("1h", "1 h", TimeSpan.FromHours(1)), ("6h", "6 h", TimeSpan.FromHours(6)), (DefaultRange, "1 day", TimeSpan.FromDays(1)), ("7d", "7 days", TimeSpan.FromDays(7)),
        ("30d", "30 days", TimeSpan.FromDays(30)), ("90d", "90 days", TimeSpan.FromDays(90)), ("1y", "1 year", TimeSpan.FromDays(365)), ("2y", "2 years", TimeSpan.FromDays(730)),
    ];

    private MetricRange? _range;
    private string? _name;
    private string? _shown;
    private DateTime _from;
    private DateTime _until;
    private DateTime _customFrom;
    private DateTime _customUntil;
    private TimeSpan _bridge;
    private IReadOnlyList<string> _links = [];
    private IReadOnlyList<ChartSeries> _traffic = [];
    private IReadOnlyList<ChartSeries> _errors = [];
    private IReadOnlyList<ChartSeries> _load = [];
    private IReadOnlyList<ChartSeries> _sessions = [];
    private IReadOnlyList<ChartSeries> _temperature = [];
    private IReadOnlyList<ChartSeries> _voltage = [];
    private IReadOnlyList<ChartSeries> _logins = [];
    private IReadOnlyList<ChartSeries> _accounting = [];
    private IReadOnlyList<ChartSeries> _latency = [];
    private Exception? _failure;

    [SupplyParameterFromQuery(Name = "router")]
    private Guid? RouterId { get; set; }

    [SupplyParameterFromQuery(Name = "link")]
    private string? Link { get; set; }

    [SupplyParameterFromQuery(Name = "line")]
    private Guid? LineId { get; set; }

    [SupplyParameterFromQuery(Name = "client")]
    private Guid? ClientId { get; set; }

    [SupplyParameterFromQuery(Name = "of")]
    private string? Of { get; set; }

    [SupplyParameterFromQuery(Name = "range")]
    private string? Range { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    private string? From { get; set; }

    [SupplyParameterFromQuery(Name = "until")]
    private string? Until { get; set; }

    private bool IsRadius => Of == "radius";

    private bool IsCustom => Parse(From) is not null && Parse(Until) is not null;

    private string RangeKey => Ranges.Any(r => r.Key == Range) ? Range! : DefaultRange;

    private string Title => IsRadius ? "History of RADIUS" : LineId is not null ? "History of a line" : _name is { } name ? $"History of {name}" : "History";

    private string? Context => _range is null ? null : $"{formats.Absolute(_from)} to {formats.Absolute(_until)}";

    private string? BackHref => RouterId is { } router ? $"/routers/{router}" : ClientId is { } client ? $"/clients/{client}?line={LineId}" : IsRadius ? "/noc" : null;

    private string BackName => RouterId is not null ? _name ?? "Router" : IsRadius ? "Network" : "Client";

    private string Resolution => _range switch
    {
        null => "",
        { Step: var step } when LineId is not null && step < TimeSpan.FromHours(1) =>
            $"Means of {(step <= TimeSpan.FromMinutes(1) ? "a minute" : "five minutes")}, from each report of accounting. Gaps are times of which no report tells.",
        { Step.TotalSeconds: < 60 } => "As it was read, about every ten seconds. Gaps are times in which nothing was read.",
        { Step.TotalMinutes: < 60 } => "Means of five minutes; the pale line is the highest value in each. Gaps are times in which nothing was read.",
        _ when LineId is not null => "Means of an hour, as accounting reported them. Hours without a report are gaps.",
        _ => "Means of an hour; the pale line is the highest value in each. Gaps are times in which nothing was read.",
    };

    protected override async Task OnParametersSetAsync()
    {
        var address = navigation.Uri;
        if (_shown != address)
        {
            _shown = address;
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        var now = clock.GetUtcNow().UtcDateTime;
        (_from, _until) = Parse(From) is { } from && Parse(Until) is { } until && until > from
            ? (formats.Utc(from), formats.Utc(until))
            : (now - Ranges.First(r => r.Key == RangeKey).Span, now);
        (_customFrom, _customUntil) = (formats.Local(_from), formats.Local(_until));
        (_customFrom, _customUntil) = (_customFrom.AddTicks(-(_customFrom.Ticks % TimeSpan.TicksPerMinute)), _customUntil.AddTicks(-(_customUntil.Ticks % TimeSpan.TicksPerMinute)));
        try
        {
            _name = RouterId is { } named ? (await routers.NamesAsync()).FirstOrDefault(r => r.Id == named)?.Name : null;
            _range = IsRadius ? await history.RadiusAsync(_from, _until)
                : LineId is { } line ? await history.LineAsync(line, _from, _until)
                : RouterId is { } router ? await history.RouterAsync(router, _from, _until)
                : new MetricRange(_from, _until, TimeSpan.FromSeconds(10), new Dictionary<string, IReadOnlyList<Domain.Monitoring.MetricPoint>>());
            _failure = null;
            Compose(_range);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void Compose(MetricRange range)
    {
        _bridge = range.Step * 2.6;
        _links = range.Links;
        var (down, up) = Link is { } link ? (MetricNames.Received(link), MetricNames.Sent(link)) : (MetricNames.Download, MetricNames.Upload);
        _traffic = [.. Pair("Download", "down", down, false), .. Pair("Upload", "up", up, true)];
        _errors = Link is { } counted && range.Of(MetricNames.Errors(counted)).Count > 0 ? [.. Pair("Errors", "bad", MetricNames.Errors(counted), false)] : [];
        _load = [.. Line("Processor", "accent", MetricNames.Cpu), .. Line("Memory", "quiet", MetricNames.Memory)];
        _sessions = [.. Line("Sessions", "accent", MetricNames.Sessions)];
        _temperature = [.. Line("Temperature", "bad", MetricNames.Temperature)];
        _voltage = [.. Line("Voltage", "good", MetricNames.Voltage)];
        _logins = [.. Line("Accepted", "quiet", MetricNames.Accepts, fill: true), new ChartSeries("Refused", "bad", range.Of(MetricNames.Rejects), Below: true)];
        _accounting = [.. Line("Records", "accent", MetricNames.Accounting)];
        _latency = [.. Line("99 of 100 within", "accent", range.Series.ContainsKey(MetricNames.Latency + MetricNames.Highest) ? MetricNames.Latency + MetricNames.Highest : MetricNames.Latency)];

        IEnumerable<ChartSeries> Line(string name, string tone, string key, bool fill = false) =>
            range.Of(key) is { Count: > 0 } points ? [new ChartSeries(name, tone, points, Fill: fill)] : [];

        IEnumerable<ChartSeries> Pair(string name, string tone, string key, bool below) =>
            range.Of(key + MetricNames.Highest) is { Count: > 0 } peaks
                ? [new ChartSeries(name, tone, range.Of(key), below), new ChartSeries($"{name}, highest", "quiet", peaks, below, Fill: false)]
                : [new ChartSeries(name, tone, range.Of(key), below)];
    }

    private string With(string key) => navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["range"] = key == DefaultRange ? null : key, ["from"] = null, ["until"] = null });

    private void ShowCustom() => navigation.NavigateTo(navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
    {
        ["range"] = null, ["from"] = _customFrom.ToString(Iso, CultureInfo.InvariantCulture), ["until"] = _customUntil.ToString(Iso, CultureInfo.InvariantCulture),
    }));

    private void ChooseLink(ChangeEventArgs chosen) =>
        navigation.NavigateTo(navigation.GetUriWithQueryParameter("link", chosen.Value as string is { Length: > 0 } link ? link : null));

    private static DateTime? Parse(string? text) =>
        DateTime.TryParseExact(text, Iso, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) ? local : null;
}
