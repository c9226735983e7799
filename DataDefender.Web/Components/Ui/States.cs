using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Payments;
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

        InvoiceStatus.Draft => new("Draft", Tone.Planned, "edit"),
        InvoiceStatus.Issued => new("Issued", Tone.Warning, "clock"),
        InvoiceStatus.PartlyPaid => new("Partly paid", Tone.Warning, "clock"),
        InvoiceStatus.Paid => new("Paid", Tone.Good, "check"),
        InvoiceStatus.Void => new("Void", Tone.Unknown, "x"),
        InvoiceStatus.Credited => new("Credited", Tone.Unknown, "history"),
        InvoiceStatus.WrittenOff => new("Written off", Tone.Bad, "x"),

        TaxInvoiceState.Waiting => new("Waits for eTIMS", Tone.Planned, "clock"),
        TaxInvoiceState.Submitted => new("At eTIMS", Tone.Planned, "clock"),
        TaxInvoiceState.Accepted => new("Signed", Tone.Good, "check"),
        TaxInvoiceState.Rejected => new("Rejected", Tone.Bad, "x"),

        TransmissionState.Waiting => new("Waits", Tone.Planned, "clock"),
        TransmissionState.Sending => new("No answer yet", Tone.Warning, "clock"),
        TransmissionState.Accepted => new("Signed", Tone.Good, "check"),
        TransmissionState.Refused => new("Refused", Tone.Bad, "x"),
        TransmissionState.Withdrawn => new("Not sent", Tone.Unknown, "x"),

        CouponState.Valid => new("Valid", Tone.Good, "check"),
        CouponState.ToCome => new("To come", Tone.Planned, "clock"),
        CouponState.UsedUp => new("Used up", Tone.Unknown, "check"),
        CouponState.Over => new("Over", Tone.Unknown, "x"),

        RunState.Computing => new("Computing", Tone.Planned, "clock"),
        RunState.Preview => new("Preview", Tone.Warning, "eye"),
        RunState.Committing => new("Writing", Tone.Planned, "clock"),
        RunState.Done => new("Done", Tone.Good, "check"),
        RunState.Refused => new("Refused", Tone.Bad, "x"),
        RunState.Cancelled => new("Cancelled", Tone.Unknown, "x"),

        BillState.Pending => new("Waits", Tone.Planned, "clock"),
        BillState.Written => new("Written", Tone.Good, "check"),
        BillState.LeftOut => new("Left out", Tone.Warning, "alert"),

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

        DriftKind.Missing => new("Missing", Tone.Bad, "plus"),
        DriftKind.Differs => new("Differs", Tone.Warning, "edit"),
        DriftKind.OutOfOrder => new("Out of order", Tone.Warning, "unfold"),
        DriftKind.Leftover => new("Left over", Tone.Unknown, "trash"),
        DriftKind.UnknownLine => new("Unknown user", Tone.Bad, "unknown"),
        DriftKind.NotAllowed => new("Online, not allowed", Tone.Bad, "alert"),
        DriftKind.OutsideGarden => new("Outside the garden", Tone.Bad, "wall"),
        DriftKind.FasterThanSold => new("Faster than sold", Tone.Bad, "up"),
        DriftKind.SlowerThanSold => new("Slower than sold", Tone.Warning, "down"),
        DriftKind.PastRadius => new("Past RADIUS", Tone.Warning, "key"),

        StepStatus.Waiting => new("Waiting", Tone.Planned, "clock"),
        StepStatus.Writing => new("Being written", Tone.Planned, "activity"),
        StepStatus.Done => new("Read back", Tone.Good, "check"),
        StepStatus.AlreadySo => new("Was so already", Tone.Good, "check"),
        StepStatus.Refused => new("Refused", Tone.Bad, "x"),
        StepStatus.NotApplied => new("Not applied", Tone.Bad, "alert"),
        StepStatus.Unknown => new("Not known", Tone.Unknown, "unknown"),
        StepStatus.TakenBack => new("Taken back", Tone.Warning, "history"),
        StepStatus.NotTakenBack => new("Not taken back", Tone.Bad, "alert"),

        IncidentState.Open => new("Open", Tone.Bad, "alert"),
        IncidentState.Acknowledged => new("Acknowledged", Tone.Warning, "eye"),
        IncidentState.Muted => new("Muted", Tone.Unknown, "pause"),
        IncidentState.Resolved => new("Over", Tone.Good, "check"),

        BackupState.Wanted => new("Under way", Tone.Planned, "clock"),
        BackupState.Kept => new("Kept", Tone.Good, "check"),
        BackupState.OnRouter => new("On the router", Tone.Good, "check"),
        BackupState.Failed => new("Failed", Tone.Bad, "alert"),

        UpgradeStatus.Running => new("Running", Tone.Planned, "activity"),
        UpgradeStatus.Held => new("Held", Tone.Warning, "pause"),
        UpgradeStatus.Stopped => new("Stopped", Tone.Bad, "alert"),
        UpgradeStatus.Done => new("Done", Tone.Good, "check"),
        UpgradeStatus.Cancelled => new("Cancelled", Tone.Unknown, "x"),

        UpgradeStep.Waiting => new("Waiting", Tone.Planned, "clock"),
        UpgradeStep.Preparing => new("Backing up", Tone.Planned, "activity"),
        UpgradeStep.Downloading => new("Downloading", Tone.Planned, "download"),
        UpgradeStep.Rebooting => new("Rebooting", Tone.Planned, "refresh"),
        UpgradeStep.Board => new("Board firmware", Tone.Planned, "refresh"),
        UpgradeStep.Watching => new("Being watched", Tone.Planned, "eye"),
        UpgradeStep.Done => new("Done", Tone.Good, "check"),
        UpgradeStep.Refused => new("Refused", Tone.Warning, "x"),
        UpgradeStep.Failed => new("Failed", Tone.Bad, "alert"),
        UpgradeStep.Skipped => new("Not begun", Tone.Unknown, "x"),

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

        TransactionState.Orphan => new("No owner", Tone.Warning, "unknown"),
        TransactionState.Applied => new("Counted", Tone.Good, "check"),
        TransactionState.Clearing => new("In clearing", Tone.Planned, "clock"),
        TransactionState.Refunding => new("Being given back", Tone.Planned, "clock"),
        TransactionState.Refunded => new("Given back", Tone.Unknown, "history"),
        TransactionState.Reversed => new("Reversed", Tone.Bad, "history"),
        TransactionState.Test => new("Test", Tone.Unknown, "info"),

        IntentStatus.RequiresPayment => new("Not paid", Tone.Warning, "clock"),
        IntentStatus.Processing => new("Under way", Tone.Planned, "phone"),
        IntentStatus.Succeeded => new("Paid", Tone.Good, "check"),
        IntentStatus.PartiallyPaid => new("Partly paid", Tone.Warning, "clock"),
        IntentStatus.Overpaid => new("Paid, with credit", Tone.Good, "check"),
        IntentStatus.Canceled => new("Cancelled", Tone.Unknown, "x"),
        IntentStatus.Expired => new("Expired", Tone.Unknown, "clock"),
        IntentStatus.SucceededLate => new("Paid late", Tone.Good, "check"),

        AttemptStatus.Created or AttemptStatus.Sending => new("Being sent", Tone.Planned, "activity"),
        AttemptStatus.AwaitingCustomer => new("On the phone", Tone.Planned, "phone"),
        AttemptStatus.Unknown => new("Not known", Tone.Unknown, "unknown"),
        AttemptStatus.NeedsReview => new("To be looked at", Tone.Warning, "alert"),
        AttemptStatus.Rejected => new("Refused", Tone.Bad, "x"),
        AttemptStatus.Failed => new("Failed", Tone.Bad, "x"),
        AttemptStatus.Succeeded => new("Paid", Tone.Good, "check"),
        AttemptStatus.Reversed => new("Reversed", Tone.Bad, "history"),

        InboundStatus.Received => new("Waiting", Tone.Planned, "clock"),
        InboundStatus.Applied => new("Applied", Tone.Good, "check"),
        InboundStatus.Orphan => new("No owner", Tone.Warning, "unknown"),
        InboundStatus.Rejected => new("Not understood", Tone.Bad, "alert"),
        InboundStatus.SetAside => new("Set aside", Tone.Bad, "alert"),
        InboundStatus.Claimed => new("Being confirmed", Tone.Planned, "clock"),

        RefundStatus.Sending or RefundStatus.Accepted => new("Ordered", Tone.Planned, "clock"),
        RefundStatus.Unknown => new("Not known", Tone.Unknown, "unknown"),
        RefundStatus.NeedsReview => new("To be looked at", Tone.Warning, "alert"),
        RefundStatus.Rejected => new("Refused", Tone.Bad, "x"),
        RefundStatus.Failed => new("Failed", Tone.Bad, "x"),
        RefundStatus.Succeeded => new("Given back", Tone.Good, "check"),

        CardStatus.Ready => new("Ready", Tone.Planned, "check"),
        CardStatus.Redeemed => new("Redeemed", Tone.Good, "check"),
        CardStatus.Void => new("Void", Tone.Bad, "x"),

        StatementRowState.Waiting => new("Waiting", Tone.Warning, "unknown"),
        StatementRowState.Matched => new("Paired", Tone.Good, "check"),
        StatementRowState.AmountDiffers => new("Amount differs", Tone.Bad, "alert"),
        StatementRowState.SetAside => new("Set aside", Tone.Unknown, "info"),

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
