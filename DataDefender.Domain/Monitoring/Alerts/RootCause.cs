using System.Collections.Immutable;

namespace DataDefender.Domain.Monitoring.Alerts;

/// <summary>Alerts that have one cause, and what that is as far as can be told.</summary>
/// <param name="Key">The same while the cause is the same.</param>
/// <param name="Next">What to do first.</param>
public sealed record CauseGroup(string Key, string Title, string Next, EventSeverity Severity, IReadOnlyList<ActiveAlert> Alerts)
{
    public Guid? RouterId { get; init; }
    public Guid? NasId { get; init; }
    public string? Site { get; init; }

    public DateTime Since => Alerts.Min(a => a.Since);

    /// <summary>Customers are without service by it.</summary>
    public bool CutsClients => Alerts.Any(a => a.Kind is AlertKind.RouterDown or AlertKind.MassDisconnect or AlertKind.SessionsDropped);
}

/// <summary>That a router answers.</summary>
/// <param name="Since">Since when it has, UTC.</param>
/// <param name="At">When it last did.</param>
public readonly record struct RouterAnswer(DateTime Since, DateTime At);

/// <summary>
/// Finds one cause for many alerts: what hangs on a router that is down is silent with it, routers of one site that went together are the
/// site's, nearly all routers together are what they are all reached over, and whatever RADIUS should have said is RADIUS's while it is not
/// heard.
/// </summary>
public static class RootCause
{
    /// <summary>Routers of a site that went down within this time of one another went together.</summary>
    public static readonly TimeSpan Together = TimeSpan.FromMinutes(5);

    /// <summary>The cause of nearly all routers being away at once.</summary>
    public const string NetworkKey = "network";

    /// <summary>Stands for a site in such an incident.</summary>
    public const string AllSites = "All sites";

    /// <summary>So large a part of at least so many routers does not break in one moment: the way to them does.</summary>
    private const double NearlyAll = 0.8;
    private const int FewestOfAll = 10;

    /// <param name="held">Routers whose going away is known already to be that of nearly all; they stay so while the others come back.</param>
    /// <param name="answering">Routers that answer: what is wrong with them while they do has nothing to do with what they are said to be reached over.</param>
    public static IReadOnlyList<CauseGroup> Group(IReadOnlyCollection<ActiveAlert> alerts, NetworkShape shape, IReadOnlySet<Guid>? held = null, IReadOnlyDictionary<Guid, RouterAnswer>? answering = null)
    {
        var down = alerts.Where(a => a is { Kind: AlertKind.RouterDown, Subject.RouterId: not null }).GroupBy(a => a.Subject.RouterId!.Value).ToDictionary(g => g.Key, g => g.Min(a => a.Since));
        var everywhere = NearlyAllDown(down, shape);
        everywhere.UnionWith(held ?? new HashSet<Guid>());
        ShapeRouter? Top(Guid router, DateTime since) => TopDown(router, since, down, answering ?? ImmutableDictionary<Guid, RouterAnswer>.Empty, shape);
        var sites = SitesDown(down, Top);
        var radiusSilent = alerts.Any(a => a.Kind is AlertKind.RadiusSilent);
        var masses = alerts.Where(a => a.Kind is AlertKind.MassDisconnect).ToList();
        return [.. alerts.GroupBy(a => Key(a, Top, everywhere, sites, radiusSilent, masses)).Select(g => Describe(g.Key, [.. g], shape)).OrderByDescending(g => g.Severity).ThenBy(g => g.Since)];
    }

