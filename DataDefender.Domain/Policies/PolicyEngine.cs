using System.Globalization;

namespace DataDefender.Domain.Policies;

public enum LimitKind
{
    /// <summary>The line gets what was sold.</summary>
    None,
    Schedule,
    FairUse,
    DataQuota,
    TimeQuota,
    Expired,
}

/// <summary>
/// What a line may do now and which rule says so. Speeds are kbit/s; <paramref name="Until"/> is UTC, null when only an act ends it.
/// <paramref name="Reason"/> is for people.
/// </summary>
public sealed record LineLimit(LimitKind Kind, QuotaAction? Action, int DownloadKbps, int UploadKbps, string Reason, DateTime? Until)
{
    /// <summary>The same treatment, whatever the words and the time: nothing has to be sent to the router.</summary>
    public bool SameTreatment(LineLimit other) =>
        (Kind, Action, DownloadKbps, UploadKbps) == (other.Kind, other.Action, other.DownloadKbps, other.UploadKbps);
}

/// <summary>What the rules are applied to. The history must reach back over the quota's window before this one, oldest or newest first.</summary>
public sealed record LineFacts(int SoldDownloadKbps, int SoldUploadKbps, IReadOnlyList<HourOfUse> History, IReadOnlyList<TopUpGrant> TopUps, DateTime? ExpiresAt, TimeZoneInfo Zone);

/// <summary>Where a data quota stands: all in bytes.</summary>
public sealed record QuotaStanding(long Quota, long CarriedOver, long TopUpsLeft, long Used, long Remaining, WindowSpan Window);

/// <summary>Applies a policy to the facts of a line. Pure: the same in the nightly evaluation, on the client's page and in a preview.</summary>
public static class PolicyEngine
{
    public static LineLimit Evaluate(PolicyRules rules, LineFacts facts, DateTime now)
    {
        if (facts.ExpiresAt is { } expiry && expiry <= now)
        {
            return new LineLimit(LimitKind.Expired, QuotaAction.WalledGarden, facts.SoldDownloadKbps, facts.SoldUploadKbps, "The paid time has ended.", null);
        }

        return TimeLimit(rules, facts, now) is { Action: not QuotaAction.Throttle } timeOut ? timeOut
            : DataLimit(rules, facts, now) is { Action: not QuotaAction.Throttle } dataOut ? dataOut
            : Slowest(Scheduled(rules, facts, now), FairUse(rules, facts, now), DataLimit(rules, facts, now), TimeLimit(rules, facts, now));
    }

    /// <summary>Where the line's data quota stands, or null without one.</summary>
    public static QuotaStanding? Standing(PolicyRules rules, LineFacts facts, DateTime now)
    {
        if (rules.Data is not { } quota)
        {
            return null;
        }

        var window = WindowSpan.At(quota.Window, now, facts.Zone);
        var used = Used(rules, facts, quota.Counted, window, now);
        var carried = CarriedInto(window, rules, facts, quota);
        var topUps = TopUpsLeftBefore(window, rules, facts, quota, now);
        return new QuotaStanding(quota.Bytes, carried, topUps, used, Math.Max(0, quota.Bytes + carried + topUps - used), window);
    }

    /// <summary>The next moment (UTC) at which the rules may say something else although nothing more is used; null when only use can change it.</summary>
    public static DateTime? NextBoundary(PolicyRules rules, LineFacts facts, DateTime now)
    {
        var moments = new List<DateTime>();
        if (facts.ExpiresAt is { } expiry)
        {
            moments.Add(expiry);
        }

        moments.AddRange(facts.TopUps.SelectMany(t => (DateTime[])[t.From, t.Until]));
        if (rules.FairUse.Length > 0 || rules.Data is not null || rules.Time is not null)
        {
            moments.Add(WindowSpan.At(UsageWindow.Day, now, facts.Zone).End);
        }

        var today = TimeZoneInfo.ConvertTimeFromUtc(now, facts.Zone).Date;
        foreach (var edge in rules.Schedules.SelectMany(s => (TimeOnly[])[s.Hours.From, s.Hours.To]))
        {
            moments.AddRange(((int[])[0, 1]).Select(day => LocalToUtc(today.AddDays(day) + edge.ToTimeSpan(), facts.Zone)));
        }

        return moments.Where(m => m > now).Select(m => (DateTime?)m).Min();
    }

