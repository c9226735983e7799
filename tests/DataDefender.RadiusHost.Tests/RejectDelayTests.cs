using System.Diagnostics;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Status;
using DataDefender.Testing;

namespace DataDefender.RadiusHost.Tests;

[Collection(nameof(Alone))]
public sealed class RejectDelayTests(RejectDelayTests.WithDelay fixture) : IClassFixture<RejectDelayTests.WithDelay>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_reject_waits_its_second_and_holds_up_nobody_else()
    {
        await fixture.AddLineAsync("patient");
        var client = fixture.Host.Client();
        var watch = Stopwatch.StartNew();
        var rejects = Enumerable.Range(0, 50).Select(i => client.PapAsync($"nobody-{i}", "x")).ToList();

        Assert.Equal(RadiusCode.AccessAccept, (await client.PapAsync("patient", HostFixture.Password)).Code);
        Assert.True(watch.Elapsed < TimeSpan.FromMilliseconds(700), $"The accept took {watch.Elapsed.TotalMilliseconds:0} ms.");
        Assert.All(await Task.WhenAll(rejects), r => Assert.Equal(RadiusCode.AccessReject, r.Code));
        Assert.InRange(watch.Elapsed.TotalMilliseconds, 800, 4000);
    }

    [Fact] // RFC 5080 §2.2.2
    public async Task A_retransmission_during_the_delay_gets_no_second_answer_and_after_it_the_same_one()
    {
        var client = fixture.Host.Client();
        var octets = client.PppoeRequest("impatient").AddPapPassword("x", client.Secret).EncodeRequest(client.Secret);
        var before = fixture.Host.Counters.Dropped(DropReason.DuplicateInProgress);
        using var socket = new RawSocket(fixture.Host.Authentication);

        await socket.SendAsync(octets);
        var first = await socket.AskAsync(octets, Patience);
        var again = await socket.AskAsync(octets, Patience);

        Assert.Equal(RadiusCode.AccessReject, (RadiusCode)first![0]);
        Assert.Equal(first, again);
        Assert.Equal(before + 1, fixture.Host.Counters.Dropped(DropReason.DuplicateInProgress));
    }

    public sealed class WithDelay : HostFixture
    {
        protected override (string Key, string Value)[] Settings => [("Radius:RejectDelayMilliseconds", "800")];
    }
}
