using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Provisioning;

/// <summary>What a look at one router saw.</summary>
public abstract record DriftSight
{
    private DriftSight() { }

    /// <param name="Lines">Null when the design says nothing of lines and no RADIUS device hangs on the router.</param>
    public sealed record Seen(RouterPlan Plan, SeenLines? Lines) : DriftSight;

    public sealed record Unread(string Why) : DriftSight;
}

/// <summary>Takes a look at a router and writes down what has drifted. Reading holds no database connection.</summary>
public static class DriftReader
{
    public const string EventKind = "router.drift";

    /// <summary>A lease that was given by RADIUS is a session; one that a person or we wrote is configuration.</summary>
    private const string Leases = "/ip/dhcp-server/lease";

    public static async Task<DriftSight> LookAsync(IRouterGateway gateway, ProvisioningTarget target, CancellationToken ct)
    {
        if (target.Endpoint is not { } router)
        {
            return new DriftSight.Unread("Its password cannot be read. Enter it again.");
        }

        if (await ActualStateReader.ReadAsync(gateway, router, ct) is not RouterReading.Read read)
        {
            return new DriftSight.Unread("It did not answer when it was read.");
        }

        return await LinesAsync(gateway, router, read.State, ct) is { } lines
            ? new DriftSight.Seen(Planner.Plan(target.Facts, read.State), lines)
            : new DriftSight.Unread("It did not say who is on it.");
    }

    /// <summary>What is new keeps its time from now on, what goes on is seen again, what is right again goes.</summary>
    public static async Task WriteAsync(IDataDefenderDb db, Guid routerId, string routerName, DriftSight sight, DateTime now, DateTime next, CancellationToken ct)
    {
        var look = await db.DriftLooks.SingleOrDefaultAsync(l => l.RouterId == routerId, ct) ?? db.DriftLooks.Add(new DriftLook(db.TenantId, routerId)).Entity;
        if (sight is DriftSight.Unread unread)
        {
            look.Fail(unread.Why, now, next);
            await db.SaveAsync(ct);
            return;
        }

        var seen = (DriftSight.Seen)sight;
        var found = DriftFinder.OfDesign(seen.Plan).Concat(await OfLinesAsync(db, routerId, seen, ct)).DistinctBy(f => f.Key).ToDictionary(f => f.Key, StringComparer.Ordinal);
        var known = await db.Drifts.Where(d => d.RouterId == routerId).ToListAsync(ct);
        foreach (var drift in known)
        {
            if (found.Remove(drift.ItemKey, out var again))
            {
                drift.See(again, now);
            }
            else
            {
                db.Drifts.Remove(drift);
            }
        }

        db.Drifts.AddRange(found.Values.Select(f => new Drift(db.TenantId, routerId, f, now)));
        Report(db, routerId, routerName, [.. found.Values], known.Count > 0, now);
        look.Succeed(now, next);
        await db.SaveAsync(ct);
    }

    private static async Task<IEnumerable<DriftFound>> OfLinesAsync(IDataDefenderDb db, Guid routerId, DriftSight.Seen seen, CancellationToken ct)
    {
        if (seen.Lines is not { Sessions.Count: > 0 } lines)
        {
            return [];
        }

        List<string?> macs = [.. lines.Sessions.Select(s => MacAddress.Normalise(s.Username)).Where(m => m is not null).Distinct()];
        var names = lines.Sessions.Select(s => s.Username.ToLowerInvariant()).Distinct().ToList();
        var settings = await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct) ?? new NetworkSettings(db.TenantId);
        var company = await db.Companies.AsNoTracking().Where(c => c.Id == db.TenantId).Select(c => c.Status).SingleAsync(ct);
        var packages = await db.Packages.AsNoTracking().ToDictionaryAsync(p => p.Id, ct);
        var subscriptions = await db.Subscriptions.AsNoTracking().Where(s => names.Contains(s.Username) || macs.Contains(s.CallerLock)).ToListAsync(ct);
        var byName = subscriptions.Where(s => names.Contains(s.Username)).Select(s => (Key: s.Username, Line: s));
        var sold = byName.Concat(LockedTo(macs, subscriptions)).Where(x => packages.ContainsKey(x.Line.PackageId)).Select(x => (x.Key, x.Line, Package: packages[x.Line.PackageId]))
            .ToDictionary(x => x.Key, x => new SoldLine(x.Line.Id, x.Line.Username, LinePolicy.Decide(x.Line, x.Package, settings, company), x.Package.Price, x.Package.PeriodCount, x.Package.PeriodUnit), StringComparer.Ordinal);
        List<PricedSpeed> onSale = [.. packages.Values.Where(p => p.Status is PackageStatus.Active).Select(p => new PricedSpeed(p.DownloadKbps, DriftCost.PerDay(p.Price, p.PeriodCount, p.PeriodUnit)))];

