using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;

namespace DataDefender.Web.Components.Ui;

/// <summary>What a colour means; nothing else is coloured.</summary>
public enum Tone
{
    Good,
    Warning,
    Bad,
    Unknown,
    Planned,
}

/// <summary>A state as people see it: words, colour and icon together, so that it is told without colours too.</summary>
public sealed record StateLook(string Text, Tone Tone, string Icon);

/// <summary>The wording and look of every state machine, in one place. A new state enum gets its lines here.</summary>
public static class States
{
    /// <summary>A module of the licence as it is written on a page.</summary>
    public static string Title(LicensedModules module) => module == LicensedModules.Radius ? "RADIUS" : module.ToString();

    public static StateLook Of(Enum state) => state switch
    {
        SubscriptionState.Pending => new("Pending", Tone.Planned, "clock"),
        SubscriptionState.Active => new("Active", Tone.Good, "check"),
        SubscriptionState.Suspended => new("Suspended", Tone.Warning, "pause"),
        SubscriptionState.Disconnected => new("Disconnected", Tone.Unknown, "x"),

        PackageStatus.Active => new("On sale", Tone.Good, "check"),
        PackageStatus.Retired => new("Retired", Tone.Unknown, "x"),

        RouterState.Up => new("Up", Tone.Good, "up"),
        RouterState.Degraded => new("Degraded", Tone.Warning, "alert"),
        RouterState.Down => new("Down", Tone.Bad, "down"),
        RouterState.Unknown => new("Unknown", Tone.Unknown, "unknown"),

        CompanyStatus.Pending => new("Waiting", Tone.Planned, "clock"),
        CompanyStatus.Active => new("Active", Tone.Good, "check"),
        CompanyStatus.Rejected => new("Rejected", Tone.Bad, "x"),
        CompanyStatus.Suspended => new("Suspended", Tone.Warning, "pause"),

        LineCommandStatus.Pending => new("Under way", Tone.Planned, "clock"),
        LineCommandStatus.Done => new("Done", Tone.Good, "check"),
        LineCommandStatus.NoSession => new("No open session", Tone.Unknown, "info"),
        LineCommandStatus.Failed => new("Failed", Tone.Bad, "alert"),
        LineCommandStatus.Superseded => new("Superseded", Tone.Unknown, "info"),

        LimitKind.None => new("As sold", Tone.Good, "check"),
        LimitKind.Schedule => new("Schedule", Tone.Planned, "clock"),
        LimitKind.FairUse => new("Fair use", Tone.Warning, "down"),
        LimitKind.DataQuota => new("Data used up", Tone.Bad, "pause"),
        LimitKind.TimeQuota => new("Time used up", Tone.Bad, "pause"),
        LimitKind.Expired => new("Expired", Tone.Bad, "wall"),
        LimitKind.Grace => new("Grace", Tone.Warning, "clock"),

        RunStatus.Held => new("Held back", Tone.Planned, "pause"),
        RunStatus.Waiting => new("Waiting", Tone.Planned, "clock"),
        RunStatus.Running => new("Under way", Tone.Planned, "activity"),
        RunStatus.TakingBack => new("Being taken back", Tone.Warning, "history"),
        RunStatus.Done => new("Applied", Tone.Good, "check"),
        RunStatus.TakenBack => new("Taken back", Tone.Warning, "history"),
        RunStatus.Interrupted => new("Router lost", Tone.Warning, "alert"),
        RunStatus.Outdated => new("Plan outdated", Tone.Unknown, "info"),
        RunStatus.Failed => new("Failed", Tone.Bad, "alert"),

        RunStatus.Cancelled => new("Given up", Tone.Unknown, "x"),

        RolloutStatus.Waiting => new("Waiting", Tone.Planned, "clock"),
        RolloutStatus.Canary => new("First router", Tone.Planned, "activity"),
        RolloutStatus.Spreading => new("Under way", Tone.Planned, "activity"),
        RolloutStatus.Done => new("Done", Tone.Good, "check"),
        RolloutStatus.Stopped => new("Stopped", Tone.Bad, "alert"),
        RolloutStatus.Cancelled => new("Given up", Tone.Unknown, "x"),

        RolloutRouterStatus.Waiting => new("Waiting", Tone.Planned, "clock"),
        RolloutRouterStatus.Applying => new("Being written", Tone.Planned, "activity"),
        RolloutRouterStatus.Checking => new("Being watched", Tone.Planned, "eye"),
        RolloutRouterStatus.Done => new("Done", Tone.Good, "check"),
        RolloutRouterStatus.Failed => new("Failed", Tone.Bad, "alert"),
        RolloutRouterStatus.PassedOver => new("Passed over", Tone.Warning, "x"),
        RolloutRouterStatus.Left => new("Left as it was", Tone.Unknown, "x"),

        StepStatus.Waiting => new("Waiting", Tone.Planned, "clock"),
        StepStatus.Writing => new("Being written", Tone.Planned, "activity"),
        StepStatus.Done => new("Read back", Tone.Good, "check"),
        StepStatus.AlreadySo => new("Was so already", Tone.Good, "check"),
        StepStatus.Refused => new("Refused", Tone.Bad, "x"),
        StepStatus.NotApplied => new("Not applied", Tone.Bad, "alert"),
        StepStatus.Unknown => new("Not known", Tone.Unknown, "unknown"),
        StepStatus.TakenBack => new("Taken back", Tone.Warning, "history"),
        StepStatus.NotTakenBack => new("Not taken back", Tone.Bad, "alert"),

        MessageStatus.Queued => new("Queued", Tone.Planned, "clock"),
        MessageStatus.Sending => new("Being sent", Tone.Planned, "activity"),
        MessageStatus.Uncertain => new("Uncertain", Tone.Warning, "unknown"),
        MessageStatus.Sent => new("Sent", Tone.Good, "check"),
        MessageStatus.Delivered => new("Delivered", Tone.Good, "up"),
        MessageStatus.Failed => new("Failed", Tone.Bad, "alert"),
        MessageStatus.Suppressed => new("Suppressed", Tone.Unknown, "pause"),

        EventSeverity.Info => new("Info", Tone.Planned, "info"),
        EventSeverity.Warning => new("Warning", Tone.Warning, "alert"),
        EventSeverity.Critical => new("Critical", Tone.Bad, "alert"),

        LoginOutcome.Accepted => new("Accepted", Tone.Good, "check"),
        LoginOutcome.AcceptedWalledGarden => new("Walled garden", Tone.Warning, "wall"),
        LoginOutcome.RouterLoginAccepted => new("Router login", Tone.Good, "check"),
        LoginOutcome login => new(Spaced(login.ToString()), Tone.Bad, "x"),

        _ => new(Spaced(state.ToString()), Tone.Unknown, "unknown"),
    };

    /// <summary>A role as people write it: "NOC operator".</summary>
    public static string Title(this Role role) => role switch
    {
        Role.Owner => "Owner",
        Role.NocOperator => "NOC operator",
        Role.SuperAdmin => "Super admin",
        _ => role.ToString(),
    };

    /// <summary>"WrongPassword" becomes "Wrong password".</summary>
    public static string Spaced(string name) =>
        string.Concat(name.Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : c.ToString()));
}
