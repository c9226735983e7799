using System.Globalization;

namespace DataDefender.Domain.Policies;

/// <summary>Rules in words, for lists and previews.</summary>
public static class PolicyText
{
    /// <summary>One line: "2 fair-use tiers · 100 GB a month, then walled garden".</summary>
    public static string Summary(PolicyRules rules)
    {
        var parts = new List<string>();
        if (rules.Schedules.Length > 0)
        {
            parts.Add(Count(rules.Schedules.Length, "schedule"));
        }

        if (rules.FairUse.Length > 0)
        {
            parts.Add(Count(rules.FairUse.Length, "fair-use tier"));
        }

        if (rules.Data is { } data)
        {
            parts.Add($"{Gigabytes(data.Bytes)} a {Word(data.Window)}, then {Word(data.Action, data.ThrottleKbps)}");
        }

        if (rules.Time is { } time)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min a {Word(time.Window)}, then {Word(time.Action, time.ThrottleKbps)}"));
        }

        if (rules.Free.Length > 0)
        {
            parts.Add("free " + string.Join(" and ", rules.Free.Select(f => f.Hours)));
        }

        return parts.Count == 0 ? "No limits" : string.Join(" · ", parts);
    }

    public static string Word(UsageWindow window) => window.ToString().ToLowerInvariant();

    public static string Word(QuotaAction action, int? throttleKbps) => action switch
    {
        QuotaAction.Throttle => string.Create(CultureInfo.InvariantCulture, $"{(throttleKbps ?? 0) / 1000.0:0.###} Mbps"),
        QuotaAction.WalledGarden => "walled garden",
        QuotaAction.Refuse => "no login",
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    public static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.##} GB");

    private static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : string.Create(CultureInfo.InvariantCulture, $"{number} {noun}s");
}
