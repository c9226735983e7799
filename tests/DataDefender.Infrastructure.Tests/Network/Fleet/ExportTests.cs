using System.Text;
using DataDefender.Domain.Common;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Infrastructure.Network.Fleet;
using DataDefender.Infrastructure.Network.Provisioning;
using DataDefender.Sandbox;
using DataDefender.Testing;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Network.Fleet;

public sealed class ExportTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v6.49")]
    [InlineData("v7.9")]
    [InlineData("v7.22")]
    public async Task A_routers_export_is_read_kept_without_its_secrets_and_removed_from_the_router(string personality)
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions { Personality = personality, RadiusSecret = "correct-horse-battery" });
        await fleet.ByHandAsync((g, r) => g.AddAsync(r, "/ppp/secret", [("name", "left-over"), ("password", "hunter2-hunter2")], Ct));

        await fleet.LookAsync();

        var text = await fleet.TextAsync();
        Assert.Contains("/ip pool", text, StringComparison.Ordinal);
        Assert.Contains("name=left-over", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.DoesNotContain("correct-horse", text, StringComparison.Ordinal);
        Assert.Equal((ExportReason.Nightly, ExportSource.Router), ((await fleet.HistoryAsync())[0].Reason, (await fleet.HistoryAsync())[0].Source));
        Assert.Equal(0, fleet.Router().Count("/file"));
        await using var db = fleet.Company.Open();
        Assert.DoesNotContain("left-over", (await db.ConfigurationTexts.SingleAsync(Ct)).Sealed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_export_is_read_in_pieces_and_characters_that_are_cut_in_two_come_whole()
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions { Personality = "v7.22" });
        for (var i = 0; i < 400; i++)
        {
            await fleet.ByHandAsync((g, r) => g.AddAsync(r, "/ip/firewall/address-list", [("list", "café"), ("address", $"10.1.{i / 200}.{i % 200}"), ("comment", new string('é', 90 + (i % 3)))], Ct));
        }

        await fleet.LookAsync();

        var text = await fleet.TextAsync();
        Assert.True(Encoding.UTF8.GetByteCount(text) > 70_000);
        Assert.DoesNotContain('\uFFFD', text);
        Assert.Equal(400, ExportText.Lines(text).Count(l => l.Menu == "/ip firewall address-list" && l.Text.Contains("café", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Where_an_old_router_cannot_hand_over_its_export_its_menus_are_read_instead()
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions { Personality = "v6.49", PrintableFile = 512, RadiusSecret = "correct-horse-battery" });

        await fleet.LookAsync();

        Assert.Equal(ExportSource.Menus, Assert.Single(await fleet.HistoryAsync()).Source);
        var text = await fleet.TextAsync();
        Assert.Contains("name=pppoe-pool", text, StringComparison.Ordinal);
        Assert.DoesNotContain("correct-horse", text, StringComparison.Ordinal);

        fleet.Clock.Advance(TimeSpan.FromDays(1));
        await fleet.LookAsync();
        Assert.Equal((0, 0), ((await fleet.HistoryAsync())[0].Added, (await fleet.HistoryAsync())[0].Removed)); // what moves by itself is left out
    }

    [Theory]
    [EachDatabase]
    public async Task Each_night_there_is_one_and_what_did_not_change_is_kept_once(DatabaseProvider provider)
    {
        await using var fleet = await FleetFixture.CreateAsync(provider, new RouterOptions());
        await fleet.LookAsync();
        await fleet.LookAsync();
        Assert.Single(await fleet.HistoryAsync());

        fleet.Clock.Advance(TimeSpan.FromDays(1));
        await fleet.LookAsync();
        await fleet.ByHandAsync((g, r) => g.AddAsync(r, "/ip/pool", [("name", "extra"), ("ranges", "10.99.0.2-10.99.0.9")], Ct));
        fleet.Clock.Advance(TimeSpan.FromDays(1));
        await fleet.LookAsync();

        var history = await fleet.HistoryAsync();
        Assert.Equal([(1, 0), (0, 0), (null, null)], history.Select(h => (h.Added, h.Removed)));
        await using var db = fleet.Company.Open();
        Assert.Equal(2, await db.ConfigurationTexts.CountAsync(Ct));
        Assert.Equal("router.config_changed", (await db.NetworkEvents.SingleAsync(Ct)).Kind);

        var comparison = await fleet.AsAsync<ExportService, ExportComparison>(e => e.CompareAsync(history[1].Id, history[0].Id, Ct));
        Assert.Equal("add name=extra ranges=10.99.0.2-10.99.0.9", Assert.Single(comparison.Lines, l => l.Kind is DiffKind.Added).Text);
    }

    [Fact]
    public async Task A_router_that_does_not_answer_is_tried_again_later_and_says_so()
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions());
        fleet.Router().Faults.On(Fault.Refused);

        await fleet.LookAsync();
        var upkeep = await fleet.AsAsync<ExportService, ExportUpkeep>(e => e.UpkeepAsync(fleet.RouterIds[0], Ct));
        Assert.NotNull(upkeep.Trouble);
        Assert.True(upkeep.NextAttemptAt > fleet.Clock.GetUtcNow().UtcDateTime.AddMinutes(5));
        Assert.Empty(await fleet.HistoryAsync());

        fleet.Router().Faults.Clear();
        fleet.Clock.Advance(TimeSpan.FromMinutes(11));
        await fleet.LookAsync();
        Assert.Single(await fleet.HistoryAsync());
    }

    [Fact]
    public async Task All_routers_are_searched_for_a_line_and_for_the_lack_of_one()
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions(), new RouterOptions { Personality = "v6.49" });
        await fleet.ByHandAsync((g, r) => g.AddAsync(r, "/ip/firewall/address-list", [("list", "portal-allow"), ("address", "10.9.8.10")], Ct), number: 1);
        await fleet.LookAsync();

        var have = await fleet.AsAsync<ExportService, ExportFindings>(e => e.SearchAsync("address-list PORTAL-allow 10.9.8.10", lacking: false, new GridQuery(), Ct));
        var lack = await fleet.AsAsync<ExportService, ExportFindings>(e => e.SearchAsync("address-list portal-allow 10.9.8.10", lacking: true, new GridQuery(), Ct));

        Assert.Equal(("R2", 1), (Assert.Single(have.Page.Items).Router, have.Page.Items[0].Matches));
        Assert.Equal("R1", Assert.Single(lack.Page.Items).Router);
        Assert.Equal((2, 0), (have.Routers, have.Without));
    }

    [Fact]
    public async Task Exports_past_their_time_go_but_the_newest_of_a_router_stays()
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions());
        await fleet.LookAsync();
        await fleet.ByHandAsync((g, r) => g.AddAsync(r, "/ip/pool", [("name", "extra"), ("ranges", "10.99.0.2-10.99.0.9")], Ct));
        fleet.Clock.Advance(TimeSpan.FromDays(2));
        await fleet.LookAsync();

        fleet.Clock.Advance(TimeSpan.FromDays(500));
        await fleet.Worker.RemoveOldAsync(fleet.Company.Id, fleet.Clock.GetUtcNow().UtcDateTime.AddDays(-400), Ct);

        Assert.Single(await fleet.HistoryAsync());
        Assert.Contains("name=extra", await fleet.TextAsync(), StringComparison.Ordinal);
        await using var db = fleet.Company.Open();
        Assert.Equal(1, await db.ConfigurationTexts.CountAsync(Ct));
    }

    [Theory]
    [InlineData("v6.49")]
    [InlineData("v7.22")]
    public async Task What_is_ours_comes_back_by_plan_and_apply_and_the_rest_is_named(string personality)
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions { Personality = personality });
        var id = fleet.RouterIds[0];
        await DesignAsync(fleet, "home 100.90.0.2-100.90.3.254");
        await ApplyAsync(fleet, await fleet.AsAsync<ProvisioningService, RouterPlan>(p => p.PlanAsync(id, ct: Ct)), null);
        await fleet.LookAsync();
        var then = (await fleet.HistoryAsync())[0];
        Assert.Equal(ExportReason.Applied, then.Reason);

        await DesignAsync(fleet, "home 100.91.0.2-100.91.3.254");
        await ApplyAsync(fleet, await fleet.AsAsync<ProvisioningService, RouterPlan>(p => p.PlanAsync(id, ct: Ct)), null);
        await fleet.ByHandAsync((g, r) => g.AddAsync(r, "/ip/pool", [("name", "by-hand"), ("ranges", "10.99.0.2-10.99.0.9")], Ct));
        fleet.Clock.Advance(TimeSpan.FromMinutes(5));
        await fleet.LookAsync();
        var restore = await fleet.AsAsync<ExportService, ExportRestore>(e => e.PlanBackAsync(then.Id, Ct));

        var change = Assert.Single(restore.Plan.Changes);
        Assert.Equal("100.90.0.2-100.90.3.254", Assert.Single(change.Values).After);
        Assert.Contains(restore.Beyond, l => l.Kind is DiffKind.Added && l.Text.Contains("by-hand", StringComparison.Ordinal));
        Assert.DoesNotContain(restore.Beyond, l => l.Text.Contains("100.91.0.2", StringComparison.Ordinal));
        var run = await ApplyAsync(fleet, restore.Plan, then.Id);
        Assert.Equal(RunStatus.Done, run.Run.Status);
        Assert.Equal("100.90.0.2-100.90.3.254", fleet.Router().Read("/ip/pool", "home", "ranges"));
        Assert.NotNull(fleet.Router().Read("/ip/pool", "by-hand", "ranges"));
    }

    [Theory]
    [InlineData("v6.49")]
    [InlineData("v7.22")]
    public async Task What_is_ours_by_its_name_comes_back_too_and_lines_stay_as_they_are_today(string personality)
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions { Personality = personality });
        await fleet.AsAsync<DesignService>(d => d.SaveNetworkAsync(new NetworkDesignInput { PortalHosts = "10.9.8.10", SnmpPassword = "correct-horse" }, Ct));
        var package = await fleet.Company.AddPackageAsync("Home 10", 10_000, 5_000);
        await fleet.Company.AddSubscriptionAsync(package: package, username: "jane");
        await BringAsync("wifi.example.com");
        await fleet.LookAsync();
        var then = (await fleet.HistoryAsync())[0];

        await fleet.Company.AddSubscriptionAsync(package: package, username: "late");
        await BringAsync("free.example.com");
        var restore = await fleet.AsAsync<ExportService, ExportRestore>(e => e.PlanBackAsync(then.Id, Ct));

        var change = Assert.Single(restore.Plan.Changes);
        Assert.Equal((ChangeKind.Set, "/ip/hotspot/profile", "wifi.example.com"), (change.Kind, change.Menu.Path, Assert.Single(change.Values).After));
        Assert.Equal(RunStatus.Done, (await ApplyAsync(fleet, restore.Plan, then.Id)).Run.Status);
        Assert.Equal(["jane", "late"], (await RowsAsync("/ppp/secret")).Select(s => s["name"]).Order(StringComparer.Ordinal));
        Assert.Single(await RowsAsync("/ip/hotspot"), h => h["name"]!.StartsWith("dd-", StringComparison.Ordinal));
        Assert.Single(await RowsAsync("/snmp/community"), c => c["name"]!.StartsWith("dd-", StringComparison.Ordinal));

        async Task BringAsync(string page)
        {
            await fleet.AsAsync<DesignService>(d => d.SaveRouterAsync(
                fleet.RouterIds[0],
                new RouterDesignInput
                {
                    Pools = "home 100.90.0.2-100.90.3.254", LocalAddress = "100.90.0.1", Vlans = $"vlan200 200 {fleet.Router().Personality.EthernetPorts[2]} hotspot",
                    HotspotPool = "home", HotspotDnsName = page, Snmp = true, LinePush = LinePush.Secrets, PushUnbound = true,
                },
                Ct));
            Assert.Equal(RunStatus.Done, (await ApplyAsync(fleet, await fleet.AsAsync<ProvisioningService, RouterPlan>(p => p.PlanAsync(fleet.RouterIds[0], ct: Ct)), null)).Run.Status);
        }

        async Task<IReadOnlyList<RouterRow>> RowsAsync(string menu) => (await fleet.Gateway.PrintAsync(await fleet.EndpointAsync(), menu, ct: Ct)).Require().Rows;
    }

    [Fact]
    public async Task A_binary_backup_is_encrypted_by_the_router_fetched_and_opened_with_the_password_of_the_vault()
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions { Personality = "v7.22" });
        var id = await fleet.AsAsync<BackupService, Guid>(b => b.RequestAsync(fleet.RouterIds[0], Ct));
        await fleet.LookAsync();

        var backup = Assert.Single(await fleet.AsAsync<BackupService, IReadOnlyList<BackupRow>>(b => b.ListAsync(fleet.RouterIds[0], Ct)));
        Assert.Equal((BackupState.Kept, 48_000L), (backup.State, backup.Size));
        var (name, content) = await fleet.AsAsync<BackupService, (string, byte[])>(b => b.DownloadAsync(id, Ct));
        Assert.EndsWith(".backup", name, StringComparison.Ordinal);
        Assert.Equal([0xEF, 0xA8, 0x91, 0x72], content[..4]);
        var expected = new byte[48_000];
        new Random(24 + new SandboxOptions().Seed).NextBytes(expected);
        Assert.Equal(expected[4..], content[4..]); // byte for byte, through a protocol that is read as text
        Assert.Equal(24, (await fleet.AsAsync<BackupService, string>(b => b.RevealPasswordAsync(id, Ct))).Length);
        await using var db = fleet.Company.Open();
        Assert.Contains(await db.AuditEntries.Select(a => a.Action).ToListAsync(Ct), a => a == "revealed the password of");
    }

    [Fact]
    public async Task An_old_router_keeps_its_backups_itself_and_the_oldest_go()
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions { Personality = "v6.49" });
        for (var i = 0; i < 4; i++)
        {
            await fleet.AsAsync<BackupService, Guid>(b => b.RequestAsync(fleet.RouterIds[0], Ct));
            await fleet.LookAsync();
            fleet.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var backups = await fleet.AsAsync<BackupService, IReadOnlyList<BackupRow>>(b => b.ListAsync(fleet.RouterIds[0], Ct));
        Assert.Equal(3, backups.Count);
        Assert.All(backups, b => Assert.Equal(BackupState.OnRouter, b.State));
        Assert.Equal(3, fleet.Router().Count("/file"));
        var refused = await Assert.ThrowsAsync<DomainException>(() => fleet.AsAsync<BackupService, (string, byte[])>(b => b.DownloadAsync(backups[0].Id, Ct)));
        Assert.Contains("lies on the router", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_that_could_not_be_read_leaves_no_file_behind_and_what_a_lost_router_kept_goes_with_the_next_one()
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions { Personality = "v7.22" });
        await fleet.ByHandAsync((g, r) => g.CallAsync(r, "/system/backup/save", [("name", "by-hand"), ("password", "x")], Ct));
        fleet.Router().Faults.On(Fault.ResetMidReply, new FaultSetting(Path: "/file/read"));
        await fleet.AsAsync<BackupService, Guid>(b => b.RequestAsync(fleet.RouterIds[0], Ct));
        await fleet.LookAsync();

        var failed = Assert.Single(await fleet.AsAsync<BackupService, IReadOnlyList<BackupRow>>(b => b.ListAsync(fleet.RouterIds[0], Ct)));
        Assert.Equal(BackupState.Failed, failed.State);
        Assert.Equal(["by-hand.backup"], await FilesAsync(fleet));

        fleet.Router().Faults.On(Fault.IgnoreWrites, new FaultSetting(Path: "/file/remove")); // nor can it be removed
        fleet.Clock.Advance(TimeSpan.FromMinutes(1));
        await fleet.AsAsync<BackupService, Guid>(b => b.RequestAsync(fleet.RouterIds[0], Ct));
        await fleet.LookAsync();
        Assert.Equal(2, (await FilesAsync(fleet)).Count);

        fleet.Router().Faults.Clear();
        fleet.Clock.Advance(TimeSpan.FromMinutes(1));
        await fleet.AsAsync<BackupService, Guid>(b => b.RequestAsync(fleet.RouterIds[0], Ct));
        await fleet.LookAsync();
        Assert.Equal(["by-hand.backup"], await FilesAsync(fleet));
    }

    [Fact]
    public async Task Whoever_asks_for_a_backup_that_is_being_taken_waits_for_that_one()
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions { Personality = "v7.22" });
        var id = await fleet.AsAsync<BackupService, Guid>(b => b.RequestAsync(fleet.RouterIds[0], Ct));
        fleet.Router().Faults.On(Fault.Slow, new FaultSetting(TimeSpan.FromMilliseconds(300), Path: "/system/backup/save"));
        var taker = fleet.Services.Provider.GetRequiredService<BackupTaker>();

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => taker.TakeAsync(fleet.Company.Id, id, Ct))), Assert.Null);

        Assert.Single((await fleet.Gateway.PrintAsync(await fleet.EndpointAsync(), "/log", ct: Ct)).Require().Rows, r => r["message"] == "backup saved");
        Assert.Equal(BackupState.Kept, Assert.Single(await fleet.AsAsync<BackupService, IReadOnlyList<BackupRow>>(b => b.ListAsync(fleet.RouterIds[0], Ct))).State);
    }

    private static async Task<IReadOnlyList<string?>> FilesAsync(FleetFixture fleet) =>
        [.. (await fleet.Gateway.PrintAsync(await fleet.EndpointAsync(), "/file", ct: Ct)).Require().Rows.Select(r => r["name"]).Where(n => n!.EndsWith(".backup", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static Task DesignAsync(FleetFixture fleet, string pools) =>
        fleet.AsAsync<DesignService>(d => d.SaveRouterAsync(fleet.RouterIds[0], new RouterDesignInput { Pools = pools }, Ct));

    private static async Task<RunDetails> ApplyAsync(FleetFixture fleet, RouterPlan plan, Guid? restores)
    {
        var run = await fleet.AsAsync<ProvisioningService, Guid>(p => restores is { } export ? p.RestoreAsync(plan, export, Ct) : p.ApplyAsync(plan, false, Ct));
        await fleet.Services.Provider.GetRequiredService<ProvisioningRunner>().RunAsync(fleet.Company.Id, run, Ct);
        return await fleet.AsAsync<ProvisioningService, RunDetails>(p => p.RunAsync(run, Ct));
    }
}
