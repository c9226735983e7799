using System.Numerics;

namespace DataDefender.RadiusHost.Status;

/// <summary>
/// Counts durations in buckets that grow by an eighth, so that a percentile is right to about 12 %. Any thread records and reads.
/// </summary>
internal sealed class LatencyHistogram
{
    /// <summary>Buckets to each doubling.</summary>
    public const int Steps = 8;
    private const int Powers = 32;

    private readonly long[] _buckets = new long[Powers * Steps];

    public static int BucketCount => Powers * Steps;

    public void Record(double microseconds)
    {
        var value = (ulong)Math.Clamp(microseconds * Steps, Steps, uint.MaxValue);
        var power = BitOperations.Log2(value);
        var step = (int)((value >> (power - 3)) & (Steps - 1));
        Interlocked.Increment(ref _buckets[Math.Min(((power - 3) * Steps) + step, _buckets.Length - 1)]);
    }

    public void CopyTo(Span<long> counts)
    {
        for (var i = 0; i < _buckets.Length; i++)
        {
            counts[i] = Volatile.Read(ref _buckets[i]);
        }
    }

    /// <summary>The value under which that share of the counted lies, in microseconds; null when nothing was counted.</summary>
    public static double? Percentile(ReadOnlySpan<long> counts, double share)
    {
        long total = 0;
        foreach (var count in counts)
        {
            total += count;
        }

        if (total == 0)
        {
            return null;
        }

        var rank = (long)Math.Ceiling(total * share);
        for (var i = 0; i < counts.Length; i++)
        {
            rank -= counts[i];
            if (rank <= 0)
            {
                return UpperBound(i);
            }
        }

        return UpperBound(counts.Length - 1);
    }

    /// <summary>The end of a bucket, microseconds.</summary>
    public static double UpperBound(int bucket) => (Steps + (bucket % Steps) + 1) * Math.Pow(2, bucket / Steps) / Steps;
}

/// <summary>Durations since the start, of which the percentiles of lately can be told: of the last half to whole minute.</summary>
internal sealed class RecentLatency
{
    private readonly LatencyHistogram _all = new();
    private long[]? _older;
    private long[]? _newer;

    public void Record(double microseconds) => _all.Record(microseconds);

    /// <summary>Each half minute, by one thread. What was before the last but one is forgotten.</summary>
    public void Turn()
    {
        var now = new long[LatencyHistogram.BucketCount];
        _all.CopyTo(now);
        if (now.AsSpan().ContainsAnyExcept(0)) // most of many may be silent
        {
            (_older, _newer) = (_newer, now);
        }
    }

    /// <summary>Microseconds; null when nothing was counted lately.</summary>
    public (double? Median, double? P99) Percentiles()
    {
        var counts = new long[LatencyHistogram.BucketCount];
        _all.CopyTo(counts);
        for (var (i, before) = (0, Volatile.Read(ref _older)); before is not null && i < counts.Length; i++)
        {
            counts[i] -= before[i];
        }

        return (LatencyHistogram.Percentile(counts, 0.5), LatencyHistogram.Percentile(counts, 0.99));
    }
}
