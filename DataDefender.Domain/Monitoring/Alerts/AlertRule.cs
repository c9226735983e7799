using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;

namespace DataDefender.Domain.Monitoring.Alerts;

/// <summary>When a company wants to be told. Several rules of one kind may stand side by side: a warning early, an alarm late.</summary>
public sealed class AlertRule : Entity, ITenantOwned, IAudited
{
    private AlertRule() { }

    public AlertRule(Guid tenantId, AlertRuleInput input)
    {
        TenantId = tenantId;
        Change(input);
    }

    public Guid TenantId { get; private set; }
    public AlertKind Kind { get; private set; }
    public EventSeverity Severity { get; private set; }
    public bool IsEnabled { get; private set; }

    /// <summary>In the kind's unit.</summary>
    public double Threshold { get; private set; }

    /// <summary>How long it must be wrong without a break before it is an alert.</summary>
    public int DelaySeconds { get; private set; }

    /// <summary>How long it must be well without a break before the alert ends.</summary>
    public int ClearSeconds { get; private set; }

    /// <summary>Only this router; null is all.</summary>
    public Guid? RouterId { get; private set; }

    /// <summary>Only this interface; null is the uplink for utilisation and all for errors.</summary>
    public string? Interface { get; private set; }

    /// <summary>What the uplink carries at most, Mbps; utilisation only.</summary>
    public int? CapacityMbps { get; private set; }

    /// <summary>Only refusals of this reason; null is all together.</summary>
    public LoginOutcome? Reason { get; private set; }

    /// <summary>Tells staff, beside showing the incident.</summary>
    public bool Notifies { get; private set; }

    public string AuditLabel => AlertKindFacts.Of(Kind).Title;

    public TimeSpan Delay => TimeSpan.FromSeconds(DelaySeconds);

    public TimeSpan ClearAfter => TimeSpan.FromSeconds(ClearSeconds);

    public void Change(AlertRuleInput input)
    {
        (Kind, Severity, IsEnabled, Notifies) = (input.Kind, input.Severity, input.IsEnabled, input.Notifies);
        (Threshold, DelaySeconds, ClearSeconds) = (input.Threshold, input.DelaySeconds, input.ClearSeconds);
        (RouterId, Interface) = (input.RouterId, string.IsNullOrWhiteSpace(input.Interface) ? null : input.Interface.Trim());
        (CapacityMbps, Reason) = (input.CapacityMbps, input.Reason);
    }

    /// <summary>Whether the reading is one that this rule judges.</summary>
    public bool Concerns(AlertReading reading) =>
        IsEnabled && reading.Kind == Kind
        && (RouterId is null || reading.Subject.RouterId == RouterId)
        && (Interface is null || string.Equals(Interface, reading.Subject.Interface, StringComparison.OrdinalIgnoreCase))
        && (Kind is not AlertKind.RadiusRejects || Reason == reading.Reason)
        && (Kind is not AlertKind.Utilisation || Interface is not null || reading.IsUplink);

    /// <summary>The value in the rule's unit: a utilisation comes in bits per second and becomes a share of the capacity.</summary>
    public double? Measure(AlertReading reading) =>
        Kind is AlertKind.Utilisation ? CapacityMbps is > 0 and var capacity ? reading.Value / (capacity * 10_000.0) : null : reading.Value;

    /// <summary>Null when nothing is known, which is neither wrong nor well.</summary>
    /// <param name="isActive">An alert that is active ends a margin behind the threshold, so that it does not come and go at it.</param>
    public bool? IsWrong(double? value, bool isActive)
    {
        var facts = AlertKindFacts.Of(Kind);
        var margin = isActive ? facts.Margin : 0;
        return (facts.Direction, value) switch
        {
            (_, null) => null,
            (AlertDirection.State, { } state) => state > 0,
            (AlertDirection.TooHigh, { } high) => high >= Threshold - Math.Min(margin, Threshold / 2),
            (_, { } low) => low <= Threshold + margin,
        };
    }
}

