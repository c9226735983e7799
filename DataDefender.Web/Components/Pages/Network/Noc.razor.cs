using System.Globalization;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Charts;
using DataDefender.Web.Components.Live;
using DataDefender.Web.Components.Ui;
using DataDefender.Web.Security;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Network;

/// <summary>The operator's live dashboard: what is wrong, who is online, how much flows, what RADIUS says, how the routers fare.</summary>
public sealed partial class Noc(NocService noc, IncidentService incidents, CurrentUser user, UiActions ui, LiveMetrics metrics, TenantContext tenant, Workplace workplace, TimeProvider clock)
{
    private const int MostCards = 24;

    /// <summary>Of a fleet that does not fit: those in trouble and the busiest are named, the rest is a number.</summary>
    private const int CardsOfLargeFleet = 12;

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(10);

    /// <summary>When it was told that something has changed.</summary>
    private static readonly TimeSpan ReadSoon = TimeSpan.FromSeconds(2.5);

    private NocFigures? _figures;
    private Exception? _failure;
    private bool _reading;
    private DateTime _readAt;

    private RadiusFeed _feed = RadiusFeed.NotYet;
    private IReadOnlyList<RouterSnapshot> _live = [];
    private IReadOnlyList<AttentionItem> _attention = [];
    private IReadOnlyList<(NocRouter Router, RouterSnapshot? Live)> _cards = [];
    private int _up;
    private RecentPulse? _recent;
    private double? _download;
    private double? _upload;
    private TimeRange _range = TimeRange.All[0];
    private (DateTime Until, TimeRange Range) _drawn;
    private DateTime _from;
    private DateTime _until;
    private IReadOnlyList<ChartSeries> _traffic = [];
    private IReadOnlyList<ChartSeries> _logins = [];
    private IReadOnlyList<ChartSeries> _latency = [];
    private IReadOnlyDictionary<Guid, NasPulse> _minutes = new Dictionary<Guid, NasPulse>();

