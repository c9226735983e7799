using System.Net;
using DataDefender.Infrastructure.Radius;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Tests.Radius;

public sealed class CoaClientTests
{
    private static readonly RadiusSecret Secret = new("a secret");
    private static readonly CoaSession Session = new("bob", "80100014", IPAddress.Parse("10.0.0.9"), IPAddress.Parse("192.0.2.1"));

    private readonly CoaClient _coa = new(new RadiusClient(TimeProvider.System), TimeProvider.System);

    [Fact]
    public async Task A_session_is_named_in_every_way_and_changed()
    {
        RadiusMessage? heard = null;
        await using var nas = Nas(request =>
        {
            heard = request;
            return request.CreateReply(RadiusCode.CoaAck);
        });

        var outcome = await _coa.ChangeAsync(
            new CoaTarget(nas.Endpoint, Secret), Session, new CoaChange("5M/10M", "walled-garden", TimeSpan.FromHours(1)));

        Assert.IsType<CoaOutcome.Acknowledged>(outcome);
        Assert.Equal(RadiusCode.CoaRequest, heard!.Code);
        Assert.Equal("bob", heard["User-Name"]);
        Assert.Equal("80100014", heard["Acct-Session-Id"]);
        Assert.Equal("10.0.0.9", heard["Framed-IP-Address"]);
        Assert.Equal("192.0.2.1", heard["NAS-IP-Address"]);
        Assert.Equal("5M/10M", heard["Mikrotik-Rate-Limit"]);
        Assert.Equal("walled-garden", heard["Mikrotik-Address-List"]);
        Assert.Equal("3600", heard["Session-Timeout"]);
    }

    [Fact]
    public async Task A_session_is_ended()
    {
        await using var nas = Nas(request => request.CreateReply(request.Code == RadiusCode.DisconnectRequest ? RadiusCode.DisconnectAck : RadiusCode.CoaNak));

        Assert.IsType<CoaOutcome.Acknowledged>(await _coa.DisconnectAsync(new CoaTarget(nas.Endpoint, Secret), Session));
    }

    [Fact] // RFC 5176 §3.5
    public async Task A_refusal_says_why()
    {
        await using var nas = Nas(request => request.CreateReply(RadiusCode.DisconnectNak).Add("Error-Cause", "Session-Context-Not-Found"));

        var outcome = await _coa.DisconnectAsync(new CoaTarget(nas.Endpoint, Secret), Session);

        Assert.Equal(new CoaOutcome.Refused(RadiusErrorCause.SessionContextNotFound, "Session-Context-Not-Found"), outcome);
    }

    [Fact]
    public async Task A_refusal_without_a_cause_is_still_a_refusal()
    {
        await using var nas = Nas(request => request.CreateReply(RadiusCode.CoaNak));

        var outcome = await _coa.ChangeAsync(new CoaTarget(nas.Endpoint, Secret), Session, new CoaChange("1M"));

        Assert.Equal(RadiusErrorCause.None, Assert.IsType<CoaOutcome.Refused>(outcome).Cause);
    }

    [Fact]
    public async Task A_router_with_another_secret_is_named_as_such()
    {
        await using var nas = Nas(request => request.CreateReply(RadiusCode.DisconnectAck), new RadiusSecret("another"));

        var outcome = await _coa.DisconnectAsync(new CoaTarget(nas.Endpoint, Secret), Session);

        Assert.Contains("secret", Assert.IsType<CoaOutcome.NoAnswer>(outcome).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_router_is_asked_three_times()
    {
        await using var nas = new RadiusResponder(_ => []);

        var outcome = await _coa.DisconnectAsync(new CoaTarget(nas.Endpoint, Secret), Session);

        Assert.IsType<CoaOutcome.NoAnswer>(outcome);
        Assert.Equal(3, nas.Received.Count);
    }

    [Fact]
    public async Task A_change_of_nothing_is_not_sent() =>
        await Assert.ThrowsAsync<ArgumentException>(() => _coa.ChangeAsync(new CoaTarget(new IPEndPoint(IPAddress.Loopback, 9), Secret), Session, new CoaChange()));

    // Checks the request as a NAS does before it answers.
    private static RadiusResponder Nas(Func<RadiusMessage, RadiusMessage> answer, RadiusSecret? replySecret = null) => new(datagram =>
    {
        Assert.True(RadiusPacket.TryRead(datagram, out var packet, out _));
        Assert.True(RadiusSignature.HasValidRequestAuthenticator(packet, Secret));
        var request = RadiusMessage.From(packet);
        return [answer(request).EncodeReply(replySecret ?? Secret, request.Authenticator)];
    });
}
