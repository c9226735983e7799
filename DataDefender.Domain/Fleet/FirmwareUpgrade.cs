using DataDefender.Domain.Common;
using DataDefender.Domain.Network;

namespace DataDefender.Domain.Fleet;

public enum UpgradeStatus
{
    /// <summary>Begins routers while its window is open.</summary>
    Running,

    /// <summary>A person holds it: what is under way is finished, nothing new is begun.</summary>
    Held,

    /// <summary>A router failed: nothing new is begun until a person has looked.</summary>
    Stopped,
    Done,
    Cancelled,
}

public enum UpgradeStep
{
    Waiting,

    /// <summary>Checked against the rules, exported, backed up.</summary>
    Preparing,
    Downloading,
    Rebooting,

    /// <summary>The board's own firmware, which needs a second reboot.</summary>
    Board,

    /// <summary>Back with the new version; its sessions are awaited.</summary>
    Watching,
    Done,

    /// <summary>The rules forbid it: it was not touched.</summary>
    Refused,
    Failed,

    /// <summary>The upgrade was cancelled before its turn, or cancelled or stopped before it was told to reboot.</summary>
    Skipped,
}

/// <summary>A staged upgrade of routers to one version: a canary first, then waves, in a window of the company's own time.</summary>
public sealed class FirmwareUpgrade : Entity, ITenantOwned, IAudited
{
    private FirmwareUpgrade() { }

    public FirmwareUpgrade(Guid tenantId, FirmwareUpgradeInput input, string requestedBy, DateTime now)
    {
        (TenantId, RequestedBy, RequestedAt) = (tenantId, requestedBy, now);
        (Name, Channel, WantedVersion) = (input.Name.Trim(), input.Channel, input.Version.Trim());
        (WindowFrom, WindowUntil, NotBefore) = (input.WindowFrom, input.WindowUntil, input.NotBefore);
        (Canaries, WaveSize, WithBoard) = (input.Canaries, input.WaveSize, input.WithBoard);
        (SessionPercent, SettleMinutes, MostCpuPercent) = (input.SessionPercent, input.SettleMinutes, input.MostCpuPercent);
    }

    public Guid TenantId { get; private set; }
    public string Name { get; private set; } = "";
    public string Channel { get; private set; } = "";
    public string WantedVersion { get; private set; } = "";
    public string RequestedBy { get; private set; } = "";
    public DateTime RequestedAt { get; private set; }

    /// <summary>The company's own time of day. A window that ends before it begins reaches over midnight; one of no length is always open.</summary>
    public TimeSpan WindowFrom { get; private set; }

    public TimeSpan WindowUntil { get; private set; }

    /// <summary>The first night that it may begin, by the company's calendar: the day on which the window opens.</summary>
    public DateOnly? NotBefore { get; private set; }

    public int Canaries { get; private set; }
    public int WaveSize { get; private set; }

    /// <summary>The board's own firmware too.</summary>
    public bool WithBoard { get; private set; }

    /// <summary>Of the sessions before, how many have to be back.</summary>
    public int SessionPercent { get; private set; }

    public int SettleMinutes { get; private set; }
    public int MostCpuPercent { get; private set; }

    [Observed]
    public UpgradeStatus Status { get; private set; } = UpgradeStatus.Running;

    [Observed]
    public string? Detail { get; private set; }

    /// <summary>When a person last said to go on.</summary>
    [Observed]
    public DateTime? WentOnAt { get; private set; }

    [Observed]
    public DateTime? FinishedAt { get; private set; }

    public string AuditLabel => Name;

    /// <summary>It takes routers from RouterOS 6 to 7, which changes their whole configuration: by rules of its own, confirmed by name.</summary>
    public bool IsToSeven => Channel == SevenRules.Channel;

    public bool IsOver => Status is UpgradeStatus.Done or UpgradeStatus.Cancelled;

    public void Hold()
    {
        Demand(Status is UpgradeStatus.Running, "Only an upgrade that is running can be held.");
        (Status, Detail) = (UpgradeStatus.Held, null);
    }

