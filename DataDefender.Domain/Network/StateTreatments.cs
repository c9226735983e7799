using DataDefender.Domain.Subscriptions;

namespace DataDefender.Domain.Network;

public enum LineAccess
{
    /// <summary>As if nothing were wrong.</summary>
    AsSold,

    /// <summary>The internet, at a lower speed.</summary>
    Limited,

    /// <summary>Let in, but only to what the walled garden holds.</summary>
    WalledGarden,

    /// <summary>No login.</summary>
    Refused,
}

/// <summary>
/// What a line gets in some state. What is null falls back: the list and the speeds to the network's walled garden, the pool to the
/// line's own. <paramref name="Message"/> is the Reply-Message for the one who dials in, once the password was right.
/// </summary>
public sealed record Treatment(
    LineAccess Access, int? DownloadKbps = null, int? UploadKbps = null, string? AddressList = null, string? Pool = null, string? Message = null)
{
    public static Treatment AsSold { get; } = new(LineAccess.AsSold);

    public static Treatment Garden { get; } = new(LineAccess.WalledGarden);
}

/// <summary>What a company's lines get in each state that is not simply "active". Immutable; a company that says nothing has the defaults.</summary>
public sealed record StateTreatments
{
    public static StateTreatments Default { get; } = new();

    /// <summary>Days for which a line is served after its paid time; 0 for none.</summary>
    public int GraceDays { get; init; }

    /// <summary>In those days.</summary>
    public Treatment Grace { get; init; } = Treatment.AsSold;

    /// <summary>When the paid time, and grace after it, is over.</summary>
    public Treatment Expired { get; init; } = Treatment.Garden;

    /// <summary>Where a policy sends a line that has used up its quota into the walled garden: into which one.</summary>
    public Treatment OverQuota { get; init; } = Treatment.Garden;

    public Treatment Unpaid { get; init; } = Treatment.Garden;
    public Treatment Requested { get; init; } = Treatment.Garden;
    public Treatment Abuse { get; init; } = Treatment.Garden;
    public Treatment Maintenance { get; init; } = Treatment.Garden;
    public Treatment OtherReason { get; init; } = Treatment.Garden;

    /// <summary>What a suspended line gets.</summary>
    public Treatment Suspended(SuspendReason? reason) => reason switch
    {
        SuspendReason.Unpaid => Unpaid,
        SuspendReason.Requested => Requested,
        SuspendReason.Abuse => Abuse,
        SuspendReason.Maintenance => Maintenance,
        SuspendReason.Other or null => OtherReason,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };

    /// <summary>All treatments, for who has to know every address list.</summary>
    public IEnumerable<Treatment> All() => [Grace, Expired, OverQuota, Unpaid, Requested, Abuse, Maintenance, OtherReason];
}
