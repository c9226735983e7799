using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.RadSec;
using DataDefender.RadiusHost.Status;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests.RadSec;

/// <summary>RADIUS over TLS (RFC 6614, RFC 6613), over real sockets.</summary>
public sealed class RadSecTests(RadSecTests.Fixture fixture) : IClassFixture<RadSecTests.Fixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RadSecCounters Counted => fixture.Host.Counters.RadSec;

    [Theory]
    [InlineData("by-name.example")]
    [InlineData("by-dns-name.example")]
    [InlineData("by-fingerprint.example")]
    public async Task A_router_is_told_by_its_certificates_name_or_fingerprint(string router)
    {
        await using var client = await fixture.ConnectAsync(fixture.Routers[router]);

        var reply = await client.AskAsync(Request(client, "tls-line", HostFixture.Password));

        Assert.Equal(RadiusCode.AccessAccept, reply.Code);
        Assert.Equal("5M/10M", reply["Mikrotik-Rate-Limit"]);
    }

    [Fact]
    public async Task One_connection_carries_logins_accounting_and_the_servers_status() // RFC 6614 §2.1, RFC 6613 §2.6.1, RFC 5997
    {
        await using var client = await fixture.ConnectAsync(fixture.Routers["by-name.example"]);

        Assert.Equal(RadiusCode.AccessAccept, (await client.AskAsync(Test.Request(RadiusCode.StatusServer, 1))).Code);
        Assert.Equal(RadiusCode.AccessAccept, (await client.AskAsync(Request(client, "tls-line", HostFixture.Password))).Code);
        Assert.Equal(RadiusCode.AccessReject, (await client.AskAsync(Request(client, "tls-line", "wrong"))).Code);
        Assert.Equal(RadiusCode.AccountingResponse, (await client.AskAsync(Test.Accounting(AcctStatusType.Start, "accounted-line", "one-connection"))).Code);

        await fixture.Host.AppliedAsync();
        await using var db = fixture.Company.Open();
        var session = await db.LiveSessions.SingleAsync(s => s.AcctSessionId == "one-connection", Ct);
        Assert.Equal(fixture.ByName.Id, session.NasId);
    }

    [Fact]
    public async Task Packets_that_come_together_or_in_pieces_are_each_answered() // RFC 6613 §2.6.1
    {
        await using var client = await fixture.ConnectAsync(fixture.Routers["by-name.example"]);
        byte[][] requests = [.. Enumerable.Range(0, 20).Select(i => Request(client, "tls-line", HostFixture.Password, (byte)i).EncodeRequest(RadSecTestClient.Secret))];

        await client.SendAsync(requests.SelectMany(r => r).ToArray());
        var ids = new HashSet<byte>();
        while (ids.Count < requests.Length)
        {
            ids.Add((await client.ReadPacketAsync())![1]);
        }

        foreach (var octet in requests[0])
        {
            await client.SendAsync(new[] { octet });
        }

        Assert.Equal(0, (await client.ReadPacketAsync())![1]);
    }

    [Fact]
    public async Task A_certificate_that_our_authority_did_not_sign_is_refused()
    {
        var before = Counted.Ended(RadSecEnd.Handshake);

        await RefusedAsync(new TestAuthority("Somebody else").ForRouter("by-name.example"));
        await RefusedAsync(fixture.Authority.ForRouter("by-name.example", until: new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        await RefusedAsync(fixture.Authority.ForServer("by-name.example"));

        await Eventually.Is(() => Counted.Ended(RadSecEnd.Handshake) >= before + 3);
    }

    [Fact]
    public async Task A_router_without_a_certificate_is_refused()
    {
        var before = Counted.Ended(RadSecEnd.Handshake);

        await RefusedAsync(null);

        await Eventually.Is(() => Counted.Ended(RadSecEnd.Handshake) > before);
    }

    [Fact]
    public async Task A_good_certificate_of_no_NAS_is_refused_and_seen_among_the_unknown_sources()
    {
        var before = Counted.Ended(RadSecEnd.UnknownCertificate);

        await RefusedAsync(fixture.Authority.ForRouter("nobody.example"));

        await Eventually.Is(() => Counted.Ended(RadSecEnd.UnknownCertificate) > before);
        Assert.Contains(fixture.Host.Counters.UnknownSources.Newest(), s => IPAddress.IsLoopback(s.Source.ToAddress()));
        Assert.Contains(fixture.Host.Log.Lines, l => l.Contains("no NAS is known by", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_certificate_of_two_common_names_names_nobody()
    {
        await RefusedAsync(fixture.Authority.Issue("CN=by-name.example, CN=nobody.example", "1.3.6.1.5.5.7.3.2", null));
    }

    [Fact]
    public async Task Octets_that_are_not_TLS_end_the_connection()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(fixture.EndPoint, Ct);
        await socket.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), Ct);
        var buffer = new byte[64];

        while (await ReceiveAsync(socket, buffer) > 0)
        {
            // an alert may come first
        }
    }

    [Fact]
    public async Task Octets_that_are_not_RADIUS_end_the_connection() // RFC 6613 §2.6.4
    {
        var before = Counted.Ended(RadSecEnd.Malformed);
        foreach (var garbage in (byte[][])[[1, 1, 0, 3, .. new byte[30]], [1, 1, 255, 255, .. new byte[30]], "GET / HTTP/1.1\r\nHost: example\r\n\r\n"u8.ToArray()])
        {
            await using var client = await fixture.ConnectAsync(fixture.Routers["by-name.example"]);
            await client.SendAsync(garbage);
            Assert.True(await client.IsClosedAsync());
        }

        await Eventually.Is(() => Counted.Ended(RadSecEnd.Malformed) >= before + 3);
    }

    [Fact]
    public async Task A_packet_signed_with_another_secret_ends_the_connection() // RFC 6613 §2.6.4, RFC 6614 §2.3: the secret is "radsec"
    {
        await using var client = await fixture.ConnectAsync(fixture.Routers["by-name.example"]);

        await client.SendAsync(Test.Accounting(AcctStatusType.Start, "tls-line", "forged").EncodeRequest(new RadiusSecret("something else")));

        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task Half_a_packet_and_then_silence_ends_the_connection_however_slowly_it_trickles()
    {
        var before = Counted.Ended(RadSecEnd.SlowPacket);
        await using var silent = await fixture.ConnectAsync(fixture.Routers["by-name.example"]);
        await using var trickling = await fixture.ConnectAsync(fixture.Routers["by-name.example"]);
        var packet = Request(silent, "tls-line", HostFixture.Password).EncodeRequest(RadSecTestClient.Secret);
        await silent.SendAsync(packet.AsMemory(0, packet.Length / 2));

        var closed = trickling.IsClosedAsync();
        for (var i = 0; i < packet.Length - 1 && !closed.IsCompleted; i++)
        {
            try
            {
                await trickling.SendAsync(packet.AsMemory(i, 1));
            }
            catch (IOException)
            {
                break;
            }

            await Task.WhenAny(closed, Task.Delay(200, Ct));
        }

        Assert.True(await silent.IsClosedAsync());
        Assert.True(await closed);
        await Eventually.Is(() => Counted.Ended(RadSecEnd.SlowPacket) >= before + 2);
    }

    [Fact]
    public async Task A_handshake_that_does_not_go_on_is_ended()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(fixture.EndPoint, Ct);

        await socket.SendAsync(new byte[] { 22, 3, 1, 0, 200, 1 }, Ct); // the first octets of a ClientHello

        while (await ReceiveAsync(socket, new byte[64]) > 0)
        {
        }
    }

    [Fact]
    public async Task More_connections_than_allowed_from_one_address_are_refused_and_leave_room_when_they_end()
    {
        var before = Counted.Ended(RadSecEnd.TooMany);
        var open = new List<Socket>();
        while (Counted.Ended(RadSecEnd.TooMany) == before)
        {
            Assert.True(open.Count < 50);
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            open.Add(socket);
            await socket.ConnectAsync(fixture.EndPoint, Ct);
            await Task.Delay(5, Ct);
        }

        open.ForEach(s => s.Dispose());

        await Eventually.Is(async () =>
        {
            try
            {
                await using var client = await fixture.ConnectAsync(fixture.Routers["by-name.example"]);
                return (await client.AskAsync(Request(client, "tls-line", HostFixture.Password))).Code == RadiusCode.AccessAccept;
            }
            catch (IOException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Whoever_asks_us_to_change_a_session_is_told_that_we_do_not() // RFC 6614 §2.5
    {
        await using var client = await fixture.ConnectAsync(fixture.Routers["by-name.example"]);

        var reply = await client.AskAsync(Test.Request(RadiusCode.DisconnectRequest, 9).Add("User-Name", "tls-line"));

        Assert.Equal((RadiusCode.DisconnectNak, (uint)RadiusErrorCause.UnsupportedExtension), (reply.Code, reply.GetNumber("Error-Cause") ?? 0));
    }

    [Fact]
    public async Task A_NAS_that_loses_its_certificate_loses_its_connection()
    {
        var nas = await fixture.Company.AddNasAsync(address: "", configure: n => n.Certificate = "leaving.example");
        await Eventually.Is(() => fixture.Host.Service<Lines.LineDirectory>().Content.Nas.All.Any(n => n.Id == nas.Id));
        await using var client = await fixture.ConnectAsync(fixture.Authority.ForRouter("leaving.example"));
        Assert.Equal(RadiusCode.AccessAccept, (await client.AskAsync(Request(client, "tls-line", HostFixture.Password))).Code);

        await using (var db = fixture.Company.Open())
        {
            (await db.NasDevices.SingleAsync(n => n.Id == nas.Id, Ct)).Change(new NasInput { Name = nas.Name, Address = "10.99.0.1" });
            await db.SaveChangesAsync(Ct);
        }

        await Eventually.Is(() => !fixture.Host.Service<Lines.LineDirectory>().Content.Nas.All.Any(n => n.Facts.Certificate == "leaving.example"));
        await client.SendAsync(Request(client, "tls-line", HostFixture.Password, 77).EncodeRequest(RadSecTestClient.Secret));
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task The_secret_of_TLS_opens_nothing_over_UDP()
    {
        using var socket = new RawSocket(fixture.Host.Authentication);

        Assert.Null(await socket.AskAsync(Test.Login(RadSecTestClient.Secret, "tls-line", HostFixture.Password, 5).EncodeRequest(RadSecTestClient.Secret), TimeSpan.FromMilliseconds(500)));
    }

    private static RadiusMessage Request(RadSecTestClient _, string user, string password, byte id = 0) => Test.Login(RadSecTestClient.Secret, user, password, id);

    private async Task RefusedAsync(X509Certificate2? certificate)
    {
        try
        {
            await using var client = await fixture.ConnectAsync(certificate);
            await client.SendAsync(Request(client, "tls-line", HostFixture.Password).EncodeRequest(RadSecTestClient.Secret));
            Assert.True(await client.IsClosedAsync()); // TLS 1.3: the client learns it when it reads
        }
        catch (IOException)
        {
            // or when it writes
        }
    }

    private static async Task<int> ReceiveAsync(Socket socket, byte[] buffer)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        try
        {
            return await socket.ReceiveAsync(buffer, SocketFlags.None, limit.Token);
        }
        catch (SocketException reset) when (reset.SocketErrorCode is SocketError.ConnectionReset)
        {
            return 0;
        }
    }

    [Fact]
    public async Task Metrics_and_pulse_say_when_our_own_certificate_runs_out()
    {
        using var http = fixture.Host.Http();
        var (until, text) = (fixture.Host.Service<RadSecPorts>().CertificateExpiresAt!.Value, await http.GetStringAsync("/metrics"));

        Assert.Equal(fixture.Server.NotAfter.ToUniversalTime(), until);
        Assert.Contains($"radius_tls_certificate_expiry_seconds {new DateTimeOffset(until).ToUnixTimeSeconds()}\n", text, StringComparison.Ordinal);
        Assert.Equal(until, fixture.Host.Service<Status.Pulse>().Take(0).TlsCertificateExpiresAt);
    }

    public sealed class Fixture : HostFixture
    {
        private (string Key, string Value)[] _settings = [];

        internal TestAuthority Authority { get; } = new();

        internal X509Certificate2 Server { get; private set; } = null!;

        internal Dictionary<string, X509Certificate2> Routers { get; } = [];

        public Nas ByName { get; private set; } = null!;

        internal IPEndPoint EndPoint => Host.Service<RadSecPorts>().EndPoint;

        protected override (string Key, string Value)[] Settings => _settings;

        internal Task<RadSecTestClient> ConnectAsync(X509Certificate2? certificate) => RadSecTestClient.ConnectAsync(EndPoint, Authority, certificate);

        protected override async Task PrepareAsync()
        {
            Routers["by-name.example"] = Authority.ForRouter("By-Name.example");
            Routers["by-dns-name.example"] = Authority.ForRouter("some router", "by-dns-name.example");
            Routers["by-fingerprint.example"] = Authority.ForRouter("unlisted name");
            ByName = await Company.AddNasAsync(address: "", configure: n => n.Certificate = "by-name.example");
            await Company.AddNasAsync(address: "", configure: n => n.Certificate = "by-dns-name.example");
            await Company.AddNasAsync(address: "", configure: n => n.Certificate = NasCertificate.Fingerprint(Routers["by-fingerprint.example"].RawData));
            await Company.AddSubscriptionAsync(package: Package, username: "tls-line", password: Password);
            await Company.AddSubscriptionAsync(package: Package, username: "accounted-line", password: Password);
            Server = Authority.ForServer();
            _settings =
            [
                .. Authority.Write(Database.Folder.FullName, Server),
                ("Radius:RadSecPort", $"{Test.FreeTcpPort()}"), ("Radius:RadSecPatienceSeconds", "2"), ("Radius:RadSecConnectionsPerAddress", "20"),
            ];
        }
    }
}
