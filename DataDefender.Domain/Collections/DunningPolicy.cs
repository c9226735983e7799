using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Policies;

namespace DataDefender.Domain.Collections;

/// <summary>What a step of the ladder does.</summary>
public enum DunningAct
{
    /// <summary>Tells the client what is due, or was.</summary>
    Remind,

    /// <summary>Tells the client when the service will be suspended.</summary>
    Warn,

    /// <summary>Charges a late fee, as an invoice of its own.</summary>
    LateFee,

    /// <summary>Sends the client's lines into the walled garden.</summary>
    Suspend,

    /// <summary>Ends lines that are suspended for this.</summary>
    Disconnect,

    /// <summary>Marks that equipment is to be fetched back.</summary>
    RecoverEquipment,
}

[Flags]
public enum DunningChannels
{
    None = 0,
    Sms = 1,
    Email = 2,
}

/// <summary>One step, so many days after the last day to pay; negative before it, 0 on it.</summary>
/// <param name="Channels">For what tells the client something.</param>
public sealed record DunningStep(int Day, DunningAct Act, DunningChannels Channels = DunningChannels.None)
{
    /// <summary>Names the step within its invoice.</summary>
    public string Key => FormattableString.Invariant($"{Act}:{Day}");

    public bool Tells => Act is DunningAct.Remind or DunningAct.Warn;

    public IEnumerable<MessageChannel> MessageChannels()
    {
        if (Channels.HasFlag(DunningChannels.Sms))
        {
            yield return MessageChannel.Sms;
        }

        if (Channels.HasFlag(DunningChannels.Email))
        {
            yield return MessageChannel.Email;
        }
    }
}

public enum LateFeeKind
{
    Fixed,

    /// <summary>Of what is open of the invoice.</summary>
    Percent,
}

/// <summary>A company's rules for what is owed. Times are by the company's clock. Immutable.</summary>
public sealed record DunningPolicy
{
    /// <summary>Reminders and a suspension a week after the last day to pay; nothing is done before the company switches it on.</summary>
    public static DunningPolicy Standard { get; } = new()
    {
        Steps =
        [
            new(-3, DunningAct.Remind, DunningChannels.Sms),
            new(0, DunningAct.Remind, DunningChannels.Sms),
            new(3, DunningAct.Warn, DunningChannels.Sms | DunningChannels.Email),
            new(7, DunningAct.Suspend, DunningChannels.Sms | DunningChannels.Email),
            new(60, DunningAct.Disconnect, DunningChannels.Sms | DunningChannels.Email),
            new(60, DunningAct.RecoverEquipment),
        ],
    };

    public bool IsOn { get; init; }

    /// <summary>In the order of their days.</summary>
    public IReadOnlyList<DunningStep> Steps { get; init; } = [];

    /// <summary>In minor units. Who owes less is reminded, and neither warned nor charged a late fee nor suspended nor disconnected.</summary>
    public long LeastDebt { get; init; } = 10_000;

    public LateFeeKind LateFeeKind { get; init; } = LateFeeKind.Fixed;

    /// <summary>Minor units, or hundredths of a percent.</summary>
    public long LateFee { get; init; } = 20_000;

    /// <summary>A late fee by percent is at most this, in minor units.</summary>
    public long MostLateFee { get; init; } = 100_000;

    /// <summary>Clients are written to between these two.</summary>
    public TimeOnly TellFrom { get; init; } = new(8, 0);

    public TimeOnly TellUntil { get; init; } = new(19, 0);

    /// <summary>The days on which lines are suspended or ended, and the hours: when somebody answers the phone.</summary>
    public WeekDays SuspendDays { get; init; } = WeekDays.Monday | WeekDays.Tuesday | WeekDays.Wednesday | WeekDays.Thursday;

    public TimeOnly SuspendFrom { get; init; } = new(9, 0);

    public TimeOnly SuspendUntil { get; init; } = new(16, 0);

    /// <summary>Nothing at all is done between these two: the payment provider is usually being maintained.</summary>
    public TimeOnly MaintenanceFrom { get; init; } = new(2, 0);

    public TimeOnly MaintenanceUntil { get; init; } = new(4, 0);

    /// <summary>Whether lines of clients whom the debtor pays for are suspended for his debt too.</summary>
    public bool SuspendSubAccounts { get; init; }

    /// <summary>The longest promise that staff may take, in days.</summary>
    public int MostPromiseDays { get; init; } = 14;

    /// <summary>The longest grace that staff may give, in hours.</summary>
    public int MostGraceHours { get; init; } = 72;

    /// <summary>The late fee on a balance; zero when the policy charges none.</summary>
    public Money FeeOn(Money balance) => LateFeeKind switch
    {
        LateFeeKind.Fixed => new Money(LateFee),
        LateFeeKind.Percent => new Money(Math.Min((long)Math.Round(balance.Minor * (decimal)LateFee / 10_000m, MidpointRounding.AwayFromZero), MostLateFee)),
        _ => throw new InvalidOperationException($"There is no late fee by {LateFeeKind}."),
    };

    public bool Equals(DunningPolicy? other) => other is not null && Steps.SequenceEqual(other.Steps) && Rest == other.Rest;

    public override int GetHashCode() => Rest.GetHashCode();

    private (bool, long, LateFeeKind, long, long, (TimeOnly, TimeOnly, WeekDays, TimeOnly, TimeOnly, TimeOnly, TimeOnly), int, int, bool) Rest =>
        (IsOn, LeastDebt, LateFeeKind, LateFee, MostLateFee, (TellFrom, TellUntil, SuspendDays, SuspendFrom, SuspendUntil, MaintenanceFrom, MaintenanceUntil), MostPromiseDays, MostGraceHours, SuspendSubAccounts);
}
