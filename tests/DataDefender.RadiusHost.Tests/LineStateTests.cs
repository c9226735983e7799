using DataDefender.RadiusHost.Lines;

namespace DataDefender.RadiusHost.Tests;

/// <summary>What a line holds open, where the database lags behind what was heard over the wire.</summary>
public sealed class LineStateTests
{
    private static readonly NasState Nas = new(Guid.CreateVersion7());
    private readonly LineState _line = new(Guid.CreateVersion7());

    [Fact]
    public void Sessions_that_came_and_went_are_not_learnt_again_from_a_database_that_lags_behind()
    {
        for (var i = 0; i < 5; i++)
        {
            _line.Seen(Nas, Id(i), caller: 0, port: 0, at: 10 * i);
            _line.Closed(Nas, Id(i), at: (10 * i) + 5);
        }

        for (var i = 0; i < 5; i++)
        {
            _line.Learn(Nas, Id(i), caller: 0, at: 10 * i);
        }

        Assert.Empty(_line.Sessions);
    }

    [Fact]
    public void A_session_that_another_host_hears_of_after_the_endings_here_is_learnt()
    {
        for (var i = 0; i < 3; i++)
        {
            _line.Seen(Nas, Id(i), caller: 0, port: 0, at: 10 * i);
            _line.Closed(Nas, Id(i), at: (10 * i) + 5);
        }

        _line.Learn(Nas, "elsewhere"u8.ToArray(), caller: 0, at: 26);

        Assert.Equal(1, _line.CountOthers(Nas, caller: 0, port: 0, staleBefore: 1));
    }

    [Fact]
    public void A_session_of_another_host_that_is_older_than_the_endings_here_counts_with_its_next_report()
    {
        for (var i = 0; i < 3; i++)
        {
            _line.Seen(Nas, Id(i), caller: 0, port: 0, at: 10 * i);
            _line.Closed(Nas, Id(i), at: (10 * i) + 5);
        }

        _line.Learn(Nas, "elsewhere"u8.ToArray(), caller: 0, at: 3);
        Assert.Empty(_line.Sessions);

        _line.Learn(Nas, "elsewhere"u8.ToArray(), caller: 0, at: 40);
        Assert.Single(_line.Sessions);
    }

    [Fact]
    public void Of_two_devices_that_log_in_before_either_has_started_one_gets_in()
    {
        Assert.True(Admits(caller: 1, at: 0));
        Assert.False(Admits(caller: 2, at: 1));
        Assert.True(Admits(caller: 1, at: 2)); // the same device, whose first try came to nothing

        _line.Seen(Nas, Id(1), caller: 1, port: 0, at: 3);

        Assert.False(Admits(caller: 2, at: 4));
        _line.Closed(Nas, Id(1), at: 5);
        Assert.True(Admits(caller: 2, at: 6));
    }

    [Fact]
    public void A_login_that_never_starts_holds_its_place_for_a_moment_only()
    {
        Assert.True(Admits(caller: 1, at: 0));

        Assert.False(Admits(caller: 2, at: 99));
        Assert.True(Admits(caller: 2, at: 100));
    }

    [Fact]
    public void As_many_devices_get_in_at_once_as_are_sold()
    {
        Assert.True(Admits(caller: 1, at: 0, limit: 3));
        Assert.True(Admits(caller: 2, at: 0, limit: 3));
        _line.Seen(Nas, Id(1), caller: 1, port: 0, at: 1);
        Assert.True(Admits(caller: 3, at: 1, limit: 3));
        Assert.False(Admits(caller: 4, at: 1, limit: 3));
    }

    [Fact]
    public void A_login_without_the_address_of_its_device_holds_no_place_since_its_next_try_could_not_be_told_from_another()
    {
        Assert.True(Admits(caller: 0, at: 0));
        Assert.True(Admits(caller: 0, at: 1));
    }

    [Fact]
    public void Names_of_sessions_may_be_as_long_as_an_attribute()
    {
        var (longest, other) = (new byte[253], new byte[253]);
        other[^1] = 1;
        _line.Seen(Nas, longest, caller: 0, port: 0, at: 10);
        _line.Seen(Nas, other, caller: 0, port: 0, at: 11);
        _line.Seen(Nas, longest.AsSpan(..24), caller: 0, port: 0, at: 12);
        _line.Seen(Nas, longest, caller: 0, port: 0, at: 13);

        Assert.Equal([(253, 13L), (253, 11L), (24, 12L)], _line.Sessions.Select(s => (s.SessionId.Length, s.LastSeen)));

        _line.Closed(Nas, other, at: 14);

        Assert.Equal([(253, 13L), (24, 12L)], _line.Sessions.Select(s => (s.SessionId.Length, s.LastSeen)));
    }

    [Fact]
    public void A_line_that_opens_sessions_without_end_keeps_the_newest()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _line.Seen(Nas, BitConverter.GetBytes(i), caller: 0, port: 0, at: i + 1);
        }

        Assert.Equal(Enumerable.Range(1_000 - LineState.MaxSessions + 1, LineState.MaxSessions).Select(i => (long)i), _line.Sessions.Select(s => s.LastSeen).Order());
    }

    [Fact]
    public void The_one_that_ended_last_is_not_learnt_again_while_others_come_and_go()
    {
        var elsewhere = new NasState(Guid.CreateVersion7());
        _line.Seen(Nas, Id(1), caller: 0, port: 0, at: 10);
        _line.Seen(Nas, Id(2), caller: 7, port: 0, at: 11);
        _line.Closed(Nas, Id(1), at: 20);
        _line.Seen(Nas, Id(3), caller: 7, port: 0, at: 21); // the same device: in the place of 2
        _line.Seen(elsewhere, Id(4), caller: 0, port: 0, at: 22);

        _line.Learn(Nas, Id(1), caller: 0, at: 15);

        Assert.Equal([(Nas, Id(3)), (elsewhere, Id(4))], _line.Sessions.Select(s => (s.Nas, s.SessionId)));
        Assert.Equal(1, _line.CountOthers(Nas, caller: 7, port: 0, staleBefore: 1));
    }

    [Fact]
    public void Starts_and_stops_of_a_line_that_is_known_make_no_garbage()
    {
        _line.Seen(Nas, Id(0), caller: 0, port: 0, at: 1);
        _line.Closed(Nas, Id(0), at: 2);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 1; i < 1_000; i++)
        {
            Span<byte> name = [(byte)'s', (byte)i, (byte)(i >> 8)];
            _line.Seen(Nas, name, caller: 1, port: 2, at: 10 * i);
            _line.Closed(Nas, name, at: (10 * i) + 5);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static byte[] Id(int number) => [(byte)'s', (byte)('0' + number)];

    private bool Admits(ulong caller, long at, int limit = 1) => _line.TryAdmit(Nas, caller, port: 0, staleBefore: -1, limit, at, at + 100);
}
