using DataDefender.Domain.Monitoring.Diagnosis;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using LineFacts = DataDefender.Domain.Monitoring.Diagnosis.LineFacts;

namespace DataDefender.Domain.Tests.Monitoring;

public sealed class LineDoctorTests
{
    private const string Mac = "4C:5E:0C:11:22:33";
    private static readonly DateTime Now = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime Refused = Now.AddMinutes(-10);
    private static readonly DateTime Mended = Now.AddMinutes(-4);
    private static readonly Guid Nas = Guid.CreateVersion7();

    public static TheoryData<LoginOutcome, Fault> Refusals { get; } = new()
    {
        { LoginOutcome.NotActivated, Fault.NotActivated }, { LoginOutcome.Suspended, Fault.Suspended }, { LoginOutcome.Expired, Fault.Expired }, { LoginOutcome.OverQuota, Fault.OverQuota },
        { LoginOutcome.WrongCaller, Fault.WrongCaller }, { LoginOutcome.WrongPlace, Fault.WrongPlace }, { LoginOutcome.WrongPassword, Fault.WrongPassword },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refusal_that_still_stands_is_the_certain_verdict(LoginOutcome outcome, Fault fault)
    {
        var verdict = LineDoctor.Diagnose(Standing(outcome))[0];

        Assert.Equal((fault, true), (verdict.Fault, verdict.IsCertain));
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refusal_that_was_mended_since_is_told_as_that_and_is_nothing_certain(LoginOutcome outcome, Fault fault)
    {
        var verdicts = LineDoctor.Diagnose(Cured(outcome));

        Assert.Equal(Fault.NotDialledSince, verdicts[0].Fault);
        Assert.Contains("has not dialled in since", verdicts[0].Title, StringComparison.Ordinal);
        Assert.DoesNotContain(verdicts, v => v.IsCertain || v.Fault == fault);
    }

    [Theory]
    [InlineData(LoginOutcome.NotActivated)]
    [InlineData(LoginOutcome.Expired)]
    [InlineData(LoginOutcome.WrongCaller)]
    public void It_says_when_that_was_mended(LoginOutcome outcome) =>
        Assert.Contains(LineDoctor.Diagnose(Cured(outcome))[0].Evidence, e => e is { Text: "That was mended.", At: { Day: 1, Month: 3, Hour: 7, Minute: 56 } });

    [Fact]
    public void A_refusal_after_the_change_that_should_have_cured_it_is_no_certain_verdict_either()
    {
        var verdict = LineDoctor.Diagnose(Facts(LoginOutcome.NotActivated) with { StateSince = Refused.AddDays(-2) })[0];

        Assert.Equal((Fault.Unknown, false), (verdict.Fault, verdict.IsCertain));
    }

    [Fact]
    public void A_lock_on_other_equipment_than_dialled_in_still_stands_after_it_was_changed()
    {
        var verdict = LineDoctor.Diagnose(Facts(LoginOutcome.WrongCaller) with { CallerLock = "02:BB:BB:BB:BB:BB", Changes = [Change("CallerLock")] })[0];

        Assert.Equal((Fault.WrongCaller, true), (verdict.Fault, verdict.IsCertain));
    }

    [Fact]
    public void A_session_limit_whose_session_has_ended_since_holds_nobody_out()
    {
        var facts = Facts(LoginOutcome.TooManySessions) with { LastEnd = new EndFact(Nas, "NBO-1", Mac, null, Refused.AddHours(-3), Mended, "Admin-Reset") };

        Assert.Equal(Fault.NotDialledSince, LineDoctor.Diagnose(facts)[0].Fault);
    }

    private static LineFacts Facts(LoginOutcome outcome) => new()
    {
        Now = Now, Username = "wanjiku", State = SubscriptionState.Active, StateSince = Now.AddDays(-30),
        Logins = [new LoginFact(Refused, "wanjiku", outcome, "", Mac, Nas, "NBO-1")],
    };

    private static LineFacts Standing(LoginOutcome outcome) => outcome switch
    {
        LoginOutcome.NotActivated => Facts(outcome) with { State = SubscriptionState.Pending },
        LoginOutcome.Suspended => Facts(outcome) with { State = SubscriptionState.Suspended },
        LoginOutcome.Expired => Facts(outcome) with { ExpiresAt = Now.AddHours(-1) }, // RadiusHost knows by the clock, before the rules were run
        LoginOutcome.OverQuota => Facts(outcome) with { Limit = LimitKind.DataQuota, LimitAction = QuotaAction.Refuse },
        LoginOutcome.WrongCaller => Facts(outcome) with { CallerLock = "02:AA:AA:AA:AA:AA" },
        LoginOutcome.WrongPlace => Facts(outcome) with { Binding = LineBinding.None with { PortId = "ether9" } },
        _ => Facts(outcome),
    };

    private static LineFacts Cured(LoginOutcome outcome) => outcome switch
    {
        LoginOutcome.NotActivated or LoginOutcome.Suspended => Facts(outcome) with { StateSince = Mended },
        LoginOutcome.Expired => Facts(outcome) with { ExpiresAt = Now.AddDays(30), Changes = [Change("ExpiresAt")] },
        LoginOutcome.WrongCaller => Facts(outcome) with { CallerLock = Mac, Changes = [Change("CallerLock")] },
        LoginOutcome.WrongPlace => Facts(outcome) with { Binding = LineBinding.None with { NasId = Nas } },
        LoginOutcome.WrongPassword => Facts(outcome) with { Changes = [Change("PasswordCipher")] },
        _ => Facts(outcome),
    };

    private static ChangeFact Change(string field) => new(Mended, "Achieng", "changed", [field]);
}
