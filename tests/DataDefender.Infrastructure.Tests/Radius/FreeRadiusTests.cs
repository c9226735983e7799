using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Testing;

namespace DataDefender.Infrastructure.Tests.Radius;

/// <summary>Our client against a FreeRADIUS server (Debian: freeradius), which checks logins and derives keys by itself.</summary>
public sealed class FreeRadiusTests(FreeRadiusTests.Server server) : IClassFixture<FreeRadiusTests.Server>
{
    private const string Password = "correct horse";

    [Fact]
    public async Task FreeRadius_takes_our_pap_and_we_read_its_accept()
    {
        var client = await server.ClientAsync();
        var request = client.PppoeRequest("bob");
        var reply = await client.AskAsync(request.AddPapPassword(Password, client.Secret));

        Assert.Equal(RadiusCode.AccessAccept, reply.Code);
        Assert.Equal("10.0.0.9", reply["Framed-IP-Address"]);
        Assert.Equal("1M/2M", reply["Mikrotik-Rate-Limit"]);
        Assert.Equal("2001:db8:0:100::/56", reply["Delegated-IPv6-Prefix"]);
        Assert.Equal("1:VLAN", reply["Tunnel-Type"]);
        Assert.Equal("sesame"u8.ToArray(), reply.GetSalted("Tunnel-Password", client.Secret, request.Authenticator));
    }

    [Fact]
    public async Task FreeRadius_takes_our_chap() => Assert.Equal(RadiusCode.AccessAccept, (await (await server.ClientAsync()).ChapAsync("bob", Password)).Code);

    [Fact]
    public async Task FreeRadius_takes_our_ms_chap_v1() => Assert.Equal(RadiusCode.AccessAccept, (await (await server.ClientAsync()).MsChapV1Async("bob", Password)).Code);

    [Fact]
    public async Task FreeRadius_derives_the_same_proof_and_keys_from_our_ms_chap_v2()
    {
        var client = await server.ClientAsync();
        var request = client.PppoeRequest("bob").AddMsChapV2Password(Password);
        var reply = await client.AskAsync(request);

        Assert.Equal(RadiusCode.AccessAccept, reply.Code);
        Assert.True(request.IsProvenBy(reply, Password));
        Assert.False(request.IsProvenBy(reply, "another"));

        var (hash, send, receive) = (new byte[16], new byte[16], new byte[16]);
        MsChap.HashPassword(Password, hash);
        Mppe.DeriveKeys(hash, MsChapV2.NtResponse(request.GetOctets("MS-CHAP2-Response")!.Value.Span), send, receive);
        Assert.Equal(send, reply.GetSalted("MS-MPPE-Send-Key", client.Secret, request.Authenticator));
        Assert.Equal(receive, reply.GetSalted("MS-MPPE-Recv-Key", client.Secret, request.Authenticator));
    }

    [Fact]
    public async Task FreeRadius_refuses_wrong_passwords_by_every_method()
    {
        var client = await server.ClientAsync();
        Assert.Equal(RadiusCode.AccessReject, (await client.PapAsync("bob", "wrong")).Code);
        Assert.Equal(RadiusCode.AccessReject, (await client.ChapAsync("bob", "wrong")).Code);
        Assert.Equal(RadiusCode.AccessReject, (await client.MsChapV1Async("bob", "wrong")).Code);
        var reply = await client.MsChapV2Async("bob", "wrong");
        Assert.Equal(RadiusCode.AccessReject, reply.Code);
        Assert.Contains("E=691 R=", reply.GetText("MS-CHAP-Error"), StringComparison.Ordinal);
    }

    /// <summary>A FreeRADIUS process of its own, with one user, that demands a Message-Authenticator.</summary>
    public sealed class Server : IAsyncDisposable
    {
        private const string Modules = "/usr/lib/freeradius";
        private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(20);

        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("freeradius-");
        private Process? _process;

        private RadiusTestClient? _client;

        // Started by the first test rather than by the runner, so that a machine without FreeRADIUS skips the tests.
        public async Task<RadiusTestClient> ClientAsync() => _client ??= await StartAsync();

        public async ValueTask DisposeAsync()
        {
            if (_process is { } process)
            {
                process.Kill();
                await process.WaitForExitAsync();
                process.Dispose();
            }

            _folder.Delete(recursive: true);
        }

        private async Task<RadiusTestClient> StartAsync()
        {
            var program = Requires.Program("freeradius", "freeradius is not installed (Debian: freeradius)", "/usr/sbin");
            Requires.That(Directory.Exists(Modules), $"FreeRADIUS's modules are not in {Modules}");
            var endpoint = FreePort();
            await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "users"), """
                bob Cleartext-Password := "correct horse"
                    Framed-IP-Address = 10.0.0.9,
                    Mikrotik-Rate-Limit = "1M/2M",
                    Delegated-IPv6-Prefix = 2001:db8:0:100::/56,
                    Tunnel-Type:1 = VLAN,
                    Tunnel-Password:1 = "sesame"

                """);
            await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "radiusd.conf"), Configuration(endpoint));

            _process = Process.Start(new ProcessStartInfo(program, ["-X", "-d", _folder.FullName]) { UseShellExecute = false, RedirectStandardOutput = true })!;
            using var patience = new CancellationTokenSource(StartTime);
            var last = "it said nothing";
            while (await _process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                last = line;
                if (line.Contains("Ready to process requests", StringComparison.Ordinal))
                {
                    _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None); // or it stops when the pipe is full
                    return new RadiusTestClient(endpoint, endpoint, "testing123");
                }
            }

            throw new InvalidOperationException("FreeRADIUS did not start: " + last);
        }

        private static IPEndPoint FreePort()
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return (IPEndPoint)socket.LocalEndPoint!;
        }

        private string Configuration(IPEndPoint endpoint) =>
            $$"""
            name = radiusd
            logdir = {{_folder.FullName}}
            run_dir = {{_folder.FullName}}
            libdir = {{Modules}}
            log {
                destination = stdout
            }
            client test {
                ipaddr = 127.0.0.1
                secret = testing123
                require_message_authenticator = yes
            }
            modules {
                pap {
                }
                chap {
                }
                mschap {
                    use_mppe = yes
                }
                files {
                    usersfile = {{_folder.FullName}}/users
                }
            }
            server default {
                listen {
                    type = auth
                    ipaddr = {{endpoint.Address}}
                    port = {{endpoint.Port}}
                }
                authorize {
                    files
                    chap
                    mschap
                    pap
                }
                authenticate {
                    Auth-Type PAP {
                        pap
                    }
                    Auth-Type CHAP {
                        chap
                    }
                    Auth-Type MS-CHAP {
                        mschap
                    }
                }
            }

            """;
    }
}