    private static LineLimit? DataLimit(PolicyRules rules, LineFacts facts, DateTime now) =>
        rules.Data is { } quota && Standing(rules, facts, now) is { Remaining: 0 } standing
            ? Exhausted(LimitKind.DataQuota, quota.Action, quota.ThrottleKbps, facts, $"The data of this {Name(quota.Window)} ({Gigabytes(standing.Used)} GB) is used up.", standing.Window.End)
            : null;

    private static LineLimit? TimeLimit(PolicyRules rules, LineFacts facts, DateTime now)
    {
        if (rules.Time is not { } quota)
        {
            return null;
        }

        var window = WindowSpan.At(quota.Window, now, facts.Zone);
        var seconds = facts.History.Where(h => window.Contains(h.Hour) && h.Hour <= now).Sum(h => (long)h.OnlineSeconds);
        return seconds >= quota.Minutes * 60L
            ? Exhausted(LimitKind.TimeQuota, quota.Action, quota.ThrottleKbps, facts, $"The {quota.Minutes} minutes of this {Name(quota.Window)} are used up.", window.End)
            : null;
    }

    private static LineLimit Exhausted(LimitKind kind, QuotaAction action, int? throttleKbps, LineFacts facts, string reason, DateTime until) =>
        new(kind, action, Math.Min(throttleKbps ?? facts.SoldDownloadKbps, facts.SoldDownloadKbps), Math.Min(throttleKbps ?? facts.SoldUploadKbps, facts.SoldUploadKbps), reason, until);

    private static LineLimit Scheduled(PolicyRules rules, LineFacts facts, DateTime now)
    {
        var local = TimeZoneInfo.ConvertTimeFromUtc(now, facts.Zone);
        var schedule = rules.Schedules.FirstOrDefault(s => s.Hours.Contain(local));
        if (schedule is null)
        {
            return new LineLimit(LimitKind.None, null, facts.SoldDownloadKbps, facts.SoldUploadKbps, "The speed that was sold.", null);
        }

        return new LineLimit(
            LimitKind.Schedule,
            null,
            Percent(facts.SoldDownloadKbps, schedule.DownloadPercent),
            Percent(facts.SoldUploadKbps, schedule.UploadPercent),
            $"{schedule.Name}: {schedule.DownloadPercent} % down, {schedule.UploadPercent} % up ({schedule.Hours}).",
            EndOf(schedule.Hours, now, facts.Zone));
    }

    private static LineLimit? FairUse(PolicyRules rules, LineFacts facts, DateTime now)
    {
        FairUseTier? reached = null;
        foreach (var tier in rules.FairUse)
        {
            var window = WindowSpan.At(tier.Window, now, facts.Zone);
            if (Used(rules, facts, tier.Counted, window, now) >= tier.Bytes && (reached is null || tier.DownloadKbps < reached.DownloadKbps))
            {
                reached = tier;
            }
        }

        return reached is null
            ? null
            : new LineLimit(
                LimitKind.FairUse,
                QuotaAction.Throttle,
                reached.DownloadKbps,
                reached.UploadKbps,
                $"{reached.Name}: more than {Gigabytes(reached.Bytes)} GB this {Name(reached.Window)}.",
                WindowSpan.At(reached.Window, now, facts.Zone).End);
    }

    /// <summary>Of the speeds that the rules allow the lowest holds; the rule that sets the download speed is the one that is named.</summary>
    private static LineLimit Slowest(LineLimit start, params ReadOnlySpan<LineLimit?> others)
    {
        var slowest = start;
        foreach (var other in others)
        {
            if (other is not null && (other.DownloadKbps < slowest.DownloadKbps || slowest.Kind is LimitKind.None))
            {
                slowest = other with { UploadKbps = Math.Min(other.UploadKbps, slowest.UploadKbps), DownloadKbps = Math.Min(other.DownloadKbps, slowest.DownloadKbps) };
            }
        }

        return slowest;
    }

