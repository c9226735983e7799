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

    /// <summary>The paid time has ended, and the company still serves the line for some days.</summary>
    Grace,
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

/// <summary>What the rules are applied to. <see cref="HistoryStart"/> says how far the history must reach back; its order does not matter.</summary>
public sealed record LineFacts(int SoldDownloadKbps, int SoldUploadKbps, IReadOnlyList<HourOfUse> History, IReadOnlyList<TopUpGrant> TopUps, DateTime? ExpiresAt, TimeZoneInfo Zone)
{
    /// <summary>When the line was switched on (UTC): only a window after that can leave something to carry over. Null: since its first use.</summary>
    public DateTime? ActiveSince { get; init; }

    /// <summary>How long the line is served after the paid time.</summary>
    public TimeSpan Grace { get; init; }

    /// <summary>When the service ends, grace included (UTC).</summary>
    public DateTime? ServedUntil => ExpiresAt is { } expiry ? expiry + Grace : null;

    /// <summary>How far back (UTC) the usage of a line must be known, for what these rules say at <paramref name="now"/>.</summary>
    public static DateTime HistoryStart(PolicyRules rules, IReadOnlyCollection<TopUpGrant> topUps, DateTime now, TimeZoneInfo zone)
    {
        if (rules.LongestWindow is not { } longest)
        {
            return now;
        }

        var start = WindowSpan.At(longest, now, zone).Start;
        if (rules.Data is not { } quota)
        {
            return start;
        }

        var first = WindowSpan.At(quota.Window, topUps.Select(t => t.From).Append(now).Min(), zone);
        var needed = quota.RollOver ? first.Previous(quota.Window, zone).Start : first.Start;
        return needed < start ? needed : start;
    }
}

/// <summary>How long a line may still be online until <paramref name="Until"/>, when the quota of another window begins.</summary>
public readonly record struct OnlineLeft(int Seconds, DateTime Until);

/// <summary>Applies a policy to the facts of a line. Pure: the same in the nightly evaluation, on the client's page and in a preview.</summary>
public static class PolicyEngine
{
    public static LineLimit Evaluate(PolicyRules rules, LineFacts facts, DateTime now) => Evaluate(rules, facts, new UsageMeter(rules.Free, facts.History, facts.Zone), now);

    /// <summary>
    /// What holds at a login, where the use of the line is not at hand: paid time and the hours of the day as they are now, and of the
    /// limits by use the one that was found last, while its window lasts.
    /// </summary>
    /// <param name="facts">Without history and top-ups.</param>
    /// <param name="known">What <see cref="Evaluate(PolicyRules, LineFacts, DateTime)"/> said last; null for nothing.</param>
    public static LineLimit AtLogin(PolicyRules rules, LineFacts facts, LineLimit? known, DateTime now)
    {
        var expired = facts.ExpiresAt is { } expiry && expiry <= now;
        if (expired && facts.ServedUntil <= now)
        {
            return Ended(facts);
        }

        var byUse = known is { Kind: LimitKind.FairUse or LimitKind.DataQuota or LimitKind.TimeQuota or LimitKind.Grace, Action: not null } && !(known.Until <= now) ? known : null;
        if (byUse is { Action: not QuotaAction.Throttle })
        {
            return byUse;
        }

        var slowest = Slower(Scheduled(rules, facts, now), byUse is { Kind: LimitKind.Grace } && !expired ? null : byUse);
        return expired && slowest.Kind is not LimitKind.Grace ? InGrace(slowest, facts) : slowest;
    }

