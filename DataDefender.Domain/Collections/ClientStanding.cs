using DataDefender.Domain.Common;

namespace DataDefender.Domain.Collections;

public enum ExclusionKind
{
    Vip,

    /// <summary>A hospital, a school, a police post.</summary>
    EssentialService,
    Dispute,
    Other,
}

/// <summary>Why a client is neither charged late fees nor suspended nor disconnected.</summary>
public sealed record Exclusion(ExclusionKind Kind, string Reason);

/// <summary>What was agreed with one client about what is owed. Only clients with something agreed have a row.</summary>
public sealed class ClientStanding : Entity, ITenantOwned, IAudited
{
    private ClientStanding() { }

    public ClientStanding(Guid tenantId, Guid clientId) => (TenantId, ClientId) = (tenantId, clientId);

    public Guid TenantId { get; private set; }
    public Guid ClientId { get; private set; }
    public ExclusionKind? ExclusionKind { get; private set; }
    public string? ExclusionReason { get; private set; }
    public DateTime? ExcludedAt { get; private set; }
    public string? ExcludedBy { get; private set; }

    /// <summary>The client has promised to pay by then (UTC). It stays after it ran out, so that a second promise is seen to be one.</summary>
    public DateTime? PromiseUntil { get; private set; }

    public DateTime? PromisedAt { get; private set; }
    public string? PromiseNote { get; private set; }
    public int Promises { get; private set; }
    public int BrokenPromises { get; private set; }

    /// <summary>No suspension before then (UTC).</summary>
    public DateTime? GraceUntil { get; private set; }

    public string? GraceNote { get; private set; }

    /// <summary>Since when equipment is to be fetched back.</summary>
    public DateTime? EquipmentSince { get; private set; }

    public string AuditLabel => "Collections";

    public Exclusion? Exclusion => ExclusionKind is { } kind ? new Exclusion(kind, ExclusionReason ?? "") : null;

    public void Exclude(ExclusionKind kind, string reason, string by, DateTime now) => (ExclusionKind, ExclusionReason, ExcludedBy, ExcludedAt) = (kind, reason, by, now);

    public void Include() => (ExclusionKind, ExclusionReason, ExcludedBy, ExcludedAt) = (null, null, null, null);

    public void Promise(DateTime until, string? note, DateTime now)
    {
        (PromiseUntil, PromiseNote, PromisedAt) = (until, note, now);
        Promises++;
    }

    /// <summary>The promise is done with: it was kept, or it ran out unpaid.</summary>
    public void EndPromise(bool broken)
    {
        (PromiseUntil, PromiseNote, PromisedAt) = (null, null, null);
        BrokenPromises += broken ? 1 : 0;
    }

    public void Grace(DateTime until, string note) => (GraceUntil, GraceNote) = (until, note);

    public void EndGrace() => (GraceUntil, GraceNote) = (null, null);

    public void RecoverEquipment(DateTime now) => EquipmentSince ??= now;

    public void EquipmentRecovered() => EquipmentSince = null;
}
