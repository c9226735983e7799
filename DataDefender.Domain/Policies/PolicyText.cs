using System.Globalization;

namespace DataDefender.Domain.Policies;

/// <summary>Rules in words, for lists, the editor and what people are told.</summary>
public static class PolicyText
{
    /// <summary>One line: "over 50 GB a week 4 Mbps · 100 GB a month, then walled garden".</summary>
    public static string Summary(PolicyRules rules)
    {
        var parts = new List<string>();
        if (rules.Schedules.Length > 0)
        {
            parts.Add(rules.Schedules is [var schedule] ? $"{schedule.DownloadPercent}% {schedule.Hours}" : Count(rules.Schedules.Length, "schedule"));
        }

        if (rules.FairUse.Length > 0)
        {
            parts.Add(rules.FairUse is [var tier] ? $"over {Gigabytes(tier.Bytes)} a {Word(tier.Window)} {Mbps(tier.DownloadKbps)}" : Count(rules.FairUse.Length, "fair-use tier"));
        }

        if (rules.Data is { } data)
        {
            parts.Add($"{Gigabytes(data.Bytes)} a {Word(data.Window)}, then {Word(data.Action, data.ThrottleKbps)}");
        }

        if (rules.Time is { } time)
        {
            parts.Add($"{Minutes(time.Minutes)} a {Word(time.Window)}, then {Word(time.Action, time.ThrottleKbps)}");
        }

        if (rules.Free.Length > 0)
        {
            parts.Add("free " + string.Join(" and ", rules.Free.Select(f => f.Hours)));
        }

        return parts.Count == 0 ? "No limits" : string.Join(" · ", parts);
    }

    /// <summary>The whole policy as sentences, one for each rule, in the order in which they are thought about.</summary>
    public static IReadOnlyList<string> Sentences(PolicyRules rules)
    {
        var sentences = new List<string>();
        sentences.AddRange(rules.Schedules.Select((s, i) =>
            $"{Named(s.Name, "Schedule")}: {s.Hours} the line has {s.DownloadPercent}% of the sold download speed and {s.UploadPercent}% of the upload speed{(i > 0 ? ", unless a schedule above holds" : "")}."));
        sentences.AddRange(rules.FairUse.Select(t =>
            $"{Named(t.Name, "Fair use")}: from {Gigabytes(t.Bytes)}{Direction(t.Counted)} {This(t.Window)} on at most {Mbps(t.DownloadKbps)} down and {Mbps(t.UploadKbps)} up, until the {Word(t.Window)} ends."));
        if (rules.Data is { } data)
        {
            sentences.Add($"{Gigabytes(data.Bytes)}{Direction(data.Counted)} each {Word(data.Window)}; then {Then(data.Action, data.ThrottleKbps)} until the {Word(data.Window)} ends or a top-up is given.");
            if (data.RollOver)
            {
                sentences.Add($"What is left of the quota is carried into the next {Word(data.Window)}, at most {Gigabytes(data.RollOverCapBytes)}, and lapses at its end.");
            }
        }

        if (rules.Time is { } time)
        {
            sentences.Add($"{Minutes(time.Minutes)} online each {Word(time.Window)}; then {Then(time.Action, time.ThrottleKbps)} until the {Word(time.Window)} ends.");
        }

        sentences.AddRange(rules.Free.Select(f => $"{Named(f.Name, "Free hours")}: {f.Hours} data counts towards nothing."));
        if (sentences.Count == 0)
        {
            sentences.Add("No limits: each line gets what was sold, at all hours.");
        }

        return sentences;
    }

    public static string Word(UsageWindow window) => window.ToString().ToLowerInvariant();

    /// <summary>"today", "this week", "this month".</summary>
    public static string This(UsageWindow window) => window is UsageWindow.Day ? "today" : $"this {Word(window)}";

    /// <summary>"today's", "this week's", "this month's".</summary>
    public static string Whose(UsageWindow window) => This(window) + "’s";

    public static string Word(QuotaAction action, int? throttleKbps) => action switch
    {
        QuotaAction.Throttle => Mbps(throttleKbps ?? 0),
        QuotaAction.WalledGarden => "walled garden",
        QuotaAction.Refuse => "no login",
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    public static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.##} GB");

    /// <summary>"90 min", "2 h", "2 h 30 min".</summary>
    public static string Minutes(int minutes) => (minutes / 60, minutes % 60) switch
    {
        ( < 2, _) => string.Create(CultureInfo.InvariantCulture, $"{minutes} min"),
        (var hours, 0) => string.Create(CultureInfo.InvariantCulture, $"{hours} h"),
        var (hours, rest) => string.Create(CultureInfo.InvariantCulture, $"{hours} h {rest} min"),
    };

    public static string Mbps(int kbps) => string.Create(CultureInfo.InvariantCulture, $"{kbps / 1000.0:0.###} Mbps");

    private static string Then(QuotaAction action, int? throttleKbps) => action switch
    {
        QuotaAction.Throttle => $"at most {Mbps(throttleKbps ?? 0)}",
        QuotaAction.WalledGarden => "the walled garden",
        QuotaAction.Refuse => "no login",
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    private static string Direction(CountedBytes counted) => counted switch
    {
        CountedBytes.Download => " downloaded",
        CountedBytes.Upload => " uploaded",
        _ => "",
    };

    private static string Named(string name, string otherwise) => string.IsNullOrWhiteSpace(name) ? otherwise : name.Trim();

    private static string Count(int number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number} {noun}s");
}