    /// <summary>When the hours of the day next change the speed (UTC); null when they never do.</summary>
    public static DateTime? NextScheduleChange(PolicyRules rules, LineFacts facts, DateTime now)
    {
        var today = TimeZoneInfo.ConvertTimeFromUtc(now, facts.Zone).Date;
        var current = Scheduled(rules, facts, now);
        var edges = from schedule in rules.Schedules
                    from day in Enumerable.Range(0, 9)
                    from edge in (TimeOnly[])[schedule.Hours.From, schedule.Hours.To]
                    let moment = LocalToUtc(today.AddDays(day) + edge.ToTimeSpan(), facts.Zone)
                    where moment > now
                    orderby moment
                    select moment;
        foreach (var edge in edges)
        {
            if (!Scheduled(rules, facts, edge).SameTreatment(current))
            {
                return edge;
            }
        }

        return null;
    }

    /// <summary>Where the line's data quota stands, or null without one.</summary>
    public static QuotaStanding? Standing(PolicyRules rules, LineFacts facts, DateTime now) =>
        rules.Data is { } quota ? DataAccount.Standing(quota, facts, new UsageMeter(rules.Free, facts.History, facts.Zone), now) : null;

    /// <summary>The next moment (UTC) at which the rules may say something else although nothing more is used; null when only use can change it.</summary>
    public static DateTime? NextBoundary(PolicyRules rules, LineFacts facts, DateTime now)
    {
        var moments = new List<DateTime>();
        if (facts is { ExpiresAt: { } expiry, ServedUntil: { } end })
        {
            moments.AddRange([expiry, end]);
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

    internal static LineLimit Evaluate(PolicyRules rules, LineFacts facts, UsageMeter meter, DateTime now)
    {
        var expired = facts.ExpiresAt is { } expiry && expiry <= now;
        if (expired && facts.ServedUntil <= now)
        {
            return Ended(facts);
        }

        var (time, data) = (TimeLimit(rules, facts, meter, now), DataLimit(rules, facts, meter, now));
        if (time is { Action: not QuotaAction.Throttle })
        {
            return time;
        }

        if (data is { Action: not QuotaAction.Throttle })
        {
            return data;
        }

        var slowest = Scheduled(rules, facts, now);
        foreach (var limit in FairUse(rules, facts, meter, now).Append(data).Append(time))
        {
            slowest = Slower(slowest, limit);
        }

        return expired ? InGrace(slowest, facts) : slowest;
    }

    internal static DateTime LocalToUtc(DateTime local, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(30); // the clocks skip this time: it begins when they are forward again
        }

        return TimeZoneInfo.ConvertTimeToUtc(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), zone);
    }

    private static LineLimit Ended(LineFacts facts) =>
        new(LimitKind.Expired, QuotaAction.WalledGarden, facts.SoldDownloadKbps, facts.SoldUploadKbps, "The paid time has ended.", null);

    private static LineLimit? DataLimit(PolicyRules rules, LineFacts facts, UsageMeter meter, DateTime now) =>
        rules.Data is { } quota && DataAccount.Standing(quota, facts, meter, now) is { Remaining: 0 } standing
            ? Exhausted(
                LimitKind.DataQuota, quota.Action, quota.ThrottleKbps, facts, $"{Sentence(PolicyText.Whose(quota.Window))} data is used up: {PolicyText.Gigabytes(standing.Used)}.", standing.Window.End)
            : null;

    private static LineLimit? TimeLimit(PolicyRules rules, LineFacts facts, UsageMeter meter, DateTime now)
    {
        if (rules.Time is not { } quota)
        {
            return null;
        }

        var window = WindowSpan.At(quota.Window, now, facts.Zone);
        return meter.OnlineSeconds(window, now) >= quota.Minutes * 60L
            ? Exhausted(
                LimitKind.TimeQuota, quota.Action, quota.ThrottleKbps, facts, $"{Sentence(PolicyText.Whose(quota.Window))} time online is used up: {PolicyText.Minutes(quota.Minutes)}.", window.End)
            : null;
    }

    /// <summary>What is left of the time quota in the window that is open now; null without such a quota.</summary>
    public static OnlineLeft? OnlineTimeLeft(PolicyRules rules, LineFacts facts, DateTime now)
    {
        if (rules.Time is not { } quota)
        {
            return null;
        }

        var window = WindowSpan.At(quota.Window, now, facts.Zone);
        var used = new UsageMeter(rules.Free, facts.History, facts.Zone).OnlineSeconds(window, now);
        return new OnlineLeft((int)Math.Clamp((quota.Minutes * 60L) - used, 0, int.MaxValue), window.End);
    }