    /// <summary>Goes on with what is left; what failed before stays as it is and does not stop it again.</summary>
    public void GoOn(DateTime now)
    {
        Demand(Status is UpgradeStatus.Held or UpgradeStatus.Stopped, "This upgrade is not waiting for anybody.");
        (Status, Detail, WentOnAt) = (UpgradeStatus.Running, null, now);
    }

    public void Cancel(DateTime now)
    {
        Demand(!IsOver, "This upgrade is over.");
        (Status, FinishedAt) = (UpgradeStatus.Cancelled, now);
    }

    public void Stop(string why)
    {
        if (Status is UpgradeStatus.Running or UpgradeStatus.Held)
        {
            (Status, Detail) = (UpgradeStatus.Stopped, why.Length > 500 ? why[..499] + "…" : why);
        }
    }

    public void End(DateTime now)
    {
        Demand(!IsOver, "This upgrade is over.");
        (Status, FinishedAt, Detail) = (UpgradeStatus.Done, now, null);
    }

    /// <summary>Whether routers may be begun now.</summary>
    public bool IsOpen(DateTime now, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTimeFromUtc(now, zone);
        var (time, day) = (local.TimeOfDay, DateOnly.FromDateTime(local));
        var (isOpen, opened) = WindowFrom == WindowUntil ? (true, day)
            : WindowFrom < WindowUntil ? (time >= WindowFrom && time < WindowUntil, day)
            : time >= WindowFrom ? (true, day)
            : (time < WindowUntil, day.AddDays(-1));
        return isOpen && (NotBefore is null || opened >= NotBefore);
    }

    private static void Demand(bool rule, string otherwise)
    {
        if (!rule)
        {
            throw new DomainException("firmware.state", otherwise);
        }
    }
}

/// <summary>One router of an upgrade, and how far it is. What is written here before each step is what a restarted process goes on from.</summary>
public sealed class FirmwareUpgradeRouter : Entity, ITenantOwned
{
    private FirmwareUpgradeRouter() { }

    public FirmwareUpgradeRouter(FirmwareUpgrade upgrade, Guid routerId, string routerName, int wave, int position, string? fromVersion) =>
        (TenantId, UpgradeId, RouterId, RouterName, Wave, Position, FromVersion) = (upgrade.TenantId, upgrade.Id, routerId, routerName, wave, position, fromVersion);

    public Guid TenantId { get; private set; }
    public Guid UpgradeId { get; private set; }
    public Guid RouterId { get; private set; }
    public string RouterName { get; private set; } = "";

    /// <summary>0 is the canary.</summary>
    public int Wave { get; private set; }

    public int Position { get; private set; }
    public UpgradeStep Step { get; private set; } = UpgradeStep.Waiting;
    public DateTime? StepSince { get; private set; }
    public DateTime? StartedAt { get; private set; }
    public DateTime? FinishedAt { get; private set; }
    public string? FromVersion { get; private set; }

    /// <summary>The channel that it followed when it was begun; null when that is the upgrade's own.</summary>
    public string? ChannelBefore { get; private set; }

    /// <summary>As the router itself counted right before.</summary>
    public int? SessionsBefore { get; private set; }

    public int? SessionsAfter { get; private set; }
    public string? PackagesBefore { get; private set; }
    public string? Detail { get; private set; }

    public bool IsUnderWay => Step is UpgradeStep.Preparing or UpgradeStep.Downloading or UpgradeStep.Rebooting or UpgradeStep.Board or UpgradeStep.Watching;

    /// <summary>What comes next is, or leads to, a reboot that has not been asked for yet: it keeps to the window.</summary>
    public bool RebootsNext => Step is UpgradeStep.Preparing or UpgradeStep.Downloading or UpgradeStep.Board;

    public bool IsOver => Step is UpgradeStep.Done or UpgradeStep.Refused or UpgradeStep.Failed or UpgradeStep.Skipped;

    public void Go(UpgradeStep step, string? detail, DateTime now)
    {
        (Step, StepSince, Detail) = (step, now, detail is { Length: > 500 } ? detail[..499] + "…" : detail);
        StartedAt ??= now;
        if (IsOver)
        {
            FinishedAt = now;
        }
    }

    public void Remember(string version, int? sessions, IReadOnlyList<string> packages) =>
        (FromVersion, SessionsBefore, PackagesBefore) = (version, sessions, string.Join(',', packages));

