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

    private static readonly TimeSpan Bridge = TimeSpan.FromSeconds(35);

    // A poll's time: its line of traffic has nothing new before.
    private static readonly TimeSpan Traced = TimeSpan.FromSeconds(10);

    private (NocRouter, RouterSnapshot?, TimeSpan)? _shown;
    private DateTime _tracedAt;
    private double?[] _traffic = [];
    private bool _changed = true;

    [Parameter, EditorRequired]
    public NocRouter Router { get; set; } = default!;

    /// <summary>The newest poll; null when there was none since this server started.</summary>
    [Parameter]
    public RouterSnapshot? Live { get; set; }

    /// <summary>How far back its line of traffic looks.</summary>
    [Parameter]
    public TimeSpan Span { get; set; } = TimeSpan.FromHours(1);

    private RouterState State => Live?.State ?? Router.State;

    private string? Reason => Live is null ? Router.StateReason : Live.Reason;

    // The stored state is written a moment after the live one; until then the change itself is the best we know.
    private DateTime Since => Live is null || State == Router.State ? Router.StateSince : Live.At;

    // One slot a poll, and no more than the line has room for.
    private int Slots => Math.Min(90, (int)(Span.TotalSeconds / 10));

    private StateLook Look => States.Of(State);

    private double? Memory => Live is { MemoryUsed: { } used, MemoryTotal: > 0 and var total } ? 100.0 * used / total : null;

    private string? MemoryTip => Live is { MemoryUsed: { } used, MemoryTotal: { } total } ? $"{Formats.Volume(used)} of {Formats.Volume(total)}" : null;

    private bool IsStale => Live is not null && clock.GetUtcNow().UtcDateTime - Live.At > Stale;

    protected override void OnParametersSet()
    {
        // A card that says an age has to count it on.
        _changed = IsStale || State is not RouterState.Up || _shown != (Router, Live, Span);
        var now = clock.GetUtcNow().UtcDateTime;
        if (now - _tracedAt >= Traced || _shown?.Item1.Id != Router.Id || _shown?.Item3 != Span)
        {
            (_changed, _tracedAt) = (true, now);
            _traffic = ChartShape.Spread(
                [.. metrics.History(tenant.TenantId, Router.Id).Select(s => new MetricPoint(s.At, s.RxBitsPerSecond))], now - Span, now, Slots, Bridge);
        }

        _shown = (Router, Live, Span);
    }

    protected override bool ShouldRender() => _changed;
}
