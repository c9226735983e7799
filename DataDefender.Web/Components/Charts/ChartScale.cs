namespace DataDefender.Web.Components.Charts;

/// <summary>The value axis: from below zero (drawn downward) to a top, in round steps, with zero always on it.</summary>
public sealed record ChartScale(double Top, double Bottom, double Step)
{
    private const int Lines = 4;

    /// <summary>The smallest round scale that holds both values.</summary>
    /// <param name="least">What the scale reaches at least, so that noise on an idle line does not look like a storm.</param>
    public static ChartScale For(double highest, double lowest, double least)
    {
        var above = Math.Max(highest, least);
        var below = lowest > 0 ? Math.Max(lowest, least) : 0;
        var step = Round((above + below) / Lines);
        return new ChartScale(Math.Ceiling(above / step - 1e-9) * step, Math.Ceiling(below / step - 1e-9) * step, step);
    }

    public static ChartScale Percent { get; } = new(100, 0, 25);

    /// <summary>Where a value lies, 0 at the top and 1 at the bottom.</summary>
    public double At(double value, bool below = false) => (Top - Math.Clamp(below ? -value : value, -Bottom, Top)) / (Top + Bottom);

    /// <summary>The values that have a line, from the top down; those below zero are negative.</summary>
    public IEnumerable<double> Ticks()
    {
        for (var i = (int)Math.Round(Top / Step); i >= -(int)Math.Round(Bottom / Step); i--)
        {
            yield return i * Step;
        }
    }

    // 1, 2 or 5 times a power of ten.
    private static double Round(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return power * (rough / power) switch
        {
            <= 1 => 1,
            <= 2 => 2,
            <= 5 => 5,
            _ => 10,
        };
    }
}
