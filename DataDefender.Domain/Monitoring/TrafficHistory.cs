namespace DataDefender.Domain.Monitoring;

/// <summary>The traffic of several routers together, over time.</summary>
public static class TrafficHistory
{
    // Polls have jitter: a reading stands for its router until the next but one is due.
    private static readonly TimeSpan Holds = TimeSpan.FromSeconds(25);

    /// <summary>
    /// The sum over the routers at each step: download is what their uplinks receive, upload what they send. A step in which no router
    /// was read is null; a router that was not read there is left out of the sum.
    /// </summary>
    /// <param name="histories">One list a router, oldest first.</param>
    public static (IReadOnlyList<MetricPoint> Download, IReadOnlyList<MetricPoint> Upload) Sum(
        IReadOnlyCollection<IReadOnlyList<RouterSnapshot>> histories, DateTime from, DateTime until, TimeSpan step)
    {
        var steps = (int)((until - from) / step);
        var (down, up) = (new double?[steps], new double?[steps]);
        foreach (var history in histories)
        {
            var next = 0;
            RouterSnapshot? latest = null;
            for (var i = 0; i < steps; i++)
            {
                var end = from + ((i + 1) * step);
                while (next < history.Count && history[next].At < end)
                {
                    latest = history[next++];
                }

                if (latest is not null && end - latest.At <= Holds)
                {
                    down[i] = Add(down[i], latest.RxBitsPerSecond);
                    up[i] = Add(up[i], latest.TxBitsPerSecond);
                }
            }
        }

        return (Points(down), Points(up));

        IReadOnlyList<MetricPoint> Points(double?[] values) => [.. values.Select((v, i) => new MetricPoint(from + (i * step), v))];
    }

    private static double? Add(double? sum, double? value) => value is null ? sum : (sum ?? 0) + value;
}
