using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Tests.Fuzz;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.Tests;

/// <summary>Datagrams that are read together have one time, but still an order.</summary>
public sealed class RestartOrderTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private const string SessionId = "8010aa01";

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task A_session_that_starts_right_after_its_NAS_is_open_and_one_that_started_right_before_is_over(bool restartFirst, int open)
    {
        var line = await fixture.AddLineAsync(restartFirst ? "restarted" : "restarting");
        using var target = new FuzzTarget(fixture.Host, fixture.Database.Folder.CreateSubdirectory(line.Username).FullName);
        var client = fixture.Host.Client();
        var restart = client.AccountingRequest(AcctStatusType.AccountingOn, "", "boot").EncodeRequest(client.Secret);
        var start = client.AccountingRequest(AcctStatusType.Start, line.Username, SessionId).EncodeRequest(client.Secret);
        var batch = new DatagramBatch(2);
        foreach (var octets in restartFirst ? new[] { restart, start } : [start, restart])
        {
            octets.CopyTo(batch.RequestBuffer(batch.Count));
            batch.Add(octets.Length, new Peer(((UInt128)0xFFFF << 32) | 0x7F00_0001, 1813));
        }

        target.Accounting.Handle(batch);

        var lines = fixture.Host.Service<LineDirectory>();
        var state = lines.Content.Companies[fixture.Company.Id].Find(line.Id)!.Line;
        Assert.Single(state.Sessions);
        Assert.Equal(open, state.CountOthers(lines.NasState(fixture.Nas.Id), caller: 0, port: 0, staleBefore: 1));
    }
}
