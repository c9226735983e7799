using System.Text;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Tests.Radius;

/// <summary>The worked examples of the RFCs.</summary>
public sealed class KnownAnswerTests
{
    private static readonly RadiusSecret Secret = new("xyzzy5461");

    // RFC 2865 §7.1: nemo logs in by PAP and is sent to a host by Telnet.
    private const string TelnetRequest =
        "010000380f403f9473978057bd83d5cb98f4227a01066e656d6f02120dbe708d93d413ce3196e43f782a0aee0406c0a80110050600000003";

    private const string TelnetAccept = "0200002686fe220e7624ba2a1005f6bf9b55e0b20606000000010f06000000000e06c0a80103";

    // RFC 2865 §7.2: flopsy logs in by CHAP under PPP.
    private const string FramedRequest =
        "010100472aee86f08d0d55969ca5978e0d3367a20108666c6f707379031316e97557c316185895f293ff634407727504"
        + "06c0a80110050600000014060600000002070600000001";

    private const string FramedAccept =
        "0201003815efbc7dab26cfa3dc34d9c03c8601a40606000000020706000000010806fffffffe0a06000000020d06000000010c06000005dc";

    [Fact]
    public void The_pap_request_of_RFC_2865_is_read()
    {
        var request = Parse(TelnetRequest);

        Assert.Equal(RadiusCode.AccessRequest, request.Code);
        Assert.Equal(0, request.Identifier);
        Assert.Equal("nemo", request["User-Name"]);
        Assert.Equal("arctangent", request.GetPapPassword(Secret));
        Assert.Equal("192.168.1.16", request["NAS-IP-Address"]);
        Assert.Equal(3u, request.GetNumber("NAS-Port"));
    }

    [Fact]
    public void The_pap_password_of_RFC_2865_is_hidden_as_in_the_example()
    {
        var request = Parse(TelnetRequest);
        var hidden = new byte[PapPassword.MaxLength];

        var length = PapPassword.Hide("arctangent"u8, request.Authenticator.Span, Secret, hidden);

        Assert.Equal(request.GetOctets("User-Password")!.Value.ToArray(), hidden[..length]);
        Assert.True(PapPassword.Matches(hidden.AsSpan(0, length), request.Authenticator.Span, Secret, "arctangent"u8));
        Assert.False(PapPassword.Matches(hidden.AsSpan(0, length), request.Authenticator.Span, Secret, "arctangenT"u8));
    }

    [Theory]
    [InlineData(TelnetRequest, TelnetAccept)]
    [InlineData(FramedRequest, FramedAccept)]
    public void The_accepts_of_RFC_2865_are_signed_as_in_the_example(string request, string accept)
    {
        var expected = Convert.FromHexString(accept);
        Assert.True(RadiusPacket.TryRead(expected, out var packet, out _));
        Assert.True(RadiusSignature.HasValidResponseAuthenticator(packet, Parse(request).Authenticator.Span, Secret));

        var encoded = RadiusMessage.From(packet).EncodeReply(Secret, Parse(request).Authenticator, messageAuthenticator: false);

        Assert.Equal(expected, encoded);
    }

    [Fact]
    public void The_chap_password_of_RFC_2865_is_accepted()
    {
        var request = Parse(FramedRequest);
        var chap = request.GetOctets("CHAP-Password")!.Value.Span;

        Assert.True(ChapPassword.Matches(chap, request.Authenticator.Span, "arctangent"u8)); // the Request Authenticator is the challenge
        Assert.False(ChapPassword.Matches(chap, request.Authenticator.Span, "arctangen"u8));
    }

    // RFC 5997 §6.1
    [Fact]
    public void The_status_server_of_RFC_5997_has_a_valid_message_authenticator()
    {
        var datagram = Convert.FromHexString("0cda00268a54f4686fb394c52866e302185d062350125a665e2e1e8411f3e243822097c84fa3");
        Assert.True(RadiusPacket.TryRead(datagram, out var request, out _));
        Assert.Equal(RadiusCode.StatusServer, request.Code);
        Assert.Equal(MessageAuthenticatorState.Valid, RadiusSignature.CheckRequest(request, Secret));
        Assert.Equal(MessageAuthenticatorState.Invalid, RadiusSignature.CheckRequest(request, new RadiusSecret("xyzzy5462")));

        var accept = Convert.FromHexString("02da0014ef0d552a4bf2d693ec2b6fe8b5411d66");
        Assert.True(RadiusPacket.TryRead(accept, out var reply, out _));
        Assert.True(RadiusSignature.HasValidResponseAuthenticator(reply, request.Authenticator, Secret));
    }

    // RFC 2759 §9.2
    private const string User = "User";
    private const string Password = "clientPass";
    private static readonly byte[] AuthenticatorChallenge = Convert.FromHexString("5B5D7C7D7B3F2F3E3C2C602132262628");
    private static readonly byte[] PeerChallenge = Convert.FromHexString("21402324255E262A28295F2B3A337C7E");
    private static readonly byte[] NtHash = Convert.FromHexString("44EBBA8D5312B8D611474411F56989AE");
    private static readonly byte[] NtResponse = Convert.FromHexString("82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF");

