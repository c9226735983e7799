using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;

namespace DataDefender.Domain.Tests.Subscriptions;

public sealed class LineBindingTests
{
    private const string Mac = "4C:5E:0C:11:22:33";
    private const string Other = "4C:5E:0C:44:55:66";
    private static readonly Guid Nas = Guid.CreateVersion7();

    [Fact]
    public void A_line_that_is_bound_to_nothing_takes_anybody() => Assert.Null(LineBinding.None.Refuse(null, new CallerFacts(null, Nas, null)));

    [Fact]
    public void A_locked_line_takes_its_caller_and_those_listed_beside_it()
    {
        var binding = new LineBinding { MoreCallers = [Other] };

        Assert.Null(binding.Refuse(Mac, From(Mac)));
        Assert.Null(binding.Refuse(Mac, From(Other)));
        Assert.Null(binding.Refuse(null, From(Other)));
        Assert.Equal(LoginOutcome.WrongCaller, binding.Refuse(null, From(Mac))?.Outcome);
        Assert.Equal(LoginOutcome.WrongCaller, LineBinding.None.Refuse(Mac, From(Other))?.Outcome);
        Assert.Equal(LoginOutcome.WrongCaller, LineBinding.None.Refuse(Mac, From(null))?.Outcome);
    }

    [Fact]
    public void The_first_caller_of_a_line_that_learns_becomes_its_lock_and_the_second_does_not()
    {
        var line = new Subscription(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), "wanjiku", new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.False(line.Learn(Mac)); // it was not told to

        line.Bind(new LineBinding { LearnsCaller = true });

        Assert.Null(line.Binding.Refuse(line.CallerLock, From(Mac)));
        Assert.True(line.Learn(Mac));
        Assert.False(line.Learn(Other));
        Assert.Equal(Mac, line.CallerLock);
        Assert.Equal(LoginOutcome.WrongCaller, line.Binding.Refuse(line.CallerLock, From(Other))?.Outcome);
    }

    [Fact]
    public void A_line_bound_to_a_place_logs_in_only_there()
    {
        var binding = new LineBinding { NasId = Nas, PortId = "ether2", Vlan = null };

        Assert.Null(binding.Refuse(null, new CallerFacts(Mac, Nas, "Ether2")));
        Assert.Null(binding.Refuse(null, new CallerFacts(Mac, Nas, "vlan7", "ether2")));
        Assert.Equal(LoginOutcome.WrongPlace, binding.Refuse(null, new CallerFacts(Mac, Nas, "ether3"))?.Outcome);
        Assert.Equal(LoginOutcome.WrongPlace, binding.Refuse(null, new CallerFacts(Mac, Guid.CreateVersion7(), "ether2"))?.Outcome);
    }

    [Fact]
    public void A_line_bound_to_a_vlan_is_known_by_the_name_of_its_port()
    {
        var binding = new LineBinding { Vlan = 100 };

        Assert.Null(binding.Refuse(null, new CallerFacts(Mac, Nas, "vlan100")));
        Assert.Null(binding.Refuse(null, new CallerFacts(Mac, Nas, "bras", "olt-1 eth 1/1/3:100")));
        Assert.Equal(LoginOutcome.WrongPlace, binding.Refuse(null, new CallerFacts(Mac, Nas, "vlan1000"))?.Outcome);
        Assert.Equal(LoginOutcome.WrongPlace, binding.Refuse(null, new CallerFacts(Mac, Nas, null))?.Outcome);
    }

    [Theory]
    [InlineData("vlan100", 100)]
    [InlineData("VLAN-100", 100)]
    [InlineData("ether2.100", 100)]
    [InlineData("100", 100)]
    [InlineData("access-node eth 1/1/3:100", 100)] // RFC 4679 §3.3.1
    [InlineData("eth 0/1:200.100", 100)]           // two tags: the inner one
    [InlineData("ether2", null)]
    [InlineData("sfp-sfpplus1", null)]
    [InlineData("vlan4095", null)]
    [InlineData("vlan0", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_vlan_is_read_from_the_end_of_a_ports_name(string? port, int? vlan) => Assert.Equal(vlan, LineBinding.VlanOf(port));

    [Theory]
    [InlineData(" 2001:DB8:12:3400::/56 ", "2001:db8:12:3400::/56")]
    [InlineData("2001:db8::/32", "2001:db8::/32")]
    [InlineData("2001:db8::1/64", "2001:db8::/64")] // what stands after the length is no part of a prefix
    [InlineData("2001:db8::/24", null)]
    [InlineData("2001:db8::/128", null)]
    [InlineData("10.0.0.0/8", null)]
    [InlineData("", null)]
    public void A_delegated_prefix_has_one_form(string typed, string? stored) => Assert.Equal(stored, DelegatedPrefix.Normalise(typed));

    [Fact]
    public void A_prefix_within_another_overlaps_it()
    {
        Assert.True(DelegatedPrefix.Overlap("2001:db8::/48", "2001:db8:0:ff00::/56"));
        Assert.True(DelegatedPrefix.Overlap("2001:db8:0:ff00::/56", "2001:db8::/48"));
        Assert.False(DelegatedPrefix.Overlap("2001:db8::/56", "2001:db8:0:100::/56"));
    }

    private static CallerFacts From(string? mac) => new(mac, Nas, "ether2");
}
