using System.Globalization;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Charts;

/// <summary>How a chart writes its numbers.</summary>
internal static class ChartText
{
    public static string Value(ChartUnit unit, double? value) => value is not { } known ? "unknown" : unit switch
    {
        ChartUnit.BitsPerSecond => Formats.Rate(known),
        ChartUnit.PerSecond => string.Create(CultureInfo.InvariantCulture, $"{known:0.#}/s"),
        ChartUnit.PerMinute => string.Create(CultureInfo.InvariantCulture, $"{known:0.#}/min"),
        ChartUnit.Percent => Formats.Percent(known),
        ChartUnit.Microseconds => Milliseconds(known),
        ChartUnit.Celsius => string.Create(CultureInfo.InvariantCulture, $"{known:0} °C"),
        ChartUnit.Volts => string.Create(CultureInfo.InvariantCulture, $"{known:0.0} V"),
        _ => Formats.Count((long)Math.Round(known)),
    };

    /// <summary>As short as an axis needs it: "40 Mbps", "2.5/s".</summary>
    public static string Tick(ChartUnit unit, double value)
    {
        var size = Math.Abs(value);
        return unit switch
        {
            ChartUnit.BitsPerSecond when size == 0 => "0",
            ChartUnit.BitsPerSecond when size >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{size / 1e9:0.##} Gbps"),
            ChartUnit.BitsPerSecond when size >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{size / 1e6:0.##} Mbps"),
            ChartUnit.BitsPerSecond => string.Create(CultureInfo.InvariantCulture, $"{size / 1e3:0.##} kbps"),
            ChartUnit.PerSecond when size == 0 => "0",
            ChartUnit.PerSecond => string.Create(CultureInfo.InvariantCulture, $"{size:0.##}/s"),
            ChartUnit.PerMinute when size == 0 => "0",
            ChartUnit.PerMinute => string.Create(CultureInfo.InvariantCulture, $"{size:0.##}/min"),
            ChartUnit.Percent => string.Create(CultureInfo.InvariantCulture, $"{size:0}%"),
            ChartUnit.Celsius => string.Create(CultureInfo.InvariantCulture, $"{size:0} °C"),
            ChartUnit.Volts => string.Create(CultureInfo.InvariantCulture, $"{size:0.#} V"),
            ChartUnit.Microseconds when size == 0 => "0",
            ChartUnit.Microseconds => string.Create(CultureInfo.InvariantCulture, $"{size / 1000:0.##} ms"),
            _ => size.ToString("#,##0.##", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>What an idle chart still spans.</summary>
    public static double Least(ChartUnit unit) => unit switch
    {
        ChartUnit.BitsPerSecond => 100_000,
        ChartUnit.PerSecond => 1,
        ChartUnit.Microseconds => 1_000,
        _ => 4,
    };

    public static string Milliseconds(double? microseconds) => microseconds switch
    {
        null => "–",
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{microseconds.Value / 1000:0.00} ms"),
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{microseconds.Value / 1000:0.0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{microseconds.Value / 1000:0} ms"),
    };
}
