using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.Polling;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Infrastructure.Tests.Network.Polling;

public sealed class RouterHealthTests
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(3);
    private readonly RouterHealth _health = new(new PollingOptions());

    [Fact]
    public void A_router_that_was_never_polled_is_unknown() => Assert.Equal(RouterState.Unknown, _health.State);

    [Fact]
    public void One_lost_poll_is_no_event_two_are_a_warning_three_are_an_outage()
    {
        _health.Answered(null, Quick);

        Assert.Equal([RouterState.Up, RouterState.Degraded, RouterState.Down, RouterState.Down], Misses(4));
        Assert.Equal("Gone.", _health.Reason);
    }

    [Fact]
    public void A_router_that_never_answered_stays_unknown_until_it_counts_as_down() =>
        Assert.Equal([RouterState.Unknown, RouterState.Unknown, RouterState.Down], Misses(3));

    [Fact]
    public void An_answer_ends_an_outage_and_its_count()
    {
        Misses(5);

        _health.Answered(null, Quick);

        Assert.Equal((RouterState.Up, null), (_health.State, _health.Reason));
        Assert.Equal([RouterState.Up, RouterState.Degraded], Misses(2));
    }

    [Fact]
    public void What_radius_still_hears_is_degraded_and_not_down()
    {
        _health.Answered(null, Quick);
        Misses(2);
        Assert.True(_health.NextMissDecides);

        _health.Missed(MissKind.NoAnswer, "Gone.", heardByRadius: true);
        Assert.Equal(RouterState.Degraded, _health.State);

        _health.Missed(MissKind.NoAnswer, "Gone.", heardByRadius: false);
        Assert.Equal(RouterState.Down, _health.State);
    }

    [Fact]
    public void A_router_that_locks_us_out_is_there_so_it_is_degraded_at_once()
    {
        _health.Missed(MissKind.LockedOut, "Wrong password.", heardByRadius: false);

        Assert.Equal((RouterState.Degraded, "Wrong password."), (_health.State, _health.Reason));
    }

    [Fact]
    public void A_wrong_address_says_nothing_about_the_router()
    {
        _health.Answered(null, Quick);

        _health.Missed(MissKind.Misdirected, "The name has no address.", heardByRadius: false);

        Assert.Equal(RouterState.Unknown, _health.State);
    }

    [Fact]
    public void A_slow_answer_counts_when_the_next_is_slow_too()
    {
        _health.Answered(null, Slow);
        Assert.Equal(RouterState.Up, _health.State);

        _health.Answered(null, Slow);
        Assert.Equal(RouterState.Degraded, _health.State);

        _health.Answered(null, Quick);
        Assert.Equal(RouterState.Up, _health.State);
    }

    [Fact]
    public void What_is_refused_makes_a_router_degraded_with_the_reason()
    {
        _health.Answered("/interface was refused: not enough permissions (9).", Quick);

        Assert.Equal((RouterState.Degraded, "/interface was refused: not enough permissions (9)."), (_health.State, _health.Reason));
    }

    [Fact]
    public void Back_off_doubles_from_five_seconds_to_fifteen_minutes()
    {
        _health.Answered(null, Quick);
        Assert.Equal(TimeSpan.FromSeconds(10), _health.NextIn(0.9));

        var waits = new List<double>();
        for (var i = 0; i < 10; i++)
        {
            Misses(1);
            waits.Add(_health.NextIn(0.5).TotalSeconds);
        }

        Assert.Equal([5, 10, 20, 40, 80, 160, 320, 640, 900, 900], waits);
    }

    [Fact]
    public void Back_off_is_spread_by_a_fifth_either_way_and_never_ends() =>
        Prop.ForAll(Gen.Choose(1, 100_000).ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (failures, chance) =>
        {
            var health = new RouterHealth(new PollingOptions());
            for (var i = 0; i < Math.Min(failures, 200); i++)
            {
                health.Missed((MissKind)(failures % 3), "Gone.", heardByRadius: false);
            }

            Assert.InRange(health.NextIn(chance / 1000.0), TimeSpan.FromSeconds(4), TimeSpan.FromMinutes(18));
        }).QuickCheckThrowOnFailure();

    private List<RouterState> Misses(int count)
    {
        var states = new List<RouterState>();
        for (var i = 0; i < count; i++)
        {
            _health.Missed(MissKind.NoAnswer, "Gone.", heardByRadius: false);
            states.Add(_health.State);
        }

        return states;
    }
}