    /// <summary>The next stage of the same way: how many sessions there were is known from before the first reboot.</summary>
    public void RememberStage(string version, IReadOnlyList<string> packages) => (FromVersion, PackagesBefore) = (version, string.Join(',', packages));

    public void RememberChannel(string channel) => ChannelBefore = channel;

    public void Count(int? sessions) => SessionsAfter = sessions;
}

/// <summary>What a person decides about an upgrade.</summary>
public sealed record FirmwareUpgradeInput
{
    public string Name { get; set; } = "";
    public string Channel { get; set; } = "stable";
    public string Version { get; set; } = "";
    public TimeSpan WindowFrom { get; set; } = TimeSpan.FromHours(2);
    public TimeSpan WindowUntil { get; set; } = TimeSpan.FromHours(5);
    public DateOnly? NotBefore { get; set; }
    public int Canaries { get; set; } = 1;
    public int WaveSize { get; set; } = 10;
    public bool WithBoard { get; set; } = true;
    public int SessionPercent { get; set; } = 90;
    public int SettleMinutes { get; set; } = 10;
    public int MostCpuPercent { get; set; } = 90;

    /// <summary>Somebody has read what the way from RouterOS 6 to 7 does and says that these routers are to go it. Demanded for that and for nothing else.</summary>
    public bool ConfirmsSeven { get; set; }
}

/// <summary>Whether a router may be brought to a version. Pure.</summary>
public static class UpgradeRules
{
    /// <summary>Less than this and not even the download's own files fit. Bytes.</summary>
    public const long LeastDisk = 2 << 20;

    public static IReadOnlyList<string> Channels { get; } = ["stable", "long-term", "testing"];

    /// <summary>Null when it may.</summary>
    /// <param name="isToSeven">The way from 6 to 7 was confirmed, and <see cref="SevenRules"/> allow it.</param>
    public static string? Forbids(FirmwareReading router, string wanted, bool isToSeven = false)
    {
        if (Parse(router.Installed) is not { } installed || Parse(wanted) is not { } target)
        {
            return $"{router.Installed} and {wanted} cannot be compared.";
        }

        if (installed.Major < 7 && target.Major >= 7 && !isToSeven)
        {
            return $"It runs {router.Installed}. RouterOS 6 reaches 7 by the channel “upgrade” and a stop at 7.12.1, which changes its whole configuration: start an upgrade to RouterOS 7 of its own for it.";
        }

        if (target < installed)
        {
            return $"It runs {router.Installed} already, which is newer than {wanted}.";
        }

        if (router.Status?.StartsWith("ERROR", StringComparison.OrdinalIgnoreCase) is true)
        {
            return $"It cannot reach the update server: {router.Status["ERROR".Length..].TrimStart(':', ' ')}.";
        }

        if (target > installed && router.Latest is null)
        {
            return "It does not say what its update server has.";
        }

        if (target > installed && Parse(router.Latest!) != target)
        {
            return $"The newest of its channel is {router.Latest} and not {wanted}, which was decided on.";
        }

        return router.FreeDisk < LeastDisk ? $"Only {router.FreeDisk / 1024} KiB are free on its disk." : null;
    }

    /// <summary>7.22.3 of <c>7.22.3 (stable)</c>; release candidates come before their release.</summary>
    public static Version? Parse(string text)
    {
        var plain = text.Split(' ')[0];
        var end = plain.IndexOfAny(['r', 'b', 'a']);
        var numbers = (end < 0 ? plain : plain[..end]).Split('.');
        var candidate = end < 0 ? 1000 : int.TryParse(plain[end..].TrimStart('r', 'c', 'b', 'e', 't', 'a', 'l', 'p', 'h'), out var number) ? number : 0;
        return numbers.Length is 2 or 3 && numbers.All(n => int.TryParse(n, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out _))
            ? new Version(int.Parse(numbers[0], System.Globalization.CultureInfo.InvariantCulture), int.Parse(numbers[1], System.Globalization.CultureInfo.InvariantCulture), numbers.Length > 2 ? int.Parse(numbers[2], System.Globalization.CultureInfo.InvariantCulture) : 0, candidate)
            : null;
    }
}
