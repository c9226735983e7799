using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;

namespace DataDefender.Infrastructure.Accounting;

/// <summary>A session as a router lists it.</summary>
internal sealed record ListedSession(string Username, string? SessionId, string? Address, string? Mac, TimeSpan? Uptime, bool ByRadius)
{
    /// <summary>How it is told between two readings.</summary>
    public string Key => SessionId ?? $"{Username} {Mac} {Address}";
}

/// <summary>What a router lists at one moment.</summary>
internal sealed class RouterSessions
{
    private static readonly string[] PppProperties = ["name", "session-id", "address", "caller-id", "uptime", "radius"];
    private static readonly string[] HotspotProperties = ["user", "address", "mac-address", "uptime", "radius"];
    private static readonly string[] LeaseProperties = ["active-address", "active-mac-address", "radius"];

    private readonly HashSet<string> _ids;
    private readonly HashSet<(string User, string Address, string Mac)> _lines;

    public RouterSessions(IReadOnlyList<ListedSession> all)
    {
        All = all;
        _ids = [.. all.Select(s => s.SessionId).OfType<string>()];
        _lines = [.. all.Select(s => Line(s.Username, s.Address, s.Mac)).OfType<(string, string, string)>()];
    }

    public IReadOnlyList<ListedSession> All { get; }

    /// <summary>Null when the router did not answer, or refused one of its lists: half a list would read as sessions lost.</summary>
    /// <param name="username">Only this user's sessions; null for all.</param>
    public static async Task<RouterSessions?> ReadAsync(IRouterGateway gateway, RouterEndpoint router, string? username, CancellationToken ct)
    {
        var ppp = await gateway.PrintAsync(router, "/ppp/active", username is null ? null : [RouterQuery.Is("name", username)], PppProperties, ct);
        if (ppp is not RouterOutcome.Done pppRows)
        {
            return null;
        }

        if (await OptionalAsync(gateway, router, "/ip/hotspot/active", username is null ? [] : [RouterQuery.Is("user", username)], HotspotProperties, ct) is not { } hotspot)
        {
            return null;
        }

        // Whoever has an address by DHCP is called by the MAC.
        var mac = MacAddress.Normalise(username);
        string[] leased = [RouterQuery.Is("radius", "true"), RouterQuery.Is("status", "bound"), .. mac is null ? (string[])[] : [RouterQuery.Is("active-mac-address", mac)]];
        return username is not null && mac is null ? new RouterSessions([.. pppRows.Rows.Select(Ppp), .. hotspot.Select(Hotspot)])
            : await OptionalAsync(gateway, router, "/ip/dhcp-server/lease", leased, LeaseProperties, ct) is not { } leases ? null
            : new RouterSessions([.. pppRows.Rows.Select(Ppp), .. hotspot.Select(Hotspot), .. leases.Select(Lease)]);
    }

    /// <summary>None where the package is not installed.</summary>
    private static async Task<IReadOnlyList<RouterRow>?> OptionalAsync(IRouterGateway gateway, RouterEndpoint router, string menu, string[] query, string[] properties, CancellationToken ct) =>
        await gateway.PrintAsync(router, menu, query, properties, ct) switch
        {
            RouterOutcome.Done done => done.Rows,
            RouterOutcome.Refused { Kind: RouterRefusal.NoSuchCommand } => [],
            _ => null,
        };

    /// <summary>By its id, or by user, address and MAC together: the hotspot's list has no ids.</summary>
    public bool Has(LiveSession session) =>
        _ids.Contains(session.AcctSessionId.ToUpperInvariant())
        || (Line(session.Username, session.FramedAddress, session.CallingStationId) is { } line && _lines.Contains(line));

    /// <summary>Sessions of the list that none of the given is.</summary>
    public IEnumerable<ListedSession> Without(IReadOnlyCollection<LiveSession> known)
    {
        var ids = known.Select(s => s.AcctSessionId.ToUpperInvariant()).ToHashSet();
        var lines = known.Select(s => Line(s.Username, s.FramedAddress, s.CallingStationId)).OfType<(string, string, string)>().ToHashSet();
        return All.Where(s => !(s.SessionId is not null && ids.Contains(s.SessionId)) && !(Line(s.Username, s.Address, s.Mac) is { } line && lines.Contains(line)));
    }

    private static (string User, string Address, string Mac)? Line(string user, string? address, string? mac) =>
        address is not null && mac is not null ? (MacAddress.Normalise(user) ?? user.ToUpperInvariant(), address, MacAddress.Normalise(mac) ?? mac) : null;

    // RouterOS writes the id as a number, 0x8010001A, and sends its digits alone as Acct-Session-Id.
    private static ListedSession Ppp(RouterRow row) => new(
        row["name"] ?? "",
        row["session-id"] is { Length: > 0 } id ? (id.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? id[2..] : id).ToUpperInvariant() : null,
        row["address"],
        row["caller-id"],
        RouterOsValues.Duration(row["uptime"]),
        RouterOsValues.Boolean(row["radius"]) is true);

    private static ListedSession Hotspot(RouterRow row) => new(
        row["user"] ?? "", null, row["address"], row["mac-address"], RouterOsValues.Duration(row["uptime"]), RouterOsValues.Boolean(row["radius"]) is true);

    private static ListedSession Lease(RouterRow row) => new(
        row["active-mac-address"] ?? "", null, row["active-address"], row["active-mac-address"], null, RouterOsValues.Boolean(row["radius"]) is true);
}