    private static long Used(PolicyRules rules, LineFacts facts, CountedBytes counted, WindowSpan window, DateTime now)
    {
        var sum = 0L;
        foreach (var hour in facts.History)
        {
            if (window.Contains(hour.Hour) && hour.Hour <= now && !IsFree(rules, hour.Hour, facts.Zone))
            {
                sum += hour.Count(counted);
            }
        }

        return sum;
    }

    /// <summary>Unused quota of the window before, up to the cap. What was itself carried over is used first and not carried again.</summary>
    private static long CarriedInto(WindowSpan window, PolicyRules rules, LineFacts facts, DataQuota quota)
    {
        if (!quota.RollOver || facts.History.Count == 0)
        {
            return 0;
        }

        var before = window.Previous(quota.Window, facts.Zone);
        if (!facts.History.Any(h => h.Hour < window.Start))
        {
            return 0; // the line is newer than that window: there was nothing to leave over
        }

        var used = Used(rules, facts, quota.Counted, before, before.End.AddTicks(-1));
        return Math.Clamp(quota.Bytes - used, 0, quota.RollOverCapBytes);
    }

    /// <summary>
    /// Bytes of top-ups that were not eaten by earlier windows: each window's use beyond its quota draws on the top-ups valid then, the
    /// one that ends first being drawn first.
    /// </summary>
    private static long TopUpsLeftBefore(WindowSpan window, PolicyRules rules, LineFacts facts, DataQuota quota, DateTime now)
    {
        var grants = facts.TopUps.Where(t => t.From <= now && t.Until > now).OrderBy(t => t.Until).Select(t => new Balance(t)).ToList();
        if (grants.Count == 0)
        {
            return 0;
        }

        var first = grants.Min(g => g.Grant.From);
        for (var span = WindowSpan.At(quota.Window, first, facts.Zone); span.Start < window.Start; span = WindowSpan.At(quota.Window, span.End, facts.Zone))
        {
            var beyond = Used(rules, facts, quota.Counted, span, span.End.AddTicks(-1)) - quota.Bytes - CarriedInto(span, rules, facts, quota);
            foreach (var grant in grants.Where(g => g.Grant.From < span.End))
            {
                beyond -= grant.Draw(Math.Max(0, beyond));
            }
        }

        return grants.Sum(g => g.Left);
    }

    private static bool IsFree(PolicyRules rules, DateTime hour, TimeZoneInfo zone)
    {
        if (rules.Free.IsEmpty)
        {
            return false;
        }

        var local = TimeZoneInfo.ConvertTimeFromUtc(hour, zone);
        return rules.Free.Any(f => f.Hours.Contain(local));
    }

    private static DateTime EndOf(WeeklyHours hours, DateTime now, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTimeFromUtc(now, zone);
        var end = local.Date + hours.To.ToTimeSpan();
        if (end <= local)
        {
            end = end.AddDays(1);
        }

        return LocalToUtc(end, zone);
    }

    internal static DateTime LocalToUtc(DateTime local, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(30); // the clocks skip this time: it begins when they are forward again
        }

        return TimeZoneInfo.ConvertTimeToUtc(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), zone);
    }

    private static int Percent(int kbps, int percent) => (int)Math.Clamp(kbps * (long)percent / 100, 1, int.MaxValue);

    private static string Name(UsageWindow window) => window switch
    {
        UsageWindow.Day => "day",
        UsageWindow.Week => "week",
        UsageWindow.Month => "month",
        _ => throw new ArgumentOutOfRangeException(nameof(window)),
    };

    private static string Gigabytes(long bytes) => (bytes / 1e9).ToString("0.##", CultureInfo.InvariantCulture);

    private sealed class Balance(TopUpGrant grant)
    {
        public TopUpGrant Grant => grant;

        public long Left { get; private set; } = grant.Bytes;

        public long Draw(long bytes)
        {
            var drawn = Math.Min(bytes, Left);
            Left -= drawn;
            return drawn;
        }
    }
}
