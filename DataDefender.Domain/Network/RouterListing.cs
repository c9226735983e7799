namespace DataDefender.Domain.Network;

/// <summary>A router as lists show it. What is measured comes from <see cref="Monitoring.LiveMetrics"/>.</summary>
public sealed record RouterListItem(
    Guid Id, string Name, string? Site, string Host, int ApiPort, bool UseTls, bool IsEnabled, string? Identity, string? Model, string? RouterOsVersion,
    RouterState State, DateTime StateSince, string? StateReason, DateTime? LastSeenAt, int NasCount, int OpenSessions);

/// <summary>One router with all that is known of it but its password.</summary>
public sealed record RouterDetails(
    Guid Id, string Name, Guid? SiteId, string? Site, Guid? ParentRouterId, string? ParentRouter, string Host, int ApiPort, bool UseTls, string Username, string? CertificateFingerprint, bool IsEnabled, DateTime CreatedAt,
    string? Identity, string? Model, string? RouterOsVersion, string? SerialNumber, RouterState State, DateTime StateSince, string? StateReason, DateTime? LastSeenAt,
    IReadOnlyList<RouterNas> Nas, int OpenSessions)
{
    /// <summary>The same as the form takes it; the password stays empty, which keeps the stored one.</summary>
    public RouterInput ToInput() => new()
    {
        Name = Name, Site = Site, ParentRouterId = ParentRouterId, Host = Host, ApiPort = ApiPort, UseTls = UseTls, Username = Username, IsEnabled = IsEnabled,
    };
}

/// <summary>A NAS that stands on a router.</summary>
public sealed record RouterNas(Guid Id, string Name, string Address, string Identifier, bool IsEnabled, int OpenSessions);

/// <summary>For pickers.</summary>
public sealed record NamedRouter(Guid Id, string Name);
