namespace DataDefender.RadiusHost.Status;

/// <summary>What /pulse says, for the web application's live screens. Counts of seconds are per second, all others since the start.</summary>
internal sealed record PulseReport(
    Guid Instance,
    DateTime StartedAt,
    DateTime At,
    long Sequence,
    JournalPulse Journal,
    DirectoryPulse Directory,
    IReadOnlyDictionary<string, long> Dropped,
    IReadOnlyList<UnknownSourcePulse> UnknownSources,
    IReadOnlyList<CompanyPulse> Companies)
{
    /// <summary>The last moment of RadSec's own certificate, UTC; null while RadSec is off.</summary>
    public DateTime? TlsCertificateExpiresAt { get; init; }

    /// <summary>Login attempts that were answered and are missing in the log, because there were too many to store or the database refused one for what it is.</summary>
    public long LoginsNotLogged { get; init; }
}

/// <summary>Depth is how many acknowledged records are not in the database yet.</summary>
internal sealed record JournalPulse(long Depth, double? OldestSeconds, bool Healthy, long DeadLetters)
{
    /// <summary>Why it cannot be read, or what was found amiss with its directory at the start; null while all is well.</summary>
    public string? Alarm { get; init; }
}

internal sealed record DirectoryPulse(int Subscribers, int Nas, string Source, bool DatabaseReachable, DateTime? UpToDateAt);

internal sealed record UnknownSourcePulse(string Address, long Count, DateTime LastSeenAt);

internal sealed record CompanyPulse(Guid TenantId, int OpenSessions, IReadOnlyList<SecondPulse> Seconds, IReadOnlyList<NasPulse> Nas);

/// <summary>One second of one company; accepts include those into the walled garden.</summary>
internal sealed record SecondPulse(
    long Sequence,
    DateTime At,
    long Accepts,
    long WalledGarden,
    IReadOnlyDictionary<string, long> Rejects,
    long Starts,
    long Interims,
    long Stops,
    long Other,
    long Duplicates,
    double? MedianMicroseconds,
    double? P99Microseconds);

/// <summary>One NAS since the start; the latencies are of its logins of the last minute.</summary>
internal sealed record NasPulse(
    Guid NasId, DateTime? LastSeenAt, long Accepts, long Rejects, long Accounting, long BadAuthenticators, long Duplicates, bool MessageAuthenticatorSeen,
    IReadOnlyDictionary<string, long> Reasons, double? MedianMicroseconds, double? P99Microseconds);
