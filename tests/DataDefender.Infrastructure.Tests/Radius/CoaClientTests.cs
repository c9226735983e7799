using System.Globalization;
using System.Net;
using DataDefender.Domain.Network;
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

    [Theory]
    [InlineData(NasVendor.Cisco, "Cisco-AVPair=ip:sub-qos-policy-in=DD-IN-5000 Cisco-AVPair=ip:sub-qos-policy-out=DD-OUT-10000")]
    [InlineData(NasVendor.Huawei, "Huawei-Input-Average-Rate=5000000 Huawei-Input-Peak-Rate=8000000 Huawei-Output-Average-Rate=10000000 Huawei-Output-Peak-Rate=16000000")]
    [InlineData(NasVendor.Standard, "WISPr-Bandwidth-Max-Up=5000000 WISPr-Bandwidth-Max-Down=10000000")]
    [InlineData(NasVendor.MikroTik, "Mikrotik-Rate-Limit=5M/10M 8M/16M 4M/8M 10/10")]
    public async Task A_new_speed_is_told_in_the_vendors_attributes_and_no_others(NasVendor vendor, string attributes)
    {
        RadiusMessage? heard = null;
        await using var nas = Nas(request =>
        {
            heard = request;
            return request.CreateReply(RadiusCode.CoaAck);
        });

        Assert.IsType<CoaOutcome.Acknowledged>(await _coa.ChangeAsync(new CoaTarget(nas.Endpoint, Secret, vendor), Session, new CoaChange("5M/10M 8M/16M 4M/8M 10/10")));

        Assert.Equal(attributes, string.Join(' ', heard!.Attributes.Where(a => a.Vendor != 0).Select(a => $"{a.Name}={(a.Definition!.Type is RadiusDataType.Text ? a.Text : a.Number?.ToString(CultureInfo.InvariantCulture))}")));
    }

    [Fact] // RFC 5176 §2.3: a NAS that does not support an attribute refuses the whole request
    public async Task A_list_is_told_to_a_NAS_of_the_standard_as_Filter_Id_which_it_may_refuse()
    {
        RadiusMessage? heard = null;
        await using var nas = Nas(request =>
        {
            heard = request;
            return request.CreateReply(RadiusCode.CoaNak).Add("Error-Cause", "Unsupported-Attribute");
        });

        var outcome = await _coa.ChangeAsync(new CoaTarget(nas.Endpoint, Secret, NasVendor.Standard), Session, new CoaChange("512k/512k", "0x10"));

        Assert.Equal("0x10", heard!.GetText("Filter-Id"));
        Assert.Equal(RadiusErrorCause.UnsupportedAttribute, Assert.IsType<CoaOutcome.Refused>(outcome).Cause);
    }

    [Fact]
    public async Task A_user_and_a_session_whose_names_begin_with_0x_are_named_as_they_are()
    {
        RadiusMessage? heard = null;
        await using var nas = Nas(request =>
        {
            heard = request;
            return request.CreateReply(RadiusCode.DisconnectAck);
        });

        Assert.IsType<CoaOutcome.Acknowledged>(await _coa.DisconnectAsync(new CoaTarget(nas.Endpoint, Secret), new CoaSession("0xbeef", "0x80100014")));

        Assert.Equal(("0xbeef", "0x80100014"), (heard!.GetText("User-Name"), heard.GetText("Acct-Session-Id")));
    }

    [Theory]
    [InlineData(NasVendor.Ubiquiti, "512k/512k", null, "does not change an open one")]
    [InlineData(NasVendor.Cisco, "512k/512k", "suspended", "when a session begins")]
    [InlineData(NasVendor.Huawei, "not a rate", null, "cannot be told to Huawei")]
    public async Task What_a_vendor_cannot_do_to_an_open_session_is_not_sent_and_says_why(NasVendor vendor, string rate, string? list, string why)
    {
        await using var nas = Nas(request => request.CreateReply(RadiusCode.CoaAck));

        var outcome = await _coa.ChangeAsync(new CoaTarget(nas.Endpoint, Secret, vendor), Session, new CoaChange(rate, list));

        Assert.Contains(why, Assert.IsType<CoaOutcome.NotPossible>(outcome).Text, StringComparison.Ordinal);
        Assert.Empty(nas.Received);
    }

    [Theory]
    [InlineData(NasVendor.MikroTik)]
    [InlineData(NasVendor.Cisco)]
    [InlineData(NasVendor.Ubiquiti)]
    [InlineData(NasVendor.Huawei)]
    [InlineData(NasVendor.Standard)]
    public async Task Every_vendors_session_is_ended_by_the_same_standard_request(NasVendor vendor)
    {
        RadiusMessage? heard = null;
        await using var nas = Nas(request =>
        {
            heard = request;
            return request.CreateReply(RadiusCode.DisconnectAck);
        });

        Assert.IsType<CoaOutcome.Acknowledged>(await _coa.DisconnectAsync(new CoaTarget(nas.Endpoint, Secret, vendor), Session));

        Assert.Equal(["User-Name", "Acct-Session-Id", "Framed-IP-Address", "NAS-IP-Address", "Event-Timestamp"], heard!.Attributes.Select(a => a.Name));
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
