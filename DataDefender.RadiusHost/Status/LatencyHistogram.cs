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
