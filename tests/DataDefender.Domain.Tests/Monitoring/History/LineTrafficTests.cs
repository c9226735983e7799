using DataDefender.Domain.Monitoring.History;

namespace DataDefender.Domain.Tests.Monitoring.History;

public sealed class LineTrafficTests
{
    private static readonly DateTime Start = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);
    private static readonly TimeSpan Width = TimeSpan.FromMinutes(5);

    [Fact]
    public void A_report_is_spread_over_the_time_it_tells_of_and_nothing_is_lost()
    {
        // 10 minutes from 08:02:30 to 08:12:30, at an even 8 Mbps down and 0.8 up.
        var (download, upload) = LineTraffic.Spread([new LineReport(Start.AddMinutes(12.5), 600, 60_000_000, 600_000_000)], Start, Start.AddMinutes(20), Width);

        Assert.Equal([8_000_000d, 8_000_000d, 8_000_000d, null], download.Select(Rounded));
        Assert.Equal([800_000d, 800_000d, 800_000d, null], upload.Select(Rounded));
        Assert.Equal(Start.AddMinutes(2.5), download[0].At);
    }

    [Fact]
    public void What_no_report_tells_of_is_a_gap_and_an_idle_line_is_zero()
    {
        var (download, _) = LineTraffic.Spread(
            [new LineReport(Start.AddMinutes(5), 300, 0, 0), new LineReport(Start.AddMinutes(20), 300, 0, 37_500_000)], Start, Start.AddMinutes(20), Width);

        Assert.Equal([0d, null, null, 1_000_000d], download.Select(Rounded));
    }

    [Fact]
    public void A_report_that_does_not_say_its_length_counts_for_the_slot_it_came_in_and_none_before_the_range_is_drawn()
    {
        var (download, _) = LineTraffic.Spread(
            [new LineReport(Start.AddMinutes(10), 0, 0, 37_500_000), new LineReport(Start.AddMinutes(-1), 600, 0, 999)], Start, Start.AddMinutes(15), Width);

        Assert.Equal([null, 1_000_000d, null], download.Select(Rounded));
    }

    private static double? Rounded(DataDefender.Domain.Monitoring.MetricPoint point) => point.Value is { } value ? Math.Round(value) : null;
}
