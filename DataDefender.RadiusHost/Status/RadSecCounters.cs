namespace DataDefender.RadiusHost.Status;

/// <summary>Why a RadSec connection was refused, or ended by us.</summary>
internal enum RadSecEnd
{
    /// <summary>As many connections as may be are open, in all or from that address.</summary>
    TooMany,

    /// <summary>No TLS, no certificate, or one that our authorities did not sign.</summary>
    Handshake,

    /// <summary>A good certificate that no NAS is known by.</summary>
    UnknownCertificate,

    /// <summary>Octets that are no packet, or a packet that is not signed right (RFC 6613 §2.6.4).</summary>
    Malformed,

    /// <summary>A packet that began and did not end.</summary>
    SlowPacket,

    /// <summary>Nothing was sent for too long.</summary>
    Idle,

    /// <summary>Answers were not read.</summary>
    NotReading,
}

/// <summary>Totals of the RadSec port.</summary>
internal sealed class RadSecCounters
{
    private readonly long[] _ended = new long[Enum.GetValues<RadSecEnd>().Length];
    private int _open;

    public int Open => Volatile.Read(ref _open);

    public Tally Accepted { get; } = new();

    public long Ended(RadSecEnd reason) => Volatile.Read(ref _ended[(int)reason]);

    public void End(RadSecEnd reason) => Interlocked.Increment(ref _ended[(int)reason]);

    public void Opened() => Interlocked.Increment(ref _open);

    public void Closed() => Interlocked.Decrement(ref _open);
}
