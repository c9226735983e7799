using System.Collections.Concurrent;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DataDefender.Infrastructure.Tests.Network.Polling;

/// <summary>The whole poller over a database, on the test's clock.</summary>
public sealed class RouterPollerTests : IAsyncLifetime
{
    private readonly FakeGateway _gateway = new();
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private RouterPoller _poller = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private LiveMetrics Metrics => _services.Provider.GetRequiredService<LiveMetrics>();

    public async ValueTask InitializeAsync()
    {
        _services = await TestServices.CreateAsync(configure: services => services.AddSingleton<IRouterGateway>(_gateway).AddRouterPolling());
        _company = await TestCompany.CreateAsync(_services);
        _poller = _services.Provider.GetServices<IHostedService>().OfType<RouterPoller>().Single();
    }

    public async ValueTask DisposeAsync()
    {
        await _poller.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task A_router_added_while_it_runs_is_polled_and_stored_within_seconds()
    {
        await _poller.StartAsync(Ct);
        var router = await _company.AddRouterAsync("NBO-1");
        _gateway.Healthy(router.Id);
        var added = _services.Clock.Now;

        await UntilAsync(() => State(router) is RouterState.Up);
        await UntilAsync(async () =>
        {
            await using var db = _company.Open();
            return await db.Routers.AnyAsync(r => r.Id == router.Id && r.State == RouterState.Up, Ct);
        });

        Assert.True(_services.Clock.Now - added < TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task A_removed_router_is_forgotten_by_poller_gateway_and_screens()
    {
        var router = await _company.AddRouterAsync();
        _gateway.Healthy(router.Id);
        await _poller.StartAsync(Ct);
        await UntilAsync(() => State(router) is RouterState.Up);

        await using (var db = _company.Open())
        {
            db.Remove(await db.Routers.SingleAsync(r => r.Id == router.Id, Ct));
            await db.SaveChangesAsync(Ct);
        }

        await UntilAsync(() => State(router) is null);
        Assert.Contains(router.Id, _gateway.Forgotten);
    }

    [Fact]
    public async Task A_router_that_got_another_address_is_polled_there_at_once()
    {
        var router = await _company.AddRouterAsync(host: "10.0.0.1");
        _gateway.Answer(router.Id, _ => FakeGateway.NotConnected(RouterConnectFailureKind.WrongPassword));
        await _poller.StartAsync(Ct);
        await UntilAsync(() => State(router) is RouterState.Degraded);
        _services.Clock.Advance(TimeSpan.FromMinutes(30)); // deep in its back-off

        await using (var db = _company.Open())
        {
            (await db.Routers.SingleAsync(r => r.Id == router.Id, Ct)).Change(new RouterInput { Name = router.Name, Host = "10.0.0.2", Username = "poller" });
            await db.SaveChangesAsync(Ct);
        }

        _gateway.Healthy(router.Id);
        var changed = _services.Clock.Now;

        await UntilAsync(() => State(router) is RouterState.Up);

        Assert.True(_services.Clock.Now - changed < TimeSpan.FromSeconds(15));
        Assert.Equal("10.0.0.2", _gateway.Asked.Last().Router.Host);
    }

    [Fact]
    public async Task Routers_of_a_suspended_company_are_left_alone()
    {
        var suspended = await TestCompany.CreateAsync(_services, "Late Payers", CompanyStatus.Suspended);
        var theirs = await suspended.AddRouterAsync();
        var ours = await _company.AddRouterAsync();
        _gateway.Healthy(theirs.Id);
        _gateway.Healthy(ours.Id);
        await _poller.StartAsync(Ct);

        await UntilAsync(() => State(ours) is RouterState.Up);

        Assert.DoesNotContain(_gateway.Asked, a => a.Router.RouterId == theirs.Id);
    }

    [Fact]
    public async Task An_unreadable_password_is_said_and_the_other_routers_are_polled()
    {
        var broken = await _company.AddRouterAsync("Broken");
        await using (var db = _company.Open())
        {
            (await db.Routers.SingleAsync(r => r.Id == broken.Id, Ct)).SetPassword("1:AAAA");
            await db.SaveChangesAsync(Ct);
        }

        var good = await _company.AddRouterAsync("Good");
        _gateway.Healthy(good.Id);
        await _poller.StartAsync(Ct);

        await UntilAsync(() => State(good) is RouterState.Up && Metrics.Latest(_company.Id, broken.Id)?.Reason?.Contains("Enter it again", StringComparison.Ordinal) is true);
    }

    [Fact]
    public async Task A_hundred_routers_do_not_start_in_one_instant_and_all_get_their_turn()
    {
        var routers = new List<Router>();
        for (var i = 0; i < 100; i++)
        {
            var router = await _company.AddRouterAsync();
            _gateway.Healthy(router.Id);
            routers.Add(router);
        }

        var times = new ConcurrentDictionary<Guid, DateTime>();
        using var watch = Metrics.Watch(_company.Id, () =>
        {
            foreach (var polled in Metrics.Latest(_company.Id).Where(s => s.State is RouterState.Up))
            {
                times.TryAdd(polled.RouterId, polled.At);
            }
        });
        await _poller.StartAsync(Ct);

        await UntilAsync(() => times.Count == routers.Count, TimeSpan.FromMilliseconds(100));

        Assert.True(times.Values.Distinct().Count() > 5, "polls start at different moments");
    }

    [Fact]
    public async Task No_password_reaches_the_log()
    {
        var router = await _company.AddRouterAsync(password: "hunter2-secret");
        _gateway.Answer(router.Id, _ => FakeGateway.Lost());
        await _poller.StartAsync(Ct);

        await UntilAsync(() => State(router) is RouterState.Down);

        Assert.NotEmpty(_services.Log.Lines);
        Assert.DoesNotContain(_services.Log.Lines, line => line.Contains("hunter2-secret", StringComparison.Ordinal));
    }

    private RouterState? State(Router router) => Metrics.Latest(_company.Id, router.Id)?.State;

    private Task UntilAsync(Func<bool> condition, TimeSpan? step = null) => UntilAsync(() => Task.FromResult(condition()), step);

    // Moves the clock in small steps, with time between them for what it sets off.
    private async Task UntilAsync(Func<Task<bool>> condition, TimeSpan? step = null)
    {
        var patience = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(patience) < TimeSpan.FromSeconds(30), "It did not come about.");
            _services.Clock.Advance(step ?? TimeSpan.FromSeconds(0.5));
            await Task.Delay(5, Ct);
        }
    }
}