    private static LineLimit Exhausted(LimitKind kind, QuotaAction action, int? throttleKbps, LineFacts facts, string reason, DateTime until)
    {
        var kbps = action is QuotaAction.Throttle && throttleKbps is { } slow ? slow : int.MaxValue;
        return new LineLimit(kind, action, Math.Min(kbps, facts.SoldDownloadKbps), Math.Min(kbps, facts.SoldUploadKbps), reason, until);
    }

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
            $"{schedule.Name}: {schedule.DownloadPercent}% down, {schedule.UploadPercent}% up ({schedule.Hours}).",
            EndOf(schedule.Hours, local, facts.Zone));
    }

    private static IEnumerable<LineLimit?> FairUse(PolicyRules rules, LineFacts facts, UsageMeter meter, DateTime now)
    {
        foreach (var tier in rules.FairUse)
        {
            var window = WindowSpan.At(tier.Window, now, facts.Zone);
            if (meter.Bytes(tier.Counted, window, now) >= tier.Bytes)
            {
                yield return new LineLimit(
                    LimitKind.FairUse,
                    QuotaAction.Throttle,
                    tier.DownloadKbps,
                    tier.UploadKbps,
                    $"{tier.Name}: more than {PolicyText.Gigabytes(tier.Bytes)} {PolicyText.This(tier.Window)}.",
                    window.End);
            }
        }
    }

    /// <summary>
    /// Each direction gets the lower speed of the two. The rule that sets the download speed is named; of two that say the same, the one
    /// that holds longer; one that slows nothing is not named. Where the hours of the day slow one direction and use the other, use is
    /// named: a login knows the hours by itself (<see cref="AtLogin"/>).
    /// </summary>
    private static LineLimit Slower(LineLimit one, LineLimit? other)
    {
        if (other is null)
        {
            return one;
        }

        var (download, upload) = (Math.Min(one.DownloadKbps, other.DownloadKbps), Math.Min(one.UploadKbps, other.UploadKbps));
        var named = (download, upload) == (one.DownloadKbps, one.UploadKbps)
            ? one.Action is QuotaAction.Throttle && other.Until > one.Until && (other.DownloadKbps, other.UploadKbps) == (download, upload) ? other : one
            : download < one.DownloadKbps || one.Kind is LimitKind.None || (one.Action is null && other.Action is not null) ? other : one;
        return named with { DownloadKbps = download, UploadKbps = upload };
    }

    private static LineLimit InGrace(LineLimit limit, LineFacts facts)
    {
        var end = TimeZoneInfo.ConvertTimeFromUtc(facts.ServedUntil!.Value, facts.Zone).ToString("d MMM, HH:mm", CultureInfo.InvariantCulture);
        var also = limit.Kind is LimitKind.None ? "" : " " + limit.Reason;
        return limit with { Kind = LimitKind.Grace, Reason = $"The paid time has ended; grace until {end}.{also}", Until = facts.ServedUntil };
    }

    /// <summary>When the hours end that contain this local time; null when they go on for a week.</summary>
    private static DateTime? EndOf(WeeklyHours hours, DateTime local, TimeZoneInfo zone)
    {
        for (var day = 0; day <= 7; day++)
        {
            var end = local.Date.AddDays(day) + hours.To.ToTimeSpan();
            if (end > local && !hours.Contain(end))
            {
                return LocalToUtc(end, zone);
            }
        }

        return null;
    }

    private static int Percent(int kbps, int percent) => (int)Math.Clamp(kbps * (long)percent / 100, 1, int.MaxValue);

    private static string Sentence(string words) => char.ToUpperInvariant(words[0]) + words[1..];
}
