using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Components.Charts;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Live;

/// <summary>
/// What flows through one line now, read from its router every two seconds for as long as somebody looks, or from accounting where the
/// router cannot be read. Shows nothing to who may not see the network. Give it the line as its key.
/// </summary>
public sealed partial class LineThroughput(LineWatch watch, TenantContext tenant, CurrentUser user, TimeProvider clock)
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(5);

    private LineTrace _trace = LineTrace.Empty;
    private IReadOnlyList<ChartSeries> _series = [];
    private DateTime _from;
    private DateTime _until;

    [Parameter, EditorRequired]
    public Guid SubscriptionId { get; set; }

    /// <summary>What was sold, to be held against what flows.</summary>
    [Parameter]
    public int? DownloadKbps { get; set; }

    [Parameter]
    public int? UploadKbps { get; set; }

    private bool May => user.Has(Permissions.ViewNetwork);

    private LineMeasure.Counted? Counted => _trace.Measure as LineMeasure.Counted;

    // Accounting speaks once a minute or five; its points are joined all the same.
    private TimeSpan Bridge => Counted?.Source is LineSource.Accounting ? Span : TimeSpan.FromSeconds(7);

    private string Source => _trace switch
    {
        { Problem: { } problem } => problem,
        { Measure: null } => "Measuring…",
        { Measure: LineMeasure.Offline } => "Offline",
        _ when Counted is { Source: LineSource.Router } live => $"Live from {live.Where}",
        _ => $"By accounting, {Formats.Age(Counted!.At)} ago",
    };

    protected override void OnInitialized()
    {
        if (May)
        {
            Follow(news => watch.Watch(user, tenant.TenantId, SubscriptionId, news));
            Draw();
        }
    }

    protected override Task RefreshAsync()
    {
        Draw();
        return Task.CompletedTask;
    }

    private void Draw()
    {
        _trace = watch.Trace(tenant.TenantId, SubscriptionId);
        _until = new DateTime(clock.GetUtcNow().Ticks / Step.Ticks * Step.Ticks, DateTimeKind.Utc) + Step;
        _from = _until - Span;
        _series =
        [
            new("Download", "down", [.. _trace.Points.Select(p => new MetricPoint(p.At, p.Download))]),
            new("Upload", "up", [.. _trace.Points.Select(p => new MetricPoint(p.At, p.Upload))], Below: true),
        ];
    }

    private static string Of(int? kbps) => kbps is { } sold ? $"of {Formats.Speed(sold)}" : "";
}
