using System.Diagnostics;
using System.Text;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Testing;

namespace DataDefender.Infrastructure.Tests.Radius;

/// <summary>FreeRADIUS's radclient (Debian: freeradius-utils) against a server made of the codec's receive path.</summary>
public sealed class RadclientTests
{
    private const string Password = "correct horse";

    private static readonly RadiusSecret Secret = new("testing123");

    [Theory]
    [InlineData("User-Password = \"correct horse\"", true)]
    [InlineData("User-Password = \"correct horse battery staple, which takes three chunks\"", false)]
    [InlineData("User-Password = \"wrong\"", false)]
    [InlineData("CHAP-Password = \"correct horse\"", true)]
    [InlineData("CHAP-Password = \"wrong\"", false)]
    [InlineData("MS-CHAP-Password = \"correct horse\"", true)]
    [InlineData("MS-CHAP-Password = \"wrong\"", false)]
    public async Task Radclient_and_the_codec_agree_on_a_login(string password, bool accepted)
    {
        await using var server = new RadiusResponder(AnswerAccess);

        var output = await RunAsync(server, "auth", $"User-Name = \"bob\", {password}, NAS-IP-Address = 10.0.0.1, Proxy-State = 0x0102, Message-Authenticator = 0x00");

        Assert.Contains(accepted ? "Received Access-Accept" : "Received Access-Reject", output, StringComparison.Ordinal);
        Assert.Contains("Proxy-State = 0x0102", output.Split("Received")[1], StringComparison.Ordinal);
        if (accepted)
        {
            Assert.Contains("Framed-IP-Address = 10.0.0.9", output, StringComparison.Ordinal);
            Assert.Contains("Mikrotik-Rate-Limit = \"10M/20M\"", output, StringComparison.Ordinal);
            Assert.Contains("Delegated-IPv6-Prefix = 2001:db8:0:100::/56", output, StringComparison.Ordinal);
        }

        if (accepted && password.StartsWith("MS-CHAP", StringComparison.Ordinal))
        {
            // RFC 2548 §2.4.1: eight octets of LM key, then the hash of the NT hash.
            var (hash, hashOfHash) = (new byte[16], new byte[16]);
            MsChap.HashPassword(Password, hash);
            Md4.Hash(hash, hashOfHash);
            Assert.Contains($"MS-CHAP-MPPE-Keys = 0x0000000000000000{Convert.ToHexStringLower(hashOfHash)}", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Radclient_and_the_codec_agree_on_accounting()
    {
        RadiusMessage? heard = null;
        await using var server = new RadiusResponder(datagram => Keyed(datagram, request => heard = request, RadiusCode.AccountingResponse));

        var output = await RunAsync(server, "acct",
            "User-Name = \"bob\", Acct-Status-Type = Interim-Update, Acct-Session-Id = \"80100014\", Acct-Input-Octets = 4294967295, Acct-Input-Gigawords = 3, "
            + "Event-Timestamp = 1763838600, Framed-IPv6-Prefix = 2001:db8::/64, Framed-Interface-Id = 200:5eff:fe00:5301");

        Assert.Contains("Received Accounting-Response", output, StringComparison.Ordinal);
        Assert.Equal("Interim-Update", heard!["Acct-Status-Type"]);
        Assert.Equal(uint.MaxValue, heard.GetNumber("Acct-Input-Octets"));
        Assert.Equal(3u, heard.GetNumber("Acct-Input-Gigawords"));
        Assert.Equal("2001:db8::/64", heard["Framed-IPv6-Prefix"]);
        Assert.Equal("0200:5eff:fe00:5301", heard["Framed-Interface-Id"]);
        Assert.Equal("2025-11-22T19:10:00Z", heard["Event-Timestamp"]);
    }

    [Fact] // RFC 5997
    public async Task Radclient_and_the_codec_agree_on_status()
    {
        await using var server = new RadiusResponder(AnswerAccess);

        Assert.Contains("Received Access-Accept", await RunAsync(server, "status", "Message-Authenticator = 0x00"), StringComparison.Ordinal);
    }

    [Theory] // RFC 5176
    [InlineData("coa", RadiusCode.CoaAck, "Received CoA-ACK")]
    [InlineData("coa", RadiusCode.CoaNak, "Received CoA-NAK")]
    [InlineData("disconnect", RadiusCode.DisconnectAck, "Received Disconnect-ACK")]
    [InlineData("disconnect", RadiusCode.DisconnectNak, "Received Disconnect-NAK")]
    public async Task Radclient_and_the_codec_agree_on_changing_and_ending_sessions(string command, RadiusCode code, string expected)
    {
        await using var nas = new RadiusResponder(datagram => Keyed(datagram, request => Assert.Equal("1M/1M", request["Mikrotik-Rate-Limit"]), code));

        var output = await RunAsync(nas, command, "User-Name = \"bob\", Mikrotik-Rate-Limit = \"1M/1M\", Message-Authenticator = 0x00");

        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.Equal(code is RadiusCode.CoaNak or RadiusCode.DisconnectNak, output.Contains("Error-Cause = Session-Context-Not-Found", StringComparison.Ordinal));
    }

    private static IEnumerable<byte[]> AnswerAccess(byte[] datagram)
    {
        if (!RadiusPacket.TryRead(datagram, out var request, out var reason) || RadiusSignature.CheckRequest(request, Secret) != MessageAuthenticatorState.Valid)
        {
            Assert.Fail($"radclient's request was refused: {reason}");
        }

        var buffer = new byte[RadiusPacket.MaxLength];
        var (accepted, ntHash) = (request.Code == RadiusCode.StatusServer, new byte[MsChap.NtHashLength]);
        var password = Encoding.UTF8.GetBytes(Password);
        MsChap.HashPassword(Password, ntHash);
        var msChap = request.TryFind(RadiusVendors.Microsoft, MicrosoftAttributes.ChapResponse, out var response)
            && request.TryFind(RadiusVendors.Microsoft, MicrosoftAttributes.ChapChallenge, out var msChallenge)
            && MsChapV1.Matches(response, msChallenge, ntHash);
        if (request.TryFind(RadiusAttributes.UserPassword, out var hidden))
        {
            accepted |= PapPassword.Matches(hidden, request.Authenticator, Secret, password);
        }

        if (request.TryFind(RadiusAttributes.ChapPassword, out var chap))
        {
            accepted |= ChapPassword.Matches(chap, request.TryFind(RadiusAttributes.ChapChallenge, out var challenge) ? challenge : request.Authenticator, password);
        }

        accepted |= msChap;
        var writer = new RadiusWriter(buffer, accepted ? RadiusCode.AccessAccept : RadiusCode.AccessReject, request.Identifier);
        writer.AddMessageAuthenticator();
        if (accepted)
        {
            writer.Add(RadiusAttributes.FramedIpAddress, 0x0A000009u);
            writer.Add(RadiusAttributes.DelegatedIpv6Prefix, System.Net.IPNetwork.Parse("2001:db8:0:100::/56"));
            writer.AddVendor(RadiusVendors.Mikrotik, MikrotikAttributes.RateLimit, "10M/20M");
        }

        if (msChap)
        {
            Mppe.AddVersion1Keys(ref writer, ntHash, request.Authenticator, Secret);
        }

        writer.AddProxyStates(request);
        return [buffer[..writer.FinishReply(request.Authenticator, Secret)]];
    }

    private static IEnumerable<byte[]> Keyed(byte[] datagram, Action<RadiusMessage> look, RadiusCode code)
    {
        Assert.True(RadiusPacket.TryRead(datagram, out var packet, out _));
        Assert.True(RadiusSignature.HasValidRequestAuthenticator(packet, Secret));
        Assert.NotEqual(MessageAuthenticatorState.Invalid, RadiusSignature.CheckRequest(packet, Secret));
        var request = RadiusMessage.From(packet);
        look(request);
        var reply = request.CreateReply(code);
        if (code is RadiusCode.CoaNak or RadiusCode.DisconnectNak)
        {
            reply.Add("Error-Cause", "Session-Context-Not-Found");
        }

        return [reply.EncodeReply(Secret, request.Authenticator, messageAuthenticator: code != RadiusCode.AccountingResponse)];
    }

    private static async Task<string> RunAsync(RadiusResponder server, string command, string attributes)
    {
        var radclient = Requires.Program("radclient", "radclient is not installed (Debian: freeradius-utils)");
        using var process = Process.Start(new ProcessStartInfo(radclient, ["-x", "-r", "1", "-t", "5", server.Endpoint.ToString(), command, "testing123"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await process.StandardInput.WriteLineAsync(attributes);
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return await output + await errors;
    }
}
