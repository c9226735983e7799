using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;

namespace DataDefender.Domain.Tests.Provisioning;

public sealed class PlannerTests
{
    private static readonly Guid Tenant = Guid.Parse("01990000-0000-7000-8000-0000aabbccdd");

    [Fact]
    public void A_router_without_a_design_is_left_alone_whatever_it_has()
    {
        var plan = Planner.Plan(Facts(RouterDesign.None), State((RouterMenu.Pool, [Row("*1", null, ("name", "home"), ("ranges", "10.0.0.2-10.0.0.9"))])));

        Assert.Empty(plan.Changes);
        Assert.Empty(plan.Findings);
    }

    [Fact]
    public void Spellings_that_mean_the_same_are_no_difference()
    {
        var facts = Facts(new RouterDesign { Radius = true });
        var plan = Planner.Plan(facts, State(
            (RouterMenu.Radius, [Row("*1", $"{facts.MarkPrefix}radius", ("service", "hotspot,ppp"), ("address", "10.9.8.7"), ("secret", "s3cret"), ("authentication-port", "1812"), ("accounting-port", "1813"), ("timeout", "3000ms"), ("disabled", "false"))]),
            (RouterMenu.Incoming, [RouterRow.Of(("accept", "true"), ("port", "3799"))]),
            (RouterMenu.Accounting, [RouterRow.Of(("use-radius", "true"), ("accounting", "yes"), ("interim-update", "300s"))])));

        Assert.Empty(plan.Changes);
    }

    [Fact]
    public void A_secret_that_the_router_does_not_show_is_taken_to_be_right_and_one_that_differs_is_not_shown()
    {
        var facts = Facts(new RouterDesign { Radius = true });
        RouterRow Client(params (string, string)[] secret) => Row(
            "*1", $"{facts.MarkPrefix}radius", [("service", "ppp,hotspot"), ("address", "10.9.8.7"), ("authentication-port", "1812"), ("accounting-port", "1813"), ("timeout", "3s"), ("disabled", "no"), .. secret]);

        Assert.DoesNotContain(Planner.Plan(facts, State((RouterMenu.Radius, [Client()]))).Changes, c => c.Menu == RouterMenu.Radius);
        var change = Assert.Single(Planner.Plan(facts, State((RouterMenu.Radius, [Client(("secret", "other"))]))).Changes, c => c.Menu == RouterMenu.Radius);
        Assert.Equal([new PlanValue("secret", PlanValue.Hidden, PlanValue.Hidden, IsSecret: true)], change.Shown);
        Assert.DoesNotContain("s3cret", change.Intent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false, "ppp,hotspot")]
    [InlineData(true, false, "ppp,hotspot,dhcp")]
    [InlineData(true, true, "ppp,hotspot,dhcp,login")]
    public void RADIUS_is_asked_for_DHCP_where_equipment_may_log_in_by_its_address(bool macLogins, bool routerLogins, string services)
    {
        var facts = Facts(new RouterDesign { Radius = true }) with { MacLogins = macLogins, RouterLogins = routerLogins };

        Assert.Equal(services, Assert.Single(DesiredStates.Of(facts, new Version(7, 22, 3), null).Items, i => i.Menu == RouterMenu.Radius)["service"]);
    }

    [Fact]
    public void Another_companys_items_on_the_same_router_are_not_ours()
    {
        var plan = Planner.Plan(Facts(RouterDesign.None), State((RouterMenu.Pool, [Row("*1", "DD:11223344:pool/home", ("name", "home"), ("ranges", "10.0.0.2"))])));

        Assert.Empty(plan.Changes);
    }

    [Fact]
    public void An_item_of_ours_that_is_there_twice_is_removed_once()
    {
        var facts = Facts(new RouterDesign { Pools = "home 10.0.0.2-10.0.0.9" });
        var ours = $"{facts.MarkPrefix}pool/home";

        var plan = Planner.Plan(facts, State((RouterMenu.Pool, [Row("*1", ours, ("name", "home"), ("ranges", "10.0.0.2-10.0.0.9")), Row("*2", ours, ("name", "home2"), ("ranges", "10.0.0.2-10.0.0.9"))])));

        var change = Assert.Single(plan.Changes);
        Assert.Equal((ChangeKind.Remove, "*2"), (change.Kind, change.ItemId));
    }

