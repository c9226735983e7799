using System.Globalization;

namespace DataDefender.Domain.Network;

/// <summary>
/// Reads the values that RouterOS prints, of versions 6 and 7. Each reader answers null for what is absent, <c>none</c>
/// or not of that kind, so that a surprising router shows a gap and not a wrong number.
/// </summary>
public static class RouterOsValues
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    public static bool? Boolean(string? text) => text switch
    {
        "true" or "yes" => true,
        "false" or "no" => false,
        _ => null,
    };

    public static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>An unsigned 64-bit counter such as <c>rx-byte</c>.</summary>
    public static ulong? Counter(string? text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A comma-joined list; empty for an absent or empty value.</summary>
    public static IReadOnlyList<string> List(string? text) =>
        string.IsNullOrEmpty(text) ? [] : text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>
    /// Bits per second: raw (<c>5000000</c>), or with k = 1000, M, G. Reads <c>1.5M</c> too.
    /// </summary>
    public static long? Bits(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var factor = text[^1] switch
        {
            'k' or 'K' => 1_000m,
            'M' or 'm' => 1_000_000m,
            'G' or 'g' => 1_000_000_000m,
            _ => 1m,
        };
        var digits = factor == 1m ? text.AsSpan() : text.AsSpan(0, text.Length - 1);
        return decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number < long.MaxValue / factor
            ? (long)(number * factor)
            : null;
    }

    /// <summary>A pair of a simple queue in its order, upload before download: <c>5M/20M</c>, <c>5000000/20000000</c>.</summary>
    public static RatePair? Pair(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && Bits(text[..slash]) is { } up && Bits(text[(slash + 1)..]) is { } down ? new RatePair(up, down) : null;
    }

    /// <summary>
    /// A length of time: <c>2w3d4h5m6s</c>, <c>1d02:03:04</c>, <c>02:03:04</c>, <c>12ms345us</c>, or plain seconds.
    /// Null also for <c>none</c> and <c>never</c>.
    /// </summary>
    public static TimeSpan? Duration(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var rest = text.AsSpan();
        Int128 ticks = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits < 0)
            {
                digits = rest.Length;
            }

            if (digits is 0 or > 15)
            {
                return null;
            }

            if (digits < rest.Length && rest[digits] == ':')
            {
                return Clock(rest) is { } clock ? Total(ticks + clock.Ticks) : null;
            }

            var number = long.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            rest = rest[digits..];
            var unit = Unit(ref rest, isWhole: digits == text.Length);
            if (unit is null)
            {
                return null;
            }

            ticks += unit == 0 ? number / 100 : (Int128)number * unit.Value;
        }

        return Total(ticks);
    }

    /// <summary>A length of time as RouterOS takes it: <c>1h30m</c>; parts below a millisecond are dropped.</summary>
    public static string FormatDuration(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        var text = new System.Text.StringBuilder();
        Part(duration.Days / 7, "w");
        Part(duration.Days % 7, "d");
        Part(duration.Hours, "h");
        Part(duration.Minutes, "m");
        Part(duration.Seconds, "s");
        Part(duration.Milliseconds, "ms");
        return text.Length == 0 ? "0s" : text.ToString();

        void Part(int value, string unit)
        {
            if (value > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{value}{unit}");
            }
        }
    }

    /// <summary>
    /// A moment on the router's own clock: <c>jan/02/2023 15:04:05</c> before 7.10, <c>2023-01-02 15:04:05</c> from 7.10;
    /// logs of older versions leave out the year, or all of today's date.
    /// </summary>
    /// <param name="today">The router's date, for what is left out.</param>
    public static DateTime? Timestamp(string? text, DateOnly today)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var (day, time) = space < 0 ? (text, "") : (text[..space], text[(space + 1)..]);
        if (space < 0 && text.Contains(':', StringComparison.Ordinal))
        {
            (day, time) = ("", text);
        }

        var date = day.Length == 0 ? today : Date(day, today);
        var clock = time.Length == 0 ? TimeSpan.Zero : Clock(time);
        return date is { } d && clock is { } c && c < TimeSpan.FromDays(1) ? d.ToDateTime(TimeOnly.MinValue) + c : null;
    }

    private static DateOnly? Date(string text, DateOnly today)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var iso))
        {
            return iso;
        }

        var parts = text.Split('/');
        var month = Array.IndexOf(Months, parts[0].ToLowerInvariant()) + 1;
        if (month == 0 || parts.Length is < 2 or > 3 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var day))
        {
            return null;
        }

        var year = today.Year;
        if (parts.Length == 3 && !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out year))
        {
            return null;
        }

        return year is >= 1 and <= 9999 && day >= 1 && day <= DateTime.DaysInMonth(year, month) ? new DateOnly(year, month, day) : null;
    }

    // hh:mm:ss or mm:ss, without days.
    private static TimeSpan? Clock(ReadOnlySpan<char> text)
    {
        Span<Range> parts = stackalloc Range[4];
        var count = text.Split(parts, ':');
        if (count is < 2 or > 3)
        {
            return null;
        }

        long seconds = 0;
        foreach (var part in parts[..count])
        {
            if (!int.TryParse(text[part], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 1_000_000)
            {
                return null;
            }

            seconds = (seconds * 60) + number;
        }

        return TimeSpan.FromSeconds(seconds);
    }

    // Ticks of the unit that the text goes on with; 0 stands for nanoseconds, which are less than a tick.
    private static long? Unit(ref ReadOnlySpan<char> rest, bool isWhole)
    {
        var length = rest.IndexOfAnyInRange('0', '9') is var next and >= 0 ? next : rest.Length;
        var unit = rest[..length];
        rest = rest[length..];
        return unit switch
        {
            "w" => 7 * TimeSpan.TicksPerDay,
            "d" => TimeSpan.TicksPerDay,
            "h" => TimeSpan.TicksPerHour,
            "m" => TimeSpan.TicksPerMinute,
            "s" => TimeSpan.TicksPerSecond,
            "ms" => TimeSpan.TicksPerMillisecond,
            "us" => TimeSpan.TicksPerMicrosecond,
            "ns" => 0,
            "" when isWhole => TimeSpan.TicksPerSecond,
            _ => null,
        };
    }

    private static TimeSpan? Total(Int128 ticks) => ticks <= TimeSpan.MaxValue.Ticks ? new TimeSpan((long)ticks) : null;
}
