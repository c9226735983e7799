namespace DataDefender.Domain.Monitoring.History;

/// <summary>What one accounting report added to a line's counters.</summary>
/// <param name="At">When it was reported for, UTC.</param>
/// <param name="Seconds">How long its session had gone on since the report before; 0 is unknown.</param>
public readonly record struct LineReport(DateTime At, int Seconds, long UploadBytes, long DownloadBytes);

/// <summary>A line's throughput from what accounting reported. Knows no clock and no database.</summary>
public static class LineTraffic
{
    /// <summary>
    /// Spreads what each report counted over the time that it tells of. The value of a slot is the mean, bits per second, of the time in it
    /// that reports tell of; a slot of which none tells is null.
    /// </summary>
    public static (IReadOnlyList<MetricPoint> Download, IReadOnlyList<MetricPoint> Upload) Spread(IEnumerable<LineReport> reports, DateTime from, DateTime until, TimeSpan width)
    {
        var slots = Math.Max(0, (int)Math.Ceiling((until - from) / width));
        var (down, up, told) = (new double[slots], new double[slots], new double[slots]);
        foreach (var report in reports)
        {
            // Without a length it is told of the slot that it came in.
            var length = report.Seconds > 0 ? TimeSpan.FromSeconds(report.Seconds) : width;
            var begin = report.At - length;
            for (var slot = Math.Max(0, (int)Math.Floor((begin - from) / width)); slot < slots; slot++)
            {
                var (starts, ends) = (from + (slot * width), from + ((slot + 1) * width));
                if (starts >= report.At)
                {
                    break;
                }

                var part = (Earlier(ends, report.At) - Later(starts, begin)) / length;
                if (part > 0)
                {
                    down[slot] += part * report.DownloadBytes;
                    up[slot] += part * report.UploadBytes;
                    told[slot] += part * length.TotalSeconds;
                }
            }
        }

        return (Points(down), Points(up));

        IReadOnlyList<MetricPoint> Points(double[] bytes) =>
            [.. bytes.Select((b, i) => new MetricPoint(from + ((i + 0.5) * width), told[i] > 0 ? b * 8 / Math.Min(told[i], width.TotalSeconds) : null))];
    }

    private static DateTime Earlier(DateTime one, DateTime other) => one < other ? one : other;

    private static DateTime Later(DateTime one, DateTime other) => one > other ? one : other;
}