    private static string Key(ActiveAlert alert, Func<Guid, DateTime, ShapeRouter?> topDown, HashSet<Guid> everywhere, HashSet<string> sites, bool radiusSilent, List<ActiveAlert> masses)
    {
        if (alert.Subject.RouterId is { } router && topDown(router, alert.Since) is { } top && IsOfRouter(alert, router, top.Id))
        {
            return everywhere.Contains(top.Id) ? NetworkKey : top.Site is { } site && sites.Contains(site) ? $"site:{site}" : $"router:{top.Id:N}";
        }

        switch (alert.Kind)
        {
            case AlertKind.RouterDown:
                return alert.Subject.Key; // of a router that the shape does not know yet
            case AlertKind.MassDisconnect:
                return Widest(alert, masses).Subject.Key;
            case AlertKind.SessionsDropped:
                return masses.Find(m => IsSamePlace(m, alert)) is { } mass ? Widest(mass, masses).Subject.Key : radiusSilent ? AlertSubject.Radius.Key : $"{alert.Subject.Key}:sessions";
            case AlertKind.RadiusSilent:
                return AlertSubject.Radius.Key;
            case AlertKind.RadiusRejects:
            case AlertKind.RadiusLatency:
            case AlertKind.AccountingWaits:
                return radiusSilent ? AlertSubject.Radius.Key : $"{alert.Subject.Key}:{alert.Kind}";
            case AlertKind.RouterCpu:
            case AlertKind.RouterMemory:
            case AlertKind.RouterTemperature:
            case AlertKind.RouterVoltage:
                return $"{alert.Subject.Key}:health";
            default:
                return $"{alert.Subject.Key}:{alert.Kind}";
        }
    }

    /// <summary>The topmost router that is down of those over which it is reached, as far as all between are silent too; null when there is none.</summary>
    private static ShapeRouter? TopDown(Guid router, DateTime since, Dictionary<Guid, DateTime> down, IReadOnlyDictionary<Guid, RouterAnswer> answering, NetworkShape shape)
    {
        ShapeRouter? top = null;
        var heard = new List<RouterAnswer>();
        foreach (var up in shape.UpFrom(router))
        {
            if (down.TryGetValue(up.Id, out var downSince))
            {
                // Something between answers though this one is away, and did when the trouble began: it is reached some other way.
                if (heard.Exists(h => h.At > downSince && (h.Since <= since || downSince - since > Together)))
                {
                    break;
                }

                top = up;
            }
            else if (answering.TryGetValue(up.Id, out var answer))
            {
                heard.Add(answer);
            }
        }

        return top;
    }

    // A router's own certificate or licence has nothing to do with its being down; its load and its sessions have.
    private static bool IsOfRouter(ActiveAlert alert, Guid router, Guid top) => router != top || alert.Kind is not (AlertKind.CertificateExpiry or AlertKind.LicenceExpiry);

    // Stops come one by one: what looked like a port's is a moment later the NAS's, and then the site's.
    private static ActiveAlert Widest(ActiveAlert mass, List<ActiveAlert> masses) =>
        masses.Find(m => IsSiteAround(m, mass)) ?? masses.Find(m => IsNasAround(m, mass)) ?? mass;

    private static bool IsSiteAround(ActiveAlert wide, ActiveAlert narrow) =>
        wide.Subject is { NasId: null, Site: { } site } && narrow.Subject.NasId is not null && narrow.Subject.Site == site && IsTogether(wide, narrow);

    private static bool IsNasAround(ActiveAlert wide, ActiveAlert narrow) =>
        wide.Subject.NasId is { } nas && narrow.Subject.NasId == nas && wide.Subject.Key == $"mass:nas:{nas:N}" && narrow.Subject.Key != wide.Subject.Key && IsTogether(wide, narrow);

    private static bool IsTogether(ActiveAlert one, ActiveAlert other) => (one.Since - other.Since).Duration() <= Together;

    private static bool IsSamePlace(ActiveAlert mass, ActiveAlert dropped) =>
        (mass.Subject.NasId is { } nas && nas == dropped.Subject.NasId)
        || (mass.Subject.RouterId is { } router && router == dropped.Subject.RouterId)
        || (mass.Subject is { NasId: null, RouterId: null, Site: { } site } && site == dropped.Subject.Site);

    /// <summary>Those that went together, when they are nearly all there are; else none.</summary>
    private static HashSet<Guid> NearlyAllDown(Dictionary<Guid, DateTime> down, NetworkShape shape)
    {
        if (down.Count < FewestOfAll)
        {
            return [];
        }

        var last = down.Values.Max();
        var together = down.Where(d => last - d.Value <= Together).Select(d => d.Key).ToHashSet();
        return together.Count >= FewestOfAll && together.Count >= NearlyAll * shape.Routers.Count ? together : [];
    }

