using DataDefender.Domain.Monitoring;

namespace DataDefender.Web.Components.Charts;

/// <summary>One line of a time chart.</summary>
/// <param name="Name">For the legend, the crosshair and the table.</param>
/// <param name="Tone">Which of the chart's colours: "down", "up", "good", "bad", "accent" or "quiet".</param>
/// <param name="Points">Oldest first; a null value is a gap.</param>
/// <param name="Below">Drawn downward from the zero line: upload under download.</param>
/// <param name="Fill">The area to the zero line is tinted.</param>
public sealed record ChartSeries(string Name, string Tone, IReadOnlyList<MetricPoint> Points, bool Below = false, bool Fill = true);

/// <summary>What a chart's values are, which decides how its axis and its numbers are written.</summary>
public enum ChartUnit
{
    /// <summary>Bits per second.</summary>
    BitsPerSecond,

    /// <summary>Events per second.</summary>
    PerSecond,

    /// <summary>Events a minute.</summary>
    PerMinute,

    /// <summary>0 to 100, on an axis that always shows the whole.</summary>
    Percent,

    /// <summary>Thousandths of a second, kept in microseconds.</summary>
    Microseconds,

    /// <summary>Degrees.</summary>
    Celsius,
    Volts,
    Count,
}
