using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Ui;

/// <summary>The product's icons: one path each, drawn for a 24 × 24 box and a line of 1.75.</summary>
public static class Icons
{
    private const string Unknown = "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM9.7 9.4a2.4 2.4 0 1 1 3.3 2.3c-.7.3-1 .8-1 1.6M12 16.4v.1";

    private static readonly ConcurrentDictionary<(string, string?), MarkupString> Drawn = new();

    private static readonly FrozenDictionary<string, string> Paths = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["activity"] = "M3 12.5h4l2.6-7.5 4.6 14 2.6-6.5H21",
        ["alert"] = "M12 4 2.8 19.5h18.4zM12 10v4.2M12 16.9v.1",
        ["arrow-down"] = "M12 5v14M6.5 13.5 12 19l5.5-5.5",
        ["arrow-up"] = "M12 19V5M6.5 10.5 12 5l5.5 5.5",
        ["badge"] = "M5 4.5h14a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1zM12 12.2a2.1 2.1 0 1 0 0-4.2 2.1 2.1 0 0 0 0 4.2zM8.3 16.5c.6-1.6 2-2.3 3.7-2.3s3.1.7 3.7 2.3",
        ["bell"] = "M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5l1.5 1.5H5zM10 20.5h4",
        ["building"] = "M5 20.5V4.5a1 1 0 0 1 1-1h8a1 1 0 0 1 1 1v16M15 9.5h3a1 1 0 0 1 1 1v10M3 20.5h18M8.5 7.5h3M8.5 11.5h3M8.5 15.5h3",
        ["calendar"] = "M5 5.5h14a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1zM4 10h16M8.5 3v4M15.5 3v4",
        ["check"] = "M5 12.8 9.8 17.5 19 7",
        ["clock"] = "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V12l3 2",
        ["copy"] = "M9 8.5h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1v-10a1 1 0 0 1 1-1zM16 8.5v-4a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h3",
        ["down"] = "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM8.8 8.8l6.4 6.4M15.2 8.8l-6.4 6.4",
        ["download"] = "M12 4v11M7.5 11 12 15.5 16.5 11M4.5 19.5h15",
        ["edit"] = "M5 19l.8-3.6L16 5.2a1.5 1.5 0 0 1 2.1 0l.7.7a1.5 1.5 0 0 1 0 2.1L8.6 18.2zM14.5 6.7l2.8 2.8",
        ["exit"] = "M14 4.5H6a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1h8M10.5 12H20M16.5 8.5 20 12l-3.5 3.5",
        ["eye"] = "M2.8 12C4.8 8 8.1 6 12 6s7.2 2 9.2 6c-2 4-5.3 6-9.2 6s-7.2-2-9.2-6zM12 14.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z",
        ["filter"] = "M4 6h16M7 12h10M10 18h4",
        ["fold"] = "M13 7l-5 5 5 5M18 7l-5 5 5 5",
        ["history"] = "M4 12a8 8 0 1 1 2.5 5.8M4 5.5V12l4.5-.1M12 8v4.3l3 1.7",
        ["home"] = "M4 11 12 4l8 7M6 9.5V19a1 1 0 0 0 1 1h3.5v-5h3v5H17a1 1 0 0 0 1-1V9.5",
        ["info"] = "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 11v5M12 7.9V8",
        ["invoice"] = "M6.5 3.5h11v17l-2.750-2-2.750 2-2.750-2-2.750 2zM9.5 8h5M9.500 12h5",
        ["key"] = "M8 16.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11.5 10.8 20 5M16.5 7.5l2 2.8M14 9.2l1.5 2.1",
        ["ledger"] = "M6 3.500h12.500v17H6a1.500 1.500 0 0 1-1.500-1.500V5A1.500 1.500 0 0 1 6 3.500zM4.500 17.500H18.500M9 8h5.500",
        ["link"] = "M10 13.5a4 4 0 0 0 6 .4l2.5-2.5a4 4 0 0 0-5.6-5.6L11.7 7M14 10.5a4 4 0 0 0-6-.4l-2.5 2.5a4 4 0 0 0 5.6 5.6l1.2-1.2",
        ["lock"] = "M6.5 10.5h11a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-8a1 1 0 0 1 1-1zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5",
        ["menu"] = "M4 7h16M4 12h16M4 17h16",
        ["moon"] = "M19.5 14.3A8 8 0 0 1 9.7 4.5a8 8 0 1 0 9.8 9.8z",
        ["more"] = "M6 12v.1M12 12v.1M18 12v.1",
        ["package"] = "M12 3.5 4.5 7.5v9l7.5 4 7.5-4v-9zM4.5 7.5 12 11.5l7.5-4M12 11.5v9",
        ["pause"] = "M9 6v12M15 6v12",
        ["percent"] = "M18.500 5.500l-13 13M7.500 9.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM16.500 18.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
        ["phone"] = "M8.5 3.5h7a1 1 0 0 1 1 1v15a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1zM11 17.5h2",
        ["play"] = "M8 5.5v13l10.5-6.5z",
        ["plus"] = "M12 5v14M5 12h14",
        ["refresh"] = "M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 4v3.5H16",
        ["router"] = "M4.5 13.5h15a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1v-4a1 1 0 0 1 1-1zM7 16.5v.1M10.5 16.5v.1M16 13.5v-3M12.6 7.6a5 5 0 0 1 6.8 0M14.4 9.6a2.3 2.3 0 0 1 3.2 0",
        ["search"] = "M10.8 17.5a6.7 6.7 0 1 0 0-13.4 6.7 6.7 0 0 0 0 13.4zM15.8 15.8 20 20",
        ["server"] = "M5 4.5h14a1 1 0 0 1 1 1v4.5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5.5a1 1 0 0 1 1-1zM5 13h14a1 1 0 0 1 1 1v4.5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V14a1 1 0 0 1 1-1zM7.5 7.7v.1M7.5 16.2v.1M11 7.7h5.5M11 16.2h5.5",
        ["shield"] = "M12 3.5 5 6v5.5c0 4.3 2.9 7.5 7 8.8 4.1-1.3 7-4.5 7-8.8V6zM9 11.8l2.2 2.2L15.2 10",
        ["sun"] = "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4",
        ["trash"] = "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5a1 1 0 0 0 1 1h7.4a1 1 0 0 0 1-1L17.5 7M10 11v5.5M14 11v5.5",
        ["unfold"] = "M11 7l5 5-5 5M6 7l5 5-5 5",
        ["unknown"] = Unknown,
        ["up"] = "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM8.3 12.4l2.5 2.5 5-5.3",
        ["users"] = "M9 11.5a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6zM2.8 19.5c.5-3.3 3-5 6.2-5s5.7 1.7 6.2 5M15.5 5.2a3.2 3.2 0 0 1 0 6M17.5 14.8c2.1.600 3.4 2.2 3.7 4.7",
        ["wall"] = "M4 6h16v12H4zM4 10h16M4 14h16M9 6v4M15 6v4M12 10v4M9 14v4M15 14v4",
        ["x"] = "M6 6l12 12M18 6 6 18",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>An unknown name draws a question mark, so that a mistake is seen and nothing breaks.</summary>
    public static string Path(string name) => Paths.GetValueOrDefault(name, Unknown);

    /// <summary>
    /// The same picture as <c>Icon</c> draws, as one piece of markup: for screens that hundreds keep open, where a component for each icon
    /// costs more memory than all the rest. Both names are written in our code, never by a person.
    /// </summary>
    public static MarkupString Svg(string name, string? css = null) => Drawn.GetOrAdd((name, css), static icon => new MarkupString(
        $"<svg class=\"icon {icon.Item2}\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.75\" stroke-linecap=\"round\" stroke-linejoin=\"round\" aria-hidden=\"true\"><path d=\"{Path(icon.Item1)}\" /></svg>"));
}
