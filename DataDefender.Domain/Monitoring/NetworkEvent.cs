using DataDefender.Domain.Common;

namespace DataDefender.Domain.Monitoring;

public enum EventSeverity
{
    Info,
    Warning,
    Critical,
}

/// <summary>Something that happened on the network, in words an operator understands.</summary>
public sealed class NetworkEvent : ITenantOwned
{
    public long Id { get; init; }
    public Guid TenantId { get; init; }
    public DateTime At { get; init; }
    public EventSeverity Severity { get; init; }

    /// <summary>A short code for filters: router.down, line.suspended, login.rejected …</summary>
    public string Kind { get; init; } = "";

    public string Message { get; init; } = "";
    public Guid? RouterId { get; init; }
    public Guid? SubscriptionId { get; init; }
}
