namespace DataDefender.Domain.Monitoring.Alerts;

/// <summary>What a rule watches.</summary>
public enum AlertKind
{
    RouterDown,
    RouterCpu,
    RouterMemory,
    RouterTemperature,
    RouterVoltage,
    InterfaceErrors,
    Utilisation,
    SessionsDropped,
    RadiusSilent,
    RadiusRejects,
    RadiusLatency,
    CertificateExpiry,
    LicenceExpiry,

    /// <summary>Stops that came together; found by <see cref="MassDisconnects"/>, not by a threshold.</summary>
    MassDisconnect,

    /// <summary>Accounting is on disk and does not get into the database, or does not even get onto the disk.</summary>
    AccountingWaits,
}

/// <summary>On which side of its threshold a value is wrong.</summary>
public enum AlertDirection
{
    /// <summary>A state: it is so, or it is not. The threshold means nothing.</summary>
    State,
    TooHigh,
    TooLow,
}

/// <summary>What a kind of rule is called, what its threshold counts and what is sensible for it.</summary>
/// <param name="Unit">Follows the number: "%", " °C".</param>
/// <param name="Margin">How far a value must come back behind the threshold before it counts as well again.</param>
public sealed record AlertKindFacts(
    string Title, AlertDirection Direction, string Unit, double Least, double Most, double Margin, EventSeverity Severity, double Threshold, TimeSpan Delay, string Next)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static AlertKindFacts Of(AlertKind kind) => kind switch
    {
        AlertKind.RouterDown => new(
            "Router down", AlertDirection.State, "", 0, 0, 0, EventSeverity.Critical, 0, TimeSpan.FromSeconds(20), "Check its power and its uplink; call whoever is on site."),
        AlertKind.RouterCpu => new(
            "Processor load", AlertDirection.TooHigh, "%", 10, 100, 5, EventSeverity.Warning, 90, 5 * Minute, "Look for a flood or a loop with Torch on the busiest interface; move queues or clients to another router."),
        AlertKind.RouterMemory => new(
            "Memory in use", AlertDirection.TooHigh, "%", 10, 100, 3, EventSeverity.Warning, 92, 10 * Minute, "Look for a growing connection table or log; plan a restart in a quiet hour."),
        AlertKind.RouterTemperature => new(
            "Temperature", AlertDirection.TooHigh, " °C", 20, 120, 3, EventSeverity.Warning, 70, 5 * Minute, "Check fans, airflow and the sun on the cabinet."),
        AlertKind.RouterVoltage => new(
            "Voltage", AlertDirection.TooLow, " V", 1, 60, 0.3, EventSeverity.Warning, 11.5, 3 * Minute, "It runs on battery or its supply is failing: send somebody before it goes dark."),
        AlertKind.InterfaceErrors => new(
            "Interface errors", AlertDirection.TooHigh, " a minute", 1, 1_000_000, 0, EventSeverity.Warning, 60, 5 * Minute, "Change the cable or the SFP, and compare speed and duplex at both ends."),
        AlertKind.Utilisation => new(
            "Uplink utilisation", AlertDirection.TooHigh, "%", 10, 100, 5, EventSeverity.Warning, 90, 10 * Minute, "Order capacity, or move load; until then customers see it in the evening."),
        AlertKind.SessionsDropped => new(
            "Sessions dropped", AlertDirection.TooHigh, "% gone", 5, 100, 5, EventSeverity.Critical, 30, Minute, "See on which port or VLAN they were, and look at what stands behind it."),
        AlertKind.RadiusSilent => new(
            "RADIUS is not heard", AlertDirection.State, "", 0, 0, 0, EventSeverity.Critical, 0, TimeSpan.FromSeconds(15), "See whether RadiusHost runs: sessions that are open stay open, but nobody new comes online."),
        AlertKind.RadiusRejects => new(
            "Logins refused", AlertDirection.TooHigh, " a minute", 1, 100_000, 2, EventSeverity.Warning, 30, 3 * Minute, "See for which reason, and whether they come from one NAS."),
        AlertKind.RadiusLatency => new(
            "Login latency", AlertDirection.TooHigh, " ms", 1, 10_000, 5, EventSeverity.Warning, 200, 2 * Minute, "See the load of the machine that RadiusHost runs on and its database."),
        AlertKind.CertificateExpiry => new(
            "Certificate expires", AlertDirection.TooLow, " days left", 1, 365, 0, EventSeverity.Warning, 21, TimeSpan.Zero, "Renew the router's API certificate and confirm the new one on its page; RadSec's own is read again when its files change."),
        AlertKind.LicenceExpiry => new(
            "Licence ends", AlertDirection.TooLow, " days left", 1, 365, 0, EventSeverity.Warning, 14, TimeSpan.Zero, "A company's licence is settled with the platform: after its last day nothing new can be created. A router's is renewed in the MikroTik account that it belongs to; until then it takes no upgrade."),
        AlertKind.MassDisconnect => new(
            "Mass disconnect", AlertDirection.TooHigh, " clients", 3, 10_000, 0, EventSeverity.Critical, 5, TimeSpan.Zero, "Look at the power and the link of what they share before anything else."),
        AlertKind.AccountingWaits => new(
            "Accounting waits", AlertDirection.TooHigh, " minutes", 1, 10_000, 0, EventSeverity.Critical, 10, Minute, "See whether RadiusHost reaches the database, and the free space of the disk that its journal is on."),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "This kind of rule is not known."),
    };
}
