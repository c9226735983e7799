using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Sandbox;

namespace DataDefender.Infrastructure.Tests.Network.Provisioning;

/// <summary>VLANs, hotspot, SNMP, our user and the certificate of the API by plan and apply, on all three versions; what is not ours stays.</summary>
public sealed class ServiceSlicesTests
{
    // Our own user, the default user profile of hotspots and the service's certificate were on the router before us and become as designed; the rest must not move.
    private static readonly string[] Shared = ["/snmp:", "/ip service:", "/user:", "/ip hotspot user profile:"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Versions => ["v6.49", "v7.9", "v7.22"];

    [Theory, MemberData(nameof(Versions))]
    public async Task A_sites_vlans_hotspot_snmp_and_access_become_as_designed_and_go_again_without_a_trace(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        await world.NetworkAsync(n => (n.ManagementNetworks, n.SnmpPassword, n.SnmpContact) = ("127.0.0.0/8, 10.0.0.0/8", "correct-horse", "noc@example.com"));
        var foreign = await ForeignAsync(world);
        await DesignAsync(world);

        var run = await world.ApplyAsync(takeOver: true);

        Assert.Equal((RunStatus.Done, null), (run.Run.Status, run.Run.Detail));
        Assert.Empty((await world.PlanAsync()).Changes);
        Assert.Equal(foreign, await ForeignAsync(world));
        Assert.Equal("100", world.Router.Read("/interface/vlan", "vlan100", "vlan-id"));
        Assert.Equal("vlan100", (await world.RowsAsync("/interface/pppoe-server/server")).Single(s => s["comment"]?.EndsWith("pppoe/vlan100", StringComparison.Ordinal) is true)["interface"]);
        var hotspot = (await world.RowsAsync("/ip/hotspot")).Single(h => h["interface"] == "vlan200");
        Assert.Equal("business", hotspot["address-pool"]);
        Assert.Equal("wifi.example.com", world.Router.Read("/ip/hotspot/profile", hotspot["profile"]!, "dns-name"));
        Assert.Equal(("unlimited", "3d"), (world.Router.Read("/ip/hotspot/user/profile", "default", "shared-users"), world.Router.Read("/ip/hotspot/user/profile", "default", "mac-cookie-timeout")));
        Assert.Contains(await world.RowsAsync("/ip/hotspot/walled-garden/ip"), g => g["dst-host"] == "pay.example.com");
        var user = (await world.RowsAsync("/user")).Single(u => u["name"] == "provision");
        var group = (await world.RowsAsync("/user/group")).Single(g => g["name"] == user["group"]);
        Assert.StartsWith("dd-", group["name"], StringComparison.Ordinal);
        Assert.Contains("!winbox", group["policy"], StringComparison.Ordinal);
        Assert.Contains("!ssh", group["policy"], StringComparison.Ordinal);
        Assert.Equal("private", (await world.RowsAsync("/snmp/community")).Single(c => c["name"]!.StartsWith("dd-", StringComparison.Ordinal))["security"]);
        Assert.Equal("only-1.2", world.Router.Read("/ip/service", "api-ssl", "tls-version"));

        await world.DesignAsync(d => (d.Radius, d.PppoeInterfaces, d.Pools, d.WalledGarden, d.Clock) = (false, "", "", false, false));
        var gone = await world.ApplyAsync();
        Assert.Equal(RunStatus.Done, gone.Run.Status);
        Assert.DoesNotContain(await world.RowsAsync("/interface/vlan"), v => v["name"] is "vlan100" or "vlan200");
        Assert.DoesNotContain(await world.RowsAsync("/ip/hotspot"), h => h["name"]!.StartsWith("dd-", StringComparison.Ordinal));
        Assert.DoesNotContain(await world.RowsAsync("/snmp/community"), c => c["name"]!.StartsWith("dd-", StringComparison.Ordinal));
        Assert.Equal(foreign, await ForeignAsync(world));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_service_without_a_certificate_gets_one_that_the_router_signs_and_one_that_is_there_stays(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        await world.DesignAsync(d => (d.Radius, d.PppoeInterfaces, d.Pools, d.WalledGarden, d.Clock, d.ApiCertificate) = (false, "", "", false, false, true));
        Assert.DoesNotContain((await world.PlanAsync()).Changes, c => c.Menu == RouterMenu.Certificate); // what we pinned stays
        await world.ByHandAsync((g, r) => g.SetAsync(r, "/ip/service", "api-ssl", [("certificate", "none")], Ct));

        var run = await world.ApplyAsync();

        Assert.Equal((RunStatus.Done, null), (run.Run.Status, run.Run.Detail));
        Assert.Equal([ChangeKind.Add, ChangeKind.Sign], run.Steps.Where(s => s.Menu == "/certificate").Select(s => s.Kind));
        var made = (await world.RowsAsync("/certificate")).Single(c => c["name"]!.StartsWith("dd-", StringComparison.Ordinal));
        Assert.Equal(64, made["fingerprint"]!.Length);
        Assert.Equal(made["name"], world.Router.Read("/ip/service", "api-ssl", "certificate"));
        Assert.Empty((await world.PlanAsync()).Changes);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_refusal_in_the_middle_of_them_takes_everything_back(string personality)
    {
        await using var world = await ProvisioningFixture.CreateAsync(personality);
        await world.NetworkAsync(n => n.SnmpPassword = "correct-horse");
        var before = await world.ExportAsync();
        await DesignAsync(world, users: false);
        await world.DesignAsync(d => Fill(world, d, users: false, d2 => d2.Vlans = $"vlan100 100 {world.Router.Personality.EthernetPorts[1]} pppoe\nvlan200 200 ether99 hotspot"));

        var run = await world.ApplyAsync();

        Assert.Equal(RunStatus.TakenBack, run.Run.Status);
        Assert.Equal(before, await world.ExportAsync());
    }

    [Fact]
    public async Task A_name_of_somebody_else_is_not_ours_by_its_look()
    {
        await using var world = await ProvisioningFixture.CreateAsync();
        await world.ByHandAsync((g, r) => g.AddAsync(r, "/ip/hotspot/profile", [("name", "dd-11223344-hotspot")], Ct)); // another company's, by its mark

        await world.DesignAsync(d => (d.Radius, d.PppoeInterfaces, d.Pools, d.WalledGarden, d.Clock) = (false, "", "", false, false));

        Assert.Empty((await world.PlanAsync()).Changes);
    }

    private static Task DesignAsync(ProvisioningFixture world, bool users = true) => world.DesignAsync(d => Fill(world, d, users));

    private static void Fill(ProvisioningFixture world, RouterDesignInput d, bool users, Action<RouterDesignInput>? more = null)
    {
        var ports = world.Router.Personality.EthernetPorts;
        (d.Vlans, d.HotspotPool, d.HotspotAddress, d.HotspotDnsName) = ($"vlan100 100 {ports[1]} pppoe\nvlan200 200 {ports[2]} hotspot", "business", "10.77.0.1", "wifi.example.com");
        (d.Snmp, d.Users, d.ApiCertificate, d.HotspotUsers) = (true, users, true, true);
        more?.Invoke(d);
    }

    private static async Task<IReadOnlyList<string>> ForeignAsync(ProvisioningFixture world) =>
        [.. (await world.ForeignAsync()).Where(l => !Shared.Any(s => l.StartsWith(s, StringComparison.Ordinal)) && !l.Contains("name=dd-", StringComparison.Ordinal))];
}
