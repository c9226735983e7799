using DataDefender.Domain.Monitoring.History;

namespace DataDefender.Domain.Tests.Monitoring.History;

public sealed class MetricBlockTests
{
    private static readonly DateTime Start = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void What_is_packed_comes_back_with_its_gaps()
    {
        var block = Block(("rx", [1_000_000, null, 250_000_000_000, 0]), ("cpu", [12.3, 99.9, null, 0.1]), ("if:ether1:tx", [null, null, 5_000, 7_000]), ("temp", [-4.5, null, null, 60]));

        var back = MetricBlock.Unpack(block.Pack());

        Assert.Equal(block.Times, back.Times);
        Assert.Equal(block.Series.Keys.Order(StringComparer.Ordinal), back.Series.Keys.Order(StringComparer.Ordinal));
        Assert.All(block.Series, s => Assert.Equal(s.Value, back.Series[s.Key].Select(v => v is { } known ? Math.Round(known, 6) : (double?)null)));
    }

    [Fact]
    public void Nonsense_is_no_crash()
    {
        Assert.Throws<InvalidDataException>(() => MetricBlock.Unpack(Packed([7])));
        Assert.Throws<InvalidDataException>(() => MetricBlock.Unpack(Packed([1, 0xFF])));
        Assert.Throws<InvalidDataException>(() => MetricBlock.Unpack(Packed([1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80])));
    }

    [Fact]
    public void Rolling_up_makes_means_and_keeps_the_highest_and_the_gaps()
    {
        var block = Block(("rx", [1_000, 3_000, null, null, 8_000, null]));

        var rolled = MetricBlock.RollUp([block], Start, 3, TimeSpan.FromSeconds(20));
        var again = MetricBlock.RollUp([rolled], Start, 1, TimeSpan.FromMinutes(1));

        Assert.Equal([2_000, null, 8_000], rolled.Series["rx"]);
        Assert.Equal([3_000, null, 8_000], rolled.Series["rx^"]);
        Assert.Equal((5_000, 8_000), (again.Series["rx"][0], again.Series["rx^"][0]));
    }

    [Theory]
    [InlineData(1, 0, MetricStep.Raw)]
    [InlineData(24, 0, MetricStep.FiveMinutes)]
    [InlineData(24 * 30, 0, MetricStep.Hour)]
    [InlineData(1, 24 * 7, MetricStep.FiveMinutes)] // an hour of last week is not kept as it was read
    [InlineData(1, 24 * 200, MetricStep.Hour)]
    public void A_range_is_drawn_from_the_finest_step_that_is_kept_for_so_long(int hours, int ago, MetricStep expected)
    {
        Assert.Equal(expected, MetricHistoryService.StepFor(Start.AddHours(-ago - hours), Start.AddHours(-ago), Start));
    }

    private static MetricBlock Block(params (string Name, double?[] Values)[] series) =>
        new([.. Enumerable.Range(0, series[0].Values.Length).Select(i => Start.AddSeconds(10 * i))], series.ToDictionary(s => s.Name, s => s.Values));

    private static byte[] Packed(byte[] plain)
    {
        using var into = new MemoryStream();
        using (var brotli = new System.IO.Compression.BrotliStream(into, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            brotli.Write(plain);
        }

        return into.ToArray();
    }
}
