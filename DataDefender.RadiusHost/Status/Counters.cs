using DataDefender.Domain.Radius;

namespace DataDefender.RadiusHost.Status;

/// <summary>
/// Totals since the start. Each field is written by one port's thread only and read by anyone, so a plain increment does; counters of
/// packets that have no company are in <see cref="HostCounters"/>.
/// </summary>
internal sealed class CompanyCounters
{
    public static readonly int Outcomes = Enum.GetValues<LoginOutcome>().Length;

    private readonly long[] _logins = new long[Outcomes];

    public LatencyHistogram Latency { get; } = new();

    public long Starts { get; set; }

    public long Interims { get; set; }

    public long Stops { get; set; }

    /// <summary>On, Off and what else RFC 2866 §5.1 lists.</summary>
    public long OtherAccounting { get; set; }

    public long LoginDuplicates { get; set; }

    public long AccountingDuplicates { get; set; }

    public void Login(LoginOutcome outcome) => _logins[(int)outcome]++;

    public long Logins(LoginOutcome outcome) => Volatile.Read(ref _logins[(int)outcome]);
}

/// <summary>Totals of one NAS since the start; written like <see cref="CompanyCounters"/>.</summary>
internal sealed class NasCounters
{
    public long Accepts { get; set; }

    public long Rejects { get; set; }

    public long Accounting { get; set; }

    public long LoginDuplicates { get; set; }

    public long AccountingDuplicates { get; set; }

    /// <summary>Wrong Message-Authenticator of logins: the secret differs or somebody forges.</summary>
    public long BadLoginAuthenticators { get; set; }

    public long BadAccountingAuthenticators { get; set; }

    public long BadAuthenticators => BadLoginAuthenticators + BadAccountingAuthenticators;
}

/// <summary>Why a datagram got no answer.</summary>
internal enum DropReason
{
    Malformed,
    UnknownNas,
    UnexpectedCode,
    BadAuthenticator,
    MessageAuthenticatorMissing,
    ProxyStateWithoutMessageAuthenticator,
    DuplicateInProgress,
    AccountingIncomplete,
    JournalFailed,
    ReplyTooLong,
    InternalError,
}
