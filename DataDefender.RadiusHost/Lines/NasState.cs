using DataDefender.RadiusHost.Status;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.Lines;

/// <summary>What is known of a NAS apart from its settings, which outlives their changes.</summary>
internal sealed class NasState(Guid id)
{
    private long _restartedAt;
    private long _lastSeen;

    /// <summary>Of the authentication port over UDP. A NAS over TLS is held back by its connection instead, since it does not ask again.</summary>
    public SourceLimit LoginLimit;

    /// <summary>Of the accounting port over UDP.</summary>
    public SourceLimit AccountingLimit;

    public Guid Id { get; } = id;

    public NasCounters Counters { get; } = new();

    /// <summary>Set by the first request with a valid Message-Authenticator; from then on the rule Learn demands it.</summary>
    public bool MessageAuthenticatorSeen { get; set; }

    /// <summary>UTC ticks of its last Accounting-On or -Off: sessions reported before it are over.</summary>
    public long RestartedAt
    {
        get => Volatile.Read(ref _restartedAt);
        set => Volatile.Write(ref _restartedAt, value);
    }

    /// <summary>UTC ticks of the last packet with a right signature, 0 for never.</summary>
    public long LastSeen
    {
        get => Volatile.Read(ref _lastSeen);
        set => Volatile.Write(ref _lastSeen, value);
    }
}
