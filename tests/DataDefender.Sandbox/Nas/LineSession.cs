using System.Net;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Sandbox.RouterOs;
using static DataDefender.Sandbox.RouterOs.RouterFormat;

namespace DataDefender.Sandbox.Nas;

/// <summary>
/// One session that is up: what the router knows of it and what it has carried. Counters are worked out when they are
/// asked for, so an idle session costs nothing but its memory. Callers hold the router's lock.
/// </summary>
internal sealed class LineSession(SimulatedRouter router, Subscriber subscriber, string id, IPAddress address, DateTimeOffset startedAt, bool byRadius) : IRowSource
{
    /// <summary>What a walled line still carries: DNS and the portal.</summary>
    private const double WalledBits = 24_000;

    private readonly ulong _seed = Seeded.Hash(router.Seed, subscriber.Username);
    private DateTimeOffset? _counted;
    private double _uploadBytes;
    private double _downloadBytes;

    public Subscriber Subscriber => subscriber;

    /// <summary>Eight hexadecimal digits, as Acct-Session-Id carries them.</summary>
    public string Id => id;

    public IPAddress Address => address;

    public DateTimeOffset StartedAt => startedAt;

    /// <summary>Whether RADIUS let it in (and is told of it), or a local secret.</summary>
    public bool ByRadius => byRadius;

    public string InterfaceName { get; init; } = "";

    public RateLimit Limit { get; private set; } = RateLimit.None;

    public string? LimitText { get; private set; }

    public string? AddressList { get; set; }

    public TimeSpan? SessionTimeout { get; set; }

    public TimeSpan? InterimInterval { get; set; }

    /// <summary>Octets after which the NAS ends the session; null: none.</summary>
    public (ulong? Up, ulong? Down, ulong? Total) Volume { get; set; }

    public IReadOnlyList<byte[]> Classes { get; init; } = [];

    public bool IsWalled { get; private set; }

    public bool HasEnded { get; set; }

    public List<(Table Table, Row Row)> Rows { get; } = [];

    public ulong UploadBytes => (ulong)_uploadBytes;

    public ulong DownloadBytes => (ulong)_downloadBytes;

    public ulong UploadPackets => (ulong)(_uploadBytes / 420);

    public ulong DownloadPackets => (ulong)(_downloadBytes / 1100);

    public TimeSpan Uptime(DateTimeOffset now) => now > startedAt ? now - startedAt : TimeSpan.Zero;

    public void SetLimit(string? text, RateLimit limit)
    {
        Count(router.Clock.Now);
        (LimitText, Limit) = (text, limit);
    }

    public void SetWalled(bool walled)
    {
        Count(router.Clock.Now);
        IsWalled = walled;
    }

    /// <summary>Adds what was carried since the last time.</summary>
    public void Count(DateTimeOffset now)
    {
        var since = _counted ?? startedAt;
        var seconds = (now - since).TotalSeconds;
        if (seconds < 0.1)
        {
            return;
        }

        var from = since.ToUnixTimeMilliseconds() / 1000.0;
        var until = from + seconds;
        while (from < until)
        {
            var step = (long)Math.Floor(from / TrafficCurve.StepSeconds);
            var end = Math.Min(until, (step + 1) * (double)TrafficCurve.StepSeconds);
            var (up, down) = Rate(step);
            _uploadBytes += up * (end - from) / 8;
            _downloadBytes += down * (end - from) / 8;
            from = end;
        }

        _counted = now;
    }

    /// <summary>Bits per second now, upload and download.</summary>
    public (long Up, long Down) RateNow(DateTimeOffset now)
    {
        var (up, down) = Rate(now.ToUnixTimeSeconds() / TrafficCurve.StepSeconds);
        return ((long)up, (long)down);
    }

    public string? Get(string menu, string field) => menu switch
    {
        "/interface" or "/interface/pppoe-server" => Interface(field),
        "/ppp/active" => Active(field),
        "/queue/simple" => Queue(field),
        "/ip/hotspot/active" => Hotspot(field),
        "/ip/hotspot/host" => Host(field),
        _ => null,
    };

    public bool Remove(string menu)
    {
        if (menu == "/queue/simple")
        {
            return false;
        }

        router.Nas.End(this, AcctTerminateCause.AdminReset);
        return true;
    }

    private (double Up, double Down) Rate(long step)
    {
        if (IsWalled)
        {
            return (WalledBits / 3, WalledBits);
        }

        var down = TrafficCurve.Demand(_seed, subscriber.PeakBits, step);
        var up = TrafficCurve.Demand(_seed ^ 0x55, subscriber.PeakBits * 0.14, step);
        return (Capped(up, Limit.Upload), Capped(down, Limit.Download));
    }

