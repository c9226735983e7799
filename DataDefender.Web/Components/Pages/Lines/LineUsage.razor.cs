using System.Globalization;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;

namespace DataDefender.Web.Components.Pages.Lines;

/// <summary>What a line moved each day: download above the axis, upload below, zero-based.</summary>
public sealed partial class LineUsage(LineHistoryService history)
{
    private const int Days = 30;
    private const double Width = 600;
    private const double Height = 180;

    private IReadOnlyList<UsageDay>? _days;
    private Guid _shown;
    private Exception? _failure;

    [Parameter, EditorRequired]
    public Guid LineId { get; set; }

    protected override Task OnParametersSetAsync()
    {
        if (_shown == LineId)
        {
            return Task.CompletedTask;
        }

        (_shown, _days) = (LineId, null);
        return LoadAsync();
    }

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Short(DateOnly day) => day.ToString("d MMM", CultureInfo.InvariantCulture);

    private static string Summary(IReadOnlyList<UsageDay> days) =>
        $"{Formats.Volume(days.Sum(d => d.DownloadBytes))} downloaded and {Formats.Volume(days.Sum(d => d.UploadBytes))} uploaded in {days.Count} days; most on {days.MaxBy(d => d.DownloadBytes + d.UploadBytes)!.Day:d MMMM}";

    /// <summary>Bytes that a grid line stands for: 1, 2 or 5 times a power of ten, so that about three lines fit above the axis.</summary>
    private static double Step(IReadOnlyList<UsageDay> days)
    {
        var rough = Math.Max(1, days.Max(d => Math.Max(d.DownloadBytes, d.UploadBytes))) / 3.0;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
    }

    private static (double Above, double Below) Extent(IReadOnlyList<UsageDay> days)
    {
        var step = Step(days);
        return (Math.Max(1, Math.Ceiling(days.Max(d => d.DownloadBytes) / step)) * step, Math.Max(1, Math.Ceiling(days.Max(d => d.UploadBytes) / step)) * step);
    }

    /// <summary>Where the axis is.</summary>
    private static double Zero(IReadOnlyList<UsageDay> days)
    {
        var (above, below) = Extent(days);
        return Height * above / (above + below);
    }

    private static IEnumerable<(double Y, string Text)> Marks(IReadOnlyList<UsageDay> days)
    {
        var (step, (above, below)) = (Step(days), Extent(days));
        for (var value = above; value >= -below - (step / 2); value -= step)
        {
            yield return (Height * (above - value) / (above + below), Math.Abs(value) < step / 2 ? "0" : Formats.Volume((long)Math.Abs(value)));
        }
    }

    private static IEnumerable<(double X, double Width, double Down, double Up, string Tip)> Bars(IReadOnlyList<UsageDay> days)
    {
        var (above, below) = Extent(days);
        var (place, scale) = (Width / days.Count, Height / (above + below));
        return days.Select((day, i) => (
            (i * place) + 3, place - 6, day.DownloadBytes * scale, day.UploadBytes * scale,
            $"{day.Day.ToString("ddd d MMM", CultureInfo.InvariantCulture)}: {Formats.Volume(day.DownloadBytes)} down, {Formats.Volume(day.UploadBytes)} up"));
    }

    private async Task LoadAsync()
    {
        try
        {
            (_days, _failure) = (await history.UsageAsync(LineId, Days), null);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }
}