        // A router that has its lines itself may have a RADIUS device too, to which they are bound: that one is asked nothing.
        var design = await db.Routers.Where(r => r.Id == routerId).Select(r => r.Design).SingleAsync(ct);
        var asksRadius = design.LinePush is LinePush.None && await db.NasDevices.AnyAsync(n => n.RouterId == routerId && n.IsEnabled, ct);
        return DriftFinder.OfLines(lines, sold, onSale, asksRadius);
    }

    /// <summary>The one line that is locked to each address, as RADIUS would find it: one that has ended has left its equipment to another.</summary>
    private static IEnumerable<(string Key, Subscription Line)> LockedTo(IEnumerable<string?> macs, List<Subscription> subscriptions)
    {
        foreach (var mac in macs.OfType<string>())
        {
            var locked = subscriptions.Where(s => s.CallerLock == mac).ToList();
            if ((locked.Where(s => s.State is not SubscriptionState.Disconnected).ToList() is { Count: > 0 } current ? current : locked) is [var line])
            {
                yield return (mac, line);
            }
        }
    }

    private static void Report(IDataDefenderDb db, Guid routerId, string routerName, IReadOnlyList<DriftFound> fresh, bool hadDrift, DateTime now)
    {
        if (fresh.Count == 0)
        {
            return;
        }

        var text = $"{routerName} is not as designed and sold: {string.Join("; ", fresh.Take(3).Select(f => f.What))}{(fresh.Count > 3 ? $" and {fresh.Count - 3} more" : "")}.{(hadDrift ? " It had drifted before." : "")}";
        db.NetworkEvents.Add(new NetworkEvent { TenantId = db.TenantId, At = now, RouterId = routerId, Severity = EventSeverity.Warning, Kind = EventKind, Message = text.Length > 500 ? text[..499] + "…" : text });
    }

    private static async Task<SeenLines?> LinesAsync(IRouterGateway gateway, RouterEndpoint router, ActualState state, CancellationToken ct)
    {
        var ppp = await RowsAsync(gateway, router, "/ppp/active", null, ["name", "address", "caller-id", "radius"], ct);
        var hotspot = await RowsAsync(gateway, router, "/ip/hotspot/active", null, ["user", "address", "mac-address", "radius"], ct);
        var queues = await RowsAsync(gateway, router, "/queue/simple", [RouterQuery.Is("dynamic", "true")], ["name", "max-limit"], ct);
        var leases = await RowsAsync(gateway, router, Leases, [RouterQuery.Is("radius", "true")], ["status", "active-address", "active-mac-address", "rate-limit"], ct);
        if (ppp is null || hotspot is null || queues is null || leases is null)
        {
            return null;
        }

        var speeds = new Dictionary<string, RatePair>(StringComparer.Ordinal);
        foreach (var queue in queues)
        {
            if (queue["name"] is { } name && RouterOsValues.Pair(queue["max-limit"]) is { } speed)
            {
                speeds[name] = speed;
            }
        }

        var listed = (state.Rows(RouterMenu.AddressList) ?? []).Where(r => RouterOsValues.Boolean(r["disabled"]) is not true).Select(r => (r["list"] ?? "", r["address"] ?? "")).ToHashSet();
        return new SeenLines(
            [
                .. ppp.Select(r => new SeenSession("/ppp/active", r["name"] ?? "", r["address"], r["caller-id"], RouterOsValues.Boolean(r["radius"]) is true)),
                .. hotspot.Select(r => new SeenSession("/ip/hotspot/active", r["user"] ?? "", r["address"], r["mac-address"], RouterOsValues.Boolean(r["radius"]) is true)),

                // Whoever gets an address by DHCP is called by the MAC, and the lease says what RADIUS let it have.
                .. leases.Where(r => r["status"] == "bound" && r["active-mac-address"] is { Length: > 0 }).Select(r => new SeenSession(Leases, r["active-mac-address"]!, r["active-address"], r["active-mac-address"], ByRadius: true)
                {
                    Speed = MikrotikRateLimit.TryParse(r["rate-limit"], out var rate) ? rate.Limit : null,
                }),
            ],
            speeds, listed);
    }

    /// <summary>Null when it did not answer; empty when the router has no such menu.</summary>
    private static async Task<IReadOnlyList<RouterRow>?> RowsAsync(IRouterGateway gateway, RouterEndpoint router, string menu, string[]? query, string[] properties, CancellationToken ct) =>
        await gateway.PrintAsync(router, menu, query, properties, ct) switch
        {
            RouterOutcome.Done done => done.Rows,
            RouterOutcome.Refused { Kind: RouterRefusal.NoSuchCommand } => [],
            _ => null,
        };
}
