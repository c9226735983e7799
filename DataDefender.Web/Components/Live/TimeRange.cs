namespace DataDefender.Web.Components.Live;

/// <summary>How far back the charts of a page look.</summary>
public sealed record TimeRange(string Key, string Name, TimeSpan Span)
{
    /// <summary>What this process keeps is an hour.</summary>
    public static IReadOnlyList<TimeRange> All { get; } =
        [new("5m", "5 min", TimeSpan.FromMinutes(5)), new("15m", "15 min", TimeSpan.FromMinutes(15)), new("1h", "1 hour", TimeSpan.FromHours(1))];

    /// <summary>The one that was asked for; without a wish the shortest that holds all that is known, so that a young screen is not mostly empty.</summary>
    /// <param name="since">When the oldest reading was taken, UTC.</param>
    public static TimeRange Of(string? key, DateTime? since, DateTime now) =>
        All.FirstOrDefault(r => r.Key == key) ?? All.FirstOrDefault(r => since is { } oldest && now - oldest <= r.Span) ?? (since is null ? All[0] : All[^1]);
}
