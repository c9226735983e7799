using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace DataDefender.Domain.Policies;

/// <summary>Calendar windows in the company's time zone; a week begins on Monday.</summary>
public enum UsageWindow
{
    Day,
    Week,
    Month,
}

public enum CountedBytes
{
    Total,
    Download,
    Upload,
}

/// <summary>What happens to a line that has used up its quota.</summary>
public enum QuotaAction
{
    Throttle,
    WalledGarden,
    Refuse,
}

[Flags]
public enum WeekDays
{
    None = 0,
    Monday = 1,
    Tuesday = 2,
    Wednesday = 4,
    Thursday = 8,
    Friday = 16,
    Saturday = 32,
    Sunday = 64,
    Workdays = Monday | Tuesday | Wednesday | Thursday | Friday,
    Weekend = Saturday | Sunday,
    All = Workdays | Weekend,
}

/// <summary>
/// Hours of the week in the company's time zone. When <see cref="To"/> is not after <see cref="From"/> they run past midnight and belong
/// to the day they began on: Friday 22:00–06:00 ends on Saturday morning. From = To is the whole day.
/// </summary>
public sealed record WeeklyHours(WeekDays Days, TimeOnly From, TimeOnly To)
{
    private static readonly WeekDays[] Week =
        [WeekDays.Monday, WeekDays.Tuesday, WeekDays.Wednesday, WeekDays.Thursday, WeekDays.Friday, WeekDays.Saturday, WeekDays.Sunday];

    public bool Contain(DateTime local)
    {
        var time = TimeOnly.FromDateTime(local);
        return From < To
            ? Has(local.DayOfWeek) && time >= From && time < To
            : (Has(local.DayOfWeek) && time >= From) || (Has(local.AddDays(-1).DayOfWeek) && time < To);
    }

    public override string ToString() => $"{DaysText(Days)} {From:HH:mm}–{To:HH:mm}";

    private static string DaysText(WeekDays days) => days switch
    {
        WeekDays.All => "every day",
        WeekDays.Workdays => "Monday to Friday",
        WeekDays.Weekend => "Saturday and Sunday",
        WeekDays.None => "no day",
        _ => Listed([.. Week.Where(d => days.HasFlag(d))]),
    };

    private static string Listed(List<WeekDays> days) =>
        days.Count > 2 && (int)days[^1] == (int)days[0] << (days.Count - 1) ? $"{days[0]} to {days[^1]}"
        : days.Count > 1 ? $"{string.Join(", ", days.SkipLast(1))} and {days[^1]}"
        : days[0].ToString();

    private bool Has(DayOfWeek day) => Days.HasFlag((WeekDays)(1 << (((int)day + 6) % 7)));
}

/// <summary>Another speed at certain hours, as percent of the sold one: 150 is a boost, 50 a brake. The first that fits wins.</summary>
public sealed record SpeedSchedule(string Name, WeeklyHours Hours, int DownloadPercent, int UploadPercent);

/// <summary>Past so many bytes in a window the line is slowed to these speeds (kbit/s) until the window ends.</summary>
public sealed record FairUseTier(string Name, UsageWindow Window, CountedBytes Counted, long Bytes, int DownloadKbps, int UploadKbps);

/// <summary>Traffic in these hours counts towards nothing.</summary>
public sealed record FreeHours(string Name, WeeklyHours Hours);

/// <summary>Bytes that a window brings; what is left over may be carried into the next one, up to a cap.</summary>
public sealed record DataQuota(UsageWindow Window, CountedBytes Counted, long Bytes, QuotaAction Action, int? ThrottleKbps, bool RollOver, long RollOverCapBytes);

/// <summary>Time online that a window brings.</summary>
public sealed record TimeQuota(UsageWindow Window, int Minutes, QuotaAction Action, int? ThrottleKbps);

/// <summary>What limits the lines of a package over time. Immutable: a change is a new value, so that it can be previewed against the old one.</summary>
public sealed record PolicyRules
{
    public static PolicyRules None { get; } = new();

    public ImmutableArray<SpeedSchedule> Schedules { get; init; } = [];
    public ImmutableArray<FairUseTier> FairUse { get; init; } = [];
    public ImmutableArray<FreeHours> Free { get; init; } = [];
    public DataQuota? Data { get; init; }
    public TimeQuota? Time { get; init; }

    /// <summary>The longest window that usage must be known for; null when no rule looks at usage.</summary>
    [JsonIgnore]
    public UsageWindow? LongestWindow =>
        FairUse.Select(t => t.Window)
            .Concat(Data is null ? [] : [Data.Window])
            .Concat(Time is null ? [] : [Time.Window])
            .Select(w => (UsageWindow?)w)
            .Max();

    public bool Equals(PolicyRules? other) =>
        other is not null && Schedules.SequenceEqual(other.Schedules) && FairUse.SequenceEqual(other.FairUse) && Free.SequenceEqual(other.Free)
        && Data == other.Data && Time == other.Time;

    public override int GetHashCode() => HashCode.Combine(Schedules.Length, FairUse.Length, Free.Length, Data, Time);
}
