namespace DataDefender.Domain.Policies;

/// <summary>
/// What a policy would have done to a line on one day (the company's): bytes moved, hours of use under a limit, the first rule that bit, and
/// the lowest download speed (kbit/s) of the hours in which the line was used.
/// </summary>
public sealed record PreviewDay(DateOnly Day, long UploadBytes, long DownloadBytes, int LimitedHours, LimitKind Kind, string? Reason, int SlowestDownloadKbps);

/// <summary>
/// Replays what a line really moved under other rules. It cannot know how people would have behaved at another speed, so it says when a
/// limit would have begun and how long it would have held, not how much would then have been moved. Schedules are no limit here: they hold
/// whoever uses the line. The end of the paid time is left out.
/// </summary>
public static class PolicyPreview
{
    /// <summary>One entry for each day of the company between the two times, days without use included.</summary>
    public static IReadOnlyList<PreviewDay> Replay(PolicyRules rules, LineFacts facts, DateTime from, DateTime to)
    {
        facts = facts with { ExpiresAt = null };
        var meter = new UsageMeter(rules.Free, facts.History, facts.Zone);
        var used = facts.History.Where(h => h.Hour >= from && h.Hour <= to).ToLookup(h => DayOf(h.Hour, facts.Zone));
        var days = new List<PreviewDay>();
        for (var day = DayOf(from, facts.Zone); day <= DayOf(to, facts.Zone); day = day.AddDays(1))
        {
            days.Add(Replay(day, used[day].OrderBy(h => h.Hour), rules, facts, meter));
        }

        return days;
    }

    /// <summary>On how many of the days the rules would have limited the line while it was used.</summary>
    public static int LimitedDays(PolicyRules rules, LineFacts facts, DateTime from, DateTime to)
    {
        if (rules.LongestWindow is null)
        {
            return 0; // no rule looks at usage
        }

        facts = facts with { ExpiresAt = null };
        var meter = new UsageMeter(rules.Free, facts.History, facts.Zone);
        var limited = new HashSet<DateOnly>();
        foreach (var hour in facts.History.Where(h => h.Hour >= from && h.Hour <= to))
        {
            var day = DayOf(hour.Hour, facts.Zone);
            if (!limited.Contains(day) && Bites(PolicyEngine.Evaluate(rules, facts, meter, AtItsEnd(hour))))
            {
                limited.Add(day);
            }
        }

        return limited.Count;
    }

    private static PreviewDay Replay(DateOnly day, IEnumerable<HourOfUse> hours, PolicyRules rules, LineFacts facts, UsageMeter meter)
    {
        var (up, down, limitedHours, slowest) = (0L, 0L, 0, facts.SoldDownloadKbps);
        LineLimit? first = null;
        foreach (var hour in hours)
        {
            var limit = PolicyEngine.Evaluate(rules, facts, meter, AtItsEnd(hour));
            (up, down, slowest) = (up + hour.UploadBytes, down + hour.DownloadBytes, Math.Min(slowest, limit.DownloadKbps));
            if (Bites(limit))
            {
                limitedHours++;
                first ??= limit;
            }
        }

        return new PreviewDay(day, up, down, limitedHours, first?.Kind ?? LimitKind.None, first?.Reason, slowest);
    }

    /// <summary>With all that had been moved in it.</summary>
    private static DateTime AtItsEnd(HourOfUse hour) => hour.Hour.AddMinutes(59);

    private static bool Bites(LineLimit limit) => limit.Kind is not (LimitKind.None or LimitKind.Schedule);

    private static DateOnly DayOf(DateTime utc, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(utc, zone));
}
