using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Network.Provisioning;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;
using DataDefender.Testing;
using DataDefender.Web.Tests.Security;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Network;

/// <summary>The whole way of a new router: the pasted line on a simulated router, over HTTP to this application on a real port, to a registered router.</summary>
public sealed class EnrolmentTests : IAsyncLifetime
{
    private readonly EnrolWeb _web = new();
    private string _address = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _web.InitializeAsync();
        _address = await _web.ServeAsync();
    }

    public async ValueTask DisposeAsync() => await _web.DisposeAsync();

    [Theory]
    [InlineData("v6.49")]
    [InlineData("v7.9")]
    [InlineData("v7.22")]
    public async Task A_router_that_gets_the_line_is_reachable_with_least_rights_and_registered_and_the_line_is_used_up(string personality)
    {
        await using var world = await WorldAsync(personality);
        var router = world.Routers[0];
        var company = await CompanyAsync();
        var (id, token) = await CreateAsync(company, new EnrolmentInput { Name = "KISUMU-1", ApiPort = router.TlsEndPoint!.Port, Host = "127.0.0.1" });
        var users = router.Count("/user");

        Assert.Null(await router.PasteAsync(EnrolmentScript.Line(_address, token)));

        var row = await RegisteredAsync(company, id);
        Assert.True(row.FetchedAt <= row.RanAt && row.RanAt <= row.CalledHomeAt && row.CalledHomeAt <= row.ReachedAt && row.ReachedAt <= row.RegisteredAt);
        Assert.Contains("r1, ", row.Identity, StringComparison.Ordinal);
        Assert.Equal("127.0.0.1", row.CalledFrom);
        await using var db = company.Open();
        var made = await db.Routers.AsNoTracking().SingleAsync(Ct);
        Assert.Equal(("KISUMU-1", true, 64), (made.Name, made.UseTls, made.CertificateFingerprint!.Length));
        Assert.Equal(users + 1, router.Count("/user"));
        Assert.Contains("!winbox", router.Read("/user/group", router.Read("/user", "datadefender", "group")!, "policy"), StringComparison.Ordinal);
        Assert.Equal(("127.0.0.0/8", "127.0.0.0/8"), (router.Read("/ip/service", "api-ssl", "address"), router.Read("/user", "datadefender", "address")));
        Assert.Null(router.Find("/file", "name", n => n == "datadefender.rsc", "name")); // the script holds the password
        Assert.Contains("404", await router.PasteAsync(EnrolmentScript.Line(_address, token)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v7.9")]
    [InlineData("v7.22")]
    public async Task A_router_behind_NAT_dials_in_to_the_hub_and_sends_its_key(string personality)
    {
        await using var world = await WorldAsync(personality);
        var router = world.Routers[0];
        var company = await CompanyAsync();
        await AsAsync<DesignService>(company, d => d.SaveNetworkAsync(
            new NetworkDesignInput { ManagementNetworks = "127.0.0.0/8", HubEndpoint = "vpn.example.com:13231", HubKey = new string('A', 43) + "=", HubNetwork = "10.99.0.0/29" }, Ct));
        var (id, token) = await CreateAsync(company, new EnrolmentInput { Name = "RONGAI-1", ApiPort = router.TlsEndPoint!.Port, Tunnel = true });

        Assert.Null(await router.PasteAsync(EnrolmentScript.Line(_address, token)));

        var row = await ReadAsync(company, id);
        Assert.Equal(("10.99.0.2", 44), (row.TunnelAddress, row.PublicKey!.Length));
        Assert.Equal(row.PublicKey, router.Find("/interface/wireguard", "name", n => n!.StartsWith("dd-", StringComparison.Ordinal), "public-key"));
        Assert.Equal("vpn.example.com", router.Find("/interface/wireguard/peers", "endpoint-port", p => p == "13231", "endpoint-address"));
        Assert.Equal("10.99.0.2/29", router.Find("/ip/address", "address", a => a!.StartsWith("10.99.", StringComparison.Ordinal), "address"));
        Assert.Contains(row.PublicKey!, EnrolmentService.HubPeer(row), StringComparison.Ordinal);
        Assert.Null(row.RegisteredAt); // nobody has let its tunnel in yet, and it is said so and tried on
        Assert.Equal("10.99.0.3", (await ReadAsync(company, (await CreateAsync(company, new EnrolmentInput { Name = "RONGAI-2", Tunnel = true })).Id)).TunnelAddress);
    }

    [Theory]
    [InlineData("v7.9")]
    [InlineData("v7.22")]
    public async Task A_hub_of_our_own_lets_the_tunnel_in_by_itself_and_forgets_it_when_the_router_goes(string personality)
    {
        await using var world = await WorldAsync(personality, "hub");
        var (router, hub) = (world.Routers[0], world.Routers[1]);
        var company = await CompanyAsync();
        var hubId = (await company.AddRouterAsync("HUB", "127.0.0.1", hub.ApiEndPoint!.Port, "admin", "own")).Id;
        await AsAsync<DesignService>(company, d => d.SaveNetworkAsync(
            new NetworkDesignInput { ManagementNetworks = "127.0.0.0/8", HubRouterId = hubId, HubEndpoint = "vpn.example.com:13231", HubNetwork = "10.99.0.0/29" }, Ct));
        var input = new EnrolmentInput { Name = "RONGAI-1", ApiPort = router.TlsEndPoint!.Port, Host = "127.0.0.1", Tunnel = true };
        var early = await Assert.ThrowsAsync<InvalidInputException>(() => CreateAsync(company, input));
        Assert.Contains("HUB is not the WireGuard hub yet: apply its configuration first.", early.Errors[0].Message, StringComparison.Ordinal);
        await ApplyAsync(company, hubId);
        var (rules, peers) = (hub.Count("/ip/firewall/filter"), hub.Count("/interface/wireguard/peers"));

        var (id, token) = await CreateAsync(company, input);
        Assert.Null(await router.PasteAsync(EnrolmentScript.Line(_address, token)));

        var row = await RegisteredAsync(company, id);
        Assert.True(row.CalledHomeAt <= row.LetInAt && row.LetInAt <= row.ReachedAt);
        Assert.Equal(("HUB", "10.99.0.2"), (row.Hub, row.TunnelAddress));
        Assert.Equal("10.99.0.2/32", hub.Find("/interface/wireguard/peers", "public-key", k => k == row.PublicKey, "allowed-address"));
        Assert.Equal(hub.Find("/interface/wireguard", "name", n => n!.EndsWith("-hub", StringComparison.Ordinal), "public-key"), router.Find("/interface/wireguard/peers", "endpoint-port", p => p == "13231", "public-key"));
        Assert.Equal("10.99.0.1/29", hub.Find("/ip/address", "address", a => a!.StartsWith("10.99.", StringComparison.Ordinal), "address"));
        await using (var db = company.Open())
        {
            Assert.Equal((RunStatus.Done, "enrolment"), await db.ProvisioningRuns.OrderByDescending(r => r.RequestedAt).Select(r => ValueTuple.Create(r.Status, r.RequestedBy)).FirstAsync(Ct));
        }

        Assert.Empty((await AsAsync<ProvisioningService, RouterPlan>(company, p => p.PlanAsync(hubId, ct: Ct))).Changes);
        Assert.Empty((await AsAsync<ProvisioningService, RouterPlan>(company, p => p.PlanAsync(row.RouterId!.Value, ct: Ct))).Changes); // its own end of the tunnel bears our mark and stays

        await AsAsync<RouterService>(company, r => r.RemoveAsync(row.RouterId!.Value, Ct));
        await UntilAsync(async () => (await ReadAsync(company, id)).TunnelAddress is null);
        Assert.Equal((rules, peers), (hub.Count("/ip/firewall/filter"), hub.Count("/interface/wireguard/peers")));
        Assert.Equal("10.99.0.2", (await ReadAsync(company, (await CreateAsync(company, input with { Name = "RONGAI-2" })).Id)).TunnelAddress); // free again
        await Assert.ThrowsAsync<DomainException>(() => AsAsync<RouterService>(company, r => r.RemoveAsync(hubId, Ct)));
    }

    [Fact]
    public async Task A_hub_that_is_away_leaves_the_router_waiting_with_the_reason_and_lets_it_in_when_it_is_back()
    {
        await using var world = await WorldAsync("v7.22", "hub");
        var (router, hub) = (world.Routers[0], world.Routers[1]);
        var company = await CompanyAsync();
        var hubId = (await company.AddRouterAsync("HUB", "127.0.0.1", hub.ApiEndPoint!.Port, "admin", "own")).Id;
        await AsAsync<DesignService>(company, d => d.SaveNetworkAsync(
            new NetworkDesignInput { ManagementNetworks = "127.0.0.0/8", HubRouterId = hubId, HubEndpoint = "vpn.example.com:13231", HubNetwork = "10.99.0.0/29" }, Ct));
        await ApplyAsync(company, hubId);
        var (id, token) = await CreateAsync(company, new EnrolmentInput { Name = "RONGAI-1", ApiPort = router.TlsEndPoint!.Port, Host = "127.0.0.1", Tunnel = true });

        hub.Faults.On(Fault.IgnoreWrites, new FaultSetting(Path: "/interface/wireguard/peers/add"));
        Assert.Null(await router.PasteAsync(EnrolmentScript.Line(_address, token)));
        await UntilAsync(async () => (await ReadAsync(company, id)).HubTrouble is not null);
        var waiting = await ReadAsync(company, id);
        Assert.Contains("shows otherwise", waiting.HubTrouble, StringComparison.Ordinal);
        Assert.Equal((null, null), (waiting.LetInAt, waiting.ReachedAt)); // it is not tried through a tunnel that is not there

        hub.Faults.Clear();
        Assert.NotNull((await RegisteredAsync(company, id)).LetInAt);
    }

    [Fact]
    public async Task A_router_that_is_not_where_it_was_looked_for_is_reached_elsewhere_without_another_line()
    {
        await using var world = await WorldAsync("v7.22");
        var company = await CompanyAsync();
        var (id, token) = await CreateAsync(company, new EnrolmentInput { Name = "KITUI-1", Host = "127.0.0.9" });
        Assert.Null(await world.Routers[0].PasteAsync(EnrolmentScript.Line(_address, token)));
        await UntilAsync(async () => (await ReadAsync(company, id)).Trouble?.Contains("127.0.0.9:8729", StringComparison.Ordinal) is true);

        var wrong = await Assert.ThrowsAsync<InvalidInputException>(() => AsAsync<EnrolmentService>(company, e => e.ReachAtAsync(id, "not a host", 0, Ct)));
        Assert.Equal(["ApiPort", "Host"], wrong.Errors.Select(e => e.Field).Order(StringComparer.Ordinal));
        await AsAsync<EnrolmentService>(company, e => e.ReachAtAsync(id, "127.0.0.1", world.Routers[0].TlsEndPoint!.Port, Ct));

        await RegisteredAsync(company, id);
        Assert.Equal("enrolment.over", (await Assert.ThrowsAsync<DomainException>(() => AsAsync<EnrolmentService>(company, e => e.ReachAtAsync(id, "127.0.0.9", 8729, Ct)))).Code);
    }

    [Fact]
    public async Task Without_a_network_that_manages_routers_no_line_is_made_that_would_open_an_api_to_everybody()
    {
        var company = await _web.AddCompanyAsync();

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => CreateAsync(company, new EnrolmentInput { Name = "MERU-1" }));

        Assert.Contains("would answer anybody", refused.Errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_was_called_off_or_never_made_leads_nowhere()
    {
        await using var world = await WorldAsync("v7.22");
        var company = await CompanyAsync();
        var (id, token) = await CreateAsync(company, new EnrolmentInput { Name = "NYERI-1" });
        await AsAsync<EnrolmentService>(company, e => e.CancelAsync(id, Ct));

        var users = world.Routers[0].Count("/user");
        Assert.Contains("404", await world.Routers[0].PasteAsync(EnrolmentScript.Line(_address, token)), StringComparison.Ordinal);
        Assert.Contains("404", await world.Routers[0].PasteAsync(EnrolmentScript.Line(_address, Enrolment.NewToken())), StringComparison.Ordinal);
        Assert.Equal(users, world.Routers[0].Count("/user"));
        Assert.Null((await ReadAsync(company, id)).FetchedAt);
    }

    [Fact]
    public async Task Pasting_it_twice_before_it_called_home_does_no_harm()
    {
        await using var world = await WorldAsync("v7.22");
        var router = world.Routers[0];
        var company = await CompanyAsync();
        var (id, token) = await CreateAsync(company, new EnrolmentInput { Name = "THIKA-1", ApiPort = router.TlsEndPoint!.Port, Host = "127.0.0.1" });
#pragma warning disable RS0030 // a test of one process against itself needs no factory
        using var client = new HttpClient();
#pragma warning restore RS0030
        var script = await client.GetStringAsync($"{_address}/enrol/{token}.rsc", Ct);
        var withoutTheEnd = script[..script.LastIndexOf("/tool fetch", StringComparison.Ordinal)];

        Assert.Null(await router.PasteAsync(withoutTheEnd));
        Assert.Null(await router.PasteAsync(EnrolmentScript.Line(_address, token)));

        await RegisteredAsync(company, id);
        Assert.Equal("datadefender", router.Find("/user", "name", n => n == "datadefender", "name"));
    }

    private static Task<SandboxWorld> WorldAsync(string personality, params string[] more) => SandboxWorld.StartAsync(new SandboxOptions
    {
        AutoDial = false, Routers = [.. more.Prepend("r1").Select(name => new RouterOptions { Name = name, Personality = personality, User = "admin", Password = "own" })],
    });

    private async Task<TestCompany> CompanyAsync()
    {
        var company = await _web.AddCompanyAsync();
        await AsAsync<DesignService>(company, d => d.SaveNetworkAsync(new NetworkDesignInput { ManagementNetworks = "127.0.0.0/8" }, Ct));
        return company;
    }

    private async Task ApplyAsync(TestCompany company, Guid router)
    {
        var plan = await AsAsync<ProvisioningService, RouterPlan>(company, p => p.PlanAsync(router, ct: Ct));
        var run = await AsAsync<ProvisioningService, Guid>(company, p => p.ApplyAsync(plan, ct: Ct));
        await _web.Services.GetRequiredService<ProvisioningRunner>().RunAsync(company.Id, run, Ct);
        Assert.Equal(RunStatus.Done, (await AsAsync<ProvisioningService, RunDetails>(company, p => p.RunAsync(run, Ct))).Run.Status);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(30), "It did not come to be so.");
            await Task.Delay(100, Ct);
        }
    }

    private async Task<EnrolmentRow> RegisteredAsync(TestCompany company, Guid id)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var row = await ReadAsync(company, id);
            if (row.RegisteredAt is not null)
            {
                return row;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(30), $"Not registered: {row.Step}, {row.Trouble}");
            await Task.Delay(100, Ct);
        }
    }

    private Task<EnrolmentRow> ReadAsync(TestCompany company, Guid id) => AsAsync<EnrolmentService, EnrolmentRow>(company, e => e.GetAsync(id, Ct));

    private Task<(Guid Id, string Token)> CreateAsync(TestCompany company, EnrolmentInput input) => AsAsync<EnrolmentService, (Guid, string)>(company, e => e.CreateAsync(input, Ct));

    private async Task<TResult> AsAsync<TService, TResult>(TestCompany company, Func<TService, Task<TResult>> work) where TService : notnull
    {
        await using var scope = Scope(company);
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    private async Task AsAsync<TService>(TestCompany company, Func<TService, Task> work) where TService : notnull
    {
        await using var scope = Scope(company);
        await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    private AsyncServiceScope Scope(TestCompany company)
    {
        var scope = _web.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Domain.Tenancy.TenantContext>().Use(company.Id);
        scope.ServiceProvider.GetRequiredService<CurrentUser>().Use(new Actor(Guid.CreateVersion7(), "Akinyi", Permissions.Of(Role.Owner)));
        return scope;
    }

    private sealed class EnrolWeb : TestWeb
    {
        protected override Dictionary<string, string?> Settings => new() { ["RouterOs:DeniedNetworks"] = "", ["Provisioning:PollInterval"] = "00:00:00.200" };

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureTestServices(services => services.AddHostedService<EnrolmentWatch>()); // the one worker that this is about
        }
    }
}
