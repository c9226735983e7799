using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Testing;
using DataDefender.Web.Tests.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace DataDefender.Web.Tests.Browser;

/// <summary>A wall display has nobody to touch it: whatever happens to the line or to the server, it is live again by itself.</summary>
public sealed class WallInTheBrowserTests(BrowserWeb web) : IClassFixture<BrowserWeb>
{
    private static readonly LocatorAssertionsToBeVisibleOptions Patient = new() { Timeout = 90_000 };

    [Fact]
    public async Task The_wall_goes_on_after_its_connection_is_cut_and_after_the_server_was_restarted_without_a_click()
    {
        await using var visit = await web.OpenAsync(1920, 1080);
        var company = await web.AddCompanyAsync();
        var router = await company.AddRouterAsync("NBO-1");
        var (_, email) = await web.AddPersonAsync(company, Role.NocOperator);
        await using var line = CutLine.To(new Uri(web.Url).Port);
        await visit.Page.GotoAsync(line.Url + "/sign-in");
        await visit.Page.FillAsync("#email", email);
        await visit.Page.FillAsync("#password", TestWeb.Password);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await visit.ShellAsync();
        await visit.Page.GotoAsync(line.Url + "/wall");
        Publish(web, router, 11_000_000);
        await Expect(visit.Page.Locator(".wall-figures", new() { HasText = "11.0 Mbps" })).ToBeVisibleAsync();
        Assert.Equal("none", await visit.Page.Locator(".wall-name h1").EvaluateAsync<string>("h => getComputedStyle(h).boxShadow"));
        await visit.Page.EvaluateAsync("() => window.sameDocument = true");

        line.Cut();
        await Expect(visit.Page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        line.Mend();
        await Expect(visit.Page.Locator("#components-reconnect-modal")).ToBeHiddenAsync(new() { Timeout = 60_000 });
        Publish(web, router, 22_000_000);
        await Expect(visit.Page.Locator(".wall-figures", new() { HasText = "22.0 Mbps" })).ToBeVisibleAsync();
        Assert.True(await visit.Page.EvaluateAsync<bool>("() => window.sameDocument === true"), "A short cut must not load the page again.");

        // A new process knows nothing of the circuit.
        await using var again = new TestWeb(web.Database);
        await again.InitializeAsync();
        line.Cut();
        line.Mend(new Uri(await again.ServeAsync()).Port);
        await visit.Page.WaitForFunctionAsync("() => window.sameDocument !== true", null, new() { Timeout = 90_000, PollingInterval = 500 });
        Publish(again, router, 33_000_000);
        await Expect(visit.Page.Locator(".wall-figures", new() { HasText = "33.0 Mbps" })).ToBeVisibleAsync(Patient);
        Assert.Equal(0, await visit.Page.Locator("button:visible, a:visible").CountAsync());
    }

    private static void Publish(TestWeb to, Router router, double bits) => to.Services.GetRequiredService<LiveMetrics>().Publish(new RouterSnapshot(
        router.TenantId, router.Id, router.Name, TimeProvider.System.GetUtcNow().UtcDateTime, RouterState.Up, null, null, 20, 400, 1000, TimeSpan.FromDays(3), 12, bits, 5_000_000, 12, []));

    /// <summary>The line between the display and the server: cut, nothing gets through and what was open is gone.</summary>
    private sealed class CutLine : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentDictionary<Socket, byte> _open = new();
        private readonly Task _accepting;
        private volatile bool _cut;
        private volatile int _port;

        private CutLine(int port)
        {
            _port = port;
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public string Url => $"http://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public static CutLine To(int port) => new(port);

        public void Cut()
        {
            _cut = true;
            foreach (var socket in _open.Keys)
            {
                socket.Dispose();
            }
        }

        /// <param name="port">Where the server is now; by default where it was.</param>
        public void Mend(int? port = null)
        {
            _port = port ?? _port;
            _cut = false;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            Cut();
            _listener.Stop();
            await _accepting;
            _stop.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    var here = await _listener.AcceptSocketAsync(_stop.Token);
                    _ = CarryAsync(here);
                }
            }
            catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task CarryAsync(Socket here)
        {
            using var there = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using (here)
            {
                if (_cut)
                {
                    return;
                }

                (_open[here], _open[there]) = (0, 0);
                try
                {
                    await there.ConnectAsync(IPAddress.Loopback, _port, _stop.Token);
                    await Task.WhenAny(PumpAsync(here, there), PumpAsync(there, here));
                }
                catch (Exception gone) when (gone is SocketException or OperationCanceledException or ObjectDisposedException)
                {
                    // Cut, or the server is away.
                }
                finally
                {
                    _open.TryRemove(here, out _);
                    _open.TryRemove(there, out _);
                }
            }
        }

        private async Task PumpAsync(Socket from, Socket to)
        {
            var buffer = new byte[16 * 1024];
            try
            {
                while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var read)
                {
                    for (var sent = 0; sent < read;)
                    {
                        sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
                    }
                }
            }
            catch (Exception gone) when (gone is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The other side's end is told by closing both.
            }
        }
    }
}
