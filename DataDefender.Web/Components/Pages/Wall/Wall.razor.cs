using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Charts;
using DataDefender.Web.Components.Ui;
using DataDefender.Web.Security;

namespace DataDefender.Web.Components.Pages.Wall;

/// <summary>The operator's board for a wall: the same truth, read from five metres, turning by itself.</summary>
public sealed partial class Wall(NocService noc, LiveMetrics metrics, TenantContext tenant, Workplace workplace, TimeProvider clock)
{
    private const int MostIncidents = 7;

    /// <summary>More routers than this are shown by their sites: three hundred lights say nothing from five metres.</summary>
    private const int MostTiles = 60;
    private const int MostSites = 39;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(10);

    /// <summary>When it was told that something has changed.</summary>
    private static readonly TimeSpan ReadSoon = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(45);

    /// <summary>The incidents come up every second time.</summary>
    private static readonly Scene[] Scenes = [Scene.Incidents, Scene.Sites, Scene.Incidents, Scene.Charts];

    private NocFigures? _figures;
    private Exception? _failure;
    private DateTime _readAt;
    private DateTime _turnedAt;
    private int _turn;
    private Scene _scene = Scene.Incidents;
    private RadiusFeed _feed = RadiusFeed.NotYet;
    private IReadOnlyList<RouterSnapshot> _live = [];
    private IReadOnlyList<Site> _sites = [];
    private IReadOnlyList<Site> _places = [];
    private double? _download;
    private double? _upload;
    private DateTime _from;
    private DateTime _until;
    private IReadOnlyList<ChartSeries> _traffic = [];
    private IReadOnlyList<ChartSeries> _logins = [];

    private enum Scene
    {
        Incidents,
        Sites,
        Charts,
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private IReadOnlyList<IncidentRow> Shown => [.. (_figures?.Incidents ?? []).Where(i => i.State(Now) is not IncidentState.Muted)];

    private int Enabled => _sites.Sum(s => s.Routers.Count);

    private int Up => _sites.Sum(s => s.Up);

    private int Down => _sites.Sum(s => s.Routers.Count(r => r.State is RouterState.Down));

    private int OpenSessions => (_feed.IsHeard && metrics.Pulse(tenant.TenantId) is { } pulse ? pulse.OpenSessions : _figures?.Sessions.Open ?? 0) + (_figures?.Pushed?.Online ?? 0);

    private DateTime? Newest => _live.Count > 0 ? _live.Max(s => s.At) : metrics.Pulse(tenant.TenantId)?.At;

    private bool IsOld => Newest is not { } newest || Now - newest > Old || (_figures is not null && Now - _figures.At > Old);

    private string DataAge => Newest is { } newest ? $"data {Formats.AgeText(Now - newest)} old" : "no live data yet";

    private string Ticker => _figures?.Events is [var newest, ..] ? $"{Formats.When(newest.At)}: {newest.Message}" : "";

    protected override async Task OnInitializedAsync()
    {
        _turnedAt = Now;
        Follow(news => metrics.Watch(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(1));
        await ReadAsync();
    }

    protected override async Task RefreshAsync()
    {
        if (Now - _turnedAt >= Turn)
        {
            (_turn, _turnedAt) = ((_turn + 1) % Scenes.Length, Now);
            _scene = Scenes[_turn];
        }

        if (Now - _readAt >= (_figures?.Told == metrics.Told(tenant.TenantId) ? ReadAgain : ReadSoon))
        {
            await ReadAsync();
        }

        Compose();
    }

    private async Task ReadAsync()
    {
        _readAt = Now;
        try
        {
            (_figures, _failure) = (await noc.GetAsync(), null);
        }
        catch (Exception failure)
        {
            _failure = failure; // what was known stays, and says how old it is
        }

        Compose();
    }

    private void Compose()
    {
        _feed = metrics.Feed;
        _live = metrics.Latest(tenant.TenantId);
        var live = _live.ToDictionary(s => s.RouterId);
        _sites = [.. (_figures?.Routers ?? []).Where(r => r.IsEnabled)
            .Select(r => new Box(r.Id, r.Name, r.Site ?? "No site", live.TryGetValue(r.Id, out var now) ? now.State : r.State, r.OpenSessions))
            .GroupBy(r => r.Site).OrderBy(g => g.Key, StringComparer.OrdinalIgnoreCase).Select(g => new Site(g.Key, [.. g]))];
        _places = Enabled > MostTiles ? [.. _sites.OrderByDescending(s => Trouble(s.Worst)).ThenByDescending(s => s.Clients)] : [];
        var current = _live.Where(s => Now - s.At <= TimeSpan.FromSeconds(25)).ToList();
        (_download, _upload) = (Sum(current.Select(s => s.RxBitsPerSecond)), Sum(current.Select(s => s.TxBitsPerSecond)));
        var until = ChartSteps.Until(Now, Step, tenant.TenantId);
        if (_scene is not Scene.Charts || until == _until)
        {
            return;
        }

        (_from, _until) = (until.AddHours(-1), until);
        var (download, upload) = metrics.Traffic(tenant.TenantId, TimeSpan.FromHours(1), until);
        _traffic = [new("Download", "down", download), new("Upload", "up", upload, Below: true)];
        var pulses = metrics.PulseHistory(tenant.TenantId);
        _logins =
        [
            new("Accepted", "quiet", [.. pulses.Select(p => new MetricPoint(p.At, p.AcceptsPerSecond))]),
            new("Refused", "bad", [.. pulses.Select(p => new MetricPoint(p.At, p.RejectsPerSecond))], Below: true),
        ];
    }

    private static double? Sum(IEnumerable<double?> values) => values.Aggregate((double?)null, (sum, value) => value is null ? sum : (sum ?? 0) + value);

    private static int Trouble(RouterState state) => state switch
    {
        RouterState.Down => 3,
        RouterState.Degraded => 2,
        RouterState.Unknown => 1,
        _ => 0,
    };

    private sealed record Box(Guid Id, string Name, string Site, RouterState State, int Clients);

    private sealed record Site(string Name, IReadOnlyList<Box> Routers)
    {
        public int Clients { get; } = Routers.Sum(r => r.Clients);

        public RouterState Worst { get; } = Routers.Select(r => r.State).MaxBy(Trouble);

        public int Up => Routers.Count(r => r.State is RouterState.Up or RouterState.Degraded);
    }
}