    [Fact]
    public void What_is_designed_and_cannot_be_worked_out_blocks_the_plan_and_says_what_is_missing()
    {
        var plan = Planner.Plan(Facts(new RouterDesign { Radius = true }) with { RadiusSecret = null }, State());

        Assert.True(plan.IsBlocked);
        Assert.Contains("No RADIUS device", Assert.Single(plan.Findings).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_menu_that_the_router_does_not_have_blocks_only_a_design_that_needs_it()
    {
        var facts = Facts(new RouterDesign { Pools = "home 10.0.0.2-10.0.0.9" });
        var without = new ActualState("7.22.3 (stable)", new Dictionary<string, IReadOnlyList<RouterRow>> { [RouterMenu.Pool.Path] = [] });

        Assert.False(Planner.Plan(facts, without).IsBlocked);
        Assert.True(Planner.Plan(facts with { Design = facts.Design with { Clock = true } }, without).IsBlocked);
    }

    [Fact]
    public void A_pool_that_a_package_names_and_the_design_lacks_is_said()
    {
        var facts = Facts(new RouterDesign { PppoeInterfaces = "ether2", LocalAddress = "10.0.0.1", Pools = "home 10.0.0.2-10.0.0.9" }) with { PackagePools = [("Business 50", "business"), ("Home 10", "home")] };

        var finding = Assert.Single(Planner.Plan(facts, State()).Findings);

        Assert.Equal((FindingKind.Note, "Business 50 takes its addresses from the pool business, which this design does not have."), (finding.Kind, finding.Text));
    }

    [Fact]
    public void Version_6_has_its_time_servers_elsewhere()
    {
        var facts = Facts(new RouterDesign { Clock = true });

        var old = Planner.Plan(facts, State("6.49.17 (long-term)"));
        var young = Planner.Plan(facts, State());

        Assert.Equal([new PlanValue("enabled", null, "yes"), new("primary-ntp", null, "10.9.8.1"), new("secondary-ntp", null, "0.0.0.0"), new("server-dns-names", null, "time.example.com")], Assert.Single(old.Changes).Values.ToArray());
        Assert.Equal([new PlanValue("enabled", null, "yes"), new("servers", null, "10.9.8.1,time.example.com")], Assert.Single(young.Changes).Values.ToArray());
    }

    [Theory]
    [InlineData("home 100.64.0.2-100.64.3.254", true)]
    [InlineData("home 100.64.0.2-100.64.3.254, 10.0.0.0/24\nbusiness 10.1.0.2", true)]
    [InlineData("home", false)]
    [InlineData("home 100.64.0.9-100.64.0.2", false)]
    [InlineData("home 100.64.0.2\nhome 10.0.0.2", false)]
    [InlineData("ho;me 100.64.0.2", false)]
    public void Pools_are_a_name_and_ranges_a_line(string text, bool isValid) =>
        Assert.Equal(isValid, new RouterDesignValidator().Validate(new RouterDesignInput { Pools = text }).IsValid);

    [Theory]
    [InlineData("pd 2001:db8:1000::/40 56", "", "pd", true)]
    [InlineData("link 2001:db8:10::/48 64\npd 2001:db8:1000::/40 56", "link", "pd", true)]
    [InlineData("pd 2001:db8:1000::/40", "", "", false)]
    [InlineData("pd 2001:db8:1000::/40 39", "", "", false)]
    [InlineData("pd 2001:db8:1000::/40 65", "", "", false)]
    [InlineData("pd 10.0.0.0/8 24", "", "", false)]
    [InlineData("pd 2001:db8:1000::1/40 56", "", "", false)]
    [InlineData("pd 2001:db8:1000::/40 56", "pd", "", false)] // a link is of 64 bits
    [InlineData("pd 2001:db8:1000::/40 56", "", "other", false)]
    public void IPv6_pools_are_a_name_a_prefix_and_the_length_of_what_is_given_out_of_it(string text, string link, string delegation, bool isValid) =>
        Assert.Equal(isValid, new RouterDesignValidator().Validate(new RouterDesignInput { Ipv6Pools = text, Ipv6LinkPool = link, Ipv6DelegationPool = delegation }).IsValid);

    [Fact]
    public void A_profile_that_gives_IPv6_past_the_walled_garden_is_said()
    {
        var design = new RouterDesign { Radius = true, WalledGarden = true, PppoeInterfaces = "ether2", LocalAddress = "10.0.0.1", Pools = "home 10.0.0.2-10.0.0.9", Ipv6Pools = "pd 2001:db8:1000::/40 56", Ipv6DelegationPool = "pd" };

        Assert.Contains(Planner.Plan(Facts(design), State()).Findings, f => f.Kind is FindingKind.Note && f.Text.Contains("suspended ones too", StringComparison.Ordinal));
        Assert.DoesNotContain(Planner.Plan(Facts(design with { Ipv6DelegationPool = "" }), State()).Findings, f => f.Text.Contains("suspended ones too", StringComparison.Ordinal));
    }

    private static ProvisioningFacts Facts(RouterDesign design) => new(
        Tenant, Guid.CreateVersion7(), "KILIMANI", design,
        new NetworkDesign { RadiusServer = "10.9.8.7", PortalHosts = "10.9.8.10", NtpServers = "10.9.8.1, time.example.com" }, "s3cret", 3799, 300, ["suspended"], RouterLogins: false, []);

    private static ActualState State(params (RouterMenu Menu, RouterRow[] Rows)[] menus) => State("7.22.3 (stable)", menus);

    private static ActualState State(string version, params (RouterMenu Menu, RouterRow[] Rows)[] menus) =>
        new(version, RouterMenu.All.ToDictionary(m => m.Path, m => (IReadOnlyList<RouterRow>)(menus.FirstOrDefault(x => x.Menu == m).Rows ?? [])));

    private static RouterRow Row(string id, string? comment, params (string Name, string Value)[] values) =>
        RouterRow.Of([(".id", id), .. comment is null ? Array.Empty<(string, string)>() : [("comment", comment)], .. values]);
}
