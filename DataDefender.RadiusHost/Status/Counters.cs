using DataDefender.Domain.Radius;

namespace DataDefender.RadiusHost.Status;

/// <summary>One total since the start. A NAS may be heard over UDP and over TLS at once, so any thread may count.</summary>
internal sealed class Tally
{
    private long _value;

    public long Value => Volatile.Read(ref _value);

    public void Increment() => Interlocked.Increment(ref _value);
}

/// <summary>Totals of one company since the start; counters of packets that have no company are in <see cref="HostCounters"/>.</summary>
internal sealed class CompanyCounters
{
    public static readonly int Outcomes = Enum.GetValues<LoginOutcome>().Length;

    private readonly OutcomeTallies _logins = new();

    public LatencyHistogram Latency { get; } = new();

    public Tally Starts { get; } = new();

    public Tally Interims { get; } = new();

    public Tally Stops { get; } = new();

    /// <summary>On, Off and what else RFC 2866 §5.1 lists.</summary>
    public Tally OtherAccounting { get; } = new();

    public Tally LoginDuplicates { get; } = new();

    public Tally AccountingDuplicates { get; } = new();

    public void Login(LoginOutcome outcome) => _logins.Increment(outcome);

    public long Logins(LoginOutcome outcome) => _logins[outcome];
}

/// <summary>Logins by what became of them.</summary>
internal sealed class OutcomeTallies
{
    public static readonly LoginOutcome[] Accepting = [.. LoginOutcomes.Accepting];
    public static readonly LoginOutcome[] Refusing = [.. Enum.GetValues<LoginOutcome>().Except(LoginOutcomes.Accepting)];

    private readonly long[] _counts = new long[CompanyCounters.Outcomes];

    public long this[LoginOutcome outcome] => Volatile.Read(ref _counts[(int)outcome]);

    public void Increment(LoginOutcome outcome) => Interlocked.Increment(ref _counts[(int)outcome]);

    /// <summary>The reasons that there were, with how often.</summary>
    public IEnumerable<(LoginOutcome Reason, long Count)> Refused() => Refusing.Select(o => (o, this[o])).Where(r => r.Item2 > 0);
}

/// <summary>Totals of one NAS since the start.</summary>
internal sealed class NasCounters
{
    public OutcomeTallies Logins { get; } = new();

    /// <summary>From receipt to answer of its logins.</summary>
    public RecentLatency Latency { get; } = new();

    public long Accepts => OutcomeTallies.Accepting.Sum(o => Logins[o]);

    public long Rejects => OutcomeTallies.Refusing.Sum(o => Logins[o]);

    public Tally Accounting { get; } = new();

    public Tally LoginDuplicates { get; } = new();

    public Tally AccountingDuplicates { get; } = new();

    /// <summary>Wrong Message-Authenticator of logins: the secret differs or somebody forges.</summary>
    public Tally BadLoginAuthenticators { get; } = new();

    public Tally BadAccountingAuthenticators { get; } = new();

    /// <summary>Datagrams from its address above the rate.</summary>
    public Tally Limited { get; } = new();

    public long BadAuthenticators => BadLoginAuthenticators.Value + BadAccountingAuthenticators.Value;
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

    /// <summary>The source sends more than a NAS may.</summary>
    RateLimited,
}
