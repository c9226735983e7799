using DataDefender.Domain.Policies;
using static DataDefender.Domain.Tests.Policies.PolicyTestFacts;

namespace DataDefender.Domain.Tests.Policies;

public sealed class UsagePolicyInputValidatorTests
{
    private static readonly WeeklyHours Never = new(WeekDays.None, default, default);

    [Fact]
    public void Rules_that_make_sense_pass()
    {
        var rules = new PolicyRules
        {
            FairUse = [new FairUseTier("Daily", UsageWindow.Day, CountedBytes.Total, 10 * Gb, 2_000, 1_000)],
            Data = new DataQuota(UsageWindow.Month, CountedBytes.Total, 100 * Gb, QuotaAction.Throttle, 512, true, 20 * Gb),
            Time = new TimeQuota(UsageWindow.Day, 120, QuotaAction.Refuse, null),
        };

        Assert.Empty(Errors(new UsagePolicyInput("Home", rules)));
    }

    public static TheoryData<string, PolicyRules> Refused => new()
    {
        { "Rules.Schedules[0].Hours.Days", new PolicyRules { Schedules = [new SpeedSchedule("Night", Never, 50, 50)] } },
        { "Rules.Schedules[0].DownloadPercent", new PolicyRules { Schedules = [new SpeedSchedule("Night", Never with { Days = WeekDays.All }, 0, 50)] } },
        { "Rules.FairUse[0].Bytes", new PolicyRules { FairUse = [new FairUseTier("Daily", UsageWindow.Day, CountedBytes.Total, 0, 2_000, 1_000)] } },
        { "Rules.FairUse[0].UploadKbps", new PolicyRules { FairUse = [new FairUseTier("Daily", UsageWindow.Day, CountedBytes.Total, Gb, 2_000, 63)] } },
        { "Rules.Free[0].Hours", new PolicyRules { Free = [new FreeHours("Night", new WeeklyHours(WeekDays.All, new TimeOnly(0, 30), new TimeOnly(6, 0)))] } },
        { "Rules.Data.ThrottleKbps", new PolicyRules { Data = new DataQuota(UsageWindow.Day, CountedBytes.Total, Gb, QuotaAction.Throttle, null, false, 0) } },
        { "Rules.Data.RollOverCapBytes", new PolicyRules { Data = new DataQuota(UsageWindow.Day, CountedBytes.Total, Gb, QuotaAction.Refuse, null, true, 0) } },
        { "Rules.Time.Minutes", new PolicyRules { Time = new TimeQuota(UsageWindow.Day, 1_440, QuotaAction.Refuse, null) } },
        { "Rules.Time.ThrottleKbps", new PolicyRules { Time = new TimeQuota(UsageWindow.Day, 60, QuotaAction.Throttle, 10) } },
    };

    [Theory, MemberData(nameof(Refused))]
    public void A_rule_that_cannot_be_meant_is_refused_at_its_place(string field, PolicyRules rules) =>
        Assert.Equal([field], Errors(new UsagePolicyInput("Home", rules)));

    private static List<string> Errors(UsagePolicyInput input) => [.. new UsagePolicyInputValidator().Validate(input).Errors.Select(e => e.PropertyName)];
}
