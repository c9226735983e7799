using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DataDefender.Domain.Network;

/// <summary>Two bit rates seen from the customer, in bits per second.</summary>
public readonly record struct RatePair(long Upload, long Download)
{
    /// <summary>As RouterOS takes it, upload first: <c>5M/20M</c>.</summary>
    public override string ToString() => $"{Short(Upload)}/{Short(Download)}";

    private static string Short(long bits) => bits switch
    {
        0 => "0",
        _ when bits % 1_000_000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{bits / 1_000_000}M"),
        _ when bits % 1_000 == 0 => string.Create(CultureInfo.InvariantCulture, $"{bits / 1_000}k"),
        _ => bits.ToString(CultureInfo.InvariantCulture),
    };
}

/// <summary>
/// The burst of a rate limit: the speed may reach <paramref name="Limit"/> while the average over the burst time stays
/// below <paramref name="Threshold"/>.
/// </summary>
/// <param name="UploadTime">Whole seconds over which the average is taken.</param>
/// <param name="DownloadTime">Whole seconds over which the average is taken.</param>
public sealed record RateBurst(RatePair Limit, RatePair Threshold, int UploadTime, int DownloadTime)
{
    /// <summary>How long a customer who was idle can hold the burst speed.</summary>
    public TimeSpan LongestDownload => Longest(Threshold.Download, DownloadTime, Limit.Download);

    /// <inheritdoc cref="LongestDownload"/>
    public TimeSpan LongestUpload => Longest(Threshold.Upload, UploadTime, Limit.Upload);

    private static TimeSpan Longest(long threshold, int time, long limit) =>
        limit == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)threshold * time / limit);
}

/// <summary>
/// The text that MikroTik takes as a speed, in the RADIUS attribute Mikrotik-Rate-Limit (vendor 14988, type 8) and in
/// <c>rate-limit</c> of PPP profiles and hotspot users:
/// <c>rx/tx burst-rx/burst-tx threshold-rx/threshold-tx time-rx/time-tx priority min-rx/min-tx</c>, where rx is what the
/// customer uploads. A position can be left out only from the end, so an earlier one that is not used is written as zero.
/// </summary>
public sealed record MikrotikRateLimit
{
    public const int HighestPriority = 1;
    public const int LowestPriority = 8;

    /// <exception cref="ArgumentOutOfRangeException">
    /// A rate is negative, the priority is outside 1–8, a guaranteed rate is above the limit, or a burst is below it.
    /// </exception>
    public MikrotikRateLimit(RatePair limit, RateBurst? burst = null, int? priority = null, RatePair? minimum = null)
    {
        if (ProblemWith(limit, burst, priority, minimum) is { } parameter)
        {
            throw new ArgumentOutOfRangeException(parameter, "No router takes this speed.");
        }

        (Limit, Burst, Priority, Minimum) = (limit, burst, priority, minimum);
    }

    public RatePair Limit { get; }
    public RateBurst? Burst { get; }

    /// <summary>1 is served first, 8 last; null leaves it to the router (8).</summary>
    public int? Priority { get; }

    /// <summary>The rate that stays guaranteed when the parent queue is full.</summary>
    public RatePair? Minimum { get; }

    /// <summary>e.g. <c>5M/20M</c>, <c>10M/20M 0/0 0/0 0/0 8 2M/5M</c>.</summary>
    public override string ToString()
    {
        var text = Limit.ToString();
        if (Burst is { } burst)
        {
            text = string.Create(CultureInfo.InvariantCulture, $"{text} {burst.Limit} {burst.Threshold} {burst.UploadTime}/{burst.DownloadTime}");
        }
        else if (Priority is not null || Minimum is not null)
        {
            text += " 0/0 0/0 0/0";
        }

        if (Priority is not null || Minimum is not null)
        {
            text = string.Create(CultureInfo.InvariantCulture, $"{text} {Priority ?? LowestPriority}");
        }

        return Minimum is { } minimum ? $"{text} {minimum}" : text;
    }

    /// <summary>
    /// Reads the text with the router's own defaults: one number stands for both directions, the threshold is the limit and
    /// the burst time one second when they are left out.
    /// </summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out MikrotikRateLimit? limit)
    {
        limit = null;
        var parts = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is 0 or > 6 || Both(parts[0]) is not { } rates)
        {
            return false;
        }

        RatePair? burst = null, threshold = null, time = null, minimum = null;
        int? priority = null;
        if ((parts.Length > 1 && (burst = Both(parts[1])) is null)
            || (parts.Length > 2 && (threshold = Both(parts[2])) is null)
            || (parts.Length > 3 && (time = Times(parts[3])) is null)
            || (parts.Length > 4 && (priority = Small(parts[4])) is null)
            || (parts.Length > 5 && (minimum = Both(parts[5])) is null))
        {
            return false;
        }

        RateBurst? bursting = null;
        if (burst is { } rate && rate != default)
        {
            var seconds = Or(time, new RatePair(1, 1));
            bursting = new RateBurst(rate, Or(threshold, rates), (int)seconds.Upload, (int)seconds.Download);
        }

        if (minimum == default(RatePair))
        {
            minimum = null;
        }

        if (ProblemWith(rates, bursting, priority, minimum) is not null)
        {
            return false;
        }

        limit = new MikrotikRateLimit(rates, bursting, priority, minimum);
        return true;
    }

    private static int? Small(string text) => RouterOsValues.Number(text) is >= 0 and <= LowestPriority and var number ? (int)number : null;

    private static RatePair Or(RatePair? value, RatePair otherwise) => new(
        value is { Upload: > 0 } up ? up.Upload : otherwise.Upload,
        value is { Download: > 0 } down ? down.Download : otherwise.Download);

    private static RatePair? Both(string text) =>
        text.Contains('/', StringComparison.Ordinal) ? RouterOsValues.Pair(text)
        : RouterOsValues.Bits(text) is { } bits ? new RatePair(bits, bits)
        : null;

    private static RatePair? Times(string text)
    {
        var parts = text.Split('/');
        return parts.Length <= 2 && Seconds(parts[0]) is { } up && Seconds(parts[^1]) is { } down ? new RatePair(up, down) : null;

        static int? Seconds(string part) => RouterOsValues.Duration(part) is { TotalSeconds: <= int.MaxValue } time ? (int)time.TotalSeconds : null;
    }

    private static string? ProblemWith(RatePair limit, RateBurst? burst, int? priority, RatePair? minimum) =>
        limit.Upload < 0 || limit.Download < 0 ? nameof(limit)
        : burst is not null && !IsUsable(burst, limit) ? nameof(burst)
        : priority is < HighestPriority or > LowestPriority ? nameof(priority)
        : minimum is { } least && (least.Upload < 0 || least.Download < 0 || Above(least, limit)) ? nameof(minimum)
        : null;

    private static bool IsUsable(RateBurst burst, RatePair limit) =>
        !Below(burst.Limit, limit) && burst.Threshold is { Upload: >= 0, Download: >= 0 } && burst is { UploadTime: >= 1, DownloadTime: >= 1 };

    // A zero limit means unlimited, so nothing is above it, and a burst of zero means none in that direction.
    private static bool Above(RatePair rate, RatePair limit) =>
        (limit.Upload > 0 && rate.Upload > limit.Upload) || (limit.Download > 0 && rate.Download > limit.Download);

    private static bool Below(RatePair burst, RatePair limit) =>
        burst.Upload < 0 || burst.Download < 0
        || (burst.Upload > 0 && burst.Upload < limit.Upload) || (burst.Download > 0 && burst.Download < limit.Download);
}
