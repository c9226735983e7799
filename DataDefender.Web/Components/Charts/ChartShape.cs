using System.Globalization;
using System.Text;
using DataDefender.Domain.Monitoring;

namespace DataDefender.Web.Components.Charts;

/// <summary>A series turned into what a browser draws and reads, in a box of 1,000 by 1,000.</summary>
/// <param name="Line">SVG path of the line, with a break at each gap.</param>
/// <param name="Area">SVG path of the area to the zero line.</param>
/// <param name="Slots">The value of each slot of the time axis, for the crosshair; null where there is none.</param>
internal sealed record ChartShape(string Line, string Area, IReadOnlyList<double?> Slots)
{
    /// <summary>More points than a chart has pixels only cost time.</summary>
    public const int MaxSlots = 300;

    private const int Box = 1000;

    /// <summary>
    /// Spreads points over the slots of a time span: several in one slot are averaged; a slot that is empty only because readings come
    /// more slowly than slots is bridged, up to <paramref name="bridge"/>.
    /// </summary>
    public static double?[] Spread(IReadOnlyList<MetricPoint> points, DateTime from, DateTime until, int slots, TimeSpan bridge)
    {
        var (sums, counts) = (new double[slots], new int[slots]);
        var broken = new bool[slots];
        var width = (until - from).Ticks / (double)slots;
        foreach (var point in points)
        {
            var slot = (int)Math.Floor((point.At - from).Ticks / width);
            if (slot < 0 || slot >= slots)
            {
                continue;
            }

            if (point.Value is { } value)
            {
                sums[slot] += value;
                counts[slot]++;
            }
            else
            {
                broken[slot] = true;
            }
        }

        var values = new double?[slots];
        for (var i = 0; i < slots; i++)
        {
            values[i] = counts[i] > 0 ? sums[i] / counts[i] : null;
        }

        Bridge(values, broken, (int)Math.Ceiling(bridge.Ticks / width));
        return values;
    }

    public static ChartShape Of(IReadOnlyList<double?> slots, ChartScale scale, bool below)
    {
        var (line, area) = (new StringBuilder(), new StringBuilder());
        var zero = Y(scale.At(0));
        for (var i = 0; i < slots.Count; i++)
        {
            if (slots[i] is null)
            {
                continue;
            }

            var first = i;
            while (i + 1 < slots.Count && slots[i + 1] is not null)
            {
                i++;
            }

            Draw(line, slots, first, i, scale, below);
            area.Append(CultureInfo.InvariantCulture, $"M{X(first, slots.Count)} {zero}");
            Draw(area, slots, first, i, scale, below, continues: true);
            area.Append(CultureInfo.InvariantCulture, $"L{X(i, slots.Count)} {zero}Z");
        }

        return new ChartShape(line.ToString(), area.ToString(), slots);
    }

    private static void Draw(StringBuilder path, IReadOnlyList<double?> slots, int first, int last, ChartScale scale, bool below, bool continues = false)
    {
        for (var i = first; i <= last; i++)
        {
            path.Append(i == first && !continues ? 'M' : 'L').Append(CultureInfo.InvariantCulture, $"{X(i, slots.Count)} {Y(scale.At(slots[i]!.Value, below))}");
        }

        if (first == last && !continues)
        {
            path.Append("h1"); // a lone point would have no length and not be seen
        }
    }

    private static void Bridge(double?[] values, bool[] broken, int most)
    {
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] is not null || broken[i] || values[i - 1] is null)
            {
                continue;
            }

            var next = i;
            while (next < values.Length && values[next] is null && !broken[next])
            {
                next++;
            }

            if (next < values.Length && !broken[next] && next - i < most)
            {
                var (start, end) = (values[i - 1]!.Value, values[next]!.Value);
                for (var j = i; j < next; j++)
                {
                    values[j] = start + ((end - start) * (j - i + 1) / (next - i + 1));
                }
            }

            i = next;
        }
    }

    private static int X(int slot, int slots) => (int)Math.Round((slot + 0.5) * Box / slots);

    private static int Y(double share) => (int)Math.Round(share * Box);
}
