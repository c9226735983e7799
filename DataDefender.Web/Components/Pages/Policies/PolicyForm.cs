using DataDefender.Domain.Policies;

namespace DataDefender.Web.Components.Pages.Policies;

/// <summary>A policy while it is typed: GB and Mbps as people write them, and rules that may still be incomplete.</summary>
public sealed class PolicyForm
{
    private const decimal BytesPerGigabyte = 1_000_000_000m;

    public string Name { get; set; } = "";
    public List<Schedule> Schedules { get; } = [];
    public List<Tier> Tiers { get; } = [];
    public List<Free> FreeHours { get; } = [];
    public Quota? Data { get; set; }
    public Quota? Time { get; set; }

    public static PolicyForm Of(UsagePolicyInput input)
    {
        var form = new PolicyForm { Name = input.Name };
        form.Add(input.Rules);
        return form;
    }

    /// <summary>Adds these rules to those that are there; a quota takes the place of one of its kind.</summary>
    public void Add(PolicyRules rules)
    {
        Schedules.AddRange(rules.Schedules.Select(s => new Schedule
        {
            Name = s.Name, Days = s.Hours.Days, From = s.Hours.From, To = s.Hours.To, DownloadPercent = s.DownloadPercent, UploadPercent = s.UploadPercent,
        }));
        Tiers.AddRange(rules.FairUse.Select(t => new Tier
        {
            Name = t.Name, Window = t.Window, Counted = t.Counted, Gigabytes = t.Bytes / BytesPerGigabyte, DownloadMbps = t.DownloadKbps / 1000m, UploadMbps = t.UploadKbps / 1000m,
        }));
        FreeHours.AddRange(rules.Free.Select(f => new Free { Name = f.Name, Days = f.Hours.Days, From = f.Hours.From, To = f.Hours.To }));
        if (rules.Data is { } data)
        {
            Data = new Quota
            {
                Window = data.Window, Counted = data.Counted, Amount = data.Bytes / BytesPerGigabyte, Action = data.Action, ThrottleMbps = data.ThrottleKbps / 1000m,
                RollOver = data.RollOver, CapGigabytes = data.RollOverCapBytes / BytesPerGigabyte,
            };
        }

        if (rules.Time is { } time)
        {
            Time = new Quota { Window = time.Window, Amount = time.Minutes, Action = time.Action, ThrottleMbps = time.ThrottleKbps / 1000m };
        }
    }

    /// <summary>What the validator judges and the preview replays; what is missing is zero or null.</summary>
    public UsagePolicyInput ToInput() => new(Name, new PolicyRules
    {
        Schedules = [.. Schedules.Select(s => new SpeedSchedule(s.Name.Trim(), new WeeklyHours(s.Days, s.From, s.To), s.DownloadPercent ?? 0, s.UploadPercent ?? 0))],
        FairUse = [.. Tiers.Select(t => new FairUseTier(t.Name.Trim(), t.Window, t.Counted, Bytes(t.Gigabytes), Kbps(t.DownloadMbps) ?? 0, Kbps(t.UploadMbps) ?? 0))],
        Free = [.. FreeHours.Select(f => new FreeHours(f.Name.Trim(), new WeeklyHours(f.Days, f.From, f.To)))],
        Data = Data is { } d
            ? new DataQuota(d.Window, d.Counted, Bytes(d.Amount), d.Action, d.Action is QuotaAction.Throttle ? Kbps(d.ThrottleMbps) : null, d.RollOver, d.RollOver ? Bytes(d.CapGigabytes) : 0)
            : null,
        Time = Time is { } t
            ? new TimeQuota(t.Window, (int)Math.Clamp(t.Amount ?? 0, 0, int.MaxValue), t.Action, t.Action is QuotaAction.Throttle ? Kbps(t.ThrottleMbps) : null)
            : null,
    });

    private static long Bytes(decimal? gigabytes) => (long)(Math.Clamp(gigabytes ?? 0, 0, 1_000_000_000) * BytesPerGigabyte);

    private static int? Kbps(decimal? mbps) => mbps is { } speed ? (int)Math.Round(Math.Clamp(speed, 0, 1_000_000) * 1000) : null;

    public sealed class Schedule
    {
        public string Name { get; set; } = "";
        public WeekDays Days { get; set; } = WeekDays.All;
        public TimeOnly From { get; set; }
        public TimeOnly To { get; set; }
        public int? DownloadPercent { get; set; }
        public int? UploadPercent { get; set; }
    }

    public sealed class Tier
    {
        public string Name { get; set; } = "";
        public UsageWindow Window { get; set; } = UsageWindow.Month;
        public CountedBytes Counted { get; set; }
        public decimal? Gigabytes { get; set; }
        public decimal? DownloadMbps { get; set; }
        public decimal? UploadMbps { get; set; }
    }

    public sealed class Free
    {
        public string Name { get; set; } = "";
        public WeekDays Days { get; set; } = WeekDays.All;
        public TimeOnly From { get; set; }
        public TimeOnly To { get; set; }
    }

    /// <summary>Of data in GB, or of time in minutes.</summary>
    public sealed class Quota
    {
        public UsageWindow Window { get; set; } = UsageWindow.Month;
        public CountedBytes Counted { get; set; }
        public decimal? Amount { get; set; }
        public QuotaAction Action { get; set; } = QuotaAction.WalledGarden;
        public decimal? ThrottleMbps { get; set; }
        public bool RollOver { get; set; }
        public decimal? CapGigabytes { get; set; }
    }
}
