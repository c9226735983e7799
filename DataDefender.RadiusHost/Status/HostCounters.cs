using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.Status;

/// <summary>Totals of one port since the start, written by its thread only.</summary>
internal sealed class PortCounters
{
    private readonly long[] _dropped = new long[Enum.GetValues<DropReason>().Length];
    private readonly long[] _malformed = new long[Enum.GetValues<MalformedReason>().Length];

    public long Received { get; set; }

    public long Answered { get; set; }

    public long Duplicates { get; set; }

    public long StatusRequests { get; set; }

    public long Dropped(DropReason reason) => Volatile.Read(ref _dropped[(int)reason]);

    public long Malformed(MalformedReason reason) => Volatile.Read(ref _malformed[(int)reason]);

    public void Drop(DropReason reason) => _dropped[(int)reason]++;

    public void DropMalformed(MalformedReason reason)
    {
        Drop(DropReason.Malformed);
        _malformed[(int)reason]++;
    }
}

/// <summary>What the whole process counts.</summary>
internal sealed class HostCounters
{
    public PortCounters Authentication { get; } = new();

    public PortCounters Accounting { get; } = new();

    public PortCounters TlsAuthentication { get; } = new();

    public PortCounters TlsAccounting { get; } = new();

    public RadSecCounters RadSec { get; } = new();

    public LatencyHistogram AccountingLatency { get; } = new();

    public UnknownSources UnknownSources { get; } = new();

    public long Dropped(DropReason reason) => Authentication.Dropped(reason) + Accounting.Dropped(reason) + TlsAuthentication.Dropped(reason) + TlsAccounting.Dropped(reason);
}

/// <summary>
/// The strangers that sent packets lately, a few of them: enough to see a NAS that somebody forgot to add. Noting one costs a look along
/// a short row and no memory, and a new one takes a place ten times a second at most, so that a flood from made-up addresses costs no
/// more and does not push out at once what an operator wants to see.
/// </summary>
internal sealed class UnknownSources
{
    private const int Kept = 32;
    private const long NewcomerTicks = TimeSpan.TicksPerSecond / 10;

    private readonly Lock _lock = new();
    private readonly (UInt128 Address, long Count, long LastSeen)[] _sources = new (UInt128, long, long)[Kept];
    private int _count;
    private long _newcomerAt;

    public void Seen(Peer peer, long utcTicks)
    {
        lock (_lock)
        {
            var oldest = 0;
            for (var i = 0; i < _count; i++)
            {
                ref var known = ref _sources[i];
                if (known.Address == peer.Address)
                {
                    (known.Count, known.LastSeen) = (known.Count + 1, utcTicks);
                    return;
                }

                oldest = known.LastSeen < _sources[oldest].LastSeen ? i : oldest;
            }

            if (_count < Kept)
            {
                _sources[_count++] = (peer.Address, 1, utcTicks);
            }
            else if (utcTicks - _newcomerAt >= NewcomerTicks)
            {
                (_sources[oldest], _newcomerAt) = ((peer.Address, 1, utcTicks), utcTicks);
            }
        }
    }

    public IReadOnlyList<(Peer Source, long Count, long LastSeen)> Newest()
    {
        lock (_lock)
        {
            return [.. _sources.Take(_count).Select(s => (new Peer(s.Address, 0), s.Count, s.LastSeen)).OrderByDescending(s => s.LastSeen)];
        }
    }
}
