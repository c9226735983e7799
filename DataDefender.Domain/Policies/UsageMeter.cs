using System.Collections.Immutable;

namespace DataDefender.Domain.Policies;

/// <summary>
/// A line's history prepared for many questions: what it moved in any span costs two look-ups. Bytes of free hours are left out, the time
/// online of them is not. An hour (UTC) belongs to the free hours, and to a window, by its beginning.
/// </summary>
internal sealed class UsageMeter
{
    private readonly DateTime[] _hours;
    private readonly long[] _upload;
    private readonly long[] _download;
    private readonly long[] _seconds;

    public UsageMeter(ImmutableArray<FreeHours> free, IReadOnlyList<HourOfUse> history, TimeZoneInfo zone)
    {
        HourOfUse[] sorted = [.. history];
        Array.Sort(sorted, static (a, b) => a.Hour.CompareTo(b.Hour));
        _hours = new DateTime[sorted.Length];
        (_upload, _download, _seconds) = (new long[sorted.Length + 1], new long[sorted.Length + 1], new long[sorted.Length + 1]);
        for (var i = 0; i < sorted.Length; i++)
        {
            var hour = sorted[i];
            var counts = !IsFree(free, hour.Hour, zone);
            _hours[i] = hour.Hour;
            _upload[i + 1] = _upload[i] + (counts ? hour.UploadBytes : 0);
            _download[i + 1] = _download[i] + (counts ? hour.DownloadBytes : 0);
            _seconds[i + 1] = _seconds[i] + hour.OnlineSeconds;
        }
    }

    /// <summary>The first hour that is known; null for a line that was never used.</summary>
    public DateTime? First => _hours.Length > 0 ? _hours[0] : null;

    /// <summary>Bytes of the hours that began in the window and not after <paramref name="now"/>.</summary>
    public long Bytes(CountedBytes counted, WindowSpan window, DateTime now)
    {
        var (from, to) = Range(window, now);
        return Bytes(counted, from, to);
    }

    public long OnlineSeconds(WindowSpan window, DateTime now)
    {
        var (from, to) = Range(window, now);
        return _seconds[to] - _seconds[from];
    }

    /// <summary>The hours of the window in their order, those without counted bytes left out.</summary>
    public IEnumerable<(DateTime Hour, long Bytes)> Hours(CountedBytes counted, WindowSpan window, DateTime now)
    {
        var (from, to) = Range(window, now);
        for (var i = from; i < to; i++)
        {
            if (Bytes(counted, i, i + 1) is > 0 and var bytes)
            {
                yield return (_hours[i], bytes);
            }
        }
    }

    private long Bytes(CountedBytes counted, int from, int to) => counted switch
    {
        CountedBytes.Download => _download[to] - _download[from],
        CountedBytes.Upload => _upload[to] - _upload[from],
        CountedBytes.Total => _download[to] - _download[from] + _upload[to] - _upload[from],
        _ => throw new ArgumentOutOfRangeException(nameof(counted)),
    };

    private (int From, int To) Range(WindowSpan window, DateTime now)
    {
        var from = FirstAtOrAfter(window.Start);
        var to = now < window.End ? FirstAtOrAfter(now.AddTicks(1)) : FirstAtOrAfter(window.End);
        return (from, Math.Max(from, to));
    }

    private int FirstAtOrAfter(DateTime time)
    {
        var place = Array.BinarySearch(_hours, time);
        return place < 0 ? ~place : place;
    }

    private static bool IsFree(ImmutableArray<FreeHours> free, DateTime hour, TimeZoneInfo zone)
    {
        if (free.IsEmpty)
        {
            return false;
        }

        var local = TimeZoneInfo.ConvertTimeFromUtc(hour, zone);
        return free.Any(f => f.Hours.Contain(local));
    }
}
