using DataDefender.Domain.Common;

namespace DataDefender.Domain.Provisioning;

public enum DriftKind
{
    /// <summary>Something of the design is not on the router.</summary>
    Missing,

    /// <summary>It is there and says otherwise.</summary>
    Differs,

    /// <summary>A rule stands where it does not do what it is for.</summary>
    OutOfOrder,

    /// <summary>Ours, and not designed any more.</summary>
    Leftover,

    /// <summary>Online with a user name that no line has.</summary>
    UnknownLine,

    /// <summary>Online though the line may not log in: ended, not activated, refused.</summary>
    NotAllowed,

    /// <summary>The line belongs into the walled garden, and its address is on no list that keeps it there.</summary>
    OutsideGarden,

    /// <summary>The router gives it more than its line is to have.</summary>
    FasterThanSold,

    /// <summary>The router gives it less.</summary>
    SlowerThanSold,

    /// <summary>Logged in by a secret on the router itself, past RADIUS: it is neither counted nor limited.</summary>
    PastRadius,
}

/// <summary>Something on a router that is not as it is designed or sold, from the look that found it first to the last one.</summary>
public sealed class Drift : Entity, ITenantOwned
{
    private Drift() { }

    public Drift(Guid tenantId, Guid routerId, DriftFound found, DateTime now)
    {
        (TenantId, RouterId, Kind, ItemKey, Menu, SinceAt) = (tenantId, routerId, found.Kind, found.Key, found.Menu, now);
        See(found, now);
    }

    public Guid TenantId { get; private set; }
    public Guid RouterId { get; private set; }
    public DriftKind Kind { get; private set; }

    /// <summary>What it is over looks: the same thing keeps the time at which it was first seen.</summary>
    public string ItemKey { get; private set; } = "";

    public string Menu { get; private set; } = "";
    public string What { get; private set; } = "";
    public StepValues Values { get; private set; } = StepValues.None;
    public Guid? SubscriptionId { get; private set; }
    public string? Username { get; private set; }

    /// <summary>What it costs the company a day; zero where no price is known.</summary>
    public Money CostPerDay { get; private set; }

    public DateTime SinceAt { get; private set; }
    public DateTime SeenAt { get; private set; }

    public bool IsOfALine => IsLineKind(Kind);

    public static bool IsLineKind(DriftKind kind) => kind >= DriftKind.UnknownLine;

    public void See(DriftFound found, DateTime now)
    {
        (What, Values, SubscriptionId, Username, CostPerDay, SeenAt) = (found.What.Length > 200 ? found.What[..199] + "…" : found.What, new StepValues(found.Values), found.SubscriptionId, found.Username, found.CostPerDay, now);
    }
}

/// <summary>When a router was last read for drift, and what came of it.</summary>
public sealed class DriftLook : Entity, ITenantOwned
{
    private DriftLook() { }

    public DriftLook(Guid tenantId, Guid routerId) => (TenantId, RouterId) = (tenantId, routerId);

    public Guid TenantId { get; private set; }
    public Guid RouterId { get; private set; }

    /// <summary>When it was last read as a whole; null before that.</summary>
    public DateTime? ReadAt { get; private set; }

    /// <summary>Why the newest try failed; what is listed then is as old as <see cref="ReadAt"/>.</summary>
    public string? Trouble { get; private set; }

    public DateTime? TroubleSince { get; private set; }
    public DateTime NextAt { get; private set; }

    public void Succeed(DateTime now, DateTime next) => (ReadAt, Trouble, TroubleSince, NextAt) = (now, null, null, next);

    public void Fail(string why, DateTime now, DateTime next) =>
        (Trouble, TroubleSince, NextAt) = (why.Length > 500 ? why[..499] + "…" : why, TroubleSince ?? now, next);
}
