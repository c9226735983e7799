using System.Net;
using DataDefender.RadiusHost.RadSec;

namespace DataDefender.RadiusHost.Tests.RadSec;

/// <summary>Who connects and proves nothing takes no room from who does.</summary>
public sealed class RadSecHandshakesTests
{
    private readonly RadSecHandshakes _handshakes = new(new RadSecOptions { RadSecHandshakes = 3, RadSecConnectionsPerAddress = 2 });

    [Fact]
    public void When_there_are_too_many_the_one_that_has_lasted_the_longest_is_given_up_and_the_new_one_begins()
    {
        using var silent = new CancellationTokenSource();
        using var others = new CancellationTokenSource();
        Assert.NotNull(_handshakes.Begin(IPAddress.Parse("192.0.2.1"), silent));
        Assert.NotNull(_handshakes.Begin(IPAddress.Parse("192.0.2.2"), others));
        Assert.NotNull(_handshakes.Begin(IPAddress.Parse("192.0.2.3"), others));

        Assert.NotNull(_handshakes.Begin(IPAddress.Parse("192.0.2.4"), others));

        Assert.True(silent.IsCancellationRequested);
        Assert.False(others.IsCancellationRequested);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8::1", "2001:db8::ffff:2")]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1")]
    public void One_source_has_so_many_under_way_and_of_IPv6_one_network_is_one_source(string address, string same)
    {
        using var patience = new CancellationTokenSource();
        var first = _handshakes.Begin(IPAddress.Parse(address), patience);
        Assert.NotNull(_handshakes.Begin(IPAddress.Parse(same), patience));

        Assert.Null(_handshakes.Begin(IPAddress.Parse(same), patience));
        Assert.NotNull(_handshakes.Begin(IPAddress.Parse("198.51.100.1"), patience));

        first!.Dispose();
        first.Dispose();
        Assert.NotNull(_handshakes.Begin(IPAddress.Parse(same), patience));
    }
}
