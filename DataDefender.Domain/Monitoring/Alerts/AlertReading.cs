using DataDefender.Domain.Radius;

namespace DataDefender.Domain.Monitoring.Alerts;

/// <summary>What an alert is about.</summary>
/// <param name="Key">The same for the same thing, now and after a restart: "router:…", "router:…:if:ether1", "nas:…", "radius".</param>
/// <param name="Name">For people.</param>
public sealed record AlertSubject(string Key, string Name)
{
    public Guid? RouterId { get; init; }
    public Guid? NasId { get; init; }
    public string? Site { get; init; }
    public string? Interface { get; init; }

    public static AlertSubject OfRouter(Guid id, string name, string? site) => new($"router:{id:N}", name) { RouterId = id, Site = site };

    public static AlertSubject OfInterface(Guid router, string routerName, string? site, string name) =>
        new($"router:{router:N}:if:{name}", $"{name} of {routerName}") { RouterId = router, Site = site, Interface = name };

    public static AlertSubject OfNas(Guid nas, string name, Guid? router, string? site) => new($"nas:{nas:N}", name) { NasId = nas, RouterId = router, Site = site };

    public static AlertSubject Radius { get; } = new("radius", "RADIUS");

    public static AlertSubject Company { get; } = new("company", "The company");
}

/// <summary>One value that rules judge. A null value is unknown: it starts no alert and ends none.</summary>
/// <param name="Detail">For people, with the number: "97% load".</param>
public sealed record AlertReading(AlertKind Kind, AlertSubject Subject, double? Value, string Detail)
{
    /// <summary>Since when it is so, where the source knows: the delay counts from there.</summary>
    public DateTime? Since { get; init; }

    public LoginOutcome? Reason { get; init; }

    /// <summary>Of a utilisation: the traffic of the router's uplink together.</summary>
    public bool IsUplink { get; init; }
}

/// <summary>An alert that is on.</summary>
/// <param name="RuleId">Null for what is found without a rule's threshold.</param>
/// <param name="Since">Since when it has been wrong, UTC.</param>
/// <param name="IsStale">Nothing is known of it now; it stays until something is.</param>
public sealed record ActiveAlert(
    Guid? RuleId, AlertKind Kind, EventSeverity Severity, AlertSubject Subject, DateTime Since, double? Value, string Detail, bool Notifies, bool IsFlapping = false, bool IsStale = false)
{
    public (Guid?, string) Key => (RuleId, Subject.Key);

    /// <summary>Since when it has been wrong anew (UTC), when it was well in between, though not for long enough to end; else null.</summary>
    public DateTime? AgainSince { get; init; }

    /// <summary>Since when it has been wrong without a break.</summary>
    public DateTime LatestSince => AgainSince ?? Since;
}
