using System.Net;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Access;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Status;
using DataDefender.RadiusHost.Tests.Fuzz;
using DataDefender.RadiusHost.Udp;
using DataDefender.Testing;
using Microsoft.Extensions.Options;

namespace DataDefender.RadiusHost.Tests;

/// <summary>A source that sends too much, known or not, costs little and takes nothing from the others.</summary>
public sealed class SourceLimitTests(SourceLimitTests.Limited fixture) : IClassFixture<SourceLimitTests.Limited>
{
    private const int PerSecond = 100;
    private const string OtherAddress = "127.0.0.2";

    [Fact]
    public void Twice_the_rate_may_come_at_once_and_the_rate_from_then_on()
    {
        var limit = new SourceLimit();
        const long Second = 1_000_000;
        int Take(long from, int tries) => Enumerable.Range(0, tries).Count(i => limit.TryTake(from + i, Second / PerSecond, Second));

        Assert.InRange(Take(5 * Second, 1000), 2 * PerSecond, (2 * PerSecond) + 1);
        Assert.InRange(Take(6 * Second, 1000), PerSecond - 1, PerSecond + 1);
        Assert.InRange(Take(60 * Second, 1000), 2 * PerSecond, (2 * PerSecond) + 1);
    }

    [Fact]
    public async Task A_NAS_gone_mad_is_held_to_its_rate_while_another_is_answered_and_metrics_tell_which()
    {
        using var mad = new RawSocket(fixture.Host.Authentication);
        using var other = new RawSocket(fixture.Host.Authentication, IPAddress.Parse(OtherAddress));
        for (var i = 0; i < 10 * PerSecond; i++)
        {
            await mad.SendAsync(Status());
        }

        Assert.NotNull(await other.AskAsync(Status(), TimeSpan.FromSeconds(5)));

        await Eventually.Is(() => fixture.Host.Counters.Authentication.Received > 10 * PerSecond);
        var dropped = fixture.Host.Counters.Authentication.Dropped(DropReason.RateLimited);
        Assert.InRange(dropped, 1, 8 * PerSecond);
        Assert.Equal(dropped, fixture.Host.Service<LineDirectory>().NasState(fixture.Nas.Id).Counters.Limited.Value
            + fixture.Host.Service<LineDirectory>().NasState(fixture.OldNas.Id).Counters.Limited.Value); // both are behind 127.0.0.1
        using var http = fixture.Host.Http();
        var text = await http.GetStringAsync("/metrics");
        Assert.Contains($"radius_dropped_total{{port=\"authentication\",reason=\"RateLimited\"}} {dropped}", text, StringComparison.Ordinal);
        Assert.Contains("radius_nas_limited_total{nas=", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flood_from_made_up_addresses_takes_no_memory_and_is_noted_a_few_times_only()
    {
        var folder = fixture.Database.Folder.CreateSubdirectory("strangers");
        using var target = new FuzzTarget(fixture.Host, folder.FullName);
        var batch = new DatagramBatch(64);
        void Flood(uint from)
        {
            batch.Clear();
            for (uint i = 0; i < batch.Capacity; i++)
            {
                batch.Add(200, new Peer(((UInt128)0xFFFF << 32) | (from + i), 1812));
            }

            target.Access.Handle(batch);
        }

        for (uint i = 0; i < 100; i++)
        {
            Flood(0x0A00_0000);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (uint i = 1; i <= 1000; i++)
        {
            Flood(0x0A00_0000 + (64 * i));
        }

        // A note in the log now and then may cost something, a packet nothing.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16_384);
        Assert.Equal(64 * 1100, target.Counters.Authentication.Dropped(DropReason.UnknownNas));
        Assert.Equal(32, target.Counters.UnknownSources.Newest().Count);
    }

    [Fact]
    public void A_rate_of_nothing_is_refused_at_the_start()
    {
        var refused = Assert.Throws<OptionsValidationException>(() => RunningHost.Prepare(fixture.Database, ("Radius:RequestsPerSecondPerNas", "0")));

        Assert.Contains("RequestsPerSecondPerNas", refused.Message, StringComparison.Ordinal);
    }

    private static byte[] Status() => new RadiusMessage(RadiusCode.StatusServer, 1).EncodeRequest(new RadiusSecret(HostFixture.Secret));

    public sealed class Limited : HostFixture
    {
        protected override (string Key, string Value)[] Settings => [("Radius:RequestsPerSecondPerNas", $"{PerSecond}")];

        protected override async Task PrepareAsync() => await Company.AddNasAsync(OtherAddress, Secret);
    }
}
