using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests;

/// <summary>FreeRADIUS's own client agrees with us.</summary>
public sealed class RadclientTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private const string Reason = "radclient (Debian: freeradius-utils) is not installed.";

    [Theory]
    [InlineData("User-Password = \"pw-secret\"")]
    [InlineData("CHAP-Password = \"pw-secret\"")]
    [InlineData("MS-CHAP-Password = \"pw-secret\"")]
    public async Task A_login_by_each_method_that_it_knows(string credentials)
    {
        var client = Requires.Program("radclient", Reason);
        var username = $"rc-{credentials.Split('-')[0].ToLowerInvariant()}";
        await fixture.AddLineAsync(username);

        var accepted = await RunAsync(client, fixture.Host.Authentication, "auth", $"User-Name = \"{username}\", {credentials}, NAS-Identifier = \"radclient\", Message-Authenticator = 0x00");
        var rejected = await RunAsync(client, fixture.Host.Authentication, "auth", $"User-Name = \"{username}x\", {credentials}, NAS-Identifier = \"radclient\", Message-Authenticator = 0x00");

        Assert.Contains("Received Access-Accept", accepted, StringComparison.Ordinal);
        Assert.Contains("Mikrotik-Rate-Limit = \"5M/10M\"", accepted, StringComparison.Ordinal);
        Assert.Contains("Received Access-Reject", rejected, StringComparison.Ordinal);
    }

    /// <summary>radclient cannot compute the response, but it deciphers the keys with the secret (RFC 2548 §2.4) and shows the proof (RFC 2759 §5).</summary>
    [Fact]
    public async Task A_login_by_MS_CHAPv2_with_its_proof_and_its_keys()
    {
        var client = Requires.Program("radclient", Reason);
        await fixture.AddLineAsync("rc-ms-v2");
        var (challenge, peer) = (RandomNumberGenerator.GetBytes(MsChapV2.ChallengeLength), RandomNumberGenerator.GetBytes(MsChapV2.ChallengeLength));
        var (hash, response, success) = (new byte[MsChap.NtHashLength], new byte[MsChap.ResponseAttributeLength], new byte[MsChapV2.SuccessLength]);
        var (send, receive) = (new byte[16], new byte[16]);
        MsChap.HashPassword(HostFixture.Password, hash);
        MsChapV2.WriteResponse(7, challenge, peer, "rc-ms-v2"u8, hash, response);
        MsChapV2.WriteSuccess(response, challenge, "rc-ms-v2"u8, hash, success);
        Mppe.DeriveKeys(hash, MsChapV2.NtResponse(response), send, receive);

        var accepted = await AskAsync(response);
        response[^1] ^= 1;
        var rejected = await AskAsync(response);

        Assert.Contains("Received Access-Accept", accepted, StringComparison.Ordinal);
        Assert.Contains($"MS-CHAP2-Success = 0x{Convert.ToHexStringLower(success)}", accepted, StringComparison.Ordinal);
        Assert.Contains($"MS-MPPE-Send-Key = 0x{Convert.ToHexStringLower(send)}", accepted, StringComparison.Ordinal);
        Assert.Contains($"MS-MPPE-Recv-Key = 0x{Convert.ToHexStringLower(receive)}", accepted, StringComparison.Ordinal);
        Assert.Contains("Received Access-Reject", rejected, StringComparison.Ordinal);
        Assert.Contains("E=691 R=0", rejected, StringComparison.Ordinal);

        Task<string> AskAsync(byte[] octets) => RunAsync(
            client, fixture.Host.Authentication, "auth",
            $"User-Name = \"rc-ms-v2\", MS-CHAP-Challenge = 0x{Convert.ToHexString(challenge)}, MS-CHAP2-Response = 0x{Convert.ToHexString(octets)}, NAS-Identifier = \"radclient\", Message-Authenticator = 0x00");
    }

    /// <summary>Nothing that RouterOS asks for PPP, hotspot or DHCP needs it; a NAS that does ask is refused and not left waiting.</summary>
    [Fact]
    public async Task EAP_is_rejected()
    {
        var client = Requires.Program("radclient", Reason);
        await fixture.AddLineAsync("rc-eap");

        var answer = await RunAsync(client, fixture.Host.Authentication, "auth", "User-Name = \"rc-eap\", EAP-Message = 0x0201000b0172632d656170, NAS-Identifier = \"radclient\", Message-Authenticator = 0x00");

        Assert.Contains("Received Access-Reject", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("User-Password = \"\"")]
    [InlineData("User-Password = \"02:00:5E:00:D1:01\"")]
    [InlineData("CHAP-Password = \"02:00:5E:00:D1:01\"")]
    public async Task A_login_by_MAC_address(string credentials)
    {
        var client = Requires.Program("radclient", Reason);
        var line = await fixture.AddLineAsync($"rc-mac-{credentials.Length}-{credentials[0]}".ToLowerInvariant());
        await using (var db = fixture.Company.Open())
        {
            (await db.NetworkSettings.SingleAsync()).AllowMacLogins(MacLoginRule.AddressAlone);
            await db.Subscriptions.Where(s => s.CallerLock != null).ForEachAsync(s => s.LockToCaller(null));
            (await db.Subscriptions.SingleAsync(s => s.Id == line.Id)).LockToCaller("02:00:5E:00:D1:01");
            await db.SaveChangesAsync();
        }

        var lines = fixture.Host.Service<Lines.LineDirectory>().Content.Companies[fixture.Company.Id];
        await Eventually.Is(() => lines.TryFindByMac(0x0200_5E00_D101, out var found, out _) && found.Line.SubscriptionId == line.Id);
        const string Hotspot = "NAS-Port-Type = Wireless-802.11, Service-Type = Login-User, NAS-Identifier = \"radclient\", Message-Authenticator = 0x00";

        var accepted = await RunAsync(client, fixture.Host.Authentication, "auth", $"User-Name = \"02:00:5E:00:D1:01\", Calling-Station-Id = \"02:00:5E:00:D1:01\", {credentials}, {Hotspot}");
        var foreign = await RunAsync(client, fixture.Host.Authentication, "auth", $"User-Name = \"02:00:5E:00:D1:01\", Calling-Station-Id = \"02:00:5E:00:D1:02\", {credentials}, {Hotspot}");

        Assert.Contains("Received Access-Accept", accepted, StringComparison.Ordinal);
        Assert.Contains("Received Access-Reject", foreign, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Start")]
    [InlineData("Interim-Update")]
    [InlineData("Stop")]
    [InlineData("Accounting-On")]
    [InlineData("Accounting-Off")]
    public async Task Accounting(string type)
    {
        var client = Requires.Program("radclient", Reason);

        var answer = await RunAsync(client, fixture.Host.Accounting, "acct", $"User-Name = \"rc\", Acct-Status-Type = {type}, Acct-Session-Id = \"rc-1\", NAS-Identifier = \"radclient\"");

        Assert.Contains("Received Accounting-Response", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status()
    {
        var client = Requires.Program("radclient", Reason);

        Assert.Contains("Received Access-Accept", await RunAsync(client, fixture.Host.Authentication, "status", "Message-Authenticator = 0x00"), StringComparison.Ordinal);
        Assert.Contains("Received Accounting-Response", await RunAsync(client, fixture.Host.Accounting, "status", "Message-Authenticator = 0x00"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_finds_a_wrong_secret_too()
    {
        var client = Requires.Program("radclient", Reason);

        var answer = await RunAsync(client, fixture.Host.Accounting, "acct", "User-Name = \"rc\", Acct-Status-Type = Start, Acct-Session-Id = \"rc-2\"", secret: "wrong");

        Assert.Contains("No reply", answer, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<string> RunAsync(string radclient, IPEndPoint server, string command, string attributes, string secret = HostFixture.Secret)
    {
        var start = new ProcessStartInfo(radclient, ["-x", "-r", "1", "-t", "1", string.Create(CultureInfo.InvariantCulture, $"{server.Address}:{server.Port}"), command, secret])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(attributes);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await output + await errors;
    }
}
