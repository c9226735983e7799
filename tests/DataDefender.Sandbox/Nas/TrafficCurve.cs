namespace DataDefender.Sandbox.Nas;

/// <summary>
/// What a line draws over the day: low before dawn, high from seven in the evening, and restless from one half-minute to
/// the next. A pure function of the line's seed and the time.
/// </summary>
internal static class TrafficCurve
{
    public const int StepSeconds = 30;

    /// <summary>East Africa Time; the curve follows the sun, not UTC.</summary>
    private static readonly TimeSpan LocalOffset = TimeSpan.FromHours(3);

    private static readonly double[] Hours =
    [
        0.45, 0.30, 0.20, 0.15, 0.12, 0.15, 0.22, 0.30, 0.35, 0.38, 0.40, 0.42,
        0.45, 0.45, 0.43, 0.45, 0.50, 0.60, 0.75, 0.90, 1.00, 0.98, 0.85, 0.65,
    ];

    /// <summary>Share of the peak at this time of day.</summary>
    public static double OfDay(DateTimeOffset time)
    {
        var local = (time.UtcDateTime + LocalOffset).TimeOfDay.TotalHours;
        var hour = (int)local;
        return Hours[hour] + ((Hours[(hour + 1) % 24] - Hours[hour]) * (local - hour));
    }

    /// <summary>Bits per second that the line would like in this step.</summary>
    public static double Demand(ulong seed, double peakBits, long step) =>
        peakBits * OfDay(DateTimeOffset.FromUnixTimeSeconds(step * StepSeconds)) * (0.25 + (1.5 * Seeded.Unit(seed, step)));
}
