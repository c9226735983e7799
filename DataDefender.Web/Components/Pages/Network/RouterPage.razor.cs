using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Charts;
using DataDefender.Web.Components.Live;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DataDefender.Web.Components.Pages.Network;

/// <summary>One router, live: state and why, load, interfaces, sessions, events.</summary>
public sealed partial class RouterPage(
    RouterService routers, SessionService sessions, EventService events, LiveMetrics metrics, TenantContext tenant, CurrentUser user, UiActions ui, Confirm confirm, DialogService dialogs,
    NavigationManager navigation, TimeProvider clock)
{
    private const int SessionsShown = 10;
    private const int EventsShown = 10;

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(5);

    private RouterDetails? _router;
    private RouterSnapshot? _live;
    private IReadOnlyList<OpenSessionRow> _sessions = [];
    private IReadOnlyList<EventRow> _events = [];
    private Exception? _failure;
    private bool _reading;
    private DateTime _readAt;
    private TimeRange _range = TimeRange.All[0];
    private (DateTime Until, string? Interface, Guid Router, TimeRange Range) _drawn;
    private DateTime _from;
    private DateTime _until;
    private IReadOnlyList<ChartSeries> _traffic = [];
    private IReadOnlyList<ChartSeries> _load = [];
    private IReadOnlyList<ChartSeries> _interface = [];

    [Parameter]
    public Guid Id { get; set; }

    /// <summary>Whose chart is open; when none is named the busiest beside the uplink, which has its chart already.</summary>
    [SupplyParameterFromQuery(Name = "interface")]
    private string? Interface { get; set; }

    [SupplyParameterFromQuery(Name = "range")]
    private string? Range { get; set; }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private RouterState State => _live?.State ?? _router!.State;

    private string? Reason => _live is null ? _router!.StateReason : _live.Reason;

    private DateTime Since => _live is null || State == _router!.State ? _router!.StateSince : _live.At;

    private string? Chosen => Interface is not null && _live?.Interfaces.Any(i => i.Name == Interface) is true
        ? Interface
        : _live?.Interfaces.Where(i => i.Running && i.RxBitsPerSecond != _live.RxBitsPerSecond).MaxBy(i => (i.RxBitsPerSecond ?? 0) + (i.TxBitsPerSecond ?? 0))?.Name;

    private string SessionsNote => _live?.ActiveSessions is { } counted ? $"by accounting; it counts {Formats.Count(counted)} itself" : "by accounting";

    private string AnswerNote => _live?.AnswerMilliseconds is { } took
        ? Now - _live.At > RouterCard.Stale ? $"read {Formats.Age(_live.At)} ago" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"answered in {took:0} ms")
        : "not read";

    protected override void OnInitialized()
    {
        Follow(news => metrics.WatchChanges(tenant.TenantId, news));
        Every(TimeSpan.FromSeconds(1));
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_router?.Id != Id)
        {
            _router = null;
            await LoadAsync();
        }
        else
        {
            Look();
        }
    }

    protected override async Task RefreshAsync()
    {
        if (_router is not null && Now - _readAt >= ReadAgain)
        {
            await LoadAsync();
        }
        else
        {
            Look();
        }
    }

    private async Task LoadAsync()
    {
        if (_reading)
        {
            return;
        }

        (_reading, _readAt) = (true, Now);
        try
        {
            var router = await routers.GetAsync(Id);
            _sessions = (await sessions.ListOpenAsync(new SessionFilter(RouterId: Id), new GridQuery(PageSize: SessionsShown))).Items;
            _events = await events.NewestAsync(new EventFilter(RouterId: Id), EventsShown);
            (_router, _failure) = (router, null);
        }
        catch (Exception failure) when (_router is null || failure is DomainException)
        {
            _failure = failure;
        }
        catch
        {
            // The database is away for a moment: what is shown is still the newest there is, and the live part goes on.
        }
        finally
        {
            _reading = false;
        }

        Look();
    }

    private void Look()
    {
        if (_router is null)
        {
            return;
        }

        _live = metrics.Latest(tenant.TenantId, Id);
        var until = ChartSteps.Until(Now, Step, tenant.TenantId);
        var history = metrics.History(tenant.TenantId, Id);
        _range = TimeRange.Of(Range, history.Count > 0 ? history[0].At : null, Now);
        if (_drawn == (until, Chosen, Id, _range))
        {
            return;
        }

        _drawn = (until, Chosen, Id, _range);
        (_from, _until) = (until - _range.Span, until);
        _traffic = [new("Download", "down", Points(history, s => s.RxBitsPerSecond)), new("Upload", "up", Points(history, s => s.TxBitsPerSecond), Below: true)];
        _load = [new("CPU", "accent", Points(history, s => s.CpuPercent)), new("Memory", "quiet", Points(history, Memory), Fill: false)];
        var name = Chosen;
        _interface =
        [
            new("Received", "down", Points(history, s => s.Interfaces.FirstOrDefault(i => i.Name == name)?.RxBitsPerSecond)),
            new("Sent", "up", Points(history, s => s.Interfaces.FirstOrDefault(i => i.Name == name)?.TxBitsPerSecond), Below: true),
        ];
    }

    private static double? Memory(RouterSnapshot? live) => live is { MemoryUsed: { } used, MemoryTotal: > 0 and var total } ? 100.0 * used / total : null;

    private static IReadOnlyList<MetricPoint> Points(IReadOnlyList<RouterSnapshot> history, Func<RouterSnapshot, double?> value) => [.. history.Select(s => new MetricPoint(s.At, value(s)))];

    private async Task EditAsync()
    {
        var parameters = new Dictionary<string, object?> { [nameof(RouterForm.RouterId)] = Id, [nameof(RouterForm.Input)] = _router!.ToInput() };
        if (await dialogs.OpenSideAsync<RouterForm>($"Edit {_router.Name}", parameters, SidePanel.Options) is Guid)
        {
            await LoadAsync();
        }
    }

    private async Task TurnAsync()
    {
        var router = _router!;
        if (router.IsEnabled && !await confirm.AskAsync(
            $"Switch {router.Name} off?", "It is no longer polled, and lines on it cannot be changed over its API. Its subscribers are served as before.", "Switch off"))
        {
            return;
        }

        if (await ui.RunAsync(() => routers.SetEnabledAsync(Id, !router.IsEnabled), $"{router.Name} is switched {(router.IsEnabled ? "off" : "on")}."))
        {
            await LoadAsync();
        }
    }

    private async Task RemoveAsync()
    {
        var router = _router!;
        if (await confirm.AskAsync($"Remove {router.Name}?", "Its settings and its password are deleted. Its events stay. This cannot be undone.", "Remove router", danger: true)
            && await ui.RunAsync(() => routers.RemoveAsync(Id), $"{router.Name} removed."))
        {
            navigation.NavigateTo("/routers");
        }
    }
}
