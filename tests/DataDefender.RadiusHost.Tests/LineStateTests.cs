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

    private static byte[] Id(int number) => [(byte)'s', (byte)('0' + number)];
}
