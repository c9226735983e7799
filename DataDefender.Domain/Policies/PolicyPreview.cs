namespace DataDefender.Domain.Policies;

/// <summary>What a policy would have done to a line on one day (the company's): bytes moved, hours under a limit, and the first rule that bit.</summary>
public sealed record PreviewDay(DateOnly Day, long UploadBytes, long DownloadBytes, int LimitedHours, LimitKind Kind, string? Reason, int SlowestDownloadKbps);

/// <summary>
/// Replays what a line really moved under other rules. It cannot know how people would have behaved at another speed, so it says when a
/// limit would have begun and how long it would have held, not how much would then have been moved.
/// </summary>
public static class PolicyPreview
{
    public static IReadOnlyList<PreviewDay> Replay(PolicyRules rules, LineFacts facts, DateTime from, DateTime to)
    {
        var hours = facts.History.Where(h => h.Hour >= from && h.Hour <= to).OrderBy(h => h.Hour).ToList();
        var days = new List<PreviewDay>();
        foreach (var day in hours.GroupBy(h => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(h.Hour, facts.Zone))))
        {
            // At the end of each hour, with all that had been moved until then.
            var limits = day.Select(h => PolicyEngine.Evaluate(rules, facts with { ExpiresAt = null }, h.Hour.AddMinutes(59))).ToList();
            var biting = limits.Where(l => l.Kind is not (LimitKind.None or LimitKind.Schedule)).ToList();
            days.Add(new PreviewDay(
                day.Key,
                day.Sum(h => h.UploadBytes),
                day.Sum(h => h.DownloadBytes),
                biting.Count,
                biting.Count > 0 ? biting[0].Kind : LimitKind.None,
                biting.Count > 0 ? biting[0].Reason : null,
                limits.Min(l => l.DownloadKbps)));
        }

        return days;
    }
}
