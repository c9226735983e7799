using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Charts;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Live;

/// <summary>One router at a glance: state and since when, load, traffic of the last hour, sessions.</summary>
public sealed partial class RouterCard(LiveMetrics metrics, TenantContext tenant, TimeProvider clock)
{
    /// <summary>Two polls and a little: after that a value says its age.</summary>
    internal static readonly TimeSpan Stale = TimeSpan.FromSeconds(25);

    private const int SparkPoints = 60;

    private (NocRouter, RouterSnapshot?, bool)? _shown;
    private double?[] _traffic = [];
    private bool _changed = true;

    [Parameter, EditorRequired]
    public NocRouter Router { get; set; } = default!;

    /// <summary>The newest poll; null when there was none since this server started.</summary>
    [Parameter]
    public RouterSnapshot? Live { get; set; }

    private RouterState State => Live?.State ?? Router.State;

    private string? Reason => Live is null ? Router.StateReason : Live.Reason;

    // The stored state is written a moment after the live one; until then the change itself is the best we know.
    private DateTime Since => Live is null || State == Router.State ? Router.StateSince : Live.At;

    private StateLook Look => States.Of(State);

    private double? Memory => Live is { MemoryUsed: { } used, MemoryTotal: > 0 and var total } ? 100.0 * used / total : null;

    private string? MemoryTip => Live is { MemoryUsed: { } used, MemoryTotal: { } total } ? $"{Formats.Volume(used)} of {Formats.Volume(total)}" : null;

    private bool IsStale => Live is not null && clock.GetUtcNow().UtcDateTime - Live.At > Stale;

    protected override void OnParametersSet()
    {
        // A card that says an age has to count it on.
        var ages = IsStale || State is not RouterState.Up;
        _changed = ages || _shown != (Router, Live, ages);
        if (_shown?.Item2 != Live || _traffic.Length == 0)
        {
            var now = clock.GetUtcNow().UtcDateTime;
            _traffic = ChartShape.Spread(
                [.. metrics.History(tenant.TenantId, Router.Id).Select(s => new MetricPoint(s.At, s.RxBitsPerSecond))], now.AddHours(-1), now, SparkPoints, TimeSpan.FromMinutes(1));
        }

        _shown = (Router, Live, ages);
    }

    protected override bool ShouldRender() => _changed;
}
