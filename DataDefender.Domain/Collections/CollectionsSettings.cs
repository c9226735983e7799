using DataDefender.Domain.Common;

namespace DataDefender.Domain.Collections;

/// <summary>How a company collects what it is owed. One row a company; without it nothing is done.</summary>
public sealed class CollectionsSettings : Entity, ITenantOwned, IAudited
{
    private CollectionsSettings() { }

    public CollectionsSettings(Guid tenantId) => TenantId = tenantId;

    public Guid TenantId { get; private set; }
    public DunningPolicy Policy { get; private set; } = DunningPolicy.Standard;

    /// <summary>Nothing is done before then (UTC): customers cannot pay, or somebody wants to look first.</summary>
    public DateTime? PausedUntil { get; private set; }

    public string? PauseReason { get; private set; }

    [Observed]
    public DateTime? LastRunAt { get; private set; }

    public string AuditLabel => "Collections";

    public void Change(DunningPolicy policy) => Policy = policy;

    public void Pause(DateTime until, string reason) => (PausedUntil, PauseReason) = (until, reason);

    public void Resume() => (PausedUntil, PauseReason) = (null, null);

    public void Ran(DateTime at) => LastRunAt = at;
}
