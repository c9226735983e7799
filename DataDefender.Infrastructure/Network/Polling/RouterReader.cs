using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Network.Polling;

/// <summary>Which of the slower questions a poll asks beside resources and interfaces.</summary>
[Flags]
internal enum PollTiers
{
    Basic = 0,
    Sessions = 1,
    Inventory = 2,
    Health = 4,
}

/// <summary>What one poll brought. Null is what the router did not say.</summary>
/// <param name="Gap">What it refused or left unanswered, in words, or null.</param>
internal sealed record RouterReading(
    TimeSpan Took, RouterRow Resource, IReadOnlyList<RouterRow>? Interfaces, int? Sessions, RouterDescription? Description, string? Gap)
{
    /// <summary>Null when it was not asked or has no sensors.</summary>
    public RouterSensors? Sensors { get; init; }

    /// <summary>Null when it was not asked, or says nothing of it.</summary>
    public RouterLicence? Licence { get; init; }
}

/// <summary>What a router measures of itself: degrees Celsius and volts; null what it does not measure.</summary>
internal sealed record RouterSensors(double? Temperature, double? Voltage);

/// <summary>No answer to the first question of a poll.</summary>
internal sealed record PollMiss(MissKind Kind, string Reason);

/// <summary>Asks one router the questions of a poll, one after the other, so that there is one poll command in flight.</summary>
internal sealed class RouterReader(IRouterGateway gateway, TimeProvider clock)
{
    private static readonly string[] ResourceProperties =
        ["cpu-load", "free-memory", "total-memory", "uptime", "version", "board-name"];

    private static readonly string[] SensorProperties =
        ["name", "value", "temperature", "cpu-temperature", "board-temperature1", "voltage", "psu1-voltage"];

    private static readonly string[] SessionMenus = ["/ppp/active", "/ip/hotspot/active"];

    // Interfaces that come and go with sessions are thousands; accounting tells about those.
    private static readonly string[] NotDynamic = [RouterQuery.Is("dynamic", "true"), RouterQuery.Not];

    public async Task<(RouterReading? Reading, PollMiss? Miss)> ReadAsync(RouterEndpoint router, PollTiers tiers, CancellationToken ct)
    {
        var asked = clock.GetTimestamp();
        var outcome = await gateway.PrintAsync(router, "/system/resource", properties: ResourceProperties, ct: ct);
        var took = clock.GetElapsedTime(asked);
        if (outcome is not RouterOutcome.Done { Rows: [var resource, ..] })
        {
            return (null, Miss(outcome));
        }

        var gaps = new Gaps();
        var interfaces = await RowsAsync(router, "/interface", NotDynamic, TrafficMeter.Properties, gaps, ct);
        var sessions = tiers.HasFlag(PollTiers.Sessions) ? await CountSessionsAsync(router, gaps, ct) : null;
        var description = tiers.HasFlag(PollTiers.Inventory) ? await DescribeAsync(router, resource, gaps, ct) : null;
        var licence = tiers.HasFlag(PollTiers.Inventory) ? await LicenceAsync(router, gaps, ct) : null;
        var sensors = tiers.HasFlag(PollTiers.Health) ? await SenseAsync(router, gaps, ct) : null;
        return gaps.Lost is { } lost
            ? (null, Miss(lost)) // what was answered before the connection broke is as old as the poll before it
            : (new RouterReading(took, resource, interfaces, sessions, description, gaps.InWords) { Sensors = sensors, Licence = licence }, null);
    }

    /// <summary>What a command that did not end as done says about the router.</summary>
    public static PollMiss Miss(RouterOutcome outcome) => outcome switch
    {
        RouterOutcome.Refused refused => new PollMiss(MissKind.LockedOut, $"It refuses to be read: {refused.Message}."),
        RouterOutcome.Unknown { Connect: { } failure } => new PollMiss(Kind(failure.Kind), failure.Message),
        RouterOutcome.Unknown unknown => new PollMiss(MissKind.NoAnswer, unknown.Reason),
        _ => new PollMiss(MissKind.Misdirected, "What answers does not behave like RouterOS."),
    };

    private static MissKind Kind(RouterConnectFailureKind kind) => kind switch
    {
        RouterConnectFailureKind.WrongPassword
            or RouterConnectFailureKind.CertificateChanged
            or RouterConnectFailureKind.CertificateExpired
            or RouterConnectFailureKind.TlsFailed
            or RouterConnectFailureKind.ConnectionLimit
            or RouterConnectFailureKind.NotPermitted => MissKind.LockedOut,
        RouterConnectFailureKind.NameNotFound
            or RouterConnectFailureKind.AddressNotAllowed
            or RouterConnectFailureKind.NotRouterOs => MissKind.Misdirected,
        _ => MissKind.NoAnswer,
    };

