using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Web.Security;

namespace DataDefender.Web.Components.Ui;

/// <summary>How numbers and times are written, everywhere: units always, three significant digits for rates, the company's time zone and currency.</summary>
public sealed class Formats(Workplace workplace, TimeProvider clock)
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;
    private TimeZoneInfo? _zone;

    private TimeZoneInfo Zone => _zone ??= TimeZoneInfo.FindSystemTimeZoneById(workplace.Company?.TimeZone is { Length: > 0 } zone ? zone : "Africa/Nairobi");

    /// <summary>The company's wall clock at a UTC time.</summary>
    public DateTime Local(DateTime utc) => TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), Zone);

    /// <summary>The company's day.</summary>
    public DateOnly Today => DateOnly.FromDateTime(Local(clock.GetUtcNow().UtcDateTime));

    /// <summary>A time that was typed by the company's wall clock, as UTC. What the clocks skip in spring is taken an hour later.</summary>
    public DateTime Utc(DateTime local)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        return TimeZoneInfo.ConvertTimeToUtc(Zone.IsInvalidTime(local) ? local.AddHours(1) : local, Zone);
    }

    /// <summary>"14:05".</summary>
    public string ClockTime(DateTime utc) => Local(utc).ToString("HH:mm", Plain);

    /// <summary>"3 Mar 2026, 14:05:09".</summary>
    public string Absolute(DateTime utc) => Local(utc).ToString("d MMM yyyy, HH:mm:ss", Plain);

    /// <summary>"3 Mar 2026".</summary>
    public string Day(DateTime utc) => Local(utc).ToString("d MMM yyyy", Plain);

    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", Plain);

    /// <summary>Young times by their age ("40 s ago"), those of today by the clock, others by the date.</summary>
    public string When(DateTime utc)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var age = now - utc;
        if (age >= TimeSpan.Zero && age < TimeSpan.FromHours(1))
        {
            return $"{AgeText(age)} ago";
        }

        var (local, today) = (Local(utc), Local(now).Date);
        return local.Date == today ? local.ToString("HH:mm", Plain)
            : local.Year == today.Year ? local.ToString("d MMM, HH:mm", Plain)
            : local.ToString("d MMM yyyy", Plain);
    }

    /// <summary>How long ago, without the word: "40 s", "3 min", "5 h".</summary>
    public string Age(DateTime utc) => AgeText(clock.GetUtcNow().UtcDateTime - utc);

    public static string AgeText(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalSeconds: < 90 } => string.Create(Plain, $"{(int)age.TotalSeconds} s"),
        { TotalMinutes: < 90 } => string.Create(Plain, $"{(int)age.TotalMinutes} min"),
        { TotalHours: < 36 } => string.Create(Plain, $"{(int)age.TotalHours} h"),
        _ => string.Create(Plain, $"{(int)age.TotalDays} d"),
    };

    /// <summary>"3 h 12 min", "12 min 5 s", "4 d 3 h".</summary>
    public static string Duration(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => string.Create(Plain, $"{(int)span.TotalSeconds} s"),
        { TotalMinutes: < 60 } => string.Create(Plain, $"{span.Minutes} min {span.Seconds} s"),
        { TotalHours: < 24 } => string.Create(Plain, $"{span.Hours} h {span.Minutes} min"),
        _ => string.Create(Plain, $"{(int)span.TotalDays} d {span.Hours} h"),
    };

    /// <summary>Bits per second in Mbps with three significant digits ("12.3 Mbps"), Gbps from 1,000 on, kbps below 0.1; "–" when unknown.</summary>
    public static string Rate(double? bitsPerSecond) => bitsPerSecond switch
    {
        null => "–",
        0 => "0 Mbps",
        < 100_000 => $"{Significant(bitsPerSecond.Value / 1_000)} kbps",
        < 999_500_000 => $"{Significant(bitsPerSecond.Value / 1_000_000)} Mbps",
        _ => $"{Significant(bitsPerSecond.Value / 1_000_000_000)} Gbps",
    };

    /// <summary>What was sold: 10000 kbps is "10 Mbps".</summary>
    public static string Speed(int kbps) => kbps < 1000
        ? string.Create(Plain, $"{kbps} kbps")
        : string.Create(Plain, $"{kbps / 1000m:0.##} Mbps");

    /// <summary>Bytes in decimal units: MB, GB, TB; "–" when unknown.</summary>
    public static string Volume(long? bytes) => bytes switch
    {
        null => "–",
        < 1_000_000 => string.Create(Plain, $"{bytes.Value / 1_000.0:0} kB"),
        < 999_500_000 => $"{Significant(bytes.Value / 1_000_000.0)} MB",
        < 999_500_000_000 => $"{Significant(bytes.Value / 1_000_000_000.0)} GB",
        _ => $"{Significant(bytes.Value / 1_000_000_000_000.0)} TB",
    };

    public string Money(Money amount) => amount.Show(workplace.Company?.Currency ?? "KES");

    public static string Count(long count) => count.ToString("#,##0", Plain);

    public static string Percent(double? percent) => percent is { } value ? string.Create(Plain, $"{value:0}%") : "–";

    private static string Significant(double value) => value switch
    {
        >= 99.95 => value.ToString("#,##0", Plain),
        >= 9.995 => value.ToString("0.0", Plain),
        _ => value.ToString("0.00", Plain),
    };
}
