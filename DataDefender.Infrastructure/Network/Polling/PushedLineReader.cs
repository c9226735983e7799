using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;

namespace DataDefender.Infrastructure.Network.Polling;

/// <summary>
/// Reads of a router that has its lines itself who is online. One or two lists for all lines together, with the properties that are needed and
/// no others; which line is meant is told by user name or by our mark, so that no database is asked.
/// </summary>
internal sealed class PushedLineReader(IRouterGateway gateway, TimeProvider clock)
{
    // Octets that each queue had counted from the customer at the reading before: a line with a fixed address is online when more come. What
    // goes to it says nothing, for the internet also sends to an address where nobody is.
    private Dictionary<string, long> _sent = new(StringComparer.Ordinal);

    /// <summary>Null when the router did not answer: what was known of its lines only gets older.</summary>
    public async Task<RouterLines?> ReadAsync(PolledRouter router, RouterEndpoint endpoint, TimeSpan goodFor, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var mark = $"{Marks.Of(router.TenantId).Comment}line/";
        var online = router.Push switch
        {
            LinePush.Secrets => await SessionsAsync(endpoint, now, ct),
            LinePush.Leases => await LeasesAsync(endpoint, mark, ct),
            LinePush.Addresses => await AddressesAsync(endpoint, mark, ct),
            _ => null,
        };
        return online is null ? null : new RouterLines(router.TenantId, router.RouterId, router.Name, router.Push, router.TakesUnbound, now, goodFor, online);
    }

    private async Task<Dictionary<string, LineSighting>?> SessionsAsync(RouterEndpoint router, DateTime now, CancellationToken ct)
    {
        if (await RowsAsync(router, "/ppp/active", null, ["name", "address", "caller-id", "uptime", "radius"], ct) is not { } rows)
        {
            return null;
        }

        var online = new Dictionary<string, LineSighting>(StringComparer.Ordinal);
        foreach (var row in rows.Where(r => r["name"] is { Length: > 0 } && RouterOsValues.Boolean(r["radius"]) is not true))
        {
            online[row["name"]!.ToLowerInvariant()] = new LineSighting(row["address"], row["caller-id"], RouterOsValues.Duration(row["uptime"]) is { } up ? now - up : null, "its PPPoE session is open");
        }

        return online;
    }

    private async Task<Dictionary<string, LineSighting>?> LeasesAsync(RouterEndpoint router, string mark, CancellationToken ct)
    {
        var rows = await RowsAsync(router, "/ip/dhcp-server/lease", [RouterQuery.Is("dynamic", "false")], ["comment", "address", "mac-address", "status", "last-seen"], ct);
        return rows?.Where(r => IsOurs(r, mark) && r["status"] == "bound").GroupBy(r => Key(r, mark)).ToDictionary(
            g => g.Key,
            g => new LineSighting(g.First()["address"], g.First()["mac-address"], null, $"its lease is bound{(RouterOsValues.Duration(g.First()["last-seen"]) is { } seen ? $", last renewed {seen.TotalMinutes:0} min before" : "")}"),
            StringComparer.Ordinal);
    }

    private async Task<Dictionary<string, LineSighting>?> AddressesAsync(RouterEndpoint router, string mark, CancellationToken ct)
    {
        var queues = await RowsAsync(router, "/queue/simple", [RouterQuery.Is("dynamic", "false")], ["comment", "target", "bytes"], ct);
        var listed = await RowsAsync(router, "/ip/firewall/address-list", [RouterQuery.Is("dynamic", "false")], ["comment", "address"], ct); // where shaping is by trees, a line has no queue of its own
        var arp = await RowsAsync(router, "/ip/arp", [RouterQuery.Is("complete", "true")], ["address", "mac-address", "status"], ct);
        if (queues is null || listed is null || arp is null)
        {
            return null;
        }

        var neighbours = arp.Where(r => r["address"] is not null && r["status"] is null or "reachable" or "permanent" or "delay" or "probe").GroupBy(r => r["address"]!).ToDictionary(g => g.Key, g => g.First()["mac-address"], StringComparer.Ordinal);
        var online = new Dictionary<string, LineSighting>(StringComparer.Ordinal);
        var sent = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var row in queues.Where(r => IsOurs(r, mark)))
        {
            var (key, address, counted) = (Key(row, mark), row["target"]?.Split('/')[0], RouterOsValues.Number(row["bytes"]?.Split('/')[0]) ?? 0);
            sent[key] = counted;
            if (address is not null && neighbours.TryGetValue(address, out var mac))
            {
                online[key] = new LineSighting(address, mac, null, "its equipment answers on the network");
            }
            else if (_sent.TryGetValue(key, out var before) && counted > before)
            {
                online[key] = new LineSighting(address, null, null, "its queue counts what it sends");
            }
        }

        foreach (var row in listed.Where(r => IsOurs(r, mark) && r["address"] is not null))
        {
            if (neighbours.TryGetValue(row["address"]!, out var mac))
            {
                online.TryAdd(Key(row, mark), new LineSighting(row["address"], mac, null, "its equipment answers on the network"));
            }
        }

        _sent = sent;
        return online;
    }

    private static bool IsOurs(RouterRow row, string mark) => row["comment"]?.StartsWith(mark, StringComparison.Ordinal) is true;

    // DD:aabbccdd:line/<id>, and what follows the id names one of several items of the line.
    private static string Key(RouterRow row, string mark) => row["comment"]![mark.Length..].Split('/')[0];

    private async Task<IReadOnlyList<RouterRow>?> RowsAsync(RouterEndpoint router, string menu, IReadOnlyCollection<string>? query, IReadOnlyCollection<string> properties, CancellationToken ct) =>
        await gateway.PrintAsync(router, menu, query, properties, ct) is RouterOutcome.Done done ? done.Rows : null;
}
