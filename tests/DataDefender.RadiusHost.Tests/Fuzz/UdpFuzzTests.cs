using System.Net;
using System.Net.Sockets;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Status;

namespace DataDefender.RadiusHost.Tests.Fuzz;

/// <summary>A share of the same packets through the sockets of a running host, down to the database.</summary>
public sealed class UdpFuzzTests(FuzzTests.WithLine fixture) : IClassFixture<FuzzTests.WithLine>
{
    private const int OverUdp = 20_000;

    [Fact]
    public async Task Over_UDP_it_goes_on_answering_and_what_it_acknowledged_reaches_the_database()
    {
        var (counters, packets, buffer) = (fixture.Host.Counters, new FuzzPackets(FuzzTests.Seed + 1, new RadiusSecret(HostFixture.Secret), FuzzTests.Username, HostFixture.Password), new byte[RadiusPacket.MaxLength]);
        var before = (Received: counters.Authentication.Received + counters.Accounting.Received, Fates: Fates(counters));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        for (var i = 1; i <= OverUdp; i++)
        {
            var datagram = packets.Next(buffer);
            await socket.SendToAsync(buffer.AsMemory(0, datagram.Length), datagram.ToAccounting ? fixture.Host.Accounting : fixture.Host.Authentication);
            if (i % 200 == 0)
            {
                // Both ports answer a known request, so that what was sent before has been taken and no buffer overflows.
                var client = fixture.Host.Client();
                Assert.Equal(RadiusCode.AccessAccept, (await client.StatusAsync()).Code);
                Assert.Equal(RadiusCode.AccountingResponse, (await client.AskAsync(client.AccountingRequest(AcctStatusType.InterimUpdate, FuzzTests.Username, "between"))).Code);
            }
        }

        var login = await fixture.Host.Client().PapAsync(FuzzTests.Witness, HostFixture.Password);

        Assert.Equal(RadiusCode.AccessAccept, login.Code);
        await Eventually.Is(() => counters.Authentication.Received + counters.Accounting.Received - before.Received >= OverUdp);
        await Eventually.Is(() => counters.Authentication.Received + counters.Accounting.Received - before.Received == Fates(counters) - before.Fates);
        Assert.Equal(0, counters.Dropped(DropReason.InternalError));
        await Eventually.Is(() => Task.FromResult(fixture.Host.Service<Pulse>().Depth == 0), TimeSpan.FromMinutes(2)); // each NAS restart among them is a transaction of its own
    }

    private static long Fates(HostCounters counters) =>
        counters.Authentication.Answered + counters.Accounting.Answered + Enum.GetValues<DropReason>().Sum(counters.Dropped);
}
