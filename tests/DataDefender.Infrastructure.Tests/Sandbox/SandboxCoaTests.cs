using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;
using DataDefender.Testing;

namespace DataDefender.Infrastructure.Tests.Sandbox;

/// <summary>CoA and Disconnect-Requests, made by the codec and by FreeRADIUS' radclient.</summary>
public sealed class SandboxCoaTests
{
    [Fact]
    public async Task A_coa_changes_rate_list_and_time_without_dropping_the_line()
    {
        await using var server = Accepting();
        await using var world = await SandboxNasTests.StartAsync(server, SandboxNasTests.Line("wanjiku", mbps: 50));
        var router = await OnlineAsync(world);
        var id = router.Nas.Session("wanjiku")!.Id;

        var reply = await AskAsync(router, new RadiusMessage(RadiusCode.CoaRequest, 1)
            .Add("User-Name", "wanjiku").Add("Acct-Session-Id", id).Add("Framed-IP-Address", "100.64.9.9").Add("NAS-IP-Address", "127.0.0.1")
            .Add("Mikrotik-Rate-Limit", "256k/512k").Add("Mikrotik-Address-List", "suspended").Add("Session-Timeout", 600u));

        Assert.Equal(RadiusCode.CoaAck, reply!.Code);
        var session = router.Nas.Session("wanjiku")!;
        Assert.Equal((id, "256k/512k", "suspended", true), (session.Id, session.RateLimit, session.AddressList, session.IsWalled));
        Assert.Equal("256000/512000", router.Read("/queue/simple", "<pppoe-wanjiku>", "max-limit"));
        Assert.InRange(session.SessionTimeout!.Value.TotalSeconds, 600, 610);
        Assert.InRange(session.DownloadRate, 0, 30_000);

        await AskAsync(router, new RadiusMessage(RadiusCode.CoaRequest, 2).Add("User-Name", "wanjiku").Add("Mikrotik-Address-List", "active"));
        Assert.False(router.Nas.Session("wanjiku")!.IsWalled);
    }

    [Theory]
    [InlineData(RadiusErrorCause.SessionContextNotFound, "User-Name", "nobody", "Mikrotik-Rate-Limit", "1M")]
    [InlineData(RadiusErrorCause.SessionContextNotFound, "Framed-IP-Address", "10.0.0.1", "Mikrotik-Rate-Limit", "1M")]
    [InlineData(RadiusErrorCause.UnsupportedAttribute, "User-Name", "wanjiku", "Framed-Pool", "other")]
    [InlineData(RadiusErrorCause.InvalidAttributeValue, "User-Name", "wanjiku", "Mikrotik-Rate-Limit", "fast")]
    [InlineData(RadiusErrorCause.MissingAttribute, "NAS-Port-Id", "ether2", "Mikrotik-Rate-Limit", "1M")]
    [InlineData(RadiusErrorCause.NasIdentificationMismatch, "NAS-IP-Address", "10.9.9.9", "User-Name", "wanjiku")]
    public async Task What_cannot_be_done_is_refused_with_its_cause(RadiusErrorCause cause, string name, string value, string otherName, string otherValue)
    {
        await using var server = Accepting();
        await using var world = await SandboxNasTests.StartAsync(server, SandboxNasTests.Line("wanjiku"));
        var router = await OnlineAsync(world);

        var reply = await AskAsync(router, new RadiusMessage(RadiusCode.CoaRequest, 1).Add(name, value).Add(otherName, otherValue));

        Assert.Equal((RadiusCode.CoaNak, (uint)cause), (reply!.Code, reply.GetNumber("Error-Cause")));
        Assert.Null(router.Nas.Session("wanjiku")!.RateLimit);
    }

    [Fact]
    public async Task A_disconnect_ends_the_session_and_the_device_dials_again()
    {
        await using var server = Accepting();
        await using var world = await SandboxNasTests.StartAsync(server, SandboxNasTests.Line("wanjiku"));
        var router = await OnlineAsync(world);
        var first = router.Nas.Session("wanjiku")!.Id;

        var reply = await AskAsync(router, new RadiusMessage(RadiusCode.DisconnectRequest, 1).Add("Acct-Session-Id", first));
        Assert.Equal(RadiusCode.DisconnectAck, reply!.Code);
        var stop = await server.NextAsync(AcctStatusType.Stop);
        Assert.Equal(("Admin-Reset", first), (stop.Message["Acct-Terminate-Cause"], stop.Message["Acct-Session-Id"]));

        world.Clock.Advance(TimeSpan.FromSeconds(10));
        await OnlineAsync(world);
        Assert.NotEqual(first, router.Nas.Session("wanjiku")!.Id);
        var again = await AskAsync(router, new RadiusMessage(RadiusCode.DisconnectRequest, 2).Add("Acct-Session-Id", first));
        Assert.Equal((RadiusCode.DisconnectNak, 503u), (again!.Code, again.GetNumber("Error-Cause")));
    }

