using System.Globalization;
using System.Net;
using DataDefender.Sandbox.Nas;
using static DataDefender.Sandbox.RouterOs.RouterFormat;

namespace DataDefender.Sandbox.RouterOs;

internal readonly record struct InterfaceCounters(long RxBytes, long TxBytes, long RxPackets, long TxPackets, long RxErrors, long RxBits, long TxBits);

/// <summary>
/// Counters of everything that is not a session. The uplink and the access port carry what the sessions carry; other ports
/// have a load of their own, a closed form of the time since boot, so that nothing has to tick.
/// </summary>
internal sealed class RouterTraffic(SimulatedRouter router)
{
    private const double DaySeconds = 86_400;

    public InterfaceCounters Of(Row row)
    {
        var name = row["name"] ?? "";
        if (row["disabled"] == "true" || row["running"] == "false")
        {
            return default;
        }

        var now = router.Clock.Now;
        var (ownBytes, ownBits) = Own(name, now);
        var (up, down) = router.Sessions.Totals(now);
        var carriesSessions = name == router.UplinkInterface || name == router.AccessInterface;
        var (upRate, downRate) = carriesSessions ? router.Sessions.RateNow(now) : default;
        var (rx, tx) = name == router.UplinkInterface ? (down + ownBytes, up + (ownBytes * 0.2))
            : name == router.AccessInterface ? (up + (ownBytes * 0.2), down + ownBytes)
            : (ownBytes, ownBytes * 0.3);
        var (rxBits, txBits) = name == router.UplinkInterface ? (downRate + ownBits, upRate + (ownBits * 0.2))
            : name == router.AccessInterface ? (upRate + (ownBits * 0.2), downRate + ownBits)
            : (ownBits, ownBits * 0.3);
        return new InterfaceCounters((long)rx, (long)tx, (long)(rx / 900), (long)(tx / 700), (long)(rx / 4e11), (long)rxBits, (long)txBits);
    }

    /// <summary>A queue that somebody configured shows what the session behind its target carries.</summary>
    public string QueueBytes(Row row) => Behind(row) is { } s ? $"{Since(row, "up", s.UploadBytes)}/{Since(row, "down", s.DownloadBytes)}" : "0/0";

    public string QueuePackets(Row row) => Behind(row) is { } s ? $"{Since(row, "up", s.UploadBytes) / 420}/{Since(row, "down", s.DownloadBytes) / 1100}" : "0/0";

    public string QueueRate(Row row) => Behind(row)?.RateNow(router.Clock.Now) is { } rate ? $"{rate.Up}/{rate.Down}" : "0/0";

    public string QueuePacketRate(Row row) => Behind(row)?.RateNow(router.Clock.Now) is { } rate ? $"{rate.Up / 3360}/{rate.Down / 8800}" : "0/0";

    public string RuleBytes(Row row) => Number((long)(RulePacketCount(row) * 640));

    public string RulePackets(Row row) => Number((long)RulePacketCount(row));

    /// <summary>Counters of this rule or queue begin anew.</summary>
    public void Reset(Row row)
    {
        var behind = Behind(row);
        row["reset-at"] = Number(router.Uptime.Ticks);
        row["reset-up"] = behind is null ? null : Number(behind.UploadBytes);
        row["reset-down"] = behind is null ? null : Number(behind.DownloadBytes);
    }

    private static ulong Since(Row row, string direction, ulong bytes) =>
        row[$"reset-{direction}"] is { } text && ulong.Parse(text, CultureInfo.InvariantCulture) is var mark && mark <= bytes ? bytes - mark : bytes;

    private double RulePacketCount(Row row)
    {
        var since = row["reset-at"] is { } text && long.Parse(text, CultureInfo.InvariantCulture) is var mark && mark <= router.Uptime.Ticks ? TimeSpan.FromTicks(mark) : TimeSpan.Zero;
        return row["disabled"] == "true" ? 0 : (router.Uptime - since).TotalSeconds * 40 * Seeded.Unit(router.Seed, $"{router.Name}:rule", row.Id);
    }

    private LineSession? Behind(Row row)
    {
        var target = row["target"]?.Split(',')[0] ?? "";
        var session = target.EndsWith("/32", StringComparison.Ordinal) && IPAddress.TryParse(target[..^3], out var address) ? router.Sessions.ByAddress(address) : null;
        session?.Count(router.Clock.Now);
        return session;
    }

    /// <summary>A daily sine between a tenth and all of a base rate, and its integral since boot.</summary>
    private (double Bytes, double Bits) Own(string name, DateTimeOffset now)
    {
        var peak = 4e5 + (3e6 * Seeded.Unit(router.Seed, $"{router.Name}:{name}"));
        var phase = Seeded.Unit(router.Seed, $"{name}:phase") * 2 * Math.PI;
        var (from, until) = (router.BootedAt.ToUnixTimeMilliseconds() / 1000.0, now.ToUnixTimeMilliseconds() / 1000.0);
        var turn = 2 * Math.PI / DaySeconds;
        var seconds = (0.55 * (until - from)) + (0.45 / turn * (Math.Cos((turn * from) + phase) - Math.Cos((turn * until) + phase)));
        return (Math.Max(0, peak * seconds / 8), peak * (0.55 + (0.45 * Math.Sin((turn * until) + phase))));
    }
}
