using System.Globalization;

namespace DataDefender.Sandbox.Nas;

/// <summary>
/// Mikrotik-Rate-Limit: <c>rx[/tx] [burst [threshold [time [priority [min]]]]]</c>. The view is the router's: rx is what
/// the customer uploads, tx what he downloads. Bits per second; 0 is unlimited.
/// </summary>
public sealed record RateLimit
{
    public static RateLimit None { get; } = new();

    public long Upload { get; init; }

    public long Download { get; init; }

    public long BurstUpload { get; init; }

    public long BurstDownload { get; init; }

    public long ThresholdUpload { get; init; }

    public long ThresholdDownload { get; init; }

    /// <summary>Seconds.</summary>
    public int BurstTimeUpload { get; init; } = 1;

    public int BurstTimeDownload { get; init; } = 1;

    public int Priority { get; init; } = 8;

    public long MinUpload { get; init; }

    public long MinDownload { get; init; }

    public static bool TryParse(string text, out RateLimit limit)
    {
        limit = None;
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is 0 or > 6)
        {
            return false;
        }

        var (burst, threshold, min) = ((Up: 0L, Down: 0L), (Up: 0L, Down: 0L), (Up: 0L, Down: 0L));
        var time = (Up: 1, Down: 1);
        var priority = 8;
        if (!TryPair(parts[0], out var rate)
            || (parts.Length > 1 && !TryPair(parts[1], out burst))
            || (parts.Length > 2 && !TryPair(parts[2], out threshold))
            || (parts.Length > 3 && !TrySeconds(parts[3], out time))
            || (parts.Length > 4 && (!int.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out priority) || priority is < 1 or > 8))
            || (parts.Length > 5 && !TryPair(parts[5], out min))
            || (rate.Up > 0 && min.Up > rate.Up) || (rate.Down > 0 && min.Down > rate.Down))
        {
            return false;
        }

        limit = new RateLimit
        {
            Upload = rate.Up, Download = rate.Down, BurstUpload = burst.Up, BurstDownload = burst.Down,
            ThresholdUpload = threshold.Up, ThresholdDownload = threshold.Down, BurstTimeUpload = time.Up, BurstTimeDownload = time.Down,
            Priority = priority, MinUpload = min.Up, MinDownload = min.Down,
        };
        return true;
    }

    private static bool TryPair(string text, out (long Up, long Down) pair)
    {
        pair = default;
        var parts = text.Split('/');
        if (parts.Length > 2 || !RouterOs.RouterFormat.TryRate(parts[0], out var up) || !RouterOs.RouterFormat.TryRate(parts[^1], out var down))
        {
            return false;
        }

        pair = (up, down);
        return true;
    }

    private static bool TrySeconds(string text, out (int Up, int Down) pair)
    {
        pair = default;
        var parts = text.Split('/');
        if (parts.Length > 2 || !RouterOs.RouterFormat.TryDuration(parts[0], out var up) || !RouterOs.RouterFormat.TryDuration(parts[^1], out var down))
        {
            return false;
        }

        pair = ((int)up.TotalSeconds, (int)down.TotalSeconds);
        return true;
    }
}
