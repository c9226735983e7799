using DataDefender.Domain.Common;

namespace DataDefender.Domain.Radius;

/// <summary>
/// "Sessions of this line were opened or closed in the database", or, with a NAS in the line's place, "this NAS has restarted". Each
/// RadiusHost reads on from the last id, some times a second, so that its session limits know what others took. Written in the
/// <see cref="AccountingTurn"/> only: ids then appear in their order. Rows older than a day are removed.
/// </summary>
public sealed class SessionChange : ITenantOwned
{
    public long Id { get; init; }
    public Guid TenantId { get; init; }
    public Guid? SubscriptionId { get; init; }
    public Guid? NasId { get; init; }

    /// <summary>When it was noted; of a restart, when the NAS said so.</summary>
    public DateTime At { get; init; }
}
