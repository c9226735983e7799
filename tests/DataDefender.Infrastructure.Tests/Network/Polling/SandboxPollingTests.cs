using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DataDefender.Infrastructure.Tests.Network.Polling;

/// <summary>The poller over real sockets: simulated routers of three versions, real time, a real database.</summary>
public sealed class SandboxPollingTests : IAsyncLifetime
{
    private static readonly DateTimeOffset LicenceEnds = new(2031, 5, 4, 3, 2, 1, TimeSpan.Zero);

    private readonly Dictionary<string, Router> _routers = [];
    private SandboxWorld _world = null!;
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private RouterPoller _poller = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private LiveMetrics Metrics => _services.Provider.GetRequiredService<LiveMetrics>();

    public async ValueTask InitializeAsync()
    {
        _world = await SandboxWorld.StartAsync(new SandboxOptions
        {
            AutoDial = false,
            Routers = [.. ((string[])["v6.49", "v7.9", "v7.22"]).Select(p => new RouterOptions
            {
                Name = p, Personality = p, User = "poller", Password = "pw", BootSeconds = 0.2, ChrLevel = p == "v6.49" ? null : "p10", LicenceDeadline = p == "v6.49" ? null : LicenceEnds,
            })],
        });
        _services = await TestServices.CreateAsync(configure: services =>
        {
            services.AddRouterOs().AddRouterPolling().AddSingleton(TimeProvider.System);
            services.Configure<RouterOsOptions>(o => (o.DeniedNetworks, o.ConnectTimeout, o.ReadTimeout) = ("", TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5)));
            services.Configure<PollingOptions>(o =>
            {
                o.Interval = o.SessionInterval = TimeSpan.FromSeconds(0.6);
                o.ReloadInterval = o.StoreInterval = o.FirstBackOff = o.LongestBackOff = TimeSpan.FromSeconds(0.1);
            });
        });
        _company = await TestCompany.CreateAsync(_services);
        foreach (var simulated in _world.Routers)
        {
            var secure = simulated.Name == "v7.22";
            _routers[simulated.Name] = await _company.AddRouterAsync(
                simulated.Name, "127.0.0.1", (secure ? simulated.TlsEndPoint : simulated.ApiEndPoint)!.Port, "poller", "pw", secure);
        }

        _poller = _services.Provider.GetServices<IHostedService>().OfType<RouterPoller>().Single();
        await _poller.StartAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _poller.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Routers_of_three_versions_come_up_with_rates_and_are_described()
    {
        foreach (var name in _routers.Keys)
        {
            var seen = await SeenAsync(name, s => s is { State: RouterState.Up, RxBitsPerSecond: > 0, TxBitsPerSecond: > 0 });
            Assert.InRange(seen.CpuPercent!.Value, 1, 99);
            Assert.True(seen.MemoryUsed < seen.MemoryTotal);
            Assert.True(seen.Uptime > TimeSpan.FromHours(1));
            Assert.Equal(0, seen.ActiveSessions);
            Assert.Equal(name == "v6.49" ? new RouterLicence("6", null, null) : new RouterLicence("p10", LicenceEnds.DateTime, LicenceEnds.AddDays(-30).DateTime), seen.Licence);
            Assert.Contains(seen.Interfaces, i => i is { Name: "ether1", Running: true });
        }

        var v7 = await StoredAsync("v7.22", r => r.CertificateFingerprint is not null && r.State == RouterState.Up);
        Assert.Equal((_world["v7.22"].Personality.FullVersion, _world["v7.22"].Personality.Model), (v7.RouterOsVersion, v7.Model));
        Assert.NotNull(v7.SerialNumber);
        Assert.All(_world.Routers, r => Assert.Equal(1, r.ApiConnectionsAccepted)); // pinning did not open another
    }

