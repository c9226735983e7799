using DataDefender.Domain.Common;

namespace DataDefender.Domain.Radius;

/// <summary>Why a login was refused, or that it was not.</summary>
public enum LoginOutcome
{
    Accepted,
    AcceptedWalledGarden,
    UnknownUser,
    WrongPassword,
    NotActivated,
    Disconnected,
    WrongCaller,
    TooManySessions,
    UnsupportedMethod,
    CompanySuspended,
    OverQuota,

    /// <summary>Suspended, and the company lets such lines in nowhere.</summary>
    Suspended,

    /// <summary>The paid time has ended, and the company lets such lines in nowhere.</summary>
    Expired,

    /// <summary>Locked to another NAS, port or VLAN.</summary>
    WrongPlace,

    /// <summary>A login to the router itself that is not one of staff with the right to it.</summary>
    RouterLoginRefused,

    /// <summary>Staff let in to the router itself.</summary>
    RouterLoginAccepted,
}

public static class LoginOutcomes
{
    /// <summary>Those that let somebody in.</summary>
    public static IReadOnlyList<LoginOutcome> Accepting { get; } = [LoginOutcome.Accepted, LoginOutcome.AcceptedWalledGarden, LoginOutcome.RouterLoginAccepted];

    /// <summary>Those of logins to a router itself.</summary>
    public static IReadOnlyList<LoginOutcome> OfRouters { get; } = [LoginOutcome.RouterLoginAccepted, LoginOutcome.RouterLoginRefused];
}

/// <summary>One answered Access-Request. The password is never kept.</summary>
public sealed class LoginAttempt : ITenantOwned
{
    /// <summary>Characters of <see cref="Detail"/>.</summary>
    public const int MaxDetail = 500;

    public long Id { get; init; }
    public Guid TenantId { get; init; }
    public DateTime At { get; init; }
    public Guid NasId { get; init; }
    public Guid? SubscriptionId { get; init; }
    public string Username { get; init; } = "";
    public string? CallingStationId { get; init; }

    /// <summary>PAP, CHAP, MS-CHAP, MS-CHAPv2, MAC or EAP.</summary>
    public string Method { get; init; } = "";

    public LoginOutcome Outcome { get; init; }

    /// <summary>For people: what exactly was wrong, or what was given.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Sent by our own people to try it; it stands for no customer and counts nowhere.</summary>
    public bool IsTest { get; init; }
}

/// <summary>
/// "This row, which RadiusHost decides from, has changed." Written in the same transaction as the change; RadiusHost reads on from the
/// last id it has seen, some times a second, and loads those rows anew. Rows older than a day are pruned.
/// </summary>
public sealed class RadiusChange : IPlatformOwned
{
    public long Id { get; init; }
    public Guid TenantId { get; init; }

    /// <summary>
    /// The entity's type name: Subscription, ServicePackage, UsagePolicy, Nas, NetworkSettings, Company, StaffMember.
    /// </summary>
    public string Kind { get; init; } = "";

    public Guid EntityId { get; init; }
    public DateTime At { get; init; }
}

/// <summary>How far a RadiusHost's journal has been applied; moved in the same transaction as the rows it became, so each record counts once.</summary>
public sealed class JournalPosition : IPlatformOwned
{
    /// <summary>The journal's own id, made with its directory.</summary>
    public Guid JournalId { get; init; }

    public long Sequence { get; set; }
    public DateTime AppliedAt { get; set; }
}
