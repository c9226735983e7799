using DataDefender.RadiusHost.Status;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.Lines;

/// <summary>What is known of a NAS apart from its settings, which outlives their changes.</summary>
internal sealed class NasState(Guid id)
{
    private const int NotSeen = 0;
    private const int SeenHere = 1;
    private const int InDatabase = 2;

    private int _messageAuthenticator;
    private long _restartedAt;
    private long _lastSeen;

    /// <summary>Of the authentication port over UDP. A NAS over TLS is held back by its connection instead, since it does not ask again.</summary>
    public SourceLimit LoginLimit;

    /// <summary>Of the accounting port over UDP.</summary>
    public SourceLimit AccountingLimit;

    public Guid Id { get; } = id;

    public NasCounters Counters { get; } = new();

    /// <summary>Set by the first request with a valid Message-Authenticator; from then on the rule Learn demands it.</summary>
    public bool MessageAuthenticatorSeen => Volatile.Read(ref _messageAuthenticator) != NotSeen;

    /// <summary>Whether that is not in the database yet.</summary>
    public bool MessageAuthenticatorIsNews => Volatile.Read(ref _messageAuthenticator) == SeenHere;

    /// <summary>A request had a valid one. False when that is nothing new.</summary>
    public bool SawMessageAuthenticator() => Interlocked.CompareExchange(ref _messageAuthenticator, SeenHere, NotSeen) == NotSeen;

    /// <summary>The database has it from now on, and may take it back.</summary>
    public void MessageAuthenticatorIsSaved() => Interlocked.CompareExchange(ref _messageAuthenticator, InDatabase, SeenHere);

    /// <summary>
    /// What the database says, or the copy on disk. That it says no is the word of an admin who has it learnt anew, except about what was
    /// seen here and is still on its way there.
    /// </summary>
    public void MessageAuthenticatorIsKnown(bool seen)
    {
        if (seen)
        {
            Volatile.Write(ref _messageAuthenticator, InDatabase);
        }
        else
        {
            Interlocked.CompareExchange(ref _messageAuthenticator, NotSeen, InDatabase);
        }
    }

    /// <summary>Another device may be meant from now on, or another rule.</summary>
    public void ForgetMessageAuthenticator() => Volatile.Write(ref _messageAuthenticator, NotSeen);

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
