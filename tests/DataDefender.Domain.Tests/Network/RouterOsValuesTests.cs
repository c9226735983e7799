using DataDefender.Domain.Network;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Domain.Tests.Network;

public sealed class RouterOsValuesTests
{
    [Theory]
    [InlineData("2w3d4h5m6s", 17 * 86400 + 4 * 3600 + 5 * 60 + 6)]
    [InlineData("0s", 0)]
    [InlineData("1d02:03:04", 86400 + 2 * 3600 + 3 * 60 + 4)]
    [InlineData("02:03:04", 2 * 3600 + 3 * 60 + 4)]
    [InlineData("10m", 600)]
    [InlineData("300", 300)]
    public void Durations_of_all_versions_are_read(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RouterOsValues.Duration(text));

    [Fact]
    public void Ping_times_are_read_to_the_microsecond() =>
        Assert.Equal(TimeSpan.FromMicroseconds(12_345), RouterOsValues.Duration("12ms345us"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("never")]
    [InlineData("5x")]
    [InlineData("5m30")]
    [InlineData("-5s")]
    [InlineData("1d2:3:4:5")]
    [InlineData("99999999999999999999s")]
    [InlineData("999999999999999w")]
    public void What_is_no_duration_is_absent_and_not_zero(string? text) => Assert.Null(RouterOsValues.Duration(text));

    [Fact]
    public void Every_duration_survives_being_written_and_read() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).Select(n => (long)n * 37).ToArbitrary(), milliseconds =>
        {
            var duration = TimeSpan.FromMilliseconds(milliseconds);
            Assert.Equal(duration, RouterOsValues.Duration(RouterOsValues.FormatDuration(duration)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_makes_a_reader_throw() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            _ = RouterOsValues.Duration(text);
            _ = RouterOsValues.Timestamp(text, new DateOnly(2026, 3, 1));
            _ = RouterOsValues.Bits(text);
            _ = RouterOsValues.Pair(text);
            _ = RouterOsValues.Counter(text);
            _ = RouterOsValues.List(text);
            _ = MikrotikRateLimit.TryParse(text, out _);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("jan/02/2023 15:04:05", "2023-01-02T15:04:05")]
    [InlineData("2023-01-02 15:04:05", "2023-01-02T15:04:05")]
    [InlineData("jan/02 15:04:05", "2026-01-02T15:04:05")]
    [InlineData("15:04:05", "2026-03-01T15:04:05")]
    [InlineData("2023-01-02", "2023-01-02T00:00:00")]
    public void Moments_of_both_formats_are_read(string text, string moment) =>
        Assert.Equal(DateTime.Parse(moment, System.Globalization.CultureInfo.InvariantCulture), RouterOsValues.Timestamp(text, new DateOnly(2026, 3, 1)));

    [Theory]
    [InlineData("feb/30/2023 10:00:00")]
    [InlineData("2023-02-30 10:00:00")]
    [InlineData("2023-01-02 25:00:00")]
    [InlineData("yesterday")]
    public void Impossible_moments_are_absent(string text) => Assert.Null(RouterOsValues.Timestamp(text, new DateOnly(2026, 3, 1)));

    [Theory]
    [InlineData("5M", 5_000_000)]
    [InlineData("64k", 64_000)]
    [InlineData("1.5M", 1_500_000)]
    [InlineData("2G", 2_000_000_000)]
    [InlineData("20000000", 20_000_000)]
    public void Rates_are_decimal_bits(string text, long bits) => Assert.Equal(bits, RouterOsValues.Bits(text));

    [Fact]
    public void A_pair_is_upload_before_download()
    {
        Assert.Equal(new RatePair(5_000_000, 20_000_000), RouterOsValues.Pair("5M/20M"));
        Assert.Equal(new RatePair(5_000_000, 20_000_000), RouterOsValues.Pair("5000000/20000000"));
        Assert.Null(RouterOsValues.Pair("5M"));
    }

    [Fact]
    public void Counters_use_all_sixty_four_bits() => Assert.Equal(ulong.MaxValue, RouterOsValues.Counter("18446744073709551615"));

    [Theory]
    [InlineData("true", true)]
    [InlineData("yes", true)]
    [InlineData("false", false)]
    [InlineData("no", false)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Booleans_come_in_two_spellings(string? text, bool? value) => Assert.Equal(value, RouterOsValues.Boolean(text));

    [Fact]
    public void A_list_without_entries_is_empty()
    {
        Assert.Empty(RouterOsValues.List(""));
        Assert.Equal(["10.0.0.1/32", "10.0.0.2/32"], RouterOsValues.List("10.0.0.1/32,10.0.0.2/32"));
    }
}
