using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Radius;

namespace DataDefender.Domain.Tests.Monitoring;

public sealed class LiveMetricsTests
{
    private static readonly DateTime Start = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);
    private readonly LiveMetrics _metrics = new();
    private readonly Guid _tenant = Guid.CreateVersion7();

    [Fact]
    public void Seconds_are_kept_for_two_minutes_and_folded_into_steps_for_an_hour()
    {
        for (var second = 0; second < 4_000; second++)
        {
            _metrics.Publish(_tenant, Pulse(second, accepts: second % 10));
        }

        Assert.Equal(120, _metrics.PulseSeconds(_tenant).Count);
        var hour = _metrics.PulseHistory(_tenant);
        Assert.Equal(LiveMetrics.HistoryPoints + 1, hour.Count); // and the step that is not over yet
        Assert.All(hour, step => Assert.Equal(4.5, step.AcceptsPerSecond));
        Assert.Equal(Start.AddSeconds(3_990), hour[^1].At);
    }

    [Fact]
    public void A_step_shows_its_worst_latency_and_all_its_rejects()
    {
        _metrics.Publish(_tenant, Pulse(0, p99: 100, rejects: [new(LoginOutcome.WrongPassword, 1)]));
        _metrics.Publish(_tenant, Pulse(1, p99: null));
        _metrics.Publish(_tenant, Pulse(2, p99: 900, rejects: [new(LoginOutcome.WrongPassword, 2), new(LoginOutcome.UnknownUser, 1)]));

        var step = Assert.Single(_metrics.PulseHistory(_tenant));
        Assert.Equal(900, step.P99Microseconds);
        Assert.Equal([new(LoginOutcome.WrongPassword, 3), new(LoginOutcome.UnknownUser, 1)], step.Rejects);
    }

    [Fact]
    public void A_second_that_was_not_counted_leaves_a_gap_and_no_zero()
    {
        _metrics.Publish(_tenant, Pulse(0, accepts: 6));
        _metrics.Publish(_tenant, Pulse(65, accepts: 4));

        Assert.Equal([(Start, 6d), (Start.AddSeconds(60), 4d)], _metrics.PulseHistory(_tenant).Select(p => (p.At, p.AcceptsPerSecond)));
    }

    [Fact]
    public void A_screen_hears_of_its_own_company_only()
    {
        var heard = 0;
        using var watching = _metrics.Watch(_tenant, () => heard++);

        _metrics.Publish(Guid.CreateVersion7(), Pulse(0));
        Assert.Equal(0, heard);
        _metrics.Publish(_tenant, Pulse(0));

        Assert.Equal(1, heard);
        Assert.Null(_metrics.Pulse(Guid.CreateVersion7()));
    }

    [Fact]
    public void Readings_wake_the_screens_that_show_them_and_an_announcement_all()
    {
        var (all, radius, changes) = (0, 0, 0);
        using var a = _metrics.Watch(_tenant, () => all++);
        using var r = _metrics.WatchRadius(_tenant, () => radius++);
        using var c = _metrics.WatchChanges(_tenant, () => changes++);

        _metrics.Publish(Snapshot("B", 1));
        _metrics.Publish(_tenant, Pulse(0));
        Assert.Equal((2, 1, 0), (all, radius, changes));
        Assert.Equal(0, _metrics.Told(_tenant));
        _metrics.Announce(_tenant);

        Assert.Equal((3, 2, 1), (all, radius, changes));
        Assert.Equal(1, _metrics.Told(_tenant));
    }

    [Fact]
    public void The_list_of_routers_is_made_anew_after_a_reading_and_shared_until_then()
    {
        _metrics.Publish(Snapshot("B", 1));
        _metrics.Publish(Snapshot("A", 1));
        var first = _metrics.Latest(_tenant);

        Assert.Equal(["A", "B"], first.Select(s => s.Name));
        Assert.Same(first, _metrics.Latest(_tenant));
        _metrics.Publish(Snapshot("C", 1));
        Assert.Equal(3, _metrics.Latest(_tenant).Count);
    }

    [Fact]
    public void The_traffic_of_all_is_worked_out_once_a_step()
    {
        var (one, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        for (var second = 0; second <= 60; second += 10)
        {
            _metrics.Publish(Snapshot("A", second, one));
            _metrics.Publish(Snapshot("B", second + 3, other));
        }

        var (span, until) = (TimeSpan.FromMinutes(1), Start.AddSeconds(60));
        var (download, upload) = _metrics.Traffic(_tenant, span, until);

        Assert.Equal(6, download.Count);
        Assert.All(download, p => Assert.Equal(20, p.Value));
        Assert.All(upload, p => Assert.Equal(4, p.Value));
        Assert.Same(download, _metrics.Traffic(_tenant, span, until).Download);
        Assert.NotSame(download, _metrics.Traffic(_tenant, span, until.AddSeconds(10)).Download);
        Assert.Empty(_metrics.Traffic(Guid.CreateVersion7(), span, until).Download);
    }

    private RouterSnapshot Snapshot(string name, int second, Guid? router = null) => new(
        _tenant, router ?? Guid.CreateVersion7(), name, Start.AddSeconds(second), DataDefender.Domain.Network.RouterState.Up, null, null, 20, 400, 1000, TimeSpan.FromDays(1), 12, 10, 2, 12, []);

    [Fact]
    public void Everybody_hears_when_RADIUS_falls_silent_and_nobody_while_nothing_changes()
    {
        var heard = 0;
        using var watching = _metrics.Watch(_tenant, () => heard++);

        _metrics.Publish(new RadiusFeed(Start, null, Start, 0, true, true));
        _metrics.Publish(new RadiusFeed(Start, null, Start.AddSeconds(1), 0, true, true));
        Assert.Equal(1, heard);
        _metrics.Publish(new RadiusFeed(Start, "RadiusHost does not answer.", Start, 0, true, true));

        Assert.Equal(2, heard);
    }

    private static RadiusPulse Pulse(int second, double accepts = 1, double? p99 = 100, OutcomeCount[]? rejects = null) =>
        new(Start.AddSeconds(second), accepts, 0, 0, 50, p99, 10, 0) { Rejects = [.. rejects ?? []] };
}
