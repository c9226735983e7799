using DataDefender.Domain.Policies;

namespace DataDefender.Domain.Tests.Policies;

/// <summary>A line that was sold 20 Mbps down and 10 up, in Nairobi.</summary>
internal static class PolicyTestFacts
{
    public const long Gb = 1_000_000_000;

    public static readonly TimeZoneInfo Nairobi = TimeZoneInfo.FindSystemTimeZoneById("Africa/Nairobi");

    // Wednesday 11 March 2026, 15:00 in Nairobi.
    public static readonly DateTime Now = new(2026, 3, 11, 12, 0, 0, DateTimeKind.Utc);

    public static DateTime Utc(int month, int day, int hour = 0, int minute = 0) => new(2026, month, day, hour, minute, 0, DateTimeKind.Utc);

    public static HourOfUse Hour(DateTime at, long gigabytes) => new(new DateTime(at.Year, at.Month, at.Day, at.Hour, 0, 0, DateTimeKind.Utc), 0, gigabytes * Gb, 3_600);

    public static LineFacts Facts(params HourOfUse[] history) => new(20_000, 10_000, history, [], null, Nairobi);
}
