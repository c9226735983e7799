using FluentValidation;

namespace DataDefender.Domain.Policies;

/// <summary>Refuses rules that cannot be meant. Errors are named by the rule's place: "Rules.FairUse[1].Bytes".</summary>
public sealed class UsagePolicyInputValidator : AbstractValidator<UsagePolicyInput>
{
    /// <summary>Slower than this no page loads any more; a line is better walled in or refused.</summary>
    public const int SlowestKbps = 64;

    private const int FastestKbps = 100_000_000;
    private const int MostRules = 20;

    public UsagePolicyInputValidator()
    {
        RuleFor(p => p.Name).NotEmpty().WithMessage("Give the policy a name.").MaximumLength(80).WithMessage("A policy's name has at most 80 characters.");
        Schedules();
        FairUse();
        Free();
        When(p => p.Rules.Data is not null, Data);
        When(p => p.Rules.Time is not null, Time);
    }

    private void Schedules()
    {
        RuleFor(p => p.Rules.Schedules).Must(s => s.Length <= MostRules).WithMessage($"A policy has at most {MostRules} schedules.");
        RuleForEach(p => p.Rules.Schedules).ChildRules(schedule =>
        {
            schedule.RuleFor(s => s.Name).NotEmpty().WithMessage("Name the schedule: people read it as the reason.").MaximumLength(60).WithMessage("A schedule's name has at most 60 characters.");
            schedule.RuleFor(s => s.DownloadPercent).InclusiveBetween(1, 1000).WithMessage("Download is 1 to 1,000% of the sold speed.");
            schedule.RuleFor(s => s.UploadPercent).InclusiveBetween(1, 1000).WithMessage("Upload is 1 to 1,000% of the sold speed.");
            schedule.RuleFor(s => s.Hours.Days).NotEqual(WeekDays.None).WithMessage("Choose at least one day for the schedule.");
        });
    }

    private void FairUse()
    {
        RuleFor(p => p.Rules.FairUse).Must(t => t.Length <= MostRules).WithMessage($"A policy has at most {MostRules} fair-use tiers.");
        RuleForEach(p => p.Rules.FairUse).ChildRules(tier =>
        {
            tier.RuleFor(t => t.Name).NotEmpty().WithMessage("Name the tier: people read it as the reason.").MaximumLength(60).WithMessage("A tier's name has at most 60 characters.");
            tier.RuleFor(t => t.Bytes).GreaterThan(0).WithMessage("Say after how many GB the tier begins.");
            tier.RuleFor(t => t.DownloadKbps).InclusiveBetween(SlowestKbps, FastestKbps).WithMessage("A tier leaves at least 0.064 Mbps of download.");
            tier.RuleFor(t => t.UploadKbps).InclusiveBetween(SlowestKbps, FastestKbps).WithMessage("A tier leaves at least 0.064 Mbps of upload.");
        });
    }

    private void Free()
    {
        RuleFor(p => p.Rules.Free).Must(f => f.Length <= MostRules).WithMessage($"A policy has at most {MostRules} sets of free hours.");
        RuleForEach(p => p.Rules.Free).ChildRules(free =>
        {
            free.RuleFor(f => f.Name).NotEmpty().WithMessage("Name the free hours.").MaximumLength(60).WithMessage("A name has at most 60 characters.");
            free.RuleFor(f => f.Hours.Days).NotEqual(WeekDays.None).WithMessage("Choose at least one day for the free hours.");
            free.RuleFor(f => f.Hours).Must(h => h.From.Minute == 0 && h.To.Minute == 0).WithMessage("Free hours begin and end on the full hour: usage is counted by the hour.");
        });
    }

    private void Data()
    {
        RuleFor(p => p.Rules.Data!.Bytes).GreaterThan(0).WithMessage("Say how many GB the quota has.");
        RuleFor(p => p.Rules.Data!.ThrottleKbps).Must(IsSpeed).When(p => p.Rules.Data!.Action is QuotaAction.Throttle)
            .WithMessage("Say how fast a line is after its quota: at least 0.064 Mbps.");
        RuleFor(p => p.Rules.Data!.RollOverCapBytes).GreaterThan(0).When(p => p.Rules.Data!.RollOver).WithMessage("Say how many GB may be carried over.");
    }

    private void Time()
    {
        RuleFor(p => p.Rules.Time!.Minutes).GreaterThan(0).WithMessage("Say how many minutes the quota has.");
        RuleFor(p => p.Rules.Time!.Minutes).Must((p, minutes) => minutes < MinutesIn(p.Rules.Time!.Window))
            .WithMessage(p => $"A {PolicyText.Word(p.Rules.Time!.Window)} has no more than {MinutesIn(p.Rules.Time!.Window):N0} minutes: this quota would never bite.");
        RuleFor(p => p.Rules.Time!.ThrottleKbps).Must(IsSpeed).When(p => p.Rules.Time!.Action is QuotaAction.Throttle)
            .WithMessage("Say how fast a line is after its time: at least 0.064 Mbps.");
    }

    private static bool IsSpeed(int? kbps) => kbps is >= SlowestKbps and <= FastestKbps;

    private static int MinutesIn(UsageWindow window) => window switch
    {
        UsageWindow.Day => 24 * 60,
        UsageWindow.Week => 7 * 24 * 60,
        UsageWindow.Month => 31 * 24 * 60,
        _ => throw new ArgumentOutOfRangeException(nameof(window)),
    };
}
