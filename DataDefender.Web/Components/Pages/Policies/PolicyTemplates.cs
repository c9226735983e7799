using DataDefender.Domain.Policies;

namespace DataDefender.Web.Components.Pages.Policies;

/// <summary>Rules as they are often wanted, to start from.</summary>
internal static class PolicyTemplates
{
    private const long Gb = 1_000_000_000;

    public static IReadOnlyList<(string Name, PolicyRules Rules)> All { get; } =
    [
        ("Fair use in two steps", new PolicyRules
        {
            FairUse =
            [
                new FairUseTier("Fair use", UsageWindow.Month, CountedBytes.Total, 300 * Gb, 8_000, 4_000),
                new FairUseTier("Heavy use", UsageWindow.Month, CountedBytes.Total, 600 * Gb, 3_000, 1_500),
            ],
        }),
        ("Monthly bundle", new PolicyRules { Data = new DataQuota(UsageWindow.Month, CountedBytes.Total, 100 * Gb, QuotaAction.WalledGarden, null, true, 50 * Gb) }),
        ("Daily bundle", new PolicyRules { Data = new DataQuota(UsageWindow.Day, CountedBytes.Total, 2 * Gb, QuotaAction.Throttle, 512, false, 0) }),
        ("Night boost", new PolicyRules { Schedules = [new SpeedSchedule("Night boost", new WeeklyHours(WeekDays.All, new TimeOnly(23, 0), new TimeOnly(6, 0)), 200, 150)] }),
        ("Free nights", new PolicyRules { Free = [new FreeHours("Free nights", new WeeklyHours(WeekDays.All, new TimeOnly(0, 0), new TimeOnly(6, 0)))] }),
    ];
}
