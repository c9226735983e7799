using Bunit;
using DataDefender.Domain.Addresses;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Pages.Addresses;
using DataDefender.Web.Components.Pages.Fleet;
using DataDefender.Web.Components.Pages.Topology;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Fleet;

public sealed class FleetPagesTests : PageTest
{
    [Fact]
    public async Task A_router_without_a_saved_configuration_says_that_it_comes_by_itself_and_one_can_be_asked_for()
    {
        var router = await Company.AddRouterAsync("NBO-CORE");
        var page = Render<RouterExports>(p => p.Add(r => r.Id, router.Id));
        page.WaitForAssertion(() => Assert.Contains("None yet", page.Markup, StringComparison.Ordinal));

        Button(page, "Take one now").Click();

        page.WaitForAssertion(() => Assert.Contains("Being taken…", page.Markup, StringComparison.Ordinal));
        await using var db = Company.Open();
        Assert.Equal(ExportReason.Asked, (await db.RouterCare.SingleAsync()).ExportWanted);
    }

    [Fact]
    public async Task Two_saved_configurations_are_compared_line_by_line()
    {
        var router = await Company.AddRouterAsync("NBO-CORE");
        var before = await ExportAsync(router, "/ip pool\nadd name=home ranges=10.0.0.2-10.0.0.9\nadd name=old ranges=10.9.0.2-10.9.0.9\n", TimeSpan.FromDays(-1));
        var after = await ExportAsync(router, "/ip pool\nadd name=home ranges=10.0.0.2-10.0.0.99\nadd name=old ranges=10.9.0.2-10.9.0.9\n", TimeSpan.Zero);
        Navigation.NavigateTo($"/routers/{router.Id}/exports/compare?before={before}&after={after}");

        var page = Render<CompareExports>(p => p.Add(c => c.Id, router.Id));

        page.WaitForAssertion(() => Assert.Equal("add name=home ranges=10.0.0.2-10.0.0.99", page.Find(".is-added code").TextContent));
        Assert.Equal("add name=home ranges=10.0.0.2-10.0.0.9", page.Find(".is-removed code").TextContent);
        Assert.Equal("/ip pool", page.Find(".diff-title").TextContent);
    }

    [Fact]
    public async Task The_search_lists_routers_that_have_a_line_and_those_that_lack_it()
    {
        await ExportAsync(await Company.AddRouterAsync("R1"), "/ip firewall address-list\nadd address=10.9.8.10 list=portal-allow\n", TimeSpan.Zero);
        await ExportAsync(await Company.AddRouterAsync("R2"), "/ip pool\nadd name=home\n", TimeSpan.Zero);
        Navigation.NavigateTo("/configurations?q=portal-allow");
        var page = Render<Configurations>();
        page.WaitForAssertion(() => Assert.Equal("R1", page.Find(".hit .row-name").TextContent));
        Assert.Contains("add address=10.9.8.10", page.Find(".hit-line").TextContent, StringComparison.Ordinal);

        Navigation.NavigateTo("/configurations?q=portal-allow&lack=true");
        var lacking = Render<Configurations>();
        lacking.WaitForAssertion(() => Assert.Equal("R2", lacking.Find(".hit .row-name").TextContent));
    }

