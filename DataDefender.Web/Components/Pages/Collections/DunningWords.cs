using DataDefender.Domain.Collections;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Pages.Collections;

/// <summary>How the ladder is spoken of on pages.</summary>
internal static class DunningWords
{
    public static string Name(DunningAct act) => act switch
    {
        DunningAct.LateFee => "Charge a late fee",
        DunningAct.RecoverEquipment => "Mark equipment to be fetched",
        DunningAct.Suspend => "Suspend",
        DunningAct.Disconnect => "Disconnect",
        DunningAct.Warn => "Warn of suspension",
        DunningAct.Remind => "Remind",
        _ => States.Spaced(act.ToString()),
    };

    public static string Would(DunningAct act) => act switch
    {
        DunningAct.Remind => "Reminded",
        DunningAct.Warn => "Warned",
        DunningAct.LateFee => "Charged a late fee",
        DunningAct.Suspend => "Suspended",
        DunningAct.Disconnect => "Disconnected",
        DunningAct.RecoverEquipment => "Marked for recovery",
        _ => States.Spaced(act.ToString()),
    };

    public static string When(int day) => day switch
    {
        0 => "on the last day to pay",
        -1 => "the day before",
        1 => "the day after",
        < 0 => $"{-day} days before",
        _ => $"{day} days after",
    };

    public static string Icon(DunningRow row) => (row.Outcome, row.Act) switch
    {
        (DunningOutcome.ByHand, _) => "badge",
        (DunningOutcome.Followed, _) => "check",
        (DunningOutcome.Skipped, _) => "info",
        (_, DunningAct.Suspend) => "pause",
        (_, DunningAct.Disconnect) => "x",
        (_, DunningAct.LateFee) => "plus",
        (_, DunningAct.RecoverEquipment) => "package",
        _ => "phone",
    };
}