    private async Task<int?> CountSessionsAsync(RouterEndpoint router, Gaps gaps, CancellationToken ct)
    {
        int? total = null;
        foreach (var menu in SessionMenus)
        {
            switch (await gateway.ExecuteAsync(router, RouterCommand.Count(menu), ct))
            {
                case RouterOutcome.Done done when RouterOsValues.Number(done.Ret) is { } number:
                    total = (total ?? 0) + (int)number;
                    break;
                case RouterOutcome.Refused { Kind: RouterRefusal.NoSuchCommand }:
                    break; // the hotspot package is not installed: no sessions of that kind
                case var other:
                    gaps.Add(menu, other);
                    return null; // half a count would read as sessions lost
            }
        }

        return total;
    }

    /// <summary>Version 6 answers one row with a property each, version 7 a row each; boxes without sensors answer nothing or know no such menu.</summary>
    private async Task<RouterSensors?> SenseAsync(RouterEndpoint router, Gaps gaps, CancellationToken ct)
    {
        var outcome = await gateway.PrintAsync(router, "/system/health", properties: SensorProperties, ct: ct);
        if (outcome is not RouterOutcome.Done { Rows: var rows })
        {
            if (outcome is RouterOutcome.Unknown)
            {
                gaps.Add("/system/health", outcome);
            }

            return null;
        }

        double? Value(string name) => Number(rows.FirstOrDefault(r => r["name"] == name)?["value"] ?? rows.Select(r => r[name]).FirstOrDefault(v => v is not null));
        return new RouterSensors(Value("temperature") ?? Value("board-temperature1") ?? Value("cpu-temperature"), Value("voltage") ?? Value("psu1-voltage"));
    }

    private static double? Number(string? text) =>
        double.TryParse(text?.TrimEnd('V', 'C', ' '), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>A RouterBOARD has nlevel and no end (version 7 calls it level on some boards), a CHR level and two dates.</summary>
    private async Task<RouterLicence?> LicenceAsync(RouterEndpoint router, Gaps gaps, CancellationToken ct)
    {
        var outcome = await gateway.PrintAsync(router, "/system/license", properties: ["level", "nlevel", "deadline-at", "next-renewal-at"], ct: ct);
        if (outcome is RouterOutcome.Unknown)
        {
            gaps.Add("/system/license", outcome);
        }

        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        return outcome is RouterOutcome.Done { Rows: [var row, ..] } && (row["level"] ?? row["nlevel"]) is { Length: > 0 } level
            ? new RouterLicence(level, RouterOsValues.Timestamp(row["deadline-at"], today), RouterOsValues.Timestamp(row["next-renewal-at"], today))
            : null;
    }

    private async Task<RouterDescription?> DescribeAsync(RouterEndpoint router, RouterRow resource, Gaps gaps, CancellationToken ct)
    {
        var identity = await RowsAsync(router, "/system/identity", null, ["name"], gaps, ct);
        if (identity is not [var named, ..])
        {
            return null;
        }

        var board = await gateway.PrintAsync(router, "/system/routerboard", properties: ["model", "serial-number"], ct: ct); // empty on CHR and x86
        var hardware = board is RouterOutcome.Done { Rows: [var row, ..] } ? row : null;
        return new RouterDescription(named["name"], hardware?["model"] ?? resource["board-name"], resource["version"], hardware?["serial-number"]);
    }

    private async Task<IReadOnlyList<RouterRow>?> RowsAsync(
        RouterEndpoint router, string menu, IReadOnlyCollection<string>? query, IReadOnlyCollection<string> properties, Gaps gaps, CancellationToken ct)
    {
        var outcome = await gateway.PrintAsync(router, menu, query, properties, ct);
        if (outcome is RouterOutcome.Done done)
        {
            return done.Rows;
        }

        gaps.Add(menu, outcome);
        return null;
    }

    /// <summary>What a poll asked for and did not get.</summary>
    private sealed class Gaps
    {
        private string? _words;

        public RouterOutcome.Unknown? Lost { get; private set; }

        public string? InWords => _words;

        public void Add(string menu, RouterOutcome outcome)
        {
            Lost ??= outcome as RouterOutcome.Unknown;
            var gap = outcome is RouterOutcome.Refused refused ? $"{menu} was refused: {refused.Message}." : $"{menu} gave no number.";
            _words = _words is null ? gap : $"{_words} {gap}";
        }
    }
}