    [Fact]
    public void Ms_chap_v2_gives_the_challenge_hash_password_hash_and_response_of_RFC_2759()
    {
        var hash = new byte[16];
        MsChap.HashPassword(Password, hash);
        Assert.Equal(NtHash, hash);

        var challengeHash = new byte[8];
        MsChapV2.HashChallenges(PeerChallenge, AuthenticatorChallenge, Encoding.ASCII.GetBytes(User), challengeHash);
        Assert.Equal("D02E4386BCE91226", Convert.ToHexString(challengeHash));

        Assert.Equal(NtResponse, MsChapV2.NtResponse(Response()).ToArray());
    }

    [Fact]
    public void Ms_chap_v2_accepts_the_response_of_RFC_2759_and_proves_itself()
    {
        var response = Response();
        Assert.True(MsChapV2.Matches(response, AuthenticatorChallenge, "User"u8, NtHash));
        Assert.True(MsChapV2.Matches(response, AuthenticatorChallenge, "DOMAIN\\User"u8, NtHash)); // §8.2: the domain is no part of it
        Assert.False(MsChapV2.Matches(response, AuthenticatorChallenge, "user"u8, NtHash));
        Assert.False(MsChapV2.Matches(response, PeerChallenge, "User"u8, NtHash));

        var success = new byte[MsChapV2.SuccessLength];
        MsChapV2.WriteSuccess(response, AuthenticatorChallenge, "User"u8, NtHash, success);
        Assert.Equal("\aS=407A5589115FD0D6209F510FE9C04566932CDA56", Encoding.ASCII.GetString(success));
    }

    // RFC 3079 §3.5.3
    [Fact]
    public void Mppe_gives_the_keys_of_RFC_3079()
    {
        var master = new byte[Mppe.KeyLength];
        Mppe.DeriveMasterKey(NtHash, NtResponse, master);
        Assert.Equal("FDECE3717A8C838CB388E527AE3CDD31", Convert.ToHexString(master));

        var (send, receive) = (new byte[Mppe.KeyLength], new byte[Mppe.KeyLength]);
        Mppe.DeriveKeys(NtHash, NtResponse, send, receive);
        Assert.Equal("8B7CDC149B993A1BA118CB153F56DCCB", Convert.ToHexString(send));
        Assert.NotEqual(send, receive);
    }

    // RFC 2433 §B.2
    [Fact]
    public void Ms_chap_v1_gives_the_response_of_RFC_2433()
    {
        var challenge = Convert.FromHexString("102DB5DF085D3041");
        var hash = new byte[MsChap.NtHashLength];
        MsChap.HashPassword("MyPw", hash);
        Assert.Equal("FC156AF7EDCD6C0EDDE3337D427F4EAC", Convert.ToHexString(hash));

        var response = new byte[MsChap.ResponseAttributeLength];
        MsChapV1.WriteResponse(1, challenge, hash, response);

        Assert.Equal("4E9D3C8F9CFD385D5BF4D3246791956CA4C351AB409A3D61", Convert.ToHexString(response.AsSpan(26)));
        Assert.True(MsChapV1.Matches(response, challenge, hash));
        response[49] ^= 1;
        Assert.False(MsChapV1.Matches(response, challenge, hash));
    }

    [Fact]
    public void Ms_chap_error_has_the_form_of_each_version()
    {
        var value = new byte[200];
        var length = MsChap.WriteError(9, AuthenticatorChallenge, "Wrong password", value);
        Assert.Equal("\tE=691 R=0 C=5B5D7C7D7B3F2F3E3C2C602132262628 V=3 M=Wrong password", Encoding.ASCII.GetString(value, 0, length));

        length = MsChap.WriteError(9, AuthenticatorChallenge.AsSpan(0, 8), "Wrong password", value);
        Assert.Equal("\tE=691 R=0 C=5B5D7C7D7B3F2F3E V=2", Encoding.ASCII.GetString(value, 0, length));
    }

    [Theory] // FIPS 46-3 encryptions known from NBS Special Publication 500-20; keys here without their parity bits
    [InlineData("0000000000000000", "0000000000000000", "8CA64DE9C1B123A7")]
    [InlineData("FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFF", "7359B2163E4EDC58")]
    [InlineData("133457799BBCDFF1", "0123456789ABCDEF", "85E813540F0AB405")]
    [InlineData("0123456789ABCDEF", "1111111111111111", "17668DFC7292532D")]
    [InlineData("FEDCBA9876543210", "0123456789ABCDEF", "ED39D950FA74BCC4")]
    public void Des_gives_the_known_answers(string key, string plain, string expected)
    {
        var bits = string.Concat(Convert.FromHexString(key).Select(octet => $"{octet:b8}"[..7]));
        var seven = Enumerable.Range(0, Des.KeyLength).Select(i => Convert.ToByte(bits.Substring(8 * i, 8), 2)).ToArray();
        var encrypted = new byte[Des.BlockLength];

        Des.Encrypt(seven, Convert.FromHexString(plain), encrypted);

        Assert.Equal(expected, Convert.ToHexString(encrypted));
    }

    private static byte[] Response()
    {
        var response = new byte[MsChap.ResponseAttributeLength];
        MsChapV2.WriteResponse(7, AuthenticatorChallenge, PeerChallenge, Encoding.ASCII.GetBytes(User), NtHash, response);
        return response;
    }

    private static RadiusMessage Parse(string hex)
    {
        Assert.True(RadiusMessage.TryParse(Convert.FromHexString(hex), out var message, out var reason), reason.ToString());
        return message;
    }
}