    private static double Capped(double bits, long limit) => limit > 0 && bits > limit ? limit * 0.97 : bits;

    private string? Interface(string field)
    {
        var now = router.Clock.Now;
        Count(now);
        return field switch
        {
            "name" => InterfaceName,
            "type" => "pppoe-in",
            "mtu" or "actual-mtu" or "mru" => "1480",
            "l2mtu" or "max-l2mtu" or "default-name" or "mac-address" => null,
            "user" => subscriber.Username,
            "service" => subscriber.ServiceName,
            "interface" => router.AccessInterface,
            "remote-address" => subscriber.Mac,
            "uptime" => Duration(Uptime(now)),
            "running" => "true",
            "disabled" => "false",
            "last-link-up-time" => DateTime(startedAt + router.LocalOffset, router.Personality),
            "rx-byte" or "fp-rx-byte" => Number(UploadBytes),
            "tx-byte" or "fp-tx-byte" => Number(DownloadBytes),
            "rx-packet" or "fp-rx-packet" => Number(UploadPackets),
            "tx-packet" or "fp-tx-packet" => Number(DownloadPackets),
            "tx-queue-drop" => Number(DownloadPackets / 4000),
            "rx-drop" or "tx-drop" or "rx-error" or "tx-error" => "0",
            _ => null,
        };
    }

    private string? Active(string field) => field switch
    {
        "name" => subscriber.Username,
        "service" => "pppoe",
        "caller-id" => subscriber.Mac,
        "address" => address.ToString(),
        "uptime" => Duration(Uptime(router.Clock.Now)),
        "session-id" => $"0x{id}",
        "radius" => Bool(byRadius),
        "limit-bytes-in" => Number(Volume.Up ?? 0),
        "limit-bytes-out" => Number(Volume.Down ?? 0),
        _ => null,
    };

    private string? Queue(string field)
    {
        var now = router.Clock.Now;
        Count(now);
        var (up, down) = RateNow(now);
        return field switch
        {
            "name" => InterfaceName,
            "target" => subscriber.Service == SubscriberService.Pppoe ? InterfaceName : $"{address}/32",
            "max-limit" => $"{Limit.Upload}/{Limit.Download}",
            "limit-at" => $"{Limit.MinUpload}/{Limit.MinDownload}",
            "burst-limit" => $"{Limit.BurstUpload}/{Limit.BurstDownload}",
            "burst-threshold" => $"{Limit.ThresholdUpload}/{Limit.ThresholdDownload}",
            "burst-time" => Limit.BurstDownload > 0 ? $"{Limit.BurstTimeUpload}s/{Limit.BurstTimeDownload}s" : "0s/0s",
            "priority" => $"{Limit.Priority}/{Limit.Priority}",
            "bytes" => $"{UploadBytes}/{DownloadBytes}",
            "packets" => $"{UploadPackets}/{DownloadPackets}",
            "rate" => $"{up}/{down}",
            "packet-rate" => $"{up / 8 / 420}/{down / 8 / 1100}",
            "dropped" => $"0/{DownloadPackets / 4000}",
            "disabled" => "false",
            _ => null,
        };
    }

    private string? Hotspot(string field)
    {
        var now = router.Clock.Now;
        Count(now);
        return field switch
        {
            "server" => subscriber.ServiceName,
            "user" => subscriber.Username,
            "address" => address.ToString(),
            "mac-address" => subscriber.Mac,
            "login-by" => subscriber.Method switch { AuthenticationMethod.Mac => "mac", AuthenticationMethod.Pap => "http-pap", _ => "http-chap" },
            "uptime" => Duration(Uptime(now)),
            "session-time-left" => SessionTimeout is { } timeout ? Duration(timeout - Uptime(now)) : null,
            "keepalive-timeout" => "2m",
            "bytes-in" => Number(UploadBytes),
            "bytes-out" => Number(DownloadBytes),
            "packets-in" => Number(UploadPackets),
            "packets-out" => Number(DownloadPackets),
            "limit-bytes-in" => Volume.Up is { } limit ? Number(limit) : null,
            "limit-bytes-out" => Volume.Down is { } limit ? Number(limit) : null,
            "limit-bytes-total" => Volume.Total is { } limit ? Number(limit) : null,
            "radius" => Bool(byRadius),
            _ => null,
        };
    }

    private string? Host(string field) => field switch
    {
        "to-address" => address.ToString(),
        "authorized" => "true",
        _ => Hotspot(field),
    };
}
