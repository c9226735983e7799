using DataDefender.Domain.Common;

namespace DataDefender.Domain.Radius;

/// <summary>
/// A session that is open as far as accounting says: one row, updated in place by RadiusHost. Octets are in the customer's view:
/// upload is what came from the customer. "Online" is only as fresh as <see cref="UpdatedAt"/>.
/// </summary>
public sealed class LiveSession : ITenantOwned
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public Guid TenantId { get; init; }
    public Guid NasId { get; init; }
    public string AcctSessionId { get; init; } = "";
    public Guid? SubscriptionId { get; set; }
    public string Username { get; set; } = "";
    public string? FramedAddress { get; set; }

    /// <summary>The IPv6 prefix of the link, canonical ("2001:db8:0:7::/64"): Framed-IPv6-Prefix, or Framed-IPv6-Address as a /128.</summary>
    public string? Ipv6Prefix { get; set; }

    /// <summary>Delegated-IPv6-Prefix (RFC 4818), canonical.</summary>
    public string? DelegatedPrefix { get; set; }

    public string? CallingStationId { get; set; }
    public string? CalledStationId { get; set; }
    public string? NasPortId { get; set; }
    public DateTime StartedAt { get; set; }
    public DateTime UpdatedAt { get; set; }
    public long SessionSeconds { get; set; }
    public long UploadBytes { get; set; }
    public long DownloadBytes { get; set; }

    public SessionRecord ToRecord(DateTime stoppedAt, string cause) => new()
    {
        TenantId = TenantId,
        NasId = NasId,
        AcctSessionId = AcctSessionId,
        SubscriptionId = SubscriptionId,
        Username = Username,
        FramedAddress = FramedAddress,
        Ipv6Prefix = Ipv6Prefix,
        DelegatedPrefix = DelegatedPrefix,
        CallingStationId = CallingStationId,
        CalledStationId = CalledStationId,
        NasPortId = NasPortId,
        StartedAt = StartedAt,
        StoppedAt = stoppedAt,
        SessionSeconds = SessionSeconds,
        UploadBytes = UploadBytes,
        DownloadBytes = DownloadBytes,
        TerminateCause = cause,
    };
}

/// <summary>A session that has ended.</summary>
public sealed class SessionRecord : ITenantOwned
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public Guid TenantId { get; init; }
    public Guid NasId { get; init; }
    public string AcctSessionId { get; init; } = "";
    public Guid? SubscriptionId { get; init; }
    public string Username { get; init; } = "";
    public string? FramedAddress { get; init; }
    public string? Ipv6Prefix { get; init; }
    public string? DelegatedPrefix { get; init; }
    public string? CallingStationId { get; init; }
    public string? CalledStationId { get; init; }
    public string? NasPortId { get; init; }
    public DateTime StartedAt { get; init; }
    public DateTime StoppedAt { get; set; }
    public long SessionSeconds { get; set; }
    public long UploadBytes { get; set; }
    public long DownloadBytes { get; set; }

    /// <summary>Acct-Terminate-Cause by name (RFC 2866 §5.10), or our own word when the NAS never said.</summary>
    public string TerminateCause { get; set; } = "";
}

/// <summary>What a subscription moved in one hour (UTC), bytes, from accounting deltas.</summary>
public sealed class UsageHour : ITenantOwned
{
    public Guid TenantId { get; init; }
    public Guid SubscriptionId { get; init; }
    public DateTime Hour { get; init; }
    public long UploadBytes { get; set; }
    public long DownloadBytes { get; set; }
    public int OnlineSeconds { get; set; }
}