    [Fact]
    public async Task A_saved_configuration_says_what_a_plan_cannot_bring_back()
    {
        Routers.Answer("/system/resource/print", RouterRow.Of(("version", "7.22.3 (stable)")));
        foreach (var menu in RouterMenu.All)
        {
            Routers.Answer($"{menu.Path}/print");
        }

        var router = await Company.AddRouterAsync("NBO-CORE");
        var mark = $"DD:{Company.Id.ToString("N")[^8..]}:";
        var then = await ExportAsync(router, $"/ip pool\nadd comment={mark}pool/home name=home ranges=10.0.0.2-10.0.0.9\nadd name=by-hand ranges=10.7.0.2-10.7.0.9\n", TimeSpan.FromDays(-1));
        await ExportAsync(router, "/ip pool\n", TimeSpan.Zero);
        var page = Render<ExportPage>(p => p.Add(e => e.Id, router.Id).Add(e => e.ExportId, then));
        page.WaitForAssertion(() => Assert.Contains("name=by-hand", page.Find(".export-text").TextContent, StringComparison.Ordinal));

        Button(page, "Plan back to this").Click();

        page.WaitForAssertion(() => Assert.Contains("1 change brings what is ours back", page.Markup, StringComparison.Ordinal));
        Assert.Equal("add name=by-hand ranges=10.7.0.2-10.7.0.9", page.Find(".is-removed code").TextContent);
        Assert.Contains("1 other lines differ and stay", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Firmware_shows_what_is_behind_and_an_upgrade_its_waves()
    {
        var router = await Company.AddRouterAsync("R1");
        await using (var db = Company.Open())
        {
            var care = new RouterCare(Company.Id, router.Id);
            care.ReadFirmware(new FirmwareReading("stable", "7.22.1", "7.22.3", "New version is available", "7.22.1", "7.22.1", "arm64", 99 << 20, []), Clock.Now);
            db.Add(care);
            await db.SaveChangesAsync();
        }

        var page = Render<Firmware>();
        page.WaitForAssertion(() => Assert.Contains("7.22.3", page.Markup, StringComparison.Ordinal));
        Assert.Contains("newer", page.Markup, StringComparison.Ordinal);
        var id = await Services.GetRequiredService<FirmwareService>().StartAsync(new FirmwareUpgradeInput { Name = "RouterOS 7.22.3", Version = "7.22.3" }, [router.Id]);

        var upgrade = Render<UpgradePage>(p => p.Add(u => u.Id, id));

        upgrade.WaitForAssertion(() => Assert.Contains("Canary", upgrade.Markup, StringComparison.Ordinal));
        Button(upgrade, "Hold").Click();
        upgrade.WaitForAssertion(() => Assert.Contains("Held", upgrade.Find("h1").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_way_from_RouterOS_6_to_7_is_offered_for_routers_of_6_and_wants_to_be_confirmed()
    {
        var router = await Company.AddRouterAsync("OLD");
        FirmwareRow Row(string installed) => new(router.Id, "OLD", null, null, Domain.Network.RouterState.Up, "stable", installed, installed, null, null, null, Clock.Now, null);
        Assert.DoesNotContain("from RouterOS 6 to 7", Render<UpgradeForm>(p => p.Add(f => f.Rows, [Row("7.22.3")])).Markup, StringComparison.Ordinal);
        var form = Render<UpgradeForm>(p => p.Add(f => f.Rows, [Row("6.49.17")]));

        form.Find("#upgrade-channel").Change("upgrade");
        Assert.Contains("there is no way back but its backup", form.Markup, StringComparison.Ordinal);
        form.Find("form").Submit();

        form.WaitForAssertion(() => Assert.Contains("Confirm that these routers are to go from RouterOS 6 to 7.", form.Markup, StringComparison.Ordinal));
        form.Find("#upgrade-seven").Change(true);
        form.Find("form").Submit();
        form.WaitForAssertion(() => Assert.NotNull(Started()));

        FirmwareUpgrade? Started()
        {
            using var db = Company.Open();
            return db.FirmwareUpgrades.SingleOrDefault(u => u.Channel == "upgrade" && u.WantedVersion == SevenRules.FirstVersion);
        }
    }

    [Fact]
    public async Task The_plan_of_addresses_is_a_tree_with_how_full_each_is()
    {
        var plan = Services.GetRequiredService<AddressPlanService>();
        await plan.AddAsync(new PrefixInput { Network = "10.0.0.0/8", Name = "All" });
        await plan.AddAsync(new PrefixInput { Network = "10.20.0.0/29", Use = PrefixUse.Lines });
        await Company.AddSubscriptionAsync(staticAddress: "10.20.0.2");

        var page = Render<AddressPlan>();

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".prefix-net").Count));
        Assert.Contains("1 of 6", page.Markup, StringComparison.Ordinal);
        Assert.Contains("padding-left:16px", page.FindAll(".prefix-net")[1].GetAttribute("style"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_graph_links_to_each_router_and_says_in_words_what_its_colours_say()
    {
        var (core, tower) = (await Company.AddRouterAsync("Core"), await Company.AddRouterAsync("Tower"));
        await using (var db = Company.Open())
        {
            (await db.Routers.SingleAsync(r => r.Id == tower.Id)).ReachOver(core.Id);
            await db.SaveChangesAsync();
        }

        var page = Render<TopologyPage>();

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("a.graph-node").Count));
        Assert.Equal($"/routers/{core.Id}", page.FindAll("a.graph-node")[0].GetAttribute("href"));
        Assert.Contains("Unknown", page.FindAll("a.graph-node title")[0].TextContent, StringComparison.Ordinal);
        Assert.Single(page.FindAll("path.graph-link.is-unknown"));
    }

    [Fact]
    public async Task The_map_has_the_sites_that_have_coordinates_and_names_the_others()
    {
        await Company.AddSiteAsync("Kilimani", -1.29m, 36.78m);
        await Company.AddSiteAsync("Ngong", -1.36m, 36.65m);
        await Company.AddSiteAsync("Nowhere");
        Navigation.NavigateTo("/topology?view=map");

        var page = Render<TopologyPage>();

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("a.map-site").Count));
        Assert.Contains("Nowhere", page.Find(".topology-note").TextContent, StringComparison.Ordinal);
        Assert.Contains("km", page.Find(".map-scale").TextContent, StringComparison.Ordinal);
    }

    private async Task<Guid> ExportAsync(Router router, string text, TimeSpan when)
    {
        await using var db = Company.Open();
        var kept = new ConfigurationText(Company.Id, ExportText.Hash(text), ExportText.Lines(text).Count, text.Length, Clock.Now);
        kept.Keep(ConfigurationTexts.Seal(await Services.GetRequiredService<ISecretVault>().OpenAsync(Company.Id), kept.Place(), text));
        var export = new ConfigurationExport(Company.Id, router.Id, kept.Id, ExportReason.Nightly, ExportSource.Router, "7.22.3 (stable)", Clock.Now + when);
        db.AddRange(kept, export);
        await db.SaveChangesAsync();
        return export.Id;
    }
}
