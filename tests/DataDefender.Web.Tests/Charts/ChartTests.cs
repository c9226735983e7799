using Bunit;
using DataDefender.Domain.Monitoring;
using DataDefender.Web.Components.Charts;

namespace DataDefender.Web.Tests.Charts;

public sealed class ChartShapeTests
{
    private static readonly DateTime Start = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(87_000_000, 0, 100_000_000, 0, 50_000_000)]
    [InlineData(87_000_000, 11_000_000, 100_000_000, 50_000_000, 50_000_000)]
    [InlineData(0, 0, 100_000, 0, 50_000)]
    [InlineData(3, 1.5, 4, 2, 2)]
    [InlineData(5, 0, 6, 0, 2)]
    public void The_scale_is_round_and_holds_all_values(double highest, double lowest, double top, double bottom, double step) =>
        Assert.Equal(new ChartScale(top, bottom, step), ChartScale.For(highest, lowest, highest > 100 ? 100_000 : highest == 0 ? 100_000 : 1));

    [Fact]
    public void Zero_is_always_a_line_of_the_scale()
    {
        foreach (var (highest, lowest) in ((double, double)[])[(1, 0), (7, 3), (1234.5, 0.1), (9.99e9, 8e8)])
        {
            var scale = ChartScale.For(highest, lowest, 0.1);
            Assert.Contains(0d, scale.Ticks());
            Assert.InRange(scale.Ticks().Count(), 3, 8);
            Assert.InRange(scale.At(highest), 0, 1);
            Assert.InRange(scale.At(lowest, below: true), 0, 1);
        }
    }

    [Fact]
    public void A_gap_breaks_the_line_and_a_slow_reading_does_not()
    {
        MetricPoint[] points = [At(0, 10), At(10, 20), At(30, 40), At(60, null), At(70, 5), At(80, 5)];

        var slots = ChartShape.Spread(points, Start, Start.AddSeconds(100), 10, TimeSpan.FromSeconds(25));

        Assert.Equal([10, 20, 30, 40, null, null, null, 5, 5, null], slots);
        var shape = ChartShape.Of(slots, new ChartScale(40, 0, 10), below: false);
        Assert.Equal("M50 750L150 500L250 250L350 0M750 875L850 875", shape.Line);
    }

    [Fact]
    public void Readings_that_stop_for_longer_than_the_bridge_leave_a_gap()
    {
        var slots = ChartShape.Spread([At(0, 1), At(50, 1)], Start, Start.AddSeconds(60), 6, TimeSpan.FromSeconds(25));

        Assert.Equal([1, null, null, null, null, 1], slots);
    }

    [Fact]
    public void Upload_is_drawn_downward_from_the_zero_line()
    {
        var scale = new ChartScale(30, 10, 10);

        Assert.Equal("M250 750L750 1000", ChartShape.Of([0, 10], scale, below: true).Line);
        Assert.Equal("M250 750L250 750L750 1000L750 750Z", ChartShape.Of([0, 10], scale, below: true).Area);
    }

    [Fact]
    public void An_hour_in_seconds_becomes_at_most_three_hundred_points()
    {
        var points = Enumerable.Range(0, 3600).Select(s => At(s, s % 2 == 0 ? 0 : 10)).ToList();

        var slots = ChartShape.Spread(points, Start, Start.AddHours(1), ChartShape.MaxSlots, TimeSpan.FromSeconds(5));

        Assert.Equal(300, slots.Length);
        Assert.All(slots, s => Assert.Equal(5, s));
    }

    private static MetricPoint At(int second, double? value) => new(Start.AddSeconds(second), value);
}

public sealed class TimeChartTests : PageTest
{
    [Fact]
    public void The_chart_has_its_units_local_times_and_a_text_for_those_who_do_not_see_it()
    {
        var chart = RenderChart();

        Assert.Equal(["10 Mbps", "5 Mbps", "0", "5 Mbps"], chart.FindAll(".tc-axis span").Select(s => s.TextContent));
        Assert.Equal(["10:10", "10:20", "10:30", "10:40", "10:50"], chart.FindAll(".tc-times span").Select(s => s.TextContent)); // Nairobi is three hours ahead
        Assert.Equal("Traffic. Download: now 8.00 Mbps, highest 8.00 Mbps, lowest 0 Mbps. Upload: now 2.00 Mbps, highest 2.00 Mbps, lowest 2.00 Mbps.", chart.Find("[role=img]").GetAttribute("aria-label"));
    }

    [Fact]
    public void The_numbers_can_be_read_as_a_table()
    {
        var chart = RenderChart();

        chart.Find(".tc-as-table").Click();

        Assert.Equal(["Time", "Download", "Upload"], chart.FindAll("th").Select(h => h.TextContent));
        Assert.Equal(30, chart.FindAll("tbody tr").Count);
        Assert.Contains("unknown", chart.Markup, StringComparison.Ordinal);
        chart.Find(".tc-as-table").Click();
        Assert.NotEmpty(chart.FindAll("svg"));
    }

    [Fact]
    public void The_same_data_again_is_not_drawn_again()
    {
        var chart = RenderChart();
        var series = chart.Instance.Series;

        chart.Render(p => p.Add(c => c.Series, series).Add(c => c.Height, 300));
        Assert.Equal(1, chart.RenderCount);

        chart.Render(p => p.Add(c => c.Series, [series[0]]));
        Assert.Equal(2, chart.RenderCount);
    }

    [Fact]
    public void A_chart_without_a_single_value_says_so()
    {
        var chart = Render<TimeChart>(p => p.Add(c => c.Title, "Traffic").Add(c => c.Series, [new ChartSeries("Download", "down", [])])
            .Add(c => c.From, Clock.Now.AddHours(-1)).Add(c => c.Until, Clock.Now).Add(c => c.Empty, "No router has been read yet."));

        Assert.Equal("No router has been read yet.", chart.Find(".tc-none").TextContent);
    }

    private IRenderedComponent<TimeChart> RenderChart()
    {
        var from = Clock.Now.AddHours(-1);
        MetricPoint[] down = [.. Enumerable.Range(0, 60).Where(m => m is < 20 or > 30).Select(m => new MetricPoint(from.AddMinutes(m), m < 59 ? 0 : 8_000_000))];
        MetricPoint[] up = [.. Enumerable.Range(0, 60).Select(m => new MetricPoint(from.AddMinutes(m), 2_000_000))];
        return Render<TimeChart>(p => p.Add(c => c.Title, "Traffic").Add(c => c.From, from).Add(c => c.Until, Clock.Now).Add(c => c.Bridge, TimeSpan.FromMinutes(2))
            .Add(c => c.Series, [new ChartSeries("Download", "down", down), new ChartSeries("Upload", "up", up, Below: true)]));
    }
}
