using System.Net;
using System.Net.Sockets;
using DataDefender.Infrastructure.Radius;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Tests.Radius;

public sealed class RadiusClientTests
{
    private static readonly RadiusSecret Secret = new("a secret");
    private static readonly RadiusRetry Patient = new(1, TimeSpan.FromSeconds(10));
    private static readonly RadiusRetry Hasty = new(3, TimeSpan.FromMilliseconds(100));

    private readonly RadiusClient _client = new(TimeProvider.System);

    [Fact]
    public async Task An_answer_that_is_signed_is_given_to_the_caller()
    {
        await using var server = new RadiusResponder(datagram => [Accept(datagram, Secret)]);

        var answered = Assert.IsType<RadiusExchange.Answered>(await _client.SendAsync(server.Endpoint, Login(), Secret, Patient));

        Assert.Equal(RadiusCode.AccessAccept, answered.Reply.Code);
        Assert.Equal("10.0.0.9", answered.Reply["Framed-IP-Address"]);
        Assert.Equal(1, answered.Tries);
    }

    [Fact] // RFC 5080 §2.2.1
    public async Task A_request_without_answer_is_repeated_with_the_same_octets()
    {
        await using var server = new RadiusResponder(_ => []);

        var ended = await _client.SendAsync(server.Endpoint, Login(), Secret, Hasty);

        Assert.Equal(new RadiusExchange.NoAnswer(3, Refused: false), ended);
        Assert.Equal(3, server.Received.Count);
        Assert.Single(server.Received.Select(Convert.ToHexString).Distinct());
    }

    [Fact]
    public async Task A_late_answer_counts_for_any_try()
    {
        var heard = 0;
        await using var server = new RadiusResponder(datagram => ++heard < 3 ? [] : [Accept(datagram, Secret)]);

        var answered = Assert.IsType<RadiusExchange.Answered>(await _client.SendAsync(server.Endpoint, Login(), Secret, new RadiusRetry(10, TimeSpan.FromMilliseconds(300))));

        Assert.True(answered.Tries >= 3);
    }

    [Fact]
    public async Task A_server_with_another_secret_is_told_from_silence()
    {
        await using var server = new RadiusResponder(datagram => [Accept(datagram, new RadiusSecret("another"))]);

        var ended = await _client.SendAsync(server.Endpoint, Login(), Secret, Hasty);

        Assert.Equal(new RadiusExchange.BadAnswer(RadiusReplyFault.WrongResponseAuthenticator), ended);
    }

    [Fact]
    public async Task Forged_and_broken_replies_do_not_end_an_exchange()
    {
        await using var server = new RadiusResponder(datagram =>
        [
            [1, 2, 3],
            Accept(datagram, new RadiusSecret("forged")),
            WithMessageAuthenticatorOf(datagram, new RadiusSecret("forged")),
            Accept([datagram[0], (byte)(datagram[1] + 1), .. datagram[2..]], Secret),
            Accept(datagram, Secret, RadiusCode.CoaAck),
            Accept(datagram, Secret),
        ]);

        var answered = Assert.IsType<RadiusExchange.Answered>(await _client.SendAsync(server.Endpoint, Login(), Secret, Patient));

        Assert.Equal(RadiusCode.AccessAccept, answered.Reply.Code);
    }

    [Theory]
    [InlineData(RadiusReplyFault.Malformed)]
    [InlineData(RadiusReplyFault.WrongIdentifier)]
    [InlineData(RadiusReplyFault.UnexpectedCode)]
    [InlineData(RadiusReplyFault.WrongMessageAuthenticator)]
    public async Task What_is_wrong_with_a_reply_is_said(RadiusReplyFault fault)
    {
        await using var server = new RadiusResponder(datagram => [fault switch
        {
            RadiusReplyFault.Malformed => [1],
            RadiusReplyFault.WrongIdentifier => Accept([datagram[0], (byte)(datagram[1] + 1), .. datagram[2..]], Secret),
            RadiusReplyFault.UnexpectedCode => Accept(datagram, Secret, RadiusCode.AccountingResponse),
            _ => WithMessageAuthenticatorOf(datagram, new RadiusSecret("forged")),
        }]);

        Assert.Equal(new RadiusExchange.BadAnswer(fault), await _client.SendAsync(server.Endpoint, Login(), Secret, new RadiusRetry(1, TimeSpan.FromMilliseconds(200))));
    }

    [Fact]
    public async Task A_closed_port_is_said_to_be_closed()
    {
        IPEndPoint closed;
        using (var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            closed = (IPEndPoint)taken.LocalEndPoint!;
        }

        Assert.Equal(new RadiusExchange.NoAnswer(3, Refused: true), await _client.SendAsync(closed, Login(), Secret, Hasty));
    }

    [Fact]
    public async Task Giving_up_ends_the_wait()
    {
        using var giveUp = new CancellationTokenSource();
        await using var server = new RadiusResponder(_ =>
        {
            giveUp.Cancel();
            return [];
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _client.SendAsync(server.Endpoint, Login(), Secret, Patient, giveUp.Token));
    }

    private static RadiusMessage Login() => new RadiusMessage(RadiusCode.AccessRequest, 77).Add("User-Name", "bob").AddChapPassword("x");

    private static byte[] Accept(byte[] datagram, RadiusSecret secret, RadiusCode code = RadiusCode.AccessAccept)
    {
        Assert.True(RadiusMessage.TryParse(datagram, out var request, out _));
        return request.CreateReply(code).Add("Framed-IP-Address", "10.0.0.9").EncodeReply(secret, request.Authenticator);
    }

    // Right Response Authenticator over a wrong Message-Authenticator, as a man in the middle without the secret would leave it.
    private static byte[] WithMessageAuthenticatorOf(byte[] datagram, RadiusSecret other)
    {
        var reply = Accept(datagram, other);
        RadiusSignature.HashAuthenticator(reply, datagram.AsSpan(4, 16), Secret, reply.AsSpan(4, 16));
        return reply;
    }
}