    [Fact]
    public async Task Lines_without_RADIUS_are_seen_on_routers_of_three_versions_and_go_when_they_hang_up()
    {
        await using (var db = _company.Open())
        {
            foreach (var router in await db.Routers.ToListAsync(Ct))
            {
                router.Plan(router.Design with { LinePush = LinePush.Secrets, PushUnbound = true, LocalAddress = "100.90.0.1" });
            }

            await db.SaveChangesAsync(Ct);
        }

        var lines = _services.Provider.GetRequiredService<LinesOnRouters>();
        foreach (var name in _routers.Keys)
        {
            var (simulated, gateway) = (_world[name], _services.Provider.GetRequiredService<IRouterGateway>());
            var router = await StoredAsync(name, _ => true);
            (await gateway.AddAsync(router.Endpoint(await _services.Vault.OpenAsync(_company.Id, Ct)), "/ppp/secret", [("name", $"jane-{name}"), ("password", "pw"), ("service", "pppoe"), ("remote-address", "100.90.0.9")], Ct)).Require();
            var subscriber = simulated.Nas.Add(new SubscriberOptions { Username = $"jane-{name}", Password = "pw", Router = name, Method = AuthenticationMethod.Pap });
            simulated.Nas.Dial(subscriber);

            var on = await SeenOnAsync(name, l => l.IsOnline);
            Assert.Equal(("100.90.0.9", name), (on.Seen!.Address, on.Router));
            (await gateway.ExecuteAsync(router.Endpoint(await _services.Vault.OpenAsync(_company.Id, Ct)), RouterCommand.Remove("/ppp/secret", [$"jane-{name}"]), Ct)).Require(); // or it dials in again
            simulated.Nas.HangUp(subscriber);
            await SeenOnAsync(name, l => l is { IsFresh: true, Seen: null });
        }

        async Task<LineOnRouter> SeenOnAsync(string name, Func<LineOnRouter, bool> isSo)
        {
            for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30); await Task.Delay(50, Ct))
            {
                if (lines.Of(_company.Id).SingleOrDefault(r => r.Router == name) is { } read
                    && new LineOnRouter(read.RouterId, read.Router, read.Online.GetValueOrDefault($"jane-{name}"), read.At, read.GoodFor, read.IsFresh(TimeProvider.System.GetUtcNow().UtcDateTime), read.TellsAbsence) is var line && isSo(line))
                {
                    return line;
                }
            }

            throw new TimeoutException($"It was not seen so on {name}.");
        }
    }

    [Fact]
    public async Task A_router_that_goes_dark_is_down_until_it_comes_back_and_the_others_do_not_notice()
    {
        await SeenAsync("v7.9", s => s.State is RouterState.Up);
        _world["v7.9"].Faults.On(Fault.Dark);

        var down = await SeenAsync("v7.9", s => s.State is RouterState.Down);
        Assert.Null(down.CpuPercent);
        Assert.NotNull(down.LastSeenAt);
        await StoredAsync("v7.9", r => r.State == RouterState.Down);
        Assert.Equal(RouterState.Up, Metrics.Latest(_company.Id, _routers["v7.22"].Id)!.State);

        _world["v7.9"].Faults.Clear();
        await SeenAsync("v7.9", s => s.State is RouterState.Up);
        await StoredAsync("v7.9", r => r.State == RouterState.Up);
        await using var db = _company.Open();
        var kinds = await db.NetworkEvents.Where(e => e.RouterId == _routers["v7.9"].Id).OrderBy(e => e.Id).Select(e => e.Kind).ToListAsync(Ct);
        Assert.Equal("router.up", kinds[0]);
        Assert.Equal(["router.down", "router.up"], kinds[^2..]);
    }

    [Fact]
    public async Task A_reboot_is_an_event_and_gives_no_absurd_rates()
    {
        await SeenAsync("v6.49", s => s is { State: RouterState.Up, RxBitsPerSecond: > 0 });
        var rates = new List<double>();
        using var watch = Metrics.Watch(_company.Id, () => rates.Add(Metrics.Latest(_company.Id, _routers["v6.49"].Id)?.RxBitsPerSecond ?? 0));

        await _world["v6.49"].RebootAsync();

        await SeenAsync("v6.49", s => s is { State: RouterState.Up, Uptime.TotalMinutes: < 5, RxBitsPerSecond: not null });
        Assert.All(rates.ToList(), rate => Assert.InRange(rate, 0, 100_000_000));
        await EventuallyAsync(async () =>
        {
            await using var db = _company.Open();
            return await db.NetworkEvents.AnyAsync(e => e.Kind == "router.restarted" && e.RouterId == _routers["v6.49"].Id, Ct);
        });
    }

    private async Task<RouterSnapshot> SeenAsync(string name, Func<RouterSnapshot, bool> condition)
    {
        var came = new TaskCompletionSource<RouterSnapshot>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = Metrics.Watch(_company.Id, Look);
        Look();
        return await came.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct);

        void Look()
        {
            if (Metrics.Latest(_company.Id, _routers[name].Id) is { } latest && condition(latest))
            {
                came.TrySetResult(latest);
            }
        }
    }

    private async Task<Router> StoredAsync(string name, Func<Router, bool> condition)
    {
        Router? stored = null;
        await EventuallyAsync(async () =>
        {
            await using var db = _company.Open();
            stored = await db.Routers.AsNoTracking().SingleAsync(r => r.Id == _routers[name].Id, Ct);
            return condition(stored);
        });
        return stored!;
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(30), "It did not come about.");
            await Task.Delay(50, Ct);
        }
    }
}
