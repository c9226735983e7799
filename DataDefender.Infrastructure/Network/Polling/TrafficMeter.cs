using System.Text.RegularExpressions;
using System.Collections.Immutable;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Network.Polling;

/// <summary>
/// Makes rates out of the interface counters of one router. A counter that went back was reset (a restart, or by hand) and gives no
/// rate, except where an old 32-bit counter turned over.
/// </summary>
internal sealed partial class TrafficMeter(TimeProvider clock)
{
    /// <summary>What a poll asks of <c>/interface</c>.</summary>
    public static readonly string[] Properties =
        [".id", "name", "type", "comment", "running", "disabled", "rx-byte", "tx-byte", "rx-error", "tx-error", "link-downs"];

    private const ulong Turn = 1UL << 32;
    private readonly Dictionary<string, Counted> _last = new(StringComparer.Ordinal);

    /// <summary>The readings, and the traffic of the uplink: download is what it receives, upload what it sends.</summary>
    /// <param name="restarted">The router was restarted since the last reading, so its counters began anew.</param>
    public (ImmutableArray<InterfaceReading> Interfaces, double? Download, double? Upload) Read(IReadOnlyList<RouterRow> rows, bool restarted)
    {
        if (restarted)
        {
            _last.Clear();
        }

        var now = clock.GetTimestamp();
        var readings = ImmutableArray.CreateBuilder<InterfaceReading>(rows.Count);
        double? download = null, upload = null;
        foreach (var row in rows)
        {
            if (Read(row, now) is { } reading)
            {
                readings.Add(reading);
            }
        }

        foreach (var gone in _last.Where(l => l.Value.At != now).Select(l => l.Key).ToList())
        {
            _last.Remove(gone);
        }

        foreach (var reading in Uplinks(rows, readings))
        {
            download = Sum(download, reading.RxBitsPerSecond);
            upload = Sum(upload, reading.TxBitsPerSecond);
        }

        return (readings.DrainToImmutable(), download, upload);
    }

    private InterfaceReading? Read(RouterRow row, long now)
    {
        if (row["name"] is not { } name || RouterOsValues.Counter(row["rx-byte"]) is not { } rx || RouterOsValues.Counter(row["tx-byte"]) is not { } tx)
        {
            return null;
        }

        var key = row.Id ?? name;
        var (received, sent) = (RouterOsValues.Number(row["rx-error"]), RouterOsValues.Number(row["tx-error"]));
        var errors = received is null ? sent : received + (sent ?? 0);
        double? rxRate = null, txRate = null, errorRate = null;
        if (_last.TryGetValue(key, out var last) && clock.GetElapsedTime(last.At, now) is { TotalSeconds: > 0.5 } passed)
        {
            (rxRate, txRate) = (Rate(last.Rx, rx, passed), Rate(last.Tx, tx, passed));
            errorRate = errors - last.Errors is >= 0 and var more ? more / passed.TotalMinutes : null;
        }

        _last[key] = new Counted(rx, tx, errors, now);
        return new InterfaceReading(
            name,
            row["type"] ?? "",
            RouterOsValues.Boolean(row["running"]) is true,
            RouterOsValues.Boolean(row["disabled"]) is true,
            Signed(rx),
            Signed(tx),
            rxRate,
            txRate,
            errors ?? 0,
            RouterOsValues.Number(row["link-downs"]) ?? 0) { ErrorsPerMinute = errorRate };
    }

    // The uplink is what somebody called so; else the first physical port, where MikroTik's own default configuration puts it.
    private static IEnumerable<InterfaceReading> Uplinks(IReadOnlyList<RouterRow> rows, IReadOnlyList<InterfaceReading> readings)
    {
        var named = rows.Where(r => Says(r["name"]) || Says(r["comment"])).Select(r => r["name"]).ToHashSet(StringComparer.Ordinal);
        return named.Count > 0
            ? readings.Where(r => named.Contains(r.Name) && !r.Disabled)
            : readings.Where(r => r.Type is "ether" or "wlan" or "wifi" or "lte").Take(1);

        static bool Says(string? text) => text is not null && Uplink().IsMatch(text);
    }

    // A word of its own: Wanjiku and Mwangi are customers.
    [GeneratedRegex("(?<![a-z])(wan|uplink)(?![a-z])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Uplink();

    private static double? Rate(ulong before, ulong after, TimeSpan passed)
    {
        if (after >= before)
        {
            return (after - before) * 8 / passed.TotalSeconds;
        }

        var turned = before < Turn ? Turn - before + after : ulong.MaxValue;
        return turned < Turn / 4 ? turned * 8 / passed.TotalSeconds : null;
    }

    private static double? Sum(double? left, double? right) => right is null ? left : (left ?? 0) + right;

    private static long Signed(ulong counter) => counter > long.MaxValue ? long.MaxValue : (long)counter;

    private readonly record struct Counted(ulong Rx, ulong Tx, long? Errors, long At);
}
