using System.Net;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Status;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests;

/// <summary>What is answered with silence, and counted.</summary>
public sealed class PacketRuleTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private RadiusTestClient Client => fixture.Host.Client();

    private HostCounters Counters => fixture.Host.Counters;

    [Fact] // RFC 2866 §3, RFC 3579 §3.2: silently discarded
    public async Task A_request_signed_with_another_secret_gets_no_answer_and_is_counted()
    {
        var before = Counters.Dropped(DropReason.BadAuthenticator);
        var stranger = fixture.Host.Client("not the secret");

        Assert.IsType<RadiusExchange.NoAnswer>(await stranger.ExchangeAsync(stranger.PppoeRequest("whoever").AddPapPassword("x", stranger.Secret)));
        Assert.IsType<RadiusExchange.NoAnswer>(await stranger.ExchangeAsync(stranger.AccountingRequest(AcctStatusType.Start, "whoever")));

        Assert.Equal(before + 2, Counters.Dropped(DropReason.BadAuthenticator));
    }

    [Fact] // RFC 2865 §3: a client that shares no secret
    public async Task A_source_that_is_no_NAS_gets_no_answer_and_is_remembered()
    {
        var before = Counters.Dropped(DropReason.UnknownNas);
        using var stranger = new RawSocket(fixture.Host.Authentication, IPAddress.Parse("127.0.0.99"));

        Assert.Null(await stranger.AskAsync(Client.PppoeRequest("whoever").AddPapPassword("x", Client.Secret).EncodeRequest(Client.Secret), Silence));

        Assert.Equal(before + 1, Counters.Dropped(DropReason.UnknownNas));
        Assert.Contains(Counters.UnknownSources.Newest(), s => s.Source.ToAddress().Equals(IPAddress.Parse("127.0.0.99")));
    }

    [Theory] // RFC 2865 §3, §5: lengths
    [InlineData(MalformedReason.DatagramTooShort, "01")]
    [InlineData(MalformedReason.LengthTooSmall, "0101001300000000000000000000000000000000")]
    [InlineData(MalformedReason.LengthBeyondDatagram, "0101004000000000000000000000000000000000")]
    [InlineData(MalformedReason.AttributeTooShort, "01010017000000000000000000000000000000000101ff")]
    [InlineData(MalformedReason.AttributeOverflow, "01010017000000000000000000000000000000000105ff")]
    [InlineData(MalformedReason.MessageAuthenticatorLength, "01010017000000000000000000000000000000005003ff")]
    public async Task A_malformed_datagram_gets_no_answer_and_is_counted_by_what_is_wrong(MalformedReason reason, string hex)
    {
        foreach (var (port, counters) in ((IPEndPoint, PortCounters)[])[(fixture.Host.Authentication, Counters.Authentication), (fixture.Host.Accounting, Counters.Accounting)])
        {
            var before = counters.Malformed(reason);
            using var socket = new RawSocket(port);

            Assert.Null(await socket.AskAsync(Convert.FromHexString(hex), Silence));

            Assert.Equal(before + 1, counters.Malformed(reason));
        }
    }

    [Fact] // RFC 2865 §3: at most 4096 octets
    public async Task A_datagram_longer_than_any_packet_does_not_stop_the_port()
    {
        await fixture.AddLineAsync("after-giant");
        using var socket = new RawSocket(fixture.Host.Authentication);

        await socket.SendAsync(new byte[20_000]);

        Assert.Equal(RadiusCode.AccessAccept, (await Client.PapAsync("after-giant", HostFixture.Password)).Code);
    }

    [Fact] // RFC 2865 §3: an invalid code
    public async Task A_code_that_does_not_belong_to_the_port_gets_no_answer()
    {
        var before = Counters.Dropped(DropReason.UnexpectedCode);
        using var socket = new RawSocket(fixture.Host.Authentication);

        Assert.Null(await socket.AskAsync(Client.AccountingRequest(AcctStatusType.Start, "x").EncodeRequest(Client.Secret), Silence));

        Assert.Equal(before + 1, Counters.Dropped(DropReason.UnexpectedCode));
    }

    [Fact] // RFC 3579 §3.2, against CVE-2024-3596
    public async Task Under_the_rule_Learn_a_NAS_that_has_once_signed_must_go_on_signing_also_after_a_restart()
    {
        var nas = await fixture.Company.AddNasAsync("127.0.0.1", HostFixture.Secret, identifier: "learning");
        await Known(nas);
        await fixture.AddLineAsync("learner");
        var client = fixture.Host.Client(identifier: "learning");
        using var socket = new RawSocket(fixture.Host.Authentication);

        Assert.NotNull(await socket.AskAsync(Unsigned(client, "learner"), Patience));
        Assert.Equal(RadiusCode.AccessAccept, (await client.PapAsync("learner", HostFixture.Password)).Code);
        Assert.Null(await socket.AskAsync(Unsigned(client, "learner"), Silence));

        await Eventually.Is(async () =>
        {
            await using var db = fixture.Company.Open();
            return await db.NasDevices.AnyAsync(n => n.Id == nas.Id && n.MessageAuthenticatorSeen);
        });
    }

    [Fact] // RFC 3579 §3.2: with EAP it is mandatory, so its presence there says nothing about PPP
    public async Task Under_the_rule_Learn_a_signed_EAP_request_does_not_lock_out_the_unsigned_logins_of_the_NAS()
    {
        await Known(await fixture.Company.AddNasAsync("127.0.0.1", HostFixture.Secret, identifier: "access-point"));
        await fixture.AddLineAsync("beside-eap");
        var client = fixture.Host.Client(identifier: "access-point");
        using var socket = new RawSocket(fixture.Host.Authentication);

        await client.AskAsync(client.PppoeRequest("somebody").AddOctets("EAP-Message", [2, 1, 0, 5, 1]));

        Assert.NotNull(await socket.AskAsync(Unsigned(client, "beside-eap"), Patience));
    }

    [Fact]
    public async Task What_was_learnt_is_forgotten_when_the_rule_is_set_anew_and_learnt_again_after_that()
    {
        var nas = await fixture.Company.AddNasAsync("127.0.0.1", HostFixture.Secret, identifier: "replaced");
        await Known(nas);
        await fixture.AddLineAsync("on-replaced");
        var client = fixture.Host.Client(identifier: "replaced");
        var state = fixture.Host.Service<LineDirectory>().NasState(nas.Id);
        using var socket = new RawSocket(fixture.Host.Authentication);
        await client.PapAsync("on-replaced", HostFixture.Password);
        await Eventually.Is(() => IsSeenAsync(nas.Id));
        Assert.Null(await socket.AskAsync(Unsigned(client, "on-replaced"), Silence));

        await SetRuleAsync(nas.Id, MessageAuthenticatorRule.Off);
        await SetRuleAsync(nas.Id, MessageAuthenticatorRule.Learn);

        await Eventually.Is(() => !state.MessageAuthenticatorSeen);
        Assert.NotNull(await socket.AskAsync(Unsigned(client, "on-replaced"), Patience));
        Assert.False(await IsSeenAsync(nas.Id));

        await client.PapAsync("on-replaced", HostFixture.Password);
        Assert.Null(await socket.AskAsync(Unsigned(client, "on-replaced"), Silence));
        await Eventually.Is(() => IsSeenAsync(nas.Id));
    }

    [Fact] // RFC 3579 §3.2, against CVE-2024-3596
    public async Task Under_the_rule_Required_an_unsigned_request_gets_no_answer()
    {
        var before = Counters.Dropped(DropReason.MessageAuthenticatorMissing);
        await Known(await fixture.Company.AddNasAsync("127.0.0.1", HostFixture.Secret, identifier: "strict", configure: n => n.MessageAuthenticator = MessageAuthenticatorRule.Required));
        using var socket = new RawSocket(fixture.Host.Authentication);

        Assert.Null(await socket.AskAsync(Unsigned(fixture.Host.Client(identifier: "strict"), "anyone"), Silence));

        Assert.Equal(before + 1, Counters.Dropped(DropReason.MessageAuthenticatorMissing));
    }

    [Fact] // RFC 2865 §5.33, what CVE-2024-3596 needs
    public async Task An_unsigned_request_with_a_Proxy_State_is_dropped_unless_the_rule_is_Off()
    {
        var before = Counters.Dropped(DropReason.ProxyStateWithoutMessageAuthenticator);
        await Known(await fixture.Company.AddNasAsync("127.0.0.1", HostFixture.Secret, identifier: "never-signed"));
        using var socket = new RawSocket(fixture.Host.Authentication);

        Assert.Null(await socket.AskAsync(UnsignedWithProxyState(fixture.Host.Client(identifier: "never-signed")), Silence));
        Assert.NotNull(await socket.AskAsync(UnsignedWithProxyState(fixture.Host.Client(identifier: "old-nas")), Patience));

        Assert.Equal(before + 1, Counters.Dropped(DropReason.ProxyStateWithoutMessageAuthenticator));
    }

    [Fact] // RFC 2865 §5.32
    public async Task NAS_behind_one_address_are_told_apart_by_their_identifier_and_secret()
    {
        await Known(await fixture.Company.AddNasAsync("127.0.0.1", "its own secret", identifier: "natted"));
        await fixture.AddLineAsync("behind-nat");

        var itself = await fixture.Host.Client("its own secret", "natted").PapAsync("behind-nat", HostFixture.Password);
        var another = fixture.Host.Client("its own secret", "somebody-else");

        Assert.Equal(RadiusCode.AccessAccept, itself.Code);
        Assert.IsType<RadiusExchange.NoAnswer>(await another.ExchangeAsync(another.PppoeRequest("behind-nat").AddPapPassword("x", another.Secret)));
    }

    [Theory] // RFC 5080 §2.2.2
    [InlineData("accept")]
    [InlineData("reject")]
    [InlineData("accounting")]
    public async Task A_retransmission_is_answered_with_the_same_octets_and_decided_once(string kind)
    {
        await fixture.AddLineAsync($"again-{kind}");
        var request = kind is "accounting"
            ? Client.AccountingRequest(AcctStatusType.Start, $"again-{kind}", $"again-{kind}")
            : Client.PppoeRequest($"again-{kind}").AddMsChapV2Password(kind is "accept" ? HostFixture.Password : "wrong");
        var octets = request.EncodeRequest(Client.Secret);
        using var socket = new RawSocket(kind is "accounting" ? fixture.Host.Accounting : fixture.Host.Authentication);
        var nas = fixture.Host.Service<LineDirectory>().NasState(fixture.Nas.Id).Counters;
        var decided = nas.Accepts + nas.Rejects + nas.Accounting.Value;

        var first = await socket.AskAsync(octets, Patience);
        var second = await socket.AskAsync(octets, Patience);
        var third = await socket.AskAsync(octets, Patience);

        Assert.NotNull(first);
        Assert.Equal(first, second);
        Assert.Equal(first, third);
        Assert.Equal(decided + 1, nas.Accepts + nas.Rejects + nas.Accounting.Value);
    }

    [Fact] // RFC 5080 §2.2.2, RFC 2865 §3
    public async Task The_same_identifier_with_another_authenticator_is_a_new_request()
    {
        await fixture.AddLineAsync("reused-id");
        using var socket = new RawSocket(fixture.Host.Authentication);
        var (first, second) = (Client, Client); // each starts to count its identifiers anew

        var accept = await socket.AskAsync(first.PppoeRequest("reused-id").AddPapPassword(HostFixture.Password, first.Secret).EncodeRequest(first.Secret), Patience);
        var reject = await socket.AskAsync(second.PppoeRequest("reused-id").AddPapPassword("wrong", second.Secret).EncodeRequest(second.Secret), Patience);

        Assert.Equal((accept![1], RadiusCode.AccessAccept), (reject![1], (RadiusCode)accept[0]));
        Assert.Equal(RadiusCode.AccessReject, (RadiusCode)reject[0]);
    }

    [Fact]
    public async Task Nothing_of_all_this_is_logged_a_packet()
    {
        using var socket = new RawSocket(fixture.Host.Authentication);
        var before = fixture.Host.Log.Lines.Count;
        for (var i = 0; i < 100; i++)
        {
            await socket.SendAsync(new byte[i % 30]);
        }

        await fixture.AddLineAsync("after-noise");
        Assert.Equal(RadiusCode.AccessAccept, (await Client.PapAsync("after-noise", HostFixture.Password)).Code);
        Assert.DoesNotContain(fixture.Host.Log.Lines.Skip(before), line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Warning", StringComparison.Ordinal));
    }

    private static byte[] Unsigned(RadiusTestClient client, string username) =>
        client.PppoeRequest(username).AddPapPassword(HostFixture.Password, client.Secret).EncodeRequest(client.Secret, messageAuthenticator: false);

    private static byte[] UnsignedWithProxyState(RadiusTestClient client) =>
        client.PppoeRequest("anyone").AddOctets("Proxy-State", "p"u8).AddPapPassword("x", client.Secret).EncodeRequest(client.Secret, messageAuthenticator: false);

    private async Task<bool> IsSeenAsync(Guid nas)
    {
        await using var db = fixture.Company.Open();
        return await db.NasDevices.AnyAsync(n => n.Id == nas && n.MessageAuthenticatorSeen);
    }

    private async Task SetRuleAsync(Guid id, MessageAuthenticatorRule rule)
    {
        await using var db = fixture.Company.Open();
        var nas = await db.NasDevices.SingleAsync(n => n.Id == id);
        nas.Change(new NasInput { Name = nas.Name, Address = nas.Address, Identifier = nas.Identifier, MessageAuthenticator = rule });
        await db.SaveChangesAsync();
    }

    private Task Known(Nas nas) => Eventually.Is(() => fixture.Host.Service<LineDirectory>().Content.Nas.All.Any(n => n.Id == nas.Id));
}
