using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;

namespace DataDefender.Domain.Monitoring.Diagnosis;

/// <summary>A session that is open as far as accounting says.</summary>
public sealed record SessionFact(Guid NasId, string Nas, string? Mac, string? Port, DateTime StartedAt, DateTime UpdatedAt);

/// <summary>The session that ended last.</summary>
public sealed record EndFact(Guid NasId, string Nas, string? Mac, string? Port, DateTime StartedAt, DateTime StoppedAt, string Cause);

public sealed record LoginFact(DateTime At, string Username, LoginOutcome Outcome, string Detail, string? Mac, Guid NasId, string Nas);

/// <summary>The line's router as last read.</summary>
/// <param name="At">When that was; null when it was never read.</param>
/// <param name="Port">The interface that the line comes in on, when the router has one of that name.</param>
public sealed record RouterFact(Guid Id, string Name, RouterState State, string? Reason, DateTime? At, int? CpuPercent, InterfaceReading? Port);

/// <summary>The line's NAS.</summary>
/// <param name="HeardAt">The last packet from it with a right signature, as RadiusHost says; null when there was none since it started.</param>
/// <param name="BadNow">Packets with a wrong signature in the last minute.</param>
/// <param name="GoodNow">Right ones.</param>
/// <param name="OpenOnPort">Other lines' open sessions on the same port.</param>
/// <param name="AcceptedLately">Logins let in on it in the last quarter of an hour.</param>
/// <param name="WrongPasswordsLately">User names refused on it for a wrong password in that time.</param>
public sealed record NasFact(Guid Id, string Name, bool IsEnabled, DateTime? HeardAt, long BadNow, long GoodNow, int Open, int OpenOnPort, int AcceptedLately, int WrongPasswordsLately);

public sealed record IncidentFact(Guid Id, long Number, string Title, string CauseKey, DateTime OpenedAt, bool NamesLine, Guid? RouterId, bool CutsClients);

public sealed record WorkFact(DateTime From, DateTime Until, string Reason);

/// <summary>Something that was done to the line by staff.</summary>
/// <param name="Fields">What it changed, by property name.</param>
public sealed record ChangeFact(DateTime At, string By, string Action, IReadOnlyList<string> Fields);

public sealed record CommandFact(DateTime At, string By, LineAction Action, string Because, LineCommandStatus Status, string? Detail);

/// <summary>All that is known of one line at one moment, for <see cref="LineDoctor"/>. Everything has its age; what is not known is null.</summary>
public sealed record LineFacts
{
    public required DateTime Now { get; init; }
    public required string Username { get; init; }
    public CompanyStatus Company { get; init; } = CompanyStatus.Active;
    public SubscriptionState State { get; init; } = SubscriptionState.Active;
    public DateTime StateSince { get; init; }
    public SuspendReason? SuspendReason { get; init; }
    public string? StateNote { get; init; }
    public DateTime? ExpiresAt { get; init; }
    public LimitKind Limit { get; init; }
    public QuotaAction? LimitAction { get; init; }
    public string? LimitReason { get; init; }
    public DateTime? LimitSince { get; init; }
    public DateTime? LimitUntil { get; init; }
    public string? CallerLock { get; init; }

    /// <summary>From where it may log in now.</summary>
    public LineBinding Binding { get; init; } = LineBinding.None;

    /// <summary>How often sessions report.</summary>
    public TimeSpan Interim { get; init; } = TimeSpan.FromMinutes(5);

    public IReadOnlyList<SessionFact> Sessions { get; init; } = [];
    public EndFact? LastEnd { get; init; }
    public int EndedLastHour { get; init; }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<LoginFact> Logins { get; init; } = [];

    /// <summary>Logins with an unknown user name from the line's own equipment, newest first.</summary>
    public IReadOnlyList<LoginFact> Strangers { get; init; } = [];

    public RouterFact? Router { get; init; }

    /// <summary>What its router says of a line that it has itself, without RADIUS; null for any other.</summary>
    public LineOnRouter? OnRouter { get; init; }

    public NasFact? Nas { get; init; }
    public RadiusFeed Feed { get; init; } = RadiusFeed.NotYet;
    public IncidentFact? Incident { get; init; }
    public WorkFact? Work { get; init; }
    public IReadOnlyList<ChangeFact> Changes { get; init; } = [];
    public CommandFact? Command { get; init; }
}

/// <summary>What may be wrong with a line.</summary>
public enum Fault
{
    Online,
    OnlineSlowed,
    WalledGarden,
    CompanySuspended,
    NotActivated,
    Disconnected,
    Suspended,
    Expired,
    OverQuota,
    WrongPassword,
    PasswordChanged,
    TypedUsername,
    WrongCaller,
    WrongPlace,
    GhostSession,
    SharedCredentials,
    UnsupportedMethod,
    RouterDown,
    UpstreamDown,
    PlannedWork,
    RouterUnknown,
    PortDown,
    PortDisabled,
    AreaOutage,
    SecretMismatch,
    NasDisabled,
    NasSilent,
    RadiusDown,
    AcceptedNoSession,

    /// <summary>What it was refused for was mended since, and it has not tried again.</summary>
    NotDialledSince,
    CustomerSide,
    ClientHungUp,
    DroppedByUs,
    DroppedOnRouter,
    SessionTimeout,
    IdleTimeout,
    NasRestarted,
    NasEnded,
    UnstableLine,
    NeverDialled,

    /// <summary>A line without RADIUS that its router does not list.</summary>
    NotOnRouter,
    ChangeNotApplied,
    RouterOverloaded,
    Unknown,
}

/// <summary>Something that a verdict rests on.</summary>
/// <param name="At">When it was true; null for what is not known by time.</param>
/// <param name="GoodFor">How long it says something about now; null for what holds until it is changed.</param>
public sealed record Evidence(string Text, DateTime? At, TimeSpan? GoodFor = null)
{
    public bool IsStale(DateTime now) => GoodFor is { } span && (At is null || now - At > span);
}

/// <summary>What is probably wrong, why we think so, and the one thing to do.</summary>
/// <param name="Confidence">0 to 100; from <see cref="LineDoctor.Certain"/> on it is as good as certain.</param>
/// <param name="Href">The page on which to do it.</param>
public sealed record Verdict(Fault Fault, string Title, int Confidence, string Next, IReadOnlyList<Evidence> Evidence, string? Href = null)
{
    public bool IsCertain => Confidence >= LineDoctor.Certain;
}
