using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Alerts;

namespace DataDefender.Domain.Tests.Monitoring.Alerts;

public sealed class AlertEngineTests
{
    private static readonly DateTime Start = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);
    private static readonly AlertSubject Router = AlertSubject.OfRouter(Guid.Parse("11111111-1111-1111-1111-111111111111"), "NBO-1", "Kilimani");

    /// <summary>
    /// One letter each ten seconds: b bad, g good, ? unknown; the answer in the same places: "." off, "!" on, "~" on and nothing known,
    /// "f" on and flapping.
    /// </summary>
    [Theory]
    [InlineData("delay 30 s, ends after 20 s", "ggbbbbbggggg", ".....!!!!...", 30, 20)]
    [InlineData("a short spell is no alert", "gbbbgbbbgggg", "............", 30, 20)]
    [InlineData("no delay is an alert at once", "gbgggg", ".!!!..", 0, 20)]
    [InlineData("unknown starts nothing and breaks the waiting", "bbb?bbbb????", ".......!~~~~", 30, 20)]
    [InlineData("unknown ends nothing", "bbbbg????ggg", "...!!~~~~~~.", 30, 20)]
    [InlineData("a good spell too short to end it", "bbbbgbgbgggg", "...!!!!!!!..", 30, 20)]
    public void An_alert_waits_its_delay_and_ends_when_it_was_well_for_a_while(string what, string readings, string expected, int delay, int clear)
    {
        Assert.Equal($"{what}: {expected}", $"{what}: {Run(readings, Rule(delay, clear), AlertDamping.Default)}");
    }

    [Fact]
    public void One_that_comes_and_goes_is_held_until_it_is_calm()
    {
        // Three alerts within five minutes flap; calm is a minute.
        var damping = new AlertDamping(3, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1));

        Assert.Equal("!!.!!.fffffff.......", Run("bggbggbggggggggggggg", Rule(0, 10), damping).Replace('~', '!'));
    }

    [Theory]
    [InlineData(AlertKind.RouterCpu, 90, 89, false, false)]
    [InlineData(AlertKind.RouterCpu, 90, 90, false, true)]
    [InlineData(AlertKind.RouterCpu, 90, 86, true, true)] // ends only five below
    [InlineData(AlertKind.RouterCpu, 90, 84, true, false)]
    [InlineData(AlertKind.RouterVoltage, 11.5, 11.6, false, false)]
    [InlineData(AlertKind.RouterVoltage, 11.5, 11.5, false, true)]
    [InlineData(AlertKind.RouterVoltage, 11.5, 11.7, true, true)]
    [InlineData(AlertKind.RouterVoltage, 11.5, 11.9, true, false)]
    [InlineData(AlertKind.CertificateExpiry, 21, -3, false, true)]
    [InlineData(AlertKind.RouterDown, 0, 1, false, true)]
    [InlineData(AlertKind.RouterDown, 0, 0, true, false)]
    public void A_value_is_held_against_its_threshold_with_a_margin_for_the_way_back(AlertKind kind, double threshold, double value, bool isActive, bool wrong)
    {
        var rule = new AlertRule(Guid.Empty, AlertRuleInput.Default(kind) with { Threshold = threshold });

        Assert.Equal(wrong, rule.IsWrong(value, isActive));
        Assert.Null(rule.IsWrong(null, isActive));
    }

    [Fact]
    public void Nothing_is_raised_for_what_somebody_works_on_and_it_is_raised_when_the_work_is_over()
    {
        var (engine, rule) = (new AlertEngine(), Rule(0, 0));

        Assert.False(engine.Evaluate(Start, [rule], [Down(1)], AlertDamping.Default, _ => true));
        Assert.Empty(engine.Active);
        Assert.True(engine.Evaluate(Start.AddMinutes(5), [rule], [Down(1)], AlertDamping.Default, _ => false));
        Assert.Equal(Start, Assert.Single(engine.Active).Since);
    }

    [Fact]
    public void What_the_source_knows_of_its_beginning_counts_for_the_delay()
    {
        var (engine, rule) = (new AlertEngine(), Rule(60, 0));

        engine.Evaluate(Start, [rule], [Down(1) with { Since = Start.AddMinutes(-10) }], AlertDamping.Default, _ => false);

        Assert.Equal(Start.AddMinutes(-10), Assert.Single(engine.Active).Since);
    }

    [Fact]
    public void After_a_restart_what_was_on_is_on_and_is_not_raised_again()
    {
        var rule = Rule(0, 20);
        var alert = new ActiveAlert(rule.Id, AlertKind.RouterDown, EventSeverity.Critical, Router, Start, 1, "No answer.", true);
        var engine = new AlertEngine();
        engine.Restore(alert, [Start]);

        Assert.False(engine.Evaluate(Start.AddMinutes(1), [rule], [Down(1)], AlertDamping.Default, _ => false));
        Assert.Equal(Start, Assert.Single(engine.Active).Since);
        engine.Evaluate(Start.AddMinutes(2), [rule], [Down(0)], AlertDamping.Default, _ => false);
        Assert.True(engine.Evaluate(Start.AddMinutes(3), [rule], [Down(0)], AlertDamping.Default, _ => false));
        Assert.Empty(engine.Active);
    }

    [Fact]
    public void What_cannot_be_read_for_a_while_keeps_its_alert_as_stale()
    {
        var (engine, rule) = (new AlertEngine(), Rule(0, 0));
        engine.Evaluate(Start, [rule], [Down(1)], AlertDamping.Default, _ => false);

        engine.Evaluate(Start.AddMinutes(1), [rule], [], AlertDamping.Default, _ => false, isUnread: _ => true);
        Assert.True(Assert.Single(engine.Active).IsStale);

        engine.Evaluate(Start.AddMinutes(2), [rule], [], AlertDamping.Default, _ => false, isUnread: _ => false);
        Assert.Empty(engine.Active);
    }

    [Fact]
    public void A_rule_that_is_switched_off_ends_its_alerts()
    {
        var (engine, rule) = (new AlertEngine(), Rule(0, 20));
        engine.Evaluate(Start, [rule], [Down(1)], AlertDamping.Default, _ => false);

        Assert.True(engine.Evaluate(Start.AddSeconds(1), [], [Down(1)], AlertDamping.Default, _ => false));
        Assert.Empty(engine.Active);
    }

    [Fact]
    public void A_share_of_a_link_is_worked_out_from_what_it_carries_at_most()
    {
        var rule = new AlertRule(Guid.Empty, AlertRuleInput.Default(AlertKind.Utilisation) with { RouterId = Router.RouterId, CapacityMbps = 200 });
        var uplink = new AlertReading(AlertKind.Utilisation, Router, 190_000_000, "190 Mbps") { IsUplink = true };

        Assert.True(rule.Concerns(uplink));
        Assert.False(rule.Concerns(uplink with { IsUplink = false }));
        Assert.Equal(95, rule.Measure(uplink)!.Value, 6);
    }

    private static AlertRule Rule(int delay, int clear) => new(Guid.Empty, AlertRuleInput.Default(AlertKind.RouterDown) with { DelaySeconds = delay, ClearSeconds = clear });

    private static AlertReading Down(double? value) => new(AlertKind.RouterDown, Router, value, "No answer.");

    private static string Run(string readings, AlertRule rule, AlertDamping damping)
    {
        var engine = new AlertEngine();
        return string.Concat(readings.Select((letter, i) =>
        {
            engine.Evaluate(Start.AddSeconds(10 * i), [rule], [Down(letter switch { 'b' => 1, 'g' => 0, _ => null })], damping, _ => false);
            return engine.Active switch { [] => ".", [{ IsFlapping: true }] => "f", [{ IsStale: true }] => "~", _ => "!" };
        }));
    }
}
