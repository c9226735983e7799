using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.RouterOs;
using static DataDefender.Infrastructure.Tests.Network.RouterOs.RouterOsTest;

namespace DataDefender.Infrastructure.Tests.Network.RouterOs;

public sealed class ConnectTests
{
    private static readonly string[] Challenged = ["!done", "=ret=0123456789abcdef0123456789abcdef"];

    [Fact]
    public async Task A_router_of_before_6_43_gets_the_hashed_answer_to_its_challenge()
    {
        await using var router = new FakeRouter(async session =>
        {
            await session.ReadAsync();
            await session.SendAsync(Challenged);
            var answer = (await session.ReadAsync())!;
            byte[] secret = [0, .. Encoding.UTF8.GetBytes(FakeRouter.Password), .. Convert.FromHexString("0123456789abcdef0123456789abcdef")];
            Assert.Equal($"00{Convert.ToHexStringLower(MD5.HashData(secret))}", answer.Attribute("response"));
            await session.SendAsync("!done");
            await session.UntilClosedAsync();
        });

        await using var connection = await ConnectAsync(router).InTime();

        Assert.Null(connection.FaultReason);
    }

    [Theory]
    [InlineData("invalid user name or password (6)")]
    [InlineData("cannot log in")]
    public async Task A_wrong_password_is_told_as_such(string message)
    {
        await using var router = new FakeRouter(async session =>
        {
            await session.ReadAsync();
            await session.SendAsync("!trap", $"=message={message}");
            await session.SendAsync("!done");
        });

        Assert.Equal(RouterConnectFailureKind.WrongPassword, (await FailAsync(router.Endpoint())).Kind);
    }

    [Fact]
    public async Task A_router_without_a_session_left_is_told_as_such()
    {
        await using var router = new FakeRouter(async session =>
        {
            await session.ReadAsync();
            await session.SendAsync("!fatal", "too many sessions");
        });

        Assert.Equal(RouterConnectFailureKind.ConnectionLimit, (await FailAsync(router.Endpoint())).Kind);
    }