    [Fact]
    public async Task A_retransmitted_request_gets_the_same_answer()
    {
        await using var server = Accepting();
        await using var world = await SandboxNasTests.StartAsync(server, SandboxNasTests.Line("wanjiku"));
        var router = await OnlineAsync(world);
        var packet = new RadiusMessage(RadiusCode.DisconnectRequest, 9).Add("User-Name", "wanjiku").EncodeRequest(server.Secret);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var first = await ExchangeAsync(socket, packet, router.CoaEndPoint!);
        var second = await ExchangeAsync(socket, packet, router.CoaEndPoint!);

        Assert.Equal((byte)RadiusCode.DisconnectAck, first![0]);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task A_wrong_secret_is_met_with_silence()
    {
        await using var server = Accepting();
        await using var world = await SandboxNasTests.StartAsync(server, SandboxNasTests.Line("wanjiku"));
        var router = await OnlineAsync(world);

        Assert.Null(await AskAsync(router, new RadiusMessage(RadiusCode.DisconnectRequest, 1).Add("User-Name", "wanjiku"), "wrong"));

        Assert.Equal(1, router.Nas.Online);
        Assert.Equal(1, router.Nas.Counters.CoaBadRequests);
    }

    [Fact]
    public async Task Incoming_obeys_its_menu_and_the_faults()
    {
        await using var server = Accepting();
        await using var world = await SandboxNasTests.StartAsync(server, SandboxNasTests.Line("wanjiku"));
        var router = await OnlineAsync(world);
        var change = new RadiusMessage(RadiusCode.CoaRequest, 1).Add("User-Name", "wanjiku").Add("Mikrotik-Rate-Limit", "1M");

        router.Faults.On(Fault.NakCoa, new FaultSetting(Times: 1));
        Assert.Equal(501u, (await AskAsync(router, change))!.GetNumber("Error-Cause"));
        router.Faults.On(Fault.IgnoreCoa, new FaultSetting(Times: 1));
        Assert.Null(await AskAsync(router, change));
        Assert.Equal(RadiusCode.CoaAck, (await AskAsync(router, change))!.Code);

        await using var client = await RawRouterClient.LoginAsync(router.ApiEndPoint!);
        await client.CallAsync("/radius/incoming/set", "=accept=no");
        Assert.Null(router.CoaEndPoint);
        await client.CallAsync("/radius/incoming/set", "=accept=yes");
        Assert.Equal(RadiusCode.CoaAck, (await AskAsync(router, change))!.Code);
    }

    [Fact]
    public async Task Radclient_agrees_about_coa_and_disconnect()
    {
        var radclient = Requires.Program("radclient", "radclient (freeradius-utils) is not installed.");

        await using var server = Accepting();
        await using var world = await SandboxNasTests.StartAsync(server, SandboxNasTests.Line("wanjiku"));
        var router = await OnlineAsync(world);

        Assert.Contains("Received CoA-ACK", await RadclientAsync(radclient, router, "coa", "User-Name = \"wanjiku\"\nMikrotik-Rate-Limit = \"1M/3M\""), StringComparison.Ordinal);
        Assert.Equal("1M/3M", router.Nas.Session("wanjiku")!.RateLimit);
        var refused = await RadclientAsync(radclient, router, "disconnect", "User-Name = \"nobody\"");
        Assert.Contains("Received Disconnect-NAK", refused, StringComparison.Ordinal);
        Assert.Contains("Session-Context-Not-Found", refused, StringComparison.Ordinal);
        Assert.Contains("Received Disconnect-ACK", await RadclientAsync(radclient, router, "disconnect", "User-Name = \"wanjiku\""), StringComparison.Ordinal);
        Assert.Equal(0, router.Nas.Online);
    }

    private static MinimalRadiusServer Accepting() => new(request => MinimalRadiusServer.Accept(request));

    private static async Task<SimulatedRouter> OnlineAsync(SandboxWorld world)
    {
        await world.Routers[0].Nas.UntilAsync(n => n.Online == 1);
        return world.Routers[0];
    }

    private static async Task<RadiusMessage?> AskAsync(SimulatedRouter router, RadiusMessage request, string secret = MinimalRadiusServer.SecretText)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var key = new RadiusSecret(secret);
        var answer = await ExchangeAsync(socket, request.EncodeRequest(key), router.CoaEndPoint!);
        if (answer is null)
        {
            return null;
        }

        Assert.True(RadiusPacket.TryRead(answer, out var packet, out _));
        Assert.True(RadiusSignature.HasValidResponseAuthenticator(packet, request.Authenticator.Span, key));
        return RadiusMessage.From(packet);
    }

    private static async Task<byte[]?> ExchangeAsync(Socket socket, byte[] packet, IPEndPoint at)
    {
        var buffer = new byte[4096];
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(700));
        await socket.SendToAsync(packet, SocketFlags.None, at);
        try
        {
            return buffer[..await socket.ReceiveAsync(buffer, limit.Token)];
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task<string> RadclientAsync(string radclient, SimulatedRouter router, string kind, string attributes)
    {
        using var process = Process.Start(new ProcessStartInfo(radclient, ["-x", "-r", "1", "-t", "5", router.CoaEndPoint!.ToString(), kind, MinimalRadiusServer.SecretText])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        await process.StandardInput.WriteLineAsync(attributes);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return string.Create(CultureInfo.InvariantCulture, $"{output}(exit {process.ExitCode})");
    }
}
