using DataDefender.Domain.Common;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Fleet;

/// <summary>
/// Brings one router to the wanted version, from whatever step it is at. The step is written before it is done, and each step looks first
/// whether it is done already, so that it may be taken up anywhere.
/// </summary>
internal sealed class FirmwareDriver(
    TenantScopes scopes, ISecretVault vault, IRouterGateway gateway, ExportKeeper exports, BackupTaker backups, FirmwareReader firmware, LiveMetrics live, IOptions<FleetOptions> options, TimeProvider clock)
{
    private const string Part = "firmware upgrade";
    private const string UpdateMenu = "/system/package/update";

    private static readonly string[] SessionMenus = ["/ppp/active", "/ip/hotspot/active"];

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task DriveAsync(Guid tenantId, Guid upgradeId, Guid targetId, CancellationToken ct)
    {
        while (await ReadAsync(tenantId, upgradeId, targetId, ct) is var (upgrade, target) && target.IsUnderWay)
        {
            var isHalted = target.RebootsNext && await IsHaltedAsync(upgrade, ct);
            if (!isHalted && target.RebootsNext && !await IsOpenAsync(upgrade, ct))
            {
                return; // it goes on in the next window
            }

            var cipher = await vault.OpenAsync(tenantId, ct);
            if (await exports.EndpointAsync(tenantId, target.RouterId, cipher, ct) is not { } router)
            {
                await GoAsync(target, isHalted ? UpgradeStep.Skipped : UpgradeStep.Failed, "It was switched off or removed, or its password cannot be read.", ct);
                return;
            }

            if (isHalted)
            {
                await LeaveOutAsync(target, router, ct);
                continue;
            }

            await (target.Step switch
            {
                UpgradeStep.Preparing => PrepareAsync(upgrade, target, router, ct),
                UpgradeStep.Downloading => DownloadAsync(upgrade, target, router, ct),
                UpgradeStep.Rebooting => RebootAsync(upgrade, target, router, ct),
                UpgradeStep.Board => BoardAsync(target, router, ct),
                _ => WatchAsync(upgrade, target, router, ct),
            });
        }
    }

    private async Task PrepareAsync(FirmwareUpgrade upgrade, FirmwareUpgradeRouter target, RouterEndpoint router, CancellationToken ct)
    {
        var goal = new Goal(upgrade.Channel, upgrade.WantedVersion);
        if (upgrade.IsToSeven)
        {
            if (await TowardsSevenAsync(upgrade, target, router, ct) is not { } stage)
            {
                return; // it has come to its end
            }

            goal = stage;
        }

        if (await SetChannelAsync(target, router, goal.Channel, ct) is { } refused)
        {
            await EndUntouchedAsync(target, router, UpgradeStep.Failed, refused, ct);
            return;
        }

        var (reading, trouble) = await firmware.AskAsync(router, check: true, ct);
        if (reading is null)
        {
            await EndUntouchedAsync(target, router, UpgradeStep.Failed, trouble!, ct);
            return;
        }

        if (UpgradeRules.Parse(reading.Installed) == UpgradeRules.Parse(goal.Version) && (!upgrade.WithBoard || reading.BoardInstalled == reading.BoardLatest))
        {
            await EndUntouchedAsync(target, router, UpgradeStep.Done, "It ran this version already.", ct);
            return;
        }

        if (UpgradeRules.Forbids(reading, goal.Version, upgrade.IsToSeven) is { } rule)
        {
            await EndUntouchedAsync(target, router, UpgradeStep.Refused, rule, ct);
            return;
        }

        if (await exports.TakeAsync(target.TenantId, target.RouterId, ExportReason.Upgrade, ct) is { } noExport)
        {
            await EndUntouchedAsync(target, router, UpgradeStep.Failed, $"There is no fresh export of it, so it was not touched: {noExport}", ct);
            return;
        }

        if (await BackUpAsync(target, ct) is { } noBackup)
        {
            await EndUntouchedAsync(target, router, UpgradeStep.Failed, $"There is no fresh backup of it, so it was not touched: {noBackup}", ct);
            return;
        }

        var sessions = await CountAsync(router, ct);
        await ChangeAsync(
            target,
            t =>
            {
                if (t.SessionsBefore is not null && IsStage(upgrade, t, reading.Installed))
                {
                    t.RememberStage(reading.Installed, reading.Packages);
                }
                else
                {
                    t.Remember(reading.Installed, sessions, reading.Packages);
                }
            },
            null, ct);
        if (!await IsOpenAsync(upgrade, ct))
        {
            return; // the board's firmware wants a reboot too
        }

        await GoAsync(target, UpgradeRules.Parse(reading.Installed) == UpgradeRules.Parse(goal.Version) ? UpgradeStep.Board : UpgradeStep.Downloading, null, ct);
    }

    /// <summary>The next stage on the way from 6 to 7: the newest of 6, or the first version of 7. Null when there is none, and why is written down. Nothing but the channel is written.</summary>
    private async Task<Goal?> TowardsSevenAsync(FirmwareUpgrade upgrade, FirmwareUpgradeRouter target, RouterEndpoint router, CancellationToken ct)
    {
        // Its own channel has the newest of 6; where it follows something else the stable one has.
        var own = target.ChannelBefore is "long-term" ? "long-term" : "stable";
        if (await gateway.PrintAsync(router, UpdateMenu, properties: ["channel"], ct: ct) is RouterOutcome.Done { Rows: [var update, ..] } && update["channel"] is "long-term" or "stable")
        {
            own = update["channel"]!;
        }

        if (await SetChannelAsync(target, router, own, ct) is { } refused)
        {
            await EndUntouchedAsync(target, router, UpgradeStep.Failed, refused, ct);
            return null;
        }

        var (reading, trouble) = await firmware.AskAsync(router, check: true, ct);
        if (reading is null)
        {
            await EndUntouchedAsync(target, router, UpgradeStep.Failed, trouble!, ct);
            return null;
        }

        if (UpgradeRules.Parse(reading.Installed) == UpgradeRules.Parse(upgrade.WantedVersion))
        {
            return new Goal(own, upgrade.WantedVersion); // there; the board's firmware may be left
        }

        if (SevenRules.Forbids(reading) is { } rule)
        {
            await EndUntouchedAsync(target, router, UpgradeStep.Refused, rule, ct);
            return null;
        }

        foreach (var left in SevenRules.Configuration)
        {
            switch (await gateway.ExecuteAsync(router, RouterCommand.Count(left.Menu), ct))
            {
                case RouterOutcome.Done done when RouterOsValues.Number(done.Ret) is 0:
                case RouterOutcome.Refused { Kind: RouterRefusal.NoSuchCommand }:
                    break; // without its package the menu is not there
                case RouterOutcome.Done done when RouterOsValues.Number(done.Ret) is > 0 and var used:
                    await EndUntouchedAsync(target, router, UpgradeStep.Refused, $"It uses {left.Menu} ({used}): {left.Why}. Do this one by hand, beside the router.", ct);
                    return null;
                default:
                    await EndUntouchedAsync(target, router, UpgradeStep.Failed, $"It does not say whether it uses {left.Menu}, so it was not touched.", ct);
                    return null;
            }
        }

        return SevenRules.NewestOfSix(reading) is { } newest ? new Goal(own, newest) : new Goal(SevenRules.Channel, upgrade.WantedVersion);
    }

    private async Task DownloadAsync(FirmwareUpgrade upgrade, FirmwareUpgradeRouter target, RouterEndpoint router, CancellationToken ct)
    {
        var outcome = await gateway.ExecuteAsync(router, RouterCommand.Call("/system/package/update/download") with { Patience = options.Value.DownloadPatience }, ct);
        var status = outcome is RouterOutcome.Done { Rows: [.., var last] } ? last["status"] ?? "" : "";
        var mayReboot = outcome is RouterOutcome.Done && await IsOpenAsync(upgrade, ct) && !await IsHaltedAsync(upgrade, ct); // a slow download may outlast its window, and the upgrade
        switch (outcome)
        {
            case RouterOutcome.Refused refused:
                await EndUntouchedAsync(target, router, UpgradeStep.Failed, $"The download was refused: {refused.Message}", ct);
                break;
            case RouterOutcome.Done when status.StartsWith("ERROR", StringComparison.OrdinalIgnoreCase):
                await EndUntouchedAsync(target, router, UpgradeStep.Failed, $"The download failed: {status}", ct);
                break;
            case RouterOutcome.Done when !mayReboot:
                break;
            case RouterOutcome.Done:
                await GoAsync(target, UpgradeStep.Rebooting, null, ct);
                break;
            case RouterOutcome.Unknown lost when Now - target.StepSince > options.Value.DownloadPatience:
                await EndUntouchedAsync(target, router, UpgradeStep.Failed, $"The router was lost while it downloaded: {lost.Reason}", ct);
                break;
            default:
                await Task.Delay(options.Value.Pause, clock, ct); // downloading what is downloaded already does no harm
                break;
        }
    }

    private Task RebootAsync(FirmwareUpgrade upgrade, FirmwareUpgradeRouter target, RouterEndpoint router, CancellationToken ct) => AwayAndBackAsync(
        target,
        router,
        target.StepSince ?? Now,
        async () =>
        {
            var (reading, _) = await firmware.AskAsync(router, check: false, ct);
            if (reading is null)
            {
                return false; // it has only just come up
            }

            var isThere = UpgradeRules.Parse(reading.Installed) == UpgradeRules.Parse(upgrade.WantedVersion);
            if (!isThere && IsStage(upgrade, target, reading.Installed))
            {
                await GoAsync(target, UpgradeStep.Watching, $"It runs {reading.Installed}. RouterOS 7 is next, when it is well.", ct);
                return true;
            }

            var follows = isThere ? null : await LeaveForOrdinaryAsync(upgrade, target, router, ct);
            await GoAsync(
                target,
                !isThere ? UpgradeStep.Failed : upgrade.WithBoard && reading.BoardInstalled != reading.BoardLatest ? UpgradeStep.Board : UpgradeStep.Watching,
                isThere ? null : $"It came back with {reading.Installed} and not with {upgrade.WantedVersion}.{(follows is null ? "" : $" {follows}")}", ct);
            return true;
        },
        ct);

    private async Task BoardAsync(FirmwareUpgradeRouter target, RouterEndpoint router, CancellationToken ct)
    {
        var (reading, _) = await firmware.AskAsync(router, check: false, ct);
        if (reading is not null && reading.BoardInstalled == reading.BoardLatest)
        {
            await GoAsync(target, UpgradeStep.Watching, null, ct);
            return;
        }

        var upgraded = reading is null ? null : await gateway.CallAsync(router, "/system/routerboard/upgrade", ct: ct);
        if (upgraded is RouterOutcome.Refused refused)
        {
            await GoAsync(target, UpgradeStep.Failed, $"The board's firmware was refused: {refused.Message}", ct);
            return;
        }

        if (upgraded is not RouterOutcome.Done)
        {
            // Nobody knows what a reboot would bring up now. Asked once more, which does no harm, as long as there is hope.
            if (Now - (target.StepSince ?? Now) > options.Value.RebootPatience)
            {
                await GoAsync(target, UpgradeStep.Failed, "It did not answer when its board's firmware was to be written; it was not rebooted for it.", ct);
                return;
            }

            await Task.Delay(options.Value.Pause, clock, ct);
            return;
        }

        await AwayAndBackAsync(
            target,
            router,
            Now, // a reboot before the board took its firmware brought up the old one
            async () =>
            {
                var (after, _) = await firmware.AskAsync(router, check: false, ct);
                if (after is null)
                {
                    return false;
                }

                var isThere = after.BoardInstalled == after.BoardLatest;
                await GoAsync(target, isThere ? UpgradeStep.Watching : UpgradeStep.Failed, isThere ? null : $"The board's firmware is still {after.BoardInstalled} and not {after.BoardLatest}.", ct);
                return true;
            },
            ct);
    }

    /// <summary>Until it has rebooted since then and answers again. Whether a reboot that we sent was heard tells its uptime.</summary>
    private async Task AwayAndBackAsync(FirmwareUpgradeRouter target, RouterEndpoint router, DateTime since, Func<Task<bool>> back, CancellationToken ct)
    {
        for (var wait = false; ; wait = true)
        {
            var still = false; // it answers, and has not rebooted since
            if (wait)
            {
                await Task.Delay(options.Value.Pause, clock, ct);
            }

            if (await gateway.PrintAsync(router, "/system/resource", properties: ["uptime"], ct: ct) is RouterOutcome.Done { Rows: [var resource, ..] } && RouterOsValues.Duration(resource["uptime"]) is { } uptime)
            {
                still = uptime > Now - since;
                if (!still)
                {
                    if (await back())
                    {
                        return;
                    }
                }
                else if (Now - since <= options.Value.RebootPatience)
                {
                    await gateway.CallAsync(router, "/system/reboot", ct: ct);
                }
            }

            if (Now - since > options.Value.RebootPatience)
            {
                await GoAsync(target, UpgradeStep.Failed, still
                    ? "It answers and has not rebooted."
                    : $"It did not come back within {options.Value.RebootPatience.TotalMinutes:0} minutes. Somebody has to go there.", ct);
                return;
            }
        }
    }

    private async Task WatchAsync(FirmwareUpgrade upgrade, FirmwareUpgradeRouter target, RouterEndpoint router, CancellationToken ct)
    {
        var wanted = (int)Math.Ceiling((target.SessionsBefore ?? 0) * upgrade.SessionPercent / 100.0);
        var wellOnce = false;
        var began = Now; // while the product was away nobody watched
        while (true)
        {
            var trouble = await IllAsync(upgrade, target, router, wanted, ct);
            if (trouble is null && wellOnce)
            {
                if (upgrade.IsToSeven)
                {
                    if (await firmware.AskAsync(router, check: false, ct) is ({ } reading, _) && IsStage(upgrade, target, reading.Installed))
                    {
                        await GoAsync(target, UpgradeStep.Preparing, $"It runs {reading.Installed} and is well.", ct);
                        return;
                    }

                }

                await GoAsync(target, UpgradeStep.Done, await LeaveForOrdinaryAsync(upgrade, target, router, ct) ?? target.Detail, ct);
                return;
            }

            wellOnce = trouble is null; // once may be luck
            if (Now - began > TimeSpan.FromMinutes(upgrade.SettleMinutes))
            {
                var follows = await LeaveForOrdinaryAsync(upgrade, target, router, ct);
                await GoAsync(target, UpgradeStep.Failed, $"{trouble ?? "It was not well long enough."} It was watched for {upgrade.SettleMinutes} minutes after it came back.{(follows is null ? "" : $" {follows}")}", ct);
                return;
            }

            await Task.Delay(options.Value.Pause, clock, ct);
        }
    }

    private async Task<string?> IllAsync(FirmwareUpgrade upgrade, FirmwareUpgradeRouter target, RouterEndpoint router, int wanted, CancellationToken ct)
    {
        if (await gateway.PrintAsync(router, "/system/resource", properties: ["version", "cpu-load"], ct: ct) is not RouterOutcome.Done { Rows: [var resource, ..] })
        {
            return "It does not answer.";
        }

        var isStage = IsStage(upgrade, target, resource["version"] ?? "");
        if (!isStage && UpgradeRules.Parse(resource["version"] ?? "") != UpgradeRules.Parse(upgrade.WantedVersion))
        {
            return $"It runs {resource["version"]}.";
        }

        var packages = await gateway.PrintAsync(router, "/system/package", properties: ["name", "disabled"], ct: ct) is RouterOutcome.Done list
            ? list.Rows.Where(r => RouterOsValues.Boolean(r["disabled"]) is not true).Select(r => r["name"]).ToHashSet(StringComparer.Ordinal)
            : null;
        if (packages is not null && (target.PackagesBefore ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(p => !packages.Contains(p) && !(upgrade.IsToSeven && !isStage && SevenRules.IsMerged(p))) is { } missing)
        {
            return $"Its package {missing} is gone.";
        }

        var sessions = await CountAsync(router, ct);
        await ChangeAsync(target, t => t.Count(sessions), null, ct);
        if (sessions is null || sessions < wanted)
        {
            return $"{sessions?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "An unknown number"} of {target.SessionsBefore} sessions are back; {wanted} are needed.";
        }

        return RouterOsValues.Number(resource["cpu-load"]) is { } cpu && cpu > upgrade.MostCpuPercent ? $"Its CPU is at {cpu} %." : null;
    }

    /// <summary>On the way from 6 to 7, and come to a newer 6 than it was remembered with.</summary>
    private static bool IsStage(FirmwareUpgrade upgrade, FirmwareUpgradeRouter target, string installed) =>
        upgrade.IsToSeven && UpgradeRules.Parse(installed) is { Major: 6 } now && target.FromVersion is { } before && now > UpgradeRules.Parse(before);

    /// <summary>The way from 6 to 7 is at its end: what comes after is found in an ordinary channel. Where that does not come through, it is said.</summary>
    private async Task<string?> LeaveForOrdinaryAsync(FirmwareUpgrade upgrade, FirmwareUpgradeRouter target, RouterEndpoint router, CancellationToken ct)
    {
        if (!upgrade.IsToSeven)
        {
            return null;
        }

        var ordinary = (await ReadAsync(target.TenantId, target.UpgradeId, target.Id, ct)).Target.ChannelBefore is "long-term" ? "long-term" : "stable";
        await gateway.SetAsync(router, UpdateMenu, null, [("channel", ordinary)], ct); // its answer is not believed
        return await gateway.PrintAsync(router, UpdateMenu, properties: ["channel"], ct: ct) is RouterOutcome.Done { Rows: [var update, ..] } && update["channel"] == ordinary
            ? null
            : $"It could not be set to follow the channel {ordinary}.";
    }

    private async Task<string?> SetChannelAsync(FirmwareUpgradeRouter target, RouterEndpoint router, string channel, CancellationToken ct)
    {
        if (await gateway.PrintAsync(router, UpdateMenu, properties: ["channel"], ct: ct) is not RouterOutcome.Done { Rows: [var update, ..] })
        {
            return "It does not answer, or does not say which channel it follows.";
        }

        if (update["channel"] == channel)
        {
            return null;
        }

        if (target.ChannelBefore is null && update["channel"] is { Length: > 0 } before)
        {
            await ChangeAsync(target, t => t.RememberChannel(before), null, ct);
        }

        return await gateway.SetAsync(router, UpdateMenu, null, [("channel", channel)], ct) is RouterOutcome.Refused refused ? $"It does not take the channel {channel}: {refused.Message}" : null;
    }

    /// <summary>Nothing was installed, so it follows the channel again that it followed before. Where that does not come through, it is said.</summary>
    private async Task EndUntouchedAsync(FirmwareUpgradeRouter target, RouterEndpoint router, UpgradeStep step, string detail, CancellationToken ct)
    {
        if ((await ReadAsync(target.TenantId, target.UpgradeId, target.Id, ct)).Target.ChannelBefore is { } before)
        {
            await gateway.SetAsync(router, UpdateMenu, null, [("channel", before)], ct); // its answer is not believed
            if (await gateway.PrintAsync(router, UpdateMenu, properties: ["channel"], ct: ct) is not RouterOutcome.Done { Rows: [var update, ..] } || update["channel"] != before)
            {
                detail = $"{detail} It followed the channel {before} before and could not be set back to it.";
            }
        }

        await GoAsync(target, step, detail, ct);
    }

    private async Task<string?> BackUpAsync(FirmwareUpgradeRouter target, CancellationToken ct)
    {
        Guid id;
        await using (var scope = scopes.Open(target.TenantId, Part))
        await using (var db = await OpenAsync(scope, ct))
        {
            var backup = new RouterBackup(target.TenantId, target.RouterId, target.RouterName, "firmware upgrade", Now);
            db.RouterBackups.Add(backup);
            await db.SaveChangesAsync(ct);
            id = backup.Id;
        }

        var trouble = await backups.TakeAsync(target.TenantId, id, ct);
        await using (var scope = scopes.Open(target.TenantId, Part))
        await using (var db = await OpenAsync(scope, ct))
        {
            return await db.RouterBackups.AsNoTracking().SingleAsync(b => b.Id == id, ct) is { TakenAt: not null } ? null : trouble ?? "It was taken by nobody.";
        }
    }

    /// <summary>As the router itself counts; null when it does not say.</summary>
    private async Task<int?> CountAsync(RouterEndpoint router, CancellationToken ct)
    {
        int? total = null;
        foreach (var menu in SessionMenus)
        {
            switch (await gateway.ExecuteAsync(router, RouterCommand.Count(menu), ct))
            {
                case RouterOutcome.Done done when RouterOsValues.Number(done.Ret) is { } number:
                    total = (total ?? 0) + (int)number;
                    break;
                case RouterOutcome.Refused { Kind: RouterRefusal.NoSuchCommand }:
                    break;
                default:
                    return null;
            }
        }

        return total;
    }

    private async Task<bool> IsOpenAsync(FirmwareUpgrade upgrade, CancellationToken ct)
    {
        await using var scope = scopes.Open(upgrade.TenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        return upgrade.IsOpen(Now, TimeZoneInfo.FindSystemTimeZoneById(await db.Companies.Where(c => c.Id == upgrade.TenantId).Select(c => c.TimeZone).SingleAsync(ct)));
    }

    /// <summary>A router of it failed and nobody has said to go on, or it was cancelled: nothing more is rebooted.</summary>
    private async Task<bool> IsHaltedAsync(FirmwareUpgrade upgrade, CancellationToken ct)
    {
        await using var scope = scopes.Open(upgrade.TenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        return await db.FirmwareUpgrades.AnyAsync(
            u => u.Id == upgrade.Id && (u.Status == UpgradeStatus.Stopped || u.Status == UpgradeStatus.Cancelled
                || db.FirmwareUpgradeRouters.Any(r => r.UpgradeId == u.Id && r.Step == UpgradeStep.Failed && (u.WentOnAt == null || r.FinishedAt > u.WentOnAt))), ct);
    }

    /// <summary>The end of a router of an upgrade that is halted. One that has its new version already is watched as any other.</summary>
    private Task LeaveOutAsync(FirmwareUpgradeRouter target, RouterEndpoint router, CancellationToken ct) => target.Step switch
    {
        UpgradeStep.Board => GoAsync(target, UpgradeStep.Watching, "The upgrade was ended before its board's firmware was brought up to date.", ct),
        UpgradeStep.Downloading => EndUntouchedAsync(target, router, UpgradeStep.Skipped, "The upgrade was ended before it was rebooted. What it has downloaded by then is installed when it next reboots.", ct),
        _ => EndUntouchedAsync(target, router, UpgradeStep.Skipped, "The upgrade was ended before it was rebooted.", ct),
    };

    private async Task<(FirmwareUpgrade Upgrade, FirmwareUpgradeRouter Target)> ReadAsync(Guid tenantId, Guid upgradeId, Guid targetId, CancellationToken ct)
    {
        await using var scope = scopes.Open(tenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        return (await db.FirmwareUpgrades.AsNoTracking().SingleAsync(u => u.Id == upgradeId, ct), await db.FirmwareUpgradeRouters.AsNoTracking().SingleAsync(r => r.Id == targetId, ct));
    }

    private async Task GoAsync(FirmwareUpgradeRouter target, UpgradeStep step, string? detail, CancellationToken ct)
    {
        await ChangeAsync(target, t => t.Go(step, detail, Now), step, ct);
        live.Announce(target.TenantId);
    }

    private async Task ChangeAsync(FirmwareUpgradeRouter target, Action<FirmwareUpgradeRouter> change, UpgradeStep? ended, CancellationToken ct)
    {
        await using var scope = scopes.Open(target.TenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        var row = await db.FirmwareUpgradeRouters.SingleAsync(r => r.Id == target.Id, ct);
        change(row);
        if (ended is UpgradeStep.Failed or UpgradeStep.Done)
        {
            db.NetworkEvents.Add(new NetworkEvent
            {
                TenantId = target.TenantId, At = Now, RouterId = target.RouterId, Kind = ended is UpgradeStep.Done ? "firmware.upgraded" : "firmware.failed",
                Severity = ended is UpgradeStep.Done ? EventSeverity.Info : EventSeverity.Critical,
                Message = Cut(ended is UpgradeStep.Done ? $"The upgrade of {target.RouterName} is done and its sessions are back." : $"The upgrade of {target.RouterName} failed: {row.Detail}"),
            });
            if (await db.RouterCare.SingleOrDefaultAsync(c => c.RouterId == target.RouterId, ct) is { } care)
            {
                care.WantFirmware();
            }
        }

        await db.SaveChangesAsync(ct);
    }

    /// <summary>Where one reboot is to bring a router.</summary>
    private sealed record Goal(string Channel, string Version);

    private static string Cut(string text) => text.Length > 500 ? text[..499] + "…" : text;

    private static Task<IDataDefenderDb> OpenAsync(AsyncServiceScope scope, CancellationToken ct) =>
        scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
}
