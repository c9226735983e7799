using DataDefender.Domain.Fleet;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.Fleet;
using DataDefender.Sandbox;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Network.Fleet;

public sealed class FirmwareTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_night_the_routers_say_what_they_run_and_what_there_is()
    {
        await using var fleet = await FleetFixture.CreateAsync(New(), new RouterOptions { Personality = "v6.49" });
        fleet.Router(1).Faults.On(Fault.NoUpdateServer);
        await fleet.LookAsync();

        var rows = (await fleet.AsAsync<FirmwareService, PageOf<FirmwareRow>>(f => f.ListAsync(new FirmwareFilter(), new GridQuery(), Ct))).Items;
        Assert.Equal(("stable", "7.22.3", "7.22.5", true), (rows[0].Channel, rows[0].Installed, rows[0].Latest, rows[0].IsBehind));
        Assert.Equal(("7.22.3", "7.22.3"), (rows[0].BoardInstalled, rows[0].BoardLatest));
        Assert.Equal(("6.49.17", null, "ERROR: could not resolve dns name"), (rows[1].Installed, rows[1].Latest, rows[1].UpdateStatus));
        var behind = await fleet.AsAsync<FirmwareService, PageOf<FirmwareRow>>(f => f.ListAsync(new FirmwareFilter(Behind: true), new GridQuery(), Ct));
        Assert.Equal("R1", Assert.Single(behind.Items).Router);
        Assert.Equal(2, (await fleet.AsAsync<FirmwareService, IReadOnlyList<VersionCount>>(f => f.VersionsAsync(Ct))).Count);
    }

    [Fact]
    public async Task A_canary_goes_first_then_the_rest_each_backed_up_rebooted_and_watched()
    {
        await using var fleet = await FleetFixture.CreateAsync(New(), New(), New());
        var id = await StartAsync(fleet);
        await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Done == 1, first: true);
        Assert.Equal("7.22.3", fleet.Router(1).Personality.FullVersion.Split(' ')[0]);

        var details = await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Done);

        Assert.Equal([0, 1, 1], details.Routers.Select(r => r.Wave));
        Assert.All(details.Routers, r => Assert.Equal((UpgradeStep.Done, "7.22.3", null), (r.Step, r.FromVersion, r.Detail)));
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal("7.22.5", fleet.Router(i).Personality.FullVersion.Split(' ')[0]));
        Assert.Equal("7.22.5", fleet.Router().Find("/system/routerboard", "routerboard", _ => true, "current-firmware")); // after a second reboot
        await using var db = fleet.Company.Open();
        Assert.Equal(3, await db.RouterBackups.CountAsync(b => b.State == BackupState.Kept, Ct));
        Assert.Equal(3, await db.ConfigurationExports.CountAsync(e => e.Reason == ExportReason.Upgrade, Ct));
        Assert.Contains(await db.NetworkEvents.Select(e => e.Message).ToListAsync(Ct), m => m.Contains("3 of 3 routers run RouterOS 7.22.5", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_canary_that_comes_back_as_it_was_stops_the_upgrade_until_a_person_says_to_go_on()
    {
        await using var fleet = await FleetFixture.CreateAsync(New(), New());
        fleet.Router(0).Faults.On(Fault.UpgradeNotTaken);
        var id = await StartAsync(fleet);

        var stopped = await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Stopped);
        Assert.Contains("It came back with 7.22.3 and not with 7.22.5", stopped.Upgrade.Detail, StringComparison.Ordinal);
        Assert.Equal([UpgradeStep.Failed, UpgradeStep.Waiting], stopped.Routers.Select(r => r.Step));
        Assert.Equal("7.22.3", fleet.Router(1).Personality.FullVersion.Split(' ')[0]);

        await fleet.AsAsync<FirmwareService>(f => f.GoOnAsync(id, Ct));
        var done = await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Done);
        Assert.Equal([UpgradeStep.Failed, UpgradeStep.Done], done.Routers.Select(r => r.Step));
    }

    [Fact]
    public async Task A_router_that_does_not_come_back_is_a_failure_that_sends_somebody_there()
    {
        await using var fleet = await FleetFixture.CreateAsync(New(), New());
        fleet.Router(0).Faults.On(Fault.LostInUpgrade);
        var id = await StartAsync(fleet);

        var stopped = await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Stopped);

        Assert.Contains("did not come back", stopped.Upgrade.Detail, StringComparison.Ordinal);
        Assert.Equal(UpgradeStep.Waiting, stopped.Routers[1].Step);
        fleet.Router(0).Faults.Clear();
    }

    [Fact]
    public async Task When_one_fails_a_router_that_still_downloads_is_left_out_and_not_rebooted()
    {
        await using var fleet = await FleetFixture.CreateAsync(New(), New());
        fleet.Router(0).Faults.On(Fault.UpgradeNotTaken);
        fleet.Router(1).Faults.On(Fault.Slow, new FaultSetting(TimeSpan.FromSeconds(4), Path: "/system/package/update/download"));
        var id = await StartAsync(fleet, u => u.Canaries = 2);

        var stopped = await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Stopped && d.Routers.All(r => r.FinishedAt is not null));

        Assert.Equal([UpgradeStep.Failed, UpgradeStep.Skipped], stopped.Routers.Select(r => r.Step));
        Assert.Contains("before it was rebooted", stopped.Routers[1].Detail, StringComparison.Ordinal);
        Assert.Equal("7.22.3", fleet.Router(1).Personality.FullVersion.Split(' ')[0]);
    }

    [Fact]
    public async Task A_cancelled_upgrade_leaves_out_what_has_not_rebooted_also_after_its_window()
    {
        await using var fleet = await FleetFixture.CreateAsync(New());
        fleet.Router().Faults.On(Fault.Slow, new FaultSetting(TimeSpan.FromSeconds(3), Path: "/system/package/update/download"));
        var id = await StartAsync(fleet, u => AnHour(fleet, u, begins: -1));
        var conductor = fleet.Services.Provider.GetRequiredService<FirmwareConductor>();
        await conductor.LookAsync(Ct);
        await UntilAsync(fleet, id, d => d.Routers[0].Step is UpgradeStep.Downloading);

        await fleet.AsAsync<FirmwareService>(f => f.CancelAsync(id, Ct));
        fleet.Clock.Advance(TimeSpan.FromHours(2));
        await conductor.RestAsync();
        var over = await ConductAsync(fleet.Services, fleet, id, d => d.Routers[0].FinishedAt is not null);

        Assert.Equal((UpgradeStep.Skipped, "7.22.3"), (over.Routers[0].Step, Version(fleet)));
        fleet.Clock.Advance(TimeSpan.FromHours(22));
        await conductor.LookAsync(Ct);
        await conductor.RestAsync();
        Assert.Equal("7.22.3", Version(fleet));
    }

    [Fact]
    public async Task A_watch_that_was_interrupted_for_hours_goes_on_and_does_not_fail()
    {
        await using var fleet = await FleetFixture.CreateAsync(New());
        var id = await StartAsync(fleet);
        using (fleet.Services.Provider.GetRequiredService<LiveMetrics>().Watch(fleet.Company.Id, () =>
        {
            if (Version(fleet) == "7.22.5" && fleet.Router().Find("/system/routerboard", "routerboard", _ => true, "current-firmware") == "7.22.5")
            {
                fleet.Router().Faults.On(Fault.ResetMidReply, new FaultSetting(Path: "/system/resource/print"));
            }
        }))
        using (var dying = CancellationTokenSource.CreateLinkedTokenSource(Ct))
        {
            var conductor = fleet.Services.Provider.GetRequiredService<FirmwareConductor>();
            await conductor.LookAsync(dying.Token);
            await UntilAsync(fleet, id, d => d.Routers[0].Step is UpgradeStep.Watching);
            await dying.CancelAsync();
            await conductor.RestAsync();
        }

        fleet.Router().Faults.Clear();
        fleet.Clock.Advance(TimeSpan.FromHours(2));
        await using var restarted = fleet.Restarted();

        Assert.Equal(UpgradeStep.Done, (await ConductAsync(restarted, fleet, id, d => d.Routers[0].FinishedAt is not null)).Routers[0].Step);
    }

    [Fact]
    public async Task A_restarted_process_goes_on_where_the_one_before_was()
    {
        await using var fleet = await FleetFixture.CreateAsync(New());
        fleet.Router(0).Faults.On(Fault.LostInUpgrade);
        var id = await StartAsync(fleet);
        using (var dying = CancellationTokenSource.CreateLinkedTokenSource(Ct))
        {
            var conductor = fleet.Services.Provider.GetRequiredService<FirmwareConductor>();
            await conductor.LookAsync(dying.Token);
            await UntilAsync(fleet, id, d => d.Routers[0].Step is UpgradeStep.Rebooting);
            await dying.CancelAsync();
            await conductor.RestAsync();
        }

        fleet.Router(0).Faults.Clear();
        await using var restarted = fleet.Restarted();
        var done = await ConductAsync(restarted, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Done);

        Assert.Equal(UpgradeStep.Done, done.Routers[0].Step);
        Assert.Equal("7.22.5", fleet.Router().Personality.FullVersion.Split(' ')[0]);
    }

    [Fact]
    public async Task A_download_that_outlasts_its_window_reboots_nothing_until_the_next_one()
    {
        await using var fleet = await FleetFixture.CreateAsync(New());
        var id = await StartAsync(fleet, u => AnHour(fleet, u, begins: -5));
        fleet.Router().Faults.On(Fault.Slow, new FaultSetting(TimeSpan.FromSeconds(3), Path: "/system/package/update/download"));
        var conductor = fleet.Services.Provider.GetRequiredService<FirmwareConductor>();
        await conductor.LookAsync(Ct);
        await UntilAsync(fleet, id, d => d.Routers[0].Step is UpgradeStep.Downloading);

        fleet.Clock.Advance(TimeSpan.FromHours(2));
        await conductor.RestAsync();
        Assert.Equal((UpgradeStep.Downloading, "7.22.3"), ((await DetailsAsync(fleet, id)).Routers[0].Step, Version(fleet)));

        fleet.Router().Faults.Clear();
        fleet.Clock.Advance(TimeSpan.FromHours(22));
        await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Done);
        Assert.Equal("7.22.5", Version(fleet));
    }

    [Fact]
    public async Task A_router_that_does_not_say_what_its_board_runs_is_not_rebooted_for_it()
    {
        await using var fleet = await FleetFixture.CreateAsync(New());
        var id = await StartAsync(fleet);
        var struck = false;
        using var watch = fleet.Services.Provider.GetRequiredService<LiveMetrics>().Watch(fleet.Company.Id, () =>
        {
            if (!struck && Version(fleet) == "7.22.5" && fleet.Router().Find("/system/routerboard", "routerboard", _ => true, "current-firmware") == "7.22.3")
            {
                struck = true;
                fleet.Router().Faults.On(Fault.ResetMidReply, new FaultSetting(Path: "/system/routerboard/print")); // the step of the board has just begun
            }
        });
        await fleet.Services.Provider.GetRequiredService<FirmwareConductor>().LookAsync(Ct);
        await UntilAsync(fleet, id, d => d.Routers[0].Step is UpgradeStep.Board);
        await Task.Delay(TimeSpan.FromSeconds(1), Ct); // it is asked again and again
        Assert.Equal(UpgradeStep.Board, (await DetailsAsync(fleet, id)).Routers[0].Step);
        fleet.Router().Faults.Clear();

        var done = await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Done or UpgradeStatus.Stopped);

        Assert.Equal((UpgradeStep.Done, null), (done.Routers[0].Step, done.Routers[0].Detail));
        Assert.Equal("7.22.5", fleet.Router().Find("/system/routerboard", "routerboard", _ => true, "current-firmware"));
    }

    [Fact]
    public async Task Version_6_is_refused_with_the_reason_and_the_others_go_on()
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions { Personality = "v6.49", Updates = { ["stable"] = "7.22.5" } }, New());
        var id = await StartAsync(fleet);

        var done = await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Done);

        Assert.Equal([UpgradeStep.Refused, UpgradeStep.Done], done.Routers.Select(r => r.Step));
        Assert.Contains("RouterOS 6 reaches 7 by the channel", done.Routers[0].Detail, StringComparison.Ordinal);
        Assert.Equal("6.49.17", fleet.Router().Personality.FullVersion.Split(' ')[0]);
        Assert.Equal(0, fleet.Router().Count("/file")); // not even a backup was taken of it
    }

    [Fact]
    public async Task The_way_from_6_to_7_goes_over_the_newest_of_6_each_stage_backed_up_and_watched()
    {
        await using var fleet = await FleetFixture.CreateAsync(Six("6.49.19"), Six("6.49.19"));
        await fleet.ByHandAsync((g, r) => g.SetAsync(r, "/system/package/update", null, [("channel", "long-term")], Ct));
        var id = await ToSevenAsync(fleet);

        var done = await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Done or UpgradeStatus.Stopped);

        Assert.All(done.Routers, r => Assert.Equal((UpgradeStep.Done, "6.49.19", null), (r.Step, r.FromVersion, r.Detail)));
        Assert.All(Enumerable.Range(0, 2), i => Assert.Equal("7.12.1", fleet.Router(i).Personality.FullVersion.Split(' ')[0]));
        Assert.Equal("7.12.1", fleet.Router().Find("/system/routerboard", "routerboard", _ => true, "current-firmware"));
        Assert.Equal(("long-term", "stable"), (await ChannelAsync(fleet, 0), await ChannelAsync(fleet, 1)));
        await using var db = fleet.Company.Open();
        Assert.Equal([BackupState.OnRouter], await db.RouterBackups.Select(b => b.State).Distinct().ToListAsync(Ct)); // a RouterOS 6 gives no binary file away over the API
        Assert.Equal(4, await db.RouterBackups.CountAsync(b => b.TakenAt != null, Ct)); // one of each stage
        Assert.Equal(["6.49.17", "6.49.17", "6.49.19", "6.49.19"], (await db.ConfigurationExports.Where(e => e.Reason == ExportReason.Upgrade).Select(e => e.RouterOsVersion).ToListAsync(Ct)).Select(v => v.Split(' ')[0]).Order());
        Assert.Contains(await db.AuditEntries.Select(a => a.Action).ToListAsync(Ct), a => a == "confirmed the way from RouterOS 6 to 7");
    }

    [Fact]
    public async Task A_router_that_uses_what_7_does_not_take_over_is_refused_untouched_and_the_others_go_on()
    {
        await using var fleet = await FleetFixture.CreateAsync(Six(null), Six(null));
        await fleet.ByHandAsync((g, r) => g.AddAsync(r, "/routing/filter", [("chain", "bgp-in"), ("action", "accept")], Ct));
        var id = await ToSevenAsync(fleet);

        var done = await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Done or UpgradeStatus.Stopped);

        Assert.Equal([UpgradeStep.Refused, UpgradeStep.Done], done.Routers.Select(r => r.Step));
        Assert.Contains("It uses /routing/filter (1): routing filters are written in another language in 7", done.Routers[0].Detail, StringComparison.Ordinal);
        Assert.Equal(("6.49.17", 0, "stable"), (Version(fleet), fleet.Router().Count("/file"), await ChannelAsync(fleet, 0)));
    }

    [Fact]
    public async Task A_router_that_does_not_come_back_as_7_stops_the_others_where_they_are()
    {
        await using var fleet = await FleetFixture.CreateAsync(Six(null), Six(null));
        fleet.Router().Faults.On(Fault.LostInUpgrade);
        var id = await ToSevenAsync(fleet);

        var stopped = await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Stopped);

        Assert.Contains("did not come back", stopped.Upgrade.Detail, StringComparison.Ordinal);
        Assert.Equal([UpgradeStep.Failed, UpgradeStep.Waiting], stopped.Routers.Select(r => r.Step));
        Assert.Equal("6.49.17", fleet.Router(1).Personality.FullVersion.Split(' ')[0]);
        await using var db = fleet.Company.Open();
        Assert.Equal(1, await db.RouterBackups.CountAsync(b => b.TakenAt != null, Ct)); // what somebody who goes there needs
        fleet.Router().Faults.Clear();
    }

    [Fact]
    public async Task A_router_that_comes_back_as_6_has_failed()
    {
        await using var fleet = await FleetFixture.CreateAsync(Six(null));
        fleet.Router().Faults.On(Fault.UpgradeNotTaken);
        var id = await ToSevenAsync(fleet);

        var stopped = await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Stopped);

        Assert.Contains("It came back with 6.49.17 and not with 7.12.1", stopped.Upgrade.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_goes_from_6_to_7_that_nobody_has_confirmed()
    {
        await using var fleet = await FleetFixture.CreateAsync(Six(null));

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => StartAsync(fleet, u => (u.Channel, u.Version) = ("upgrade", "7.12.1")));

        Assert.Contains(refused.Errors, e => e.Field == nameof(FirmwareUpgradeInput.ConfirmsSeven));
    }

    [Fact]
    public async Task Outside_its_window_nothing_is_begun()
    {
        await using var fleet = await FleetFixture.CreateAsync(New());
        var id = await StartAsync(fleet, u => AnHour(fleet, u, begins: 120));

        await fleet.Services.Provider.GetRequiredService<FirmwareConductor>().LookAsync(Ct);
        var waiting = await DetailsAsync(fleet, id);
        Assert.Equal((false, UpgradeStep.Waiting), (waiting.IsOpen, waiting.Routers[0].Step));

        fleet.Clock.Advance(TimeSpan.FromMinutes(121));
        await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Done);
    }

    [Fact]
    public async Task A_restart_after_the_window_leaves_a_router_that_has_not_rebooted_to_the_next_one()
    {
        await using var fleet = await FleetFixture.CreateAsync(New());
        fleet.Router().Faults.On(Fault.Slow, new FaultSetting(TimeSpan.FromSeconds(30), Path: "/system/package/update/download"));
        var id = await StartAsync(fleet, u => AnHour(fleet, u, begins: -1));
        using (var dying = CancellationTokenSource.CreateLinkedTokenSource(Ct))
        {
            var conductor = fleet.Services.Provider.GetRequiredService<FirmwareConductor>();
            await conductor.LookAsync(dying.Token);
            await UntilAsync(fleet, id, d => d.Routers[0].Step is UpgradeStep.Downloading);
            await dying.CancelAsync();
            await conductor.RestAsync();
        }

        fleet.Router().Faults.Clear();
        fleet.Clock.Advance(TimeSpan.FromHours(2));
        await using var restarted = fleet.Restarted();
        var late = restarted.Provider.GetRequiredService<FirmwareConductor>();
        await late.LookAsync(Ct);
        await late.RestAsync();
        Assert.Equal((UpgradeStep.Downloading, "7.22.3"), ((await DetailsAsync(fleet, id)).Routers[0].Step, fleet.Router().Personality.FullVersion.Split(' ')[0]));

        fleet.Clock.Advance(TimeSpan.FromHours(22));
        Assert.Equal(UpgradeStep.Done, (await ConductAsync(restarted, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Done)).Routers[0].Step);
    }

    [Fact]
    public async Task A_reboot_for_the_board_keeps_to_the_window_too()
    {
        await using var fleet = await FleetFixture.CreateAsync(New());
        var id = await StartAsync(fleet, u => AnHour(fleet, u, begins: -1));
        var struck = false;
        using (fleet.Services.Provider.GetRequiredService<LiveMetrics>().Watch(fleet.Company.Id, () =>
        {
            if (!struck && Version(fleet) == "7.22.5")
            {
                struck = true;
                fleet.Router().Faults.On(Fault.ResetMidReply, new FaultSetting(Path: "/system/routerboard/print"));
            }
        }))
        using (var dying = CancellationTokenSource.CreateLinkedTokenSource(Ct))
        {
            var conductor = fleet.Services.Provider.GetRequiredService<FirmwareConductor>();
            await conductor.LookAsync(dying.Token);
            await UntilAsync(fleet, id, d => d.Routers[0].Step is UpgradeStep.Board);
            await dying.CancelAsync();
            await conductor.RestAsync();
        }

        fleet.Router().Faults.Clear();
        fleet.Clock.Advance(TimeSpan.FromHours(2));
        await using var restarted = fleet.Restarted();
        var late = restarted.Provider.GetRequiredService<FirmwareConductor>();
        await late.LookAsync(Ct);
        await late.RestAsync();
        Assert.Equal((UpgradeStep.Board, "7.22.3"), ((await DetailsAsync(fleet, id)).Routers[0].Step, fleet.Router().Find("/system/routerboard", "routerboard", _ => true, "current-firmware")));

        fleet.Clock.Advance(TimeSpan.FromHours(22));
        Assert.Equal(UpgradeStep.Done, (await ConductAsync(restarted, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Done)).Routers[0].Step);
    }

    [Fact]
    public async Task A_router_that_is_refused_follows_the_channel_again_that_it_followed_before()
    {
        await using var fleet = await FleetFixture.CreateAsync(new RouterOptions { Personality = "v6.49", Updates = { ["stable"] = "7.22.5" } }, New());
        await fleet.ByHandAsync((g, r) => g.SetAsync(r, "/system/package/update", null, [("channel", "long-term")], Ct));
        await fleet.ByHandAsync((g, r) => g.SetAsync(r, "/system/package/update", null, [("channel", "long-term")], Ct), number: 1);
        var id = await StartAsync(fleet);

        var done = await ConductAsync(fleet.Services, fleet, id, d => d.Upgrade.Status is UpgradeStatus.Done);

        Assert.Equal([UpgradeStep.Refused, UpgradeStep.Done], done.Routers.Select(r => r.Step));
        Assert.Equal(("long-term", "stable"), (await ChannelAsync(fleet, 0), await ChannelAsync(fleet, 1))); // who was upgraded follows the channel of its version
    }

    [Fact]
    public async Task A_router_is_in_one_upgrade_at_a_time()
    {
        await using var fleet = await FleetFixture.CreateAsync(New());
        await StartAsync(fleet);

        var refused = await Assert.ThrowsAsync<DomainException>(() => StartAsync(fleet));

        Assert.Contains("part of another upgrade", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<string?> ChannelAsync(FleetFixture fleet, int number) =>
        (await fleet.Gateway.PrintAsync(await fleet.EndpointAsync(number), "/system/package/update", ct: Ct)).Require().Rows[0]["channel"];

    private static RouterOptions New() => new() { Personality = "v7.22", Updates = { ["stable"] = "7.22.5" } };

    private static Task<Guid> StartAsync(FleetFixture fleet, Action<FirmwareUpgradeInput>? change = null)
    {
        var input = new FirmwareUpgradeInput { Name = "RouterOS 7.22.5", Version = "7.22.5", WindowFrom = TimeSpan.Zero, WindowUntil = TimeSpan.Zero };
        change?.Invoke(input);
        return fleet.AsAsync<FirmwareService, Guid>(f => f.StartAsync(input, [.. fleet.RouterIds], Ct));
    }

    /// <param name="newest">Of 6, in its channels; null when it runs that already.</param>
    private static RouterOptions Six(string? newest)
    {
        var router = new RouterOptions { Personality = "v6.49", Updates = { ["upgrade"] = "7.12.1" } };
        if (newest is not null)
        {
            (router.Updates["stable"], router.Updates["long-term"]) = (newest, newest);
        }

        return router;
    }

    private static Task<Guid> ToSevenAsync(FleetFixture fleet) => StartAsync(fleet, u => (u.Name, u.Channel, u.Version, u.ConfirmsSeven) = ("RouterOS 7", "upgrade", "7.12.1", true));

    private static Task<UpgradeDetails> DetailsAsync(FleetFixture fleet, Guid id) => fleet.AsAsync<FirmwareService, UpgradeDetails>(f => f.UpgradeAsync(id, Ct));

    /// <summary>A window of an hour that begins so many minutes from now.</summary>
    private static void AnHour(FleetFixture fleet, FirmwareUpgradeInput upgrade, int begins)
    {
        var local = TimeZoneInfo.ConvertTimeFromUtc(fleet.Clock.GetUtcNow().UtcDateTime, TimeZoneInfo.FindSystemTimeZoneById("Africa/Nairobi")).TimeOfDay;
        var minute = ((int)local.TotalMinutes + begins + 1440) % 1440;
        (upgrade.WindowFrom, upgrade.WindowUntil) = (TimeSpan.FromMinutes(minute), TimeSpan.FromMinutes((minute + 60) % 1440));
    }

    private static string Version(FleetFixture fleet) => fleet.Router().Personality.FullVersion.Split(' ')[0];

    /// <param name="first">Only what may be begun at once.</param>
    private static async Task<UpgradeDetails> ConductAsync(TestServices services, FleetFixture fleet, Guid id, Func<UpgradeDetails, bool> until, bool first = false)
    {
        var conductor = services.Provider.GetRequiredService<FirmwareConductor>();
        var began = TimeProvider.System.GetTimestamp();
        await conductor.LookAsync(Ct);
        while (true)
        {
            if (!first)
            {
                await conductor.LookAsync(Ct);
            }

            var details = await DetailsAsync(fleet, id);
            if (until(details))
            {
                return details;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), string.Join("; ", details.Routers.Select(r => $"{r.Router} {r.Step} {r.Detail}")));
            await Task.Delay(100, Ct);
        }
    }

    private static async Task UntilAsync(FleetFixture fleet, Guid id, Func<UpgradeDetails, bool> until)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!until(await DetailsAsync(fleet, id)))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30));
            await Task.Delay(50, Ct);
        }
    }
}
