using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Testing;

namespace DataDefender.Infrastructure.Tests.Network.Polling;

public sealed class TrafficMeterTests
{
    private readonly ManualClock _clock = new();
    private readonly TrafficMeter _meter;

    public TrafficMeterTests() => _meter = new TrafficMeter(_clock);

    [Fact]
    public void Two_readings_make_a_rate_and_one_does_not()
    {
        Assert.Null(Read(1_000_000).Rx);

        Assert.Equal(8_000_000, Read(11_000_000).Rx);
    }

    [Fact]
    public void Counters_above_sixty_three_bits_still_make_a_rate()
    {
        ReadText("18446744073708551615");

        Assert.Equal(800_000, ReadText("18446744073709551615").Rx);
    }

    [Fact]
    public void A_counter_that_went_back_gives_no_rate_until_the_next_reading()
    {
        Read(9_000_000_000_000);

        Assert.Null(Read(1_000).Rx);
        Assert.Equal(8_000, Read(11_000).Rx);
    }

    [Fact]
    public void An_old_counter_of_thirty_two_bits_may_turn_over()
    {
        Read(4_294_967_000);

        Assert.Equal(8.0 * 10_000 / 10, Read(10_000 - 296).Rx);
    }

    [Fact]
    public void After_a_restart_nothing_is_compared_with_what_was_before()
    {
        Read(1_000);

        Assert.Null(Read(5_000, restarted: true).Rx);
    }

    [Fact]
    public void An_interface_that_was_away_starts_anew()
    {
        Read(1_000);
        _clock.Advance(TimeSpan.FromSeconds(10));
        _meter.Read([], restarted: false);

        Assert.Null(Read(5_000).Rx);
    }

    [Fact]
    public void The_uplink_is_what_is_called_so_and_else_the_first_port()
    {
        RouterRow[] Rows(string comment, long rx) =>
        [
            Row("bridge1", "bridge", "", 77), Row("ether1", "ether", "", rx), Row("ether2", "ether", comment, rx * 2),
        ];

        _meter.Read(Rows("", 0), restarted: false);
        _clock.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal(1_000, _meter.Read(Rows("", 1_000), restarted: false).Download);
        _clock.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal(2_000, _meter.Read(Rows("WAN - Liquid Telecom", 2_000), restarted: false).Download);
        _clock.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal(2_000, _meter.Read(Rows("Isp1-wan2", 3_000), restarted: false).Download);
        _clock.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal(1_000, _meter.Read(Rows("Mwangi's shop, Kwanza", 4_000), restarted: false).Download); // a customer
    }

    [Fact]
    public void Errors_of_both_ways_make_a_rate_a_minute_and_a_reset_or_an_interface_that_counts_none_does_not()
    {
        (string?, string?)[] counted = [("5", "1"), ("7", "2"), ("7", "2"), ("0", "0"), ("1", null)];
        Assert.Equal([null, 18, 0, null, 6], counted.Select(e => Errors(e.Item1, e.Item2)));
        Assert.Null(Errors(null, null));
        Assert.Null(Errors(null, null));

        double? Errors(string? received, string? sent)
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            (string, string)[] errors = [.. received is null ? Array.Empty<(string, string)>() : [("rx-error", received)], .. sent is null ? Array.Empty<(string, string)>() : [("tx-error", sent)]];
            return _meter.Read([RouterRow.Of([(".id", "*1"), ("name", "ether1"), ("type", "ether"), ("rx-byte", "0"), ("tx-byte", "0"), .. errors])], restarted: false).Interfaces[0].ErrorsPerMinute;
        }
    }

    [Fact]
    public void A_row_without_counters_is_left_out_and_not_shown_as_zero()
    {
        var (interfaces, download, _) = _meter.Read([RouterRow.Of((".id", "*1"), ("name", "ether1"), ("type", "ether"))], restarted: false);

        Assert.Empty(interfaces);
        Assert.Null(download);
    }

    private static RouterRow Row(string name, string type, string comment, long rx) => RouterRow.Of(
        (".id", name), ("name", name), ("type", type), ("comment", comment), ("running", "true"), ("disabled", "false"), ("rx-byte", $"{rx}"), ("tx-byte", "0"));

    private (double? Rx, double? Tx) Read(long rx, bool restarted = false) => ReadText($"{rx}", restarted);

    private (double? Rx, double? Tx) ReadText(string rx, bool restarted = false)
    {
        _clock.Advance(TimeSpan.FromSeconds(10));
        var (interfaces, _, _) = _meter.Read([RouterRow.Of((".id", "*1"), ("name", "ether1"), ("type", "ether"), ("rx-byte", rx), ("tx-byte", "0"))], restarted);
        return (interfaces[0].RxBitsPerSecond, interfaces[0].TxBitsPerSecond);
    }
}
