using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Network.Provisioning;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Infrastructure.Tests.Sandbox;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DataDefender.Infrastructure.Tests.Network.Provisioning;

/// <summary>What is on a router otherwise than designed and sold is found by itself, and ended by adopting or repairing it.</summary>
public sealed class DriftTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v6.49")]
    [InlineData("v7.9")]
    [InlineData("v7.22")]
    public async Task What_somebody_changed_by_hand_is_found_kept_with_its_time_and_repaired_alone(string personality)
    {
        await using var world = await DriftWorld.CreateAsync(personality);
        await world.ApplyAsync();
        Assert.Equal(1, await world.SweepAsync());
        Assert.Empty((await world.ListAsync()).Items);

        await world.ByHandAsync((g, r) => g.SetAsync(r, "/ip/pool", "home", [("ranges", "10.1.0.2-10.1.0.9")], Ct));
        await world.ByHandAsync((g, r) => g.SetAsync(r, "/ip/pool", "business", [("ranges", "10.2.0.2-10.2.0.9")], Ct));
        world.Clock.Advance(TimeSpan.FromMinutes(16));
        await world.SweepAsync();
        var first = await world.ListAsync();
        world.Clock.Advance(TimeSpan.FromMinutes(16));
        await world.SweepAsync();
        var later = await world.ListAsync();

        Assert.Equal(["pool business", "pool home"], first.Items.Select(d => d.What).Order());
        Assert.All(first.Items, d => Assert.Equal(DriftKind.Differs, d.Kind));
        Assert.Equal(first.Items.Select(d => d.SinceAt).Order(), later.Items.Select(d => d.SinceAt).Order());
        Assert.All(later.Items, d => Assert.True(d.SeenAt > d.SinceAt));

        var home = later.Items.Single(d => d.What == "pool home");
        var run = await world.AsAsync<DriftService, Guid>(d => d.RepairAsync(home.RouterId, [home.ItemKey], Ct));
        await world.CarryOutAsync(run);
        Assert.Equal("100.90.0.2-100.90.3.254", world.Router.Read("/ip/pool", "home", "ranges"));
        Assert.Equal("10.2.0.2-10.2.0.9", world.Router.Read("/ip/pool", "business", "ranges")); // the other stays as somebody made it

        var business = later.Items.Single(d => d.What == "pool business");
        Assert.True(business.CanBeAdopted);
        await world.AsAsync<DriftService>(d => d.AdoptAsync(business.Id, Ct));
        world.Clock.Advance(TimeSpan.FromMinutes(16));
        await world.SweepAsync();
        Assert.Empty((await world.ListAsync()).Items);
        Assert.Contains("business 10.2.0.2-10.2.0.9", (await world.RouterAsync()).Design.Pools, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_router_that_does_not_answer_keeps_what_was_known_and_is_said_to_be_unread()
    {
        await using var world = await DriftWorld.CreateAsync("v7.22");
        await world.SweepAsync();
        var known = (await world.ListAsync()).Total;
        world.Router.Faults.On(Fault.Dark);
        world.Clock.Advance(TimeSpan.FromMinutes(16));
        await world.SweepAsync();

        Assert.True(known > 0);
        Assert.Equal(known, (await world.ListAsync()).Total);
        var unread = Assert.Single((await world.SummaryAsync()).Unread);
        Assert.Equal("KILIMANI", unread.Name);
    }

    [Theory]
    [InlineData("v6.49")]
    [InlineData("v7.9")]
    [InlineData("v7.22")]
    public async Task Lines_that_are_online_otherwise_than_sold_are_named_with_what_they_cost_a_day(string personality)
    {
        await using var world = await DriftWorld.CreateAsync(personality, "right", "fast", "ended", "walled", "stranger");
        var small = await world.Company.AddPackageAsync("Home 10", 10_000, 10_000, 3_043.75m);
        await world.Company.AddPackageAsync("Home 20", 20_000, 20_000, 6_087.50m);
        var slow = await world.Company.AddPackageAsync("Home 5", 5_000, 5_000, 1_521.88m);
        var client = await world.Company.AddClientAsync("Otieno");
        await world.Company.AddSubscriptionAsync(client, small, "right");
        await world.Company.AddSubscriptionAsync(client, slow, "fast");
        await world.Company.AddSubscriptionAsync(client, small, "ended", state: SubscriptionState.Disconnected);
        await world.Company.AddSubscriptionAsync(client, small, "walled", state: SubscriptionState.Suspended);

        await world.SweepAsync();

        var lines = (await world.ListAsync(DriftPart.Lines)).Items.ToDictionary(d => d.What.Split(':')[0]);
        Assert.Equal(["ended", "fast", "stranger", "walled"], lines.Keys.Order());
        Assert.Equal((DriftKind.NotAllowed, Money.Of(100)), (lines["ended"].Kind, lines["ended"].CostPerDay));
        Assert.Equal((DriftKind.OutsideGarden, Money.Of(100)), (lines["walled"].Kind, lines["walled"].CostPerDay));
        Assert.Equal((DriftKind.FasterThanSold, Money.Of(50)), (lines["fast"].Kind, lines["fast"].CostPerDay));
        Assert.Equal((DriftKind.UnknownLine, Money.Zero), (lines["stranger"].Kind, lines["stranger"].CostPerDay));
        Assert.Equal("Otieno", lines["fast"].ClientName);
        Assert.Equal(Money.Of(250), (await world.SummaryAsync()).CostPerDay);

        world.Refuse(); // it dials in again at once
        await world.AsAsync<DriftService>(d => d.RepairLineAsync(lines["stranger"].Id, Ct)); // RADIUS knows nothing of it: ended on the router
        Assert.DoesNotContain((await world.ListAsync(DriftPart.Lines)).Items, d => d.What.StartsWith("stranger", StringComparison.Ordinal));
        await using var db = world.Company.Open();
        Assert.Contains("stranger", (await db.AuditEntries.SingleAsync(a => a.Action == "ended a session on it", Ct)).After, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v6.49")]
    [InlineData("v7.22")]
    public async Task Equipment_that_logs_in_by_its_address_is_judged_as_the_one_line_that_is_locked_to_it(string personality)
    {
        await using var world = await DriftWorld.CreateAsync(personality);
        await world.ByHandAsync((gateway, router) => gateway.SetAsync(router, "/ip/hotspot/profile", "default", [("use-radius", "yes"), ("login-by", "mac")], Ct));
        var small = await world.Company.AddPackageAsync("Home 10", 10_000, 10_000, 3_043.75m);
        var slow = await world.Company.AddPackageAsync("Home 5", 5_000, 5_000, 1_521.88m);
        await LineAsync("right", small, "4C:5E:0C:00:00:01");
        await LineAsync("fast", slow, "4C:5E:0C:00:00:02");
        await LineAsync("ended", small, "4C:5E:0C:00:00:03", SubscriptionState.Disconnected);
        await LineAsync("moved", small, "4C:5E:0C:00:00:01", SubscriptionState.Disconnected); // its equipment went to another
        await LineAsync("one", slow, "4C:5E:0C:00:00:04");
        await LineAsync("other", slow, "4C:5E:0C:00:00:04"); // whose it is cannot be told
        for (var i = 1; i <= 5; i++)
        {
            await world.DialByAddressAsync($"4C:5E:0C:00:00:0{i}", i); // nobody is locked to the fifth
        }

        await world.SweepAsync();

        var lines = (await world.ListAsync(DriftPart.Lines)).Items.ToDictionary(d => d.What.Split(": ")[0]);
        Assert.Equal(["4C:5E:0C:00:00:02", "4C:5E:0C:00:00:03"], lines.Keys.Order());
        Assert.Equal((DriftKind.FasterThanSold, Money.Of(50)), (lines["4C:5E:0C:00:00:02"].Kind, lines["4C:5E:0C:00:00:02"].CostPerDay));
        Assert.Equal((DriftKind.NotAllowed, Money.Of(100)), (lines["4C:5E:0C:00:00:03"].Kind, lines["4C:5E:0C:00:00:03"].CostPerDay));

        async Task LineAsync(string username, ServicePackage package, string mac, SubscriptionState state = SubscriptionState.Active)
        {
            var line = await world.Company.AddSubscriptionAsync(package: package, username: username, state: state);
            await using var db = world.Company.Open();
            (await db.Subscriptions.SingleAsync(s => s.Id == line.Id, Ct)).LockToCaller(mac);
            await db.SaveChangesAsync(Ct);
        }
    }

    [Theory]
    [InlineData("v6.49")]
    [InlineData("v7.9")]
    [InlineData("v7.22")]
    public async Task Equipment_that_got_its_address_by_DHCP_and_RADIUS_is_held_against_its_line_and_a_lease_that_a_person_wrote_is_not(string personality)
    {
        await using var world = await DriftWorld.CreateAsync(personality);
        var (small, large) = (await world.Company.AddPackageAsync("Home 10", 10_000, 10_000, 3_043.75m), await world.Company.AddPackageAsync("Home 5", 5_000, 5_000, 1_521.88m));
        await LineAsync("right", small, "4C:5E:0C:00:00:01");
        await LineAsync("fast", large, "4C:5E:0C:00:00:02");
        var ended = await LineAsync("ended", small, "4C:5E:0C:00:00:03", SubscriptionState.Disconnected);
        await LineAsync("written", small, "4C:5E:0C:00:00:04", SubscriptionState.Disconnected);
        world.Router.LeaseByRadius("4C:5E:0C:00:00:01", "10.64.0.11", "10M/10M");
        world.Router.LeaseByRadius("4C:5E:0C:00:00:02", "10.64.0.12", "10M/10M");
        world.Router.LeaseByRadius("4C:5E:0C:00:00:03", "10.64.0.13", "10M/10M");
        await world.ByHandAsync((g, r) => g.AddAsync(r, "/ip/dhcp-server/lease", [("address", "10.64.0.14"), ("mac-address", "4C:5E:0C:00:00:04"), ("server", "dhcp-hotspot")], Ct));

        await world.SweepAsync();

        var lines = (await world.ListAsync(DriftPart.Lines)).Items.ToDictionary(d => d.What.Split(": ")[0]);
        Assert.Equal(["4C:5E:0C:00:00:02", "4C:5E:0C:00:00:03"], lines.Keys.Order());
        Assert.Equal((DriftKind.FasterThanSold, "/ip/dhcp-server/lease"), (lines["4C:5E:0C:00:00:02"].Kind, lines["4C:5E:0C:00:00:02"].Menu));
        Assert.Equal((DriftKind.NotAllowed, Money.Of(100)), (lines["4C:5E:0C:00:00:03"].Kind, lines["4C:5E:0C:00:00:03"].CostPerDay));

        await world.AsAsync<DriftService>(d => d.RepairLineAsync(lines["4C:5E:0C:00:00:03"].Id, Ct)); // no session of it is known by accounting: ended on the router
        Assert.DoesNotContain((await world.ListAsync(DriftPart.Lines)).Items, d => d.SubscriptionId == ended);
        Assert.Equal("10.64.0.14", world.Router.Find("/ip/dhcp-server/lease", "mac-address", m => m == "4C:5E:0C:00:00:04", "address"));

        async Task<Guid> LineAsync(string username, ServicePackage package, string mac, SubscriptionState state = SubscriptionState.Active)
        {
            var line = await world.Company.AddSubscriptionAsync(package: package, username: username, state: state);
            await using var db = world.Company.Open();
            (await db.Subscriptions.SingleAsync(s => s.Id == line.Id, Ct)).LockToCaller(mac);
            await db.SaveChangesAsync(Ct);
            return line.Id;
        }
    }

    [Theory]
    [InlineData(LinePush.None, DriftKind.PastRadius)]
    [InlineData(LinePush.Secrets, DriftKind.FasterThanSold)] // its RADIUS device says only which lines are its own
    public async Task A_line_that_RADIUS_did_not_let_in_is_drift_where_the_router_asks_RADIUS(LinePush push, DriftKind expected)
    {
        await using var world = await DriftWorld.CreateAsync("v7.22");
        await world.ByHandAsync((gateway, router) => gateway.CallAsync(router, "/ppp/profile/add", [("name", "fast"), ("local-address", "100.90.0.1"), ("remote-address", "100.90.0.9"), ("rate-limit", "10M/10M")], Ct));
        await world.ByHandAsync((gateway, router) => gateway.CallAsync(router, "/ppp/secret/add", [("name", "local"), ("password", "pw"), ("service", "pppoe"), ("profile", "fast")], Ct));
        await world.Company.AddSubscriptionAsync(package: await world.Company.AddPackageAsync("Home 1", 1_000, 1_000), username: "local");
        await world.PushAsync(push);
        await world.DialAsync("local");

        await world.SweepAsync();

        Assert.Equal(expected, Assert.Single((await world.ListAsync(DriftPart.Lines)).Items).Kind);
    }

    private sealed class DriftWorld : IAsyncDisposable
    {
        private readonly MinimalRadiusServer _radius;
        private readonly SandboxWorld _world;
        private readonly TestServices _services;
        private readonly Guid _router;

        private DriftWorld(MinimalRadiusServer radius, SandboxWorld world, TestServices services, TestCompany company, ShiftedClock clock, Guid router) =>
            (_radius, _world, _services, Company, Clock, _router) = (radius, world, services, company, clock, router);

        public TestCompany Company { get; }

        public ShiftedClock Clock { get; }

        public SimulatedRouter Router => _world.Routers[0];

        public static async Task<DriftWorld> CreateAsync(string personality, params string[] online)
        {
            var address = 10;
            var radius = new MinimalRadiusServer(request => MinimalRadiusServer.Accept(request, $"100.64.9.{Interlocked.Increment(ref address)}", ("Mikrotik-Rate-Limit", "10M/10M")));
            var world = await SandboxWorld.StartAsync(new SandboxOptions
            {
                Radius = new RadiusServerOptions { AuthenticationPort = radius.AuthenticationPort, AccountingPort = radius.AccountingPort, Secret = MinimalRadiusServer.SecretText },
                Routers = [new RouterOptions { Name = "r1", Personality = personality, User = "provision", Password = "pw" }],
                Subscribers = [.. online.Select(u => new SubscriberOptions { Username = u, Password = "pw", Router = "r1", Method = AuthenticationMethod.Pap })],
            });
            await world.Routers[0].Nas.UntilAsync(n => n.Online == online.Length);
            var clock = new ShiftedClock();
            var services = await TestServices.CreateAsync(configure: s =>
            {
                s.AddRouterOs().AddProvisioning().AddSingleton<LiveMetrics>().AddSingleton<LineSignal>().AddSingleton<TimeProvider>(clock).AddScoped<ProvisioningService>().AddScoped<DesignService>().AddScoped<DriftService>();
                s.Configure<RouterOsOptions>(o => (o.DeniedNetworks, o.ConnectTimeout, o.ReadTimeout, o.LoginTimeout) = ("", TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5)));
                s.Configure<ProvisioningOptions>(o => (o.Pause, o.Reads) = (TimeSpan.FromMilliseconds(50), 3));
            });
            var company = await TestCompany.CreateAsync(services);
            var router = await company.AddRouterAsync("KILIMANI", "127.0.0.1", world.Routers[0].ApiEndPoint!.Port, "provision", "pw");
            await company.AddNasAsync("10.20.30.40", "testing123", router);
            var made = new DriftWorld(radius, world, services, company, clock, router.Id);
            await made.AsAsync<DesignService>(d => d.SaveRouterAsync(router.Id, new RouterDesignInput { Pools = "home 100.90.0.2-100.90.3.254\nbusiness 10.77.0.2-10.77.0.254" }, Ct));
            return made;
        }

        public Task PushAsync(LinePush push) => AsAsync<DesignService>(d => d.SaveRouterAsync(_router, new RouterDesignInput { Pools = "home 100.90.0.2-100.90.3.254", LocalAddress = "100.90.0.1", LinePush = push }, Ct));

        public async Task DialAsync(string username)
        {
            Router.Nas.Dial(Router.Nas.Add(new SubscriberOptions { Username = username, Password = "pw", Router = "r1", Method = AuthenticationMethod.Pap }));
            await Router.Nas.UntilAsync(n => n.Online == 1);
        }

        public async Task DialByAddressAsync(string mac, int online)
        {
            Router.Nas.Dial(Router.Nas.Add(new SubscriberOptions { Username = mac, Mac = mac, Router = "r1", Service = SubscriberService.Hotspot, Method = AuthenticationMethod.Mac }));
            await Router.Nas.UntilAsync(n => n.Online == online);
        }

        /// <summary>RADIUS lets nobody in any more.</summary>
        public void Refuse() => _radius.Decide = MinimalRadiusServer.Reject;

        public Task<int> SweepAsync() => _services.Provider.GetServices<IHostedService>().OfType<DriftWatch>().Single().SweepAsync(Ct);

        public Task<PageOf<DriftRow>> ListAsync(DriftPart part = DriftPart.All) => AsAsync<DriftService, PageOf<DriftRow>>(d => d.ListAsync(new GridQuery(PageSize: 100), part, ct: Ct));

        public Task<DriftSummary> SummaryAsync() => AsAsync<DriftService, DriftSummary>(d => d.SummariseAsync(Ct));

        public async Task ApplyAsync()
        {
            var plan = await AsAsync<ProvisioningService, RouterPlan>(p => p.PlanAsync(_router, ct: Ct));
            await CarryOutAsync(await AsAsync<ProvisioningService, Guid>(p => p.ApplyAsync(plan, ct: Ct)));
        }

        public Task CarryOutAsync(Guid run) => _services.Provider.GetRequiredService<ProvisioningRunner>().RunAsync(Company.Id, run, Ct);

        public async Task ByHandAsync(Func<IRouterGateway, RouterEndpoint, Task<RouterOutcome>> act)
        {
            var router = await RouterAsync();
            (await act(_services.Provider.GetRequiredService<IRouterGateway>(), router.Endpoint(await _services.Vault.OpenAsync(Company.Id, Ct)))).Require();
        }

        public async Task<Router> RouterAsync()
        {
            await using var db = Company.Open();
            return await db.Routers.AsNoTracking().SingleAsync(Ct);
        }

        public async Task<TResult> AsAsync<TService, TResult>(Func<TService, Task<TResult>> work) where TService : notnull
        {
            await using var scope = Company.Scope(Role.NocOperator);
            return await work(scope.ServiceProvider.GetRequiredService<TService>());
        }

        public async Task AsAsync<TService>(Func<TService, Task> work) where TService : notnull
        {
            await using var scope = Company.Scope(Role.NocOperator);
            await work(scope.ServiceProvider.GetRequiredService<TService>());
        }

        public async ValueTask DisposeAsync()
        {
            await _services.DisposeAsync();
            await _world.DisposeAsync();
            await _radius.DisposeAsync();
        }
    }
}