    [Fact]
    public async Task A_router_that_hangs_up_before_the_sign_in_is_told_as_such()
    {
        await using var router = new FakeRouter(_ => Task.CompletedTask);

        Assert.Equal(RouterConnectFailureKind.ClosedByRouter, (await FailAsync(router.Endpoint())).Kind);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n")]
    [InlineData("SSH-2.0-ROSSSH\r\n")]
    [InlineData("220 FTP server ready\r\n")]
    public async Task Another_service_on_the_port_is_told_apart_without_repeating_what_it_said(string banner)
    {
        await using var router = new FakeRouter(async session =>
        {
            await session.RawAsync(Encoding.ASCII.GetBytes(banner));
            await session.UntilClosedAsync();
        });

        var failure = await FailAsync(router.Endpoint());

        Assert.Equal(RouterConnectFailureKind.NotRouterOs, failure.Kind);
        Assert.DoesNotContain(banner[..4], failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_where_nothing_listens_is_refused()
    {
        using var unused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // taken, not listening

        var failure = await FailAsync(Plain(((IPEndPoint)unused.LocalEndPoint!).Port));

        Assert.Equal(RouterConnectFailureKind.ConnectionRefused, failure.Kind);
    }

    [Theory]
    [InlineData("no-such-router.invalid")]
    [InlineData("not a host name")]
    public async Task A_name_without_an_address_is_told_as_such(string host) =>
        Assert.Equal(RouterConnectFailureKind.NameNotFound, (await FailAsync(Plain(8728) with { Host = host })).Kind);

    [Fact]
    public async Task A_router_that_accepts_and_says_nothing_fails_within_the_deadline()
    {
        await using var router = new FakeRouter(session => session.UntilClosedAsync());

        var failure = await FailAsync(router.Endpoint(), o => o.LoginTimeout = TimeSpan.FromMilliseconds(200));

        Assert.Equal(RouterConnectFailureKind.Silent, failure.Kind);
    }

    [Fact]
    public async Task A_host_that_drops_the_handshake_fails_within_the_deadline()
    {
        // With a full backlog the kernel drops further handshakes, as a firewall would.
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen(0);
        var port = ((IPEndPoint)deaf.LocalEndPoint!).Port;
        var fillers = Enumerable.Range(0, 4).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        var filling = fillers.ConvertAll(f => f.ConnectAsync(IPAddress.Loopback, port));
        await filling[0].InTime();

        var failure = await FailAsync(Plain(port), o => o.ConnectTimeout = TimeSpan.FromMilliseconds(300));

        Assert.Equal(RouterConnectFailureKind.Unreachable, failure.Kind);
        fillers.ForEach(f => f.Dispose());
        foreach (var fill in filling)
        {
            await Record.ExceptionAsync(() => fill);
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("0.0.0.0")]
    public async Task A_company_cannot_point_a_router_at_this_servers_own_services(string host)
    {
        var connector = new RouterOsConnector(new RouterOsOptions(), TimeProvider.System);

        var ex = await Assert.ThrowsAsync<RouterConnectException>(() => connector.OpenAsync(Plain(22) with { Host = host }, Ct).InTime());

        Assert.Equal(RouterConnectFailureKind.AddressNotAllowed, ex.Failure.Kind);
    }

    [Fact]
    public async Task With_no_fingerprint_pinned_the_certificate_is_trusted_and_reported()
    {
        using var certificate = FakeRouter.Certificate(TimeSpan.FromDays(10));
        await using var router = FakeRouter.SignedIn(s => s.UntilClosedAsync(), certificate);

        await using var connection = await ConnectAsync(router).InTime();

        Assert.Equal(certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant(), connection.Certificate!.Fingerprint);
        Assert.Equal("CN=router-under-test", connection.Certificate.Subject);
        Assert.Equal(certificate.NotAfter.ToUniversalTime(), connection.Certificate.ExpiresAt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_pinned_certificate_is_accepted_however_its_fingerprint_is_written(bool colons)
    {
        using var certificate = FakeRouter.Certificate(TimeSpan.FromDays(10));
        await using var router = FakeRouter.SignedIn(s => s.UntilClosedAsync(), certificate);
        var hex = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        var pin = colons ? string.Join(':', hex.Chunk(2).Select(c => new string(c))) : hex;

        await using var connection = await new RouterOsConnector(Options(), TimeProvider.System)
            .OpenAsync(router.Endpoint() with { CertificateFingerprint = pin }, Ct).InTime();

        Assert.Null(connection.FaultReason);
    }

    [Fact]
    public async Task Another_certificate_than_the_pinned_one_is_refused_with_both_fingerprints()
    {
        using var certificate = FakeRouter.Certificate(TimeSpan.FromDays(10));
        await using var router = FakeRouter.SignedIn(s => s.UntilClosedAsync(), certificate);
        var pinned = new string('a', 64);

        var failure = await FailAsync(router.Endpoint() with { CertificateFingerprint = pinned });

        Assert.Equal((RouterConnectFailureKind.CertificateChanged, pinned), (failure.Kind, failure.PinnedFingerprint));
        Assert.Equal(certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant(), failure.Seen!.Fingerprint);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused_with_its_date()
    {
        using var certificate = FakeRouter.Certificate(TimeSpan.FromDays(-2));
        await using var router = FakeRouter.SignedIn(s => s.UntilClosedAsync(), certificate);

        var failure = await FailAsync(router.Endpoint());

        Assert.Equal(RouterConnectFailureKind.CertificateExpired, failure.Kind);
        Assert.Equal(certificate.NotAfter.ToUniversalTime(), failure.Seen!.ExpiresAt);
    }

    [Fact]
    public async Task Tls_towards_a_port_without_it_is_told_as_such()
    {
        await using var router = new FakeRouter(async session =>
        {
            await session.RawAsync("\u0005!trap"u8.ToArray());
            await session.UntilClosedAsync();
        });

        Assert.Equal(RouterConnectFailureKind.TlsFailed, (await FailAsync(router.Endpoint() with { UseTls = true })).Kind);
    }

    [Fact]
    public void The_password_is_not_part_of_what_an_endpoint_prints() =>
        Assert.DoesNotContain("hunter2", new RouterEndpoint(Guid.CreateVersion7(), "10.0.0.1", 8728, false, null, "poller", "hunter2").ToString(), StringComparison.Ordinal);

    private static RouterEndpoint Plain(int port) => new(Guid.CreateVersion7(), "127.0.0.1", port, false, null, FakeRouter.User, FakeRouter.Password);

    private static async Task<RouterConnectFailure> FailAsync(RouterEndpoint router, Action<RouterOsOptions>? change = null)
    {
        var ex = await Assert.ThrowsAsync<RouterConnectException>(() => new RouterOsConnector(Options(change), TimeProvider.System).OpenAsync(router, Ct).InTime());
        return ex.Failure;
    }
}
