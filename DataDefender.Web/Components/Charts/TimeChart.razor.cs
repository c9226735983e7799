using System.Globalization;
using System.Text;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Charts;

/// <summary>A live chart of values over time, drawn as SVG on the server. It renders again only when its series or its span are others.</summary>
public sealed partial class TimeChart
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;
    private static readonly TimeSpan[] Steps =
    [
        TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(15),
        TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromDays(1),
        TimeSpan.FromDays(2), TimeSpan.FromDays(7), TimeSpan.FromDays(14), TimeSpan.FromDays(30), TimeSpan.FromDays(61), TimeSpan.FromDays(122),
    ];

    private IReadOnlyList<ChartShape> _shapes = [];
    private IReadOnlyList<(DateTime At, string Text)> _times = [];
    private ChartScale _scale = ChartScale.Percent;
    private (IReadOnlyList<ChartSeries>, DateTime, DateTime)? _drawn;
    private bool _table;
    private bool _stale = true;

    [Parameter, EditorRequired]
    public string Title { get; set; } = "";

    [Parameter, EditorRequired]
    public IReadOnlyList<ChartSeries> Series { get; set; } = [];

    /// <summary>The span of the time axis, UTC. Move it in whole steps, or every render draws everything anew.</summary>
    [Parameter, EditorRequired]
    public DateTime From { get; set; }

    [Parameter, EditorRequired]
    public DateTime Until { get; set; }

    [Parameter]
    public ChartUnit Unit { get; set; } = ChartUnit.BitsPerSecond;

    /// <summary>How far two readings may lie apart and still be joined: a little over two of their intervals.</summary>
    [Parameter]
    public TimeSpan Bridge { get; set; } = TimeSpan.FromSeconds(35);

    /// <summary>How far readings lie apart at the least: a plot has no more slots than readings.</summary>
    [Parameter]
    public TimeSpan Step { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Pixels of the plot.</summary>
    [Parameter]
    public int Height { get; set; } = 220;

    /// <summary>What stands in the plot while there is nothing to draw.</summary>
    [Parameter]
    public string Empty { get; set; } = "Nothing was measured in this time.";

    private bool IsEmpty => _shapes.All(s => s.Line.Length == 0);

    private int OffsetMinutes => (int)(Formats.Local(Until) - Until).TotalMinutes;

    protected override void OnParametersSet()
    {
        if (_drawn == (Series, From, Until))
        {
            return;
        }

        (_drawn, _stale) = ((Series, From, Until), true);
        var slots = Math.Clamp((int)((Until - From) / Step), 2, ChartShape.MaxSlots);
        var spread = Series.Select(s => ChartShape.Spread(s.Points, From, Until, slots, Bridge)).ToList();
        _scale = Unit is ChartUnit.Percent
            ? ChartScale.Percent
            : ChartScale.For(Highest(below: false), Highest(below: true), ChartText.Least(Unit));
        _shapes = [.. spread.Select((s, i) => ChartShape.Of(s, _scale, Series[i].Below))];
        _times = [.. Times()];

        double Highest(bool below) => Series.Zip(spread).Where(s => s.First.Below == below).SelectMany(s => s.Second).Max() ?? 0;
    }

    protected override bool ShouldRender() => _stale;

    protected override void OnAfterRender(bool firstRender) => _stale = false;

    private void Turn() => (_table, _stale) = (!_table, true);

    // Round clock times of the company, a handful over the span, none cut off at its ends.
    private IEnumerable<(DateTime, string)> Times()
    {
        var span = Until - From;
        var step = Steps.FirstOrDefault(s => span / s <= 6, Steps[^1]);
        var format = step < TimeSpan.FromMinutes(1) ? "HH:mm:ss" : step < TimeSpan.FromDays(1) ? span > TimeSpan.FromHours(26) ? "d MMM HH:mm" : "HH:mm" : span > TimeSpan.FromDays(300) ? "MMM yyyy" : "d MMM";
        var shift = Formats.Local(Until) - Until;
        for (var at = new DateTime(((From + shift).Ticks / step.Ticks + 1) * step.Ticks, DateTimeKind.Utc) - shift; at < Until; at += step)
        {
            if (Share(at) is > 0.03 and < 0.97)
            {
                yield return (at, (at + shift).ToString(format, Plain));
            }
        }
    }

    // One chunk a series, "name:tone:side:values", values empty where unknown: short, because it travels with each change.
    private string Data => string.Join('|', _shapes.Select((shape, i) =>
        $"{Series[i].Name}:{Series[i].Tone}:{(Series[i].Below ? -1 : 1)}:{string.Join(',', shape.Slots.Select(v => v is { } known ? Number(known) : ""))}"));

    private string Spoken()
    {
        var text = new StringBuilder(Title).Append(". ");
        foreach (var (series, shape) in Series.Zip(_shapes))
        {
            var known = shape.Slots.OfType<double>().ToList();
            text.Append(known.Count == 0
                ? $"{series.Name}: nothing measured. "
                : $"{series.Name}: now {ChartText.Value(Unit, shape.Slots[^1] ?? known[^1])}, highest {ChartText.Value(Unit, known.Max())}, lowest {ChartText.Value(Unit, known.Min())}. ");
        }

        return text.ToString().TrimEnd();
    }

    // Thirty rows tell the same story as three hundred.
    private IEnumerable<(DateTime At, IReadOnlyList<double?> Values)> Rows()
    {
        var slots = _shapes.Count == 0 ? 0 : _shapes[0].Slots.Count;
        var each = Math.Max(1, slots / 30);
        for (var i = slots - 1; i >= 0; i -= each)
        {
            yield return (From + ((Until - From) * ((i + 0.5) / slots)), [.. _shapes.Select(s => s.Slots[i])]);
        }
    }

    private double Share(DateTime at) => (at - From) / (Until - From);

    private int X(DateTime at) => (int)Math.Round(Share(at) * 1000);

    private int Y(double tick) => (int)Math.Round(_scale.At(tick) * 1000);

    private static string PerCent(double share) => (share * 100).ToString("0.##", Plain);

    private static string Number(double value) => value.ToString(value >= 1000 ? "0" : "0.##", Plain);

    private static long Unix(DateTime at) => new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)).ToUnixTimeSeconds();
}