    [SupplyParameterFromQuery(Name = "range")]
    private string? Range { get; set; }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    protected override async Task OnInitializedAsync()
    {
        Follow(news => metrics.Watch(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(1));
        await LoadAsync();
    }

    protected override void OnParametersSet() => Compose();

    protected override async Task RefreshAsync()
    {
        if (Now - _readAt >= (_figures?.Told == metrics.Told(tenant.TenantId) ? ReadAgain : ReadSoon))
        {
            await LoadAsync();
        }
        else
        {
            Compose();
        }
    }

    private async Task LoadAsync()
    {
        if (_reading)
        {
            return; // a slow database must not pile up questions
        }

        (_reading, _readAt) = (true, Now);
        try
        {
            _figures = await noc.GetAsync();
            _failure = null;
        }
        catch (Exception ex)
        {
            _failure = ex; // the live part of the screen goes on with what is known
        }
        finally
        {
            _reading = false;
        }

        Compose();
    }

    private void Compose()
    {
        if (_figures is not { } figures)
        {
            return;
        }

        _feed = metrics.Feed;
        _live = metrics.Latest(tenant.TenantId);
        _recent = _feed.IsHeard ? RecentPulse.Of(metrics.PulseSeconds(tenant.TenantId), Now) : null;
        _attention = Attention.Beside(figures.Incidents, Attention.Find(figures, _live, _feed, metrics.NasPulses(tenant.TenantId)));
        _minutes = metrics.NasMinutes(tenant.TenantId);
        var current = _live.Where(s => Now - s.At <= TimeSpan.FromSeconds(25)).ToList();
        (_download, _upload) = (Sum(current.Select(s => s.RxBitsPerSecond)), Sum(current.Select(s => s.TxBitsPerSecond)));
        var live = _live.ToDictionary(s => s.RouterId);
        _up = figures.Routers.Count(r => r.IsEnabled && (live.GetValueOrDefault(r.Id)?.State ?? r.State) is RouterState.Up);
        _cards = Cards(figures, live);
        ComposeCharts();
    }

    private void ComposeCharts()
    {
        var until = ChartSteps.Until(Now, Step, tenant.TenantId);
        _range = TimeRange.Of(Range, metrics.OldestAt(tenant.TenantId), Now);
        if (_drawn == (until, _range))
        {
            return;
        }

        _drawn = (until, _range);
        (_from, _until) = (until - _range.Span, until);
        var pulses = metrics.PulseHistory(tenant.TenantId);
        var (download, upload) = metrics.Traffic(tenant.TenantId, _range.Span, until);
        _traffic = [new("Download", "down", download), new("Upload", "up", upload, Below: true)];
        _logins =
        [
            new("Accepted", "quiet", [.. pulses.Select(p => new MetricPoint(p.At, p.AcceptsPerSecond))]),
            new("Refused", "bad", [.. pulses.Select(p => new MetricPoint(p.At, p.RejectsPerSecond))], Below: true),
        ];
        _latency =
        [
            new("Half within", "quiet", [.. pulses.Select(p => new MetricPoint(p.At, p.MedianMicroseconds))], Fill: false),
            new("99 of 100 within", "accent", [.. pulses.Select(p => new MetricPoint(p.At, p.P99Microseconds))], Fill: false),
        ];
    }

    // By name while all fit; of a large fleet those in trouble and the busiest.
    private static List<(NocRouter, RouterSnapshot?)> Cards(NocFigures figures, Dictionary<Guid, RouterSnapshot> live)
    {
        var all = figures.Routers.Select(r => (Router: r, Live: live.GetValueOrDefault(r.Id)));
        return figures.Routers.Count <= MostCards
            ? [.. all]
            : [.. all.OrderByDescending(c => Trouble(c.Live?.State ?? c.Router.State)).ThenByDescending(c => c.Live?.RxBitsPerSecond ?? 0).ThenBy(c => c.Router.Name, StringComparer.OrdinalIgnoreCase).Take(CardsOfLargeFleet)];
    }

    private static int Trouble(RouterState state) => state switch
    {
        RouterState.Down => 3,
        RouterState.Degraded => 2,
        RouterState.Unknown => 1,
        _ => 0,
    };

    private string Context
    {
        get
        {
            var enabled = _figures?.Routers.Count(r => r.IsEnabled) ?? 0;
            return $"{workplace.Company?.Name} · {_up} of {enabled} {(enabled == 1 ? "router" : "routers")} up";
        }
    }

    private EventCallback<IncidentRow> MayAct => user.Has(Permissions.ManageNetwork) ? EventCallback.Factory.Create<IncidentRow>(this, AcknowledgeAsync) : default;

    private async Task AcknowledgeAsync(IncidentRow incident)
    {
        if (await ui.RunAsync(() => incidents.AcknowledgeAsync(incident.Id), $"Incident #{incident.Number} is acknowledged."))
        {
            await LoadAsync();
        }
    }

    private bool CountsLive => _feed.IsHeard && metrics.Pulse(tenant.TenantId) is not null;

    private int OpenSessions => (CountsLive ? metrics.Pulse(tenant.TenantId)!.OpenSessions : _figures!.Sessions.Open) + (_figures!.Pushed?.Online ?? 0);

    private string SessionsNote => RadiusNote + PushedNote;

    // They are as old as the reading of their routers, which is slower than the pulse.
    private string PushedNote => _figures!.Pushed is not { } pushed ? ""
        : pushed.OldestAt is { } at ? $"; {Formats.Count(pushed.Online)} on routers without RADIUS, read {Formats.Age(at)} ago{(pushed.Unread > 0 ? $", {Formats.Count(pushed.Unread)} of those unread" : "")}"
        : "; routers without RADIUS are unread";

    private string RadiusNote => CountsLive
        ? _figures!.Sessions.Silent == 0 ? "counted by RADIUS, live" : $"{Formats.Count(_figures.Sessions.Silent)} of them silent"
        : $"by accounting, {Formats.Age(_figures!.At)} ago";

    private string TrafficNote
    {
        get
        {
            var counted = _live.Count(s => s.RxBitsPerSecond is not null && Now - s.At <= TimeSpan.FromSeconds(25));
            return _download is null ? "no router read twice yet" : $"{counted} {(counted == 1 ? "uplink" : "uplinks")}";
        }
    }

    private string PulseCss => _feed.IsHeard ? "" : "is-unknown";

    private string PulseNote(string heard) => _feed.IsHeard ? heard : _feed.Since is { } since ? $"unknown for {Formats.Age(since)}" : "not heard yet";

    private int WalledLastHour => _figures!.LoginsLastHour.Where(l => l.Outcome is LoginOutcome.AcceptedWalledGarden).Sum(l => l.Count);

    private static string PerSecond(double? value) => value is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known:0.#}/s") : "–";

    private static double? Sum(IEnumerable<double?> values) => values.Aggregate((double?)null, (sum, value) => value is null ? sum : (sum ?? 0) + value);

    /// <summary>Means of ten seconds, since a single second flickers too much to be read, and the counts of a minute.</summary>
    private sealed record RecentPulse(double Accepts, double Rejects, double Accounting, double Duplicates, long AcceptsInAMinute, long RejectsInAMinute, double? Median, double? Worst)
    {
        public static RecentPulse? Of(IReadOnlyList<RadiusPulse> seconds, DateTime now)
        {
            var minute = seconds.Where(p => p.At >= now.AddSeconds(-60)).ToList();
            var recent = minute.Where(p => p.At >= now.AddSeconds(-10)).ToList();
            return recent.Count == 0 ? null : new RecentPulse(
                recent.Average(p => p.AcceptsPerSecond), recent.Average(p => p.RejectsPerSecond), recent.Average(p => p.AccountingPerSecond), recent.Average(p => p.DuplicatesPerSecond),
                (long)minute.Sum(p => p.AcceptsPerSecond), (long)minute.Sum(p => p.RejectsPerSecond), seconds.Average(p => p.MedianMicroseconds), seconds.Max(p => p.P99Microseconds));
        }
    }
}
