namespace DataDefender.Domain.Policies;

/// <summary>What a line did in one hour (UTC).</summary>
public readonly record struct HourOfUse(DateTime Hour, long UploadBytes, long DownloadBytes, int OnlineSeconds)
{
    public long Count(CountedBytes counted) => counted switch
    {
        CountedBytes.Download => DownloadBytes,
        CountedBytes.Upload => UploadBytes,
        CountedBytes.Total => UploadBytes + DownloadBytes,
        _ => throw new ArgumentOutOfRangeException(nameof(counted)),
    };
}

/// <summary>Extra bytes bought or given, usable from <paramref name="From"/> until <paramref name="Until"/> (UTC) once the quota is used up.</summary>
/// <param name="MovedBefore">What the line had moved in the hour of <paramref name="From"/> when it was given: that much of the hour it does not pay for.</param>
public sealed record TopUpGrant(long Bytes, DateTime From, DateTime Until, HourOfUse? MovedBefore = null)
{
    /// <summary>
    /// The top-ups that decide what is left now: those that are valid, and ended ones that paid for use which would otherwise have drawn
    /// on them. Empty when none is valid now or later: then past ones matter no more.
    /// </summary>
    public static IReadOnlyList<TopUpGrant> Relevant(IEnumerable<TopUpGrant> all, DateTime now)
    {
        List<TopUpGrant> candidates = [.. all];
        List<TopUpGrant> relevant = [.. candidates.Where(t => t.Until > now)];
        for (var count = 0; count < relevant.Count;)
        {
            count = relevant.Count;
            var from = relevant.Min(t => t.From);
            relevant = [.. candidates.Where(t => t.Until > from)];
        }

        return relevant;
    }
}

/// <summary>A window of the calendar, [<paramref name="Start"/>, <paramref name="End"/>) in UTC.</summary>
public readonly record struct WindowSpan(DateTime Start, DateTime End)
{
    public static WindowSpan At(UsageWindow window, DateTime utc, TimeZoneInfo zone)
    {
        var today = TimeZoneInfo.ConvertTimeFromUtc(utc, zone).Date;
        var (start, end) = window switch
        {
            UsageWindow.Day => (today, today.AddDays(1)),
            UsageWindow.Week => (Monday(today), Monday(today).AddDays(7)),
            UsageWindow.Month => (new DateTime(today.Year, today.Month, 1), new DateTime(today.Year, today.Month, 1).AddMonths(1)),
            _ => throw new ArgumentOutOfRangeException(nameof(window)),
        };
        return new WindowSpan(PolicyEngine.LocalToUtc(start, zone), PolicyEngine.LocalToUtc(end, zone));
    }

    public WindowSpan Previous(UsageWindow window, TimeZoneInfo zone) => At(window, Start.AddTicks(-1), zone);

    public bool Contains(DateTime utc) => utc >= Start && utc < End;

    private static DateTime Monday(DateTime day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
}