    /// <summary>Sites of which two or more routers, none of them reached through another that is down, went together.</summary>
    private static HashSet<string> SitesDown(Dictionary<Guid, DateTime> down, Func<Guid, DateTime, ShapeRouter?> topDown) =>
        [.. down.Select(d => topDown(d.Key, d.Value)).OfType<ShapeRouter>().DistinctBy(r => r.Id)
            .Where(r => r.Site is not null).GroupBy(r => r.Site!)
            .Where(g => g.Count() > 1 && g.Max(r => down[r.Id]) - g.Min(r => down[r.Id]) <= Together)
            .Select(g => g.Key)];

    private static CauseGroup Describe(string key, IReadOnlyList<ActiveAlert> alerts, NetworkShape shape)
    {
        var worst = alerts.OrderByDescending(a => a.Severity).ThenBy(a => Rank(a.Kind)).ThenBy(a => a.Subject.Key == key ? 0 : 1).ThenBy(a => a.Since).First();
        var severity = worst.Severity;
        var routersDown = alerts.Where(a => a.Kind is AlertKind.RouterDown).Select(a => a.Subject.RouterId).OfType<Guid>().Distinct().ToList();
        if (key == NetworkKey)
        {
            return new CauseGroup(
                key, $"{routersDown.Count} of {shape.Routers.Count} routers do not answer", "They went together: check this server's own connection and what they are all reached over.", severity, alerts)
            { Site = AllSites };
        }

        if (key.StartsWith("site:", StringComparison.Ordinal) && routersDown.Count > 0)
        {
            var site = key["site:".Length..];
            return new CauseGroup(key, $"{site}: {routersDown.Count} routers are down", "They went together: check the site's power and its uplink.", severity, alerts) { Site = site };
        }

        if (routersDown.Count > 0 && shape.Routers.FirstOrDefault(r => $"router:{r.Id:N}" == key) is { } top)
        {
            var behind = routersDown.Count(id => id != top.Id);
            return new CauseGroup(
                key, behind == 0 ? $"{top.Name} is down" : $"{top.Name} is down, and {behind} {(behind == 1 ? "router" : "routers")} behind it", AlertKindFacts.Of(AlertKind.RouterDown).Next, severity, alerts)
            { RouterId = top.Id, Site = top.Site };
        }

        return new CauseGroup(key, Title(worst, alerts), AlertKindFacts.Of(worst.Kind).Next, severity, alerts) { RouterId = worst.Subject.RouterId, NasId = worst.Subject.NasId, Site = worst.Subject.Site };
    }

    private static string Title(ActiveAlert alert, IReadOnlyList<ActiveAlert> all) => alert.Kind switch
    {
        AlertKind.RouterDown => $"{alert.Subject.Name} is down",
        AlertKind.RouterCpu or AlertKind.RouterMemory or AlertKind.RouterTemperature or AlertKind.RouterVoltage =>
            $"{alert.Subject.Name}: {string.Join(", ", all.Select(a => a.Kind).Distinct().Select(Short))}",
        AlertKind.InterfaceErrors => $"Errors on {alert.Subject.Name}",
        AlertKind.Utilisation => $"{alert.Subject.Name} is full",
        AlertKind.SessionsDropped => $"Sessions dropped on {alert.Subject.Name}",
        AlertKind.RadiusSilent => "RADIUS is not heard",
        AlertKind.RadiusRejects => $"Many logins refused: {alert.Subject.Name}",
        AlertKind.RadiusLatency => "Logins are answered slowly",
        AlertKind.AccountingWaits => "Accounting does not get into the database",
        AlertKind.CertificateExpiry => $"The certificate of {alert.Subject.Name} runs out",
        AlertKind.LicenceExpiry when alert.Subject.RouterId is not null => $"The RouterOS licence of {alert.Subject.Name} runs out",
        AlertKind.LicenceExpiry => "The licence runs out",
        _ => alert.Subject.Name,
    };

    private static string Short(AlertKind kind) => kind switch
    {
        AlertKind.RouterCpu => "processor overloaded",
        AlertKind.RouterMemory => "memory short",
        AlertKind.RouterTemperature => "too hot",
        _ => "voltage low",
    };

    private static int Rank(AlertKind kind) => kind switch
    {
        AlertKind.RadiusSilent => 0,
        AlertKind.RouterDown => 1,
        AlertKind.MassDisconnect => 2,
        AlertKind.SessionsDropped => 3,
        _ => 4,
    };
}
