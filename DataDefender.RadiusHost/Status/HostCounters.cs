using System.Collections.Concurrent;
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

/// <summary>The strangers that sent packets lately, a few of them: enough to see a NAS that somebody forgot to add.</summary>
internal sealed class UnknownSources
{
    private const int Kept = 32;

    private readonly ConcurrentDictionary<UInt128, (long Count, long LastSeen)> _sources = new();

    public void Seen(Peer peer, long utcTicks)
    {
        if (_sources.TryGetValue(peer.Address, out var known))
        {
            _sources[peer.Address] = (known.Count + 1, utcTicks);
            return;
        }

        if (_sources.Count >= Kept)
        {
            _sources.TryRemove(_sources.MinBy(s => s.Value.LastSeen).Key, out _);
        }

        _sources[peer.Address] = (1, utcTicks);
    }

    public IReadOnlyList<(Peer Source, long Count, long LastSeen)> Newest() =>
        [.. _sources.Select(s => (new Peer(s.Key, 0), s.Value.Count, s.Value.LastSeen)).OrderByDescending(s => s.LastSeen)];
}