/// <summary>What an admin says of a rule.</summary>
public sealed record AlertRuleInput
{
    public AlertKind Kind { get; set; }
    public EventSeverity Severity { get; set; } = EventSeverity.Warning;
    public bool IsEnabled { get; set; } = true;
    public bool Notifies { get; set; } = true;
    public double Threshold { get; set; }
    public int DelaySeconds { get; set; }
    public int ClearSeconds { get; set; } = 60;
    public Guid? RouterId { get; set; }
    public string? Interface { get; set; }
    public int? CapacityMbps { get; set; }
    public LoginOutcome? Reason { get; set; }

    public static AlertRuleInput Default(AlertKind kind)
    {
        var facts = AlertKindFacts.Of(kind);
        return new AlertRuleInput { Kind = kind, Severity = facts.Severity, Threshold = facts.Threshold, DelaySeconds = (int)facts.Delay.TotalSeconds };
    }
}

/// <summary>The rules that a company begins with.</summary>
public static class DefaultRules
{
    public static IReadOnlyList<AlertRuleInput> All { get; } =
    [
        AlertRuleInput.Default(AlertKind.RouterDown),
        AlertRuleInput.Default(AlertKind.MassDisconnect),
        AlertRuleInput.Default(AlertKind.SessionsDropped),
        AlertRuleInput.Default(AlertKind.RadiusSilent),
        AlertRuleInput.Default(AlertKind.RouterCpu),
        AlertRuleInput.Default(AlertKind.RouterMemory),
        AlertRuleInput.Default(AlertKind.RouterTemperature),
        AlertRuleInput.Default(AlertKind.InterfaceErrors),
        AlertRuleInput.Default(AlertKind.RadiusRejects) with { Threshold = 120 },
        AlertRuleInput.Default(AlertKind.RadiusRejects) with { Reason = LoginOutcome.UnknownUser, Threshold = 60 },
        AlertRuleInput.Default(AlertKind.RadiusLatency),
        AlertRuleInput.Default(AlertKind.AccountingWaits),
        AlertRuleInput.Default(AlertKind.CertificateExpiry),
        AlertRuleInput.Default(AlertKind.LicenceExpiry),
        AlertRuleInput.Default(AlertKind.RouterVoltage) with { IsEnabled = false }, // 12 V boxes only; a 48 V site has another threshold
    ];
}

/// <summary>How a company's alerts behave together. One row a company, made with its default rules.</summary>
public sealed class AlertSettings : Entity, ITenantOwned, IAudited
{
    private AlertSettings() { }

    public AlertSettings(Guid tenantId) => TenantId = tenantId;

    public Guid TenantId { get; private set; }

    /// <summary>So many alerts of one rule and subject within <see cref="FlapMinutes"/> are one that flaps.</summary>
    public int FlapCount { get; private set; } = 4;

    public int FlapMinutes { get; private set; } = 30;

    /// <summary>How long a flapping one must be well before it ends.</summary>
    public int CalmMinutes { get; private set; } = 15;

    public string AuditLabel => "Alert settings";

    public AlertDamping Damping => new(FlapCount, TimeSpan.FromMinutes(FlapMinutes), TimeSpan.FromMinutes(CalmMinutes));

    public void Change(int flapCount, int flapMinutes, int calmMinutes)
    {
        if (flapCount is < 2 or > 20 || flapMinutes is < 5 or > 240 || calmMinutes is < 1 or > 240)
        {
            throw new DomainException("alerts.settings", "An alert flaps after 2 to 20 times within 5 to 240 minutes, and is calm after 1 to 240 minutes.");
        }

        (FlapCount, FlapMinutes, CalmMinutes) = (flapCount, flapMinutes, calmMinutes);
    }
}

/// <param name="Count">Alerts within <paramref name="Within"/> that make one that flaps.</param>
/// <param name="Calm">How long a flapping one must be well before it ends.</param>
public sealed record AlertDamping(int Count, TimeSpan Within, TimeSpan Calm)
{
    public static AlertDamping Default { get; } = new(4, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(15));
}
