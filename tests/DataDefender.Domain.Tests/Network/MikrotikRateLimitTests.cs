using DataDefender.Domain.Network;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Domain.Tests.Network;

public sealed class MikrotikRateLimitTests
{
    private const long M = 1_000_000;

    [Theory]
    [InlineData("5M/20M")]
    [InlineData("512k/1500k")]
    [InlineData("1234567/20M")]
    [InlineData("10M/20M 15M/30M 8M/16M 10/10")]
    [InlineData("10M/20M 0/0 0/0 0/0 8 2M/5M")]
    [InlineData("10M/20M 15M/30M 8M/16M 10/12 3")]
    [InlineData("10M/20M 15M/30M 8M/16M 10/12 3 1M/2M")]
    public void What_the_router_takes_reads_and_writes_as_it_is(string text)
    {
        Assert.True(MikrotikRateLimit.TryParse(text, out var limit));
        Assert.Equal(text, limit.ToString());
    }

    [Fact]
    public void Positions_before_the_guaranteed_rate_are_all_written()
    {
        var limit = new MikrotikRateLimit(new RatePair(10 * M, 20 * M), minimum: new RatePair(2 * M, 5 * M));

        Assert.Equal("10M/20M 0/0 0/0 0/0 8 2M/5M", limit.ToString());
    }

    [Theory]
    [InlineData("5M", "5M/5M")]
    [InlineData("1M/2M 2M/4M", "1M/2M 2M/4M 1M/2M 1/1")]
    [InlineData("1M/2M 2M/4M 0/0 5", "1M/2M 2M/4M 1M/2M 5/5")]
    [InlineData("1000000/2000000", "1M/2M")]
    public void Left_out_parts_take_the_routers_own_defaults(string text, string full)
    {
        Assert.True(MikrotikRateLimit.TryParse(text, out var limit));
        Assert.Equal(full, limit.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("fast")]
    [InlineData("5M/")]
    [InlineData("5M/20M 3M/30M")] // a burst below the limit
    [InlineData("5M/20M 0/0 0/0 0/0 9")]
    [InlineData("5M/20M 0/0 0/0 0/0 4294967297")]
    [InlineData("5M/20M 0/0 0/0 0/0 8 6M/6M")]
    [InlineData("5M/20M 0/0 0/0 0/0 8 1M/1M 1")]
    public void What_no_router_takes_is_refused(string? text) => Assert.False(MikrotikRateLimit.TryParse(text, out _));

    [Fact]
    public void Burst_lasts_as_long_as_the_average_allows()
    {
        var burst = new RateBurst(new RatePair(8 * M, 40 * M), new RatePair(4 * M, 10 * M), 16, 16);

        Assert.Equal(TimeSpan.FromSeconds(8), burst.LongestUpload);
        Assert.Equal(TimeSpan.FromSeconds(4), burst.LongestDownload);
    }

    [Fact]
    public void A_priority_outside_one_to_eight_is_a_mistake_of_the_caller() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new MikrotikRateLimit(new RatePair(M, M), priority: 0));

    [Fact]
    public void Every_limit_survives_being_written_and_read()
    {
        var rate = Gen.OneOf(Gen.Choose(1, 900).Select(n => n * M), Gen.Choose(1, 900_000).Select(n => n * 1000L), Gen.Choose(1, int.MaxValue).Select(n => (long)n));
        var pair = rate.Zip(rate).Select(t => new RatePair(t.Item1, t.Item2));
        var burst = pair.SelectMany(l => pair.SelectMany(t => Gen.Choose(1, 600).Zip(Gen.Choose(1, 600)).Select(s => (l, t, s.Item1, s.Item2))));
        var limits =
            from limit in pair
            from hasBurst in Gen.Choose(0, 1)
            from b in burst
            from priority in Gen.Choose(0, 8)
            from hasMinimum in Gen.Choose(0, 1)
            select new MikrotikRateLimit(
                limit,
                hasBurst == 1 ? new RateBurst(new RatePair(limit.Upload + b.l.Upload, limit.Download + b.l.Download), b.t, b.Item3, b.Item4) : null,
                priority == 0 ? null : priority,
                hasMinimum == 1 ? new RatePair(Math.Max(1, limit.Upload / 3), limit.Download) : null);

        Prop.ForAll(limits.ToArbitrary(), limit =>
        {
            Assert.True(MikrotikRateLimit.TryParse(limit.ToString(), out var read));
            Assert.Equal(limit.ToString(), read.ToString());
            Assert.Equal((limit.Limit, limit.Burst, limit.Minimum), (read.Limit, read.Burst, read.Minimum));
            Assert.Equal(limit.Priority ?? (limit.Minimum is null ? null : MikrotikRateLimit.LowestPriority), read.Priority);
        }).QuickCheckThrowOnFailure();
    }
}
